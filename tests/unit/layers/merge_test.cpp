// Add, Multiply and Concatenate.
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

Applied Add(std::vector<std::string_view> inputs) { return Apply("Add", inputs, {}); }

// ---- Which axes belong together ----

TEST(BroadcastTest, ByName) {
  EXPECT_EQ(Add({"f32[batch, time: 3, features: 5]", "f32[batch, features: 5]"}).type,
            "f32[batch, time: 3, features: 5]");
  EXPECT_EQ(Add({"f32[batch, time: 3]", "f32[batch, time: 3, features: 5]"}).type, "f32[batch, time: 3, features: 5]");
  EXPECT_EQ(Add({"f32[batch, height: 8, width: 8, channels*: 4]", "f32[batch, features*: 4]"}).type,
            "f32[batch, height: 8, width: 8, channels*: 4]");
}

TEST(BroadcastTest, ByPositionBetweenEqualRanks) {
  EXPECT_EQ(Add({"f32[batch, 8, 8, channels*: 4]", "f32[batch, 8, 8, channels*: 4]"}).type,
            "f32[batch, 8, 8, channels*: 4]");
  EXPECT_EQ(Add({"f32[batch, features*: 4]", "f32[batch, classes: 4]"}).type, "f32[batch, classes: 4]");
  EXPECT_EQ(Add({"f32[batch, 4]", "f32[batch, features*: 4]"}).type, "f32[batch, features*: 4]");
}

TEST(BroadcastTest, BySizeWhereThereIsOneCandidate) {
  EXPECT_EQ(Add({"f32[batch, freq: 8, mics: 4]", "f32[batch, 4]"}).type, "f32[batch, freq: 8, mics: 4]");
  EXPECT_EQ(Add({"f32[batch, freq: 4, mics: 4]", "f32[batch, 4]"}).messages,
            "E0408: `4` of `b` could be several axes of `a`\n"
            "  `Add`: merges axes of one name\n"
            "  `a: f32[batch, freq: 4, mics: 4]`: `a` is `[batch, freq: 4, mics: 4]`\n"
            "  `b: f32[batch, 4]`: `b` is `[batch, 4]`\n"
            "  help: name the axis after the one it belongs to\n");
}

TEST(BroadcastTest, ADeliberateOneIsRepeated) {
  EXPECT_EQ(
      Apply("Multiply",
            {"f32[batch, height: 8, width: 8, channels: 4]", "f32[batch, height: 1!, width: 1!, channels*: 4]"}, {})
          .type,
      "f32[batch, height: 8, width: 8, channels: 4]");
  EXPECT_EQ(Apply("Multiply", {"f32[batch, 1!, channels: 4]", "f32[batch, 7, channels: 4]"}, {}).type,
            "f32[batch, 7, channels: 4]");
}

TEST(BroadcastTest, SizesDiffer) {
  EXPECT_EQ(Add({"f32[batch, height: 64, width: 64, channels: 48]", "f32[batch, height: 64, width: 64, channels: 64]"})
                .messages,
            "E0400: `channels` is 48 in `a` and 64 in `b`\n"
            "  `Add`: merges element by element\n"
            "  `a: f32[batch, height: 64, width: 64, channels: 48]`: `a` is "
            "`[batch, height: 64, width: 64, channels: 48]`\n"
            "  `b: f32[batch, height: 64, width: 64, channels: 64]`: `b` is "
            "`[batch, height: 64, width: 64, channels: 64]`\n"
            "  help: bring `a` to 64 with `Conv2D(64, 1)`\n");
  EXPECT_THAT(
      Add({"f32[batch, height: 64, 3]", "f32[batch, height: 32, 3]"}).messages,
      ::testing::HasSubstr("help: make `a` smaller as well, with `strides=2` in its convolution or a pooling\n"));
  EXPECT_THAT(Add({"f32[batch, height: 89, 3]", "f32[batch, height: 88, 3]"}).messages,
              ::testing::EndsWith("help: give both one size where they are made or declared\n"));
  EXPECT_THAT(Add({"f32[batch, height: 89, width: 9, 3]", "f32[batch, height: 88, width: 9, 3]"}).messages,
              ::testing::HasSubstr("help: pad `b` by 1 with `ZeroPadding2D(((0, 1), (0, 0)))`\n"));
  EXPECT_THAT(Add({"f32[batch, time: 9, 3]", "f32[batch, time: 8, 3]"}).messages,
              ::testing::HasSubstr("help: pad `b` by 1 with `ZeroPadding1D((0, 1))`\n"));
  EXPECT_THAT(Add({"f32[batch, 3]", "f32[samples, 3]"}).messages,
              ::testing::HasSubstr("help: give both batch axes one name where the inputs are declared"));
  EXPECT_THAT(Add({"f32[batch, time: T, 3]", "f32[batch, time: 8, 3]"}).codes, ElementsAre("E0400"));
}

