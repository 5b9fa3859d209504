// Dense, Flatten and Reshape.
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
using testing::ShowWeights;

// ---- Dense ----

TEST(DenseTest, MapsTheLastAxis) {
  EXPECT_EQ(Apply("Dense", {"f32[batch, time: T, features: 8]"}, {{"units", Value(5)}}).type,
            "f32[batch, time: T, features*: 5]");
  EXPECT_EQ(Apply("Dense", {"f32[batch, channels: 2, height: 3, width: 4]"}, {{"units", Value(5)}}).type,
            "f32[batch, channels: 2, height: 3, 5]");
  EXPECT_EQ(Apply("Dense", {"f32[batch, classes: 3]"}, {{"units", Value(5)}}).type, "f32[batch, features*: 5]");
}

TEST(DenseTest, Weights) {
  EXPECT_EQ(ShowWeights("Dense", {"f32[batch, time: T, features: 8]"}, {{"units", Value(5)}}),
            "kernel: [features: 8, units: 5]\nbias: [units: 5]\n");
  EXPECT_EQ(ShowWeights("Dense", {"f32[batch, 8]"}, {{"units", Value(5)}, {"use_bias", Value(false)}}),
            "kernel: [features: 8, units: 5]\n");
}

TEST(DenseTest, Numbers) {
  // [1 2] [1 2 3; 4 5 6] + [1 2 3] = [10 14 18]
  const auto result =
      Compute("Dense", {"f32[batch, features: 2]"}, {{"units", Value(3)}, {"activation", Value("relu")}}, {}, {}, 2);
  EXPECT_THAT(result.sizes, ElementsAre(2, 3));
  EXPECT_THAT(result.data, ElementsAre(10, 14, 18, 20, 28, 36));
}

TEST(DenseTest, SymbolicFeatures) {
  EXPECT_EQ(Apply("Dense", {"f32[batch, features*: H]"}, {{"units", Value(5)}}).messages,
            "E0303: the size of `features` is `H`, known only when the model runs\n"
            "  `Dense`: its kernel has a row for each of them, so their number must be a constant\n"
            "  `x: f32[batch, features: H]`: this is `[batch, features: H]`\n"
            "  help: give the number in the signature, as in `features: 64`\n");
}

TEST(DenseTest, OnlyTheBatchAxis) {
  EXPECT_EQ(Apply("Dense", {"f32[batch]"}, {{"units", Value(5)}}).messages,
            "E0208: Dense got `[batch]`, which has no axis but the batch\n"
            "  `Dense`: maps the last axis, which cannot be the batch axis\n"
            "  `x: f32[batch]`: this is `[batch]`\n"
            "  help: one number for each sample is one feature: `[batch, features: 1]`\n");
}

// ---- Flatten ----

TEST(FlattenTest, CountsTheElements) {
  EXPECT_EQ(Apply("Flatten", {"f32[batch, height: 4, width: 4, channels: 16]"}, {}).type, "f32[batch, features*: 256]");
  EXPECT_EQ(Apply("Flatten", {"f32[batch, height: H, width: 4]"}, {}).type, "f32[batch, features*: 4 * H]");
  EXPECT_EQ(Apply("Flatten", {"f32[batch]"}, {}).type, "f32[batch, features*: 1]");
}

