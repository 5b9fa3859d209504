// Every example of every layer and function has the type it says, and compiled code equals the interpreter at several batch sizes.
#include <gtest/gtest.h>

#include "compiler/layers/layer.h"
#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

std::string ProgramOf(const LayerDef& def, const LayerExample& example) {
  std::string inputs;
  std::string names;
  for (size_t k = 0; k < example.inputs.size(); ++k) {
    const std::string name = "x" + std::to_string(k);
    inputs += (k == 0 ? "" : ", ") + name + ": " + std::string(example.inputs[k]);
    names += (k == 0 ? "" : ", ") + name;
  }
  const bool is_whole = def.form == LayerDef::Form::Function || example.call.find("x0") != std::string_view::npos;
  return "model example(" + inputs + ") -> (y: " + std::string(example.output) + ") {\n  return " +
         std::string(example.call) + (is_whole ? "" : "(" + names + ")") + "\n}\n";
}

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
