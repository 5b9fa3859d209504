// Names of layers, values, models. Each message in full.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

TEST(NamesTest, UnknownLayer) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Danse(2)
}
)"),
            R"(error[E0140]: there is no layer `Danse`
 --> tiny.strata:2:15
  |
2 |   return x |> Danse(2)
  |               ^^^^^
  = help: did you mean `Dense`?
)");
}

TEST(NamesTest, UnknownName) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return h |> Dense(2)
}
)"),
            R"(error[E0141]: nothing is named `h`
 --> tiny.strata:2:10
  |
2 |   return h |> Dense(2)
  |          ^
)");
}

TEST(NamesTest, DuplicateName) {
  EXPECT_EQ(
      Report(R"(model tiny(x: f32[batch, features: 2], x: f32[batch, features: 2]) -> (y: f32[batch, features: 2]) {
  return Add()(x, x)
}
)"),
      R"(error[E0142]: input `x` has a name that is taken
 --> tiny.strata:1:40
  |
1 | model tiny(x: f32[batch, features: 2], x: f32[batch, features: 2]) -> (y: f32[batch, features: 2]) {
  |            - declared here before
  |                                        ^
)");
}

TEST(NamesTest, DuplicateLayerName) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(4, name="head") |> Dense(2, name="head")
}
)"),
            R"(error[E0143]: two layers are named `head`
 --> tiny.strata:2:54
  |
2 |   return x |> Dense(4, name="head") |> Dense(2, name="head")
  |                             ------ the other one
  |                                                      ^^^^^^ named here
  = help: give one of them another name
)");
}

TEST(NamesTest, UnknownDType) {
  EXPECT_EQ(Report(R"(model tiny(x: float32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0145]: there is no element type `float32`
 --> tiny.strata:1:15
  |
1 | model tiny(x: float32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  |               ^^^^^^^
  = help: did you mean `f32`?
)");
}

TEST(NamesTest, NotALayer) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> 2
}
)"),
            R"(error[E0147]: `2` is an integer, a layer is expected
 --> tiny.strata:2:15
  |
2 |   return x |> 2
  |               ^
)");
}

TEST(NamesTest, LayerWithoutParentheses) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Flatten |> Dense(2)
}
)"),
            R"(error[E0148]: `Flatten` is the class of a layer, not a layer
 --> tiny.strata:2:15
  |
2 |   return x |> Flatten |> Dense(2)
  |               ^^^^^^^
  = help: write `Flatten()`
)");
}

TEST(NamesTest, NotATensor) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return Add()(x, 3) |> Dense(2)
}
)"),
            R"(error[E0149]: `3` is an integer, a tensor is expected
 --> tiny.strata:2:19
  |
2 |   return Add()(x, 3) |> Dense(2)
  |                   ^
)");
}

TEST(NamesTest, MemberOfValue) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  let n = 2
  return x |> Dense(n.units)
}
)"),
            R"(error[E0150]: `.units` is asked of the integer 2, only tensors have axes
 --> tiny.strata:3:23
  |
3 |   return x |> Dense(n.units)
  |                     - is the integer 2
  |                       ^^^^^
)");
}

TEST(NamesTest, LayerOutsideModel) {
  EXPECT_EQ(Report(R"(const HEAD = Dense(2)
model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0151]: a layer `Dense` is made outside of a model
 --> tiny.strata:1:14
  |
1 | const HEAD = Dense(2)
  |              ^^^^^^^^
  = help: write `Dense(2)` where the model applies it, or name it there by `let`
)");
}

TEST(NamesTest, ConstantValue) {
  EXPECT_EQ(Report(R"(const KIND = Dense
model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0152]: constant `KIND` is the layer class Dense, a number, string or tuple is expected
 --> tiny.strata:1:14
  |
1 | const KIND = Dense
  |              ^^^^^
  = help: write the layer where the model applies it
)");
}

TEST(NamesTest, NoModel) {
  EXPECT_EQ(Report(R"(const UNITS = 2
)"),
            R"(error[E0153]: the file has no model
  = help: declare one, as in `model name(x: f32[batch, features: 4]) -> (y: f32[batch, features: 2]) { ... }`
)");
}

TEST(NamesTest, SeveralModels) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
model other(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0154]: the file has 2 models and none is chosen
  = note: they are `tiny` and `other`
  = help: choose one, as in `--model=tiny`
)");
}

TEST(NamesTest, UnknownModel) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
weights tidy from "tiny.safetensors"
)"),
            R"(error[E0640]: the file has no model `tidy`
 --> tiny.strata:4:9
  |
4 | weights tidy from "tiny.safetensors"
  |         ^^^^
  = help: did you mean `tiny`?
)");
}

TEST(NamesTest, WeightsTwice) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
weights tiny from "a.safetensors"
weights tiny from "b.safetensors"
)"),
            R"(error[E0641]: the weights of `tiny` are declared twice
 --> tiny.strata:5:9
  |
4 | weights tiny from "a.safetensors"
  |         ---- declared here before
5 | weights tiny from "b.safetensors"
  |         ^^^^
)");
}

