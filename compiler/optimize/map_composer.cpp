#include "compiler/optimize/map_composer.h"

#include <utility>

namespace strata::optimize {

using core::Expr;
using core::Map;
using core::ValueId;

Expr MapComposer::Read(ValueId value, const std::vector<int>& axes) {
  size_t index = 0;
  while (index < read_.operands.size() && (read_.operands[index] != value || read_.map.axes[index] != axes)) ++index;
  if (index == read_.operands.size()) {
    read_.operands.push_back(value);
    read_.map.axes.push_back(axes);
  }
  return builder_.Operand(static_cast<int>(index), graph_.Get(value).dtype);
}

Expr MapComposer::Inline(const Map& map, const std::function<Expr(size_t operand)>& operand,
                         const NodeReplacement& replacement) {
  std::vector<Expr> operands;
  for (size_t i = 0; i < map.axes.size(); ++i) operands.push_back(operand(i));
  std::vector<Expr> nodes;
  for (const Map::Node& node : map.nodes) {
    if (replacement.node == static_cast<int>(nodes.size())) {
      nodes.push_back(replacement.with);
    } else if (node.function == Map::Function::Operand) {
      nodes.push_back(operands[static_cast<size_t>(node.index)]);
    } else {
      std::vector<Expr> args;
      for (int arg : node.args) args.push_back(nodes[static_cast<size_t>(arg)]);
      nodes.push_back(builder_.Copy(node, std::move(args)));
    }
  }
  return nodes.back();
}

DetachedMap MapComposer::Finish(Expr result) {
  DetachedMap finished{.map = {.nodes = builder_.Finish(result), .axes = {}}, .operands = {}};
  std::vector<bool> kept(read_.operands.size(), false);
  std::vector<bool> covered;
  for (const Dim& extent : extents_) covered.push_back(extent.Is(1));
  // Whether an operand gives an axis an extent that no other one has given.
  const auto cover = [&](size_t index) {
    bool gives = false;
    for (size_t i = 0; i < read_.map.axes[index].size(); ++i) {
      const auto axis = static_cast<size_t>(read_.map.axes[index][i]);
      if (covered[axis] || !(graph_.Get(read_.operands[index]).extents[i] == extents_[axis])) continue;
      covered[axis] = true;
      gives = true;
    }
    return gives;
  };
  for (const Map::Node& node : finished.map.nodes) {
    if (node.function != Map::Function::Operand) continue;
    kept[static_cast<size_t>(node.index)] = true;
    cover(static_cast<size_t>(node.index));
  }
  for (size_t i = 0; i < kept.size(); ++i) kept[i] = kept[i] || cover(i);

  std::vector<int> numbers(kept.size(), -1);
  for (size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) continue;
    numbers[i] = static_cast<int>(finished.operands.size());
    finished.operands.push_back(read_.operands[i]);
    finished.map.axes.push_back(read_.map.axes[i]);
  }
  for (Map::Node& node : finished.map.nodes) {
    if (node.function == Map::Function::Operand) node.index = numbers[static_cast<size_t>(node.index)];
  }
  return finished;
}

}  // namespace strata::optimize
