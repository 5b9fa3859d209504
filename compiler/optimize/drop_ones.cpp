#include "compiler/optimize/passes.h"
#include "compiler/optimize/rewrite.h"

namespace strata::optimize {

core::Graph DropTransposesOfOnes(const core::Graph& graph) {
  return Rewrite(graph, [&](Rewriter& rewriter, const core::Operation& operation) -> std::optional<core::ValueId> {
    const auto* transpose = std::get_if<core::Transpose>(&operation.op);
    if (transpose == nullptr) return std::nullopt;
    if (!MovesOnlyOnes(graph.Get(operation.operands[0]).extents, transpose->permutation)) return std::nullopt;
    return rewriter.builder.Reshape(rewriter.New(operation.operands[0]), graph.Get(operation.Result()).extents);
  });
}

}  // namespace strata::optimize
