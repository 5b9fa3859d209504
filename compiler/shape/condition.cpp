#include "compiler/shape/condition.h"

#include "compiler/source/check.h"

namespace strata {

std::string ToString(const Condition& condition) {
  // A number goes to the right.
  const bool turned = condition.left.Constant() && !condition.right.Constant();
  const auto text = [&](std::string_view sign) {
    const Dim& first = turned ? condition.right : condition.left;
    const Dim& second = turned ? condition.left : condition.right;
    return first.ToString() + std::string(sign) + second.ToString();
  };
  switch (condition.relation) {
    case Relation::Equal: return text(" == ");
    case Relation::NotEqual: return text(" != ");
    case Relation::Less: return text(turned ? " > " : " < ");
    case Relation::LessEqual: return text(turned ? " >= " : " <= ");
  }
  STRATA_CHECK(false && "a Relation");
}

Condition Opposite(const Condition& condition) {
  const auto& [left, relation, right] = condition;
  switch (relation) {
    case Relation::Equal: return {left, Relation::NotEqual, right};
    case Relation::NotEqual: return {left, Relation::Equal, right};
    case Relation::Less: return {right, Relation::LessEqual, left};
    case Relation::LessEqual: return {right, Relation::Less, left};
  }
  STRATA_CHECK(false && "a Relation");
}

bool Holds(const Condition& condition, const std::function<std::optional<int64_t>(std::string_view)>& symbol) {
  const auto left = condition.left.Evaluate(symbol);
  const auto right = condition.right.Evaluate(symbol);
  if (!left || !right) return false;
  switch (condition.relation) {
    case Relation::Equal: return *left == *right;
    case Relation::NotEqual: return *left != *right;
    case Relation::Less: return *left < *right;
    case Relation::LessEqual: return *left <= *right;
  }
  STRATA_CHECK(false && "a Relation");
}

}  // namespace strata
