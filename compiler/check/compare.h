// A type as declared, in a result or an ascription, against the type as computed.
#pragma once

#include <string>

#include "compiler/check/elaboration.h"

namespace strata::check {

struct Declaration {
  const ast::TypeExpr& source;
  const Shape& shape;
  std::string result;  // the output's name; empty: an ascription
  std::string owner;   // how messages call what has the type: "output `probs`"
  Span expression;     // what has the type
  enum class Role { Result, Ascription, Input } role = Role::Ascription;  // Input: of a block, given a tensor
};

// Reports the first thing in which the tensor is not as declared: the number of axes, a name, a size.
bool CompareDeclared(int value, const Declaration& declaration, const Elaboration& model, FileContext& context);

void ReportDType(const Declaration& declaration, DType actual, DType declared, FileContext& context);

// The declared names take the place of none and of provisional ones.
void TakeNames(Shape& shape, const Shape& declared);

}  // namespace strata::check
