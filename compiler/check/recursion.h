// Blocks that use themselves.
#pragma once

#include <vector>

#include "compiler/check/elaboration.h"

namespace strata::check {

// Reports each cycle of functions that use one another, once, and marks all functions from which one is reached.
void FindRecursion(const std::vector<FunctionName>& functions, Program& program, Diagnostics& diagnostics);

}  // namespace strata::check
