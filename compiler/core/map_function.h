// The functions of core::Map, one by one.
#pragma once

#include <string_view>

#include "compiler/core/graph.h"

namespace strata::core {

// How many arguments a function takes; 0 for Operand, Constant and Index.
size_t ArgumentCount(Map::Function function);

// "max", "exp", ...; the sign for an operator: "+", "<".
std::string_view Name(Map::Function function);

// Its value in float64. Not for Operand, Constant and Index, which take theirs from elsewhere.
double Evaluate(Map::Function function, double a, double b, double c);

}  // namespace strata::core
