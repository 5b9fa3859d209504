// Arithmetic, comparisons and logic on compile-time values, as Python's.
#pragma once

#include "compiler/check/elaboration.h"
#include "compiler/source/diagnostics.h"

namespace strata::check {

// Reports what has no value (a string as a number, a division by zero, a result beyond 64 bits) and returns Failed.
// Integers whose quotient is whole divide to an integer, others to a float. `source` is the whole expression.
Value EvaluateUnary(const ast::Unary& source, Span span, const Value& operand, Diagnostics& diagnostics);
// Not for `and` and `or`, whose right side may not be evaluated.
Value EvaluateBinary(const ast::Binary& source, Span span, const Value& left, const Value& right,
                     Diagnostics& diagnostics);
// `ceil(a / b)` or `floor(a / b)`, exact.
Value EvaluateRoundedQuotient(Builtin function, Span span, const Value& left, const Value& right, Span right_span,
                              Diagnostics& diagnostics);
Value EvaluateExtreme(Builtin function, Span span, const std::vector<Value>& arguments, Diagnostics& diagnostics);

// Reports a quotient that is no integer where one is needed. `text` is the quotient at `span`.
void ReportInexact(const std::string& text, Span span, const ast::Binary& quotient, FileContext& context);

std::string_view Spelling(ast::BinaryOperator op);

}  // namespace strata::check
