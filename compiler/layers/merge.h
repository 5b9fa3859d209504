// What layers and functions that merge tensors share.
#pragma once

#include <vector>

#include "compiler/layers/broadcast.h"
#include "compiler/layers/layer.h"

namespace strata::layers {

const Shape& ShapeOf(const InferContext& context, size_t operand);
std::vector<Shape> Shapes(const InferContext& context);

// Which axes of the operands belong together, with what is known of their sizes.
Broadcast BroadcastOf(const InferContext& context);
Broadcast BroadcastOf(const ExpandContext& context);

// ---- merge_messages.cpp ----

// Says why tensors cannot be combined element by element, with both shapes.
void ReportBroadcast(InferContext& context, const BroadcastProblem& problem);
// Reports axes of two operands that stand in different orders.
void ReportOrder(InferContext& context, size_t a, size_t b);
// Labels two operands with their shapes, in their order.
Diagnostic& LabelBoth(InferContext& context, Diagnostic& diagnostic, size_t a, size_t b);
// Labels the layer that cut an operand's axis short, as a pooling by 2 does with an odd size, or else the operand.
void LabelSize(InferContext& context, Diagnostic& diagnostic, size_t operand, size_t axis);
// Help for two sizes that are not one, by what the axis is.
void OfferOneSize(InferContext& context, Diagnostic& diagnostic, const BroadcastProblem& problem);

}  // namespace strata::layers
