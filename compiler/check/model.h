// Models and blocks: signature, body, network.
#pragma once

#include <functional>
#include <optional>

#include "compiler/check/evaluate.h"

namespace strata::check {

// Reports every independent mistake; a network only if there was none. `config` are the values of its parameters.
std::optional<Network> ElaborateModel(const ast::Function& function, const std::vector<Value>& config,
                                      FileContext& context);

// Looks for mistakes in a block that no model uses, whatever its configuration and sizes are.
void CheckUnusedBlock(const ast::Function& function, FileContext& context);

// What the body returns.
Value EvaluateBody(const ast::Function& function, Evaluator& evaluator, Elaboration& model, FileContext& context);

// What is bound in the scope and never read.
void LintUnused(const ast::Function& function, const Scope& scope, FileContext& context);

// `a and b` states both.
void ForEachConjunct(const ast::Expr& condition, const std::function<void(const ast::Expr&)>& visit);

// What stands on both sides of a comparison that does not hold: "8 == 9".
std::string ShowSides(const ast::Expr& condition, Evaluator& evaluator, const Sources& sources);

}  // namespace strata::check
