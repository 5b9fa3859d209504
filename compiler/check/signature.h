// A model's signature: its inputs, and the results it declares.
#pragma once

#include "compiler/check/evaluate.h"

namespace strata::check {

// Adds the inputs to the network and to the scope. Their shapes introduce the symbols.
void DeclareInputs(const ast::Function& function, Evaluator& evaluator, Scope& sizes, Elaboration& model,
                   FileContext& context);

struct DeclaredResult {
  std::string name;  // "output", "output_1" ... where the program gives none
  TensorType type;
  const ast::Result* source;
  bool has_batch = true;  // false: it lacked the batch axis, which is reported; `type` has it
};
std::vector<DeclaredResult> EvaluateResults(const ast::Function& function, Evaluator& evaluator, FileContext& context);

// The type's shape as it is written, on one line, with a batch axis in front: `[batch, time: 3]`.
std::string WithBatch(const ast::TypeExpr& type, const std::string& batch, const Sources& sources);

// Rule 2 of the language: the batch axis is always written, first. False, reported, where it is missing.
bool RequireBatch(const ast::TypeExpr& type, const std::string& owner, FileContext& context);

// Reports an unknown element type; f32 then.
DType ReadElementType(const ast::Name& name, FileContext& context);

}  // namespace strata::check
