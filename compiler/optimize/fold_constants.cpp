#include <algorithm>

#include "compiler/core/interpreter.h"
#include "compiler/optimize/passes.h"
#include "compiler/optimize/rewrite.h"

namespace strata::optimize {
namespace {

bool AreNumbers(const std::vector<Dim>& dims) {
  return std::ranges::all_of(dims, [](const Dim& dim) { return dim.Constant().has_value(); });
}

// Whether nothing in the operation or its result depends on a symbol, given that its operands do not.
bool IsKnown(const core::Graph& graph, const core::Operation& operation) {
  if (!AreNumbers(graph.Get(operation.Result()).extents)) return false;
  if (std::holds_alternative<core::Scan>(operation.op)) return false;
  if (const auto* map = std::get_if<core::Map>(&operation.op)) {
    return std::ranges::all_of(map->nodes, [](const auto& node) { return AreNumbers({node.size}); });
  }
  if (const auto* slice = std::get_if<core::Slice>(&operation.op)) return AreNumbers(slice->begins);
  if (const auto* pad = std::get_if<core::Pad>(&operation.op)) return AreNumbers(pad->low) && AreNumbers(pad->high);
  const auto has_known_padding = [](const auto& op) {
    return std::ranges::all_of(op.axes, [](const auto& axis) { return AreNumbers({axis.pad_low, axis.pad_high}); });
  };
  if (const auto* convolve = std::get_if<core::Convolve>(&operation.op)) return has_known_padding(*convolve);
  if (const auto* window = std::get_if<core::Window>(&operation.op)) return has_known_padding(*window);
  return true;
}

}  // namespace

core::Graph FoldConstants(const core::Graph& graph) {
  return Rewrite(graph, [&](Rewriter& rewriter, const core::Operation& operation) -> std::optional<core::ValueId> {
    if (std::holds_alternative<core::Input>(operation.op) || std::holds_alternative<core::Constant>(operation.op) ||
        std::holds_alternative<core::Weight>(operation.op)) {
      return std::nullopt;
    }
    core::Graph alone;
    std::vector<core::ValueId> operands;
    for (core::ValueId operand : operation.operands) {
      const core::Operation& producer = rewriter.after.Producer(rewriter.New(operand));
      if (!std::holds_alternative<core::Constant>(producer.op)) return std::nullopt;
      operands.push_back(Append(alone, producer.op, {}, graph.Get(operand).extents, graph.Get(operand).dtype, ""));
    }
    if (!IsKnown(graph, operation)) return std::nullopt;
    const core::Value& value = graph.Get(operation.Result());
    alone.outputs = {Append(alone, operation.op, std::move(operands), value.extents, value.dtype, "")};
    const core::Outcome outcome = core::TryInterpret(alone, {}, {});
    if (!outcome.error.empty()) return std::nullopt;  // each call will fail
    const core::Array& result = outcome.outputs.front();
    core::Literal literal{.sizes = result.sizes, .dtype = result.dtype, .data = {}, .integers = result.integers};
    for (double element : result.data) literal.data.push_back(static_cast<float>(element));
    return rewriter.builder.Constant(std::move(literal));
  });
}

}  // namespace strata::optimize
