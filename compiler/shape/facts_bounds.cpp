// Inequalities of Facts: ranges first, then elimination over a system of what is known of the atoms that occur.
#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "compiler/shape/dim_algebra.h"
#include "compiler/shape/facts.h"
#include "compiler/shape/linear.h"
#include "compiler/source/check.h"

namespace strata {

using namespace dim_algebra;

namespace {

__extension__ using Int128 = __int128;

// A system grows by what defines its quotients, maxima and products to at most this.
constexpr size_t kMaxUnknowns = 24;
constexpr size_t kMaxInequalities = 80;
// So many maxima are tried by which operand is the greater.
constexpr size_t kMaxMaxima = 3;

constexpr Int128 kInfinity = Int128{1} << 100;

// A range in which an infinite end is plus or minus kInfinity, and every other fits 64 bits.
struct Interval {
  Int128 low = -kInfinity;
  Int128 high = kInfinity;
};

// What is beyond 64 bits is made the weaker.
Interval Clamped(Interval interval) {
  constexpr Int128 kLeast = std::numeric_limits<int64_t>::min();
  constexpr Int128 kMost = std::numeric_limits<int64_t>::max();
  if (interval.low < kLeast) interval.low = -kInfinity;
  if (interval.low > kMost) interval.low = kMost;
  if (interval.high > kMost) interval.high = kInfinity;
  if (interval.high < kLeast) interval.high = kLeast;
  return interval;
}

Int128 Product(Int128 a, Int128 b) {
  if (a == 0 || b == 0) return 0;
  const bool infinite = a == kInfinity || a == -kInfinity || b == kInfinity || b == -kInfinity;
  return infinite ? ((a < 0) == (b < 0) ? kInfinity : -kInfinity) : a * b;
}

Interval Product(const Interval& a, const Interval& b) {
  const auto [low, high] =
      std::minmax({Product(a.low, b.low), Product(a.low, b.high), Product(a.high, b.low), Product(a.high, b.high)});
  return Clamped({low, high});
}

// For b > 0.
Int128 Floor(Int128 a, Int128 b) {
  if (a == kInfinity || a == -kInfinity) return a;
  if (b == kInfinity) return a < 0 ? -1 : 0;
  return a / b - (a % b < 0 ? 1 : 0);
}

Interval Quotient(const Interval& a, Interval b) {
  // A divisor is never 0.
  if (b.low == 0) b.low = 1;
  if (b.low < 0) return {};
  return Clamped({Floor(a.low, a.low < 0 ? b.low : b.high), Floor(a.high, a.high < 0 ? b.high : b.low)});
}

}  // namespace

// Reads what Facts hold.
class Facts::Bounds {
 public:
  explicit Bounds(const Facts& facts) : facts_(facts) {}

  Interval Of(const Dim& dim) const {
    if (!dim.IsKnown()) return {};
    Interval sum{0, 0};
    for (const Term& term : dim.Terms()) {
      const Interval part = OfTerm(term);
      sum = Clamped({sum.low == -kInfinity ? -kInfinity : sum.low + part.low,
                     sum.high == kInfinity ? kInfinity : sum.high + part.high});
    }
    return sum;
  }

  Interval OfTerm(const Term& term) const {
    Interval product{term.coefficient, term.coefficient};
    for (const auto& factor : term.factors) product = Product(product, Of(*factor));
    return product;
  }

  Interval Of(const Atom& atom) const {
    switch (atom.form) {
      case Atom::Form::Symbol: {
        const auto range = facts_.ranges_.find(atom.symbol);
        if (range == facts_.ranges_.end()) return {};
        return {range->second.low ? Int128{*range->second.low} : -kInfinity,
                range->second.high ? Int128{*range->second.high} : kInfinity};
      }
      case Atom::Form::FloorDivide: return Quotient(Of(atom.left), Of(atom.right));
      case Atom::Form::Max: {
        const Interval left = Of(atom.left);
        const Interval right = Of(atom.right);
        return {std::max(left.low, right.low), std::max(left.high, right.high)};
      }
    }
    STRATA_CHECK(false && "an Atom::Form");
  }

 private:
  const Facts& facts_;
};

namespace {

// Inequalities over monomials, each of which is an unknown of its own.
class Monomials {
 public:
  // `bound` tells the interval of a term.
  template <typename Bound>
  void AddWithDefinitions(const std::vector<Dim>& at_least_zero, const Bound& bound) {
    for (const Dim& dim : at_least_zero) Add(dim);
    for (size_t next = 0; next < unknowns_.size() && !IsFull(); ++next) {
      const Factors factors = unknowns_[next];
      const Dim monomial = FromTerm({.coefficient = 1, .factors = factors});
      const Interval interval = bound(monomial);
      if (interval.low != -kInfinity) Add(monomial - Dim(static_cast<int64_t>(interval.low)));
      if (interval.high != kInfinity) Add(Dim(static_cast<int64_t>(interval.high)) - monomial);
      if (factors.size() == 1) {
        Define(monomial, *factors[0], bound);
      } else {
        // a * b >= low(a) * b for b >= 0
        for (const auto& factor : factors) {
          if (factor->form != Atom::Form::Symbol) Unknown({factor});
          const Dim others = FromTerm({.coefficient = 1, .factors = FactorsWithout(factors, {factor})});
          const Interval of_factor = bound(FromTerm({.coefficient = 1, .factors = {factor}}));
          if (bound(others).low < 0) continue;
          if (of_factor.low != -kInfinity) Add(monomial - Dim(static_cast<int64_t>(of_factor.low)) * others);
          if (of_factor.high != kInfinity) Add(Dim(static_cast<int64_t>(of_factor.high)) * others - monomial);
        }
      }
    }
  }

