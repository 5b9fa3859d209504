#include "compiler/layers/layer_list.h"

namespace strata::layers {

LayerDef Identity() {
  return {
      .name = "Identity",
      .summary = "Its input as it is.",
      .params = {},
      .infer = [](InferContext& context) -> std::vector<TensorType> { return {context.input()}; },
      .mask = Mask::Pass(),
      .expand = [](ExpandContext& context) -> std::vector<core::ValueId> { return {context.input()}; },
      .examples = {{.inputs = {"f32[batch, features: 5]"}, .call = "Identity()", .output = "f32[batch, features: 5]"},
                   {.inputs = {"f32[batch, height: 3, width: 4, channels: 2]"},
                    .call = "Identity()",
                    .output = "f32[batch, height: 3, width: 4, channels: 2]"}},
  };
}

}  // namespace strata::layers
