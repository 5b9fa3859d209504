#include "compiler/check/formula.h"

#include <algorithm>

namespace strata::check {
namespace {

constexpr size_t kMostClauses = 64;
constexpr size_t kMostConditions = 16;

void Append(AnyOf& any, const Condition& condition) {
  if (std::ranges::find(any, condition) == any.end()) any.push_back(condition);
}

}  // namespace

Formula And(Formula a, const Formula& b) {
  for (const AnyOf& any : b) {
    if (std::ranges::find(a, any) == a.end()) a.push_back(any);
  }
  return a;
}

std::optional<Formula> Or(const Formula& a, const Formula& b) {
  if (a.size() * b.size() > kMostClauses) return std::nullopt;
  Formula result;
  for (const AnyOf& left : a) {
    for (const AnyOf& right : b) {
      AnyOf any = left;
      for (const Condition& condition : right) Append(any, condition);
      if (any.size() > kMostConditions) return std::nullopt;
      result = And(std::move(result), {std::move(any)});
    }
  }
  return result;
}

std::optional<Formula> Not(const Formula& formula) {
  std::optional<Formula> result;
  for (const AnyOf& any : formula) {
    Formula none;
    for (const Condition& condition : any) none.push_back({Opposite(condition)});
    result = result ? Or(*result, none) : none;
    if (!result) return std::nullopt;
  }
  return result;
}

std::string ToString(const AnyOf& any) {
  std::string text;
  for (const Condition& condition : any) text += (text.empty() ? "" : " or ") + ToString(condition);
  return text;
}

std::string ToString(const Formula& formula) {
  std::string text;
  for (const AnyOf& any : formula) {
    const bool needs_parentheses = formula.size() > 1 && any.size() > 1;
    text += (text.empty() ? "" : " and ") + (needs_parentheses ? "(" + ToString(any) + ")" : ToString(any));
  }
  return text;
}

Truth Decide(const AnyOf& any, const Facts& facts) {
  bool is_open = false;
  for (const Condition& condition : any) {
    const Truth truth = facts.Decide(condition);
    if (truth == Truth::True) return Truth::True;
    is_open |= truth == Truth::Unknown;
  }
  if (!is_open) return Truth::False;
  // One of them holds where it is a contradiction that none does.
  Facts none = facts;
  for (const Condition& condition : any) {
    if (!none.Assume(Opposite(condition))) return Truth::True;
  }
  return Truth::Unknown;
}

}  // namespace strata::check
