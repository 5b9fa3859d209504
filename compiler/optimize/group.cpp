#include "compiler/optimize/group.h"

#include <algorithm>
#include <map>

namespace strata::optimize {

using core::Operation;
using core::ValueId;

ValueId AppendGroup(Rewriter& rewriter, const std::vector<Operation>& operations) {
  std::map<ValueId, ValueId> inside;
  for (const Operation& operation : operations) inside[operation.Result()] = {};

  auto body = std::make_shared<core::Graph>();
  body->symbols = rewriter.before.symbols;
  body->facts = rewriter.before.facts;
  core::Builder builder(*body);
  std::vector<ValueId> operands;
  for (const Operation& operation : operations) {
    for (ValueId operand : operation.operands) {
      if (inside.contains(operand)) continue;
      const core::Value& value = rewriter.before.Get(operand);
      inside[operand] = builder.Input(value.extents, value.dtype);
      operands.push_back(rewriter.New(operand));
    }
  }
  std::string origin;
  for (const Operation& operation : operations) {
    std::vector<ValueId> inner;
    for (ValueId operand : operation.operands) inner.push_back(inside.at(operand));
    const core::Value& value = rewriter.before.Get(operation.Result());
    inside[operation.Result()] =
        Append(*body, core::Op(operation.op), std::move(inner), value.extents, value.dtype, operation.origin);
    origin = JoinOrigins(origin, operation.origin);
  }
  body->outputs = {inside.at(operations.back().Result())};
  rewriter.builder.SetOrigin(origin);
  return rewriter.builder.Group(std::move(operands), std::move(body));
}

std::optional<size_t> AnchorOf(const core::Graph& graph, const Uses& uses, const Operation& map) {
  const auto& nodes = std::get<core::Map>(map.op).nodes;
  const auto is_index = [](const core::Map::Node& node) { return node.function == core::Map::Function::Index; };
  if (std::ranges::any_of(nodes, is_index) || !IsOfF32(graph, map)) return std::nullopt;
  std::optional<size_t> latest;
  for (size_t i = 0; i < map.operands.size(); ++i) {
    const core::Value& value = graph.Get(map.operands[i]);
    if (!IsAnchor(graph.Producer(map.operands[i]).op) || !uses.IsSingle(map.operands[i])) continue;
    if (value.extents != graph.Get(map.Result()).extents) continue;
    if (!latest || graph.Get(map.operands[*latest]).producer < value.producer) latest = i;
  }
  return latest;
}

}  // namespace strata::optimize
