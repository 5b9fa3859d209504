// Facts::WhatWouldProve: candidates from the simplest on, each tried by assuming it. What is offered so suffices.
#include <algorithm>
#include <numeric>
#include <ranges>
#include <utility>

#include "compiler/shape/dim_algebra.h"
#include "compiler/shape/facts.h"

namespace strata {

using namespace dim_algebra;

namespace {

// An offer says something of at most so many symbols.
constexpr size_t kMaxSymbols = 4;
// So many candidates are tried.
constexpr int kMaxTries = 32;

class Offers {
 public:
  Offers(const Facts& facts, const Condition& wanted) : facts_(facts), wanted_(wanted) {
    difference_ = wanted.right - wanted.left;
    symbols_ = difference_.Symbols();
  }

  std::vector<Condition> Find() {
    if (!IsModerate(difference_) || symbols_.empty()) return {};
    if (wanted_.relation == Relation::Less || wanted_.relation == Relation::LessEqual) {
      if (auto found = Threshold(); !found.empty()) return found;
    }
    if (wanted_.relation == Relation::Equal) {
      if (auto found = Multiples(); !found.empty()) return found;
      if (auto found = Remainder(); !found.empty()) return found;
      if (auto found = Ordered(); !found.empty()) return found;
      if (auto found = EqualSymbols(); !found.empty()) return found;
      if (auto found = Solved(); !found.empty()) return found;
    }
    return Kept({wanted_});
  }

 private:
  bool Suffice(const std::vector<Condition>& conditions) {
    if (++tries_ > kMaxTries) return false;
    Facts facts = facts_;
    for (const Condition& condition : conditions) {
      if (!facts.Assume(condition)) return false;
    }
    return facts.Proves(wanted_);
  }
  std::vector<Condition> Kept(std::vector<Condition> conditions) {
    if (!Suffice(conditions)) return {};
    std::erase_if(conditions, [&](const Condition& condition) { return facts_.Proves(condition); });
    return conditions;
  }

  static Condition Divides(int64_t divisor, const Dim& dim, int64_t rest = 0) {
    return {Modulo(dim, divisor), Relation::Equal, rest};
  }

  // The divisors of the remainders' period, from the least on.
  std::vector<int64_t> Divisors() const {
    std::vector<int64_t> divisors;
    const int64_t period = Period(difference_).value_or(1);
    for (int64_t divisor = 2; divisor <= period; ++divisor) {
      if (period % divisor == 0) divisors.push_back(divisor);
    }
    return divisors;
  }

  // `H % 8 == 0, W % 8 == 0`: all symbols are multiples of the period; then each divisor becomes as small as it may be.
  std::vector<Condition> Multiples() {
    const std::vector<int64_t> divisors = Divisors();
    if (divisors.empty() || symbols_.size() > kMaxSymbols) return {};
    std::vector<int64_t> chosen(symbols_.size(), divisors.back());
    const auto conditions = [&] {
      std::vector<Condition> all;
      for (size_t i = 0; i < symbols_.size(); ++i) {
        if (chosen[i] > 1) all.push_back(Divides(chosen[i], Dim::Symbol(symbols_[i])));
      }
      return all;
    };
    if (!Suffice(conditions())) return {};
    // The last first, so that where one of two is enough it is the first that stays.
    for (int64_t& divisor : std::views::reverse(chosen)) {
      const int64_t largest = std::exchange(divisor, 1);
      if (Suffice(conditions())) continue;
      divisor = *std::ranges::find_if(divisors, [&](int64_t smaller) {
        divisor = smaller;
        return smaller == largest || Suffice(conditions());
      });
    }
    return Kept(conditions());
  }

