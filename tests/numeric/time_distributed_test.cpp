// Dense acts on the last axis, so TimeDistributed(Dense) is the same: equal counts, equal numbers.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

std::string ProgramWith(const std::string& axes, const std::string& layer, const std::string& result) {
  return "model m(x: f32[batch, " + axes + "]) -> (y: f32[batch, " + result + "]) {\n  return x |> " + layer + "\n}\n";
}

int64_t WeightCount(const Network& network) {
  int64_t count = 0;
  for (const NetworkWeight& weight : network.weights) {
    int64_t elements = 1;
    for (const Axis& axis : weight.shape) elements *= *axis.size.Constant();
    count += elements;
  }
  return count;
}

TEST(TimeDistributed, OfDenseIsDense) {
  struct Row {
    std::string axes, result, wrapper;
    int64_t count;
  };
  for (const Row& row : std::vector<Row>{
           {"time: 9, features: 5", "time: 9, 7", "TimeDistributed(Dense(7))", 42},
           {"time, features: 33", "time, 7", "TimeDistributed(Dense(7))", 238},
           {"time: 3, steps: 4, features: 5", "3, 4, 7", "TimeDistributed(TimeDistributed(Dense(7)))", 42}}) {
    SCOPED_TRACE(row.axes);
    const Network dense = CheckProgram(ProgramWith(row.axes, "Dense(7)", row.result));
    const Network wrapped = CheckProgram(ProgramWith(row.axes, row.wrapper, row.result));
    EXPECT_EQ(WeightCount(dense), row.count);
    EXPECT_EQ(WeightCount(wrapped), row.count);
    ASSERT_EQ(dense.weights.size(), wrapped.weights.size());
    const std::map<std::string, Array> weights = VariedWeights(dense, 1);
    std::map<std::string, Array> others;
    for (size_t i = 0; i < dense.weights.size(); ++i)
      others[wrapped.weights[i].path] = weights.at(dense.weights[i].path);

    const core::Graph one = Expand(dense);
    const core::Graph other = Expand(wrapped);
    const std::vector<Array> inputs = RandomInputs(one, 3, 2);
    EXPECT_EQ(RelativeError(Interpret(one, weights, inputs)[0], Interpret(other, others, inputs)[0]), 0.0);
    for (const Target* target : RunnableTargets()) {
      const std::vector<Array> a = Compiled(Optimize(one, LoaderOf(weights)), *target).Run(inputs);
      const std::vector<Array> b = Compiled(Optimize(other, LoaderOf(others)), *target).Run(inputs);
      EXPECT_LE(RelativeError(a[0], b[0]), kInterpreterTolerance) << target->name;
    }
  }
}

}  // namespace
}  // namespace strata::testing
