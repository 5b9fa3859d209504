// The values of every activation, ReLU and Softmax.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/layers/apply_layer.h"

namespace strata {
namespace {

using testing::Apply;
using testing::Compute;
using ::testing::ElementsAre;
using ::testing::Pointwise;

MATCHER(IsClose, "") {
  const auto& [a, b] = arg;
  return std::abs(a - b) <= 1e-6 * (1 + std::abs(b));
}

std::vector<double> Activated(const char* name) {
  return Compute("Activation", {"f32[batch, features: 4]"}, {{"activation", Value(name)}}, {{-4, -0.5, 0.5, 7}}).data;
}

// The expected numbers are those of keras.activations.
TEST(ActivationTest, FormulasOfKeras) {
  EXPECT_THAT(Activated("linear"), ElementsAre(-4, -0.5, 0.5, 7));
  EXPECT_THAT(Activated("relu"), ElementsAre(0, 0, 0.5, 7));
  EXPECT_THAT(Activated("relu6"), ElementsAre(0, 0, 0.5, 6));
  EXPECT_THAT(Activated("leaky_relu"), Pointwise(IsClose(), {-0.8, -0.1, 0.5, 7.0}));
  EXPECT_THAT(Activated("hard_sigmoid"), Pointwise(IsClose(), {0.0, 0.41666667, 0.58333333, 1.0}));
  EXPECT_THAT(Activated("sigmoid"), Pointwise(IsClose(), {0.01798621, 0.37754067, 0.62245933, 0.99908895}));
  EXPECT_THAT(Activated("tanh"), Pointwise(IsClose(), {-0.99932930, -0.46211716, 0.46211716, 0.99999834}));
  EXPECT_THAT(Activated("exponential"), Pointwise(IsClose(), {0.01831564, 0.60653066, 1.64872127, 1096.63315843}));
  EXPECT_THAT(Activated("softplus"), Pointwise(IsClose(), {0.01814993, 0.47407698, 0.97407698, 7.00091147}));
  EXPECT_THAT(Activated("elu"), Pointwise(IsClose(), {-0.98168436, -0.39346934, 0.5, 7.0}));
  EXPECT_THAT(Activated("selu"), Pointwise(IsClose(), {-1.72589854, -0.69175816, 0.52535049, 7.35490691}));
  EXPECT_THAT(Activated("gelu"), Pointwise(IsClose(), {-0.00012669, -0.15426877, 0.34573123, 7.0}));
  EXPECT_THAT(Activated("silu"), Pointwise(IsClose(), {-0.07194484, -0.18877034, 0.31122967, 6.99362264}));
  EXPECT_THAT(Activated("swish"), Pointwise(IsClose(), Activated("silu")));
  EXPECT_THAT(Activated("softmax"), Pointwise(IsClose(), {0.00001664, 0.00055191, 0.00150024, 0.99793121}));
}

TEST(ActivationTest, SoftmaxDoesNotOverflow) {
  const auto result = Compute("Softmax", {"f32[batch, features: 2]"}, {}, {{1000, 1000}}).data;
  EXPECT_THAT(result, ElementsAre(0.5, 0.5));
}

TEST(ReLUTest, TakesItsThreeNumbers) {
  const std::vector<double> x = {-4, -0.5, 0.5, 7};
  const auto relu = [&](testing::NamedArguments arguments) {
    return Compute("ReLU", {"f32[batch, features: 4]"}, std::move(arguments), {x}).data;
  };
  EXPECT_THAT(relu({}), ElementsAre(0, 0, 0.5, 7));
  EXPECT_THAT(relu({{"max_value", Value(2.0)}}), ElementsAre(0, 0, 0.5, 2));
  EXPECT_THAT(relu({{"negative_slope", Value(0.5)}}), ElementsAre(-2, -0.25, 0.5, 7));
  EXPECT_THAT(relu({{"threshold", Value(1.0)}}), ElementsAre(0, 0, 0, 7));
  EXPECT_THAT(relu({{"max_value", Value(3.0)}, {"negative_slope", Value(0.5)}, {"threshold", Value(1.0)}}),
              ElementsAre(-2.5, -0.75, -0.25, 3));
}

TEST(ReLUTest, NegativeNumber) {
  EXPECT_EQ(Apply("ReLU", {"f32[batch, features: 4]"}, {{"threshold", Value(-1.0)}}).messages,
            "E0556: `threshold=-1.0` is negative\n"
            "  `-1.0`: must be 0 or more\n");
}

TEST(SoftmaxTest, OverAnyAxes) {
  const auto along = [](ConfigValue axis) {
    return Compute("Softmax", {"f32[batch, channels: 2, time: 2]"}, {{"axis", Values({std::move(axis)})}},
                   {{0, 0, 0, 0}})
        .data;
  };
  EXPECT_THAT(along(Value("channels")), ElementsAre(0.5, 0.5, 0.5, 0.5));
  const auto both = Compute("Softmax", {"f32[batch, channels: 2, time: 2]"}, {{"axis", Values({Value(-1), Value(1)})}},
                            {{3, 3, 3, 3}});
  EXPECT_THAT(both.data, ElementsAre(0.25, 0.25, 0.25, 0.25));
}

TEST(SoftmaxTest, OverOneElementIsAlwaysOne) {
  const auto dense =
      Apply("Dense", {"f32[batch, features: 8]"}, {{"units", Value(1)}, {"activation", Value("softmax")}});
  EXPECT_EQ(dense.messages,
            "W0201: softmax over `features` of size 1 is always 1\n"
            "  `'softmax'`: gives 1 for every input\n"
            "  note: exp(x) / exp(x) = 1\n"
            "  help: for one probability use sigmoid\n");
  EXPECT_THAT(dense.fixed, ElementsAre("x: f32[batch, features: 8]\nx |> Dense(units=1, activation=\"sigmoid\")\n"));
  const auto layer = Apply("Softmax", {"f32[batch, features: 1]"}, {});
  EXPECT_THAT(layer.codes, ElementsAre("W0201"));
  EXPECT_THAT(layer.fixed, ElementsAre("x: f32[batch, features: 1]\nx |> Activation(\"sigmoid\")\n"));
}

TEST(SoftmaxTest, DefaultAxisIsNotTheChannels) {
  const auto applied = Apply("Softmax", {"f32[batch, channels: 3, height: 4, width: 5]"}, {});
  EXPECT_EQ(applied.messages,
            "W0202: Softmax acts on `width`, although there is a `channels` axis\n"
            "  `Softmax`: the default is the last axis of `[batch, channels: 3, height: 4, width: 5]`\n"
            "  help: write `axis=channels`\n");
  EXPECT_THAT(applied.fixed,
              ElementsAre("x: f32[batch, channels: 3, height: 4, width: 5]\nx |> Softmax(axis=channels)\n"));
  const auto activation =
      Apply("Activation", {"f32[batch, channels: 3, height: 4, width: 5]"}, {{"activation", Value("softmax")}});
  EXPECT_EQ(activation.messages,
            "W0202: the softmax of Activation acts on `width`, although there is a `channels` axis\n"
            "  `Activation`: the default is the last axis of `[batch, channels: 3, height: 4, width: 5]`\n"
            "  help: a layer of its own acts on any axis: `Softmax(axis=channels)`\n");
}

}  // namespace
}  // namespace strata
