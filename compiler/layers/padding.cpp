// ZeroPadding2D.
#include "compiler/layers/layer_list.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

struct AxisPadding {
  Dim low;
  Dim high;
};

// Of height and width.
std::vector<AxisPadding> PaddingsOf(const Args& args) {
  std::vector<AxisPadding> paddings;
  for (const ConfigValue& entry : args.List("padding")) {
    const ConfigValue::List& pair = *entry.AsList();
    paddings.push_back({.low = *pair[0].AsDim(), .high = *pair[1].AsDim()});
  }
  return paddings;
}

std::vector<TensorType> Infer(InferContext& context) {
  const std::optional<ImageAxes> image = RequireImage(context);
  if (!image) return {UnknownImage(context.input(), Dim::Unknown())};
  Shape shape = context.input().shape;
  const std::vector<AxisPadding> paddings = PaddingsOf(context.args);
  const size_t axes[] = {image->height, image->width};
  for (size_t i = 0; i < paddings.size(); ++i) {
    Axis& axis = shape[axes[i]];
    axis.size = axis.size + paddings[i].low + paddings[i].high;
    axis.deliberate_one = axis.deliberate_one && axis.size.Is(1);
  }
  return {{.dtype = context.input().dtype, .shape = std::move(shape)}};
}

std::vector<core::ValueId> Expand(ExpandContext& context) {
  const Shape& shape = context.input_type().shape;
  const std::optional<ImageAxes> image = FindImageAxes(shape, context.args.Get("data_format"));
  STRATA_CHECK(image.has_value());
  const std::vector<AxisPadding> paddings = PaddingsOf(context.args);
  const size_t axes[] = {image->height, image->width};
  std::vector<Dim> low(shape.size());
  std::vector<Dim> high(shape.size());
  for (size_t i = 0; i < paddings.size(); ++i) {
    low[axes[i]] = paddings[i].low;
    high[axes[i]] = paddings[i].high;
  }
  return {context.builder.Pad(context.input(), low, high, 0)};
}

}  // namespace

LayerDef ZeroPadding2D() {
  return {
      .name = "ZeroPadding2D",
      .summary = "Rows and columns of zeros around an image.",
      .params = {{.name = "padding",
                  .type = ParamType::Pads,
                  .doc = "One number, one for height and one for width, or `((top, bottom), (left, right))`.",
                  .default_value = Values({Values({Value(1), Value(1)}), Values({Value(1), Value(1)})}),
                  .min = 0,
                  .count = 2},
                 DataFormat()},
      .infer = Infer,
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, height: 4, width: 5, channels: 3]"},
                    .call = "ZeroPadding2D()",
                    .output = "f32[batch, height: 6, width: 7, channels: 3]"},
                   {.inputs = {"f32[batch, height: 4, width: 5, channels: 3]"},
                    .call = "ZeroPadding2D(((0, 1), (2, 3)))",
                    .output = "f32[batch, height: 5, width: 10, channels: 3]"},
                   {.inputs = {"f32[batch, channels: 3, height: 4, width: 5]"},
                    .call = "ZeroPadding2D((1, 2))",
                    .output = "f32[batch, channels: 3, height: 6, width: 9]"}},
  };
}

}  // namespace strata::layers
