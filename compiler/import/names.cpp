// What the axes of inputs and reshaped tensors are called, and what else has a name.
#include <algorithm>
#include <cctype>

#include "compiler/import/write.h"
#include "compiler/layers/roles.h"

namespace strata::import {
namespace {

// Words that begin something else where a name is expected.
constexpr std::string_view kReserved[] = {
    "None", "True", "False", "and", "as", "assert", "block",  "branch",  "const", "else",  "from",   "if",  "import",
    "in",   "let",  "model", "not", "or", "repeat", "return", "weights", "where", "keras", "layers", "ops",
};

const Argument* FindArgument(const Layer& layer, std::string_view name) {
  const auto found =
      std::ranges::find_if(layer.arguments, [&](const Argument& argument) { return argument.param->name == name; });
  return found == layer.arguments.end() ? nullptr : &*found;
}

// Layers after which the axes are others, beside those with roles.
bool ChangesAxes(const LayerDef& def) {
  return def.name == "Flatten" || def.name == "Reshape" || def.name == "Permute" || def.name == "RepeatVector" ||
         def.name == "Embedding";
}

std::vector<std::string> RoleNames(const AxisRoles& roles, bool channels_first) {
  std::vector<std::string> names(roles.spatial.begin(), roles.spatial.end());
  names.insert(channels_first ? names.begin() : names.end(), std::string(roles.channels));
  return names;
}

class NameFinder {
 public:
  NameFinder(const Graph& graph, size_t rank) : graph_(graph), rank_(rank) {}

  std::vector<std::string> Find(const Function& function, int value) {
    if (++steps_ > 1000) return {};
    for (const auto& [node_index, argument] : function.values[static_cast<size_t>(value)].uses) {
      const Node& node = function.nodes[static_cast<size_t>(node_index)];
      const Layer& layer = function.layers[static_cast<size_t>(node.layer)];
      std::vector<std::string> names =
          layer.def == nullptr ? InNested(node, argument, layer) : Of(function, node, layer);
      if (!names.empty()) return names;
    }
    return {};
  }

 private:
  std::vector<std::string> InNested(const Node& node, size_t argument, const Layer& layer) {
    const Function& nested = graph_.functions[static_cast<size_t>(layer.function)];
    size_t place = 0;
    for (size_t i = 0; i < argument; ++i) place += node.arguments[i].values.size();
    return place < nested.inputs.size() ? Find(nested, nested.inputs[place].value) : std::vector<std::string>{};
  }

  std::vector<std::string> Of(const Function& function, const Node& node, const Layer& layer) {
    const LayerDef& def = *layer.def;
    if (def.name == "Embedding" && rank_ == 2) return {"time"};
    if (def.name == "TimeDistributed" && !layer.arguments.empty()) {
      // The wrapped layer is text here: its class stands before the parenthesis.
      const std::string& text = layer.arguments.front().text;
      const LayerDef* wrapped = FindLayer(text.substr(0, text.find('(')));
      if (wrapped == nullptr || wrapped->roles == nullptr || wrapped->roles->Rank() + 1 != rank_) return {};
      std::vector<std::string> names = RoleNames(*wrapped->roles, text.find("channels_first") != std::string::npos);
      names.insert(names.begin(), "time");
      if (std::ranges::count(names, "time") > 1) names.front() = "steps";
      return names;
    }
    if (def.roles != nullptr) {
      if (def.roles->Rank() != rank_) return {};
      const Argument* format = FindArgument(layer, "data_format");
      return RoleNames(*def.roles, format != nullptr && ToString(format->value) == "'channels_first'");
    }
    if (ChangesAxes(def) || node.outputs.size() != 1 || def.form == LayerDef::Form::Function) return {};
    return Find(function, node.outputs.front());
  }

  const Graph& graph_;
  size_t rank_;
  int steps_ = 0;
};

}  // namespace

std::string Names::Take(const std::string& wanted, Kind kind) {
  std::string name;
  for (const char c : wanted) {
    const bool is_word = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (is_word) name += c;
    if (!is_word && !name.empty() && name.back() != '_') name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) name.insert(0, "x");
  const bool hides = kind == Kind::Variable && (FindFunction(name) != nullptr || FindLayer(name) != nullptr);
  if (hides || std::ranges::find(kReserved, name) != std::end(kReserved)) name += "_0";
  std::string free = name;
  for (int i = 1; !taken_.insert(free).second; ++i) free = name + "_" + std::to_string(i);
  return free;
}

std::string CamelCase(const std::string& name) {
  std::string camel;
  bool begins = true;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      begins = true;
      continue;
    }
    camel += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins = false;
  }
  return camel;
}

std::vector<std::string> WantedNames(const Graph& graph, const Function& function, int value, size_t rank) {
  std::vector<std::string> names = NameFinder(graph, rank).Find(function, value);
  if (names.size() + 1 != rank) names.clear();
  return names;
}

bool WantsIntegers(const Graph& graph, const Function& function, int value) {
  const std::vector<std::pair<int, size_t>>& uses = function.values[static_cast<size_t>(value)].uses;
  return !uses.empty() && std::ranges::all_of(uses, [&](const std::pair<int, size_t>& use) {
    const Node& node = function.nodes[static_cast<size_t>(use.first)];
    const Layer& layer = function.layers[static_cast<size_t>(node.layer)];
    if (layer.def != nullptr) return layer.def->name == "Embedding";
    const Function& nested = graph.functions[static_cast<size_t>(layer.function)];
    size_t place = 0;
    for (size_t i = 0; i < use.second; ++i) place += node.arguments[i].values.size();
    return place < nested.inputs.size() &&
           !IsFloat(nested.values[static_cast<size_t>(nested.inputs[place].value)].type.dtype);
  });
}

}  // namespace strata::import
