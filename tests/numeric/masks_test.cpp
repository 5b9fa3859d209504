// What the recordings of Keras cannot show of masks: NaN, and that a mask nobody reads costs nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "compiler/check/check.h"
#include "compiler/layers/example.h"
#include "compiler/syntax/parse.h"
#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

core::Graph Optimized(const std::string& program, const std::map<std::string, Array>& weights) {
  return Optimize(Expand(CheckProgram(program)), LoaderOf(weights));
}

// A layer's example, its inputs as they are or masked.
std::string ProgramOf(const LayerExample& example, bool is_masked) {
  std::string inputs, names;
  for (size_t k = 0; k < example.inputs.size(); ++k) {
    const std::string separator = k == 0 ? "" : ", ";
    const std::string name = "x" + std::to_string(k);
    inputs += separator + name + ": " + std::string(example.inputs[k]);
    names += separator + (is_masked ? "Masking()(" + name + ")" : name);
  }
  return "model example(" + inputs + ") -> (y: " + std::string(example.output) + ") {\n  return " +
         std::string(example.call) + "(" + names + ")\n}\n";
}

// Nothing where the program has errors, which are all about masks.
std::optional<Network> NetworkOrMaskError(const std::string& program) {
  Sources sources;
  Diagnostics diagnostics;
  const auto file = Parse(sources.Add("test.strata", program), sources, diagnostics);
  std::optional<Network> network = file ? Check(*file, sources, diagnostics) : std::nullopt;
  for (const Diagnostic* diagnostic : diagnostics.Sorted()) {
    EXPECT_TRUE(network || diagnostic->code == "E0580") << diagnostic->code << "\n" << program;
  }
  return network;
}

// A mask that is true everywhere changes nothing, whatever a layer does with it.
TEST(Masks, ThatCountEverywhereChangeNothing) {
  std::set<std::string_view> compared, refused;
  for (const LayerDef* layer : AllLayers()) {
    for (const LayerExample& example : layer->examples) {
      const auto is_maskable = [](std::string_view type) {
        return type.starts_with("f32[") && type.find(',') != std::string_view::npos;
      };
      if (!std::ranges::all_of(example.inputs, is_maskable)) continue;
      if (IsApplied(*layer, example)) continue;  // applied already: a cell to its states
      SCOPED_TRACE(std::string(example.call));
      const std::optional<Network> masked = NetworkOrMaskError(ProgramOf(example, true));
      (masked ? compared : refused).insert(layer->name);
      if (!masked) continue;
      const core::Graph plain = Expand(CheckProgram(ProgramOf(example, false)));
      const std::map<std::string, Array> weights = VariedWeights(*masked, 1);
      const std::vector<Array> inputs = RandomInputs(plain, 2, 1);
      const Array result = Interpret(Expand(*masked), weights, inputs).front();
      EXPECT_LE(RelativeError(result, Interpret(plain, weights, inputs).front()), kInterpreterTolerance);
    }
  }
  for (const char* name : {"LSTM", "Conv1D", "Bidirectional", "Concatenate", "Multiply", "TimeDistributed"}) {
    EXPECT_TRUE(compared.contains(name)) << name;
  }
  EXPECT_TRUE(refused.contains("Softmax"));
}

TEST(Masks, MeanOfNoStepsIsNaN) {
  const std::string program =
      "model m(x: f32[batch, time: 3, features: 2]) -> (y: f32[batch, features: 2]) {\n"
      "  return x |> Masking() |> GlobalAveragePooling1D()\n"
      "}\n";
  const Array x = {.sizes = {2, 3, 2}, .data = {0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 6}};
  const core::Graph graph = Expand(CheckProgram(program));
  std::vector<Array> results = {Interpret(graph, {}, {x}).front()};
  for (const Target* target : RunnableTargets()) {
    results.push_back(Compiled(Optimized(program, {}), *target).Run({x}).front());
  }
  for (const Array& y : results) {
    ASSERT_EQ(y.data.size(), 4U);
    EXPECT_TRUE(std::isnan(y.data[0]) && std::isnan(y.data[1]));
    EXPECT_EQ(y.data[2], 2);
    EXPECT_EQ(y.data[3], 4);
  }
}

// A mask over steps of which a `where` says that there are as many.
TEST(Masks, StepsThatAreStatedToBeEqual) {
  const Network network = CheckProgram(
      "model m(x: f32[batch, time, features: 3], m: bool[batch, steps])\n"
      "    -> (y: f32[batch, features: 2], z: f32[batch, features: 3]) where steps == time {\n"
      "  return (GRU(4, return_sequences=True)(x, mask=m) |> LSTM(2), GlobalAveragePooling1D()(x, mask=m))\n"
      "}\n");
  ExpectCompiledEqualsInterpreter(Expand(network), VariedWeights(network, 1), {3, 5}, 1);
}

TEST(Masks, CostNothingUnread) {
  const auto program = [](const std::string& embedding) {
    return "model m(x: i32[batch, time: 5]) -> (y: f32[batch, features: 3], z: f32[batch, time: 5, features: 4]) {\n"
           "  let a = x |> " +
           embedding +
           "\n"
           "  return (Concatenate(axis=time)(a, a) |> Flatten() |> Dense(3), Add()(a, a))\n"
           "}\n";
  };
  const std::string masked = program("Embedding(9, 4, mask_zero=True)");
  const std::string plain = program("Embedding(9, 4)");
  const std::map<std::string, Array> weights = VariedWeights(CheckProgram(plain), 1);
  EXPECT_EQ(core::Print(Optimized(masked, weights)), core::Print(Optimized(plain, weights)));
  EXPECT_NE(core::Print(Expand(CheckProgram(masked))), core::Print(Expand(CheckProgram(plain))));
}

}  // namespace
}  // namespace strata::testing
