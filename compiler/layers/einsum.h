// Sums of products with a kernel, along labelled axes.
#pragma once

#include <vector>

#include "compiler/core/builder.h"

namespace strata {

// sum over the labels that are not in `out` of input[in] * kernel[of_kernel]. A label occurs at most once in each list, and
// each label of `of_kernel` and `out` in one of the others. Where the kernel has no label in common with both input and
// result, this is one product of matrices.
core::ValueId AppendEinsum(core::Builder& builder, core::ValueId input, const std::vector<int>& in,
                           core::ValueId kernel, const std::vector<int>& of_kernel, const std::vector<int>& out);

}  // namespace strata
