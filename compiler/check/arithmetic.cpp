#include "compiler/check/arithmetic.h"

#include <cmath>

#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

using Op = ast::BinaryOperator;

bool IsNumber(const Value& value) { return value.As<Dim>() != nullptr || value.As<double>() != nullptr; }

bool IsConstantInteger(const Value& value) { return value.As<Dim>() != nullptr && value.As<Dim>()->Constant(); }

// Of a number that is not symbolic.
double ToFloat(const Value& value) {
  if (const double* number = value.As<double>()) return *number;
  return static_cast<double>(value.As<Dim>()->Constant().value_or(0));
}

bool IsArithmetic(Op op) { return op >= Op::Add; }

Value MakeInteger(Dim dim, Span span, Diagnostics& diagnostics) {
  if (dim.IsOverflow()) {
    diagnostics.Report(kinds::IntegerOverflow, span).Primary("needs more than 64 bits");
    return FailedAt(span);
  }
  if (dim.IsUnknown()) return FailedAt(span);
  return {std::move(dim), span, ""};
}

Value MakeFloat(double number, Span span, Diagnostics& diagnostics) {
  if (!std::isfinite(number)) {
    diagnostics.Report(kinds::FloatOverflow, span);
    return FailedAt(span);
  }
  return {number, span, ""};
}

// The exponent is not negative.
Dim Power(Dim base, int64_t exponent) {
  Dim result = 1;
  while (exponent > 0 && !result.IsOverflow()) {
    if (exponent % 2 != 0) result *= base;
    exponent /= 2;
    // 0, 1 and -1 never overflow, whatever the exponent.
    if (exponent > 0) base *= base;
    if (base.IsOverflow()) return base;
  }
  return result;
}

Value IntegerArithmetic(Op op, const Dim& left, const Dim& right, Span span, Diagnostics& diagnostics) {
  const auto integer = [&](const Dim& dim) { return MakeInteger(dim, span, diagnostics); };
  const bool is_constant = left.Constant() && right.Constant();
  switch (op) {
    case Op::Add: return integer(left + right);
    case Op::Subtract: return integer(left - right);
    case Op::Multiply: return integer(left * right);
    case Op::FloorDivide: return integer(FloorDivide(left, right));
    case Op::Modulo: return integer(Modulo(left, right));
    case Op::Divide: {
      if (!is_constant) break;
      if (Modulo(left, right).Is(0)) return integer(FloorDivide(left, right));
      return {static_cast<double>(*left.Constant()) / static_cast<double>(*right.Constant()), span, ""};
    }
    case Op::Power: {
      if (!right.Constant()) break;
      if (*right.Constant() >= 0) return integer(Power(left, *right.Constant()));
      if (!is_constant) break;
      const double power = std::pow(static_cast<double>(*left.Constant()), static_cast<double>(*right.Constant()));
      return MakeFloat(power, span, diagnostics);
    }
    case Op::Or:
    case Op::And:
    case Op::Equal:
    case Op::NotEqual:
    case Op::Less:
    case Op::LessEqual:
    case Op::Greater:
    case Op::GreaterEqual: break;
  }
  const bool is_exponent = op == Op::Power && !right.Constant();
  diagnostics.Report(kinds::OperandType, span, is_exponent ? "the exponent of `**`" : "an operand of `**`",
                     "the symbolic size " + Quoted((is_exponent ? right : left).ToString()),
                     "a number known at compile time");
  return FailedAt(span);
}

double FloatArithmetic(Op op, double left, double right) {
  switch (op) {
    case Op::Add: return left + right;
    case Op::Subtract: return left - right;
    case Op::Multiply: return left * right;
    case Op::Divide: return left / right;
    case Op::FloorDivide: return std::floor(left / right);
    case Op::Modulo: return left - std::floor(left / right) * right;
    case Op::Power: return std::pow(left, right);
    case Op::Or:
    case Op::And:
    case Op::Equal:
    case Op::NotEqual:
    case Op::Less:
    case Op::LessEqual:
    case Op::Greater:
    case Op::GreaterEqual: break;
  }
  return 0;
}

