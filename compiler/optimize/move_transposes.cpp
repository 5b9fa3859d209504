#include <algorithm>
#include <numeric>

#include "compiler/optimize/passes.h"
#include "compiler/optimize/rewrite.h"
#include "compiler/optimize/window_axis.h"

namespace strata::optimize {
namespace {

using core::Operation;
using core::ValueId;
using Moved = std::optional<ValueId>;

// items[permutation[i]] = old items[i]: what belongs to the axes of a Transpose's result, for those of its operand.
template <typename Item>
std::vector<Item> Untransposed(const std::vector<Item>& items, const std::vector<int>& permutation) {
  std::vector<Item> result(items.size());
  for (size_t i = 0; i < items.size(); ++i) result[static_cast<size_t>(permutation[i])] = items[i];
  return result;
}

// The order in which `items` are increasing.
std::vector<int> Order(const std::vector<int>& items) {
  std::vector<int> order(items.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](int i) { return items[static_cast<size_t>(i)]; });
  return order;
}

// Each gives what stands for an operation that reads a Transpose: a Transpose of the operation on what that one reads.
class Mover {
 public:
  Mover(Rewriter& rewriter, const Operation& operation)
      : rewriter_(rewriter), operation_(operation), operands_(rewriter.New(operation.operands)) {}

  Moved operator()(const core::Input&) const { return std::nullopt; }
  Moved operator()(const core::Weight&) const { return std::nullopt; }
  Moved operator()(const core::Constant&) const { return std::nullopt; }
  Moved operator()(const core::Contract&) const { return std::nullopt; }
  Moved operator()(const core::Convolve&) const { return std::nullopt; }
  Moved operator()(const core::Reshape&) const { return std::nullopt; }
  Moved operator()(const core::Gather&) const { return std::nullopt; }
  Moved operator()(const core::Scan&) const { return std::nullopt; }
  Moved operator()(const core::Group&) const { return std::nullopt; }

  Moved operator()(const core::Transpose& transpose) const {
    return rewriter_.Transpose(operands_[0], transpose.permutation);
  }

  Moved operator()(const core::Window& window) const {
    const std::optional<std::vector<int>> permutation = PermutationOf(operands_[0]);
    if (!permutation) return std::nullopt;
    core::Window moved = window;
    moved.axes = Untransposed(window.axes, *permutation);
    if (!IsWhole(moved.axes.back())) return std::nullopt;
    return rewriter_.Transpose(rewriter_.builder.Window(SourceOf(operands_[0]), moved), *permutation);
  }

  Moved operator()(const core::Pad& pad) const {
    const std::optional<std::vector<int>> permutation = PermutationOf(operands_[0]);
    if (!permutation) return std::nullopt;
    const ValueId result = rewriter_.builder.Pad(SourceOf(operands_[0]), Untransposed(pad.low, *permutation),
                                                 Untransposed(pad.high, *permutation), pad.value);
    return rewriter_.Transpose(result, *permutation);
  }

  Moved operator()(const core::Slice& slice) const {
    const std::optional<std::vector<int>> permutation = PermutationOf(operands_[0]);
    if (!permutation) return std::nullopt;
    const ValueId result =
        rewriter_.builder.Slice(SourceOf(operands_[0]), Untransposed(slice.begins, *permutation),
                                Untransposed(ResultExtents(), *permutation), Untransposed(slice.steps, *permutation));
    return rewriter_.Transpose(result, *permutation);
  }

  Moved operator()(const core::Concat& concat) const {
    for (ValueId operand : operands_) {
      const std::optional<std::vector<int>> permutation = PermutationOf(operand);
      if (!permutation) continue;
      const std::vector<int> back = Inverse(*permutation);
      const auto is_free = [&](ValueId other) { return IsFree(other, back); };
      if (!std::ranges::all_of(operands_, is_free)) return std::nullopt;
      std::vector<ValueId> sources;
      for (ValueId other : operands_) sources.push_back(rewriter_.Transpose(other, back));
      const int axis = (*permutation)[static_cast<size_t>(concat.axis)];
      return rewriter_.Transpose(rewriter_.builder.Concat(sources, axis), *permutation);
    }
    return std::nullopt;
  }

