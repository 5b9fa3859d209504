#include "compiler/layers/layer_list.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"

namespace strata::layers {
namespace {

std::vector<TensorType> Infer(InferContext& context) {
  CheckDataFormat(context);
  const Shape& shape = context.input().shape;
  return {{.dtype = context.input().dtype,
           .shape = {shape.front(), {.name = "features", .size = ElementCount(shape, 1), .provisional = true}}}};
}

// The order of the elements with axis 1 moved to the end.
std::vector<int> ChannelsLast(int rank) {
  std::vector<int> order = {0};
  for (int axis = 2; axis < rank; ++axis) order.push_back(axis);
  if (rank > 1) order.push_back(1);
  return order;
}

std::vector<core::ValueId> Expand(ExpandContext& context) {
  const std::string* format = context.args.Get("data_format").AsString();
  core::ValueId value = context.input();
  if (format != nullptr && *format == "channels_first") {
    value = context.builder.Transpose(value, ChannelsLast(static_cast<int>(context.input_type().shape.size())));
  }
  return {context.builder.Reshape(value, Sizes(context.output_types.front().shape))};
}

}  // namespace

LayerDef Flatten() {
  return {
      .name = "Flatten",
      .summary = "All axes of a sample as one, in the order in which they stand.",
      .params = {{.name = "data_format",
                  .type = ParamType::Choice,
                  .doc = "`channels_first`: moves axis 1, the channels, to the end before.",
                  .default_value = None(),
                  .none_allowed = true,
                  .choices = {"channels_last", "channels_first"}}},
      .infer = Infer,
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, height: 3, width: 4, channels: 5]"},
                    .call = "Flatten()",
                    .output = "f32[batch, features: 60]"},
                   {.inputs = {"f32[batch, channels: 5, height: 3, width: 4]"},
                    .call = "Flatten()",
                    .output = "f32[batch, features: 60]"},
                   {.inputs = {"f32[batch, channels: 5, height: 3, width: 4]"},
                    .call = "Flatten(data_format=\"channels_first\")",
                    .output = "f32[batch, features: 60]"},
                   {.inputs = {"f32[batch, features: 5]"}, .call = "Flatten()", .output = "f32[batch, features: 5]"}},
  };
}

}  // namespace strata::layers
