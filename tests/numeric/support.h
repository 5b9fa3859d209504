// Programs and graphs brought to numbers, two ways: by the interpreter and by compiled code.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/check/network.h"
#include "compiler/core/interpreter.h"
#include "compiler/emit/jit.h"
#include "compiler/optimize/optimize.h"
#include "compiler/schedule/target.h"
#include "compiler/weights/weights.h"

namespace strata::testing {

// A dense row-major array; elements of every type as float32, which holds the small integers of the tests exactly.
struct Array {
  std::vector<int64_t> sizes;
  std::vector<float> data;
};

// The comparison of all numeric tests: max|a - b| <= tolerance * max|b|. Sums of float32 are off by a few units in the last
// place of their largest terms (6e-8 each), which cancellation leaves standing in a small result: hence relative to the
// largest element, not to each.
inline constexpr double kInterpreterTolerance = 1e-6;
inline constexpr double kCompiledTolerance = 1e-5;

// max|a - b| / max|b|; infinite where sizes differ or an element is NaN in one alone.
double RelativeError(const Array& a, const Array& b);

// The network of a program; nothing where it is refused, for the reasons that `errors` gets.
std::optional<Network> TryProgram(const std::string& program, std::string* errors = nullptr);
// The network of a program's only model; fails the test, with the messages, where there is an error.
Network CheckProgram(const std::string& program);

// Seeded weights that are never a layer's defaults: variances positive, biases not zero.
std::map<std::string, Array> VariedWeights(const Network& network, uint32_t seed);
// Normally distributed inputs; every symbol is `batch`.
std::vector<Array> RandomInputs(const core::Graph& graph, int64_t batch, uint32_t seed);

WeightLoader LoaderOf(const std::map<std::string, Array>& weights);

std::vector<Array> Interpret(const core::Graph& graph, const std::map<std::string, Array>& weights,
                             const std::vector<Array>& inputs);

// A graph, as Optimize returns it, compiled.
class Compiled {
 public:
  Compiled(core::Graph graph, const Target& target);
  std::vector<Array> Run(const std::vector<Array>& inputs) const;

 private:
  core::Graph graph_;
  std::unique_ptr<Jit> jit_;
};

// The targets this processor runs. All of them are compiled for in any case.
std::vector<const Target*> RunnableTargets();

// Compares compiled code with the interpreter: of the graph as given and as optimized, for each target, at these batches.
void ExpectCompiledEqualsInterpreter(const core::Graph& graph, const std::map<std::string, Array>& weights,
                                     const std::vector<int64_t>& batches, uint32_t seed);

}  // namespace strata::testing
