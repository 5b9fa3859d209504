#include "compiler/layers/epilogue.h"

#include "compiler/layers/activations.h"

namespace strata {

core::ValueId AppendEpilogue(ExpandContext& context, core::ValueId value, int softmax_axis) {
  if (const std::optional<core::ValueId> bias = context.weight("bias")) {
    core::MapBuilder map;
    const core::Expr before = map.Operand(0);
    value = context.builder.Map({value, *bias}, before + map.Operand(1));
  }
  return AppendActivation(context.builder, value, context.args.Text("activation"), softmax_axis);
}

}  // namespace strata
