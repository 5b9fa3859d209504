// One model of a file: its signature, its body, its network.
#pragma once

#include <optional>

#include "compiler/check/elaboration.h"

namespace strata::check {

// Reports every independent mistake; a network only if there was none.
std::optional<Network> ElaborateModel(const ast::Function& function, FileContext& context);

}  // namespace strata::check
