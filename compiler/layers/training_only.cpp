// Layers that only training does something with: Identity, the dropout family, the image augmentations. Here the input
// passes through, at no cost.
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

// ---- Rows of parameters ----

Param Share(std::string_view name, std::string_view doc) {
  return {.name = name, .type = ParamType::Float, .doc = doc};
}
Param Rate() { return Share("rate", "Share of the values that training drops, from 0 to 1."); }
Param Seed() { return Training("seed"); }
Param ValueRange() { return Training("value_range", Values({Value(0), Value(255)})); }
Param Factor(std::optional<ConfigValue> default_value = {}) {
  Param factor = Training("factor");
  factor.none_allowed = default_value.has_value();
  factor.default_value = std::move(default_value);
  return factor;
}
Param Required(std::string_view name) {
  Param param = Training(name);
  param.default_value = std::nullopt;
  param.none_allowed = false;
  return param;
}
Param Choice(std::string_view name, const char* default_value, std::vector<std::string_view> choices) {
  return {.name = name,
          .type = ParamType::Choice,
          .doc = "Concerns training.",
          .default_value = Value(default_value),
          .choices = std::move(choices)};
}
Param FillMode() { return Choice("fill_mode", "reflect", {"constant", "nearest", "reflect", "wrap"}); }
Param Interpolation() { return Choice("interpolation", "bilinear", {"bilinear", "nearest"}); }

// ---- The table ----

struct Row {
  std::string_view name;
  std::string_view summary;
  std::vector<Param> params;
  // The axes that it asks for; null: any.
  const AxisRoles* roles = nullptr;
  // An image's integers become floats.
  bool makes_floats = false;
  std::vector<LayerExample> examples = {};
};

LayerExample OfVector(std::string_view call) { return {{"f32[batch, features: 6]"}, call, "f32[batch, features: 6]"}; }
LayerExample OfSignal(std::string_view call) {
  return {{"f32[batch, time: 4, features: 6]"}, call, "f32[batch, time: 4, features: 6]"};
}
LayerExample OfImage(std::string_view call) {
  return {{"f32[batch, height: 3, width: 4, channels: 5]"}, call, "f32[batch, height: 3, width: 4, channels: 5]"};
}
LayerExample OfAnyImage(std::string_view call, std::string_view given) {
  return {{given}, call, "f32[batch, height, width, channels: 3]"};
}
LayerExample OfVolume(std::string_view call) {
  return {{"f32[batch, depth: 2, height: 3, width: 4, channels: 2]"},
          call,
          "f32[batch, depth: 2, height: 3, width: 4, channels: 2]"};
}

// An augmentation of images, which takes `data_format` by keyword.
Row Augmentation(std::string_view name, std::string_view summary, std::vector<Param> params,
                 std::vector<LayerExample> examples) {
  bool has_format = false;
  for (const Param& param : params) has_format = has_format || param.name == "data_format";
  if (!has_format) {
    params.push_back(DataFormat());
    params.back().keyword_only = true;
  }
  examples.push_back(OfAnyImage(examples.front().call, "u8[batch, height, width, channels: 3]"));
  return {.name = name,
          .summary = summary,
          .params = std::move(params),
          .roles = &ImageRoles(),
          .makes_floats = true,
          .examples = std::move(examples)};
}

