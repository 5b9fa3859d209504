// Masks that Keras wrote down though they travel with a tensor.
//
// A layer that is called with one tensor is written down by Keras 3 with the mask that the tensor had then, and the
// operations that made the mask are layers of the model. Strata's masks travel by themselves.
#include <algorithm>

#include "compiler/import/graph.h"

namespace strata::import {
namespace {

class MaskFinder {
 public:
  explicit MaskFinder(const Function& function) : function_(function) {}

  // Whether `mask` is what Keras makes of the operands of the layers that lead to `value`. Whether those layers pass it on
  // is not asked: where they do not, nothing travels, and the checked program shows it.
  bool IsMaskOf(int mask, int value) const {
    const Node* maker = MakerOf(value);
    if (maker == nullptr) return false;
    const Layer& layer = LayerOf(*maker);
    if (layer.def == nullptr || maker->arguments.empty() || maker->arguments.front().values.empty()) return false;
    const std::string_view name = layer.def->name;
    const std::vector<int>& operands = maker->arguments.front().values;
    if (name == "Embedding") return IsComparison(mask, operands.front(), "0");
    if (name == "Masking") return IsAnyDifferent(mask, operands.front(), layer);
    return operands.size() > 1 ? IsMerged(mask, operands, operands.size()) : IsMaskOf(mask, operands.front());
  }

 private:
  const Node* MakerOf(int value) const {
    const int node = function_.values[static_cast<size_t>(value)].node;
    return node < 0 ? nullptr : &function_.nodes[static_cast<size_t>(node)];
  }
  const Layer& LayerOf(const Node& node) const { return function_.layers[static_cast<size_t>(node.layer)]; }

  // The call that makes a value, where it is one of this function.
  const Node* CallOf(int value, std::string_view function) const {
    const Node* node = MakerOf(value);
    const bool is_call = node != nullptr && LayerOf(*node).def != nullptr && LayerOf(*node).def->name == function;
    return is_call ? node : nullptr;
  }

  // `value != number`
  bool IsComparison(int mask, int value, std::string_view number) const {
    const Node* node = CallOf(mask, "NotEqual");
    return node != nullptr && node->arguments.size() == 2 && node->arguments[0].values == std::vector<int>{value} &&
           node->arguments[1].text == number;
  }

  // `any(value != mask_value, axis=-1)`
  bool IsAnyDifferent(int mask, int value, const Layer& masking) const {
    const Node* node = CallOf(mask, "Any");
    if (node == nullptr || node->Inputs().size() != 1) return false;
    const auto given =
        std::ranges::find(masking.arguments, "mask_value", [](const Argument& a) { return a.param->name; });
    const std::string number = given == masking.arguments.end() ? "0.0" : ToString(given->value);
    return IsComparison(node->Inputs().front(), value, number);
  }

  // What counts in any of the first `count` operands.
  bool IsMerged(int mask, const std::vector<int>& operands, size_t count) const {
    if (count == 1) return IsMaskOf(mask, operands.front());
    const Node* node = CallOf(mask, "LogicalOr");
    if (node == nullptr) return false;
    const std::vector<int> sides = node->Inputs();
    return sides.size() == 2 && IsMaskOf(sides[1], operands[count - 1]) && IsMerged(sides[0], operands, count - 1);
  }

  const Function& function_;
};

// Nodes whose results nothing reads any more, after those that read them.
void DropUnread(Function& function) {
  std::vector<bool> is_read(function.values.size());
  for (const Output& output : function.outputs) is_read[static_cast<size_t>(output.value)] = true;
  std::vector<Node> kept;
  for (size_t i = function.nodes.size(); i-- > 0;) {
    Node& node = function.nodes[i];
    const bool is_needed =
        std::ranges::any_of(node.outputs, [&](int output) { return is_read[static_cast<size_t>(output)]; });
    if (!is_needed) continue;
    for (const int value : node.Inputs()) is_read[static_cast<size_t>(value)] = true;
    kept.push_back(std::move(node));
  }
  std::ranges::reverse(kept);
  function.nodes = std::move(kept);
}

}  // namespace

bool DropTravellingMasks(Graph& graph) {
  bool drops = false;
  for (Function& function : graph.functions) {
    std::vector<std::pair<size_t, size_t>> dropped;  // nodes and which of their arguments
    for (size_t i = 0; i < function.nodes.size(); ++i) {
      const Node& node = function.nodes[i];
      for (size_t k = 1; k < node.arguments.size(); ++k) {
        const CallArgument& argument = node.arguments[k];
        const bool is_mask = argument.keyword == "mask" && argument.values.size() == 1 && !argument.is_list &&
                             node.arguments.front().values.size() == 1;
        if (!is_mask) continue;
        const int tensor = node.arguments.front().values.front();
        if (MaskFinder(function).IsMaskOf(argument.values.front(), tensor)) dropped.emplace_back(i, k);
      }
    }
    if (dropped.empty()) continue;
    drops = true;
    for (const auto& [node, argument] : dropped) {
      std::vector<CallArgument>& arguments = function.nodes[node].arguments;
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(argument));
      function.nodes[node].reads_mask = true;
    }
    DropUnread(function);
    CountUses(function);
  }
  return drops;
}

void CountUses(Function& function) {
  for (Value& value : function.values) {
    value.uses.clear();
    value.node = -1;
    value.is_output = false;
  }
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    const Node& node = function.nodes[i];
    for (const int value : node.outputs) function.values[static_cast<size_t>(value)].node = static_cast<int>(i);
    for (size_t k = 0; k < node.arguments.size(); ++k) {
      for (const int value : node.arguments[k].values) {
        function.values[static_cast<size_t>(value)].uses.emplace_back(static_cast<int>(i), k);
      }
    }
  }
  for (const Output& output : function.outputs) function.values[static_cast<size_t>(output.value)].is_output = true;
}

}  // namespace strata::import
