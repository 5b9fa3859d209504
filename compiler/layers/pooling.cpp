// MaxPooling2D and AveragePooling2D.
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/layers/sliding.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

using Kind = core::Window::Kind;

template <Kind kKind>
std::vector<TensorType> Infer(InferContext& context) {
  if (kKind == Kind::Mean) RequireFloats(context);
  const std::optional<ImageAxes> image = RequireImage(context);
  if (!image) return {UnknownImage(context.input(), Dim::Unknown())};
  return {{.dtype = context.input().dtype, .shape = Slide(context, *image, "pool_size")}};
}

// Windows over the axes as they stand.
template <Kind kKind>
std::vector<core::ValueId> Expand(ExpandContext& context) {
  const Shape& shape = context.input_type().shape;
  const std::optional<ImageAxes> image = FindImageAxes(shape, context.args.Get("data_format"));
  STRATA_CHECK(image.has_value());
  const std::vector<Sliding> slidings = SlidingOf(context.args, "pool_size");
  const size_t axes[] = {image->height, image->width};
  core::Window op;
  op.kind = kKind;
  op.axes.resize(shape.size());
  for (size_t i = 0; i < slidings.size(); ++i) {
    const PadSizes pad = PaddingOf(shape[axes[i]].size, slidings[i]);
    op.axes[axes[i]] = {
        .size = slidings[i].size, .stride = slidings[i].stride, .pad_low = pad.low, .pad_high = pad.high};
  }
  return {context.builder.Window(context.input(), op)};
}

std::vector<Param> Params(std::optional<ConfigValue> default_size) {
  return {{.name = "pool_size",
           .type = ParamType::Sizes,
           .doc = "Height and width of the window.",
           .default_value = std::move(default_size),
           .min = 1,
           .count = 2},
          {.name = "strides",
           .type = ParamType::Sizes,
           .doc = "Steps between two windows along height and width; None: as large as the window.",
           .default_value = None(),
           .none_allowed = true,
           .min = 1,
           .count = 2},
          PaddingMode(),
          DataFormat(),
          {.name = "name",
           .type = ParamType::Text,
           .doc = "The layer's name.",
           .default_value = None(),
           .none_allowed = true}};
}

}  // namespace

LayerDef MaxPooling2D() {
  return {
      .name = "MaxPooling2D",
      .summary = "Largest value in each window.",
      .params = Params(Values({Value(2), Value(2)})),
      .infer = Infer<Kind::Max>,
      .expand = Expand<Kind::Max>,
      .examples = {{.inputs = {"f32[batch, height: 8, width: 8, channels: 3]"},
                    .call = "MaxPooling2D()",
                    .output = "f32[batch, height: 4, width: 4, channels: 3]"},
                   {.inputs = {"f32[batch, height: 9, width: 7, channels: 3]"},
                    .call = "MaxPooling2D(3, strides=2, padding=\"same\")",
                    .output = "f32[batch, height: 5, width: 4, channels: 3]"},
                   {.inputs = {"f32[batch, height: 9, width: 7, channels: 5]"},
                    .call = "MaxPooling2D((2, 3), (1, 2))",
                    .output = "f32[batch, height: 8, width: 3, channels: 5]"},
                   {.inputs = {"f32[batch, channels: 3, height: 6, width: 8]"},
                    .call = "MaxPooling2D(2, data_format=\"channels_first\")",
                    .output = "f32[batch, channels: 3, height: 3, width: 4]"}},
  };
}

LayerDef AveragePooling2D() {
  return {
      .name = "AveragePooling2D",
      .summary = "Mean of each window; padding takes no part.",
      .params = Params(std::nullopt),
      .infer = Infer<Kind::Mean>,
      .expand = Expand<Kind::Mean>,
      .examples = {{.inputs = {"f32[batch, height: 8, width: 8, channels: 3]"},
                    .call = "AveragePooling2D(2)",
                    .output = "f32[batch, height: 4, width: 4, channels: 3]"},
                   {.inputs = {"f32[batch, height: 9, width: 7, channels: 3]"},
                    .call = "AveragePooling2D(3, strides=2, padding=\"same\")",
                    .output = "f32[batch, height: 5, width: 4, channels: 3]"},
                   {.inputs = {"f32[batch, channels: 3, height: 6, width: 8]"},
                    .call = "AveragePooling2D((3, 2), 1)",
                    .output = "f32[batch, channels: 3, height: 4, width: 7]"}},
  };
}

}  // namespace strata::layers
