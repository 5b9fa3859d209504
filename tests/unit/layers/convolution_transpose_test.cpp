// Transposed and separable convolutions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/layers/apply_layer.h"

namespace strata {
namespace {

using testing::Applied;
using testing::Apply;
using testing::Compute;
using ::testing::ElementsAre;
using testing::ExpandLayer;
using ::testing::IsEmpty;
using testing::NamedArguments;
using testing::ShowWeights;

constexpr std::string_view kSignal = "f32[batch, time: 5, channels: 2]";

NamedArguments Of(int kernel, int strides, NamedArguments more = {}) {
  NamedArguments arguments = {
      {"filters", Value(4)}, {"kernel_size", Values({Value(kernel)})}, {"strides", Values({Value(strides)})}};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::string TypeOf(std::string_view input, NamedArguments arguments) {
  return Apply("Conv1DTranspose", {input}, std::move(arguments)).type;
}

TEST(ConvTransposeTest, SizesAreThoseOfKeras) {
  EXPECT_EQ(TypeOf(kSignal, Of(3, 1)), "f32[batch, time: 7, channels*: 4]");
  EXPECT_EQ(TypeOf(kSignal, Of(3, 2)), "f32[batch, time: 11, channels*: 4]");
  EXPECT_EQ(TypeOf(kSignal, Of(2, 3)), "f32[batch, time: 15, channels*: 4]");
  EXPECT_EQ(TypeOf(kSignal, Of(3, 2, {{"padding", Value("same")}})), "f32[batch, time: 10, channels*: 4]");
  const auto padded = [](int amount) {
    return std::pair<std::string_view, ConfigValue>("output_padding", Values({Value(amount)}));
  };
  EXPECT_EQ(TypeOf(kSignal, Of(2, 3, {padded(0)})), "f32[batch, time: 14, channels*: 4]");
  EXPECT_EQ(TypeOf(kSignal, Of(3, 2, {padded(0), {"padding", Value("same")}})), "f32[batch, time: 9, channels*: 4]");
  EXPECT_EQ(TypeOf(kSignal, Of(4, 2, {padded(1), {"padding", Value("same")}})), "f32[batch, time: 9, channels*: 4]");
  EXPECT_EQ(TypeOf(kSignal, Of(3, 1, {{"dilation_rate", Values({Value(2)})}})), "f32[batch, time: 9, channels*: 4]");
}

TEST(ConvTransposeTest, SymbolicSizesStayExact) {
  const std::string_view signal = "f32[batch, time: T, channels: 2]";
  EXPECT_EQ(TypeOf(signal, Of(3, 2, {{"padding", Value("same")}})), "f32[batch, time: 2 * T, channels*: 4]");
  EXPECT_EQ(TypeOf(signal, Of(3, 2)), "f32[batch, time: 2 * T + 1, channels*: 4]");
}

TEST(ConvTransposeTest, KernelsHaveTheFiltersFirst) {
  EXPECT_EQ(ShowWeights("Conv1DTranspose", {kSignal}, Of(3, 2)),
            "kernel: [time: 3, filters: 4, channels: 2]\nbias: [filters: 4]\n");
  EXPECT_EQ(ShowWeights("SeparableConv1D", {kSignal},
                        {{"filters", Value(4)}, {"kernel_size", Values({Value(3)})}, {"depth_multiplier", Value(5)}}),
            "depthwise_kernel: [time: 3, channels: 2, multiplier: 5]\n"
            "pointwise_kernel: [time: 1, channels: 10, filters: 4]\nbias: [filters: 4]\n");
}

// 1, 10 and 100 at each of the places 2 from each other.
TEST(ConvTransposeTest, EachElementAddsTheKernel) {
  const NamedArguments arguments = {{"filters", Value(1)},
                                    {"kernel_size", Values({Value(3)})},
                                    {"strides", Values({Value(2)})},
                                    {"use_bias", Value(false)}};
  EXPECT_THAT(Compute("Conv1DTranspose", {"f32[batch, time: 3, channels: 1]"}, arguments, {{1, 2, 3}},
                      {{"kernel", {1, 10, 100}}})
                  .data,
              ElementsAre(1, 10, 102, 20, 203, 30, 300));
}

// Each phase is a convolution of its own with the elements that it sees: no product with a zero.
TEST(ConvTransposeTest, ComputesNoZeros) {
  const core::Graph graph = ExpandLayer("Conv2DTranspose", {"f32[batch, height: 6, width: 5, channels: 2]"},
                                        {{"filters", Value(4)},
                                         {"kernel_size", Values({Value(3), Value(3)})},
                                         {"strides", Values({Value(2), Value(2)})}});
  int64_t taps = 0;
  for (const core::Operation& operation : graph.operations) {
    if (!std::holds_alternative<core::Convolve>(operation.op)) continue;
    const core::Extents& kernel = graph.Get(operation.operands[1]).extents;
    taps += *kernel[0].Constant() * *kernel[1].Constant();
  }
  EXPECT_EQ(taps, 9);
}

TEST(ConvTransposeTest, OutputPaddingIsLessThanTheStride) {
  const Applied applied = Apply("Conv1DTranspose", {kSignal}, Of(3, 2, {{"output_padding", Values({Value(2)})}}));
  EXPECT_THAT(applied.codes, ElementsAre("E0512"));
  EXPECT_EQ(applied.fixed.size(), 1U);
}

TEST(ConvTransposeTest, StridesOrDilation) {
  EXPECT_THAT(Apply("Conv1DTranspose", {kSignal}, Of(3, 2, {{"dilation_rate", Values({Value(2)})}})).codes,
              ElementsAre("E0551"));
  // The depthwise ones take both, as in Keras.
  EXPECT_THAT(
      Apply("SeparableConv1D", {"f32[batch, time: 9, channels: 2]"}, Of(3, 2, {{"dilation_rate", Values({Value(2)})}}))
          .codes,
      IsEmpty());
}

}  // namespace
}  // namespace strata