template <typename T>
bool Compare(Op op, const T& left, const T& right) {
  switch (op) {
    case Op::Equal: return left == right;
    case Op::NotEqual: return !(left == right);
    case Op::Less: return left < right;
    case Op::LessEqual: return left <= right;
    case Op::Greater: return left > right;
    case Op::GreaterEqual: return left >= right;
    case Op::Or:
    case Op::And:
    case Op::Add:
    case Op::Subtract:
    case Op::Multiply:
    case Op::Divide:
    case Op::FloorDivide:
    case Op::Modulo:
    case Op::Power: break;
  }
  return false;
}

// A Formula where the answer depends on a symbol.
Value CompareIntegers(Op op, const Dim& left, const Dim& right, Span span) {
  if (left.Constant() && right.Constant()) return {Compare(op, *left.Constant(), *right.Constant()), span, ""};
  switch (op) {
    case Op::Equal: return {Formula{{{left, Relation::Equal, right}}}, span, ""};
    case Op::NotEqual: return {Formula{{{left, Relation::NotEqual, right}}}, span, ""};
    case Op::Less: return {Formula{{{left, Relation::Less, right}}}, span, ""};
    case Op::LessEqual: return {Formula{{{left, Relation::LessEqual, right}}}, span, ""};
    case Op::Greater: return {Formula{{{right, Relation::Less, left}}}, span, ""};
    case Op::GreaterEqual: return {Formula{{{right, Relation::LessEqual, left}}}, span, ""};
    case Op::Or:
    case Op::And:
    case Op::Add:
    case Op::Subtract:
    case Op::Multiply:
    case Op::Divide:
    case Op::FloorDivide:
    case Op::Modulo:
    case Op::Power: break;
  }
  return FailedAt(span);
}

Value ReportOperand(std::string_view side, std::string_view op, const Value& operand, std::string_view expected,
                    Span span, Diagnostics& diagnostics) {
  diagnostics.Report(kinds::OperandType, operand.span, std::string(side) + "`" + std::string(op) + "`",
                     Describe(operand), expected);
  return FailedAt(span);
}

bool IsZero(const Value& value) {
  if (const double* number = value.As<double>()) return *number == 0;
  return value.As<Dim>()->Is(0);
}

Value EvaluateEquality(Op op, const Value& left, const Value& right, Span span) {
  const bool is_equal_op = op == Op::Equal;
  const auto a = ToConfig(left);
  const auto b = ToConfig(right);
  const bool is_equal = a && b && a->data.index() == b->data.index() && ToString(*a) == ToString(*b);
  return {is_equal == is_equal_op, span, ""};
}

}  // namespace

std::string_view Spelling(Op op) {
  switch (op) {
    case Op::Or: return "or";
    case Op::And: return "and";
    case Op::Equal: return "==";
    case Op::NotEqual: return "!=";
    case Op::Less: return "<";
    case Op::LessEqual: return "<=";
    case Op::Greater: return ">";
    case Op::GreaterEqual: return ">=";
    case Op::Add: return "+";
    case Op::Subtract: return "-";
    case Op::Multiply: return "*";
    case Op::Divide: return "/";
    case Op::FloorDivide: return "//";
    case Op::Modulo: return "%";
    case Op::Power: return "**";
  }
  return "";
}

Value EvaluateUnary(const ast::Unary& source, Span span, const Value& operand, Diagnostics& diagnostics) {
  if (operand.IsFailed()) return FailedAt(span);
  if (source.op == ast::UnaryOperator::Not) {
    if (const bool* truth = operand.As<bool>()) return {!*truth, span, ""};
    if (const Formula* formula = operand.As<Formula>()) {
      if (std::optional<Formula> opposite = Not(*formula)) return {std::move(*opposite), span, ""};
      diagnostics.Report(kinds::UndecidedCondition, operand.span, "the operand of `not`", ToString(*formula))
          .Primary("depends on too many sizes known only when the model runs");
      return FailedAt(span);
    }
    return ReportOperand("the operand of ", "not", operand, "True or False", span, diagnostics);
  }
  const bool is_negation = source.op == ast::UnaryOperator::Negate;
  if (const Dim* dim = operand.As<Dim>()) return MakeInteger(is_negation ? Dim(0) - *dim : *dim, span, diagnostics);
  if (const double* number = operand.As<double>()) return {is_negation ? -*number : *number, span, ""};
  return ReportOperand("the operand of ", is_negation ? "-" : "+", operand, "a number", span, diagnostics);
}

