// Core graphs over arrays of any dtype at any sizes: compiled code and the interpreter side by side.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/core/builder.h"
#include "compiler/core/interpreter.h"
#include "compiler/emit/jit.h"

namespace strata::testing {

using Symbols = std::map<std::string, int64_t, std::less<>>;

// What a call returned; the outputs only where `code` is STRATA_OK.
struct CallResult {
  int32_t code = 0;
  std::string error;  // error_text_for
  std::vector<core::Array> outputs;
};

// A graph as Optimize returns it (or without Weights), compiled.
class CompiledGraph {
 public:
  enum class Tasks {
    Alone,     // no parallel hook
    Shared,    // a hook; steps too small for it run alone
    AllShared  // every step through the hook
  };

  CompiledGraph(const core::Graph& graph, const Target& target, Tasks tasks);
  // Every array, and the workspace, ends where memory that may not be touched begins.
  CallResult Run(const std::vector<core::Array>& inputs, const Symbols& symbols) const;
  const strata_model& Model() const { return jit_->Model(); }

 private:
  core::Graph graph_;
  Tasks tasks_;
  std::unique_ptr<Jit> jit_;
};

core::Array RandomArray(std::vector<int64_t> sizes, DType dtype, uint32_t seed);
// An array for each input of the graph.
std::vector<core::Array> RandomArrays(const core::Graph& graph, const Symbols& symbols, uint32_t seed);
// A constant of normally distributed floats.
core::Literal RandomWeights(std::vector<int64_t> sizes, uint32_t seed);

struct Comparison {
  double tolerance = 1e-5;  // max|a - b| / max|b|; integers and bool must be equal
  std::function<std::vector<core::Array>(const core::Graph&, const Symbols&)> inputs = nullptr;  // else random ones
  CompiledGraph::Tasks tasks = CompiledGraph::Tasks::AllShared;  // of the optimized graph; the other runs alone
};

// One object for all these sizes, for each target, of the graph as given and as optimized.
void ExpectSameAsInterpreter(const core::Graph& graph, const std::vector<Symbols>& sizes,
                             const Comparison& options = {});

}  // namespace strata::testing
