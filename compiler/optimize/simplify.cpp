#include <algorithm>

#include "compiler/optimize/map_composer.h"
#include "compiler/optimize/passes.h"
#include "compiler/optimize/rewrite.h"
#include "compiler/optimize/window_axis.h"

namespace strata::optimize {
namespace {

using core::Operation;
using core::ValueId;
using Replacement = std::optional<ValueId>;

bool AreZero(const std::vector<Dim>& dims) {
  return std::ranges::all_of(dims, [](const Dim& dim) { return dim.Is(0); });
}

class Simplifier {
 public:
  Simplifier(Rewriter& rewriter, const Uses& uses, const Operation& operation)
      : rewriter_(rewriter), uses_(uses), operation_(operation) {}

  Replacement operator()(const core::Input&) const { return std::nullopt; }
  Replacement operator()(const core::Weight&) const { return std::nullopt; }
  Replacement operator()(const core::Constant&) const { return std::nullopt; }
  Replacement operator()(const core::Contract&) const { return std::nullopt; }
  Replacement operator()(const core::Resample&) const { return std::nullopt; }
  Replacement operator()(const core::Gather&) const { return std::nullopt; }
  Replacement operator()(const core::Scan&) const { return std::nullopt; }
  Replacement operator()(const core::Group&) const { return std::nullopt; }

  // A Pad between the Convolve and its input, perhaps under a Transpose, becomes padding of the Convolve.
  Replacement operator()(const core::Convolve& convolve) const {
    const core::Graph& before = rewriter_.before;
    ValueId input = operation_.operands[0];
    const auto* transpose = before.ProducerAs<core::Transpose>(input);
    if (transpose != nullptr) input = before.Producer(input).operands[0];
    const auto* pad = before.ProducerAs<core::Pad>(input);
    if (pad == nullptr || pad->value != 0 || !OnlyConvolvesRead(input)) return std::nullopt;

    core::Convolve padded = convolve;
    const size_t rank = pad->low.size();
    for (size_t i = 0; i < rank; ++i) {
      const size_t axis = transpose == nullptr ? i : static_cast<size_t>(transpose->permutation[i]);
      if (i == 0 || i == rank - 1) {
        if (!pad->low[axis].Is(0) || !pad->high[axis].Is(0)) return std::nullopt;
      } else {
        padded.axes[i - 1].pad_low += pad->low[axis];
        padded.axes[i - 1].pad_high += pad->high[axis];
      }
    }
    ValueId source = rewriter_.New(before.Producer(input).operands[0]);
    if (transpose != nullptr) source = rewriter_.Transpose(source, transpose->permutation);
    return rewriter_.builder.Convolve(source, rewriter_.New(operation_.operands[1]), padded);
  }

  Replacement operator()(const core::Window& window) const {
    if (!std::ranges::all_of(window.axes, IsWhole)) return std::nullopt;
    return Operand();
  }

  // Equal operands become one, and those without effect leave.
  Replacement operator()(const core::Map& map) const {
    const core::Value& result = rewriter_.before.Get(operation_.Result());
    MapComposer composer(rewriter_.after, result.extents);
    DetachedMap composed = composer.Finish(composer.Inline(
        map, [&](size_t i) { return composer.Read(rewriter_.New(operation_.operands[i]), map.axes[i]); }));
    if (composed.IsIdentity() && rewriter_.builder.ExtentsOf(composed.operands[0]) == result.extents) {
      return composed.operands[0];
    }
    return Append(rewriter_.after, std::move(composed.map), std::move(composed.operands), result.extents, result.dtype,
                  operation_.origin);
  }

  // Over one element: that element.
  Replacement operator()(const core::Reduce& reduce) const {
    const core::Extents& extents = rewriter_.builder.ExtentsOf(Operand());
    const auto is_one = [&](int axis) { return extents[static_cast<size_t>(axis)].Is(1); };
    if (!std::ranges::all_of(reduce.axes, is_one) || reduce.kind == core::Reduce::Kind::ArgMax ||
        reduce.kind == core::Reduce::Kind::ArgMin) {
      return std::nullopt;
    }
    return rewriter_.builder.Reshape(Operand(), ResultExtents());
  }

  Replacement operator()(const core::Prefix& prefix) const {
    if (!ResultExtents()[static_cast<size_t>(prefix.axis)].Is(1)) return std::nullopt;
    return Operand();
  }

  Replacement operator()(const core::Transpose& transpose) const {
    return rewriter_.Transpose(Operand(), transpose.permutation);
  }

  Replacement operator()(const core::Reshape&) const {
    ValueId source = Operand();
    if (rewriter_.after.ProducerAs<core::Reshape>(source) != nullptr) {
      source = rewriter_.after.Producer(source).operands[0];
    }
    return rewriter_.builder.Reshape(source, ResultExtents());
  }

  Replacement operator()(const core::Slice& slice) const {
    const bool is_whole = AreZero(slice.begins) && std::ranges::count(slice.steps, 1) == std::ssize(slice.steps);
    if (!is_whole || rewriter_.builder.ExtentsOf(Operand()) != ResultExtents()) return std::nullopt;
    return Operand();
  }

  Replacement operator()(const core::Pad& pad) const {
    if (!AreZero(pad.low) || !AreZero(pad.high)) return std::nullopt;
    return Operand();
  }

  Replacement operator()(const core::Concat&) const {
    if (operation_.operands.size() > 1) return std::nullopt;
    return Operand();
  }

 private:
  ValueId Operand() const { return rewriter_.New(operation_.operands[0]); }
  const core::Extents& ResultExtents() const { return rewriter_.before.Get(operation_.Result()).extents; }

  // Of `before`: as their input, directly or transposed.
  bool OnlyConvolvesRead(ValueId value) const {
    return std::ranges::all_of(uses_.Of(value), [&](const Uses::Use& use) {
      if (use.operation == nullptr) return false;
      if (std::holds_alternative<core::Convolve>(use.operation->op)) return use.operand == 0;
      return std::holds_alternative<core::Transpose>(use.operation->op) && OnlyConvolvesRead(use.operation->Result());
    });
  }

  Rewriter& rewriter_;
  const Uses& uses_;
  const Operation& operation_;
};

}  // namespace

core::Graph Simplify(const core::Graph& graph) {
  const Uses uses(graph);
  return Rewrite(graph, [&](Rewriter& rewriter, const Operation& operation) {
    return std::visit(Simplifier(rewriter, uses, operation), operation.op);
  });
}

}  // namespace strata::optimize
