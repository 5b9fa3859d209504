// Arguments of layers. Each message in full.
#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

TEST(ArgumentsTest, UnknownArgument) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2, activaton="relu")
}
)"),
            R"(error[E0500]: Dense has no argument `activaton`
 --> tiny.strata:2:24
  |
2 |   return x |> Dense(2, activaton="relu")
  |                        ^^^^^^^^^
  = help: did you mean `activation`?
)");
}

TEST(ArgumentsTest, MissingArgument) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense()
}
)"),
            R"(error[E0501]: Dense is written without `units`, which has no default
 --> tiny.strata:2:15
  |
2 |   return x |> Dense()
  |               ^^^^^
  = help: give it: `units=...`, an integer
)");
}

TEST(ArgumentsTest, ArgumentTwice) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2, units=2)
}
)"),
            R"(error[E0502]: argument `units` of Dense is given twice
 --> tiny.strata:2:24
  |
2 |   return x |> Dense(2, units=2)
  |                     - given here, by position
  |                        ^^^^^^^
)");
}

TEST(ArgumentsTest, TooManyArguments) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dropout(0.5, None, 1, 2) |> Dense(2)
}
)"),
            R"(error[E0503]: Dropout takes at most 3 positional arguments, 4 are given
 --> tiny.strata:2:37
  |
2 |   return x |> Dropout(0.5, None, 1, 2) |> Dense(2)
  |                                     ^
)");
}

TEST(ArgumentsTest, PositionalStrides) {
  EXPECT_EQ(
      Report(
          R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, height: 6, width: 6, channels: 4]) {
  return image |> Conv2D(4, 3, 3)
}
)"),
      R"(error[E0504]: the integer after the kernel size of Conv2D is not part of the kernel
 --> tiny.strata:2:32
  |
2 |   return image |> Conv2D(4, 3, 3)
  |                                ^ is `strides`, not part of the kernel
  = help: for a kernel of 3 by 3, write `kernel_size=(3, 3)`
  = help: for a window that moves by 3, write `strides=3`
)");
}

TEST(ArgumentsTest, PositionalAfterKeyword) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(activation="relu", 2)
}
)"),
            R"(error[E0505]: a positional argument follows a keyword argument
 --> tiny.strata:2:40
  |
2 |   return x |> Dense(activation="relu", 2)
  |                     ----------------- a keyword argument stands before it
  |                                        ^
)");
}

TEST(ArgumentsTest, ArgumentType) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense("2")
}
)"),
            R"(error[E0506]: `units` of Dense is the string `2`, an integer is expected
 --> tiny.strata:2:21
  |
2 |   return x |> Dense("2")
  |                     ^^^
)");
}

TEST(ArgumentsTest, ShapeArgument) {
  EXPECT_EQ(
      Report(
          R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, height: 6, width: 6, channels: 4]) {
  return image |> Conv2D(4, 3, input_shape=(8, 8, 3))
}
)"),
      R"(error[E0507]: `input_shape` is no argument of Conv2D in Strata
 --> tiny.strata:2:32
  |
2 |   return image |> Conv2D(4, 3, input_shape=(8, 8, 3))
  |                                ^^^^^^^^^^^^^^^^^^^^^
  = note: the shapes of the inputs stand in the model's signature: `image: f32[batch, height: 8, width: 8, channels: 3]`
  = help: delete it
)");
}

TEST(ArgumentsTest, ArgumentTooSmall) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(0)
}
)"),
            R"(error[E0508]: `units` of Dense is 0, at least 1 is expected
 --> tiny.strata:2:21
  |
2 |   return x |> Dense(0)
  |                     ^
)");
}

TEST(ArgumentsTest, UnknownChoice) {
  EXPECT_EQ(
      Report(
          R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, height: 6, width: 6, channels: 4]) {
  return image |> Conv2D(4, 3, padding="vaild")
}
)"),
      R"(error[E0509]: `padding` of Conv2D cannot be `vaild`
 --> tiny.strata:2:40
  |
