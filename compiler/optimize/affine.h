// What a Map computes as sums and products with known numbers.
#pragma once

#include <optional>
#include <vector>

#include "compiler/core/graph.h"

namespace strata::optimize {

// A known number, or one for each element of some axes.
using Coefficient = std::vector<double>;

bool IsAll(const Coefficient& coefficient, double value);

// A node, of f32, as (leaf + before) * scale + after. The leaf is another node, or the node itself where nothing is known of
// it. The first addition stays apart, so that a mean is taken off before it is multiplied: what cancels there would
// otherwise do so after rounding.
struct AffineForm {
  static constexpr int kKnown = -1;  // no leaf: `after` alone
  int leaf = kKnown;
  Coefficient before = {0};
  Coefficient scale = {1};
  Coefficient after = {0};
  bool is_scaled = false;  // further terms belong to `after`
};

// The form of each node. known[i]: the elements of operand i, where they are known; all of them run along the same
// axes or have one element. Coefficients are finite in forms with a leaf.
std::vector<AffineForm> AffineForms(const core::Map& map, const std::vector<std::optional<Coefficient>>& known);

// The axes of a Map along which its operand, a Constant, varies, and its size along them; nothing where it is no
// Constant of f32 or has no elements.
struct KnownSpace {
  std::vector<int> axes;
  std::vector<int64_t> sizes;
  friend bool operator==(const KnownSpace&, const KnownSpace&) = default;
};
std::optional<KnownSpace> SpaceOf(const core::Graph& graph, core::ValueId operand, const std::vector<int>& axes);

// The elements of a Constant.
Coefficient ElementsOf(const core::Graph& graph, core::ValueId constant);

// Which operands of a Map are known for AffineForms: the Constants of one element and those that vary in `space`.
std::vector<std::optional<Coefficient>> KnownOperands(const core::Graph& graph, const core::Map& map,
                                                      const std::vector<core::ValueId>& operands,
                                                      const KnownSpace& space);

// Rounded to float32.
core::Literal ToLiteral(const Coefficient& coefficient, std::vector<int64_t> sizes);

}  // namespace strata::optimize
