// What other layers' messages say of a Reshape before them.
#pragma once

#include <vector>

#include "compiler/layers/layer.h"

namespace strata {

// Where the layer is a Reshape whose result begins with an axis of size 1, as if the batch were counted: offers to leave it
// out. False: it is none.
bool OfferWithoutBatch(Diagnostic& diagnostic, const OperandPast::Maker& layer);

// The edit that names the axes of what a Reshape makes, `shape` with the batch; none where the layer is none.
std::vector<Edit> NameReshaped(const OperandPast::Maker& layer, const Shape& shape);

}  // namespace strata
