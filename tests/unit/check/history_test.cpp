#include "compiler/check/history.h"

#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata::check {
namespace {

// Values 0 to 5: the image and the results of the five layers.
Network Classifier() {
  return *CheckProgram(
              R"(model tiny(image: f32[batch, height: 8, width: 10, channels: 3]) -> (y: f32[batch, classes: 2]) {
  return image |> Conv2D(4, 3) |> ReLU() |> MaxPooling2D(2) |> Flatten() |> Dense(2)
}
)")
              .network;
}

TEST(HistoryTest, OriginIsTheNodeThatLastChangedTheAxis) {
  const Network network = Classifier();
  EXPECT_EQ(OriginOf(network, {3, 1}), 2);   // height: the pooling
  EXPECT_EQ(OriginOf(network, {3, 3}), 0);   // channels: the convolution
  EXPECT_EQ(OriginOf(network, {2, 1}), 0);   // ReLU changes nothing
  EXPECT_EQ(OriginOf(network, {3, 0}), -1);  // the batch is the input's
}

TEST(HistoryTest, SizesOnTheWay) {
  const std::vector<Dim> expected = {8, 6, 3};
  EXPECT_EQ(SizesOf(Classifier(), {3, 1}), expected);
}

TEST(HistoryTest, DroppedAxes) {
  const std::vector<DroppedAxis> dropped = DroppedAxes(Classifier(), 5);
  ASSERT_EQ(dropped.size(), 3u);
  EXPECT_EQ(dropped[0].axis.name, "height");
  for (const DroppedAxis& axis : dropped) EXPECT_EQ(axis.node, 3);
}

TEST(HistoryTest, DescribeAxes) {
  const Network network = Classifier();
  EXPECT_EQ(DescribeAxes(network, 0), "Conv2D: height 8 -> 6, width 10 -> 8 and channels 3 -> 4");
  EXPECT_EQ(DescribeAxes(network, 1), "ReLU: height, width and channels pass through");
  EXPECT_EQ(DescribeAxes(network, 2), "MaxPooling2D: height 6 -> 3 and width 8 -> 4; channels passes through");
  EXPECT_EQ(DescribeAxes(network, 3), "Flatten: makes features: 48; drops height, width and channels");
  EXPECT_EQ(DescribeAxes(network, 4), "Dense maps only the last axis: features 48 -> 2");
}

}  // namespace
}  // namespace strata::check
