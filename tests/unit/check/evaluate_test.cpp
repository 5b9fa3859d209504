// Expressions, and what is not built yet. Each message in full.
#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

TEST(EvaluateTest, LetCount) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  let (a, b) = (x, x, x)
  return Add()(a, b) |> Dense(2)
}
)"),
            R"(error[E0146]: 2 names for 3 values
 --> tiny.strata:2:8
  |
2 |   let (a, b) = (x, x, x)
  |        ^^^^
  |                --------- is a tuple of 3 tensors
)");
}

TEST(EvaluateTest, IntegerOverflow) {
  EXPECT_EQ(Report(R"(const UNITS = 2 ** 100
model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(UNITS)
}
)"),
            R"(error[E0324]: the integer is beyond 64 bits
 --> tiny.strata:1:15
  |
1 | const UNITS = 2 ** 100
  |               ^^^^^^^^ needs more than 64 bits
)");
}

TEST(EvaluateTest, InexactDivision) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(5 / 2)
}
)"),
            R"(error[E0325]: `5 / 2` is not whole, an integer is expected
 --> tiny.strata:2:21
  |
2 |   return x |> Dense(5 / 2)
  |                     ^^^^^
  = help: write `//` to round down
  = help: write `ceil(5 / 2)` to round up
)");
}

TEST(EvaluateTest, DivisionByZero) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(8 // 0)
}
)"),
            R"(error[E0326]: a number is divided by zero
 --> tiny.strata:2:21
  |
2 |   return x |> Dense(8 // 0)
  |                     ^^^^^^
  |                          - is 0
)");
}

TEST(EvaluateTest, AssertionFailed) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  let h = x |> Dense(4)
  assert h.features == 5
  return h |> Dense(2)
}
)"),
            R"(error[E0328]: the assertion does not hold
 --> tiny.strata:3:10
  |
3 |   assert h.features == 5
  |          ^^^^^^^^^^^^^^^ 4 == 5
)");
}

TEST(EvaluateTest, SharedWeightShape) {
  EXPECT_EQ(
      Report(R"(model tiny(a: f32[batch, features: 8], b: f32[batch, features: 7]) -> (y: f32[batch, features: 2]) {
  let enc = Dense(2)
  return Add()(enc(a), enc(b))
}
)"),
      R"(error[E0329]: weight `dense/kernel` is [features: 8, units: 2], here [features: 7, units: 2] is needed
 --> tiny.strata:3:24
  |
3 |   return Add()(enc(a), enc(b))
  |                --- given f32[batch, features: 8] before
  |                        ^^^ given f32[batch, features: 7]
)");
}

TEST(EvaluateTest, FloatOverflow) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2) |> LayerNormalization(epsilon=10.0 ** 400)
}
)"),
            R"(error[E0331]: the result is not a finite number
 --> tiny.strata:2:54
  |
2 |   return x |> Dense(2) |> LayerNormalization(epsilon=10.0 ** 400)
  |                                                      ^^^^^^^^^^^
)");
}

TEST(EvaluateTest, OperandType) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2 + "1")
}
)"),
            R"(error[E0332]: the right side of `+` is the string `1`, a number is expected
 --> tiny.strata:2:25
  |
2 |   return x |> Dense(2 + "1")
  |                         ^^^
)");
}

TEST(EvaluateTest, UnusedInput) {
  EXPECT_EQ(
      Report(R"(model tiny(x: f32[batch, features: 8], z: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
)"),
      R"(warning[W0100]: input `z` is never used
 --> tiny.strata:1:40
  |
1 | model tiny(x: f32[batch, features: 8], z: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  |                                        ^
)");
}

TEST(EvaluateTest, UnusedLet) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  let h = x |> Dense(4)
  return x |> Dense(2)
}
)"),
            R"(warning[W0101]: `h` is never used
 --> tiny.strata:2:7
  |
2 |   let h = x |> Dense(4)
  |       ^
)");
}

TEST(EvaluateTest, UnusedLetWithAMistake) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  let h = x |> Dense(0)
  return x |> Dense(2)
}
)"),
            R"(error[E0508]: `units` of Dense is 0, at least 1 is expected
 --> tiny.strata:2:22
  |
2 |   let h = x |> Dense(0)
  |                      ^
)");
}

TEST(EvaluateTest, LetHasTooFewValues) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  let (a, b) = x
  return a |> Dense(2)
}
)"),
            R"(error[E0146]: 2 names for 1 value
 --> tiny.strata:2:8
  |
2 |   let (a, b) = x
  |        ^^^^
  |                - is a tensor
)");
}

TEST(EvaluateTest, OrOfNumbers) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  assert 1 or 2
  return x |> Dense(2)
}
)"),
            R"(error[E0332]: the left side of `or` is the integer 1, True or False is expected
 --> tiny.strata:2:10
  |
2 |   assert 1 or 2
  |          ^
)");
}

}  // namespace
}  // namespace strata