  // `H % 2 == 1`, `(H + W) % 4 == 0`, `H % W == 0`: a quotient that comes out exactly, or less exactly by its constant.
  std::vector<Condition> Remainder() {
    const std::vector<int64_t> divisors = Divisors();
    std::vector<Condition> candidates;
    ForEachAtom(difference_, [&](const std::shared_ptr<const Atom>& atom) {
      if (atom->form != Atom::Form::FloorDivide) return;
      const auto divisor = atom->right.Constant();
      if (!divisor) {
        candidates.push_back({Modulo(atom->left, atom->right), Relation::Equal, 0});
        return;
      }
      const Term& last = atom->left.Terms().back();
      const int64_t constant = last.factors.empty() ? last.coefficient : 0;
      const Dim rest = atom->left - Dim(constant);
      candidates.push_back(Divides(*divisor, rest));
      for (int64_t smaller : divisors) {
        if (smaller <= *divisor) candidates.push_back(Divides(smaller, rest, (smaller - constant % smaller) % smaller));
      }
    });
    for (const Condition& candidate : candidates) {
      if (candidate.left.IsKnown() && Suffice({candidate})) return Kept({candidate});
    }
    return {};
  }

  // `S <= T`, where max(S, T) is to be T.
  std::vector<Condition> Ordered() {
    std::vector<Condition> candidates;
    ForEachAtom(difference_, [&](const std::shared_ptr<const Atom>& atom) {
      if (atom->form != Atom::Form::Max) return;
      candidates.push_back({atom->left, Relation::LessEqual, atom->right});
      candidates.push_back({atom->right, Relation::LessEqual, atom->left});
    });
    for (const Condition& candidate : candidates) {
      if (Suffice({candidate})) return Kept({candidate});
    }
    return {};
  }

  std::vector<Condition> EqualSymbols() {
    if (symbols_.size() > kMaxSymbols) return {};
    for (size_t i = 0; i < symbols_.size(); ++i) {
      for (size_t j = i + 1; j < symbols_.size(); ++j) {
        const Condition equal{Dim::Symbol(symbols_[i]), Relation::Equal, Dim::Symbol(symbols_[j])};
        if (Suffice({equal})) return {equal};
      }
    }
    return {};
  }

  // `H == W + 2`, `H == 5`, for a symbol that occurs once.
  std::vector<Condition> Solved() {
    const Dim simple = difference_.Terms().empty() ? difference_ : DividedExactly(difference_, Content(difference_));
    for (const Term& term : simple.Terms()) {
      const Atom* symbol = SoleAtom(term, Atom::Form::Symbol);
      if (symbol == nullptr || (term.coefficient != 1 && term.coefficient != -1)) continue;
      const Dim rest = Dim(-term.coefficient) * (simple - FromTerm(term));
      if (std::ranges::binary_search(rest.Symbols(), symbol->symbol)) continue;
      const Condition solved{Dim::Symbol(symbol->symbol), Relation::Equal, rest};
      if (Suffice({solved})) return {solved};
    }
    return {};
  }

  // `H >= 9`: the value from which on a condition on one symbol holds, or up to which.
  std::vector<Condition> Threshold() {
    if (symbols_.size() != 1) return {};
    const Dim symbol = Dim::Symbol(symbols_.front());
    const auto holds = [&](int64_t value) { return Holds(wanted_, [&](std::string_view) { return value; }); };
    constexpr int64_t kFar = int64_t{1} << 30;
    const bool upwards = holds(kFar);
    if (!upwards && !holds(-kFar)) return {};
    int64_t outside = upwards ? -kFar : kFar;
    int64_t inside = -outside;
    while (std::abs(inside - outside) > 1) {
      const int64_t middle = std::midpoint(outside, inside);
      (holds(middle) ? inside : outside) = middle;
    }
    return Kept(
        {upwards ? Condition{inside, Relation::LessEqual, symbol} : Condition{symbol, Relation::LessEqual, inside}});
  }

  const Facts& facts_;
  const Condition& wanted_;
  Dim difference_;
  std::vector<std::string> symbols_;
  int tries_ = 0;
};

}  // namespace

std::vector<Condition> Facts::WhatWouldProve(const Condition& condition) const {
  if (Decide(condition) != Truth::Unknown) return {};
  return Offers(*this, condition).Find();
}

}  // namespace strata
