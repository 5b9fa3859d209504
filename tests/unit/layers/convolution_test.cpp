// Conv2D and DepthwiseConv2D, and how every image layer finds its axes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/layers/apply_layer.h"

namespace strata {
namespace {

using testing::Applied;
using testing::Apply;
using testing::Compute;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::NamedArguments;
using testing::ShowWeights;

ConfigValue Pair(int a, int b) { return Values({Value(a), Value(b)}); }

Applied Conv2D(std::string_view input, NamedArguments more = {}) {
  NamedArguments arguments = {{"filters", Value(4)}, {"kernel_size", Pair(3, 3)}};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return Apply("Conv2D", {input}, std::move(arguments));
}

// ---- Shapes ----

TEST(Conv2DTest, SizesFollowPaddingStridesAndDilation) {
  const std::string_view image = "f32[batch, height: 9, width: 8, channels: 3]";
  EXPECT_EQ(Conv2D(image).type, "f32[batch, height: 7, width: 6, channels*: 4]");
  EXPECT_EQ(Conv2D(image, {{"padding", Value("same")}}).type, "f32[batch, height: 9, width: 8, channels*: 4]");
  EXPECT_EQ(Conv2D(image, {{"strides", Pair(2, 3)}}).type, "f32[batch, height: 4, width: 2, channels*: 4]");
  EXPECT_EQ(Conv2D(image, {{"strides", Pair(2, 3)}, {"padding", Value("same")}}).type,
            "f32[batch, height: 5, width: 3, channels*: 4]");
  EXPECT_EQ(Conv2D(image, {{"dilation_rate", Pair(3, 1)}}).type, "f32[batch, height: 3, width: 6, channels*: 4]");
}

TEST(Conv2DTest, SymbolicSizesStayExact) {
  EXPECT_EQ(Conv2D("f32[batch, height: H, width: W, channels: 3]").type,
            "f32[batch, height: H - 2, width: W - 2, channels*: 4]");
  EXPECT_EQ(
      Conv2D("f32[batch, height: H, width: W, channels: 3]", {{"strides", Pair(2, 2)}, {"padding", Value("same")}})
          .type,
      "f32[batch, height: ceil(H / 2), width: ceil(W / 2), channels*: 4]");
}

TEST(Conv2DTest, FindsAxesByNameInAnyOrder) {
  EXPECT_EQ(Conv2D("f32[batch, channels: 3, height: 9, width: 8]").type,
            "f32[batch, channels*: 4, height: 7, width: 6]");
  EXPECT_EQ(Conv2D("f32[batch, width: 8, height: 9, features*: 3]", {{"kernel_size", Pair(3, 1)}}).type,
            "f32[batch, width: 8, height: 7, channels*: 4]");
}

TEST(Conv2DTest, ReadsOwnNamesByPosition) {
  const Applied last = Conv2D("f32[batch, freq: 9, steps: 8, mics: 3]");
  EXPECT_EQ(last.type, "f32[batch, freq: 7, steps: 6, channels*: 4]");
  EXPECT_THAT(last.codes, IsEmpty());
  EXPECT_EQ(Conv2D("f32[batch, mics: 3, freq: 9, steps: 8]", {{"data_format", Value("channels_first")}}).type,
            "f32[batch, channels*: 4, freq: 7, steps: 6]");
  // The name `channels` that the layer before made does not count.
  EXPECT_EQ(Conv2D("f32[batch, freq: 7, steps: 6, channels*: 4]").type, "f32[batch, freq: 5, steps: 4, channels*: 4]");
  // Written names at Keras' positions hold.
  EXPECT_EQ(Conv2D("f32[batch, height: 9, width: 8, 3]").type, "f32[batch, height: 7, width: 6, channels*: 4]");
}

TEST(Conv2DTest, LeavesOutANameThatIsTaken) {
  EXPECT_EQ(Conv2D("f32[batch, features*: 9, 8, 3]").type, "f32[batch, features*: 7, 6, 4]");
}

TEST(Conv2DTest, Weights) {
  const std::string_view image = "f32[batch, channels: 6, height: 9, width: 8]";
  EXPECT_EQ(ShowWeights("Conv2D", {image}, {{"filters", Value(4)}, {"kernel_size", Pair(3, 2)}, {"groups", Value(2)}}),
            "kernel: [height: 3, width: 2, channels: 3, filters: 4]\nbias: [filters: 4]\n");
  EXPECT_EQ(ShowWeights("DepthwiseConv2D", {image},
                        {{"kernel_size", Pair(3, 2)}, {"depth_multiplier", Value(2)}, {"use_bias", Value(false)}}),
            "kernel: [height: 3, width: 2, channels: 6, multiplier: 2]\n");
}

TEST(DepthwiseConv2DTest, MultipliesTheChannels) {
  EXPECT_EQ(Apply("DepthwiseConv2D", {"f32[batch, height: 9, width: 8, channels: 3]"},
                  {{"kernel_size", Pair(3, 3)}, {"depth_multiplier", Value(2)}, {"strides", Pair(2, 2)}})
                .type,
            "f32[batch, height: 4, width: 3, channels*: 6]");
}

// ---- Numbers ----

TEST(Conv2DTest, Numbers) {
  // [1 2 3; 4 5 6; 7 8 9] under [1 2; 3 4]: 1 + 2*2 + 3*4 + 4*5 = 37.
  const NamedArguments arguments = {{"filters", Value(1)}, {"kernel_size", Pair(2, 2)}};
  EXPECT_THAT(Compute("Conv2D", {"f32[batch, height: 3, width: 3, channels: 1]"}, arguments, {}, {{"bias", {0}}}).data,
              ElementsAre(37, 47, 67, 77));
  EXPECT_THAT(Compute("Conv2D", {"f32[batch, channels: 1, height: 3, width: 3]"}, arguments, {}, {{"bias", {1}}}).data,
              ElementsAre(38, 48, 68, 78));
}

TEST(Conv2DTest, ChannelsFirstKeepsTheStoredOrder) {
  // Two channels of one row each, two filters of size 1 that pass and double.
  const auto result = Compute("Conv2D", {"f32[batch, channels: 2, height: 1, width: 2]"},
                              {{"filters", Value(2)}, {"kernel_size", Pair(1, 1)}, {"use_bias", Value(false)}},
                              {{1, 2, 3, 4}}, {{"kernel", {1, 0, 0, 2}}});
  EXPECT_THAT(result.sizes, ElementsAre(1, 2, 1, 2));
  EXPECT_THAT(result.data, ElementsAre(1, 2, 6, 8));
}

TEST(Conv2DTest, SoftmaxActsOnTheLastStoredAxis) {
  const auto result = Compute("Conv2D", {"f32[batch, channels: 1, height: 1, width: 2]"},
                              {{"filters", Value(2)},
                               {"kernel_size", Pair(1, 1)},
                               {"activation", Value("softmax")},
                               {"use_bias", Value(false)}},
                              {{5, 5}}, {{"kernel", {1, 3}}});
  EXPECT_THAT(result.data, ElementsAre(0.5, 0.5, 0.5, 0.5));
}

TEST(DepthwiseConv2DTest, Numbers) {
  // Each channel by itself, two results for each: 1 -> (1, 2), 10 -> (30, 40).
  const auto result = Compute("DepthwiseConv2D", {"f32[batch, height: 1, width: 1, channels: 2]"},
                              {{"kernel_size", Pair(1, 1)}, {"depth_multiplier", Value(2)}, {"use_bias", Value(false)}},
                              {{1, 10}}, {{"kernel", {1, 2, 3, 4}}});
  EXPECT_THAT(result.data, ElementsAre(1, 2, 30, 40));
}

// ---- Messages ----

TEST(ImageTest, NoChannels) {
  const Applied applied = Conv2D("f32[batch, height: 28, width: 28]");
  EXPECT_EQ(applied.type, "f32[batch, height*: ?, width*: ?, channels*: 4]");
  EXPECT_EQ(applied.messages,
            "E0200: Conv2D got `[batch, height: 28, width: 28]`, which has no `channels` axis\n"
            "  `Conv2D`: takes height, width and channels\n"
            "  `x: f32[batch, height: 28, width: 28]`: this is `[batch, height: 28, width: 28]`\n"
            "  help: a grey image has one channel: `[batch, height: 28, width: 28, channels: 1]`\n");
  EXPECT_THAT(applied.fixed, ElementsAre("x: f32[batch, height: 28, width: 28, channels: 1]\n"
                                         "x |> Conv2D(filters=4, kernel_size=(3, 3))\n"));
}

TEST(ImageTest, NoHeightAndWidth) {
  EXPECT_EQ(Conv2D("f32[batch, features*: 64]").messages,
            "E0201: Conv2D got `[batch, features: 64]`, which has no `height` and `width` axes\n"
            "  `Conv2D`: takes height, width and channels\n"
            "  `x: f32[batch, features: 64]`: this is `[batch, features: 64]`\n"
            "  help: an image is `[batch, height: ..., width: ..., channels: ...]`: name its axes so in the "
            "signature\n");
}

TEST(ImageTest, SurplusAxis) {
  EXPECT_EQ(Conv2D("f32[batch, time: 10, height: 9, width: 8, channels: 3]").messages,
            "E0202: Conv2D got `[batch, time: 10, height: 9, width: 8, channels: 3]`, where `time` is one too many\n"
            "  `Conv2D`: takes the batch, height, width and channels\n"
            "  `x: f32[batch, time: 10, height: 9, width: 8, channels: 3]`: this is "
            "`[batch, time: 10, height: 9, width: 8, channels: 3]`\n"
            "  help: `TimeDistributed(Conv2D(...))` maps an image for each `time`\n");
}

TEST(ImageTest, NamesAndPositionsDisagree) {
  const Applied applied = Conv2D("f32[batch, 3, height: 9, width: 8]");
  EXPECT_EQ(applied.messages,
            "E0204: Conv2D got `[batch, 3, height: 9, width: 8]`, where names and positions disagree\n"
            "  `Conv2D`: reads axes by name, or all of them by position\n"
            "  `x: f32[batch, 3, height: 9, width: 8]`: this is `[batch, 3, height: 9, width: 8]`\n"
            "  note: by position it would be `[batch, height: 3, width: 9, channels: 8]`\n"
            "  help: name the axis that has no role: `[batch, channels: 3, height: 9, width: 8]`\n");
  EXPECT_THAT(applied.fixed, ElementsAre("x: f32[batch, channels: 3, height: 9, width: 8]\n"
                                         "x |> Conv2D(filters=4, kernel_size=(3, 3))\n"));
}

TEST(ImageTest, DataFormatContradictsNames) {
  const Applied applied =
      Conv2D("f32[batch, height: 9, width: 8, channels: 3]", {{"data_format", Value("channels_first")}});
  EXPECT_EQ(applied.messages,
            "E0205: `data_format=\"channels_first\"` contradicts `[batch, height: 9, width: 8, channels: 3]`\n"
            "  `'channels_first'`: the channels are axis 3\n"
            "  note: the names say which axis is which, in any order, so that no `data_format` is needed\n"
            "  help: leave `data_format` out, or write `None`\n");
  EXPECT_THAT(applied.fixed, ElementsAre("x: f32[batch, height: 9, width: 8, channels: 3]\n"
                                         "x |> Conv2D(filters=4, kernel_size=(3, 3), data_format=None)\n"));
}

TEST(ImageTest, OtherRanks) {
  EXPECT_EQ(Conv2D("f32[batch, 28, 28]").messages,
            "E0206: Conv2D got `[batch, 28, 28]`, which has 3 axes; an image has 4\n"
            "  `Conv2D`: takes `[batch, height, width, channels]`\n"
            "  `x: f32[batch, 28, 28]`: this is `[batch, 28, 28]`\n"
            "  help: a grey image has one channel: `[batch, height: 28, width: 28, channels: 1]`\n");
  EXPECT_EQ(Conv2D("f32[batch, 60000, 28, 28, 1]").messages,
            "E0206: Conv2D got `[batch, 60000, 28, 28, 1]`, which has 5 axes; an image has 4\n"
            "  `Conv2D`: takes `[batch, height, width, channels]`\n"
            "  `x: f32[batch, 60000, 28, 28, 1]`: this is `[batch, 60000, 28, 28, 1]`\n"
            "  help: if axis 1 counts the samples, delete it: the batch axis is there already\n");
}

TEST(ImageTest, UnnamedAxesAreReadWithAWarning) {
  const Applied applied = Conv2D("f32[batch, 20, 15, 15]");
  EXPECT_EQ(applied.type, "f32[batch, 18, 13, channels*: 4]");
  EXPECT_EQ(applied.messages,
            "W0200: Conv2D reads the unnamed axes of `[batch, 20, 15, 15]` by position\n"
            "  `Conv2D`: reads it as `[batch, height: 20, width: 15, channels: 15]`\n"
            "  note: with the channels first it would be `[batch, channels: 20, height: 15, width: 15]`\n"
            "  help: name the axes: `[batch, height: 20, width: 15, channels: 15]`\n");
  EXPECT_THAT(Conv2D("f32[batch, 18, 13, channels*: 4]").codes, IsEmpty());
  EXPECT_THAT(Conv2D("f32[batch, 3, 18, 13]", {{"data_format", Value("channels_first")}}).codes, IsEmpty());
}

TEST(ImageTest, FloatsAreNeeded) {
  EXPECT_EQ(Conv2D("u8[batch, height: 9, width: 8, channels: 3]").messages,
            "E0210: Conv2D got `u8[batch, height: 9, width: 8, channels: 3]`, whose elements are not floating-point "
            "numbers\n"
            "  `Conv2D`: computes with floating-point numbers\n"
            "  `x: u8[batch, height: 9, width: 8, channels: 3]`: its elements are u8\n"
            "  help: `f32(...)` makes floats of them\n"
            "  help: of the bytes of an image `Rescaling(1 / 255)` makes floats from 0 to 1\n");
}

TEST(Conv2DTest, WindowDoesNotFit) {
  const Applied applied = Conv2D("f32[batch, height: 2, width: 8, channels: 3]");
  EXPECT_EQ(applied.type, "f32[batch, height: ?, width: 6, channels*: 4]");
  EXPECT_EQ(applied.messages,
            "E0300: the size of `height` is 2, less than the window of 3\n"
            "  `(3, 3)`: needs 3 along `height`\n"
            "  `x: f32[batch, height: 2, width: 8, channels: 3]`: this is `[batch, height: 2, width: 8, channels: 3]`\n"
            "  note: (2 + 2*0 - 3) / 1 + 1 = 0\n"
            "  help: `padding=\"same\"` keeps the size, whatever the window\n");
  EXPECT_THAT(applied.fixed, ElementsAre("x: f32[batch, height: 2, width: 8, channels: 3]\n"
                                         "x |> Conv2D(filters=4, kernel_size=(3, 3), padding=\"same\")\n"));
}

TEST(Conv2DTest, WindowDoesNotFitAnImageThatLooksChannelsFirst) {
  const Applied applied = Conv2D("f32[batch, height: 1, width: 200, channels: 200]");
  EXPECT_THAT(applied.fixed.front(),
              "x: f32[batch, channels: 1, height: 200, width: 200]\n"
              "x |> Conv2D(filters=4, kernel_size=(3, 3))\n");
}

TEST(Conv2DTest, DilationShowsInTheDerivation) {
  EXPECT_EQ(Conv2D("f32[batch, height: 9, width: 4, channels: 3]", {{"dilation_rate", Pair(2, 2)}}).messages,
            "E0300: the size of `width` is 4, less than the window of 5\n"
            "  `(3, 3)`: needs 5 along `width`\n"
            "  `x: f32[batch, height: 9, width: 4, channels: 3]`: this is `[batch, height: 9, width: 4, channels: 3]`\n"
            "  note: (4 + 2*0 - 5) / 1 + 1 = 0\n"
            "  note: a window of 3 dilated by 2 spans 5\n"
            "  help: `padding=\"same\"` keeps the size, whatever the window\n");
}

TEST(Conv2DTest, GroupsDoNotDivide) {
  const Applied applied = Apply("Conv2D", {"f32[batch, height: 9, width: 8, channels: 3]"},
                                {{"filters", Value(8)}, {"kernel_size", Pair(3, 3)}, {"groups", Value(2)}});
  EXPECT_EQ(applied.messages,
            "E0301: `groups=2` does not divide the 3 input channels\n"
            "  `2`: leaves a rest of 1\n"
            "  `x: f32[batch, height: 9, width: 8, channels: 3]`: this has 3 channels\n"
            "  help: numbers that divide both 3 channels and 8 filters: 1\n");
  EXPECT_EQ(Apply("Conv2D", {"f32[batch, height: 9, width: 8, channels: 12]"},
                  {{"filters", Value(8)}, {"kernel_size", Pair(3, 3)}, {"groups", Value(3)}})
                .messages,
            "E0301: `groups=3` does not divide the 8 filters\n"
            "  `3`: leaves a rest of 2\n"
            "  `x: f32[batch, height: 9, width: 8, channels: 12]`: this has 12 channels\n"
            "  help: numbers that divide both 12 channels and 8 filters: 1, 2 and 4\n");
}

TEST(Conv2DTest, SymbolicChannels) {
  EXPECT_EQ(Conv2D("f32[batch, height: 9, width: 8, channels: C]").messages,
            "E0303: the size of `channels` is `C`, known only when the model runs\n"
            "  `Conv2D`: its kernel has a slice for each of them, so their number must be a constant\n"
            "  `x: f32[batch, height: 9, width: 8, channels: C]`: this is `[batch, height: 9, width: 8, channels: C]`\n"
            "  help: give the number in the signature, as in `channels: 3`\n");
}

TEST(Conv2DTest, StridesAndDilation) {
  const Applied applied =
      Conv2D("f32[batch, height: 9, width: 8, channels: 3]", {{"strides", Pair(2, 2)}, {"dilation_rate", Pair(2, 2)}});
  EXPECT_EQ(applied.messages,
            "E0551: `strides=(2, 2)` and `dilation_rate=(2, 2)` are both larger than 1\n"
            "  `(2, 2)`: larger than 1\n"
            "  `(2, 2)`: larger than 1, too\n"
            "  help: a dilated convolution has no strides; a pooling after it makes the image smaller\n");
}

TEST(ImageTest, UnknownSizesAreSilent) {
  EXPECT_THAT(Conv2D("f32[batch, height*: ?, width*: ?, channels*: ?]").codes, IsEmpty());
}

}  // namespace
}  // namespace strata
