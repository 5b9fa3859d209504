#include "compiler/weights/axis_order.h"

#include <gtest/gtest.h>

namespace strata::weights {
namespace {

Shape Kernel(int64_t height, int64_t width, int64_t channels, int64_t filters) {
  return {{.name = "height", .size = height},
          {.name = "width", .size = width},
          {.name = "channels", .size = channels},
          {.name = "filters", .size = filters}};
}

std::vector<std::string> Fitting(const Shape& shape, const std::vector<int64_t>& sizes) {
  std::vector<std::string> texts;
  for (const AxisOrder& order : FittingOrders(shape, sizes)) texts.push_back(OrderText(shape, order));
  return texts;
}

using Texts = std::vector<std::string>;

TEST(FittingOrdersTest, OneOrNone) {
  EXPECT_EQ(Fitting(Kernel(3, 5, 2, 4), {4, 2, 3, 5}), Texts{"[filters, channels, height, width]"});
  EXPECT_EQ(Fitting(Kernel(3, 5, 2, 4), {3, 5, 2, 4}), Texts{"[height, width, channels, filters]"});
  EXPECT_EQ(Fitting(Kernel(3, 5, 2, 4), {4, 2, 3, 6}), Texts{});
  EXPECT_EQ(Fitting(Kernel(3, 5, 2, 4), {4, 2, 15}), Texts{});
  EXPECT_EQ(Fitting({}, {}), Texts{"[]"});
}

TEST(FittingOrdersTest, WindowAxesKeepTheirOrder) {
  EXPECT_EQ(Fitting(Kernel(3, 3, 2, 4), {4, 2, 3, 3}), Texts{"[filters, channels, height, width]"});
  EXPECT_EQ(Fitting(Kernel(3, 5, 2, 4), {4, 2, 5, 3}), Texts{});
}

TEST(FittingOrdersTest, AxesOfOneElementDoNotMatter) {
  EXPECT_EQ(Fitting(Kernel(1, 1, 2, 4), {1, 1, 2, 4}), Texts{"[height, width, channels, filters]"});
  EXPECT_EQ(Fitting(Kernel(1, 1, 1, 4), {4, 1, 1, 1}).size(), 1u);
}

TEST(FittingOrdersTest, SeveralWithPyTorchsFirstAndTheLayersOwnLast) {
  EXPECT_EQ(Fitting(Kernel(3, 3, 8, 8), {8, 8, 3, 3}),
            (Texts{"[filters, channels, height, width]", "[channels, filters, height, width]"}));
  EXPECT_EQ(Fitting(Kernel(3, 3, 8, 8), {3, 3, 8, 8}),
            (Texts{"[height, width, filters, channels]", "[height, width, channels, filters]"}));
}

TEST(ToLayerOrderTest, TransposesAMatrix) {
  const Shape shape = {{.name = "features", .size = 3}, {.name = "units", .size = 2}};
  EXPECT_EQ(ToLayerOrder({1, 2, 3, 4, 5, 6}, shape, {1, 0}), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(ToLayerOrder({7}, {}, {}), std::vector<float>{7});
  EXPECT_EQ(ToLayerOrder({}, {{.name = "a", .size = 0}, {.name = "b", .size = 2}}, {1, 0}), std::vector<float>{});
}

}  // namespace
}  // namespace strata::weights
