#include "compiler/import/segments.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace strata::import {
namespace {

size_t Index(int i) { return static_cast<size_t>(i); }

class Segmenter {
 public:
  explicit Segmenter(const Function& function) : function_(function), calls_(function.layers.size()) {
    for (const Node& node : function.nodes) ++calls_[Index(node.layer)];
  }

  std::vector<Segment> Outermost() const {
    const std::vector<int> cuts = Cuts();
    std::vector<Segment> segments;
    int entry = function_.inputs.size() == 1 ? function_.inputs.front().value : -1;
    size_t begin = 0;
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      if (cuts[i] < 0) continue;
      Segment segment{.nodes = {}, .entry = entry, .exit = cuts[i]};
      std::set<int> inside;
      for (size_t node = begin; node <= i; ++node) inside.insert(static_cast<int>(node));
      if (entry >= 0 && Order(inside, segment)) segments.push_back(std::move(segment));
      entry = cuts[i];
      begin = i + 1;
    }
    return segments;
  }

  std::vector<Segment> Merging() const {
    std::vector<Segment> segments;
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      Segment segment;
      const std::set<int> inside = Before(static_cast<int>(i), segment);
      if (inside.size() > 1 && Order(inside, segment)) segments.push_back(std::move(segment));
    }
    return segments;
  }

 private:
  // The fewest nodes with this one that read a single value of others, the entry; none where others read what they make.
  std::set<int> Before(int last, Segment& segment) const {
    constexpr size_t kMostNodes = 64;
    std::set<int> inside;
    std::set<std::pair<int, int>> open;  // values that are read, after the nodes that make them
    const auto add = [&](int node) {
      inside.insert(node);
      for (const int value : function_.nodes[Index(node)].Inputs())
        open.emplace(function_.values[Index(value)].node, value);
    };
    add(last);
    while (open.size() > 1 && inside.size() < kMostNodes) {
      const auto [node, value] = *open.rbegin();
      open.erase(std::prev(open.end()));
      const bool is_own = node >= 0 && !function_.values[Index(value)].is_output &&
                          std::ranges::all_of(function_.values[Index(value)].uses,
                                              [&](const auto& use) { return inside.contains(use.first); });
      if (!is_own) return {};
      add(node);
    }
    if (open.size() != 1) return {};
    segment.entry = open.begin()->second;
    segment.exit = function_.nodes[Index(last)].outputs.front();
    return inside;
  }

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

  // The nodes as the text has them. False where they cannot be folded.
  bool Order(const std::set<int>& inside, Segment& segment) const {
    std::map<int, int> state;  // 1: waits for its operands, 2: is there
    std::vector<int> stack;
    const auto node_of = [&](int value) { return function_.values[Index(value)].node; };
    if (!inside.contains(node_of(segment.exit))) return false;
    stack.push_back(node_of(segment.exit));
    while (!stack.empty()) {
      const int node = stack.back();
      int& mark = state[node];
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
        if (!inside.contains(node_of(inputs[i]))) return false;
        if (state[node_of(inputs[i])] == 0) stack.push_back(node_of(inputs[i]));
      }
    }
    return segment.nodes.size() == inside.size() &&
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

std::vector<Segment> SegmentsOf(const Function& function) { return Segmenter(function).Outermost(); }

std::vector<Segment> MergingSegmentsOf(const Function& function) { return Segmenter(function).Merging(); }

}  // namespace strata::import
