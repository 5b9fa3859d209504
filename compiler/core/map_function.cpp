#include "compiler/core/map_function.h"

#include <bit>
#include <cmath>
#include <limits>

#include "compiler/source/check.h"

namespace strata::core {
namespace {

using Function = Map::Function;

struct Entry {
  Function function;
  FunctionInfo info;
};

constexpr Entry kFunctions[] = {
    {Function::Operand, {"operand", 0, Domain::Any}},
    {Function::Constant, {"constant", 0, Domain::Any}},
    {Function::Index, {"index", 0, Domain::Any}},
    {Function::Size, {"size", 0, Domain::Any}},
    {Function::Add, {"+", 2, Domain::Numbers}},
    {Function::Subtract, {"-", 2, Domain::Numbers}},
    {Function::Multiply, {"*", 2, Domain::Numbers}},
    {Function::FloorDivide, {"//", 2, Domain::Numbers}},
    {Function::Modulo, {"%", 2, Domain::Numbers}},
    {Function::Power, {"**", 2, Domain::Numbers}},
    {Function::Negate, {"-", 1, Domain::Numbers}},
    {Function::Abs, {"abs", 1, Domain::Numbers}},
    {Function::Divide, {"/", 2, Domain::Floats}},
    {Function::Exp, {"exp", 1, Domain::Floats}},
    {Function::Expm1, {"expm1", 1, Domain::Floats}},
    {Function::Log, {"log", 1, Domain::Floats}},
    {Function::Log1p, {"log1p", 1, Domain::Floats}},
    {Function::Sqrt, {"sqrt", 1, Domain::Floats}},
    {Function::Rsqrt, {"rsqrt", 1, Domain::Floats}},
    {Function::Sin, {"sin", 1, Domain::Floats}},
    {Function::Cos, {"cos", 1, Domain::Floats}},
    {Function::Tanh, {"tanh", 1, Domain::Floats}},
    {Function::Sigmoid, {"sigmoid", 1, Domain::Floats}},
    {Function::Erf, {"erf", 1, Domain::Floats}},
    {Function::Floor, {"floor", 1, Domain::Floats}},
    {Function::Ceil, {"ceil", 1, Domain::Floats}},
    {Function::Round, {"round", 1, Domain::Floats}},
    {Function::Maximum, {"max", 2, Domain::Any}},
    {Function::Minimum, {"min", 2, Domain::Any}},
    {Function::Less, {"<", 2, Domain::Any, /*is_comparison=*/true}},
    {Function::LessEqual, {"<=", 2, Domain::Any, /*is_comparison=*/true}},
    {Function::Equal, {"==", 2, Domain::Any, /*is_comparison=*/true}},
    {Function::NotEqual, {"!=", 2, Domain::Any, /*is_comparison=*/true}},
    {Function::Select, {"select", 3, Domain::Any}},
    {Function::Cast, {"cast", 1, Domain::Any}},
    {Function::And, {"and", 2, Domain::Bools}},
    {Function::Or, {"or", 2, Domain::Bools}},
    {Function::Not, {"not", 1, Domain::Bools}},
};

constexpr bool IsInOrder() {
  for (size_t i = 0; i < std::size(kFunctions); ++i) {
    if (static_cast<size_t>(kFunctions[i].function) != i) return false;
  }
  return true;
}
static_assert(IsInOrder());

// As numpy's floor_divide and remainder, which are Python's.
struct Quotient {
  double floor;
  double modulo;
};
Quotient Divided(double a, double b) {
  if (b == 0) return {.floor = a / b, .modulo = std::numeric_limits<double>::quiet_NaN()};
  double modulo = std::fmod(a, b);
  double quotient = (a - modulo) / b;
  if (modulo == 0) {
    modulo = std::copysign(0.0, b);
  } else if ((b < 0) != (modulo < 0)) {
    modulo += b;
    quotient -= 1;
  }
  if (quotient == 0) return {.floor = std::copysign(0.0, a / b), .modulo = modulo};
  // All but a whole number already.
  const double floor = std::floor(quotient);
  return {.floor = quotient - floor > 0.5 ? floor + 1 : floor, .modulo = modulo};
}

// Unsigned arithmetic wraps.
uint64_t Bits(int64_t value) { return static_cast<uint64_t>(value); }
int64_t Signed(uint64_t bits) { return static_cast<int64_t>(bits); }

int64_t Power(int64_t base, int64_t exponent, DType type) {
  if (exponent < 0) {
    if (base == 1) return 1;
    if (base == -1) return exponent % 2 == 0 ? 1 : -1;
    return 0;
  }
  int64_t result = 1;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 != 0) result = WrapTo(type, Signed(Bits(result) * Bits(base)));
    base = WrapTo(type, Signed(Bits(base) * Bits(base)));
  }
  return result;
}

