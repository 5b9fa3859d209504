// What layers that read masks share.
#pragma once

#include <cstddef>

#include "compiler/layers/layer.h"

namespace strata {

// The call argument `mask`.
Param MaskParam(
    std::string_view doc = "Which steps count, `bool[batch, time]`; None: the mask that travels with the tensor.");

// Reports a mask of the first input that is not over the batch and this axis, or no bools.
void RequireMask(InferContext& context, size_t axis);
// Reports one that is not over `least` or more leading axes of the first input.
void RequireLeadingMask(InferContext& context, size_t least);

// Whether the layer takes the masks off its operands: layers of several tensors that come later find none there. So does
// MultiHeadAttention of Keras 3.15, at run time.
bool TakesMasks(const LayerDef& def);
// Whether the layer is called with the mask that its one tensor had when the model was built, and passes on that one.
bool KeepsMaskOfModel(const LayerDef& def);

// A mask that counts everywhere.
core::ValueId AppendFullMask(core::Builder& builder, const core::Extents& extents);

}  // namespace strata
