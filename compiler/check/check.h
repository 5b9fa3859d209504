// Names, arguments and shapes: from what was written to a Network.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check/network.h"
#include "compiler/source/diagnostics.h"
#include "compiler/syntax/ast.h"

namespace strata {

struct CheckOptions {
  std::string model = {};  // which model of the file; empty: the only one
  // False where it is enough to know that the file is right: then it may have several models, or none.
  bool needs_network = true;
  // `--set`: values of the models' parameters, each as `n=5`. The names before `=` are not empty.
  std::vector<std::string> settings = {};
};

// Checks a file, whose imports LoadImports has read, and elaborates one of its models. Reports every independent error, in one run. Returns the network only if
// there was no error.
std::optional<Network> Check(const ast::File& file, const Sources& sources, Diagnostics& diagnostics,
                             const CheckOptions& options = {});

}  // namespace strata
