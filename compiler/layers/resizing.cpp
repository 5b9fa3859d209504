// Resizing and CenterCrop: images of a given size.
#include "compiler/layers/functions.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/resample.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

// ---- Sizes ----

ImageSize WantedSize(const Args& args) { return {.height = args.Int("height"), .width = args.Int("width")}; }

// The size along an axis at which an image with `other` along the other one has the wanted form.
Dim Proportional(const Dim& other, const Dim& wanted, const Dim& wanted_other) {
  return FloorDivide(other * wanted, wanted_other);
}

Shape Resized(const InferContext& context, const RoleAxes& axes) {
  Shape shape = context.input().shape;
  const ImageSize size = WantedSize(context.args);
  for (const auto& [axis, wanted] : {std::pair(axes.spatial[0], size.height), std::pair(axes.spatial[1], size.width)}) {
    shape[axis].size = wanted;
    shape[axis].deliberate_one = wanted.Is(1);
  }
  return shape;
}

std::vector<Param> SizeParams() {
  return {{.name = "height", .doc = "Height of the result.", .min = 1},
          {.name = "width", .doc = "Width of the result.", .min = 1}};
}

// ---- Expansion ----

// An image in the order [batch, height, width, channels].
class Image {
 public:
  Image(core::Builder& builder, core::ValueId value) : builder_(builder), value_(value) {}

  core::ValueId value() const { return value_; }
  Dim Height() const { return builder_.ExtentsOf(value_)[1]; }
  Dim Width() const { return builder_.ExtentsOf(value_)[2]; }

  // The middle of this size, with the odd element below and to the right.
  void Crop(const ImageSize& size) {
    const std::vector<Dim> begins = {0, FloorDivide(Height() - size.height, 2), FloorDivide(Width() - size.width, 2),
                                     0};
    core::Extents extents = builder_.ExtentsOf(value_);
    extents[1] = size.height;
    extents[2] = size.width;
    value_ = builder_.Slice(value_, begins, std::move(extents), {1, 1, 1, 1});
  }

  // The largest part from the middle that has the form of `size`.
  void CropToForm(const ImageSize& size) {
    Crop({.height = Max(Min(Height(), Proportional(Width(), size.height, size.width)), 1),
          .width = Max(Min(Width(), Proportional(Height(), size.width, size.height)), 1)});
  }

  // As much around it on both sides as gives it the form of `size`; where that is odd one less.
  void PadToForm(const ImageSize& size, double value) {
    const Dim height = Max(Proportional(Width(), size.height, size.width) - Height(), 0);
    const Dim width = Max(Proportional(Height(), size.width, size.height) - Width(), 0);
    const std::vector<Dim> around = {0, FloorDivide(height, 2), FloorDivide(width, 2), 0};
    value_ = builder_.Pad(value_, around, around, value);
  }

 private:
  core::Builder& builder_;
  core::ValueId value_;
};

// ---- Resizing ----

void CheckForm(InferContext& context) {
  if (!context.args.Bool("crop_to_aspect_ratio") || !context.args.Bool("pad_to_aspect_ratio")) return;
  context.diagnostics.Report(kinds::CropAndPad, ArgumentSpan(context, "pad_to_aspect_ratio"), context.class_name)
      .Primary("adds what is missing for the form of the result")
      .Label(ArgumentSpan(context, "crop_to_aspect_ratio"), "takes away what is too much")
      .Help("keep one of them", Applicability::MaybeIncorrect, SetArgument(context, "pad_to_aspect_ratio", "False"));
}

std::vector<TensorType> InferResizing(InferContext& context) {
  const bool has_numbers = RequireNumbers(context, 0);
  CheckForm(context);
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {UnknownResult(context, Dim::Unknown())};
  return {{.dtype = has_numbers ? context.input().dtype : DType::F32, .shape = Resized(context, *axes)}};
}

std::vector<core::ValueId> ExpandResizing(ExpandContext& context) {
  const Args& args = context.args;
  core::Builder& builder = context.builder;
  const ChannelsLast input = InChannelsLast(context);
  const DType dtype = context.input_type().dtype;
  const std::string& interpolation = args.Text("interpolation");
  const ImageSize size = WantedSize(args);
  // Between integers lie fractions, which are rounded in the end; the value around an image may be one, too.
  const bool pads = args.Bool("pad_to_aspect_ratio");
  const bool is_rounded = !IsFloat(dtype) && (Blends(interpolation) || pads);
  Image image(builder, is_rounded ? builder.Cast(input.value, DType::F32) : input.value);
  if (args.Bool("crop_to_aspect_ratio")) image.CropToForm(size);
  if (pads) image.PadToForm(size, args.Float("fill_value"));
  core::ValueId value = AppendResize(builder, image.value(), size, interpolation, args.Bool("antialias"));
  if (is_rounded) {
    core::MapBuilder map;
    value = builder.Map({value}, Cast(Apply(core::Map::Function::Round, map.Operand(0)), dtype));
  }
  return {builder.Transpose(value, input.back)};
}

// ---- CenterCrop ----

// A smaller image is resized. An axis of symbolic size is taken to be large enough, which is a guard.
bool IsSmaller(const Shape& shape, const RoleAxes& axes, const ImageSize& size) {
  const auto is_less = [](const Dim& have, const Dim& want) {
    return have.Constant() && *have.Constant() < *want.Constant();
  };
  return is_less(shape[axes.spatial[0]].size, size.height) || is_less(shape[axes.spatial[1]].size, size.width);
}

