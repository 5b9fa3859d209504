#include "compiler/shape/facts.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <string_view>
#include <utility>

#include "compiler/shape/dim_algebra.h"

namespace strata {

using namespace dim_algebra;

namespace {

__extension__ using Int128 = __int128;

// Equalities that one assumption may lead to, and own symbols in all.
constexpr int kMaxEqualities = 24;
constexpr int kMaxOwn = 64;
// Facts beyond so many are forgotten.
constexpr size_t kMaxFacts = 64;

bool IsQuotient(const Atom& atom) { return atom.form == Atom::Form::FloorDivide; }

Dim FromShared(const std::shared_ptr<const Atom>& atom) { return FromTerm({.coefficient = 1, .factors = {atom}}); }

// Structurally: quick, and enough where both sides are canonical.
bool IsSame(const Dim& a, const Dim& b) { return a.IsKnown() && b.IsKnown() && Compare(a, b) == 0; }

bool Contains(const Dim& dim, const Atom& atom) {
  bool found = false;
  ForEachAtom(dim, [&](const auto& inner) { found |= Compare(*inner, atom) == 0; });
  return found;
}

// The atom, where the term is a number times it.
std::shared_ptr<const Atom> SoleFactor(const Term& term) {
  return term.factors.size() == 1 ? term.factors[0] : nullptr;
}

// Every occurrence of the atom replaced, inside others too.
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

// The sum's number, and the greatest number that divides everything else (1 where there is nothing).
int64_t ConstantOf(const Dim& dim) {
  return dim.Terms().empty() || !dim.Terms().back().factors.empty() ? 0 : dim.Terms().back().coefficient;
}
int64_t ContentOfSymbols(const Dim& dim) { return std::max<int64_t>(Content(dim - Dim(ConstantOf(dim))), 1); }

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

// ---- Replacing ----

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

// Maxima of which an operand is known never to exceed another, quotients of which the value is known.
Dim Facts::WithoutDecidedParts(const Dim& ours) const {
  if (!ours.IsKnown()) return ours;
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

// ---- Assuming ----

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
    case Relation::Equal: zeros.push_back(difference); break;
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
  if (!dim.IsKnown()) return true;
  const Dim fact = Tightened(dim);
  if (at_least_zero_.size() >= kMaxFacts ||
      std::ranges::any_of(at_least_zero_, [&](const Dim& known) { return IsSame(known, fact); })) {
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
  if (!dim.IsKnown()) return true;
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
    if (symbol == nullptr || symbol->form != Atom::Form::Symbol || std::abs(term.coefficient) != 1) continue;
    const Dim rest = Dim(-term.coefficient) * (zero - FromTerm(term));
    // The one quotient with the symbol.
    std::shared_ptr<const Atom> quotient;
    const Term* product = nullptr;
    bool sole = true;
    for (const Term& other : rest.Terms()) {
      for (const auto& factor : other.factors) {
        if (Compare(*factor, *symbol) != 0 && !Contains(FromShared(factor), *symbol)) continue;
        sole &= IsQuotient(*factor) && quotient == nullptr;
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
  constexpr int64_t kLarge = int64_t{1} << 31;
  if (std::abs(x.coefficient) >= kLarge || std::abs(y.coefficient) >= kLarge || std::abs(constant) >= kLarge)
    return true;
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
  if (!zero.IsKnown()) return true;
  if (ConstantOf(zero) % ContentOfSymbols(zero) != 0) return false;
  const Dim simple = DividedExactly(zero, Content(zero));
  if (simple == Dim(0)) return true;

  // A symbol that occurs once: our own rather than the user's, else the last.
  const Term* best = nullptr;
  for (const Term& term : simple.Terms()) {
    const auto atom = SoleFactor(term);
    if (atom == nullptr || atom->form != Atom::Form::Symbol || std::abs(term.coefficient) != 1) continue;
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
    if (atom == nullptr || atom->form == Atom::Form::Symbol || std::abs(term.coefficient) != 1) continue;
    if (!Contains(simple - FromTerm(term), *atom)) best = &term;
  }
  // They bound what is divided, too.
  if (!AddAtLeastZero(simple, zeros) || !AddAtLeastZero(Negated(simple), zeros)) return false;
  if (best == nullptr) return true;
  return Replace(best->factors[0], Dim(-best->coefficient) * (simple - FromTerm(*best)), zeros);
}

}  // namespace strata
