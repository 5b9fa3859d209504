// Which axes of several tensors belong together when they are combined element by element: by name, else by size.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "compiler/shape/shape.h"

namespace strata {

struct BroadcastProblem {
  enum class What {
    MissingAxis,  // `axis` of `operand` has none to belong to in `other`
    Ambiguous,    // `axis` of `operand` could belong to several of `other`
    Order,        // the shared axes stand in another order
    SizeOne,      // a size of 1 against another one
    Sizes,        // sizes differ
  };
  What what = What::MissingAxis;
  size_t operand = 0;
  size_t other = 0;
  size_t axis = 0;        // of `operand`; not for Order
  size_t other_axis = 0;  // of `other`; for SizeOne and Sizes
};

struct Broadcast {
  Shape shape;            // of the result
  bool has_batch = true;  // likewise
  // For each operand, for each of its axes: the axis of the result. Empty for an operand that does not fit, which is no
  // problem where it only follows from another mistake.
  std::vector<std::vector<int>> axes;
  std::optional<BroadcastProblem> problem;
};

// Whether two sizes are proven equal.
using SizesAreEqual = std::function<bool(const Dim&, const Dim&)>;

// `types` holds at least one. The result has the axes of the one with the most of them, a constant (which has no batch
// axis) aside. Where there is a problem, `axes` is of no use, and `shape` is what it should be as far as it can be told.
// Element types play no part.
Broadcast BroadcastTogether(const std::vector<TensorType>& types, const SizesAreEqual& are_equal);

}  // namespace strata
