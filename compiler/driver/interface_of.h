// What a checked network shows to the callers of its compiled form.
#pragma once

#include "compiler/check/network.h"
#include "compiler/codegen/codegen.h"

namespace strata {

Interface InterfaceOf(const Network& network);

}  // namespace strata