Value EvaluateBinary(const ast::Binary& source, Span span, const Value& left, const Value& right,
                     Diagnostics& diagnostics) {
  const Op op = source.op;
  if (left.IsFailed() || right.IsFailed()) return FailedAt(span);
  if ((op == Op::Equal || op == Op::NotEqual) && !(IsNumber(left) && IsNumber(right))) {
    return EvaluateEquality(op, left, right, span);
  }
  const auto* text = left.As<std::string>();
  const auto* more = right.As<std::string>();
  if (op == Op::Add && text != nullptr && more != nullptr) return {*text + *more, span, ""};
  if (!IsNumber(left)) return ReportOperand("the left side of ", Spelling(op), left, "a number", span, diagnostics);
  if (!IsNumber(right)) return ReportOperand("the right side of ", Spelling(op), right, "a number", span, diagnostics);
  if ((op == Op::Divide || op == Op::FloorDivide || op == Op::Modulo) && IsZero(right)) {
    diagnostics.Report(kinds::DivisionByZero, span).Label(right.span, "is 0");
    return FailedAt(span);
  }
  const Dim* left_integer = left.As<Dim>();
  const Dim* right_integer = right.As<Dim>();
  if (left_integer != nullptr && right_integer != nullptr) {
    if (IsArithmetic(op)) return IntegerArithmetic(op, *left_integer, *right_integer, span, diagnostics);
    return CompareIntegers(op, *left_integer, *right_integer, span);
  }
  for (const Value* side : {&left, &right}) {
    if (side->As<Dim>() == nullptr || IsConstantInteger(*side)) continue;
    return ReportOperand(side == &left ? "the left side of " : "the right side of ", Spelling(op), *side,
                         "a number known at compile time", span, diagnostics);
  }
  if (!IsArithmetic(op)) return {Compare(op, ToFloat(left), ToFloat(right)), span, ""};
  return MakeFloat(FloatArithmetic(op, ToFloat(left), ToFloat(right)), span, diagnostics);
}

Value EvaluateRoundedQuotient(Builtin function, Span span, const Value& left, const Value& right, Span right_span,
                              Diagnostics& diagnostics) {
  if (left.IsFailed() || right.IsFailed()) return FailedAt(span);
  const std::string_view name = function == Builtin::Ceil ? "ceil" : "floor";
  for (const Value* side : {&left, &right}) {
    if (side->As<Dim>() != nullptr) continue;
    return ReportOperand("an operand of the quotient in ", name, *side, "an integer", span, diagnostics);
  }
  if (IsZero(right)) {
    diagnostics.Report(kinds::DivisionByZero, span).Label(right_span, "is 0");
    return FailedAt(span);
  }
  const Dim& a = *left.As<Dim>();
  const Dim& b = *right.As<Dim>();
  return MakeInteger(function == Builtin::Ceil ? CeilDivide(a, b) : FloorDivide(a, b), span, diagnostics);
}

Value EvaluateExtreme(Builtin function, Span span, const std::vector<Value>& arguments, Diagnostics& diagnostics) {
  const bool is_max = function == Builtin::Max;
  std::optional<Dim> result;
  for (const Value& argument : arguments) {
    if (argument.IsFailed()) return FailedAt(span);
    const Dim* dim = argument.As<Dim>();
    if (dim == nullptr) {
      return ReportOperand("an argument of ", is_max ? "max" : "min", argument, "an integer", span, diagnostics);
    }
    result = !result ? *dim : is_max ? Max(*result, *dim) : Min(*result, *dim);
  }
  return MakeInteger(*result, span, diagnostics);
}

void ReportInexact(const std::string& text, Span span, const ast::Binary& quotient, FileContext& context) {
  context.diagnostics.Report(kinds::InexactDivision, span, text)
      .Help("write `//` to round down", Applicability::MaybeIncorrect, {{quotient.op_span, "//"}})
      .Help("write `ceil(" + text + ")` to round up", Applicability::MaybeIncorrect, {{span, "ceil(" + text + ")"}});
}

}  // namespace strata::check
