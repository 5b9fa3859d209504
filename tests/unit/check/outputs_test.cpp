// Results and ascriptions against what a model computes. Each message in full.
#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

TEST(OutputsTest, AxisNameMismatch) {
  EXPECT_EQ(
      Report(
          R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, width: 8, height: 8, channels: 3]) {
  return image |> ReLU()
}
)"),
      R"(error[E0224]: axis 1 of output `y` is `height`, declared as `width`
 --> tiny.strata:1:83
  |
1 | model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, width: 8, height: 8, channels: 3]) {
  |                                                                                   ^^^^^
2 |   return image |> ReLU()
  |                   ---- is f32[batch, height: 8, width: 8, channels: 3]
  = note: `width` is axis 2: the order of the axes is part of the type
  = help: declare what it is: `f32[batch, height: 8, width: 8, channels: 3]`
)");
}

TEST(OutputsTest, DTypeMismatch) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: i32[batch, features: 2]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0225]: output `y` has elements of type f32, declared as i32
 --> tiny.strata:1:47
  |
1 | model tiny(x: f32[batch, features: 8]) -> (y: i32[batch, features: 2]) {
  |                                               ^^^
  = help: declare it as `f32`
)");
}

TEST(OutputsTest, ResultCount) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return (x |> Dense(2), x |> Dense(2))
}
)"),
            R"(error[E0226]: model `tiny` returns 2 tensors, declared with 1
 --> tiny.strata:2:10
  |
1 | model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  |                                            -------------------------- declared here
2 |   return (x |> Dense(2), x |> Dense(2))
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: give back what is declared, in its order: `return y`
)");
}

TEST(OutputsTest, AscriptionRank) {
  EXPECT_EQ(Report(R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  return image |> Flatten() : [192] |> Dense(2)
}
)"),
            R"(error[E0227]: the result of Flatten has 2 axes, ascribed with 1
 --> tiny.strata:2:31
  |
2 |   return image |> Flatten() : [192] |> Dense(2)
  |                   ------- produces f32[batch, features: 192]
  |                               ^^^^^
  = note: Flatten: makes features: 192; drops height, width and channels
  = help: declare what it is: `[batch, features: 192]`
)");
}

TEST(OutputsTest, SizeMismatch) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, classes: 8]) {
  return x |> Dense(7)
}
)"),
            R"(error[E0327]: axis `classes` of output `y` is 7, declared as 8
 --> tiny.strata:2:15
  |
1 | model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, classes: 8]) {
  |                                                          ---------- declared here
2 |   return x |> Dense(7)
  |               ^^^^^ makes `features: 7`
  = help: give `Dense` 8 units
  = help: declare `classes: 7`
)");
}

TEST(OutputsTest, ClassifyBeforeFlatten) {
  EXPECT_EQ(Report(R"(# Which of two things a photograph shows.
model maps(image: f32[batch, height: 28, width: 28, channels: 1])
    -> (probs: f32[batch, classes: 2]) {
  return image |> Conv2D(16, 3, padding="same") |> MaxPooling2D(2)
    |> Conv2D(32, 3, padding="same")
    |> MaxPooling2D(2)
    |> Dense(2, activation="softmax")
}
)"),
            R"(error[E0203]: output `probs` has 4 axes, declared with 2
 --> tiny.strata:7:8
  |
3 |     -> (probs: f32[batch, classes: 2]) {
  |                ---------------------- declared here
7 |     |> Dense(2, activation="softmax")
  |        ^^^^^ produces f32[batch, height: 7, width: 7, features: 2]
  = note: Dense maps only the last axis: channels 32 -> 2; height and width pass through
  = help: insert `|> Flatten()` before `Dense`
)");
}

TEST(OutputsTest, FlattenIsWantedBeforeTheFirstDense) {
  EXPECT_EQ(Report(R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  return image
    |> Conv2D(4, 3)
    |> ReLU()
    |> Dense(16)
    |> Dropout(0.5)
    |> Dense(2)
}
)"),
            R"(error[E0203]: output `y` has 4 axes, declared with 2
 --> tiny.strata:7:8
  |
1 | model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  |                                                                        ----------------------- declared here
7 |     |> Dense(2)
  |        ^^^^^ produces f32[batch, height: 6, width: 6, features: 2]
  = note: Dense maps only the last axis: features 16 -> 2; height and width pass through
  = help: insert `|> Flatten()` before `Dense`
)");
}

