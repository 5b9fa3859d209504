#include "compiler/import/segments.h"

#include <algorithm>
#include <utility>

namespace strata::import {
namespace {

size_t Index(int i) { return static_cast<size_t>(i); }

class Segmenter {
 public:
  explicit Segmenter(const Function& function) : function_(function), calls_(function.layers.size()) {
    for (const Node& node : function.nodes) ++calls_[Index(node.layer)];
  }

  std::vector<Segment> Run() {
    const std::vector<int> cuts = Cuts();
    std::vector<Segment> segments;
    int entry = function_.inputs.size() == 1 ? function_.inputs.front().value : -1;
    size_t begin = 0;
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      if (cuts[i] < 0) continue;
      Segment segment{.nodes = {}, .entry = entry, .exit = cuts[i]};
      if (entry >= 0 && Order(begin, i + 1, segment)) segments.push_back(std::move(segment));
      entry = cuts[i];
      begin = i + 1;
    }
    return segments;
  }

 private:
  // For each node: the only value that the nodes after it read, of itself or before; -1 where there are several.
  std::vector<int> Cuts() const {
    std::vector<int> last_use(function_.values.size(), -1);
    for (size_t i = 0; i < function_.values.size(); ++i) {
      for (const auto& [node, argument] : function_.values[i].uses) last_use[i] = std::max(last_use[i], node);
    }
    std::vector<int> cuts(function_.nodes.size(), -1);
    std::vector<int> live;
    for (const Input& input : function_.inputs) live.push_back(input.value);
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      live.insert(live.end(), function_.nodes[i].outputs.begin(), function_.nodes[i].outputs.end());
      std::erase_if(live, [&](int value) { return last_use[Index(value)] <= static_cast<int>(i); });
      if (live.size() == 1) cuts[i] = live.front();
    }
    // The last one makes the result.
    if (!cuts.empty() && function_.outputs.size() == 1) cuts.back() = function_.outputs.front().value;
    return cuts;
  }

  // The nodes [begin, end) as the text has them. False where they cannot be folded.
  bool Order(size_t begin, size_t end, Segment& segment) const {
    std::vector<int> state(end - begin);  // 1: waits for its operands, 2: is there
    std::vector<int> stack;
    const auto node_of = [&](int value) { return function_.values[Index(value)].node; };
    const auto is_inside = [&](int node) { return node >= static_cast<int>(begin) && node < static_cast<int>(end); };
    if (!is_inside(node_of(segment.exit))) return false;
    stack.push_back(node_of(segment.exit));
    while (!stack.empty()) {
      const int node = stack.back();
      int& mark = state[Index(node) - begin];
      if (mark == 2) {
        stack.pop_back();
        continue;
      }
      const std::vector<int> inputs = function_.nodes[Index(node)].Inputs();
      if (mark == 1) {
        mark = 2;
        segment.nodes.push_back(node);
        stack.pop_back();
        continue;
      }
      mark = 1;
      for (size_t i = inputs.size(); i-- > 0;) {
        if (inputs[i] == segment.entry) continue;
        if (!is_inside(node_of(inputs[i]))) return false;
        if (state[Index(node_of(inputs[i])) - begin] == 0) stack.push_back(node_of(inputs[i]));
      }
    }
    return segment.nodes.size() == end - begin &&
           std::ranges::all_of(segment.nodes, [&](int node) { return IsOwn(node, segment); });
  }

  // One call of one layer with one result, which no one reads from outside.
  bool IsOwn(int index, const Segment& segment) const {
    const Node& node = function_.nodes[Index(index)];
    if (node.outputs.size() != 1 || calls_[Index(node.layer)] != 1) return false;
    if (function_.layers[Index(node.layer)].function >= 0) return false;
    const Value& value = function_.values[Index(node.outputs.front())];
    return !value.is_output || node.outputs.front() == segment.exit;
  }

  const Function& function_;
  std::vector<int> calls_;
};

}  // namespace

std::vector<Segment> SegmentsOf(const Function& function) { return Segmenter(function).Run(); }

}  // namespace strata::import