void RequireRoom(InferContext& context, size_t axis, const Dim& wanted) {
  const Dim& size = context.input().shape[axis].size;
  if (!size.IsKnown() || context.Require({wanted, Relation::LessEqual, size})) return;
  context.diagnostics
      .Report(kinds::WindowDoesNotFit, context.name_span, AxisText(context.input().shape, axis), size.ToString(),
              *wanted.Constant())
      .Primary("takes the middle of an image that is larger")
      .Label(context.inputs.front().span, "this is `" + ToString(context.input().shape) + "`");
}

std::vector<TensorType> InferCenterCrop(InferContext& context) {
  RequireNumbers(context, 0);
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {UnknownResult(context, Dim::Unknown())};
  const ImageSize size = WantedSize(context.args);
  if (!IsSmaller(context.input().shape, *axes, size)) {
    RequireRoom(context, axes->spatial[0], size.height);
    RequireRoom(context, axes->spatial[1], size.width);
  }
  const DType dtype = context.input().dtype;
  return {{.dtype = IsFloat(dtype) ? dtype : DType::F32, .shape = Resized(context, *axes)}};
}

std::vector<core::ValueId> ExpandCenterCrop(ExpandContext& context) {
  core::Builder& builder = context.builder;
  const ChannelsLast input = InChannelsLast(context);
  const ImageSize size = WantedSize(context.args);
  const Shape& shape = context.input_type().shape;
  Image image(builder, builder.Cast(input.value, context.output_types.front().dtype));
  core::ValueId value;
  if (IsSmaller(shape, RoleAxesOf(context.args, shape), size)) {
    image.CropToForm(size);
    value = AppendResize(builder, image.value(), size, "bilinear", false);
  } else {
    image.Crop(size);
    value = image.value();
  }
  return {builder.Transpose(value, input.back)};
}

}  // namespace

LayerDef Resizing() {
  LayerDef def = {
      .name = "Resizing",
      .summary = "Images of another size.",
      .params = SizeParams(),
      .roles = &ImageRoles(),
      .infer = InferResizing,
      .expand = ExpandResizing,
      .examples = {{.inputs = {"f32[batch, height: 5, width: 6, channels: 3]"},
                    .call = "Resizing(7, 9)",
                    .output = "f32[batch, height: 7, width: 9, channels: 3]"},
                   {.inputs = {"f32[batch, height: 9, width: 7, channels: 3]"},
                    .call = "Resizing(4, 4, interpolation=\"bicubic\", antialias=True, crop_to_aspect_ratio=True)",
                    .output = "f32[batch, height: 4, width: 4, channels: 3]"},
                   {.inputs = {"u8[batch, height: 6, width: 4, channels: 3]"},
                    .call = "Resizing(3, 8, interpolation=\"nearest\")",
                    .output = "u8[batch, height: 3, width: 8, channels: 3]"},
                   {.inputs = {"f32[batch, channels: 3, height: 6, width: 4]"},
                    .call = "Resizing(8, 8, pad_to_aspect_ratio=True, fill_value=0.5)",
                    .output = "f32[batch, channels: 3, height: 8, width: 8]"}},
  };
  const std::vector<Param> more = {
      InterpolationName("How elements between others are made.", "bilinear"),
      {.name = "crop_to_aspect_ratio",
       .type = ParamType::Bool,
       .doc = "Whether to take the largest part from the middle that has the result's form first.",
       .default_value = Value(false)},
      {.name = "pad_to_aspect_ratio",
       .type = ParamType::Bool,
       .doc = "Whether to surround the image with `fill_value` first, so that it has the result's form.",
       .default_value = Value(false)},
      {.name = "fill_mode",
       .type = ParamType::Choice,
       .doc = "What surrounds the image.",
       .default_value = Value("constant"),
       .choices = {"constant"}},
      {.name = "fill_value", .type = ParamType::Float, .doc = "The constant around it.", .default_value = Value(0.0)},
      {.name = "antialias",
       .type = ParamType::Bool,
       .doc = "Whether an element of a smaller image is made of all that lie where it does.",
       .default_value = Value(false)},
      DataFormat()};
  def.params.insert(def.params.end(), more.begin(), more.end());
  return def;
}

LayerDef CenterCrop() {
  LayerDef def = {
      .name = "CenterCrop",
      .summary = "The middle of an image; of a smaller one the largest part with that form, resized.",
      .params = SizeParams(),
      .roles = &ImageRoles(),
      .infer = InferCenterCrop,
      .expand = ExpandCenterCrop,
      .examples = {{.inputs = {"f32[batch, height: 7, width: 8, channels: 3]"},
                    .call = "CenterCrop(4, 5)",
                    .output = "f32[batch, height: 4, width: 5, channels: 3]"},
                   {.inputs = {"u8[batch, height: 5, width: 8, channels: 3]"},
                    .call = "CenterCrop(6, 6)",
                    .output = "f32[batch, height: 6, width: 6, channels: 3]"}},
  };
  def.params.push_back(DataFormat());
  return def;
}

}  // namespace strata::layers
