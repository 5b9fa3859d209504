// Copies of elements side by side.
#pragma once

#include "compiler/core/builder.h"

namespace strata {

// `input` with a new axis at `position`, along which it is the same `count` times.
core::ValueId AppendRepeat(core::Builder& builder, core::ValueId input, size_t position, int64_t count);

}  // namespace strata
