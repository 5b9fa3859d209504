// What may be said of two sizes: `H % 8 == 0`, `time >= 10`. It stands in a `where`, in an `assert`, and in a guard that
// the compiled model tests on entry.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/shape/dim.h"

namespace strata {

// `a > b` is written as `b < a`.
enum class Relation { Equal, NotEqual, Less, LessEqual };

struct Condition {
  Dim left;
  Relation relation;
  Dim right;

  friend bool operator==(const Condition&, const Condition&) = default;
};

// As a user would write it, a number on the right: `H % 8 == 0`, `time >= 10`.
std::string ToString(const Condition& condition);
// What holds exactly where the condition does not.
Condition Opposite(const Condition& condition);
// Whether it holds for given values of the symbols; not where a side has no value, which is where a symbol is missing, a
// divisor is 0, or 64 bits do not suffice.
bool Holds(const Condition& condition, const std::function<std::optional<int64_t>(std::string_view)>& symbol);

}  // namespace strata