2 |   return image |> Conv2D(4, 3, padding="vaild")
  |                                        ^^^^^^^
  = help: did you mean `valid`?
)");
}

TEST(ArgumentsTest, UnknownActivation) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2, activation="rellu")
}
)"),
            R"(error[E0510]: there is no activation `rellu`
 --> tiny.strata:2:35
  |
2 |   return x |> Dense(2, activation="rellu")
  |                                   ^^^^^^^
  = help: did you mean `relu`?
)");
}

TEST(ArgumentsTest, SymbolicArgument) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(x.batch)
}
)"),
            R"(error[E0511]: `units` of Dense is `batch`, a constant is needed
 --> tiny.strata:2:21
  |
2 |   return x |> Dense(x.batch)
  |                     ^^^^^^^
)");
}

TEST(ArgumentsTest, ArgumentTooLarge) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(1000000000000000000)
}
)"),
            R"(error[E0512]: `units` of Dense is 1000000000000000000, at most 2147483647 is allowed
 --> tiny.strata:2:21
  |
2 |   return x |> Dense(1000000000000000000)
  |                     ^^^^^^^^^^^^^^^^^^^
)");
}

TEST(ArgumentsTest, LayerNameForm) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2, name="head/out")
}
)"),
            R"(error[E0513]: the name `head/out` of a layer has a `/`, which separates the parts of a weight's path
 --> tiny.strata:2:29
  |
2 |   return x |> Dense(2, name="head/out")
  |                             ^^^^^^^^^^
)");
}

TEST(ArgumentsTest, UnknownCallArgument) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return Dense(2)(x, activation="relu")
}
)"),
            R"(error[E0514]: Dense takes no argument `activation` beside its tensors
 --> tiny.strata:2:22
  |
2 |   return Dense(2)(x, activation="relu")
  |                      ^^^^^^^^^^
  = help: the layer takes it where it is made: `Dense(2, activation="relu")(x)`
)");
}

TEST(ArgumentsTest, UnknownCallArgumentAfterAnOperandThatMakesALayer) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return Dense(2)(Concatenate()(x, x), activation="relu")
}
)"),
            R"(error[E0514]: Dense takes no argument `activation` beside its tensors
 --> tiny.strata:2:40
  |
2 |   return Dense(2)(Concatenate()(x, x), activation="relu")
  |                                        ^^^^^^^^^^
  = help: the layer takes it where it is made: `Dense(2, activation="relu")(Concatenate()(x, x))`
)");
}

TEST(ArgumentsTest, OneSequencePipedIntoAttention) {
  EXPECT_EQ(Report(R"(model tiny(x: i32[batch, time: 8]) -> (y: f32[batch, time: 8, features: 4]) {
  return x |> Embedding(9, 4) |> MultiHeadAttention(2, 4)
}
)"),
            R"(error[E0515]: MultiHeadAttention takes the tensors `query` and `value`, 1 is given
 --> tiny.strata:2:34
  |
2 |   return x |> Embedding(9, 4) |> MultiHeadAttention(2, 4)
  |          -------------------- given as `query`
  |                                  ^^^^^^^^^^^^^^^^^^
  = help: where a sequence attends to itself it is given twice, as what `let h = ...` names: `MultiHeadAttention(...)(h, h)`
)");
}

TEST(ArgumentsTest, TensorCount) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return Dense(2)(x, x)
}
)"),
            R"(error[E0515]: Dense takes one tensor, 2 are given
 --> tiny.strata:2:10
  |
2 |   return Dense(2)(x, x)
  |          ^^^^^
  |                   - is f32[batch, features: 8]
  |                      - is f32[batch, features: 8]
  = help: make one of them with `Concatenate()` or `Add()`, or apply the layer to each
)");
}

TEST(ArgumentsTest, FunctionArguments) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(max(2))
}
)"),
            R"(error[E0516]: `max` takes a tensor, or two or more sizes
 --> tiny.strata:2:24
  |
2 |   return x |> Dense(max(2))
  |                        ^^^
)");
}

