// `|> Layer(...) : [shape]`.
#pragma once

#include "compiler/check/evaluate.h"

namespace strata::check {

// Checks sizes and names; gives its names to axes that have none or a provisional one. Does nothing to what failed.
void CheckAscription(const Value& value, const ast::TypeExpr& ascription, Evaluator& evaluator, Elaboration& model,
                     FileContext& context);

}  // namespace strata::check