// Of integers and bools that fit in `type`; the result is yet to be wrapped.
int64_t EvaluateIntegers(Function function, DType type, int64_t a, int64_t b, int64_t c) {
  switch (function) {
    case Function::Add: return Signed(Bits(a) + Bits(b));
    case Function::Subtract: return Signed(Bits(a) - Bits(b));
    case Function::Multiply: return Signed(Bits(a) * Bits(b));
    case Function::FloorDivide:
      if (b == 0) return 0;
      if (b == -1) return Signed(-Bits(a));
      return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0);
    case Function::Modulo:
      if (b == 0 || b == -1) return 0;
      return a % b + (a % b != 0 && (a % b < 0) != (b < 0) ? b : 0);
    case Function::Power: return Power(a, b, type);
    case Function::Negate: return Signed(-Bits(a));
    case Function::Abs: return a < 0 ? Signed(-Bits(a)) : a;
    case Function::Maximum: return a > b ? a : b;
    case Function::Minimum: return a < b ? a : b;
    case Function::Less: return a < b ? 1 : 0;
    case Function::LessEqual: return a <= b ? 1 : 0;
    case Function::Equal: return a == b ? 1 : 0;
    case Function::NotEqual: return a != b ? 1 : 0;
    case Function::Select: return a != 0 ? b : c;
    case Function::And: return a != 0 && b != 0 ? 1 : 0;
    case Function::Or: return a != 0 || b != 0 ? 1 : 0;
    case Function::Not: return a != 0 ? 0 : 1;
    case Function::Operand:
    case Function::Constant:
    case Function::Index:
    case Function::Size:
    case Function::Cast:
    case Function::Divide:
    case Function::Exp:
    case Function::Expm1:
    case Function::Log:
    case Function::Log1p:
    case Function::Sqrt:
    case Function::Rsqrt:
    case Function::Sin:
    case Function::Cos:
    case Function::Tanh:
    case Function::Sigmoid:
    case Function::Erf:
    case Function::Floor:
    case Function::Ceil:
    case Function::Round: break;
  }
  STRATA_CHECK(false && "a function of integers");
}

// The value in a format of `precision` significant bits and exponents from `least` to `most`.
double Rounded(double value, int precision, int least, int most) {
  if (!std::isfinite(value) || value == 0) return value;
  const int exponent = std::max(std::ilogb(value), least);
  const double unit = std::ldexp(1.0, exponent - precision + 1);
  const double rounded = std::nearbyint(value / unit) * unit;
  const double limit = std::ldexp(1.0, most + 1);
  return std::fabs(rounded) < limit ? rounded : std::copysign(std::numeric_limits<double>::infinity(), value);
}

}  // namespace

bool Contains(Domain domain, DType type) {
  switch (domain) {
    case Domain::Any: return true;
    case Domain::Numbers: return type != DType::Bool;
    case Domain::Floats: return IsFloat(type);
    case Domain::Bools: return type == DType::Bool;
  }
  STRATA_CHECK(false && "a Domain");
}

const FunctionInfo& InfoOf(Map::Function function) { return kFunctions[static_cast<size_t>(function)].info; }

bool operator==(const Scalar& a, const Scalar& b) {
  return a.type == b.type && a.integer == b.integer &&
         std::bit_cast<uint64_t>(a.real) == std::bit_cast<uint64_t>(b.real);
}

double RoundTo(DType type, double value) {
  if (type == DType::F16) return Rounded(value, 11, -14, 15);
  if (type == DType::BF16) return Rounded(value, 8, -126, 127);
  STRATA_CHECK(type == DType::F32);
  return value;
}

int64_t WrapTo(DType type, int64_t value) {
  switch (type) {
    case DType::I8: return static_cast<int8_t>(value);
    case DType::U8: return static_cast<uint8_t>(value);
    case DType::I32: return static_cast<int32_t>(value);
    case DType::I64: return value;
    case DType::Bool: return value != 0 ? 1 : 0;
    case DType::F32:
    case DType::F16:
    case DType::BF16: break;
  }
  STRATA_CHECK(false && "an integer type");
}

int64_t Least(DType type) {
  switch (type) {
    case DType::I8: return std::numeric_limits<int8_t>::min();
    case DType::I32: return std::numeric_limits<int32_t>::min();
    case DType::I64: return std::numeric_limits<int64_t>::min();
    case DType::U8:
    case DType::Bool: return 0;
    case DType::F32:
    case DType::F16:
    case DType::BF16: break;
  }
  STRATA_CHECK(false && "an integer type");
}