TEST(ArgumentsTest, ManyMistakesInOneCall) {
  EXPECT_EQ(Report(R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  return image |> Conv2D(0, "3", padding="sane", activation="rely") |> Flatten() |> Dense(2)
}
)"),
            R"(error[E0508]: `filters` of Conv2D is 0, at least 1 is expected
 --> tiny.strata:2:26
  |
2 |   return image |> Conv2D(0, "3", padding="sane", activation="rely") |> Flatten() |> Dense(2)
  |                          ^

error[E0506]: `kernel_size` of Conv2D is the string `3`, an integer or a tuple of 2 is expected
 --> tiny.strata:2:29
  |
2 |   return image |> Conv2D(0, "3", padding="sane", activation="rely") |> Flatten() |> Dense(2)
  |                             ^^^

error[E0509]: `padding` of Conv2D cannot be `sane`
 --> tiny.strata:2:42
  |
2 |   return image |> Conv2D(0, "3", padding="sane", activation="rely") |> Flatten() |> Dense(2)
  |                                          ^^^^^^
  = help: did you mean `same`?

error[E0510]: there is no activation `rely`
 --> tiny.strata:2:61
  |
2 |   return image |> Conv2D(0, "3", padding="sane", activation="rely") |> Flatten() |> Dense(2)
  |                                                             ^^^^^^
  = help: did you mean `relu`?

4 errors
)");
}

TEST(ArgumentsTest, NameForActivation) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2, relu)
}
)"),
            R"(error[E0506]: `activation` of Dense is the bare name `relu`, a string is expected
 --> tiny.strata:2:24
  |
2 |   return x |> Dense(2, relu)
  |                        ^^^^
  = help: write `"relu"`
)");
}

TEST(ArgumentsTest, NameForChoice) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, height: 8, width: 8, channels: 1]) -> (y: f32[batch, features: 64]) {
  return x |> Conv2D(1, 3, padding=same) |> Flatten()
}
)"),
            R"(error[E0506]: `padding` of Conv2D is the bare name `same`, a string is expected
 --> tiny.strata:2:36
  |
2 |   return x |> Conv2D(1, 3, padding=same) |> Flatten()
  |                                    ^^^^
  = help: write `"same"`
)");
}

TEST(ArgumentsTest, ValuesAreShownAsWritten) {
  EXPECT_EQ(Report(R"(const RATE = 50
model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 8]) {
  return x |> Dropout(50) |> Dropout(RATE)
}
)"),
            R"(error[E0557]: `rate=50` is not between 0 and 1
 --> tiny.strata:3:23
  |
3 |   return x |> Dropout(50) |> Dropout(RATE)
  |                       ^^ the share of values that training drops, from 0 to 1

error[E0557]: `rate=50` is not between 0 and 1
 --> tiny.strata:3:38
  |
3 |   return x |> Dropout(50) |> Dropout(RATE)
  |                                      ^^^^ the share of values that training drops, from 0 to 1

2 errors
)");
}

TEST(ArgumentsTest, FloatForInteger) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2.0)
}
)"),
            R"(error[E0506]: `units` of Dense is the float 2.0, an integer is expected
 --> tiny.strata:2:21
  |
2 |   return x |> Dense(2.0)
  |                     ^^^
  = help: write `2`
)");
}

TEST(ArgumentsTest, BoolForInteger) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(True)
}
)"),
            R"(error[E0506]: `units` of Dense is True, an integer is expected
 --> tiny.strata:2:21
  |
2 |   return x |> Dense(True)
  |                     ^^^^
)");
}

TEST(ArgumentsTest, TupleOfThree) {
  EXPECT_EQ(Report(R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  return image |> MaxPooling2D((2, 2, 2)) |> Flatten() |> Dense(2)
}
)"),
            R"(error[E0506]: `pool_size` of MaxPooling2D is the tuple (2, 2, 2), an integer or a tuple of 2 is expected
 --> tiny.strata:2:32
  |
2 |   return image |> MaxPooling2D((2, 2, 2)) |> Flatten() |> Dense(2)
  |                                ^^^^^^^^^
)");
}

