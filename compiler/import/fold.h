// Runs of layers that occur three times or more: `repeat` where they follow each other, `block` where they branch.
#pragma once

#include <string>
#include <vector>

#include "compiler/import/graph.h"
#include "compiler/import/write.h"

namespace strata::import {

struct Folded {
  Function function;   // with one call for each folded run
  std::string blocks;  // the blocks that it uses, as text
};

struct FoldOptions {
  bool folds_chains = true;  // runs of layers in chains become blocks too
};

// `function`: with types. `names`: of the blocks of the file. `blocks`: what nested functions are called.
Folded Fold(const Function& function, const FoldOptions& options, Names& names, const std::vector<std::string>& blocks);

}  // namespace strata::import
