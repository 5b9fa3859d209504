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
  core::ValueId output;               // of the last step
  core::ValueId sequence;             // of outputs, with the axes of the input; at the position of their step
  std::vector<core::ValueId> states;  // after the last step
};
struct RecurrenceOptions {
  std::vector<core::ValueId> initial = {};  // none, or one for each state
  bool backwards = false;
  // [batch, time]: a step where it is false keeps the states. Nothing: each step counts.
  std::optional<core::ValueId> mask = {};
  // The output of such a step is 0; otherwise, that of the step before.
  bool zero_masked = false;
};
Recurrence AppendRecurrence(ExpandContext& context, const RecurrenceOptions& options);

// Warns of a mask that travels but is not read, as MaskOfSequence says.
void LintMaskNotRead(InferContext& context);

// How many leading axes of the outputs of a layer with these arguments have the input's mask: none but for sequences.
size_t MaskOfSequences(const InferContext& context, const Args& args);

// What a call of a recurrent layer, or a wrapper of one, takes beside the sequence.
std::vector<Param> RecurrentCallParams();
// The mask that such a call reads. As in Keras, it is the one that travels with the sequence only where the sequence is the
// only tensor: beside an `initial_state` a mask must be given by `mask=`.
std::optional<core::ValueId> MaskOfSequence(const ExpandContext& context);

// The same elements along `axis` from the last to the first.
core::ValueId AppendReverse(core::Builder& builder, core::ValueId input, size_t axis);

}  // namespace strata
