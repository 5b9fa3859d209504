// Which parameter each argument of a call is for.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/check/evaluate.h"

namespace strata::check {

struct Assignment {
  std::vector<const ast::Argument*> written;    // parallel to def.params; null: left out
  std::vector<const ast::Argument*> rest = {};  // what a parameter of several tensors takes by position
  bool is_usable = true;                        // no mistake that concerns shapes
};

// Reports arguments that are for no parameter, and parameters that two are for. `piped`: the parameter that a pipe
// gives, SIZE_MAX where there is none.
Assignment AssignArguments(const LayerDef& def, const ast::Call& call, size_t piped, Evaluator& evaluator,
                           FileContext& context);

// The argument with the comma that goes with it.
Span WithComma(const ast::Call& call, size_t index);

// As a program writes it: "Conv2D", "sum".
std::string_view NameOf(const LayerDef& def);

}  // namespace strata::check
