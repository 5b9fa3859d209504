// Names, arguments and shapes: from what was written to a Network.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check/network.h"
#include "compiler/source/diagnostics.h"
#include "compiler/syntax/ast.h"

namespace strata {

// What a step of a pipe gave, once for each time that it was elaborated.
struct StepType {
  // One of the two; the other is null.
  const ast::PipeStep* step = nullptr;        // a step of a pipe of tensors, without an ascription
  const ast::TypeExpr* ascription = nullptr;  // that of any step
  TensorType type;
  bool is_changed = true;  // not the shape that the step got
};

struct CheckOptions {
  std::string model = {};  // which model of the file; empty: the only one
  // False where it is enough to know that the file is right: then it may have several models, or none.
  bool needs_network = true;
  // For Annotate: where given, what the steps of the file's pipes give is added to it, also where there are errors.
  // Nothing follows then from an ascription that does not hold, but for its message.
  std::vector<StepType>* step_types = nullptr;
  // `--set`: values of the models' parameters, each as `n=5`. The names before `=` are not empty.
  std::vector<std::string> settings = {};
};

// Checks a file, whose imports LoadImports has read, and elaborates one of its models. Reports every independent error, in one run. Returns the network only if
// there was no error.
std::optional<Network> Check(const ast::File& file, const Sources& sources, Diagnostics& diagnostics,
                             const CheckOptions& options = {});

}  // namespace strata
