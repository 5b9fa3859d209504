// Keras' other names of its layers and functions. Programs may write them; everything else knows the main name alone.
#pragma once

#include <span>
#include <string_view>

namespace strata {

struct Alias {
  std::string_view name;  // "AvgPool2D"
  std::string_view main;  // "AveragePooling2D"
};

// Sorted by name.
std::span<const Alias> AllAliases();

// The main name where `name` is another one, else `name`.
std::string_view MainName(std::string_view name);

}  // namespace strata
