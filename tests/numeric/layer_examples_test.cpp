// Every example of every layer and function has the type it says, and compiled code equals the interpreter at several batch sizes.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "compiler/layers/example.h"
#include "tests/numeric/support.h"
#include "tests/support/programs.h"

namespace strata::testing {
namespace {

class LayerExamplesTest : public ::testing::TestWithParam<const LayerDef*> {};

TEST_P(LayerExamplesTest, CompiledEqualsInterpreter) {
  const LayerDef& def = *GetParam();
  ASSERT_FALSE(def.examples.empty()) << "a layer without examples is not tested";
  uint32_t seed = 1;
  for (const LayerExample& example : def.examples) {
    SCOPED_TRACE(std::string(example.call));
    const Network network = CheckProgram(ProgramOf(def, example));
    ASSERT_FALSE(network.outputs.empty());
    ExpectCompiledEqualsInterpreter(Expand(network), VariedWeights(network, seed), {1, 3, 17}, seed);
    ++seed;
  }
}

// The program in which `from`, an axis with its size, is `to` in each input. Its result is added up to one number a sample, as
// its sizes are not known here.
std::string Summed(const LayerDef& def, LayerExample example, const std::string& from, const std::string& to) {
  std::vector<std::string> inputs;
  for (const std::string_view input : example.inputs) {
    inputs.emplace_back(input);
    const size_t at = inputs.back().find(from + ",") == std::string::npos ? inputs.back().find(from + "]")
                                                                          : inputs.back().find(from + ",");
    if (at != std::string::npos) inputs.back().replace(at, from.size(), to);
  }
  for (size_t i = 0; i < inputs.size(); ++i) example.inputs[i] = inputs[i];
  std::string axes;
  for (int64_t axis = 1; axis <= std::ranges::count(example.output, ','); ++axis) axes += std::to_string(axis) + ", ";
  const std::string sum = axes.empty() ? "" : " |> sum(axis=(" + axes + "))";
  const std::string call(example.call);
  const std::string summed =
      IsApplied(def, example) ? "square(f32(" + call + "))" + sum : call + " |> f32() |> square()" + sum;
  example.call = summed;
  example.output = "f32[batch]";
  return PipedProgramOf(def, example);
}

// The axes after the batch that have a name and a number: "height: 8".
std::set<std::string> ConstantAxes(const LayerExample& example) {
  static const std::regex kAxis("[a-z_]+: [0-9]+");
  std::set<std::string> axes;
  for (const std::string_view input : example.inputs) {
    const std::string text(input);
    for (std::sregex_iterator i(text.begin(), text.end(), kAxis); i != std::sregex_iterator(); ++i)
      axes.insert(i->str());
  }
  return axes;
}

TEST_P(LayerExamplesTest, AnAxisMayBeASymbol) {
  const LayerDef& def = *GetParam();
  int count = 0;
  for (const LayerExample& example : def.examples) {
    for (const std::string& axis : ConstantAxes(example)) {
      const size_t colon = axis.find(": ");
      const int64_t size = std::stoll(axis.substr(colon + 2));
      const std::string text = Summed(def, example, axis, axis.substr(0, colon) + ": S");
      SCOPED_TRACE(text);
      const std::optional<Network> network = TryProgram(text);
      if (!network) continue;
      ++count;
      // The symbol is as large as the batch.
      std::vector<int64_t> sizes;
      for (const int64_t at : {size, size + 1, int64_t{19}}) {
        const auto value = [&](std::string_view) { return std::optional(at); };
        const auto holds = [&](const NetworkGuard& guard) {
          return std::ranges::any_of(guard.any_of, [&](const Condition& either) { return Holds(either, value); });
        };
        if (std::ranges::all_of(network->guards, holds)) sizes.push_back(at);
      }
      const core::Graph graph = Expand(*network);
      const std::map<std::string, Array> weights = VariedWeights(*network, 1);
      ExpectCompiledEqualsInterpreter(graph, weights, sizes, 1);
      if (sizes.empty() || sizes.front() != size) continue;
      const core::Graph constant = Expand(CheckProgram(Summed(def, example, axis, axis)));
      const std::vector<Array> inputs = RandomInputs(constant, size, 1);
      EXPECT_LE(RelativeError(Interpret(graph, weights, inputs).front(), Interpret(constant, weights, inputs).front()),
                kInterpreterTolerance);
    }
  }
  // A cell takes one step, whose features are constant.
  EXPECT_EQ(count > 0, !def.name.ends_with("Cell"));
}

INSTANTIATE_TEST_SUITE_P(Functions, LayerExamplesTest, ::testing::ValuesIn(AllFunctions()), [](const auto& test) {
  std::string name = std::string(test.param->name) + "_";
  for (const char c : test.param->function_name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  }
  return name;
});

INSTANTIATE_TEST_SUITE_P(All, LayerExamplesTest, ::testing::ValuesIn(AllLayers()),
                         [](const auto& test) { return std::string(test.param->name); });

}  // namespace
}  // namespace strata::testing
