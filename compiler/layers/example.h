// The examples of the vocabulary as programs.
#pragma once

#include <string>

#include "compiler/layers/layer.h"

namespace strata {

// Whether `call` holds its inputs, x0, x1 ...: of a function, and of a layer whose tensors are not all side by side, as those
// of a cell with its states. Else it is applied to them.
bool IsApplied(const LayerDef& def, const LayerExample& example);

// The model `example` with the inputs x0, x1 ..., whose first result is `y`.
std::string ProgramOf(const LayerDef& def, const LayerExample& example);

}  // namespace strata
