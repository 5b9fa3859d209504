#include <algorithm>

#include "compiler/optimize/passes.h"
#include "compiler/optimize/rewrite.h"

namespace strata::optimize {
namespace {

using core::Operation;
using core::ValueId;

// Moves one Map to the parts that its operand `whole` is put together of. Its other operands are constants, along the
// last axis or everywhere the same, so that it does the same to each part that has the whole of that axis.
class MapMover {
 public:
  MapMover(Rewriter& rewriter, const Uses& uses, const Operation& operation, size_t whole)
      : rewriter_(rewriter),
        graph_(rewriter.before),
        uses_(uses),
        operation_(operation),
        map_(std::get<core::Map>(operation.op)),
        whole_(whole),
        channels_(graph_.Get(operation.Result()).extents.back()) {}

  // Whether the value is put together of parts, each of which an operation computes that the Map can join.
  bool HasParts(ValueId value, bool is_part = false) const {
    const Operation& producer = graph_.Producer(value);
    if (!uses_.IsSingle(value)) return false;
    if (is_part && (IsAnchor(producer.op) || std::holds_alternative<core::Map>(producer.op))) return true;
    if (!KeepsLastAxis(producer)) return false;
    const bool joins = is_part || std::holds_alternative<core::Concat>(producer.op);
    return std::ranges::all_of(producer.operands, [&](ValueId operand) { return HasParts(operand, joins); });
  }

  // The Map of `value`.
  ValueId Moved(ValueId value) const {
    const Operation& producer = graph_.Producer(value);
    if (!KeepsLastAxis(producer)) return MapOf(value);
    std::vector<ValueId> operands;
    for (ValueId operand : producer.operands) operands.push_back(Moved(operand));
    return Append(rewriter_.after, producer.op, std::move(operands), graph_.Get(value).extents,
                  graph_.Get(operation_.Result()).dtype, producer.origin);
  }

 private:
  // Moves elements, and leaves those of the last axis together and in order.
  bool KeepsLastAxis(const Operation& producer) const {
    const core::Extents& extents = graph_.Get(producer.Result()).extents;
    if (extents.empty() || extents.back() != channels_) return false;
    if (const auto* concat = std::get_if<core::Concat>(&producer.op)) {
      return static_cast<size_t>(concat->axis) + 1 < extents.size();
    }
    const bool is_slice = std::holds_alternative<core::Slice>(producer.op);
    if (!is_slice && !std::holds_alternative<core::Reshape>(producer.op)) return false;
    const core::Extents& from = graph_.Get(producer.operands[0]).extents;
    return !from.empty() && from.back() == channels_;
  }

  ValueId MapOf(ValueId value) const {
    const core::Extents& extents = graph_.Get(value).extents;
    const int last = static_cast<int>(extents.size()) - 1;
    core::Map moved = map_;
    std::vector<ValueId> operands;
    for (size_t i = 0; i < moved.axes.size(); ++i) {
      operands.push_back(rewriter_.New(i == whole_ ? value : operation_.operands[i]));
      if (i != whole_) {
        for (int& axis : moved.axes[i]) axis = last;
        continue;
      }
      moved.axes[i].clear();
      for (int axis = 0; axis <= last; ++axis) moved.axes[i].push_back(axis);
    }
    return Append(rewriter_.after, std::move(moved), std::move(operands), extents,
                  graph_.Get(operation_.Result()).dtype, operation_.origin);
  }

  Rewriter& rewriter_;
  const core::Graph& graph_;
  const Uses& uses_;
  const Operation& operation_;
  const core::Map& map_;
  size_t whole_;
  Dim channels_;
};

// The one operand of a Map that is as large as its result, where all others are constants along the last axis at most.
std::optional<size_t> WholeOperand(const core::Graph& graph, const Operation& operation, const core::Map& map) {
  const core::Extents& extents = graph.Get(operation.Result()).extents;
  if (extents.empty()) return std::nullopt;
  for (const core::Map::Node& node : map.nodes) {
    if (node.function == core::Map::Function::Index) return std::nullopt;
  }
  std::optional<size_t> whole;
  for (size_t i = 0; i < operation.operands.size(); ++i) {
    if (graph.ProducerAs<core::Constant>(operation.operands[i]) != nullptr) {
      const bool is_along_last =
          map.axes[i].empty() || (map.axes[i].size() == 1 && static_cast<size_t>(map.axes[i][0]) + 1 == extents.size());
      if (!is_along_last) return std::nullopt;
    } else if (whole || graph.Get(operation.operands[i]).extents != extents) {
      return std::nullopt;
    } else {
      whole = i;
    }
  }
  return whole;
}

}  // namespace

core::Graph MoveMaps(const core::Graph& graph) {
  const Uses uses(graph);
  return Rewrite(graph, [&](Rewriter& rewriter, const Operation& operation) -> std::optional<ValueId> {
    const auto* map = std::get_if<core::Map>(&operation.op);
    if (map == nullptr) return std::nullopt;
    const std::optional<size_t> whole = WholeOperand(graph, operation, *map);
    if (!whole) return std::nullopt;
    const MapMover mover(rewriter, uses, operation, *whole);
    if (!mover.HasParts(operation.operands[*whole])) return std::nullopt;
    return mover.Moved(operation.operands[*whole]);
  });
}

}  // namespace strata::optimize
