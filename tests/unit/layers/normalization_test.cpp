// BatchNormalization and LayerNormalization, and `axis=`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/layers/apply_layer.h"

namespace strata {
namespace {

using testing::Apply;
using testing::Compute;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using testing::ShowWeights;

TEST(BatchNormalizationTest, WeightsInKerasOrder) {
  EXPECT_EQ(ShowWeights("BatchNormalization", {"f32[batch, height: 2, channels: 5]"}, {}),
            "gamma: [channels: 5]\n"
            "beta: [channels: 5]\n"
            "moving_mean: [channels: 5] (fixed)\n"
            "moving_variance: [channels: 5] (fixed)\n");
  EXPECT_EQ(ShowWeights("BatchNormalization", {"f32[batch, channels: 5, height: 2]"},
                        {{"axis", Value("channels")}, {"center", Value(false)}, {"scale", Value(false)}}),
            "moving_mean: [channels: 5] (fixed)\n"
            "moving_variance: [channels: 5] (fixed)\n");
}

TEST(BatchNormalizationTest, Numbers) {
  // (x - mean) / sqrt(var + eps) * gamma + beta, along axis 1.
  const auto result = Compute(
      "BatchNormalization", {"f32[batch, channels: 2, time: 2]"}, {{"axis", Value(1)}, {"epsilon", Value(0.0)}},
      {{1, 2, 3, 4}}, {{"gamma", {1, 10}}, {"beta", {0, 1}}, {"moving_mean", {1, 1}}, {"moving_variance", {4, 1}}});
  EXPECT_THAT(result.data, ElementsAre(0, 0.5, 21, 31));
}

TEST(LayerNormalizationTest, Numbers) {
  const auto result = Compute("LayerNormalization", {"f32[batch, time: 2, features: 2]"}, {{"epsilon", Value(0.0)}},
                              {{1, 3, 10, 30}}, {{"gamma", {1, 2}}, {"beta", {0, 5}}});
  EXPECT_THAT(result.data, ElementsAre(-1, 7, -1, 7));
}

TEST(LayerNormalizationTest, OverSeveralAxes) {
  const auto result = Compute("LayerNormalization", {"f32[batch, time: 2, features: 2]"},
                              {{"axis", Values({Value(-1), Value(1)})}, {"epsilon", Value(0.0)}}, {{-1, -1, 1, 1}},
                              {{"gamma", {1, 2, 3, 4}}, {"beta", {0, 0, 0, 1}}});
  EXPECT_THAT(result.data, ElementsAre(-1, -2, 3, 5));
  EXPECT_EQ(ShowWeights("LayerNormalization", {"f32[batch, 2, features: 3]"},
                        {{"axis", Values({Value(-1), Value(1)})}, {"center", Value(false)}}),
            "gamma: [axis1: 2, features: 3]\n");
}

TEST(LayerNormalizationTest, SizesMayBeSymbolsWithoutWeights) {
  EXPECT_THAT(Apply("LayerNormalization", {"f32[batch, features: F]"}, {}).codes, ElementsAre("E0303"));
  EXPECT_THAT(
      Apply("LayerNormalization", {"f32[batch, features: F]"}, {{"center", Value(false)}, {"scale", Value(false)}})
          .codes,
      ::testing::IsEmpty());
}

TEST(LayerNormalizationTest, RmsScaling) {
  EXPECT_EQ(ShowWeights("LayerNormalization", {"f32[batch, features: 3]"}, {{"rms_scaling", Value(true)}}),
            "gamma: [features: 3]\n");
  // Divided by the deviation, which is 2, with the mean of 4 left in.
  const auto result = Compute("LayerNormalization", {"f32[batch, features: 2]"},
                              {{"epsilon", Value(0.0)}, {"rms_scaling", Value(true)}}, {{2, 6}}, {{"gamma", {1, 10}}});
  EXPECT_THAT(result.data, ElementsAre(1, 30));
}

TEST(RMSNormalizationTest, Numbers) {
  const auto result = Compute("RMSNormalization", {"f32[batch, features: 2]"}, {{"epsilon", Value(0.0)}}, {{1, 7}},
                              {{"scale", {1, 10}}});
  EXPECT_THAT(result.data, ElementsAre(DoubleNear(0.2, 1e-12), DoubleNear(14, 1e-12)));
}

TEST(UnitNormalizationTest, Numbers) {
  const auto result = Compute("UnitNormalization", {"f32[batch, time: 2, features: 2]"}, {}, {{3, 4, 0, 0}});
  EXPECT_THAT(result.data, ElementsAre(DoubleNear(0.6, 1e-12), DoubleNear(0.8, 1e-12), 0, 0));
}

TEST(GroupNormalizationTest, Numbers) {
  // Two groups of two channels each, over two steps: means 2 and 20, deviations 1 and 10.
  const auto result = Compute("GroupNormalization", {"f32[batch, time: 2, channels: 4]"},
                              {{"groups", Value(2)}, {"epsilon", Value(0.0)}}, {{1, 3, 10, 30, 3, 1, 30, 10}},
                              {{"gamma", {1, 2, 3, 4}}, {"beta", {0, 0, 0, 1}}});
  EXPECT_THAT(result.data, ElementsAre(-1, 2, -3, 5, 1, -2, 3, -3));
}

TEST(GroupNormalizationTest, GroupsDivide) {
  EXPECT_EQ(Apply("GroupNormalization", {"f32[batch, time: 2, channels: 12]"}, {}).messages,
            "E0301: `groups=32` does not divide the 12 channels\n"
            "  `GroupNormalization`: the default is `groups=32`\n"
            "  `x: f32[batch, time: 2, channels: 12]`: this is `[batch, time: 2, channels: 12]`\n"
            "  help: groups of equal size: 1, 2, 3, 4, 6 and 12, or -1, a group for each\n");
  EXPECT_THAT(Apply("GroupNormalization", {"f32[batch, channels: C]"}, {}).codes, ElementsAre("E0303"));
}

// ---- axis= ----

TEST(AxisTest, UnknownName) {
  const auto applied =
      Apply("BatchNormalization", {"f32[batch, height: 2, channels: 5]"}, {{"axis", Value("chanels")}});
  EXPECT_EQ(applied.messages,
            "E0207: `[batch, height: 2, channels: 5]` has no `chanels` axis\n"
            "  `'chanels'`: \n"
            "  help: did you mean `channels`?\n");
}

TEST(AxisTest, ChannelsAndFeaturesAreOneRole) {
  EXPECT_THAT(Apply("BatchNormalization", {"f32[batch, features: 5]"}, {{"axis", Value("channels")}}).codes,
              ::testing::IsEmpty());
}

TEST(AxisTest, OutOfRange) {
  EXPECT_EQ(Apply("BatchNormalization", {"f32[batch, height: 2, channels: 5]"}, {{"axis", Value(3)}}).messages,
            "E0550: `axis=3` lies outside of `[batch, height: 2, channels: 5]`, which has 3 axes\n"
            "  `3`: \n"
            "  note: axes count from 0, the batch axis, or from -1, the last\n"
            "  help: an axis can be named, as in `axis=channels`\n");
  EXPECT_THAT(Apply("BatchNormalization", {"f32[batch, channels: 5]"}, {{"axis", Value(-3)}}).codes,
              ElementsAre("E0550"));
}

TEST(AxisTest, BatchAxis) {
  EXPECT_EQ(Apply("BatchNormalization", {"f32[batch, channels: 5]"}, {{"axis", Value(0)}}).messages,
            "E0209: BatchNormalization acts on `batch`, the batch axis\n"
            "  `0`: the batch axis of `[batch, channels: 5]`\n"
            "  note: each sample of a batch is computed by itself\n"
            "  help: name the axis that is meant, as in `axis=channels`\n");
}

TEST(AxisTest, Lists) {
  EXPECT_EQ(Apply("LayerNormalization", {"f32[batch, time: 2, features: 5]"},
                  {{"axis", Values({Value(-1), Value("features")})}})
                .messages,
            "E0552: `axis` lists `features` twice\n"
            "  `(-1, 'features')`: named before\n");
  EXPECT_EQ(Apply("LayerNormalization", {"f32[batch, features: 5]"}, {{"axis", Values({})}}).messages,
            "E0553: LayerNormalization got an empty list of axes\n"
            "  `()`: \n");
}

TEST(AxisTest, DefaultIsNotTheChannels) {
  EXPECT_THAT(Apply("BatchNormalization", {"f32[batch, channels: 5, height: 2, width: 3]"}, {}).codes,
              ElementsAre("W0202"));
  EXPECT_THAT(
      Apply("BatchNormalization", {"f32[batch, channels: 5, height: 2, width: 3]"}, {{"axis", Value(-1)}}).codes,
      ::testing::IsEmpty());
}

}  // namespace
}  // namespace strata