std::vector<Row> Table() {
  const Param format = DataFormat();
  return {
      {.name = "ActivityRegularization",
       .summary = "Adds to the loss in training; here its input passes through.",
       .params = {Training("l1", Value(0.0)), Training("l2", Value(0.0))},
       .examples = {OfVector("ActivityRegularization(l1=0.1)"), OfSignal("ActivityRegularization()")}},
      {.name = "AlphaDropout",
       .summary = "Drops values in training and keeps mean and variance; here its input passes through.",
       .params = {Rate(), Training("noise_shape"), Seed()},
       .examples = {OfVector("AlphaDropout(0.1)"), OfImage("AlphaDropout(0.5, seed=2)")}},
      {.name = "Dropout",
       .summary = "Drops values in training; here its input passes through.",
       .params = {Rate(), Training("noise_shape"), Seed()},
       .examples = {OfVector("Dropout(0.5)"), OfImage("Dropout(0.2, seed=1)")}},
      {.name = "GaussianDropout",
       .summary = "Multiplies by noise in training; here its input passes through.",
       .params = {Rate(), Seed()},
       .examples = {OfVector("GaussianDropout(0.3)"), OfImage("GaussianDropout(0.5, seed=2)")}},
      {.name = "GaussianNoise",
       .summary = "Adds noise in training; here its input passes through.",
       .params = {Share("stddev", "Standard deviation of the noise, from 0 to 1."), Seed()},
       .examples = {OfSignal("GaussianNoise(0.1)"), OfVector("GaussianNoise(1)")}},
      {.name = "Identity",
       .summary = "Its input as it is.",
       .params = {},
       .examples = {{{"f32[batch, features: 5]"}, "Identity()", "f32[batch, features: 5]"},
                    {{"f32[batch, height: 3, width: 4, channels: 2]"},
                     "Identity()",
                     "f32[batch, height: 3, width: 4, channels: 2]"}}},
      {.name = "SpatialDropout1D",
       .summary = "Drops channels of a signal in training; here its input passes through.",
       .params = {Rate(), Seed()},
       .roles = &SignalRoles(),
       .examples = {OfSignal("SpatialDropout1D(0.5)"),
                    {{"f32[batch, time, channels: 3]"}, "SpatialDropout1D(0.2)", "f32[batch, time, channels: 3]"}}},
      {.name = "SpatialDropout2D",
       .summary = "Drops channels of an image in training; here its input passes through.",
       .params = {Rate(), format, Seed()},
       .roles = &ImageRoles(),
       .examples = {OfImage("SpatialDropout2D(0.5)"),
                    OfAnyImage("SpatialDropout2D(0.2)", "f32[batch, height, width, channels: 3]")}},
      {.name = "SpatialDropout3D",
       .summary = "Drops channels of a volume in training; here its input passes through.",
       .params = {Rate(), format, Seed()},
       .roles = &VolumeRoles(),
       .examples = {OfVolume("SpatialDropout3D(0.5)"), OfVolume("SpatialDropout3D(0.2, seed=1)")}},
      Augmentation(
          "AugMix", "Mixes augmented images in training; here they pass through.",
          {ValueRange(), Training("num_chains", Value(3)), Training("chain_depth", Value(3)), Factor(Value(0.3)),
           Training("alpha", Value(1.0)), Training("all_ops", Value(true)), Interpolation(), Seed(), format},
          {OfImage("AugMix()")}),
      Augmentation("CutMix", "Mixes parts of images in training; here they pass through.",
                   {Factor(Value(1.0)), Seed(), format}, {OfImage("CutMix()")}),
      Augmentation("Equalization", "Equalizes histograms in training; here images pass through.",
                   {ValueRange(), Training("bins", Value(256)), format}, {OfImage("Equalization()")}),
      Augmentation("MixUp", "Mixes images in training; here they pass through.",
                   {Training("alpha", Value(0.2)), format, Seed()}, {OfImage("MixUp()")}),
      Augmentation("RandAugment", "Changes images at random in training; here they pass through.",
                   {ValueRange(), Training("num_ops", Value(2)), Factor(Value(0.5)), Interpolation(), Seed(), format},
                   {OfImage("RandAugment(num_ops=3)")}),
      Augmentation("RandomBrightness", "Changes the brightness in training; here images pass through.",
                   {Factor(), ValueRange(), Seed()}, {OfImage("RandomBrightness(0.2)")}),
      Augmentation("RandomColorDegeneration", "Takes colour away in training; here images pass through.",
                   {Factor(), ValueRange(), format, Seed()}, {OfImage("RandomColorDegeneration(0.5)")}),
      Augmentation("RandomColorJitter", "Changes colours in training; here images pass through.",
                   {ValueRange(), Training("brightness_factor"), Training("contrast_factor"),
                    Training("saturation_factor"), Training("hue_factor"), Seed(), format},
                   {OfImage("RandomColorJitter(brightness_factor=0.2)")}),
      Augmentation("RandomContrast", "Changes the contrast in training; here images pass through.",
                   {Factor(), ValueRange(), Seed()}, {OfImage("RandomContrast((0.1, 0.3))")}),
      Augmentation("RandomElasticTransform", "Distorts images in training; here they pass through.",
                   {Factor(Value(1.0)), Training("scale", Value(1.0)), Interpolation(), FillMode(),
                    Training("fill_value", Value(0.0)), ValueRange(), Seed(), format},
                   {OfImage("RandomElasticTransform()")}),
      Augmentation("RandomErasing", "Erases parts of images in training; here they pass through.",
                   {Factor(Value(1.0)), Training("scale", Values({Value(0.02), Value(0.33)})), Training("fill_value"),
                    ValueRange(), Seed(), format},
                   {OfImage("RandomErasing()")}),
      Augmentation("RandomFlip", "Flips images in training; here they pass through.",
                   {Choice("mode", "horizontal_and_vertical", {"horizontal", "vertical", "horizontal_and_vertical"}),
                    Seed(), format},
                   {OfImage("RandomFlip(\"horizontal\")"),
                    {{"u8[batch, height: 3, width: 4, channels: 3]"},
                     "RandomFlip()",
                     "f32[batch, height: 3, width: 4, channels: 3]"}}),
      Augmentation("RandomGaussianBlur", "Blurs images in training; here they pass through.",
                   {Factor(Value(1.0)), Training("kernel_size", Value(3)), Training("sigma", Value(1.0)), ValueRange(),
                    format, Seed()},
                   {OfImage("RandomGaussianBlur()")}),
      Augmentation("RandomGrayscale", "Takes all colour away in training; here images pass through.",
                   {Factor(Value(0.5)), format, Seed()}, {OfImage("RandomGrayscale()")}),
      Augmentation("RandomHue", "Changes the hue in training; here images pass through.",
                   {Factor(), ValueRange(), format, Seed()}, {OfImage("RandomHue(0.1)")}),
      Augmentation("RandomInvert", "Inverts colours in training; here images pass through.",
                   {Factor(Value(1.0)), ValueRange(), Seed(), format}, {OfImage("RandomInvert()")}),
      Augmentation("RandomPerspective", "Changes the perspective in training; here images pass through.",
                   {Factor(Value(1.0)), Training("scale", Value(1.0)), Interpolation(),
                    Training("fill_value", Value(0.0)), Seed(), format},
                   {OfImage("RandomPerspective()")}),
      Augmentation("RandomPosterization", "Reduces colours in training; here images pass through.",
                   {Factor(), ValueRange(), format, Seed()}, {OfImage("RandomPosterization(4)")}),
      Augmentation("RandomRotation", "Turns images in training; here they pass through.",
                   {Factor(), FillMode(), Interpolation(), Seed(), Training("fill_value", Value(0.0)), format},
                   {OfImage("RandomRotation(0.1, fill_mode=\"nearest\")")}),
      Augmentation("RandomSaturation", "Changes the saturation in training; here images pass through.",
                   {Factor(), ValueRange(), format, Seed()}, {OfImage("RandomSaturation(0.5)")}),
      Augmentation("RandomSharpness", "Changes the sharpness in training; here images pass through.",
                   {Factor(), ValueRange(), format, Seed()}, {OfImage("RandomSharpness(0.5)")}),
      Augmentation("RandomShear", "Shears images in training; here they pass through.",
                   {Training("x_factor", Value(0.0)), Training("y_factor", Value(0.0)), Interpolation(), FillMode(),
                    Training("fill_value", Value(0.0)), format, Seed()},
                   {OfImage("RandomShear(0.1, 0.1)")}),
      Augmentation("RandomTranslation", "Moves images in training; here they pass through.",
                   {Required("height_factor"), Required("width_factor"), FillMode(), Interpolation(), Seed(),
                    Training("fill_value", Value(0.0)), format},
                   {OfImage("RandomTranslation(0.1, 0.1)")}),
      Augmentation("RandomZoom", "Zooms images in training; here they pass through.",
                   {Required("height_factor"), Training("width_factor"), FillMode(), Interpolation(), Seed(),
                    Training("fill_value", Value(0.0)), format},
                   {OfImage("RandomZoom(0.2)")}),
      Augmentation(
          "Solarization", "Inverts bright pixels in training; here images pass through.",
          {Training("addition_factor", Value(0.0)), Training("threshold_factor", Value(0.0)), ValueRange(), Seed()},
          {OfImage("Solarization()")}),
  };
}