TEST(ArgumentsTest, NothingNear) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2, colour="red")
}
)"),
            R"(error[E0500]: Dense has no argument `colour`
 --> tiny.strata:2:24
  |
2 |   return x |> Dense(2, colour="red")
  |                        ^^^^^^
  = note: Dense takes `units`, `activation` and `use_bias`
)");
}

TEST(ArgumentsTest, InputDim) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2, input_dim=784)
}
)"),
            R"(error[E0507]: `input_dim` is no argument of Dense in Strata
 --> tiny.strata:2:24
  |
2 |   return x |> Dense(2, input_dim=784)
  |                        ^^^^^^^^^^^^^
  = note: the shapes of the inputs stand in the model's signature: `image: f32[batch, features: 784]`
  = help: delete it
)");
}

TEST(ArgumentsTest, BatchShape) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2, batch_input_shape=(None, 16, 4))
}
)"),
            R"(error[E0507]: `batch_input_shape` is no argument of Dense in Strata
 --> tiny.strata:2:24
  |
2 |   return x |> Dense(2, batch_input_shape=(None, 16, 4))
  |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = note: the shapes of the inputs stand in the model's signature: `image: f32[batch, time: 16, features: 4]`
  = help: delete it
)");
}

TEST(ArgumentsTest, PositionalStridesAmongOthers) {
  EXPECT_EQ(
      Report(
          R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, height: 6, width: 6, channels: 4]) {
  return image |> Conv2D(4, 3, 3, "same")
}
)"),
      R"(error[E0504]: the integer after the kernel size of Conv2D is not part of the kernel
 --> tiny.strata:2:32
  |
2 |   return image |> Conv2D(4, 3, 3, "same")
  |                                ^ is `strides`, not part of the kernel
  = help: for a kernel of 3 by 3, write `kernel_size=(3, 3)`
  = help: for a window that moves by 3, write `strides=3`
)");
}

TEST(ArgumentsTest, ParenthesesMissing) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense
}
)"),
            R"(error[E0148]: `Dense` is the class of a layer, not a layer
 --> tiny.strata:2:15
  |
2 |   return x |> Dense
  |               ^^^^^
  = help: give its arguments: `Dense(...)`
)");
}

TEST(ArgumentsTest, OneTensorToAdd) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return Add()(x) |> Dense(2)
}
)"),
            R"(error[E0515]: Add takes two tensors or more, 1 is given
 --> tiny.strata:2:10
  |
2 |   return Add()(x) |> Dense(2)
  |          ^^^
  |                - is f32[batch, features: 8]
  = help: give it several, as in `Add()(a, b)`
)");
}

TEST(ArgumentsTest, TupleIntoOneInput) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return (x, x) |> Dense(2)
}
)"),
            R"(error[E0515]: Dense takes one tensor, 2 are given
 --> tiny.strata:2:20
  |
2 |   return (x, x) |> Dense(2)
  |           - is f32[batch, features: 8]
  |              - is f32[batch, features: 8]
  |                    ^^^^^
  = help: make one of them with `Concatenate()` or `Add()`, or apply the layer to each
)");
}

TEST(ArgumentsTest, UnknownElsewhereIsStillReported) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  let a = x |> Danse(3)
  let b = a |> Dense(2, activaton="relu")
  return b |> Dense(units="2")
}
)"),
            R"(error[E0140]: there is no layer `Danse`
 --> tiny.strata:2:16
  |
2 |   let a = x |> Danse(3)
  |                ^^^^^
  = help: did you mean `Dense`?

error[E0500]: Dense has no argument `activaton`
 --> tiny.strata:3:25
  |
3 |   let b = a |> Dense(2, activaton="relu")
  |                         ^^^^^^^^^
  = help: did you mean `activation`?

error[E0506]: `units` of Dense is the string `2`, an integer is expected
 --> tiny.strata:4:27
  |
4 |   return b |> Dense(units="2")
  |                           ^^^

3 errors
)");
}

}  // namespace
}  // namespace strata
