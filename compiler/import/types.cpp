#include "compiler/import/types.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "compiler/check/check.h"
#include "compiler/import/write.h"
#include "compiler/syntax/parse.h"

namespace strata::import {
namespace {

// Where no layer asks for role names.
std::vector<std::string> UsualNames(size_t rank) {
  switch (rank) {
    case 2: return {"features"};
    case 3: return {"time", "features"};
    case 4: return {"height", "width", "channels"};
    case 5: return {"depth", "height", "width", "channels"};
    default: return {};
  }
}

void NameInputs(const Graph& graph, Function& function, const TypeOptions& options) {
  std::set<std::string> symbols;
  for (const Input& input : function.inputs) {
    TensorType& type = function.values[static_cast<size_t>(input.value)].type;
    const size_t rank = type.shape.size();
    if (rank == 0) continue;
    std::vector<std::string> names = WantedNames(graph, function, input.value, rank);
    if (names.empty()) names = UsualNames(rank);
    if (WantsIntegers(graph, function, input.value)) {
      if (IsFloat(type.dtype)) type.dtype = DType::I32;
      if (rank == 2) names = {"time"};
    }
    type.shape[0].name = "batch";
    if (!type.shape[0].size.IsKnown()) type.shape[0].size = Dim::Symbol("batch");
    for (size_t i = 1; i < rank; ++i) {
      Axis& axis = type.shape[i];
      axis.name = i - 1 < names.size() ? names[i - 1] : "";
      if (axis.size.IsKnown() && !axis.size.AsSymbol()) continue;
      const std::string stem = axis.name.empty() ? "n" + std::to_string(i) : axis.name;
      std::string symbol = stem;
      for (int k = 2; !options.is_one_symbol && !symbols.insert(symbol).second; ++k) {
        symbol = stem + "_" + std::to_string(k);
      }
      axis.size = Dim::Symbol(symbol);
    }
  }
}

// The types that the draft's check tells, by value.
std::map<int, TensorType> CheckDraft(const std::string& text) {
  Sources sources;
  Diagnostics diagnostics;
  const FileId id = sources.Add("draft", text);
  std::map<int, TensorType> types;
  const std::optional<ast::File> file = Parse(id, sources, diagnostics);
  if (!file) return types;
  std::vector<StepType> steps;
  Check(*file, sources, diagnostics, {.needs_network = false, .step_types = &steps});
  std::map<const ast::PipeStep*, int> values;
  for (const ast::Item& item : file->items) {
    const auto* function = std::get_if<ast::Function>(&item);
    if (function == nullptr || function->name.text != "draft") continue;
    for (const ast::Statement& statement : function->body) {
      const auto* let = std::get_if<ast::Let>(&statement);
      const auto* pipe = let == nullptr ? nullptr : let->value->As<ast::Pipe>();
      if (pipe == nullptr || let->names.size() != 1 || !let->names.front().text.starts_with('t')) continue;
      const std::string& name = let->names.front().text;
      int value = 0;
      std::from_chars(name.data() + 1, name.data() + name.size(), value);
      values[&pipe->steps.back()] = value;
    }
  }
  for (const StepType& step : steps) {
    const auto found = values.find(step.step);
    if (found != values.end()) types[found->second] = step.type;
  }
  return types;
}

// Axes that Reshape leaves without names, as the layers after it want them.
void NameReshaped(const Graph& graph, Function& function) {
  for (const Node& node : function.nodes) {
    const Layer& layer = function.layers[static_cast<size_t>(node.layer)];
    if (layer.def == nullptr || layer.def->name != "Reshape" || layer.arguments.empty()) continue;
    const ConfigValue::List* sizes = layer.arguments.front().value.AsList();
    if (sizes == nullptr) continue;
    Value& value = function.values[static_cast<size_t>(node.outputs.front())];
    const std::vector<std::string> names = WantedNames(graph, function, node.outputs.front(), sizes->size() + 1);
    value.type.shape.assign(sizes->size() + 1, Axis{});
    for (size_t i = 0; i < names.size(); ++i) value.type.shape[i + 1].name = names[i];
  }
}

bool HasSlices(const Function& function) {
  return std::ranges::any_of(function.layers,
                             [](const Layer& layer) { return layer.def != nullptr && layer.def->name == "GetItem"; });
}

}  // namespace

void FindTypes(Graph& graph, size_t index, const std::vector<std::string>& blocks, const std::string& block_texts,
               const TypeOptions& options) {
  Function& function = graph.functions[index];
  NameInputs(graph, function, options);
  NameReshaped(graph, function);
  // A slice is written with the names of its axes, which the round before has told.
  constexpr int kMostRounds = 50;
  size_t known = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    const std::map<int, TensorType> types = CheckDraft(block_texts + WriteDraft(function, blocks));
    for (const auto& [value, type] : types) function.values[static_cast<size_t>(value)].type = type;
    if (!HasSlices(function) || types.size() == known) break;
    known = types.size();
  }
}

std::vector<TensorType> TypesSoFar(Graph graph) {
  std::string text;
  std::vector<std::string> blocks;
  for (size_t i = 0; i < graph.functions.size(); ++i) {
    FindTypes(graph, i, blocks, text, {});
    const std::string name = "Nested" + std::to_string(i);
    if (i + 1 < graph.functions.size()) {
      text +=
          WriteFunction(graph.functions[i], {.name = name, .doc = "", .keeps_names = false, .blocks = &blocks}) + "\n";
    }
    blocks.push_back(name);
  }
  std::vector<TensorType> types;
  for (const Value& value : graph.functions.back().values) types.push_back(value.type);
  return types;
}

}  // namespace strata::import