TEST(BroadcastTest, ASizeOfOneIsNotRepeated) {
  EXPECT_EQ(Add({"f32[batch, time: 8, features: 64]", "f32[batch, time: 8, features: 1]"}).messages,
            "E0402: `features` is 64 in `a` and 1 in `b`, where a size of 1 is not repeated\n"
            "  `Add`: merges element by element\n"
            "  `a: f32[batch, time: 8, features: 64]`: `a` is `[batch, time: 8, features: 64]`\n"
            "  `b: f32[batch, time: 8, features: 1]`: `b` is `[batch, time: 8, features: 1]`\n"
            "  note: Keras repeats the single element without a word, which hides mistakes\n"
            "  help: if it is to be repeated, say that the 1 of `b` is meant: `Reshape([time: 8, features: 1])`, or "
            "`keepdims=True` where a function makes it\n");
}

TEST(BroadcastTest, AxesDiffer) {
  EXPECT_EQ(Add({"f32[batch, time: 8, features: 64]", "f32[batch, height: 8]"}).messages,
            "E0401: `b` has `height: 8`, `a` has no such axis\n"
            "  `Add`: merges axes of one name\n"
            "  `a: f32[batch, time: 8, features: 64]`: `a` is `[batch, time: 8, features: 64]`\n"
            "  `b: f32[batch, height: 8]`: `b` is `[batch, height: 8]`\n"
            "  help: where both axes are the same thing, give them one name; where `a` should have the axis, `Reshape` "
            "can add it with a size of 1\n");
}

TEST(BroadcastTest, OrdersDiffer) {
  EXPECT_EQ(Add({"f32[batch, height: 8, width: 8]", "f32[batch, width: 8, height: 8]"}).messages,
            "E0404: `a` and `b` have their axes in different orders\n"
            "  `Add`: merges axes in the order in which they stand\n"
            "  `a: f32[batch, height: 8, width: 8]`: `a` is `[batch, height: 8, width: 8]`\n"
            "  `b: f32[batch, width: 8, height: 8]`: `b` is `[batch, width: 8, height: 8]`\n"
            "  help: `transpose(..., [batch, height, width])` brings `b` to the order of `a`\n"
            "  help: or declare the inputs with their axes in one order\n");
}

TEST(BroadcastTest, ElementTypesDiffer) {
  EXPECT_EQ(Add({"f32[batch, 8]", "i32[batch, 8]"}).messages,
            "E0405: `a` holds f32 and `b` holds i32\n"
            "  `Add`: takes elements of one type\n"
            "  `a: f32[batch, 8]`: `a` is `f32[batch, 8]`\n"
            "  `b: i32[batch, 8]`: `b` is `i32[batch, 8]`\n"
            "  help: `f32(...)` brings one to the type of the other\n");
}

TEST(BroadcastTest, UnknownSizesAreSilent) {
  EXPECT_THAT(Add({"f32[batch, time: ?, features: 64]", "f32[batch, time: 8, features: 64]"}).codes, IsEmpty());
  EXPECT_THAT(Add({"f32[batch, time: 8, features: 64]", "f32[batch, ?]"}).codes, IsEmpty());
}

TEST(BroadcastTest, Numbers) {
  EXPECT_THAT(Compute("Add", {"f32[batch, time: 2, features: 2]", "f32[batch, features: 2]", "f32[batch, time: 2]"}, {},
                      {{1, 2, 3, 4}, {10, 20}, {100, 200}})
                  .data,
              ElementsAre(111, 122, 213, 224));
  EXPECT_THAT(Compute("Multiply", {"f32[batch, features: 2]", "f32[batch, time: 2, features: 2]"}, {}, {}).data,
              ElementsAre(1, 4, 3, 8));
}

// ---- Concatenate ----

Applied Concatenate(std::vector<std::string_view> inputs, ConfigValue axis) {
  return Apply("Concatenate", inputs, {{"axis", std::move(axis)}});
}

