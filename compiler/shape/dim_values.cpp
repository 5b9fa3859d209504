// Dims of which the symbols have values; equality, which tries values where the canonical form does not decide.
#include "compiler/shape/dim.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "compiler/shape/dim_algebra.h"
#include "compiler/source/check.h"

namespace strata {

using namespace dim_algebra;

namespace {

// Equality is tried by at most so many cases.
constexpr int64_t kMaxCases = 1024;

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
      return AsInt64(FloorQuotient(*left, *right));
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

Dim WithAtomReplaced(const Dim& dim, const Atom& atom, const Dim& by) {
  if (!dim.IsKnown() || !Contains(dim, atom)) return dim;
  Dim sum;
  for (const Term& term : dim.Terms()) {
    Dim product = term.coefficient;
    for (const auto& factor : term.factors) {
      if (Compare(*factor, atom) == 0) {
        product *= by;
        continue;
      }
      switch (factor->form) {
        case Atom::Form::Symbol: product *= FromShared(factor); break;
        case Atom::Form::FloorDivide:
          product *= FloorDivide(WithAtomReplaced(factor->left, atom, by), WithAtomReplaced(factor->right, atom, by));
          break;
        case Atom::Form::Max:
          product *= Max(WithAtomReplaced(factor->left, atom, by), WithAtomReplaced(factor->right, atom, by));
          break;
      }
    }
    sum += product;
  }
  return sum;
}

}  // namespace dim_algebra

bool operator==(const Dim& a, const Dim& b) {
  if (a.state_ != b.state_) return false;
  return Compare(a, b) == 0 || IsZeroByCases(a - b);
}

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
  return AsInt64(sum);
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
