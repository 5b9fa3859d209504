// A condition that depends on sizes known only when the model runs: `H % 8 == 0 and (H == W or W >= 32)`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/shape/facts.h"

namespace strata::check {

// Holds where at least one of them does.
using AnyOf = std::vector<Condition>;

// Holds where each of them does: the conjunction of disjunctions that every formula of `and`, `or` and `not` can be
// brought to. Neither is ever empty.
using Formula = std::vector<AnyOf>;

Formula And(Formula a, const Formula& b);
// Nothing where the result would be too long.
std::optional<Formula> Or(const Formula& a, const Formula& b);
std::optional<Formula> Not(const Formula& formula);

// As a user would write it.
std::string ToString(const AnyOf& any);
std::string ToString(const Formula& formula);

Truth Decide(const AnyOf& any, const Facts& facts);

}  // namespace strata::check