// ---- What they share ----

void CheckShare(InferContext& context, std::string_view name) {
  const ConfigValue& share = context.args.Get(name);
  if (*share.AsFloat() >= 0 && *share.AsFloat() <= 1) return;
  context.diagnostics.Report(kinds::RateOutOfRange, share.span, name, Written(share))
      .Primary(name == "rate" ? "the share of values that training drops, from 0 to 1" : "from 0 to 1");
}

std::vector<TensorType> Infer(InferContext& context, bool makes_floats) {
  for (const Param& param : context.args.def().params) {
    if (param.type == ParamType::Float) CheckShare(context, param.name);
  }
  if (context.args.def().roles != nullptr && !RequireRoleAxes(context)) return {context.input()};
  TensorType type = context.input();
  if (makes_floats) type.dtype = DType::F32;
  return {type};
}

std::vector<core::ValueId> Expand(ExpandContext& context) {
  return {context.builder.Cast(context.input(), context.output_types.front().dtype)};
}

// ---- RandomCrop ----

// Only training crops; what comes after expects the size it crops to, so that the image must have it.
std::vector<TensorType> InferCrop(InferContext& context) {
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  TensorType type = context.input();
  type.dtype = DType::F32;
  if (!axes) return {type};
  const std::string call =
      "CenterCrop(" + Written(context.args.Get("height")) + ", " + Written(context.args.Get("width")) + ")";
  for (size_t i = 0; i < 2; ++i) {
    const std::string_view name = i == 0 ? "height" : "width";
    const size_t axis = axes->spatial[i];
    Dim& size = type.shape[axis].size;
    const int64_t wanted = context.args.Int(name);
    if (!size.IsKnown() || context.AreEqual(size, wanted)) continue;
    context.diagnostics
        .Report(kinds::NotCropped, ArgumentSpan(context, name), context.class_name,
                AxisText(context.input().shape, axis), std::to_string(wanted), size.ToString())
        .Primary("its `" + std::string(name) + "`")
        .Label(context.inputs.front().span, "this is `" + ToString(context.input().shape) + "`")
        .Help("to take the middle of an image write `" + call + "`", Applicability::MaybeIncorrect,
              {{context.call_span, call}});
    for (const size_t spatial : axes->spatial) type.shape[spatial].size = Dim::Unknown();
    break;
  }
  return {type};
}

