// Making Groups.
#pragma once

#include <vector>

#include "compiler/optimize/rewrite.h"

namespace strata::optimize {

// Appends a Group of these operations of `before`, which stand in order; the last one is the result. Operands that
// none of them makes become the Group's, in the order in which they are read.
core::ValueId AppendGroup(Rewriter& rewriter, const std::vector<core::Operation>& operations);

// The operand of a Map that it is the epilogue of: the latest Contract, Convolve or Window that nothing else reads and
// whose result has the extents of the Map's. None where the Map has an index() or other dtypes than f32.
std::optional<size_t> AnchorOf(const core::Graph& graph, const Uses& uses, const core::Operation& map);

}  // namespace strata::optimize
