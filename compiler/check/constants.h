// Constants of a file: `const VOCAB = 20000`, `const MEAN: f32[channels: 3] = [0.48, 0.45, 0.40]`.
#pragma once

#include "compiler/check/evaluate.h"

namespace strata::check {

// The constant's value; Failed where it is wrong, which is reported. It may name those above it.
Value EvaluateConstant(const ast::Const& constant, FileContext& context);

}  // namespace strata::check
