#include "compiler/shape/linear.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace strata {
namespace {

// More inequalities than this are not combined any further.
constexpr size_t kMaxInequalities = 160;

// The system with at most one inequality for each list of coefficients, the tightest.
class System {
 public:
  explicit System(size_t unknowns) : unknowns_(unknowns) {}

  void Add(Inequality inequality) {
    inequality.coefficients.resize(unknowns_);
    int64_t divisor = 0;
    for (int64_t coefficient : inequality.coefficients) {
      // The negation of the smallest number does not exist.
      if (coefficient == std::numeric_limits<int64_t>::min()) return;
      divisor = std::gcd(divisor, coefficient);
    }
    if (divisor == 0) {
      impossible_ |= inequality.constant < 0;
      return;
    }
    if (divisor > 1) {
      for (int64_t& coefficient : inequality.coefficients) coefficient /= divisor;
      const int64_t remainder = inequality.constant % divisor;
      inequality.constant = inequality.constant / divisor - (remainder < 0 ? 1 : 0);
    }
    const auto [entry, added] = constants_.emplace(std::move(inequality.coefficients), inequality.constant);
    if (!added) entry->second = std::min(entry->second, inequality.constant);
  }

  bool IsImpossible() const { return impossible_; }
  size_t Size() const { return constants_.size(); }

  // The unknown whose elimination makes the fewest inequalities, and how many it adds; nothing where none is left.
  struct Choice {
    size_t unknown;
    int64_t added;
  };
  std::optional<Choice> Best() const {
    std::optional<Choice> best;
    for (size_t k = 0; k < unknowns_; ++k) {
      int64_t positive = 0;
      int64_t negative = 0;
      for (const auto& [coefficients, constant] : constants_) {
        positive += coefficients[k] > 0 ? 1 : 0;
        negative += coefficients[k] < 0 ? 1 : 0;
      }
      if (positive + negative == 0) continue;
      const int64_t added = positive * negative - positive - negative;
      if (!best || added < best->added) best = {k, added};
    }
    return best;
  }

  // The system that the values of all other unknowns satisfy.
  System Without(size_t unknown) const {
    System rest(unknowns_);
    for (const auto& [coefficients, constant] : constants_) {
      if (coefficients[unknown] == 0) rest.Add({coefficients, constant});
    }
    for (const auto& [above, above_constant] : constants_) {
      if (above[unknown] <= 0) continue;
      for (const auto& [below, below_constant] : constants_) {
        if (below[unknown] >= 0) continue;
        // What does not fit 64 bits is left out: fewer inequalities prove less.
        const auto sum = Sum(above, above_constant, -below[unknown], below, below_constant, above[unknown]);
        if (sum) rest.Add(*sum);
      }
    }
    rest.impossible_ |= impossible_;
    return rest;
  }

 private:
  // first * by + second * times
  static std::optional<Inequality> Sum(const std::vector<int64_t>& first, int64_t first_constant, int64_t by,
                                       const std::vector<int64_t>& second, int64_t second_constant, int64_t times) {
    const int64_t common = std::gcd(by, times);
    by /= common;
    times /= common;
    const auto combine = [&](int64_t a, int64_t b, int64_t& sum) {
      int64_t x = 0;
      int64_t y = 0;
      return !__builtin_mul_overflow(a, by, &x) && !__builtin_mul_overflow(b, times, &y) &&
             !__builtin_add_overflow(x, y, &sum);
    };
    Inequality sum{std::vector<int64_t>(first.size()), 0};
    for (size_t k = 0; k < first.size(); ++k) {
      if (!combine(first[k], second[k], sum.coefficients[k])) return std::nullopt;
    }
    if (!combine(first_constant, second_constant, sum.constant)) return std::nullopt;
    return sum;
  }

  size_t unknowns_;
  bool impossible_ = false;
  std::map<std::vector<int64_t>, int64_t> constants_;
};

}  // namespace

bool HaveNoSolution(std::vector<Inequality> inequalities) {
  size_t unknowns = 0;
  for (const Inequality& inequality : inequalities) unknowns = std::max(unknowns, inequality.coefficients.size());
  System system(unknowns);
  for (Inequality& inequality : inequalities) system.Add(std::move(inequality));
  while (!system.IsImpossible()) {
    const auto choice = system.Best();
    if (!choice || static_cast<int64_t>(system.Size()) + choice->added > static_cast<int64_t>(kMaxInequalities)) {
      return false;
    }
    system = system.Without(choice->unknown);
  }
  return true;
}

}  // namespace strata
