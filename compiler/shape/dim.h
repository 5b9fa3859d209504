// A size that is known or symbolic at compile time: exact integer algebra in canonical form.
//
// A Dim is a polynomial with integer coefficients over atoms: symbols (`batch`) and the irreducible results of floor
// division and maximum. Nothing is assumed of a symbol's sign. Two Dims compare equal if they can be shown to be
// equal for every value of their symbols: by the canonical form, or by a moderate number of cases of remainders.
// Arithmetic is checked: a coefficient beyond 64 bits (or an absurdly long expression) makes the Dim Overflow, which
// absorbs whatever it is combined with; Unknown absorbs Overflow too.
//
// The canonical form:
//   x // n, n a number      coefficients of x in [0, n), the first one positive before; no divisor common to x and n;
//                           (x // m + y) // n is (x + m * y) // (m * n); max(x, y) // n is max(x // n, y // n)
//   x // y, y symbolic      y is taken not to be 0; multiples and common factors of y leave
//   x % y                   x - y * (x // y)
//   ceil(x / n)             (x + n - 1) // n;  ceil(x / y) with y symbolic: -((-x) // y)
//   max(x, y)               max(x - y, 0) + y; operands sorted, none proven never to exceed another, no common factor
//   min(x, y)               -max(-x, -y)
// ToString finds remainders, ceilings and minima again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

class Dim {
 public:
  struct Atom;
  // coefficient * product of factors; factors are sorted and may repeat.
  struct Term {
    int64_t coefficient;
    std::vector<std::shared_ptr<const Atom>> factors;
  };

  Dim() = default;     // 0
  Dim(int64_t value);  // NOLINT: a number is a Dim
  static Dim Symbol(std::string name);
  // The size of something that could not be computed because of an error already reported.
  static Dim Unknown();
  static Dim Overflow();

  bool IsUnknown() const { return state_ == State::Unknown; }
  bool IsOverflow() const { return state_ == State::Overflow; }
  bool IsKnown() const { return state_ == State::Known; }
  // The number, where no symbol is involved.
  std::optional<int64_t> Constant() const;
  bool Is(int64_t value) const { return Constant() == value; }
  // The symbol's name, where the Dim is one symbol and nothing else.
  std::optional<std::string_view> AsSymbol() const;
  // In canonical order; empty for 0.
  const std::vector<Term>& Terms() const { return terms_; }

  friend Dim operator+(const Dim& a, const Dim& b);
  friend Dim operator-(const Dim& a, const Dim& b);
  friend Dim operator*(const Dim& a, const Dim& b);
  Dim& operator+=(const Dim& other) { return *this = *this + other; }
  Dim& operator*=(const Dim& other) { return *this = *this * other; }
  friend bool operator==(const Dim& a, const Dim& b);  // Unknown equals Unknown: ask IsKnown first where that matters

  // The value for given symbols, or nothing where a symbol is missing, a divisor is 0, or 64 bits do not suffice.
  std::optional<int64_t> Evaluate(const std::function<std::optional<int64_t>(std::string_view)>& symbol) const;
  // With each symbol replaced.
  Dim Substitute(const std::function<Dim(std::string_view symbol)>& replacement) const;
  // Names of the symbols that occur, sorted.
  std::vector<std::string> Symbols() const;
  // As a user would write it: `batch`, `2 * H + 1`, `ceil(H / 2)`; `?` where unknown.
  std::string ToString() const;

 private:
  enum class State { Known, Unknown, Overflow };
  State state_ = State::Known;
  std::vector<Term> terms_;

  friend struct DimAlgebra;
};

struct Dim::Atom {
  enum class Form { Symbol, FloorDivide, Max };
  Form form;
  std::string symbol;  // Form::Symbol
  Dim left, right;     // otherwise
  int64_t size;        // parts of the whole expression, a bound on the work it makes
};

// Quotients round towards minus infinity (as Python's //). The divisor must not be 0 (a constant 0 gives Overflow).
Dim FloorDivide(const Dim& a, const Dim& b);
Dim CeilDivide(const Dim& a, const Dim& b);
Dim Modulo(const Dim& a, const Dim& b);
Dim Max(const Dim& a, const Dim& b);
Dim Min(const Dim& a, const Dim& b);

}  // namespace strata
