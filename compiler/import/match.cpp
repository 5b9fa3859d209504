#include "compiler/import/match.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace strata::import {
namespace {

// The graph without nesting.
struct FlatNode {
  int layer;
  std::vector<int> inputs;  // flat values
  bool reads_mask;
};
struct FlatLayer {
  std::vector<std::string> path;
  const Layer* layer;
};
struct FlatValue {
  int node;   // -1: an input
  int place;  // among the node's results, or the inputs
};

class Flattener {
 public:
  explicit Flattener(const Graph& graph) : graph_(graph) {}

  void Run() {
    const Function& model = graph_.functions.back();
    std::vector<int> inputs;
    for (size_t i = 0; i < model.inputs.size(); ++i) {
      values.push_back({-1, static_cast<int>(i)});
      inputs.push_back(static_cast<int>(i));
    }
    outputs = Call(model, inputs, {});
  }

  std::vector<FlatNode> nodes;
  std::vector<FlatLayer> layers;
  std::vector<FlatValue> values;
  std::vector<int> outputs;

 private:
  std::vector<int> Call(const Function& function, const std::vector<int>& inputs,
                        const std::vector<std::string>& path) {
    std::vector<int> flat(function.values.size(), -1);
    for (size_t i = 0; i < function.inputs.size() && i < inputs.size(); ++i) {
      flat[static_cast<size_t>(function.inputs[i].value)] = inputs[i];
    }
    for (const Node& node : function.nodes) {
      std::vector<int> read;
      for (const int value : node.Inputs()) read.push_back(flat[static_cast<size_t>(value)]);
      const Layer& layer = function.layers[static_cast<size_t>(node.layer)];
      std::vector<std::string> layer_path = path;
      layer_path.push_back(layer.name);
      if (layer.function >= 0) {
        const std::vector<int> results = Call(graph_.functions[static_cast<size_t>(layer.function)], read, layer_path);
        for (size_t i = 0; i < node.outputs.size(); ++i) flat[static_cast<size_t>(node.outputs[i])] = results[i];
        continue;
      }
      const auto [known, is_new] = layer_of_.try_emplace(layer_path, static_cast<int>(layers.size()));
      if (is_new) layers.push_back({layer_path, &layer});
      nodes.push_back({known->second, std::move(read), node.reads_mask});
      for (size_t i = 0; i < node.outputs.size(); ++i) {
        flat[static_cast<size_t>(node.outputs[i])] = static_cast<int>(values.size());
        values.push_back({static_cast<int>(nodes.size()) - 1, static_cast<int>(i)});
      }
    }
    std::vector<int> results;
    for (const Output& output : function.outputs) results.push_back(flat[static_cast<size_t>(output.value)]);
    return results;
  }

  const Graph& graph_;
  std::map<std::vector<std::string>, int> layer_of_;
};

// What of two values of a parameter can be compared as they are.
bool IsPlain(ParamType type) {
  switch (type) {
    case ParamType::Int:
    case ParamType::Float:
    case ParamType::Bool:
    case ParamType::Choice:
    case ParamType::Sizes:
    case ParamType::Pads:
    case ParamType::Activation: return true;
    default: return false;
  }
}

class Matcher {
 public:
  Matcher(const Graph& graph, const Network& network) : flat_(graph), network_(network) { flat_.Run(); }

  std::optional<std::vector<MatchedLayer>> Run(std::string* difference) {
    equals_.assign(flat_.layers.size(), -1);
    std::vector<std::pair<int, int>> pairs;
    if (flat_.outputs.size() != network_.outputs.size()) {
      *difference = "it has another number of outputs";
      return std::nullopt;
    }
    for (size_t i = 0; i < flat_.outputs.size(); ++i) pairs.emplace_back(flat_.outputs[i], network_.outputs[i].value);
    while (!pairs.empty()) {
      const auto [flat, value] = pairs.back();
      pairs.pop_back();
      if (!seen_.insert({flat, value}).second) continue;
      if (!Match(flat, value, pairs, difference)) return std::nullopt;
    }
    std::vector<MatchedLayer> matched;
    for (size_t i = 0; i < equals_.size(); ++i) {
      if (equals_[i] < 0) continue;
      matched.push_back({flat_.layers[i].path, flat_.layers[i].layer->class_name, equals_[i]});
    }
    return matched;
  }

