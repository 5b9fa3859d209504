// What merges say of tensors that do not go together: how they came to differ, and what would bring them together.
#pragma once

#include "compiler/layers/broadcast.h"
#include "compiler/layers/layer.h"

namespace strata::layers {

const Shape& ShapeOf(const InferContext& context, size_t operand);
std::vector<Shape> Shapes(const InferContext& context);

// Labels two operands with their shapes, in their order.
Diagnostic& LabelBoth(InferContext& context, Diagnostic& diagnostic, size_t a, size_t b);
// Labels the layer that cut an operand's axis short, as a pooling by 2 does with an odd size, or else the operand.
void LabelSize(InferContext& context, Diagnostic& diagnostic, size_t operand, size_t axis);
// Reports axes of two operands that stand in different orders.
void ReportOrder(InferContext& context, size_t a, size_t b);
// Help for two sizes that are not one, by what the axis is.
void OfferOneSize(InferContext& context, Diagnostic& diagnostic, const BroadcastProblem& problem);

}  // namespace strata::layers