TEST(NamesTest, KerasLayerThatStrataWillNotHave) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> keras.layers.Pipeline([Dense(2)]) |> Dense(2)
}
)"),
            R"(error[E0163]: layer `Pipeline` is a list of layers
 --> tiny.strata:2:28
  |
2 |   return x |> keras.layers.Pipeline([Dense(2)]) |> Dense(2)
  |                            ^^^^^^^^
  = help: write the layers one after another: `x |> Rescaling(1 / 255.0) |> Flatten()`
)");
}

TEST(NamesTest, LayerOfKeras2WithAnEqual) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, time: 8, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> CuDNNLSTM(2)
}
)"),
            R"(error[E0163]: layer `CuDNNLSTM` is of Keras 2
 --> tiny.strata:2:15
  |
2 |   return x |> CuDNNLSTM(2)
  |               ^^^^^^^^^
  = help: `LSTM` is the same
)");
}

TEST(NamesTest, UnknownLayerNearOneThatStrataWillNotHave) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Lamda("x") |> Dense(2)
}
)"),
            R"(error[E0140]: there is no layer `Lamda`
 --> tiny.strata:2:15
  |
2 |   return x |> Lamda("x") |> Dense(2)
  |               ^^^^^
  = note: Keras' layer `Lambda` holds Python code, which a compiled model does not run
  = help: write the formula itself: operators and functions act on tensors, as in `x * 2 + 1` or `|> exp()`
)");
}

TEST(NamesTest, OtherNamesOfLayers) {
  const CheckedProgram checked = CheckProgram(R"(model tiny(x: f32[batch, time: 8, channels: 3]) -> (y: f32[batch, 2]) {
  return x |> keras.layers.Convolution1D(4, 3) |> MaxPool1D(2) |> hard_swish() |> GlobalAvgPool1D() |> Dense(2)
}
)");
  ASSERT_TRUE(checked.network.has_value()) << checked.rendered;
  std::vector<std::string> names;
  for (const NetworkLayer& layer : checked.network->layers) names.push_back(layer.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"conv1d", "max_pooling1d", "hard_silu", "global_average_pooling1d", "dense"}));
}

// Near another name, the main one is offered.
TEST(NamesTest, MisspeltOtherNameOfALayer) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, height: 8, width: 8, channels: 2]) -> (y: f32[batch, 4, 4, 2]) {
  return x |> AvgPol2D(2)
}
)"),
            R"(error[E0140]: there is no layer `AvgPol2D`
 --> tiny.strata:2:15
  |
2 |   return x |> AvgPol2D(2)
  |               ^^^^^^^^
  = help: did you mean `AveragePooling2D`?
)");
}

TEST(NamesTest, PrefixedLayer) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> keras.layers.Danse(2)
}
)"),
            R"(error[E0140]: there is no layer `Danse`
 --> tiny.strata:2:28
  |
2 |   return x |> keras.layers.Danse(2)
  |                            ^^^^^
  = help: did you mean `Dense`?
)");
}

TEST(NamesTest, UnknownAxisOfTensor) {
  EXPECT_EQ(Report(R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  assert image.heigth == 8
  return image |> Flatten() |> Dense(2)
}
)"),
            R"(error[E0207]: `image` has no `heigth` axis
 --> tiny.strata:2:16
  |
2 |   assert image.heigth == 8
  |          ----- is f32[batch, height: 8, width: 8, channels: 3]
  |                ^^^^^^
  = help: did you mean `height`?
)");
}

TEST(NamesTest, DuplicateNameByCounting) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(4) |> Dense(3, name="dense_1") |> Dense(2)
}
)"),
            R"(error[E0143]: two layers are named `dense_1`
 --> tiny.strata:2:55
  |
2 |   return x |> Dense(4) |> Dense(3, name="dense_1") |> Dense(2)
  |                                         --------- the other one
  |                                                       ^^^^^ gets this name by counting
  = help: give one of them another name
)");
}

TEST(NamesTest, ConstantUsedAbove) {
  EXPECT_EQ(Report(R"(const A = B
const B = 2
model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(A)
}
)"),
            R"(error[E0141]: nothing is named `B`
 --> tiny.strata:1:11
  |
1 | const A = B
  |           ^
)");
}

TEST(NamesTest, TwoModelsOfOneName) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0142]: model `tiny` has a name that is taken
 --> tiny.strata:4:7
  |
1 | model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  |       ---- declared here before
4 | model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  |       ^^^^
)");
}

// What a name stands for is mended where the name was given it, not where it is used.
TEST(NamesTest, ChoiceThroughAName) {
  EXPECT_EQ(Report(R"(block Encode(units: int, act: str)(x: f32[batch, features: F]) -> f32[batch, features: units] {
  return x |> Dense(units, activation=act)
}
model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Encode(2, act='rlu')
}
)"),
            R"(error[E0510]: there is no activation `rlu`
 --> tiny.strata:2:39
  |
2 |   return x |> Dense(units, activation=act)
  |                                       ^^^
5 |   return x |> Encode(2, act='rlu')
  |                             ----- `act` is given here
  = note: in `Encode` as used at tiny.strata:5:15, with units = 2, act = 'rlu', F = 8
  = help: did you mean `relu`?
)");
}

}  // namespace
}  // namespace strata
