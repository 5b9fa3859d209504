#include "compiler/shape/dim.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "compiler/shape/dim_algebra.h"
#include "compiler/source/check.h"

namespace strata {

using namespace dim_algebra;

namespace {

__extension__ using Int128 = __int128;

// A Dim of more parts than this is Overflow: it bounds the time and the stack that every function here takes.
constexpr int64_t kMaxSize = 300;
// Equality is tried by at most so many cases.
constexpr int64_t kMaxCases = 1024;

// ---- Numbers ----

bool FitsInt64(Int128 value) {
  return value >= std::numeric_limits<int64_t>::min() && value <= std::numeric_limits<int64_t>::max();
}

Int128 FloorQuotient(Int128 a, Int128 b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0); }

Dim FromNumber(Int128 value) { return FitsInt64(value) ? Dim(static_cast<int64_t>(value)) : Dim::Overflow(); }

// For b > 0, where both results fit 64 bits whatever `a` is.
int64_t FloorQuotientByPositive(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
int64_t RemainderByPositive(int64_t a, int64_t b) { return a % b < 0 ? a % b + b : a % b; }

// ---- Terms and factors ----

// What IsUnknown and IsOverflow make of two operands, where one of them is either.
Dim Absorb(const Dim& a, const Dim& b) { return a.IsUnknown() || b.IsUnknown() ? Dim::Unknown() : Dim::Overflow(); }

// ---- Bounds ----

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

// ---- Division ----

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

// ---- Maximum ----

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

// ---- Equality ----

// Identities such as H // 2 + ceil(H / 2) = H are not in the canonical form. They show when each symbol is split into
// the cases n * q, n * q + 1, ..., in which divisions by a number come out exactly.
bool IsZeroByCases(const Dim& difference) {
  const auto period = Period(difference);
  if (!period || *period == 1) return false;
  const std::vector<std::string> symbols = difference.Symbols();
  // Nearly always one value tells them apart at once.
  const auto somewhere = difference.Evaluate([&](std::string_view symbol) -> std::optional<int64_t> {
    return 1000003 + 7919 * (std::ranges::lower_bound(symbols, symbol) - symbols.begin());
  });
  if (somewhere && *somewhere != 0) return false;
  int64_t cases = 1;
  for (size_t i = 0; i < symbols.size(); ++i) {
    if (cases > kMaxCases / *period) return false;
    cases *= *period;
  }
  for (int64_t number = 0; number < cases; ++number) {
    int64_t digits = number;
    std::map<std::string, Dim, std::less<>> split;
    for (const std::string& symbol : symbols) {
      split[symbol] = Dim(*period) * Dim::Symbol(symbol) + Dim(digits % *period);
      digits /= *period;
    }
    const Dim value = difference.Substitute([&](std::string_view symbol) { return split.find(symbol)->second; });
    if (!value.Is(0)) return false;
  }
  return true;
}

std::optional<int64_t> EvaluateAtom(const Atom& atom,
                                    const std::function<std::optional<int64_t>(std::string_view)>& symbol) {
  if (atom.form == Atom::Form::Symbol) return symbol(atom.symbol);
  const auto left = atom.left.Evaluate(symbol);
  const auto right = atom.right.Evaluate(symbol);
  if (!left || !right) return std::nullopt;
  switch (atom.form) {
    case Atom::Form::Symbol: break;
    case Atom::Form::FloorDivide:
      if (*right == 0) return std::nullopt;
      return FromNumber(FloorQuotient(*left, *right)).Constant();
    case Atom::Form::Max: return std::max(*left, *right);
  }
  STRATA_CHECK(false && "an Atom::Form");
}

Dim SubstituteInAtom(const Atom& atom, const std::function<Dim(std::string_view)>& symbol) {
  if (atom.form == Atom::Form::Symbol) return symbol(atom.symbol);
  const Dim left = atom.left.Substitute(symbol);
  const Dim right = atom.right.Substitute(symbol);
  switch (atom.form) {
    case Atom::Form::Symbol: break;
    case Atom::Form::FloorDivide: return FloorDivide(left, right);
    case Atom::Form::Max: return Max(left, right);
  }
  STRATA_CHECK(false && "an Atom::Form");
}

}  // namespace

namespace dim_algebra {

int64_t SizeOf(const Dim& dim) {
  int64_t size = 0;
  for (const Term& term : dim.Terms()) {
    ++size;
    for (const auto& factor : term.factors) size += factor->size;
  }
  return size;
}

std::strong_ordering Compare(const Atom& a, const Atom& b) {
  if (&a == &b) return std::strong_ordering::equal;
  if (const auto order = a.form <=> b.form; order != 0) return order;
  if (const auto order = a.symbol <=> b.symbol; order != 0) return order;
  if (const auto order = Compare(a.left, b.left); order != 0) return order;
  return Compare(a.right, b.right);
}

std::strong_ordering Compare(const Factors& a, const Factors& b) {
  if (const auto order = b.size() <=> a.size(); order != 0) return order;
  for (size_t i = 0; i < a.size(); ++i) {
    if (const auto order = Compare(*a[i], *b[i]); order != 0) return order;
  }
  return std::strong_ordering::equal;
}

std::strong_ordering Compare(const Dim& a, const Dim& b) {
  const std::vector<Term>& left = a.Terms();
  const std::vector<Term>& right = b.Terms();
  for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (const auto order = Compare(left[i].factors, right[i].factors); order != 0) return order;
    if (const auto order = left[i].coefficient <=> right[i].coefficient; order != 0) return order;
  }
  return right.size() <=> left.size();
}

Dim FromTerm(Term term) {
  std::vector<Term> terms;
  terms.push_back(std::move(term));
  return DimAlgebra::FromTerms(std::move(terms));
}

Dim FromAtom(Atom::Form form, std::string symbol, const Dim& left, const Dim& right) {
  const int64_t size = 1 + SizeOf(left) + SizeOf(right);
  auto atom = std::make_shared<const Atom>(
      Atom{.form = form, .symbol = std::move(symbol), .left = left, .right = right, .size = size});
  return FromTerm({.coefficient = 1, .factors = {std::move(atom)}});
}

const Atom* SoleAtom(const Term& term, Atom::Form form) {
  return term.factors.size() == 1 && term.factors[0]->form == form ? term.factors[0].get() : nullptr;
}

const Term* SoleMax(const Dim& dim) {
  const Term* found = nullptr;
  for (const Term& term : dim.Terms()) {
    if (SoleAtom(term, Atom::Form::Max) == nullptr) continue;
    if (found != nullptr) return nullptr;
    found = &term;
  }
  return found;
}

Dim Negated(const Dim& dim) { return Dim(0) - dim; }

int64_t Content(const Dim& dim, int64_t with) {
  int64_t content = with;
  for (const Term& term : dim.Terms()) {
    if (term.coefficient == std::numeric_limits<int64_t>::min()) return 1;
    content = std::gcd(content, term.coefficient);
  }
  return content;
}

Dim DividedExactly(const Dim& dim, int64_t divisor) {
  std::vector<Term> terms = dim.Terms();
  for (Term& term : terms) term.coefficient /= divisor;
  return DimAlgebra::FromTerms(std::move(terms));
}

Factors FactorsWithout(const Factors& factors, const Factors& removed) {
  Factors rest;
  std::ranges::set_difference(factors, removed, std::back_inserter(rest), AtomLess());
  return rest;
}

Factors CommonFactors(Factors factors, const Dim& dim) {
  for (const Term& term : dim.Terms()) {
    Factors common;
    std::ranges::set_intersection(factors, term.factors, std::back_inserter(common), AtomLess());
    factors = std::move(common);
  }
  return factors;
}

Dim WithoutFactors(const Dim& dim, const Factors& removed) {
  std::vector<Term> terms = dim.Terms();
  for (Term& term : terms) term.factors = FactorsWithout(term.factors, removed);
  return DimAlgebra::FromTerms(std::move(terms));
}

std::optional<int64_t> Period(const Dim& dim) {
  int64_t period = 1;
  for (const Term& term : dim.Terms()) {
    for (const auto& factor : term.factors) {
      const auto left = Period(factor->left);
      const auto right = Period(factor->right);
      if (!left || !right) return std::nullopt;
      int64_t inner = std::lcm(*left, *right);
      const auto divisor = factor->form == Atom::Form::FloorDivide ? factor->right.Constant() : std::nullopt;
      if (divisor && __builtin_mul_overflow(inner, *divisor, &inner)) return std::nullopt;
      period = std::lcm(period, inner);
      if (period > kMaxCases) return std::nullopt;
    }
  }
  return period;
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

Dim DimAlgebra::FromTerms(std::vector<Term> terms) {
  for (Term& term : terms) std::ranges::sort(term.factors, AtomLess());
  std::ranges::sort(terms, [](const Term& a, const Term& b) { return Compare(a.factors, b.factors) < 0; });
  Dim result;
  for (size_t i = 0; i < terms.size();) {
    Int128 sum = 0;
    size_t end = i;
    while (end < terms.size() && Compare(terms[i].factors, terms[end].factors) == 0) sum += terms[end++].coefficient;
    if (!FitsInt64(sum)) return Dim::Overflow();
    if (sum != 0) {
      result.terms_.push_back({.coefficient = static_cast<int64_t>(sum), .factors = std::move(terms[i].factors)});
    }
    i = end;
  }
  if (SizeOf(result) > kMaxSize) return Dim::Overflow();
  return result;
}

Dim::Dim(int64_t value) {
  if (value != 0) terms_.push_back({.coefficient = value, .factors = {}});
}

Dim Dim::Symbol(std::string name) { return FromAtom(Atom::Form::Symbol, std::move(name), 0, 0); }

Dim Dim::Unknown() {
  Dim result;
  result.state_ = State::Unknown;
  return result;
}

Dim Dim::Overflow() {
  Dim result;
  result.state_ = State::Overflow;
  return result;
}

std::optional<int64_t> Dim::Constant() const {
  if (!IsKnown()) return std::nullopt;
  if (terms_.empty()) return 0;
  if (!terms_.front().factors.empty()) return std::nullopt;
  return terms_.front().coefficient;
}

std::optional<std::string_view> Dim::AsSymbol() const {
  if (terms_.size() != 1 || terms_[0].coefficient != 1) return std::nullopt;
  const Atom* atom = SoleAtom(terms_[0], Atom::Form::Symbol);
  if (atom == nullptr) return std::nullopt;
  return atom->symbol;
}

Dim operator+(const Dim& a, const Dim& b) {
  if (!a.IsKnown() || !b.IsKnown()) return Absorb(a, b);
  std::vector<Term> terms = a.Terms();
  terms.insert(terms.end(), b.Terms().begin(), b.Terms().end());
  return DimAlgebra::FromTerms(std::move(terms));
}

Dim operator-(const Dim& a, const Dim& b) {
  if (!a.IsKnown() || !b.IsKnown()) return Absorb(a, b);
  // A number may be subtracted where its negation does not exist.
  if (const auto x = a.Constant(), y = b.Constant(); x && y) return FromNumber(Int128{*x} - Int128{*y});
  return a + Dim(-1) * b;
}

Dim operator*(const Dim& a, const Dim& b) {
  if (!a.IsKnown() || !b.IsKnown()) return Absorb(a, b);
  if (static_cast<int64_t>(a.Terms().size() * b.Terms().size()) > kMaxSize) return Dim::Overflow();
  std::vector<Term> terms;
  for (const Term& x : a.Terms()) {
    for (const Term& y : b.Terms()) {
      Term product = x;
      if (__builtin_mul_overflow(x.coefficient, y.coefficient, &product.coefficient)) return Dim::Overflow();
      product.factors.insert(product.factors.end(), y.factors.begin(), y.factors.end());
      terms.push_back(std::move(product));
    }
  }
  return DimAlgebra::FromTerms(std::move(terms));
}

bool operator==(const Dim& a, const Dim& b) {
  if (a.state_ != b.state_) return false;
  return Compare(a, b) == 0 || IsZeroByCases(a - b);
}

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

std::optional<int64_t> Dim::Evaluate(const std::function<std::optional<int64_t>(std::string_view)>& symbol) const {
  if (!IsKnown()) return std::nullopt;
  Int128 sum = 0;
  for (const Term& term : terms_) {
    Int128 product = term.coefficient;
    for (const auto& factor : term.factors) {
      const auto value = EvaluateAtom(*factor, symbol);
      if (!value || __builtin_mul_overflow(product, Int128{*value}, &product)) return std::nullopt;
    }
    if (__builtin_add_overflow(sum, product, &sum)) return std::nullopt;
  }
  return FromNumber(sum).Constant();
}

Dim Dim::Substitute(const std::function<Dim(std::string_view)>& replacement) const {
  if (!IsKnown()) return *this;
  Dim sum;
  for (const Term& term : terms_) {
    Dim product = term.coefficient;
    for (const auto& factor : term.factors) product *= SubstituteInAtom(*factor, replacement);
    sum += product;
  }
  return sum;
}

std::vector<std::string> Dim::Symbols() const {
  std::set<std::string> symbols;
  ForEachAtom(*this, [&](const auto& atom) {
    if (atom->form == Atom::Form::Symbol) symbols.insert(atom->symbol);
  });
  return {symbols.begin(), symbols.end()};
}

}  // namespace strata