LayerDef RandomCrop() {
  const auto size = [](std::string_view name, std::string_view doc) {
    return Param{.name = name, .doc = doc, .min = 1};
  };
  return {
      .name = "RandomCrop",
      .summary = "Crops images in training; here images of that size pass through.",
      .params = {size("height", "Height that training crops to."), size("width", "Width that training crops to."),
                 Seed(), DataFormat()},
      .roles = &ImageRoles(),
      .infer = InferCrop,
      .expand = Expand,
      .examples = {OfImage("RandomCrop(3, 4)"),
                   {{"u8[batch, height: 5, width: 5, channels: 1]"},
                    "RandomCrop(height=5, width=5)",
                    "f32[batch, height: 5, width: 5, channels: 1]"}},
  };
}

}  // namespace

std::vector<LayerDef> TrainingOnlyLayers() {
  std::vector<LayerDef> layers = {RandomCrop()};
  for (Row& row : Table()) {
    layers.push_back({
        .name = row.name,
        .summary = row.summary,
        .params = std::move(row.params),
        .roles = row.roles,
        .infer = [makes_floats = row.makes_floats](InferContext& context) { return Infer(context, makes_floats); },
        .mask = row.makes_floats ? Mask::Drop() : Mask::Pass(),
        .expand = Expand,
        .examples = std::move(row.examples),
    });
  }
  return layers;
}

}  // namespace strata::layers
