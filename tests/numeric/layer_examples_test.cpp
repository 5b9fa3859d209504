// Every example of every layer and function has the type it says, and compiled code equals the interpreter at several batch sizes.
#include <gtest/gtest.h>

#include "compiler/layers/example.h"
#include "tests/numeric/support.h"

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
