// Lists in lists.
#pragma once

#include <vector>

#include "compiler/check/value.h"

namespace strata::check {

// What a tuple or list holds, and what those that it holds hold; of another value, itself.
std::vector<Value> Flattened(const Value& value);

}  // namespace strata::check
