// Arguments of a layer: what was written against the layer's parameters.
#pragma once

#include "compiler/check/evaluate.h"

namespace strata::check {

struct BoundArguments {
  Args args;                        // complete only if usable
  bool is_usable = true;            // no mistake that concerns shapes
  bool has_tensor = false;          // a tensor stands among a layer's arguments: reported
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

// An argument of the second parentheses that is no tensor; nothing where it has another type, which is reported.
std::optional<ConfigValue> BindCallArgument(const LayerDef& def, const Param& param, const Value& value,
                                            FileContext& context);

}  // namespace strata::check
