#pragma once

#include "compiler/core/graph.h"

namespace strata::optimize {

// Whether a Window leaves an axis as it is.
inline bool IsWhole(const core::Window::Axis& axis) {
  return axis.size == 1 && axis.stride == 1 && axis.pad_low.Is(0) && axis.pad_high.Is(0);
}

}  // namespace strata::optimize
