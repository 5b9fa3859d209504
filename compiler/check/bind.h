// Arguments of a layer: what was written against the layer's parameters.
#pragma once

#include "compiler/check/evaluate.h"

namespace strata::check {

struct BoundArguments {
  Args args;                        // complete only if usable
  bool is_usable = true;            // no mistake that concerns shapes
  std::optional<std::string> name;  // `name=`
  Span name_span;
};

// Reports every mistake in the arguments.
BoundArguments BindArguments(const LayerDef& def, const ast::Call& call, Span name_span, Evaluator& evaluator,
                             FileContext& context);

// The value in the form `param.type` documents; nothing where it has another type. Bounds and choices are not looked
// at.
std::optional<ConfigValue> Normalize(const Param& param, const ConfigValue& value);

}  // namespace strata::check
