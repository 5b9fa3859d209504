// The functions of core::Map, one by one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "compiler/core/graph.h"

namespace strata::core {

// What a function's arguments may be.
enum class Domain { Any, Numbers, Floats, Bools };
bool Contains(Domain domain, DType type);

struct FunctionInfo {
  std::string_view name;  // "max", "exp", ...; the sign for an operator: "+", "<"
  size_t arguments;       // 0 for Operand, Constant, Index and Size
  Domain domain;
  bool is_comparison = false;  // its result is bool
};
const FunctionInfo& InfoOf(Map::Function function);

inline size_t ArgumentCount(Map::Function function) { return InfoOf(function).arguments; }
inline std::string_view Name(Map::Function function) { return InfoOf(function).name; }

// One element: `real` of floats, `integer` of the other types (bool: 0 or 1).
struct Scalar {
  DType type = DType::F32;
  double real = 0;
  int64_t integer = 0;

  static Scalar Real(double value, DType type = DType::F32) { return {.type = type, .real = value}; }
  static Scalar Integer(int64_t value, DType type) { return {.type = type, .integer = value}; }
};
bool operator==(const Scalar& a, const Scalar& b);  // by bits: 0 and -0 are two, and NaN is itself

// The nearest value of the type, half to even, infinite where it is too large. f32 stays what it is.
double RoundTo(DType type, double value);
// An integer of so many bits; bool: whether it is not 0.
int64_t WrapTo(DType type, int64_t value);
// The least and the greatest value of an integer type or bool.
int64_t Least(DType type);
int64_t Greatest(DType type);

// As Map::Function::Cast.
Scalar Cast(const Scalar& value, DType type);
// A function's value, as a value of `type`. Not for Operand, Constant, Index and Size, which take theirs from elsewhere.
Scalar Evaluate(Map::Function function, DType type, const std::array<Scalar, 3>& args);
// The same of f32, in float64. Comparisons, And, Or, Not: 1 or 0; not for Cast.
double Evaluate(Map::Function function, double a, double b, double c);

// The value of a Constant, or of a Size that is a number.
std::optional<Scalar> ValueOf(const Map::Node& node);

}  // namespace strata::core
