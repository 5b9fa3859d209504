#include "compiler/shape/dim.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include "compiler/shape/dim_algebra.h"
#include "compiler/source/check.h"

namespace strata {

using namespace dim_algebra;

namespace {

// A Dim of more parts than this is Overflow: it bounds the time and the stack that every function here takes.
constexpr int64_t kMaxSize = 300;
// Proofs look no closer at one of more parts than this.
constexpr int64_t kMaxModerateSize = 60;

}  // namespace

namespace dim_algebra {

Int128 FloorQuotient(Int128 a, Int128 b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0); }

std::optional<int64_t> AsInt64(Int128 value) {
  const bool fits = value >= std::numeric_limits<int64_t>::min() && value <= std::numeric_limits<int64_t>::max();
  return fits ? std::optional(static_cast<int64_t>(value)) : std::nullopt;
}

Dim FromNumber(Int128 value) {
  const auto number = AsInt64(value);
  return number ? Dim(*number) : Dim::Overflow();
}

Dim Absorb(const Dim& a, const Dim& b) { return a.IsUnknown() || b.IsUnknown() ? Dim::Unknown() : Dim::Overflow(); }

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

bool IsModerate(const Dim& dim) { return dim.IsKnown() && SizeOf(dim) <= kMaxModerateSize; }

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

Dim FromShared(const std::shared_ptr<const Atom>& atom) { return FromTerm({.coefficient = 1, .factors = {atom}}); }

int64_t ConstantOf(const Dim& dim) {
  return dim.Terms().empty() || !dim.Terms().back().factors.empty() ? 0 : dim.Terms().back().coefficient;
}
int64_t ContentOfSymbols(const Dim& dim) { return std::max<int64_t>(Content(dim - Dim(ConstantOf(dim))), 1); }

bool Contains(const Dim& dim, const Atom& atom) {
  bool found = false;
  ForEachAtom(dim, [&](const auto& inner) { found |= Compare(*inner, atom) == 0; });
  return found;
}

const Atom* SoleAtom(const Term& term, Atom::Form form) {
  return term.factors.size() == 1 && term.factors[0]->form == form ? term.factors[0].get() : nullptr;
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

}  // namespace dim_algebra

Dim DimAlgebra::FromTerms(std::vector<Term> terms) {
  for (Term& term : terms) std::ranges::sort(term.factors, AtomLess());
  std::ranges::sort(terms, [](const Term& a, const Term& b) { return Compare(a.factors, b.factors) < 0; });
  Dim result;
  for (size_t i = 0; i < terms.size();) {
    Int128 sum = 0;
    size_t end = i;
    while (end < terms.size() && Compare(terms[i].factors, terms[end].factors) == 0) sum += terms[end++].coefficient;
    const auto coefficient = AsInt64(sum);
    if (!coefficient) return Dim::Overflow();
    if (sum != 0) result.terms_.push_back({.coefficient = *coefficient, .factors = std::move(terms[i].factors)});
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

}  // namespace strata
