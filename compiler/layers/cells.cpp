#include "compiler/layers/cells.h"

#include "compiler/layers/activations.h"
#include "compiler/source/check.h"

namespace strata {

using core::ValueId;

namespace {

// Part number `part` of the last axis, which holds `parts` alike.
ValueId Part(core::Builder& builder, ValueId value, int64_t part, int64_t parts) {
  core::Extents extents = builder.ExtentsOf(value);
  const std::optional<int64_t> size = extents.back().Constant();
  STRATA_CHECK(size && *size % parts == 0);
  extents.back() = *size / parts;
  std::vector<Dim> begins(extents.size());
  begins.back() = part * (*size / parts);
  std::vector<int64_t> steps(extents.size(), 1);
  return builder.Slice(value, std::move(begins), std::move(extents), std::move(steps));
}

}  // namespace

CellStep AppendLSTMStep(const CellContext& context, ValueId gates, ValueId carry, int softmax_axis) {
  core::Builder& builder = context.builder;
  const auto activate = [&](std::string_view function, ValueId value) {
    return AppendActivation(builder, value, context.args.Text(function), softmax_axis);
  };
  const auto gate = [&](int64_t part) { return activate("recurrent_activation", Part(builder, gates, part, 4)); };
  const ValueId in = gate(0);
  const ValueId forget = gate(1);
  const ValueId candidate = activate("activation", Part(builder, gates, 2, 4));
  const ValueId out = gate(3);
  core::MapBuilder map;
  const core::Expr kept = map.Operand(0) * map.Operand(1);
  const ValueId next = builder.Map({forget, carry, in, candidate}, kept + map.Operand(2) * map.Operand(3));
  core::MapBuilder product;
  const core::Expr opened = product.Operand(0) * product.Operand(1);
  const ValueId output = builder.Map({out, activate("activation", next)}, opened);
  return {.output = output, .states = {output, next}};
}

ValueId AppendSum(core::Builder& builder, ValueId a, ValueId b) {
  core::MapBuilder map;
  const core::Expr left = map.Operand(0);
  return builder.Map({a, b}, left + map.Operand(1));
}

}  // namespace strata
