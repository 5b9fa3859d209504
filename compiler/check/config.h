// Configuration of models and blocks: `block Residual(filters: int, strides: int = 1)`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check/evaluate.h"

namespace strata::check {

// Checks the parameters as they are declared, and keeps the values of their defaults.
void DeclareConfig(const ast::Function& function, FileContext& context);

// The values of the parameters, in order, as `call` gives them (null: none); where something is missing or wrong, it is
// reported and nothing is returned. `caller` evaluates the arguments.
std::optional<std::vector<Value>> BindConfig(const ast::Function& function, const ast::Call* call, Span name_span,
                                             Evaluator& caller, FileContext& context);

// Likewise as `--set` gives them, each as `n=5`. What the model does not have is left to the caller. Nothing where a value
// is of another type.
std::optional<std::vector<Value>> BindSettings(const ast::Function& function, const std::vector<std::string>& settings,
                                               FileContext& context);
// "n" of `n=5`.
std::string_view SettingName(std::string_view setting);

// The layers among the parameters' values, made anew from their defaults as part of `model`.
void MakeLayerDefaults(const ast::Function& function, Elaboration& model, FileContext& context,
                       std::vector<Value>& values);

// The value as `type` takes it; nothing, reported, where it is of another type. `owner` is what has the value.
std::optional<Value> TakeScalar(const ast::Name& type, Value value, std::string_view owner, FileContext& context);

// Binds the parameters' names.
void BindConfigNames(const ast::Function& function, const std::vector<Value>& values, Scope& scope);

}  // namespace strata::check
