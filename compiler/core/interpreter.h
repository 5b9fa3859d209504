// The meaning of a graph: evaluates it one element at a time, floats in float64 (f16 and bf16 rounded), integers
// exactly. Slow and plain on purpose; compiled code is compared with it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compiler/core/graph.h"

namespace strata::core {

// Row-major elements, of f32, f16 and bf16 in `data`, of the other dtypes in `integers` (bool: 0 or 1).
struct Array {
  std::vector<int64_t> sizes;
  std::vector<double> data;
  DType dtype = DType::F32;
  std::vector<int64_t> integers;
};

struct Environment {
  // Value of each symbol of the graph.
  std::map<std::string, int64_t, std::less<>> symbols;
  // Elements of a weight by its path; called for each Weight operation that is reached.
  std::function<Array(const std::string& path)> weight;
};

// Evaluates the whole graph; `inputs` in the order of Graph::inputs; returns the outputs in order. The call must not
// fail.
std::vector<Array> Interpret(const Graph& graph, const std::vector<Array>& inputs, const Environment& environment);

// As Interpret, and keeps every value of the graph (by ValueId), for comparing inner layers.
std::vector<Array> InterpretAll(const Graph& graph, const std::vector<Array>& inputs, const Environment& environment);

// As Interpret, of a call that may fail: by a Guard, or a Gather's index.
struct Outcome {
  std::vector<Array> outputs;  // empty where the call fails
  std::string error;           // GuardError or GatherError; empty where it does not
};
Outcome TryInterpret(const Graph& graph, const std::vector<Array>& inputs, const Environment& environment);

}  // namespace strata::core
