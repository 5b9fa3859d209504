// Quotients of Dims.
#include "compiler/shape/dim.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "compiler/shape/dim_algebra.h"

namespace strata {

using namespace dim_algebra;

namespace {

// For b > 0, where both results fit 64 bits whatever `a` is.
int64_t FloorQuotientByPositive(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
int64_t RemainderByPositive(int64_t a, int64_t b) { return a % b < 0 ? a % b + b : a % b; }

// a // b for b > 0.
Dim FloorDivideByNumber(const Dim& a, int64_t b) {
  if (b == 1) return a;
  // Multiples of the divisor leave as they are.
  std::vector<Term> whole;
  std::vector<Term> parts;
  for (const Term& term : a.Terms()) {
    if (term.coefficient % b == 0) {
      whole.push_back({.coefficient = term.coefficient / b, .factors = term.factors});
    } else {
      parts.push_back(term);
    }
  }
  Dim quotient = DimAlgebra::FromTerms(std::move(whole));
  Dim rest = DimAlgebra::FromTerms(std::move(parts));
  if (const auto constant = rest.Constant()) return quotient + Dim(FloorQuotientByPositive(*constant, b));
  // floor(max(x, y) / b) = max(floor(x / b), floor(y / b)).
  if (const Term* term = SoleMax(rest)) {
    const Atom& inner = *term->factors[0];
    const Dim others = rest - FromTerm(*term);
    const Dim factor = term->coefficient;
    const Dim left = FloorDivide(factor * inner.left + others, b);
    const Dim right = FloorDivide(factor * inner.right + others, b);
    return quotient + (term->coefficient > 0 ? Max(left, right) : Min(left, right));
  }
  // A leading minus moves out: floor(-x / b) = -ceil(x / b).
  if (rest.Terms().front().coefficient < 0) return quotient - CeilDivide(Negated(rest), b);

  // Coefficients come to lie in [0, b); then what divides them and b goes.
  whole.clear();
  parts = rest.Terms();
  int64_t common = b;
  for (Term& term : parts) {
    whole.push_back({.coefficient = FloorQuotientByPositive(term.coefficient, b), .factors = term.factors});
    term.coefficient = RemainderByPositive(term.coefficient, b);
    if (!term.factors.empty()) common = std::gcd(common, term.coefficient);
  }
  quotient += DimAlgebra::FromTerms(std::move(whole));
  for (Term& term : parts) term.coefficient /= common;
  rest = DimAlgebra::FromTerms(std::move(parts));
  b /= common;

  // floor((floor(x / y) + z) / b) = floor((x + y * z) / (y * b)), where one quotient alone stands in the sum.
  const Term* sole_quotient = nullptr;
  int quotients = 0;
  for (const Term& term : rest.Terms()) {
    if (SoleAtom(term, Atom::Form::FloorDivide) == nullptr) continue;
    ++quotients;
    sole_quotient = &term;
  }
  if (quotients == 1 && sole_quotient->coefficient == 1) {
    const Atom& inner = *sole_quotient->factors[0];
    const Dim others = rest - FromTerm(*sole_quotient);
    if (inner.right.Constant() || others.Is(0)) {
      return quotient + FloorDivide(inner.left + inner.right * others, inner.right * Dim(b));
    }
  }
  return quotient + FromAtom(Atom::Form::FloorDivide, "", rest, b);
}

struct LongDivision {
  Dim quotient;
  Dim remainder;
};

// Takes from `a` the terms that the leading term of `b` divides, from the highest on.
LongDivision Divide(const Dim& a, const Dim& b) {
  const Term leading = b.Terms().front();
  LongDivision result;
  Dim rest = a;
  while (!rest.Terms().empty() && result.quotient.IsKnown()) {
    const Term& first = rest.Terms().front();
    const bool divides = first.coefficient % leading.coefficient == 0 &&
                         std::ranges::includes(first.factors, leading.factors, AtomLess());
    if (divides) {
      const Dim part = FromTerm({.coefficient = first.coefficient / leading.coefficient,
                                 .factors = FactorsWithout(first.factors, leading.factors)});
      result.quotient += part;
      rest = rest - part * b;
    } else {
      const Dim part = FromTerm(first);
      result.remainder += part;
      rest = rest - part;
    }
  }
  if (!rest.IsKnown()) result.remainder = rest;
  return result;
}

// a // b for a `b` with symbols, assumed not to be 0.
Dim FloorDivideBySymbolic(const Dim& a, const Dim& b) {
  if (b.Terms().front().coefficient < 0) return FloorDivide(Negated(a), Negated(b));
  LongDivision division = Divide(a, b);
  if (!division.remainder.IsKnown() || !division.quotient.IsKnown()) return Dim::Overflow();
  if (division.remainder.Is(0)) return division.quotient;
  // By a sum only what it divides exactly is divided: `H // (H + W)` stays as it is.
  if (b.Terms().size() > 1) division = {.quotient = 0, .remainder = a};

  const int64_t content = Content(division.remainder, Content(b));
  const Factors common = CommonFactors(CommonFactors(b.Terms().front().factors, b), division.remainder);
  const Dim rest = WithoutFactors(DividedExactly(division.remainder, content), common);
  const Dim divisor = WithoutFactors(DividedExactly(b, content), common);
  if (divisor.Constant()) return division.quotient + FloorDivide(rest, divisor);
  return division.quotient + FromAtom(Atom::Form::FloorDivide, "", rest, divisor);
}

}  // namespace

Dim FloorDivide(const Dim& a, const Dim& b) {
  if (!a.IsKnown() || !b.IsKnown()) return Absorb(a, b);
  const auto divisor = b.Constant();
  if (!divisor) return FloorDivideBySymbolic(a, b);
  if (divisor == 0) return Dim::Overflow();
  if (const auto number = a.Constant()) return FromNumber(FloorQuotient(*number, *divisor));
  return *divisor > 0 ? FloorDivideByNumber(a, *divisor) : FloorDivide(Negated(a), Negated(b));
}

Dim CeilDivide(const Dim& a, const Dim& b) {
  if (!a.IsKnown() || !b.IsKnown()) return Absorb(a, b);
  const auto divisor = b.Constant();
  // Without the divisor's sign there is only this form.
  if (!divisor) return Negated(FloorDivide(Negated(a), b));
  if (divisor == 0) return Dim::Overflow();
  if (const auto number = a.Constant()) return FromNumber(-FloorQuotient(-Int128{*number}, *divisor));
  return *divisor > 0 ? FloorDivide(a + Dim(*divisor - 1), b) : CeilDivide(Negated(a), Negated(b));
}

Dim Modulo(const Dim& a, const Dim& b) {
  if (!a.IsKnown() || !b.IsKnown()) return Absorb(a, b);
  return a - b * FloorDivide(a, b);
}

}  // namespace strata
