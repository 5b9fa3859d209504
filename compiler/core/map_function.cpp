#include "compiler/core/map_function.h"

#include <cmath>

#include "compiler/source/check.h"

namespace strata::core {

size_t ArgumentCount(Map::Function function) {
  using enum Map::Function;
  switch (function) {
    case Operand:
    case Constant:
    case Index: return 0;
    case Negate:
    case Abs:
    case Exp:
    case Expm1:
    case Log:
    case Log1p:
    case Sqrt:
    case Rsqrt:
    case Tanh:
    case Sigmoid:
    case Erf:
    case Floor: return 1;
    case Add:
    case Subtract:
    case Multiply:
    case Divide:
    case Maximum:
    case Minimum:
    case Less:
    case LessEqual:
    case Equal: return 2;
    case Select: return 3;
  }
  STRATA_CHECK(false && "a Map::Function");
}

std::string_view Name(Map::Function function) {
  using enum Map::Function;
  switch (function) {
    case Operand: return "operand";
    case Constant: return "constant";
    case Index: return "index";
    case Add: return "+";
    case Subtract: return "-";
    case Multiply: return "*";
    case Divide: return "/";
    case Maximum: return "max";
    case Minimum: return "min";
    case Negate: return "-";
    case Abs: return "abs";
    case Exp: return "exp";
    case Expm1: return "expm1";
    case Log: return "log";
    case Log1p: return "log1p";
    case Sqrt: return "sqrt";
    case Rsqrt: return "rsqrt";
    case Tanh: return "tanh";
    case Sigmoid: return "sigmoid";
    case Erf: return "erf";
    case Floor: return "floor";
    case Less: return "<";
    case LessEqual: return "<=";
    case Equal: return "==";
    case Select: return "select";
  }
  STRATA_CHECK(false && "a Map::Function");
}

double Evaluate(Map::Function function, double a, double b, double c) {
  using enum Map::Function;
  switch (function) {
    case Operand:
    case Constant:
    case Index: break;
    case Add: return a + b;
    case Subtract: return a - b;
    case Multiply: return a * b;
    case Divide: return a / b;
    case Maximum: return std::isnan(a) || a > b ? a : b;
    case Minimum: return std::isnan(a) || a < b ? a : b;
    case Negate: return -a;
    case Abs: return std::fabs(a);
    case Exp: return std::exp(a);
    case Expm1: return std::expm1(a);
    case Log: return std::log(a);
    case Log1p: return std::log1p(a);
    case Sqrt: return std::sqrt(a);
    case Rsqrt: return 1 / std::sqrt(a);
    case Tanh: return std::tanh(a);
    case Sigmoid: return 1 / (1 + std::exp(-a));
    case Erf: return std::erf(a);
    case Floor: return std::floor(a);
    case Less: return a < b ? 1 : 0;
    case LessEqual: return a <= b ? 1 : 0;
    case Equal: return a == b ? 1 : 0;
    case Select: return a != 0 ? b : c;
  }
  STRATA_CHECK(false && "a function of arguments");
}

}  // namespace strata::core
