// What a parameter accepts.
#pragma once

#include <optional>
#include <string>

#include "compiler/layers/layer.h"

namespace strata::check {

// For messages: "an integer or a tuple of 2".
std::string Expected(const Param& param);

// The value in the form `param.type` documents; nothing where it has another type. Bounds and choices are not looked
// at.
std::optional<ConfigValue> Normalize(const Param& param, const ConfigValue& value);

}  // namespace strata::check