TEST(FlattenTest, VisitsTheStoredOrder) {
  const std::string_view image = "f32[batch, channels: 2, height: 1, width: 2]";
  EXPECT_THAT(Compute("Flatten", {image}, {}, {}).data, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(Compute("Flatten", {image}, {{"data_format", Value("channels_first")}}, {}).data,
              ElementsAre(1, 3, 2, 4));
}

TEST(FlattenTest, DataFormatContradictsNames) {
  EXPECT_THAT(
      Apply("Flatten", {"f32[batch, height: 4, width: 4, channels: 16]"}, {{"data_format", Value("channels_first")}})
          .codes,
      ElementsAre("E0205"));
}

// ---- Reshape ----

Applied Reshape(std::string_view input, ConfigValue::List target) {
  return Apply("Reshape", {input}, {{"target_shape", ConfigValue{.data = std::move(target)}}});
}

ConfigValue Named(std::string name, int size) {
  ConfigValue value = Value(size);
  value.axis = std::move(name);
  return value;
}

TEST(ReshapeTest, TakesTheNamesThatAreWritten) {
  EXPECT_EQ(Reshape("f32[batch, features: 24]", {Value(2), Value(3), Value(4)}).type, "f32[batch, 2, 3, 4]");
  EXPECT_EQ(Reshape("f32[batch, features: 24]", {Named("height", 2), Named("width", -1), Named("channels", 1)}).type,
            "f32[batch, height: 2, width: 12, channels: 1!]");
  EXPECT_EQ(Reshape("f32[batch, height: H, width: 6]", {Value(-1), Value(3)}).type, "f32[batch, 2 * H, 3]");
}

TEST(ReshapeTest, ElementsDoNotFit) {
  const Applied applied = Reshape("f32[batch, 50, 50, 64]", {Value(50), Value(768)});
  EXPECT_EQ(applied.messages,
            "E0302: 160000 elements do not fill `[50, 768]`, which has 38400\n"
            "  `(50, 768)`: 50 * 768 = 38400\n"
            "  `x: f32[batch, 50, 50, 64]`: this is `[batch, 50, 50, 64]`\n"
            "  note: without the batch axis the input has 50 * 50 * 64 = 160000 elements\n"
            "  help: `[50, 3200]` fits\n");
  EXPECT_THAT(applied.fixed, ElementsAre("x: f32[batch, 50, 50, 64]\nx |> Reshape(target_shape=[50, 3200])\n"));
  EXPECT_THAT(Reshape("f32[batch, 7]", {Named("a", 2), Named("b", 3)}).fixed.front(),
              "x: f32[batch, 7]\nx |> Reshape(target_shape=[7])\n");
}

TEST(ReshapeTest, Remainder) {
  EXPECT_EQ(Reshape("f32[batch, 100]", {Value(-1), Value(30)}).messages,
            "E0304: 100 elements are no multiple of 30, so `[-1, 30]` leaves a rest\n"
            "  `(-1, 30)`: the sizes beside -1: 30\n"
            "  `x: f32[batch, 100]`: this is `[batch, 100]`\n"
            "  note: without the batch axis the input has 100 elements\n"
            "  help: `[-1, 25]` fits\n");
}

TEST(ReshapeTest, WrongTargets) {
  EXPECT_EQ(Reshape("f32[batch, 100]", {Value(-1), Value(-1)}).messages,
            "E0554: `[-1, -1]` leaves two sizes open\n"
            "  `(-1, -1)`: the second -1\n"
            "  note: one size can be computed from the others, two cannot\n");
  EXPECT_EQ(Reshape("f32[batch, 100]", {Value(0)}).messages,
            "E0555: `[0]` has a size of 0\n"
            "  `(0,)`: sizes are positive; -1 stands for the size that is left\n");
  EXPECT_THAT(Reshape("f32[batch, 4]", {Named("height", 2), Named("height", 2)}).codes, ElementsAre("E0212"));
  const int large = 1 << 30;
  EXPECT_THAT(Reshape("f32[batch, 4]", {Value(large), Value(large), Value(large)}).messages,
              ::testing::StartsWith("E0302: 4 elements do not fill `[1073741824, 1073741824, 1073741824]`, which has "
                                    "2**63 or more\n"));
}

TEST(ReshapeTest, UnknownSizesAreSilent) {
  EXPECT_EQ(Reshape("f32[batch, ?]", {Value(-1), Value(30)}).type, "f32[batch, ?, 30]");
  EXPECT_THAT(Reshape("f32[batch, ?]", {Value(4), Value(30)}).codes, IsEmpty());
}

}  // namespace
}  // namespace strata
