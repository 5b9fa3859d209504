// Adaptive pooling, resizing and cropping of images.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/layers/apply_layer.h"

namespace strata {
namespace {

using testing::Apply;
using testing::Compute;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::NamedArguments;

// One row of these pixels as wide as `width`.
std::vector<double> Row(std::vector<double> pixels, int width, NamedArguments more = {}) {
  NamedArguments arguments = {{"height", Value(1)}, {"width", Value(width)}};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const std::string type = "f32[batch, height: 1, width: " + std::to_string(pixels.size()) + ", channels: 1]";
  return Compute("Resizing", {type}, arguments, {std::move(pixels)}).data;
}

TEST(ResizingTest, PixelsAreSquares) {
  EXPECT_THAT(Row({0, 4}, 4), ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(Row({0, 4}, 4, {{"interpolation", Value("nearest")}}), ElementsAre(0, 0, 4, 4));
  EXPECT_THAT(Row({0, 4, 8, 20}, 2), ElementsAre(2, 14));
}

TEST(ResizingTest, AntialiasSeesWhatTheOthersSkip) {
  EXPECT_THAT(Row({8, 0, 0, 0, 0, 8}, 1), ElementsAre(0));
  EXPECT_GT(Row({8, 0, 0, 0, 0, 8}, 1, {{"antialias", Value(true)}})[0], 0.5);
}

TEST(ResizingTest, CutsOrSurroundsTheImage) {
  const NamedArguments size = {{"height", Value(1)}, {"width", Value(2)}};
  const auto with = [&](std::string_view name) {
    NamedArguments arguments = size;
    arguments.emplace_back(name, Value(true));
    arguments.emplace_back("fill_value", Value(6.0));
    return Compute("Resizing", {"f32[batch, height: 1, width: 4, channels: 1]"}, arguments, {{9, 1, 2, 9}}).data;
  };
  EXPECT_THAT(with("crop_to_aspect_ratio"), ElementsAre(1, 2));
  EXPECT_THAT(
      Compute(
          "Resizing", {"f32[batch, height: 3, width: 1, channels: 1]"},
          {{"height", Value(3)}, {"width", Value(3)}, {"pad_to_aspect_ratio", Value(true)}, {"fill_value", Value(7.0)}},
          {{1, 2, 3}})
          .data,
      ElementsAre(7, 1, 7, 7, 2, 7, 7, 3, 7));
}

TEST(ResizingTest, SaysWhatContradicts) {
  EXPECT_THAT(Apply("Resizing", {"f32[batch, height: 4, width: 4, channels: 3]"},
                    {{"height", Value(2)},
                     {"width", Value(2)},
                     {"crop_to_aspect_ratio", Value(true)},
                     {"pad_to_aspect_ratio", Value(true)}})
                  .codes,
              ElementsAre("E0585"));
  EXPECT_THAT(
      Apply("Resizing", {"bool[batch, height: 4, width: 4, channels: 3]"}, {{"height", Value(2)}, {"width", Value(2)}})
          .codes,
      ElementsAre("E0420"));
}

TEST(CenterCropTest, TakesTheMiddle) {
  const NamedArguments one = {{"height", Value(1)}, {"width", Value(2)}};
  EXPECT_THAT(
      Compute("CenterCrop", {"f32[batch, height: 2, width: 5, channels: 1]"}, one, {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}})
          .data,
      ElementsAre(1, 2));
  EXPECT_EQ(Apply("CenterCrop", {"u8[batch, height: H, width: 5, channels: 1]"}, one).type,
            "f32[batch, height: 1!, width: 2, channels: 1]");
}

TEST(AdaptivePoolingTest, WindowsCoverTheAxis) {
  const NamedArguments three = {{"output_size", Values({Value(3)})}};
  const std::string_view signal = "f32[batch, time: 5, channels: 1]";
  EXPECT_THAT(Compute("AdaptiveAveragePooling1D", {signal}, three, {{0, 2, 4, 6, 8}}).data, ElementsAre(1, 4, 7));
  EXPECT_THAT(Compute("AdaptiveMaxPooling1D", {signal}, three, {{0, 2, 4, 6, 8}}).data, ElementsAre(2, 6, 8));
  // More windows than elements.
  EXPECT_THAT(Compute("AdaptiveMaxPooling1D", {"f32[batch, time: 2, channels: 1]"}, three, {{1, 5}}).data,
              ElementsAre(1, 5, 5));
  EXPECT_EQ(Apply("AdaptiveMaxPooling1D", {"f32[batch, time: T, channels: 2]"}, three).type,
            "f32[batch, time: 3, channels: 2]");
}

}  // namespace
}  // namespace strata
