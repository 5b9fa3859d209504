// What the recordings of Keras cannot show of masks: NaN, and that a mask nobody reads costs nothing.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

core::Graph Optimized(const std::string& program, const std::map<std::string, Array>& weights) {
  return Optimize(Expand(CheckProgram(program)), LoaderOf(weights));
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