 private:
  const NetworkNode* NodeOf(int value) const {
    const int node = network_.values[static_cast<size_t>(value)].node;
    return node < 0 ? nullptr : &network_.nodes[static_cast<size_t>(node)];
  }
  const LayerDef& DefOf(const NetworkNode& node) const { return *network_.layers[static_cast<size_t>(node.layer)].def; }

  // Past what only renames axes or makes integers of what Keras looks up as floats.
  int Skip(int value, const LayerDef* expected) const {
    for (;;) {
      const NetworkNode* node = NodeOf(value);
      if (node == nullptr || &DefOf(*node) == expected) return value;
      const std::string_view name = DefOf(*node).name;
      if (name != "Cast" && name != "Rename") return value;
      value = node->inputs.front();
    }
  }

  bool Match(int flat, int value, std::vector<std::pair<int, int>>& pairs, std::string* difference) {
    const FlatValue& expected = flat_.values[static_cast<size_t>(flat)];
    if (expected.node < 0) {
      value = Skip(value, nullptr);
      const bool is_same = network_.inputs.size() > static_cast<size_t>(expected.place) &&
                           network_.inputs[static_cast<size_t>(expected.place)].value == value;
      if (!is_same) *difference = "an input is read in place of another one";
      return is_same;
    }
    const FlatNode& node = flat_.nodes[static_cast<size_t>(expected.node)];
    const FlatLayer& layer = flat_.layers[static_cast<size_t>(node.layer)];
    value = Skip(value, layer.layer->def);
    const NetworkNode* actual = NodeOf(value);
    const std::string who = "`" + layer.path.back() + "` (" + layer.layer->class_name + ")";
    if (actual == nullptr || &DefOf(*actual) != layer.layer->def) {
      *difference = "in place of " + who + " stands " +
                    (actual == nullptr ? "an input" : "a " + std::string(DefOf(*actual).name));
      return false;
    }
    const int place = static_cast<int>(std::ranges::find(actual->outputs, value) - actual->outputs.begin());
    if (place != expected.place || actual->inputs.size() != node.inputs.size()) {
      *difference = who + " is read or called otherwise";
      return false;
    }
    const NetworkValue& first = network_.values[static_cast<size_t>(actual->inputs.front())];
    if (node.reads_mask && first.mask_axes == 0) {
      *difference = who + " reads no mask";
      return false;
    }
    int& equal = equals_[static_cast<size_t>(node.layer)];
    const bool is_shared_alike = equal < 0 ? taken_.insert(actual->layer).second : equal == actual->layer;
    if (!is_shared_alike) {
      *difference = who + " shares its weights otherwise";
      return false;
    }
    equal = actual->layer;
    if (!HasSameArguments(*layer.layer, network_.layers[static_cast<size_t>(equal)].args)) {
      *difference = who + " has other arguments";
      return false;
    }
    for (size_t i = 0; i < node.inputs.size(); ++i) pairs.emplace_back(node.inputs[i], actual->inputs[i]);
    return true;
  }

  static bool HasSameArguments(const Layer& layer, const Args& args) {
    for (const Param& param : layer.def->params) {
      if (!IsPlain(param.type) || param.name == "data_format" || param.name == "dtype") continue;
      const auto argument = std::ranges::find_if(
          layer.arguments, [&](const Argument& candidate) { return candidate.param->name == param.name; });
      const bool is_given = argument != layer.arguments.end();
      if (!is_given && !param.default_value) continue;  // an operation's own tensors
      const ConfigValue& expected = is_given ? argument->value : *param.default_value;
      if (ToString(expected) != ToString(args.Get(param.name))) return false;
    }
    return true;
  }

  Flattener flat_;
  const Network& network_;
  std::vector<int> equals_;
  std::set<std::pair<int, int>> seen_;
  std::set<int> taken_;  // layers of the network
};

}  // namespace

std::optional<std::vector<MatchedLayer>> MatchNetwork(const Graph& graph, const Network& network,
                                                      std::string* difference) {
  return Matcher(graph, network).Run(difference);
}

}  // namespace strata::import
