// Signatures: batch, names and sizes of axes. Each message in full.
#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

TEST(SignatureTest, NoBatchAxis) {
  EXPECT_EQ(Report(R"(model tiny(image: f32[height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  return image |> Flatten() |> Dense(2)
}
)"),
            R"(error[E0220]: input `image` has no batch axis
 --> tiny.strata:1:23
  |
1 | model tiny(image: f32[height: 8, width: 8, channels: 3]) -> (y: f32[batch, features: 2]) {
  |                       ^^^^^^^^^ the first axis is `height`
  = help: write the batch axis first: `[batch, height: 8, width: 8, channels: 3]`
)");
}

TEST(SignatureTest, DuplicateAxis) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, time: 4, time: 5]) -> (y: f32[batch, features: 2]) {
  return x |> Flatten() |> Dense(2)
}
)"),
            R"(error[E0221]: two axes are named `time`
 --> tiny.strata:1:35
  |
1 | model tiny(x: f32[batch, time: 4, time: 5]) -> (y: f32[batch, features: 2]) {
  |                          ---- the other one
  |                                   ^^^^
)");
}

TEST(SignatureTest, AxisNamedAsConstant) {
  EXPECT_EQ(Report(R"(const units = 2
model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, units]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0222]: the bare axis `units` has the name of a constant
 --> tiny.strata:2:58
  |
1 | const units = 2
  |       ----- the constant
2 | model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, units]) {
  |                                                          ^^^^^
  = help: write `units: (units)` for an axis of that name and size
)");
}

TEST(SignatureTest, UnboundSymbol) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: N]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0223]: no input has the size `N`
 --> tiny.strata:1:68
  |
1 | model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: N]) {
  |                                                                    ^
  = note: only the shapes of inputs introduce symbols
)");
}

TEST(SignatureTest, SizeTooSmall) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 0]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0320]: the size of axis `features` is 0, at least 1 is expected
 --> tiny.strata:1:36
  |
1 | model tiny(x: f32[batch, features: 0]) -> (y: f32[batch, features: 2]) {
  |                                    ^
)");
}

TEST(SignatureTest, SizeType) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 2.5]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0321]: the size of axis `features` is the float 2.5, an integer is expected
 --> tiny.strata:1:36
  |
1 | model tiny(x: f32[batch, features: 2.5]) -> (y: f32[batch, features: 2]) {
  |                                    ^^^
)");
}

TEST(SignatureTest, SizeTooLarge) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 1000000000000000000]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0322]: the size of axis `features` is 1000000000000000000, at most 2147483647 is allowed
 --> tiny.strata:1:36
  |
1 | model tiny(x: f32[batch, features: 1000000000000000000]) -> (y: f32[batch, features: 2]) {
  |                                    ^^^^^^^^^^^^^^^^^^^
)");
}

TEST(SignatureTest, TensorTooLarge) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, height: 2000000, width: 2000000]) -> (y: f32[batch, features: 2]) {
  return x |> Flatten() |> Dense(2)
}
)"),
            R"(error[E0323]: input `x` has more than 1099511627776 elements, the most that is allowed
 --> tiny.strata:1:15
  |
1 | model tiny(x: f32[batch, height: 2000000, width: 2000000]) -> (y: f32[batch, features: 2]) {
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is [batch, height: 2000000, width: 2000000]
)");
}

TEST(SignatureTest, UnnamedFirstAxis) {
  EXPECT_EQ(Report(R"(model tiny(image: f32[28, 28, 1]) -> (y: f32[batch, features: 2]) {
  return image |> Flatten() |> Dense(2)
}
)"),
            R"(error[E0220]: input `image` has no batch axis
 --> tiny.strata:1:23
  |
1 | model tiny(image: f32[28, 28, 1]) -> (y: f32[batch, features: 2]) {
  |                       ^^ the first axis has no name
  = help: write the batch axis first: `[batch, 28, 28, 1]`
)");
}

TEST(SignatureTest, NegativeSize) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 3 - 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0320]: the size of axis `features` is -5, at least 1 is expected
 --> tiny.strata:1:36
  |
1 | model tiny(x: f32[batch, features: 3 - 8]) -> (y: f32[batch, features: 2]) {
  |                                    ^^^^^
)");
}

TEST(SignatureTest, ResultWithoutBatch) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[features: 2]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0220]: output `y` has no batch axis
 --> tiny.strata:1:51
  |
1 | model tiny(x: f32[batch, features: 8]) -> (y: f32[features: 2]) {
  |                                                   ^^^^^^^^^^^ the first axis is `features`
  = help: write the batch axis first: `[batch, features: 2]`
)");
}

