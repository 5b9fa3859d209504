// What a model or block returns, against its signature.
#pragma once

#include <optional>
#include <vector>

#include "compiler/check/signature.h"

namespace strata::check {

// The index of the tensor among the network's values; nothing where it is not as declared.
using CheckedResult = std::optional<int>;

// One for each declared result. `value` is that of the returned expression.
std::vector<CheckedResult> CheckResults(const ast::Function& function, const Value& value,
                                        const std::vector<DeclaredResult>& results, Elaboration& model,
                                        FileContext& context);

}  // namespace strata::check