  bool HaveNoSolution(size_t maximum = 0) {
    if (strata::HaveNoSolution(inequalities_)) return true;
    if (maximum == std::min(maxima_.size(), kMaxMaxima)) return false;
    const auto& [max, left, right] = maxima_[maximum];
    for (const Dim& operand : {left, right}) {
      Add(operand - max);
      const bool impossible = HaveNoSolution(maximum + 1);
      inequalities_.pop_back();
      if (!impossible) return false;
    }
    return true;
  }

 private:
  bool IsFull() const { return unknowns_.size() > kMaxUnknowns || inequalities_.size() > kMaxInequalities; }

  // The monomial's place.
  size_t Unknown(const Factors& factors) {
    const auto found =
        std::ranges::find_if(unknowns_, [&](const Factors& known) { return Compare(known, factors) == 0; });
    const auto place = static_cast<size_t>(found - unknowns_.begin());
    if (found == unknowns_.end()) unknowns_.push_back(factors);
    return place;
  }

  // What is beyond 64 bits has no terms, and says nothing.
  void Add(const Dim& at_least_zero) {
    Inequality inequality{{}, 0};
    for (const Term& term : at_least_zero.Terms()) {
      if (term.factors.empty()) {
        inequality.constant = term.coefficient;
        continue;
      }
      const size_t unknown = Unknown(term.factors);
      inequality.coefficients.resize(unknowns_.size());
      inequality.coefficients[unknown] = term.coefficient;
    }
    inequalities_.push_back(std::move(inequality));
  }

  template <typename Bound>
  void Define(const Dim& dim, const Atom& atom, const Bound& bound) {
    switch (atom.form) {
      case Atom::Form::Symbol: break;
      case Atom::Form::FloorDivide: {
        // A divisor is never 0.
        if (bound(atom.right).low < 0) break;
        const Dim remainder = atom.left - atom.right * dim;
        Add(remainder);
        Add(atom.right - remainder - 1);
        break;
      }
      case Atom::Form::Max:
        Add(dim - atom.left);
        Add(dim - atom.right);
        maxima_.push_back({dim, atom.left, atom.right});
        break;
    }
  }

  struct Maximum {
    Dim max, left, right;
  };
  std::vector<Factors> unknowns_;
  std::vector<Inequality> inequalities_;
  std::vector<Maximum> maxima_;
};

bool HasOneOf(const Dim& dim, const std::set<std::string_view>& symbols) {
  bool found = false;
  ForEachAtom(dim, [&](const auto& atom) { found |= symbols.contains(atom->symbol); });
  return found;
}

}  // namespace

Range Facts::RangeOf(const Dim& dim) const {
  const Interval interval = Bounds(*this).Of(Replaced(dim));
  Range range;
  if (interval.low != -kInfinity) range.low = static_cast<int64_t>(interval.low);
  if (interval.high != kInfinity) range.high = static_cast<int64_t>(interval.high);
  return range;
}

bool Facts::Excludes(const Dim& dim) const {
  if (!dim.IsKnown()) return false;
  std::vector<Dim> at_least_zero = {dim};
  if (dim.Constant()) {
    at_least_zero.insert(at_least_zero.end(), at_least_zero_.begin(), at_least_zero_.end());
  } else {
    // The facts about its symbols, and about the symbols in those.
    std::set<std::string_view> symbols;
    const auto add_symbols = [&](const Dim& of) {
      ForEachAtom(of, [&](const auto& atom) {
        if (atom->form == Atom::Form::Symbol) symbols.insert(atom->symbol);
      });
    };
    add_symbols(dim);
    std::vector<const Dim*> others;
    others.reserve(at_least_zero_.size());
    for (const Dim& fact : at_least_zero_) others.push_back(&fact);
    for (bool more = true; more;) {
      more = std::erase_if(others, [&](const Dim* fact) {
               if (!HasOneOf(*fact, symbols)) return false;
               at_least_zero.push_back(*fact);
               add_symbols(*fact);
               return true;
             }) > 0;
    }
  }
  const Bounds bounds(*this);
  Monomials system;
  system.AddWithDefinitions(at_least_zero, [&](const Dim& of) { return bounds.Of(of); });
  return system.HaveNoSolution();
}

bool Facts::IsNeverNegative(const Dim& dim) const {
  if (!dim.IsKnown()) return false;
  if (const auto constant = dim.Constant()) return *constant >= 0;
  const Bounds bounds(*this);
  const Interval interval = bounds.Of(dim);
  if (interval.low >= 0) return true;
  if (interval.high < 0) return false;
  // batch * (H - 5): factors that are never negative leave.
  Factors common = CommonFactors(dim.Terms().front().factors, dim);
  std::erase_if(common, [&](const auto& factor) { return bounds.Of(*factor).low < 0; });
  if (!common.empty()) return IsNeverNegative(WithoutFactors(dim, common));
  return Excludes(Dim(-1) - dim);
}

}  // namespace strata