int64_t Greatest(DType type) {
  switch (type) {
    case DType::I8: return std::numeric_limits<int8_t>::max();
    case DType::U8: return std::numeric_limits<uint8_t>::max();
    case DType::I32: return std::numeric_limits<int32_t>::max();
    case DType::I64: return std::numeric_limits<int64_t>::max();
    case DType::Bool: return 1;
    case DType::F32:
    case DType::F16:
    case DType::BF16: break;
  }
  STRATA_CHECK(false && "an integer type");
}

Scalar Cast(const Scalar& value, DType type) {
  if (IsFloat(type)) {
    return Scalar::Real(RoundTo(type, IsFloat(value.type) ? value.real : static_cast<double>(value.integer)), type);
  }
  if (!IsFloat(value.type)) return Scalar::Integer(WrapTo(type, value.integer), type);
  const double real = value.real;
  if (type == DType::Bool) return Scalar::Integer(real != 0 ? 1 : 0, type);
  if (std::isnan(real)) return Scalar::Integer(0, type);
  // As doubles the limits may lie one beyond the type's.
  if (real <= static_cast<double>(Least(type))) return Scalar::Integer(Least(type), type);
  if (real >= static_cast<double>(Greatest(type))) return Scalar::Integer(Greatest(type), type);
  return Scalar::Integer(static_cast<int64_t>(real), type);
}

Scalar Evaluate(Map::Function function, DType type, const std::array<Scalar, 3>& args) {
  if (function == Function::Cast) return Cast(args[0], type);
  if (function == Function::Select) return args[0].integer != 0 ? args[1] : args[2];
  if (!IsFloat(args[0].type)) {
    const int64_t value = EvaluateIntegers(function, args[0].type, args[0].integer, args[1].integer, args[2].integer);
    return Scalar::Integer(WrapTo(type, value), type);
  }
  const double value = Evaluate(function, args[0].real, args[1].real, args[2].real);
  if (InfoOf(function).is_comparison) return Scalar::Integer(value != 0 ? 1 : 0, DType::Bool);
  return Scalar::Real(RoundTo(type, value), type);
}

double Evaluate(Map::Function function, double a, double b, double c) {
  switch (function) {
    case Function::Operand:
    case Function::Constant:
    case Function::Index:
    case Function::Size:
    case Function::Cast: break;
    case Function::Add: return a + b;
    case Function::Subtract: return a - b;
    case Function::Multiply: return a * b;
    case Function::FloorDivide: return Divided(a, b).floor;
    case Function::Modulo: return Divided(a, b).modulo;
    case Function::Power: return std::pow(a, b);
    case Function::Negate: return -a;
    case Function::Abs: return std::fabs(a);
    case Function::Divide: return a / b;
    case Function::Exp: return std::exp(a);
    case Function::Expm1: return std::expm1(a);
    case Function::Log: return std::log(a);
    case Function::Log1p: return std::log1p(a);
    case Function::Sqrt: return std::sqrt(a);
    case Function::Rsqrt: return 1 / std::sqrt(a);
    case Function::Sin: return std::sin(a);
    case Function::Cos: return std::cos(a);
    case Function::Tanh: return std::tanh(a);
    case Function::Sigmoid: return 1 / (1 + std::exp(-a));
    case Function::Erf: return std::erf(a);
    case Function::Floor: return std::floor(a);
    case Function::Ceil: return std::ceil(a);
    case Function::Round: return std::nearbyint(a);
    case Function::Maximum: return std::isnan(a) || a > b ? a : b;
    case Function::Minimum: return std::isnan(a) || a < b ? a : b;
    case Function::Less: return a < b ? 1 : 0;
    case Function::LessEqual: return a <= b ? 1 : 0;
    case Function::Equal: return a == b ? 1 : 0;
    case Function::NotEqual: return a != b ? 1 : 0;
    case Function::Select: return a != 0 ? b : c;
    case Function::And: return a != 0 && b != 0 ? 1 : 0;
    case Function::Or: return a != 0 || b != 0 ? 1 : 0;
    case Function::Not: return a != 0 ? 0 : 1;
  }
  STRATA_CHECK(false && "a function of arguments");
}

std::optional<Scalar> ValueOf(const Map::Node& node) {
  if (node.function == Function::Constant) {
    return IsFloat(node.type) ? Scalar::Real(node.value, node.type)
                              : Scalar::Integer(static_cast<int64_t>(node.value), node.type);
  }
  if (node.function != Function::Size || !node.size.Constant()) return std::nullopt;
  return Cast(Scalar::Integer(*node.size.Constant(), DType::I64), node.type);
}

}  // namespace strata::core
