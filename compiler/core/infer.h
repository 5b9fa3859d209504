// The rules by which operands determine a result, shared by the builder and the verifier.
#pragma once

#include <optional>
#include <vector>

#include "compiler/core/graph.h"

namespace strata::core {

// The extents of the operation's results, in order. Fails a CHECK where the operands or attributes break a rule of
// graph.h. Nothing for operations whose result says itself what it is: Input, Weight, Reshape, Slice.
std::optional<std::vector<Extents>> InferExtents(const Graph& graph, const Op& op,
                                                 const std::vector<ValueId>& operands);

// The dtype of result number `index`, likewise. Nothing for Input and Weight.
std::optional<DType> InferDType(const Graph& graph, const Op& op, const std::vector<ValueId>& operands, size_t index);

}  // namespace strata::core