TEST(ConcatenateTest, AddsTheSizes) {
  EXPECT_EQ(Concatenate({"f32[batch, time: 3, features: 5]", "f32[batch, time: T, features: 5]"}, Value("time")).type,
            "f32[batch, time: T + 3, features: 5]");
  EXPECT_EQ(Concatenate({"f32[batch, classes: 3]", "f32[batch, coords: 4]"}, Value(-1)).type,
            "f32[batch, features*: 7]");
  EXPECT_EQ(Concatenate({"f32[batch, features*: 3]", "f32[batch, features*: 4]"}, Value(1)).type,
            "f32[batch, features*: 7]");
}

TEST(ConcatenateTest, Numbers) {
  EXPECT_THAT(Compute("Concatenate", {"f32[batch, time: 2, 1]", "f32[batch, time: 2, 2]"}, {}, {}).data,
              ElementsAre(1, 1, 2, 2, 3, 4));
}

TEST(ConcatenateTest, OnlyAnotherAxisDiffers) {
  const Applied applied = Concatenate(
      {"f32[batch, height: 8, width: 8, channels: 3]", "f32[batch, height: 8, width: 8, channels: 4]"}, Value(1));
  EXPECT_EQ(applied.messages,
            "E0400: `channels` is 3 in `a` and 4 in `b`\n"
            "  `Concatenate`: joins along `axis=1`, all other sizes must be equal\n"
            "  `a: f32[batch, height: 8, width: 8, channels: 3]`: `a` is `[batch, height: 8, width: 8, channels: 3]`\n"
            "  `b: f32[batch, height: 8, width: 8, channels: 4]`: `b` is `[batch, height: 8, width: 8, channels: 4]`\n"
            "  help: only `channels` differs: `axis=channels`\n");
  EXPECT_THAT(applied.fixed.front(), ::testing::EndsWith("Concatenate(axis=channels)(a, b)\n"));
}

TEST(ConcatenateTest, RanksDiffer) {
  EXPECT_EQ(Concatenate({"f32[batch, 1024]", "f32[batch, 1024, 2]"}, Value(-1)).messages,
            "E0406: `a` has 2 axes and `b` has 3\n"
            "  `Concatenate`: joins tensors of the same axes\n"
            "  `a: f32[batch, 1024]`: `a` is `[batch, 1024]`\n"
            "  `b: f32[batch, 1024, 2]`: `b` is `[batch, 1024, 2]`\n"
            "  help: give `a` the axes of `b`: `Reshape([1024, 1])`\n");
  EXPECT_THAT(Concatenate({"f32[batch, 3, 4, 5]", "f32[batch, 60]"}, Value(-1)).messages,
              ::testing::EndsWith(
                  "  help: bring one of them to the other's axes first: `Reshape` adds one, `Flatten` takes all "
                  "into one\n"));
}

TEST(ConcatenateTest, NamesDiffer) {
  EXPECT_EQ(Concatenate({"f32[batch, time: 8, features: 3]", "f32[batch, steps: 8, features: 3]"}, Value(-1)).messages,
            "E0407: axis 1 is `time` in `a` and `steps` in `b`\n"
            "  `Concatenate`: joins tensors of the same axes\n"
            "  `a: f32[batch, time: 8, features: 3]`: `a` is `[batch, time: 8, features: 3]`\n"
            "  `b: f32[batch, steps: 8, features: 3]`: `b` is `[batch, steps: 8, features: 3]`\n"
            "  help: give the axis one name where the inputs are declared\n");
}

TEST(ConcatenateTest, OrdersDiffer) {
  EXPECT_THAT(
      Concatenate({"f32[batch, height: 8, channels: 3]", "f32[batch, channels: 3, height: 8]"}, Value("channels"))
          .codes,
      ElementsAre("E0404"));
  EXPECT_THAT(
      Concatenate({"f32[batch, height: 8, width: 8, 3]", "f32[batch, width: 8, height: 8, 3]"}, Value(-1)).codes,
      ElementsAre("E0404"));
}

TEST(ConcatenateTest, DefaultAxisIsNotTheChannels) {
  EXPECT_THAT(
      Apply("Concatenate", {"f32[batch, channels: 3, height: 8]", "f32[batch, channels: 3, height: 8]"}, {}).codes,
      ElementsAre("W0202"));
}

}  // namespace
}  // namespace strata
