// The kinds of diagnostic as constants to report with: `kinds::OutputRank`.
#pragma once

#include "compiler/source/diagnostics.h"

namespace strata::kinds {

using Text = std::string_view;
using Int = int64_t;

#define STRATA_KIND(name, code, gravity, text, ...) \
  inline constexpr Kind<__VA_ARGS__> name{#name, code, gravities::gravity, text};
#include "compiler/source/catalogue.def"
#undef STRATA_KIND

}  // namespace strata::kinds
