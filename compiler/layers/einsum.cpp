#include "compiler/layers/einsum.h"

#include <algorithm>

namespace strata {
namespace {

using Labels = std::vector<int>;

bool Has(const Labels& labels, int label) { return std::ranges::find(labels, label) != labels.end(); }

// The value with the axes of `from` in the order of `to`.
core::ValueId Reordered(core::Builder& builder, core::ValueId value, const Labels& from, const Labels& to) {
  std::vector<int> permutation;
  for (const int label : to) permutation.push_back(static_cast<int>(std::ranges::find(from, label) - from.begin()));
  return builder.Transpose(value, std::move(permutation));
}

Labels Joined(Labels a, const Labels& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

core::ValueId AppendEinsum(core::Builder& builder, core::ValueId input, const Labels& in, core::ValueId kernel,
                           const Labels& of_kernel, const Labels& out) {
  Labels free, summed, made;
  bool is_matrix = true;
  for (const int label : in) {
    const bool is_of_kernel = Has(of_kernel, label);
    const bool is_kept = Has(out, label);
    if (is_of_kernel != is_kept) (is_kept ? free : summed).push_back(label);
    if (is_of_kernel == is_kept) is_matrix = false;
  }
  for (const int label : out) {
    if (!Has(in, label)) made.push_back(label);
  }
  if (!is_matrix || summed.empty() || made.empty()) {
    return builder.Contract(input, kernel, {.left = in, .right = of_kernel, .out = out});
  }
  // All axes that are summed as one, and all that are made.
  const core::ValueId rows = Reordered(builder, input, in, Joined(free, summed));
  const core::ValueId matrix = Reordered(builder, kernel, of_kernel, Joined(summed, made));
  const core::Extents sizes = builder.ExtentsOf(matrix);
  Dim depth = 1, width = 1;
  for (size_t i = 0; i < sizes.size(); ++i) (i < summed.size() ? depth : width) *= sizes[i];
  const core::Extents of_rows = builder.ExtentsOf(rows);
  core::Extents extents(of_rows.begin(), of_rows.begin() + static_cast<std::ptrdiff_t>(free.size()));
  core::Extents result = extents;
  extents.push_back(depth);
  result.insert(result.end(), sizes.begin() + static_cast<std::ptrdiff_t>(summed.size()), sizes.end());

  core::Contract product;
  for (int i = 0; i <= static_cast<int>(free.size()); ++i) product.left.push_back(i);
  const int depth_label = product.left.back();
  product.right = {depth_label, depth_label + 1};
  product.out = product.left;
  product.out.back() = depth_label + 1;
  const core::ValueId flat =
      builder.Contract(builder.Reshape(rows, extents), builder.Reshape(matrix, {depth, width}), product);
  return Reordered(builder, builder.Reshape(flat, result), Joined(free, made), out);
}

}  // namespace strata