TEST(SignatureTest, EveryMistakeOfASignature) {
  EXPECT_EQ(Report(R"(model tiny(x: f23[batch, a: 0, b: 10 ** 18]) -> (y: f32[batch, n: M]) {
  return x |> Dense(2)
}
)"),
            R"(error[E0145]: there is no element type `f23`
 --> tiny.strata:1:15
  |
1 | model tiny(x: f23[batch, a: 0, b: 10 ** 18]) -> (y: f32[batch, n: M]) {
  |               ^^^
  = help: did you mean `f32`?

error[E0320]: the size of axis `a` is 0, at least 1 is expected
 --> tiny.strata:1:29
  |
1 | model tiny(x: f23[batch, a: 0, b: 10 ** 18]) -> (y: f32[batch, n: M]) {
  |                             ^

error[E0322]: the size of axis `b` is 1000000000000000000, at most 2147483647 is allowed
 --> tiny.strata:1:35
  |
1 | model tiny(x: f23[batch, a: 0, b: 10 ** 18]) -> (y: f32[batch, n: M]) {
  |                                   ^^^^^^^^

error[E0223]: no input has the size `M`
 --> tiny.strata:1:67
  |
1 | model tiny(x: f23[batch, a: 0, b: 10 ** 18]) -> (y: f32[batch, n: M]) {
  |                                                                   ^
  = note: only the shapes of inputs introduce symbols

error[E0203]: output `y` has 3 axes, declared with 2
 --> tiny.strata:2:15
  |
1 | model tiny(x: f23[batch, a: 0, b: 10 ** 18]) -> (y: f32[batch, n: M]) {
  |                                                     ---------------- declared here
2 |   return x |> Dense(2)
  |               ^^^^^ produces f32[batch, a: ?, features: 2]
  = note: Dense maps only the last axis: b ? -> 2; a passes through
  = help: insert `|> Flatten()` before `Dense`

5 errors
)");
}

// The batch axis that is missing is put in, so that the others are compared with those that were meant.
TEST(SignatureTest, ResultWithoutBatchAndWithAnotherSize) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, time: 3, features: 7]) -> (y: f32[time: 3, features: 1]) {
  return ceil(x)
}
)"),
            R"(error[E0220]: output `y` has no batch axis
 --> tiny.strata:1:60
  |
1 | model tiny(x: f32[batch, time: 3, features: 7]) -> (y: f32[time: 3, features: 1]) {
  |                                                            ^^^^^^^ the first axis is `time`
  = help: write the batch axis first: `[batch, time: 3, features: 1]`

error[E0327]: axis `features` of output `y` is 7, declared as 1
 --> tiny.strata:1:69
  |
1 | model tiny(x: f32[batch, time: 3, features: 7]) -> (y: f32[time: 3, features: 1]) {
  |                                                                     ^^^^^^^^^^^ declared here
2 |   return ceil(x)
  |          ------- is f32[batch, time: 3, features: 7]
  = help: declare `features: 7`

2 errors
)");
}

// It is taken as it was meant, so that the others are compared with those that were meant.
TEST(SignatureTest, BatchThatStandsElsewhere) {
  EXPECT_EQ(Report(R"(model tiny(x: i32[channels: 5, batch, time]) -> (y: f32[channels: 5, batch, time, features: 3]) {
  return Embedding(9, 4)(x)
}
)"),
            R"(error[E0220]: input `x` has no batch axis
 --> tiny.strata:1:19
  |
1 | model tiny(x: i32[channels: 5, batch, time]) -> (y: f32[channels: 5, batch, time, features: 3]) {
  |                   ^^^^^^^^^^^ the first axis is `channels`
  = help: move `batch` to the front

error[E0220]: output `y` has no batch axis
 --> tiny.strata:1:57
  |
1 | model tiny(x: i32[channels: 5, batch, time]) -> (y: f32[channels: 5, batch, time, features: 3]) {
  |                                                         ^^^^^^^^^^^ the first axis is `channels`
  = help: move `batch` to the front

error[E0327]: axis `features` of output `y` is 4, declared as 3
 --> tiny.strata:2:10
  |
1 | model tiny(x: i32[channels: 5, batch, time]) -> (y: f32[channels: 5, batch, time, features: 3]) {
  |                                                                                   ----------- declared here
2 |   return Embedding(9, 4)(x)
  |          ^^^^^^^^^ makes `4`
  = help: give `Embedding` 3 output_dim
  = help: declare `features: 4`

3 errors
)");
}

}  // namespace
}  // namespace strata
