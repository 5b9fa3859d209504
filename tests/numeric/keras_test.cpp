// Every recorded case: the interpreter gives Keras' numbers, and so does compiled code for each target.
#include <gtest/gtest.h>

#include "tests/numeric/keras_case.h"
#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

class KerasTest : public ::testing::TestWithParam<std::string> {};

void ExpectOutputs(const std::vector<Array>& outputs, const Network& network, const KerasCase::Call& call,
                   double tolerance, const std::string& by) {
  ASSERT_EQ(outputs.size(), call.outputs.size());
  for (size_t k = 0; k < outputs.size(); ++k) {
    EXPECT_LE(RelativeError(outputs[k], call.outputs.at(network.outputs[k].name)), tolerance)
        << by << ", output " << network.outputs[k].name;
  }
}

TEST_P(KerasTest, SameNumbers) {
  const KerasCase recorded = ReadKerasCase(GetParam());
  SCOPED_TRACE(recorded.program);
  const Network network = CheckProgram(recorded.program);
  ASSERT_FALSE(network.outputs.empty());
  for (const NetworkWeight& weight : network.weights) {
    ASSERT_TRUE(recorded.weights.contains(weight.path)) << weight.path;
    std::vector<int64_t> sizes;
    for (const Axis& axis : weight.shape) sizes.push_back(*axis.size.Constant());
    ASSERT_EQ(recorded.weights.at(weight.path).sizes, sizes) << weight.path;
  }
  ASSERT_EQ(network.weights.size(), recorded.weights.size());

  const core::Graph graph = Expand(network);
  const core::Graph optimized = Optimize(graph, LoaderOf(recorded.weights));
  std::vector<std::pair<const Target*, Compiled>> compiled;
  for (const Target* target : RunnableTargets()) compiled.emplace_back(target, Compiled(optimized, *target));
  ASSERT_EQ(recorded.calls.size(), 2U);
  for (const KerasCase::Call& call : recorded.calls) {
    std::vector<Array> inputs;
    for (const NetworkInput& input : network.inputs) inputs.push_back(call.inputs.at(input.name));
    ExpectOutputs(Interpret(graph, recorded.weights, inputs), network, call, kInterpreterTolerance, "interpreter");
    for (const auto& [target, code] : compiled) {
      ExpectOutputs(code.Run(inputs), network, call, kCompiledTolerance, std::string(target->name));
    }
  }
  // The recording means something only if the answer depends on the input.
  for (const auto& [name, output] : recorded.calls[0].outputs) {
    const Array& other = recorded.calls[1].outputs.at(name);
    EXPECT_TRUE(output.sizes != other.sizes || output.data != other.data) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, KerasTest, ::testing::ValuesIn(KerasCaseNames()), [](const auto& test) {
  std::string name = test.param;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
});

TEST(KerasCases, AreMany) { EXPECT_GE(KerasCaseNames().size(), 120U); }

}  // namespace
}  // namespace strata::testing
