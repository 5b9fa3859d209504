// What type each tensor of a model has: told by the checker, of a program with a statement for each call.
#pragma once

#include <string>
#include <vector>

#include "compiler/import/graph.h"

namespace strata::import {

struct TypeOptions {
  // Whether sizes that are left open under one axis name in several inputs are one symbol.
  bool is_one_symbol = false;
};

// Names the axes of the inputs and gives every value its type, as far as it can be told. `block_texts`: the functions
// before it, as blocks of the names `blocks`.
void FindTypes(Graph& graph, size_t function, const std::vector<std::string>& blocks, const std::string& block_texts,
               const TypeOptions& options);

// The types of the last function's values, as far as they can be told while the graph is still read.
std::vector<TensorType> TypesSoFar(Graph graph);

}  // namespace strata::import
