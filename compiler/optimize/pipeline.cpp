#include "compiler/optimize/passes.h"

namespace strata {

core::Graph Optimize(const core::Graph& graph, const WeightLoader& weights) {
  using namespace optimize;

  core::Graph result;
  const auto then = [&](core::Graph next) {
    core::Verify(next);
    result = std::move(next);
  };

  then(BindWeights(graph, weights));
  // Everything that is known is a Constant.
  then(FoldConstants(result));
  then(Simplify(result));

  then(KeepLastAxisWhole(result));
  // No Window slides along its last axis.
  then(MoveTransposes(result));
  then(DropTransposesOfOnes(result));
  then(FoldConstants(result));
  then(Simplify(result));
  // Transposes are left only where the order of a graph's input or output, a Reshape, or a layer asks for it.

  then(FuseMaps(result));
  then(MoveMaps(result));
  then(FuseMaps(result));
  // A Map reads a Map only where something else reads that too, or where it repeats it along an axis.
  then(FoldIntoWeights(result));
  then(FoldMapConstants(result));
  then(Simplify(result));
  // A Map computes nothing that is known; a bias follows its Contract or Convolve as one addition.

  then(OptimizeScans(result, weights));
  // The body of a Scan reads from outside only what changes from call to call.

  // Rows come first: a Map after a Reduce over the same elements is better off there than with one of its other
  // operands.
  then(GroupRows(result));
  then(GroupAnchors(result));
  return result;
}

}  // namespace strata
