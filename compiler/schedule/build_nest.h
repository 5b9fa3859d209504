// From an elementwise or reducing computation over a tensor's axes to the shortest nest of loops.
#pragma once

#include <string>
#include <vector>

#include "compiler/schedule/schedule.h"

namespace strata {

// Drops axes of one element and joins neighbours that every access walks through as one, so that the innermost loop is
// long; then says how the work is split.
Step FinishNest(Nest nest, std::string origin);

// `write` = the elements of `read`.
Step CopyNest(std::vector<Dim> extents, Access read, Access write, DType dtype, std::string origin);
// `write` = `value`.
Step FillNest(std::vector<Dim> extents, Access write, double value, DType dtype, std::string origin);

}  // namespace strata
