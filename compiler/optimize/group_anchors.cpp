#include "compiler/optimize/group.h"
#include "compiler/optimize/passes.h"

namespace strata::optimize {
namespace {

// The same Map with this operand before the others.
core::Operation WithFirst(const core::Operation& operation, size_t first) {
  const auto& map = std::get<core::Map>(operation.op);
  std::vector<size_t> order = {first};
  for (size_t i = 0; i < operation.operands.size(); ++i) {
    if (i != first) order.push_back(i);
  }
  core::Map moved{.nodes = map.nodes, .axes = {}};
  core::Operation result{.op = {}, .operands = {}, .results = operation.results, .origin = operation.origin};
  std::vector<int> numbers(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    numbers[order[i]] = static_cast<int>(i);
    moved.axes.push_back(map.axes[order[i]]);
    result.operands.push_back(operation.operands[order[i]]);
  }
  for (core::Map::Node& node : moved.nodes) {
    if (node.function == core::Map::Function::Operand) node.index = numbers[static_cast<size_t>(node.index)];
  }
  result.op = std::move(moved);
  return result;
}

}  // namespace

core::Graph GroupAnchors(const core::Graph& graph) {
  const Uses uses(graph);
  return Rewrite(graph, [&](Rewriter& rewriter, const core::Operation& operation) -> std::optional<core::ValueId> {
    if (!std::holds_alternative<core::Map>(operation.op)) return std::nullopt;
    const std::optional<size_t> anchor = AnchorOf(graph, uses, operation);
    if (!anchor) return std::nullopt;
    // Where the Map stands, all that it reads exists.
    return AppendGroup(rewriter, {graph.Producer(operation.operands[*anchor]), WithFirst(operation, *anchor)});
  });
}

}  // namespace strata::optimize
