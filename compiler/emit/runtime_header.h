// The text of runtime/strata.h, which every generated header begins with.
#pragma once

#include <string_view>

namespace strata {

std::string_view RuntimeHeader();

}  // namespace strata
