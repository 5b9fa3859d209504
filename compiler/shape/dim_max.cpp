// Maxima of Dims.
#include "compiler/shape/dim.h"

#include <algorithm>
#include <numeric>

#include "compiler/shape/dim_algebra.h"

namespace strata {

using namespace dim_algebra;

namespace {

// A number that the Dim is never below, whatever its symbols are: floor(p / b) lies between (p - (b - 1)) / b and
// p / b.
std::optional<int64_t> LowerBound(const Dim& dim) {
  if (!dim.IsKnown()) return std::nullopt;
  if (const auto constant = dim.Constant()) return constant;
  int64_t scale = 1;
  for (const Term& term : dim.Terms()) {
    const Atom* quotient = SoleAtom(term, Atom::Form::FloorDivide);
    const auto divisor = quotient != nullptr ? quotient->right.Constant() : std::nullopt;
    if (divisor && __builtin_mul_overflow(scale, *divisor / std::gcd(scale, *divisor), &scale)) return std::nullopt;
  }
  if (scale == 1) return std::nullopt;
  Dim scaled;
  for (const Term& term : dim.Terms()) {
    const Atom* quotient = SoleAtom(term, Atom::Form::FloorDivide);
    const auto divisor = quotient != nullptr ? quotient->right.Constant() : std::nullopt;
    if (divisor) {
      const Dim least = term.coefficient > 0 ? quotient->left - Dim(*divisor - 1) : quotient->left;
      scaled += Dim(scale / *divisor) * Dim(term.coefficient) * least;
    } else {
      scaled += Dim(scale) * FromTerm(term);
    }
  }
  const auto bound = LowerBound(scaled);
  if (!bound) return std::nullopt;
  return CeilDivide(*bound, scale).Constant();
}

bool IsNeverLess(const Dim& a, const Dim& b) {
  const Dim difference = a - b;
  if (difference.Is(0)) return true;
  if (!difference.IsKnown()) return false;
  const auto bound = LowerBound(DividedExactly(difference, Content(difference)));
  return bound && *bound >= 0;
}

// The operands that remain of a maximum.
std::vector<Dim> WithoutLesser(const std::vector<Dim>& dims) {
  std::vector<Dim> all;
  for (const Dim& dim : dims) AppendOperands(dim, all);
  std::vector<Dim> operands;
  for (const Dim& candidate : all) {
    if (!candidate.IsKnown()) return {candidate};
    if (std::ranges::any_of(operands, [&](const Dim& other) { return IsNeverLess(other, candidate); })) continue;
    std::erase_if(operands, [&](const Dim& other) { return IsNeverLess(candidate, other); });
    operands.push_back(candidate);
  }
  return operands;
}

}  // namespace

namespace dim_algebra {

const Term* SoleMax(const Dim& dim) {
  const Term* found = nullptr;
  for (const Term& term : dim.Terms()) {
    if (SoleAtom(term, Atom::Form::Max) == nullptr) continue;
    if (found != nullptr) return nullptr;
    found = &term;
  }
  return found;
}

void AppendOperands(const Dim& dim, std::vector<Dim>& operands) {
  const Term* term = SoleMax(dim);
  if (term == nullptr || term->coefficient < 0) {
    operands.push_back(dim);
    return;
  }
  const Dim others = dim - FromTerm(*term);
  const Dim factor = term->coefficient;
  AppendOperands(factor * term->factors[0]->left + others, operands);
  AppendOperands(factor * term->factors[0]->right + others, operands);
}

}  // namespace dim_algebra

Dim Max(const Dim& a, const Dim& b) {
  if (!a.IsKnown() || !b.IsKnown()) return Absorb(a, b);
  std::vector<Dim> operands = WithoutLesser({a, b});
  // max(x + c, c) = max(x, 0) + c: an order that is kept when something is added to all operands finds the last one.
  Dim last = 0;
  while (operands.size() > 1) {
    std::ranges::sort(operands, [](const Dim& x, const Dim& y) {
      const Dim difference = x - y;
      return difference.IsKnown() && !difference.Is(0) && difference.Terms().front().coefficient > 0;
    });
    const Dim offset = operands.back();
    if (offset.Is(0)) break;
    last += offset;
    for (Dim& operand : operands) operand = operand - offset;
    // Without the offset an operand may be a maximum itself.
    operands = WithoutLesser(operands);
  }
  if (operands.size() == 1) return last + operands.front();
  int64_t content = 0;
  for (const Dim& operand : operands) {
    if (!operand.IsKnown()) return operand;
    content = Content(operand, content);
  }
  Dim result = DividedExactly(operands.front(), content);
  for (size_t i = 1; i < operands.size(); ++i) {
    result = FromAtom(Dim::Atom::Form::Max, "", result, DividedExactly(operands[i], content));
    if (!result.IsKnown()) return result;
  }
  return last + Dim(content) * result;
}

Dim Min(const Dim& a, const Dim& b) { return Negated(Max(Negated(a), Negated(b))); }

}  // namespace strata