  Moved operator()(const core::Reduce& reduce) const {
    const std::optional<std::vector<int>> permutation = PermutationOf(operands_[0]);
    if (!permutation) return std::nullopt;
    std::vector<int> axes;
    std::vector<int> kept;  // axes of the source, in the order of the result
    for (size_t i = 0; i < permutation->size(); ++i) {
      const bool is_reduced = std::ranges::binary_search(reduce.axes, static_cast<int>(i));
      (is_reduced ? axes : kept).push_back((*permutation)[i]);
    }
    std::ranges::sort(axes);
    const ValueId result = rewriter_.builder.Reduce(SourceOf(operands_[0]), reduce.kind, axes);
    return rewriter_.Transpose(result, Inverse(Order(kept)));
  }

  Moved operator()(const core::Prefix& prefix) const {
    const std::optional<std::vector<int>> permutation = PermutationOf(operands_[0]);
    if (!permutation) return std::nullopt;
    const int axis = (*permutation)[static_cast<size_t>(prefix.axis)];
    return rewriter_.Transpose(rewriter_.builder.Prefix(SourceOf(operands_[0]), prefix.kind, axis), *permutation);
  }

  Moved operator()(const core::Resample& resample) const {
    const std::optional<std::vector<int>> permutation = PermutationOf(operands_[0]);
    if (!permutation) return std::nullopt;
    core::Resample moved = resample;
    moved.axis = (*permutation)[static_cast<size_t>(resample.axis)];
    if (static_cast<size_t>(moved.axis) + 1 == permutation->size()) return std::nullopt;
    std::vector<ValueId> operands = operands_;
    operands[0] = SourceOf(operands_[0]);
    return rewriter_.Transpose(rewriter_.builder.Resample(std::move(operands), moved), *permutation);
  }

  Moved operator()(const core::Map& map) const {
    for (ValueId operand : operands_) {
      const std::optional<std::vector<int>> permutation = PermutationOf(operand);
      if (!permutation || rewriter_.builder.ExtentsOf(operand) != ResultExtents()) continue;
      if (const Moved moved = MoveMap(map, *permutation)) return moved;
    }
    return std::nullopt;
  }

 private:
  const core::Extents& ResultExtents() const { return rewriter_.before.Get(operation_.Result()).extents; }

  // Of the Transpose that makes a value, if one does. A copy: the graph grows.
  std::optional<std::vector<int>> PermutationOf(ValueId value) const {
    const auto* transpose = rewriter_.after.ProducerAs<core::Transpose>(value);
    return transpose == nullptr ? std::nullopt : std::optional(transpose->permutation);
  }
  ValueId SourceOf(ValueId value) const { return rewriter_.after.Producer(value).operands[0]; }

  // Whether nothing is left to be moved at run time when `value` is transposed.
  bool IsFree(ValueId value, const std::vector<int>& order) const {
    if (std::ranges::is_sorted(order) || MovesOnlyOnes(rewriter_.builder.ExtentsOf(value), order)) return true;
    if (rewriter_.after.ProducerAs<core::Constant>(value) != nullptr) return true;
    const std::optional<std::vector<int>> permutation = PermutationOf(value);
    if (!permutation) return false;
    return *permutation == Inverse(order) || rewriter_.after.ProducerAs<core::Constant>(SourceOf(value)) != nullptr;
  }

  Moved MoveMap(const core::Map& map, const std::vector<int>& permutation) const {
    core::Map moved = map;
    for (core::Map::Node& node : moved.nodes) {
      if (node.function == core::Map::Function::Index) node.index = permutation[static_cast<size_t>(node.index)];
    }
    std::vector<std::vector<int>> orders;
    for (size_t i = 0; i < operands_.size(); ++i) {
      std::vector<int>& axes = moved.axes[i];
      for (int& axis : axes) axis = permutation[static_cast<size_t>(axis)];
      orders.push_back(Order(axes));
      if (!IsFree(operands_[i], orders.back())) return std::nullopt;
      std::ranges::sort(axes);
    }
    std::vector<ValueId> sources;
    for (size_t i = 0; i < operands_.size(); ++i) sources.push_back(rewriter_.Transpose(operands_[i], orders[i]));
    const core::Value& value = rewriter_.before.Get(operation_.Result());
    const ValueId result = Append(rewriter_.after, std::move(moved), std::move(sources),
                                  Untransposed(value.extents, permutation), value.dtype, operation_.origin);
    return rewriter_.Transpose(result, permutation);
  }

  Rewriter& rewriter_;
  const Operation& operation_;
  std::vector<ValueId> operands_;
};

}  // namespace

core::Graph MoveTransposes(const core::Graph& graph) {
  return Rewrite(graph, [](Rewriter& rewriter, const Operation& operation) {
    return std::visit(Mover(rewriter, operation), operation.op);
  });
}

}  // namespace strata::optimize
