// Facts::Assume: an equality is solved for a symbol, an inequality is kept.
#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "compiler/shape/dim_algebra.h"
#include "compiler/shape/facts.h"

namespace strata {

using namespace dim_algebra;

namespace {

// Equalities that one assumption may lead to, and own symbols in all.
constexpr int kMaxEqualities = 24;
constexpr int kMaxOwn = 64;
// Facts beyond so many are forgotten.
constexpr size_t kMaxFacts = 32;

bool IsUnit(int64_t coefficient) { return coefficient == 1 || coefficient == -1; }

// The atom, where the term is a number times it.
std::shared_ptr<const Atom> SoleFactor(const Term& term) {
  return term.factors.size() == 1 ? term.factors[0] : nullptr;
}

// The tightest form of dim >= 0: the numbers have no common divisor, and the constant is rounded.
Dim Tightened(const Dim& dim) {
  const int64_t content = ContentOfSymbols(dim);
  return content > 1 ? FloorDivide(dim, content) : dim;
}

// x with a * x = 1 modulo m, for m > 1 and numbers without a common divisor.
int64_t Inverse(int64_t a, int64_t m) {
  Int128 x = 0;
  Int128 next = 1;
  Int128 r = m;
  Int128 rest = ((Int128{a} % m) + m) % m;
  while (rest != 0) {
    const Int128 quotient = r / rest;
    x = std::exchange(next, x - quotient * next);
    r = std::exchange(rest, r - quotient * rest);
  }
  return static_cast<int64_t>((x % m + m) % m);
}

}  // namespace

bool Facts::Assume(const Condition& condition) {
  switch (Decide(condition)) {
    case Truth::True: return true;
    case Truth::False: return false;
    case Truth::Unknown: break;
  }
  Dim difference = Replaced(condition.right - condition.left);
  if (!difference.IsKnown()) return true;
  Facts next = *this;
  std::vector<Dim> zeros;
  bool good = true;
  switch (condition.relation) {
    case Relation::Equal:
      zeros.push_back(difference);
      if (SoleMax(difference) != nullptr) {
        good = next.AddAtLeastZero(difference, zeros) && next.AddAtLeastZero(Negated(difference), zeros);
      }
      break;
    case Relation::NotEqual: good = next.AddNotZero(difference, zeros); break;
    case Relation::Less: difference = difference - 1; [[fallthrough]];
    case Relation::LessEqual:
      // The other direction may be known.
      if (IsNeverNegative(Negated(difference))) {
        zeros.push_back(difference);
      } else {
        good = next.AddAtLeastZero(difference, zeros);
      }
      break;
  }
  if (!good || !next.AddEqualities(std::move(zeros)) || next.Excludes(0)) return false;
  *this = std::move(next);
  return true;
}

bool Facts::AddEqualities(std::vector<Dim> zeros) {
  for (int count = 0; !zeros.empty() && count < kMaxEqualities; ++count) {
    const Dim zero = zeros.back();
    zeros.pop_back();
    if (!AddEquality(Replaced(zero), zeros)) return false;
  }
  return true;
}

bool Facts::AddAtLeastZero(const Dim& dim, std::vector<Dim>& zeros) {
  if (const auto constant = dim.Constant()) return *constant >= 0;
  if (!IsModerate(dim)) return true;
  const Dim fact = Tightened(dim);
  if (at_least_zero_.size() >= kMaxFacts ||
      std::ranges::any_of(at_least_zero_, [&](const Dim& known) { return Compare(known, fact) == 0; })) {
    return true;
  }
  at_least_zero_.push_back(fact);
  // A range of a symbol: x - low, high - x.
  const int64_t constant = ConstantOf(fact);
  const auto symbol = SoleFactor(fact.Terms().front());
  if (symbol != nullptr && symbol->form == Atom::Form::Symbol && fact.Terms().size() == (constant == 0 ? 1 : 2) &&
      constant != std::numeric_limits<int64_t>::min()) {
    Range& range = ranges_[symbol->symbol];
    if (fact.Terms().front().coefficient > 0) {
      range.low = std::max(range.low.value_or(-constant), -constant);
    } else {
      range.high = std::min(range.high.value_or(constant), constant);
    }
    if (range.low && range.high && *range.low > *range.high) return false;
    if (range.low && range.low == range.high) zeros.push_back(FromShared(symbol) - Dim(*range.low));
    return true;
  }
  // What a maximum's bound says of its operands: c - max(a, b) >= 0 has c - a >= 0 and c - b >= 0.
  if (const Term* most = SoleMax(fact); most != nullptr && most->coefficient < 0) {
    const Dim rest = fact - FromTerm(*most);
    const Dim factor = most->coefficient;
    const Atom& maximum = *most->factors[0];
    return AddAtLeastZero(rest + factor * maximum.left, zeros) && AddAtLeastZero(rest + factor * maximum.right, zeros);
  }
  // What a quotient's bound says of what is divided: x // 4 - 2 >= 0 has x - 8 >= 0.
  for (const Term& term : fact.Terms()) {
    const Atom* quotient = SoleAtom(term, Atom::Form::FloorDivide);
    const auto divisor = quotient != nullptr ? quotient->right.Constant() : std::nullopt;
    if (!divisor) continue;
    const Dim most = term.coefficient > 0 ? quotient->left : quotient->left - Dim(*divisor - 1);
    return AddAtLeastZero(Dim(*divisor) * (fact - FromTerm(term)) + Dim(term.coefficient) * most, zeros);
  }
  return true;
}

bool Facts::AddNotZero(const Dim& dim, std::vector<Dim>& zeros) {
  if (const auto constant = dim.Constant()) return *constant != 0;
  if (!IsModerate(dim)) return true;
  if (IsNeverNegative(dim)) return AddAtLeastZero(dim - 1, zeros);
  if (IsNeverNegative(Negated(dim))) return AddAtLeastZero(Dim(-1) - dim, zeros);
  if (not_zero_.size() < kMaxFacts) not_zero_.push_back(DividedExactly(dim, Content(dim)));
  return true;
}

// Replaces the atom in all facts. The facts about it are said anew of what it is replaced by.
bool Facts::Replace(const std::shared_ptr<const Atom>& atom, const Dim& by, std::vector<Dim>& zeros) {
  std::vector<Replacement> replacements;
  for (const Replacement& old : replacements_) {
    // A quotient that is replaced itself, and now looks different.
    if (Contains(FromShared(old.atom), *atom)) {
      zeros.push_back(WithAtomReplaced(FromShared(old.atom), *atom, by) - WithAtomReplaced(old.by, *atom, by));
    } else {
      replacements.push_back({old.atom, WithAtomReplaced(old.by, *atom, by)});
    }
  }
  // Symbols come first: what then appears may be a quotient that is replaced.
  replacements.insert(atom->form == Atom::Form::Symbol ? replacements.begin() : replacements.end(), {atom, by});
  replacements_ = std::move(replacements);
  for (Own& own : own_) {
    const Dim scale = WithAtomReplaced(own.scale, *atom, by);
    // Without its scale an own symbol is still what it was, but it is not found again in a product.
    if (scale.IsKnown() && scale.Terms().size() == 1) own.scale = scale;
  }
  ranges_.clear();
  bool good = true;
  for (const Dim& fact : std::exchange(at_least_zero_, {})) {
    good &= AddAtLeastZero(WithAtomReplaced(fact, *atom, by), zeros);
  }
  for (const Dim& fact : std::exchange(not_zero_, {})) {
    good &= AddNotZero(WithAtomReplaced(fact, *atom, by), zeros);
  }
  return good;
}

// symbol == scaled_own + rest, where scaled_own is a product with a symbol of ours that has no meaning yet, the last.
bool Facts::ReplaceByOwn(const std::shared_ptr<const Atom>& symbol, const Term& scaled_own, const Dim& rest,
                         std::vector<Dim>& zeros) {
  const std::string name = "#" + std::to_string(own_count_);
  Term scale = scaled_own;
  std::erase_if(scale.factors, [&](const auto& factor) { return factor->symbol == name; });
  Own own{.name = name, .whole = FromShared(symbol), .scale = FromTerm(scale), .rest = ConstantOf(rest)};
  const Dim others = InTheirSymbols(rest - Dim(own.rest));
  const auto before = std::ranges::find(own_, symbol->symbol, &Own::name);
  if (before != own_.end()) {
    // whole == before.scale * (scale * name + others + rest) + before.rest
    own.whole = before->whole - InTheirSymbols(before->scale) * others;
    own.scale = before->scale * own.scale;
    const Dim constant = before->scale * Dim(own.rest);
    own.rest = before->rest;
    if (const auto number = constant.Constant()) {
      if (__builtin_add_overflow(own.rest, *number, &own.rest)) return true;
    } else {
      own.whole = own.whole - InTheirSymbols(constant);
    }
  } else {
    own.whole = own.whole - others;
  }
  if (!own.whole.IsKnown() || !own.scale.IsKnown()) return true;  // too long to keep
  own_.push_back(std::move(own));
  return Replace(symbol, FromTerm(scaled_own) + rest, zeros);
}

// symbol + (terms with one quotient, in which the symbol may occur) == 0.
bool Facts::SolveWithQuotient(const Dim& zero, std::vector<Dim>& zeros, bool& solved) {
  for (const Term& term : zero.Terms()) {
    const auto symbol = SoleFactor(term);
    if (symbol == nullptr || symbol->form != Atom::Form::Symbol || !IsUnit(term.coefficient)) continue;
    const Dim rest = Dim(-term.coefficient) * (zero - FromTerm(term));
    // The one quotient with the symbol.
    std::shared_ptr<const Atom> quotient;
    const Term* product = nullptr;
    bool sole = true;
    for (const Term& other : rest.Terms()) {
      for (const auto& factor : other.factors) {
        if (Compare(*factor, *symbol) != 0 && !Contains(FromShared(factor), *symbol)) continue;
        sole &= factor->form == Atom::Form::FloorDivide && quotient == nullptr;
        quotient = factor;
        product = &other;
      }
    }
    if (quotient == nullptr || !sole || own_count_ >= kMaxOwn) continue;
    Term scaled_own = *product;
    // A negative scale would only say it backwards.
    if (scaled_own.coefficient < 0) continue;
    const bool symbols_only = std::ranges::all_of(scaled_own.factors, [&](const auto& factor) {
      return factor == quotient || factor->form == Atom::Form::Symbol;
    });
    if (!symbols_only) continue;
    const Dim own = Dim::Symbol("#" + std::to_string(++own_count_));
    const Dim others = rest - FromTerm(*product);
    const Dim scaled = WithAtomReplaced(FromTerm(*product), *quotient, own);
    if (!scaled.IsKnown() || scaled.Terms().size() != 1) continue;
    solved = true;
    zeros.push_back(FromShared(quotient) - own);
    return ReplaceByOwn(symbol, scaled.Terms().front(), others, zeros);
  }
  return true;
}

// a * x + b * y + c == 0 for symbols x and y, or a symbol x and a quotient y: x = r + (b / g) * t, for one t of ours.
bool Facts::SolveTwoUnknowns(const Dim& zero, std::vector<Dim>& zeros, bool& solved) {
  const int64_t constant = ConstantOf(zero);
  if (zero.Terms().size() != (constant == 0 ? 2 : 3) || own_count_ >= kMaxOwn) return true;
  size_t first = 0;
  if (const auto atom = SoleFactor(zero.Terms()[0]); atom == nullptr || atom->form != Atom::Form::Symbol) first = 1;
  const Term& x = zero.Terms()[first];
  const Term& y = zero.Terms()[1 - first];
  const auto symbol = SoleFactor(x);
  const auto other = SoleFactor(y);
  if (symbol == nullptr || other == nullptr || symbol->form != Atom::Form::Symbol || other->form == Atom::Form::Max) {
    return true;
  }
  // So that no product below leaves 64 bits.
  constexpr int64_t kLarge = int64_t{1} << 31;
  for (int64_t number : {x.coefficient, y.coefficient, constant}) {
    if (number <= -kLarge || number >= kLarge) return true;
  }
  const int64_t common = std::gcd(x.coefficient, y.coefficient);
  if (constant % common != 0) return false;
  const int64_t a = x.coefficient / common;
  const int64_t b = y.coefficient / common;
  const int64_t c = constant / common;
  const int64_t step = std::abs(b);
  int64_t start = 0;
  if (step > 1) {
    const Int128 remainder = Int128{-c} * Inverse(a, step) % step;
    start = static_cast<int64_t>(remainder < 0 ? remainder + step : remainder);
  }
  const std::string name = "#" + std::to_string(++own_count_);
  const Dim own = Dim::Symbol(name);
  solved = true;
  zeros.push_back(FromShared(other) - (Dim((-c - a * start) / b) - Dim(a * (step / b)) * own));
  return ReplaceByOwn(symbol, (Dim(step) * own).Terms().front(), start, zeros);
}

bool Facts::AddEquality(const Dim& zero, std::vector<Dim>& zeros) {
  if (const auto constant = zero.Constant()) return *constant == 0;
  if (!IsModerate(zero)) return true;
  if (ConstantOf(zero) % ContentOfSymbols(zero) != 0) return false;
  const Dim simple = DividedExactly(zero, Content(zero));
  if (simple == Dim(0)) return true;

  // A symbol that occurs once: our own rather than the user's, else the last.
  const Term* best = nullptr;
  for (const Term& term : simple.Terms()) {
    const auto atom = SoleFactor(term);
    if (atom == nullptr || atom->form != Atom::Form::Symbol || !IsUnit(term.coefficient)) continue;
    if (Contains(simple - FromTerm(term), *atom)) continue;
    if (best == nullptr || !best->factors[0]->symbol.starts_with("#")) best = &term;
  }
  if (best != nullptr) {
    return Replace(best->factors[0], Dim(-best->coefficient) * (simple - FromTerm(*best)), zeros);
  }
  bool solved = false;
  if (!SolveWithQuotient(simple, zeros, solved)) return false;
  if (solved) return true;
  if (!SolveTwoUnknowns(simple, zeros, solved)) return false;
  if (solved) return true;

  // H // 2 == W // 2, H // 8 == 4: the last quotient or maximum that occurs once.
  for (const Term& term : simple.Terms()) {
    const auto atom = SoleFactor(term);
    if (atom == nullptr || atom->form == Atom::Form::Symbol || !IsUnit(term.coefficient)) continue;
    if (!Contains(simple - FromTerm(term), *atom)) best = &term;
  }
  // They bound what is divided, too.
  if (!AddAtLeastZero(simple, zeros) || !AddAtLeastZero(Negated(simple), zeros)) return false;
  if (best == nullptr) return true;
  return Replace(best->factors[0], Dim(-best->coefficient) * (simple - FromTerm(*best)), zeros);
}

}  // namespace strata
