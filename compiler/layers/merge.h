// What layers that merge tensors share with the functions that do.
#pragma once

#include "compiler/layers/broadcast.h"
#include "compiler/layers/layer.h"

namespace strata::layers {

// Which axes of the operands belong together, with what is known of their sizes.
Broadcast BroadcastOf(const InferContext& context);
Broadcast BroadcastOf(const ExpandContext& context);

// Says why tensors cannot be combined element by element, with both shapes.
void ReportBroadcast(InferContext& context, const BroadcastProblem& problem);

}  // namespace strata::layers