TEST(OutputsTest, FlattenIsWantedInACall) {
  EXPECT_EQ(Report(R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  return Dense(2)(image)
}
)"),
            R"(error[E0203]: output `y` has 4 axes, declared with 2
 --> tiny.strata:2:10
  |
1 | model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  |                                                                        ----------------------- declared here
2 |   return Dense(2)(image)
  |          ^^^^^ produces f32[batch, height: 8, width: 8, features: 2]
  = note: Dense maps only the last axis: channels 3 -> 2; height and width pass through
  = help: insert `Flatten()` before `Dense`
)");
}

TEST(OutputsTest, AxesDroppedOnTheWay) {
  EXPECT_EQ(
      Report(
          R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, height: 8, width: 8, classes: 2]) {
  return image |> Flatten() |> Dense(8) |> Dense(2)
}
)"),
      R"(error[E0203]: output `y` has 2 axes, declared with 4
 --> tiny.strata:1:72
  |
1 | model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, height: 8, width: 8, classes: 2]) {
  |                                                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ declared here
2 |   return image |> Flatten() |> Dense(8) |> Dense(2)
  |                   ------- `height`, `width` and `channels` dropped here
  |                                            ----- produces f32[batch, features: 2]
  = help: declare what it is: `f32[batch, features: 2]`
)");
}

TEST(OutputsTest, SizeOfAConvolutionChain) {
  EXPECT_EQ(
      Report(
          R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, height: 8, width: 2, channels: 4]) {
  return image |> Conv2D(4, 3) |> MaxPooling2D(2) |> Conv2D(4, 2)
}
)"),
      R"(error[E0327]: axis `height` of output `y` is 2, declared as 8
 --> tiny.strata:1:83
  |
1 | model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, height: 8, width: 2, channels: 4]) {
  |                                                                                   ^^^^^^^^^ declared here
2 |   return image |> Conv2D(4, 3) |> MaxPooling2D(2) |> Conv2D(4, 2)
  |                                                      ------ makes `height: 2`
  = note: its size on the way: 8 -> 6 -> 3 -> 2
  = help: declare `height: 2`
)");
}

TEST(OutputsTest, AscribedSize) {
  EXPECT_EQ(Report(R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  return image |> MaxPooling2D(2) : [batch, height: 5, width: 4, channels: 3] |> Flatten() |> Dense(2)
}
)"),
            R"(error[E0327]: axis `height` of the result of MaxPooling2D is 4, declared as 5
 --> tiny.strata:2:45
  |
2 |   return image |> MaxPooling2D(2) : [batch, height: 5, width: 4, channels: 3] |> Flatten() |> Dense(2)
  |                   ------------ makes `height: 4`
  |                                             ^^^^^^^^^
  = help: declare `height: 4`
)");
}

TEST(OutputsTest, AscribedName) {
  EXPECT_EQ(Report(R"(model tiny(image: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  return image |> MaxPooling2D(2) : [batch, time: 4, width: 4, channels: 3] |> Flatten() |> Dense(2)
}
)"),
            R"(error[E0224]: axis 1 of the result of MaxPooling2D is `height`, declared as `time`
 --> tiny.strata:2:45
  |
2 |   return image |> MaxPooling2D(2) : [batch, time: 4, width: 4, channels: 3] |> Flatten() |> Dense(2)
  |                   ------------ is f32[batch, height: 4, width: 4, channels: 3]
  |                                             ^^^^
  = help: declare it as `height`
  = help: or rename it: `|> rename(height=time)`
)");
}

TEST(OutputsTest, InputReturned) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, a: 2, b: 4]) {
  return x
}
)"),
            R"(error[E0203]: output `y` has 2 axes, declared with 3
 --> tiny.strata:2:10
  |
1 | model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, a: 2, b: 4]) {
  |                                               ---------------------- declared here
2 |   return x
  |          ^ is f32[batch, features: 8]
  = help: declare what it is: `f32[batch, features: 8]`
)");
}

TEST(OutputsTest, LayerReturned) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return Dense(2)
}
)"),
            R"(error[E0149]: `Dense(2)` is a layer, a tensor is expected
 --> tiny.strata:2:10
  |
1 | model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  |                                            -------------------------- declared here
2 |   return Dense(2)
  |          ^^^^^^^^
)");
}

}  // namespace
}  // namespace strata
