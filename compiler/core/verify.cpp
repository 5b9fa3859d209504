#include <algorithm>

#include "compiler/core/graph.h"
#include "compiler/core/infer.h"
#include "compiler/source/check.h"

namespace strata::core {
namespace {

Dim Count(const Extents& extents) {
  Dim count = 1;
  for (const Dim& extent : extents) count *= extent;
  return count;
}

void VerifySymbol(const Graph& graph, const std::string& symbol) {
  STRATA_CHECK(std::ranges::find(graph.symbols, symbol) != graph.symbols.end());
}

void VerifySymbols(const Graph& graph, const Dim& dim) {
  STRATA_CHECK(dim.IsKnown());
  for (const std::string& symbol : dim.Symbols()) VerifySymbol(graph, symbol);
}

void VerifySymbols(const Graph& graph, const std::vector<Dim>& dims) {
  for (const Dim& dim : dims) VerifySymbols(graph, dim);
}

// Those of an operation's attributes.
void VerifyAttributes(const Graph& graph, const Op& op) {
  const auto verify_padding = [&](const auto& axes) {
    for (const auto& axis : axes) VerifySymbols(graph, {axis.pad_low, axis.pad_high});
  };
  if (const auto* convolve = std::get_if<Convolve>(&op)) verify_padding(convolve->axes);
  if (const auto* window = std::get_if<Window>(&op)) verify_padding(window->axes);
  if (const auto* slice = std::get_if<Slice>(&op)) VerifySymbols(graph, slice->begins);
  if (const auto* pad = std::get_if<Pad>(&op)) {
    VerifySymbols(graph, pad->low);
    VerifySymbols(graph, pad->high);
  }
  if (const auto* map = std::get_if<Map>(&op)) {
    for (const Map::Node& node : map->nodes) VerifySymbols(graph, node.size);
  }
}

bool HoldsScan(const Graph& graph) {
  return std::ranges::any_of(graph.operations,
                             [](const Operation& operation) { return std::holds_alternative<Scan>(operation.op); });
}

// What an operation says of its own result, beyond what its operands say.
void VerifyDeclared(const Graph& graph, const Operation& operation) {
  const Extents& result = graph.Get(operation.Result()).extents;
  if (const auto* input = std::get_if<Input>(&operation.op)) {
    STRATA_CHECK(input->index >= 0 && static_cast<size_t>(input->index) < graph.inputs.size());
    STRATA_CHECK(graph.inputs[static_cast<size_t>(input->index)] == operation.Result());
  }
  if (std::holds_alternative<Weight>(operation.op)) {
    for (const Dim& extent : result) STRATA_CHECK(extent.Constant().has_value());
  }
  if (std::holds_alternative<Reshape>(operation.op)) {
    STRATA_CHECK(graph.AreEqual(Count(result), Count(graph.Get(operation.operands[0]).extents)));
  }
  if (const auto* slice = std::get_if<Slice>(&operation.op)) {
    const Extents& operand = graph.Get(operation.operands[0]).extents;
    STRATA_CHECK(result.size() == operand.size());
    for (size_t i = 0; i < result.size(); ++i) {
      const auto begin = slice->begins[i].Constant();
      const Dim end = slice->begins[i] + (result[i] - 1) * slice->steps[i] + 1;
      const auto room = (operand[i] - end).Constant();
      STRATA_CHECK(!begin || *begin >= 0);
      STRATA_CHECK(!room || *room >= 0 || result[i].Is(0));
    }
  }
}

void VerifyOperation(const Graph& graph, size_t index) {
  const Operation& operation = graph.operations[index];
  for (ValueId const operand : operation.operands) {
    STRATA_CHECK(operand.index >= 0 && static_cast<size_t>(operand.index) < graph.values.size());
    const int32_t producer = graph.Get(operand).producer;
    STRATA_CHECK(producer >= 0 && static_cast<size_t>(producer) < index);
  }
  STRATA_CHECK(!operation.results.empty());
  for (ValueId const result : operation.results) {
    STRATA_CHECK(result.index >= 0 && static_cast<size_t>(result.index) < graph.values.size());
    STRATA_CHECK(graph.Get(result).producer == static_cast<int32_t>(index));
  }
  if (const Graph* body = BodyOf(operation.op)) {
    Verify(*body);
    for (const std::string& symbol : body->symbols) VerifySymbol(graph, symbol);
  }
  if (const auto* scan = std::get_if<Scan>(&operation.op)) STRATA_CHECK(!HoldsScan(*scan->body));
  const auto extents = InferExtents(graph, operation.op, operation.operands);
  STRATA_CHECK(operation.results.size() == (extents ? extents->size() : 1));
  for (size_t i = 0; i < operation.results.size(); ++i) {
    const Value& result = graph.Get(operation.results[i]);
    if (extents) {
      Extents expected = (*extents)[i];
      // Axes along which no operand runs are not in the operands.
      if (std::holds_alternative<Map>(operation.op) && expected.size() < result.extents.size()) {
        expected.resize(result.extents.size(), Dim(1));
      }
      STRATA_CHECK(graph.AreEqual(result.extents, expected));
    }
    const auto dtype = InferDType(graph, operation.op, operation.operands, i);
    STRATA_CHECK(!dtype || result.dtype == *dtype);
  }
  VerifyAttributes(graph, operation.op);
  VerifyDeclared(graph, operation);
}

}  // namespace

void Verify(const Graph& graph) {
  for (const Value& value : graph.values) {
    for (const Dim& extent : value.extents) {
      VerifySymbols(graph, extent);
      STRATA_CHECK(!extent.Constant() || *extent.Constant() >= 0);
    }
  }
  for (const Guard& guard : graph.guards) VerifySymbols(graph, guard.value);
  std::vector<bool> made(graph.values.size(), false);
  size_t inputs = 0;
  for (size_t i = 0; i < graph.operations.size(); ++i) {
    VerifyOperation(graph, i);
    for (ValueId const result : graph.operations[i].results) {
      STRATA_CHECK(!made[static_cast<size_t>(result.index)]);
      made[static_cast<size_t>(result.index)] = true;
    }
    inputs += std::holds_alternative<Input>(graph.operations[i].op) ? 1 : 0;
  }
  STRATA_CHECK(std::ranges::find(made, false) == made.end());
  STRATA_CHECK(inputs == graph.inputs.size());
  for (ValueId const output : graph.outputs) {
    STRATA_CHECK(output.index >= 0 && static_cast<size_t>(output.index) < graph.values.size());
  }
}

}  // namespace strata::core
