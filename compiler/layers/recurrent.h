// Recurrent layers: what LSTM, GRU, SimpleRNN and the wrapper around them share.
#pragma once

#include <vector>

#include "compiler/layers/layer.h"
#include "compiler/layers/roles.h"

namespace strata {

// Whether the layer carries states along the time.
bool IsRecurrent(const LayerDef& def);

// Number of state tensors, each [batch, units].
size_t StateCount(const LayerDef& def);

// Reports initial states (inputs of the parameter `initial_state`) that are not `count` tensors of the layer's units.
void CheckStates(InferContext& context, const LayerArg* wrapped, size_t count);

// A recurrent layer run over a sequence.
struct Recurrence {
  core::ValueId sequence;             // of outputs, with the axes of the input; at the position of their step
  std::vector<core::ValueId> states;  // after the last step; the first one is the last output
};
// `initial`: none, or one for each state.
Recurrence AppendRecurrence(ExpandContext& context, const std::vector<core::ValueId>& initial, bool backwards);

// The same elements along `axis` from the last to the first.
core::ValueId AppendReverse(core::Builder& builder, core::ValueId input, size_t axis);

}  // namespace strata
