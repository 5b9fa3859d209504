#include "compiler/shape/facts.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "compiler/shape/dim_algebra.h"

namespace strata {

using namespace dim_algebra;

// ---- Their symbols and ours ----

Dim Facts::Replaced(const Dim& theirs) const {
  Dim result = theirs;
  for (const Replacement& replacement : replacements_) {
    result = WithAtomReplaced(result, *replacement.atom, replacement.by);
  }
  return result;
}

Dim Facts::TermInTheirSymbols(const Term& term) const {
  const auto find = [&](const Atom& atom) { return std::ranges::find(own_, atom.symbol, &Own::name); };
  int64_t coefficient = term.coefficient;
  Factors factors;
  Factors own_symbols;
  for (const auto& factor : term.factors) (find(*factor) == own_.end() ? factors : own_symbols).push_back(factor);
  Dim product = 1;
  for (const auto& symbol : own_symbols) {
    // With k * divisor = scale, divisor * name = (whole - rest) / k = whole // k - rest // k.
    const Own& own = *find(*symbol);
    const Term& scale = own.scale.Terms().front();
    const bool has_scale = std::ranges::includes(factors, scale.factors, AtomLess());
    if (has_scale) factors = FactorsWithout(factors, scale.factors);
    const int64_t divisor = std::gcd(coefficient, scale.coefficient);
    coefficient /= divisor;
    Dim k = scale.coefficient / divisor;
    if (!has_scale) k *= InTheirSymbols(FromTerm({.coefficient = 1, .factors = scale.factors}));
    product *=
        k.Constant() ? FloorDivide(own.whole, k) - FloorDivide(own.rest, k) : FloorDivide(own.whole - Dim(own.rest), k);
  }
  for (const auto& factor : factors) {
    switch (factor->form) {
      case Atom::Form::Symbol: product *= FromShared(factor); break;
      case Atom::Form::FloorDivide: product *= QuotientInTheirSymbols(*factor); break;
      case Atom::Form::Max: {
        // A number goes inside, where it may meet the scale of an own symbol.
        const Dim left = InTheirSymbols(Dim(coefficient) * factor->left);
        const Dim right = InTheirSymbols(Dim(coefficient) * factor->right);
        product *= coefficient > 0 ? Max(left, right) : Min(left, right);
        coefficient = 1;
        break;
      }
    }
  }
  return Dim(coefficient) * product;
}

Dim Facts::QuotientInTheirSymbols(const Atom& quotient) const {
  // Both sides times what makes all own symbols in it whole.
  int64_t scale = 1;
  ForEachAtom(quotient.left, [&](const auto& atom) {
    const auto own = std::ranges::find(own_, atom->symbol, &Own::name);
    if (own == own_.end()) return;
    const int64_t wanted = own->scale.Terms().front().coefficient;
    if (__builtin_mul_overflow(scale, wanted / std::gcd(scale, wanted), &scale)) scale = 1;
  });
  Dim left = Dim(scale) * quotient.left;
  const Dim right = Dim(scale) * quotient.right;
  // (8 * h + 24) // 32 is (8 * h + 31) // 32, which is read as a ceiling.
  const int64_t content = ContentOfSymbols(left);
  if (ConstantOf(left) > 0 && ConstantOf(left) % content == 0 && right.Is(ConstantOf(left) + content)) {
    left += content - 1;
  }
  return FloorDivide(InTheirSymbols(left), InTheirSymbols(right));
}

Dim Facts::InTheirSymbols(const Dim& ours) const {
  if (own_.empty() || !ours.IsKnown()) return ours;
  Dim sum;
  for (const Term& term : ours.Terms()) sum += TermInTheirSymbols(term);
  return sum;
}

// ---- Simplifying ----

// Maxima of which an operand is known never to exceed another, quotients of which the value is known.
Dim Facts::WithoutDecidedParts(const Dim& ours) const {
  if (!IsModerate(ours)) return ours;
  const bool plain = std::ranges::all_of(ours.Terms(), [](const Term& term) {
    return std::ranges::all_of(term.factors, [](const auto& factor) { return factor->form == Atom::Form::Symbol; });
  });
  if (plain) return ours;
  Dim sum;
  for (const Term& term : ours.Terms()) {
    Dim product = term.coefficient;
    for (const auto& factor : term.factors) {
      if (factor->form == Atom::Form::Symbol) {
        product *= FromShared(factor);
        continue;
      }
      const Dim left = WithoutDecidedParts(factor->left);
      const Dim right = WithoutDecidedParts(factor->right);
      if (factor->form == Atom::Form::FloorDivide) {
        const Dim quotient = FloorDivide(left, right);
        const Range range = RangeOf(quotient);
        const bool below = !right.Constant() && IsNeverNegative(left) && IsNeverNegative(right - left - 1);
        product *= below ? Dim(0) : range.low && range.low == range.high ? Dim(*range.low) : quotient;
      } else {
        std::vector<Dim> all;
        AppendOperands(FromAtom(factor->form, "", left, right), all);
        std::vector<Dim> operands;
        for (const Dim& candidate : all) {
          if (std::ranges::any_of(operands, [&](const Dim& kept) { return IsNeverNegative(kept - candidate); }))
            continue;
          std::erase_if(operands, [&](const Dim& kept) { return IsNeverNegative(candidate - kept); });
          operands.push_back(candidate);
        }
        Dim max = operands.front();
        for (size_t i = 1; i < operands.size(); ++i) max = Max(max, operands[i]);
        product *= max;
      }
    }
    sum += product;
  }
  return sum;
}

Dim Facts::Simplify(const Dim& dim) const {
  if (!dim.IsKnown() || dim.Constant()) return dim;
  const Dim ours = WithoutDecidedParts(Replaced(dim));
  const Dim result = InTheirSymbols(ours);
  // `H // 3` stays as it is, whatever is known to divide H.
  if (!result.IsKnown() || Compare(result, dim) == 0) return dim;
  const auto length = [](const Dim& of) { return std::pair(of.ToString().size(), of.Symbols().size()); };
  return length(result) < length(dim) ? result : dim;
}

// ---- Deciding ----

namespace {

// Structurally: quick, and enough where both sides are canonical.
bool IsSame(const Dim& a, const Dim& b) { return a.IsKnown() && b.IsKnown() && Compare(a, b) == 0; }

}  // namespace

Truth Facts::IsZero(const Dim& dim) const {
  if (!dim.IsKnown()) return Truth::Unknown;
  if (const auto constant = dim.Constant()) return *constant == 0 ? Truth::True : Truth::False;
  // 2 * H - 1
  if (ConstantOf(dim) % ContentOfSymbols(dim) != 0) return Truth::False;
  const Dim simple = DividedExactly(dim, Content(dim));
  if (simple == Dim(0)) return Truth::True;
  const Dim opposite = Negated(simple);
  for (const Dim& other : not_zero_) {
    if (IsSame(other, simple) || IsSame(other, opposite)) return Truth::False;
  }
  // batch * (H - W)
  if (const Factors common = CommonFactors(simple.Terms().front().factors, simple); !common.empty()) {
    const Truth rest = IsZero(WithoutFactors(simple, common));
    const bool positive = std::ranges::all_of(common, [&](const auto& factor) {
      return IsNeverNegative(FromShared(factor) - 1) || IsNeverNegative(Dim(-1) - FromShared(factor));
    });
    if (rest == Truth::True || positive) return rest;
    return Truth::Unknown;
  }
  if (IsNeverNegative(simple - 1) || IsNeverNegative(opposite - 1)) return Truth::False;
  return IsNeverNegative(simple) && IsNeverNegative(opposite) ? Truth::True : Truth::Unknown;
}

Truth Facts::Decide(const Condition& condition) const {
  const auto& [left, relation, right] = condition;
  if (!left.IsKnown() || !right.IsKnown()) return Truth::Unknown;
  // Nearly all questions end here.
  if (Compare(left, right) == 0) {
    return relation == Relation::Equal || relation == Relation::LessEqual ? Truth::True : Truth::False;
  }
  Dim difference = Replaced(right - left);
  if (!difference.Constant()) difference = WithoutDecidedParts(difference);
  if (!difference.IsKnown()) return Truth::Unknown;
  switch (relation) {
    case Relation::Equal: return IsZero(difference);
    case Relation::NotEqual: {
      const Truth equal = IsZero(difference);
      return equal == Truth::Unknown ? equal : equal == Truth::True ? Truth::False : Truth::True;
    }
    case Relation::Less: difference = difference - 1; break;
    case Relation::LessEqual: break;
  }
  if (IsNeverNegative(difference)) return Truth::True;
  return IsNeverNegative(Dim(-1) - difference) ? Truth::False : Truth::Unknown;
}

}  // namespace strata
