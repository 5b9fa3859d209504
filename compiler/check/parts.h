// Walking a syntax tree.
#pragma once

#include <functional>

#include "compiler/syntax/ast.h"

namespace strata::check {

// The expressions that an expression is directly made of, in their order.
void ForEachPart(const ast::Expr& expr, const std::function<void(const ast::Expr&)>& visit);

}  // namespace strata::check
