#include "compiler/optimize/rewrite.h"

#include <algorithm>
#include <string_view>

#include "compiler/source/check.h"

namespace strata::optimize {
namespace {

using core::Graph;
using core::Operation;
using core::ValueId;

// Appends a copy of an operation of `from` that reads `operands` of `to`; gives its results.
std::vector<ValueId> AppendCopy(Graph& to, const Graph& from, const Operation& operation,
                                std::vector<ValueId> operands) {
  Operation copy{.op = operation.op, .operands = std::move(operands), .results = {}, .origin = operation.origin};
  for (ValueId old : operation.results) {
    copy.results.push_back({static_cast<int32_t>(to.values.size())});
    to.values.push_back(from.Get(old));
    to.values.back().producer = static_cast<int32_t>(to.operations.size());
  }
  if (const auto* input = std::get_if<core::Input>(&operation.op)) {
    to.inputs[static_cast<size_t>(input->index)] = copy.Result();
  }
  std::vector<ValueId> results = copy.results;
  to.operations.push_back(std::move(copy));
  return results;
}

Graph DropDead(const Graph& graph) {
  std::vector<bool> needed(graph.operations.size(), false);
  const auto need = [&](ValueId value) { needed[static_cast<size_t>(graph.Get(value).producer)] = true; };
  std::ranges::for_each(graph.outputs, need);
  std::ranges::for_each(graph.inputs, need);
  for (size_t i = graph.operations.size(); i-- > 0;) {
    if (needed[i]) std::ranges::for_each(graph.operations[i].operands, need);
  }
  Graph result;
  result.symbols = graph.symbols;
  result.guards = graph.guards;
  result.facts = graph.facts;
  result.inputs.resize(graph.inputs.size());
  std::vector<ValueId> names(graph.values.size());
  const auto renamed = [&](std::vector<ValueId> values) {
    for (ValueId& value : values) value = names[static_cast<size_t>(value.index)];
    return values;
  };
  for (size_t i = 0; i < graph.operations.size(); ++i) {
    if (!needed[i]) continue;
    const Operation& operation = graph.operations[i];
    const std::vector<ValueId> results = AppendCopy(result, graph, operation, renamed(operation.operands));
    for (size_t k = 0; k < results.size(); ++k) names[static_cast<size_t>(operation.results[k].index)] = results[k];
  }
  result.outputs = renamed(graph.outputs);
  return result;
}

std::vector<std::string_view> SplitOrigin(std::string_view origin) {
  std::vector<std::string_view> parts;
  while (!origin.empty()) {
    const size_t end = std::min(origin.find('+'), origin.size());
    parts.push_back(origin.substr(0, end));
    origin.remove_prefix(std::min(end + 1, origin.size()));
  }
  return parts;
}

}  // namespace

ValueId Append(Graph& graph, core::Op op, std::vector<ValueId> operands, core::Extents extents, DType dtype,
               std::string origin) {
  const ValueId result{static_cast<int32_t>(graph.values.size())};
  const auto producer = static_cast<int32_t>(graph.operations.size());
  graph.values.push_back({.extents = std::move(extents), .dtype = dtype, .producer = producer});
  graph.operations.push_back(
      {.op = std::move(op), .operands = std::move(operands), .results = {result}, .origin = std::move(origin)});
  return result;
}

Uses::Uses(const Graph& graph) : uses_(graph.values.size()) {
  for (const Operation& operation : graph.operations) {
    for (size_t i = 0; i < operation.operands.size(); ++i) {
      uses_[static_cast<size_t>(operation.operands[i].index)].push_back({.operation = &operation, .operand = i});
    }
  }
  for (ValueId output : graph.outputs) {
    uses_[static_cast<size_t>(output.index)].push_back({.operation = nullptr, .operand = 0});
  }
}

Rewriter::Rewriter(const Graph& graph) : before(graph), builder(after), names_(graph.values.size()) {
  after.symbols = graph.symbols;
  after.guards = graph.guards;
  after.facts = graph.facts;
  after.inputs.resize(graph.inputs.size());
}

std::vector<ValueId> Rewriter::New(const std::vector<ValueId>& old) const {
  std::vector<ValueId> result;
  for (ValueId value : old) result.push_back(New(value));
  return result;
}

void Rewriter::Copy(const Operation& operation) {
  const std::vector<ValueId> results = AppendCopy(after, before, operation, New(operation.operands));
  for (size_t i = 0; i < results.size(); ++i) Rename(operation.results[i], results[i]);
}

ValueId Rewriter::Transpose(ValueId value, std::vector<int> permutation) {
  if (const auto* inner = after.ProducerAs<core::Transpose>(value)) {
    for (int& axis : permutation) axis = inner->permutation[static_cast<size_t>(axis)];
    value = after.Producer(value).operands[0];
  }
  const auto [entry, is_new] = transposes_.try_emplace({value, permutation});
  if (is_new) entry->second = builder.Transpose(value, permutation);
  return entry->second;
}

Graph Rewrite(const Graph& graph, const Rule& rule) {
  Rewriter rewriter(graph);
  for (const Operation& operation : graph.operations) {
    rewriter.builder.SetOrigin(operation.origin);
    const std::optional<ValueId> replacement = rule(rewriter, operation);
    if (!replacement) {
      rewriter.Copy(operation);
      continue;
    }
    STRATA_CHECK(graph.AreEqual(rewriter.after.Get(*replacement).extents, graph.Get(operation.Result()).extents));
    rewriter.Rename(operation.Result(), *replacement);
  }
  rewriter.after.outputs = rewriter.New(graph.outputs);
  return DropDead(rewriter.after);
}

std::string JoinOrigins(const std::string& first, const std::string& second) {
  std::string joined = first;
  for (std::string_view part : SplitOrigin(second)) {
    const std::vector<std::string_view> parts = SplitOrigin(joined);
    if (std::ranges::find(parts, part) != parts.end()) continue;
    const std::string text(part);
    joined += joined.empty() ? text : "+" + text;
  }
  return joined;
}

bool IsOfF32(const Graph& graph, const Operation& map) {
  const auto is_f32 = [&](ValueId value) { return graph.Get(value).dtype == DType::F32; };
  const auto is_inner = [](const core::Map::Node& node) { return node.type == DType::F32 || node.type == DType::Bool; };
  return is_f32(map.Result()) && std::ranges::all_of(map.operands, is_f32) &&
         std::ranges::all_of(std::get<core::Map>(map.op).nodes, is_inner);
}

bool IsAnchor(const core::Op& op) {
  return std::holds_alternative<core::Contract>(op) || std::holds_alternative<core::Convolve>(op) ||
         std::holds_alternative<core::Window>(op);
}

std::vector<int> Inverse(const std::vector<int>& permutation) {
  std::vector<int> inverse(permutation.size());
  for (size_t i = 0; i < permutation.size(); ++i) inverse[static_cast<size_t>(permutation[i])] = static_cast<int>(i);
  return inverse;
}

bool MovesOnlyOnes(const core::Extents& extents, const std::vector<int>& permutation) {
  int last = -1;
  for (int axis : permutation) {
    if (extents[static_cast<size_t>(axis)].Is(1)) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

}  // namespace strata::optimize
