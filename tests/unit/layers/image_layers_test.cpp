// Pooling, global pooling and padding.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/layers/apply_layer.h"

namespace strata {
namespace {

using testing::Apply;
using testing::Compute;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

ConfigValue Pair(int a, int b) { return Values({Value(a), Value(b)}); }

TEST(PoolingTest, StridesAreTheWindowByDefault) {
  EXPECT_EQ(Apply("MaxPooling2D", {"f32[batch, height: 9, width: 8, channels: 3]"}, {}).type,
            "f32[batch, height: 4, width: 4, channels: 3]");
  EXPECT_EQ(Apply("AveragePooling2D", {"f32[batch, channels: 3, height: 9, width: 8]"},
                  {{"pool_size", Pair(3, 2)}, {"strides", Pair(2, 1)}, {"padding", Value("same")}})
                .type,
            "f32[batch, channels: 3, height: 5, width: 8]");
  EXPECT_EQ(Apply("MaxPooling2D", {"u8[batch, height: H, width: 8, channels: C]"}, {}).type,
            "u8[batch, height: H // 2, width: 4, channels: C]");
}

TEST(PoolingTest, Numbers) {
  EXPECT_THAT(Compute("MaxPooling2D", {"f32[batch, height: 2, width: 4, channels: 1]"}, {}, {}).data,
              ElementsAre(6, 8));
  EXPECT_THAT(Compute("MaxPooling2D", {"f32[batch, channels: 2, height: 2, width: 2]"}, {}, {}).data,
              ElementsAre(4, 8));
  // Padding takes no part in a mean.
  EXPECT_THAT(Compute("AveragePooling2D", {"f32[batch, height: 1, width: 3, channels: 1]"},
                      {{"pool_size", Pair(2, 2)}, {"padding", Value("same")}}, {})
                  .data,
              ElementsAre(1.5, 3));
}

TEST(PoolingTest, WindowDoesNotFit) {
  const auto applied =
      Apply("MaxPooling2D", {"f32[batch, height: 2, width: 2, channels: 3]"}, {{"pool_size", Pair(3, 3)}});
  EXPECT_THAT(applied.codes, ElementsAre("E0300"));
  EXPECT_THAT(applied.fixed.front(),
              "x: f32[batch, height: 2, width: 2, channels: 3]\n"
              "x |> MaxPooling2D(pool_size=(3, 3), padding=\"same\")\n");
}

TEST(GlobalPoolingTest, Shapes) {
  const std::string_view image = "f32[batch, channels: 7, height: H, width: 8]";
  EXPECT_EQ(Apply("GlobalAveragePooling2D", {image}, {}).type, "f32[batch, channels: 7]");
  EXPECT_EQ(Apply("GlobalMaxPooling2D", {image}, {{"keepdims", Value(true)}}).type,
            "f32[batch, channels: 7, height: 1!, width: 1!]");
}

TEST(GlobalPoolingTest, Numbers) {
  EXPECT_THAT(Compute("GlobalAveragePooling2D", {"f32[batch, height: 1, width: 2, channels: 2]"}, {}, {}).data,
              ElementsAre(2, 3));
  const auto kept =
      Compute("GlobalMaxPooling2D", {"f32[batch, channels: 2, height: 1, width: 2]"}, {{"keepdims", Value(true)}}, {});
  EXPECT_THAT(kept.sizes, ElementsAre(1, 2, 1, 1));
  EXPECT_THAT(kept.data, ElementsAre(2, 4));
}

TEST(GlobalPoolingTest, PooledBefore) {
  EXPECT_EQ(Apply("GlobalAveragePooling2D", {"f32[batch, channels: 7]"}, {}).messages,
            "E0211: GlobalAveragePooling2D got `[batch, channels: 7]`, which has no height and width left\n"
            "  `GlobalAveragePooling2D`: pools height and width away\n"
            "  `x: f32[batch, channels: 7]`: this is `[batch, channels: 7]`\n"
            "  help: delete this layer\n");
}

TEST(ZeroPaddingTest, PadsHeightAndWidth) {
  const ConfigValue padding = Values({Pair(0, 1), Pair(2, 3)});
  EXPECT_EQ(Apply("ZeroPadding2D", {"f32[batch, channels: 3, height: H, width: 5]"}, {{"padding", padding}}).type,
            "f32[batch, channels: 3, height: H + 1, width: 10]");
  EXPECT_THAT(
      Compute("ZeroPadding2D", {"f32[batch, height: 1, width: 1, channels: 1]"}, {{"padding", padding}}, {}).data,
      ElementsAre(0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(Apply("ZeroPadding2D", {"f32[batch, height: 28, width: 28]"}, {}).codes, ElementsAre("E0200"));
}

TEST(DropoutTest, PassesItsInputThrough) {
  EXPECT_EQ(Apply("Dropout", {"f32[batch, height: 1!, own*: 5]"}, {{"rate", Value(0.5)}}).type,
            "f32[batch, height: 1!, own*: 5]");
  EXPECT_THAT(Compute("Dropout", {"f32[batch, features: 2]"}, {{"rate", Value(0.5)}}, {}).data, ElementsAre(1, 2));
  EXPECT_EQ(Apply("Dropout", {"f32[batch, features: 2]"}, {{"rate", Value(50.0)}}).messages,
            "E0557: `rate=50.0` is not between 0 and 1\n"
            "  `50.0`: the share of values that training drops, from 0 to 1\n");
}

}  // namespace
}  // namespace strata
