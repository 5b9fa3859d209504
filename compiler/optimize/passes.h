// The passes of Optimize. Each gives a graph of the same meaning, without operations that nothing reads.
#pragma once

#include "compiler/core/graph.h"
#include "compiler/optimize/optimize.h"

namespace strata::optimize {

// Each Weight becomes a Constant, one for each path.
core::Graph BindWeights(const core::Graph& graph, const WeightLoader& weights);

// An operation whose operands are all Constants becomes one, as the interpreter computes it, f32 rounded once. Not a Scan.
core::Graph FoldConstants(const core::Graph& graph);

// Removes operations that change nothing, joins views of views, drops what a Map reads twice or not at all, and makes a
// zero Pad part of the Convolves that read it.
core::Graph Simplify(const core::Graph& graph);

// Transposes around each Window that slides along the last axis, so that it no longer does.
core::Graph KeepLastAxisWhole(const core::Graph& graph);

// Moves each Transpose behind the operations that can as well work on what it reads, so that Transposes meet and
// cancel: a chain of channels-first layers computes channels-last between one Transpose at each end.
core::Graph MoveTransposes(const core::Graph& graph);

// A Transpose that moves only axes of size 1 becomes a Reshape.
core::Graph DropTransposesOfOnes(const core::Graph& graph);

// A Map whose result only another Map reads, element for element, becomes part of it.
core::Graph FuseMaps(const core::Graph& graph);

// A Map over what Concats, Reshapes and Slices put together of parts, along axes before the last, becomes one over each
// part, so that it joins what computes that.
core::Graph MoveMaps(const core::Graph& graph);

// What a Map does first to the result of a Contract or Convolve with a Constant kernel, as far as it is x * a + b for
// each output channel (a bias, a batch normalization), goes into the kernel and one bias.
core::Graph FoldIntoWeights(const core::Graph& graph);

// Computes what a Map computes of Constants alone, and gathers the known factors and terms of each chain of products
// and sums: ((x - mean) * rsqrt(variance + epsilon)) * gamma + beta becomes (x + c) * a + b.
core::Graph FoldMapConstants(const core::Graph& graph);

// Optimizes the body of each Scan; in it, invariants that are Constants become Constants of its own, and those that
// nothing reads leave.
core::Graph OptimizeScans(const core::Graph& graph, const WeightLoader& weights);

// Reduces over the same rows and the Maps between and after them become Groups.
core::Graph GroupRows(const core::Graph& graph);

// Contracts, Convolves and Windows become Groups with the Map that reads their result.
core::Graph GroupAnchors(const core::Graph& graph);

}  // namespace strata::optimize
