// The cells of recurrent layers.
#pragma once

#include "compiler/layers/recurrence.h"

namespace strata {

// A step of long short-term memory: `gates` holds the input gate, the forget gate, the candidate and the output gate
// along its last axis, before their functions. The states are the output and `carry`. A softmax acts on `softmax_axis`.
CellStep AppendLSTMStep(const CellContext& context, core::ValueId gates, core::ValueId carry, int softmax_axis = -1);

// The sum of two values of one shape.
core::ValueId AppendSum(core::Builder& builder, core::ValueId a, core::ValueId b);

}  // namespace strata
