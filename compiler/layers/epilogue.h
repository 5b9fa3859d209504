// What layers with a kernel end with: a bias along the last axis and an activation.
#pragma once

#include "compiler/layers/layer.h"

namespace strata {

// Adds the weight `bias`, if the layer has one, along the last axis of `value`, and applies the argument `activation`.
core::ValueId AppendEpilogue(ExpandContext& context, core::ValueId value, int softmax_axis = -1);

}  // namespace strata
