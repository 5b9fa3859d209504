#include "compiler/weights/weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "tests/unit/weights/network_builder.h"

namespace strata::testing {
namespace {

NetworkBuilder SomeNetwork() {
  NetworkBuilder builder;
  builder.AddConv2D("conv2d", 3, 4, 16);
  builder.AddWeight("", "batch_normalization", "gamma", {{.name = "channels", .size = 16}}, "ones");
  builder.AddDense("dense", 100, 10);
  builder.AddDense("dense_1", 100, 10);
  return builder;
}

TEST(RandomWeightsTest, FollowTheInitializer) {
  const NetworkBuilder builder = SomeNetwork();
  const BoundWeights bound = RandomWeights(builder.network, 1);
  EXPECT_EQ(bound.Load("conv2d/bias"), std::vector<float>(16, 0.0f));
  EXPECT_EQ(bound.Load("batch_normalization/gamma"), std::vector<float>(16, 1.0f));
  // Fans as Keras counts them: 3 * 3 * 4 and 3 * 3 * 16; 100 and 10.
  for (const auto& [path, count, fans] : {std::tuple{"conv2d/kernel", 576u, 180.0}, {"dense/kernel", 1000u, 110.0}}) {
    const std::vector<float> kernel = bound.Load(path);
    ASSERT_EQ(kernel.size(), count);
    const auto [low, high] = std::minmax_element(kernel.begin(), kernel.end());
    const double limit = std::sqrt(6 / fans);
    EXPECT_LE(*high, limit);
    EXPECT_GE(*low, -limit);
    EXPECT_GT(*high, 0.95 * limit);
    EXPECT_LT(*low, -0.95 * limit);
  }
}

TEST(RandomWeightsTest, TheSeedAndThePathTellAll) {
  const NetworkBuilder builder = SomeNetwork();
  const auto kernel = [&](uint64_t seed, const char* path) { return RandomWeights(builder.network, seed).Load(path); };
  EXPECT_EQ(kernel(1, "dense/kernel"), kernel(1, "dense/kernel"));
  EXPECT_NE(kernel(1, "dense/kernel"), kernel(2, "dense/kernel"));
  EXPECT_NE(kernel(1, "dense/kernel"), kernel(1, "dense_1/kernel"));
  NetworkBuilder alone;
  alone.AddDense("dense", 100, 10);
  EXPECT_EQ(RandomWeights(alone.network, 1).Load("dense/kernel"), kernel(1, "dense/kernel"));
}

TEST(RandomWeightsTest, EveryMachineGivesTheSame) {
  const NetworkBuilder builder = SomeNetwork();
  const std::vector<float> kernel = RandomWeights(builder.network, 42).Load("dense/kernel");
  EXPECT_EQ(kernel[0], -0x1.be622ap-4f);
  EXPECT_EQ(kernel[1], -0x1.b5c10cp-4f);
  EXPECT_EQ(kernel[999], -0x1.06ee28p-4f);
}

TEST(BoundWeightsDeathTest, UnknownPath) {
  EXPECT_EXIT(BoundWeights().Load("none"), ::testing::ExitedWithCode(70), "path");
}

}  // namespace
}  // namespace strata::testing
