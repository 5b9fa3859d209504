// Arguments of a layer: what was written against the layer's parameters.
#pragma once

#include "compiler/check/evaluate.h"

namespace strata::check {

struct BoundArguments {
  Args args;                        // complete only if usable
  bool is_usable = true;            // no mistake that concerns shapes
  std::optional<std::string> name;  // `name=`
  Span name_span;
  // Of a function: the tensors of each of its tensor parameters; none where a number stands for one.
  std::vector<std::vector<Value>> tensors = {};
};

// Reports every mistake in the arguments.
BoundArguments BindArguments(const LayerDef& def, const ast::Call& call, Span name_span, Evaluator& evaluator,
                             FileContext& context);
// Likewise of a function's.
struct BindFunctionOptions {
  bool piped = false;            // its first tensor is still to come, through a pipe
  const Value* first = nullptr;  // the first argument's value, where it is evaluated already
};
BoundArguments BindFunction(const LayerDef& def, const ast::Call& call, const BindFunctionOptions& options,
                            Evaluator& evaluator, FileContext& context);

// The value in the form `param.type` documents; nothing where it has another type. Bounds and choices are not looked
// at.
std::optional<ConfigValue> Normalize(const Param& param, const ConfigValue& value);

}  // namespace strata::check
