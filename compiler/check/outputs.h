// What a model returns, against its signature.
#pragma once

#include "compiler/check/signature.h"

namespace strata::check {

// Adds the outputs to the network. `value` is that of the returned expression.
void CheckOutputs(const ast::Function& function, const Value& value, const std::vector<DeclaredResult>& results,
                  Elaboration& model, FileContext& context);

}  // namespace strata::check
