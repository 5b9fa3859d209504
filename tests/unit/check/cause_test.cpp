// One cause, one error, at the layer that is the cause.
#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

// A model of an image with this signature's end and body.
std::string Image(const std::string& input, const std::string& output, const std::string& body) {
  return "model m(image: f32[" + input + "]) -> (y: f32[" + output + "]) {\n" + body + "\n}\n";
}

const std::string kImage = "batch, height: 28, width: 28, channels: 1";

// The messages without the lines of the program.
std::string Messages(const std::string& text) {
  std::string messages;
  const std::string report = CheckProgram(text).rendered;
  for (size_t begin = 0; begin < report.size();) {
    const size_t end = report.find('\n', begin);
    const std::string line = report.substr(begin, end + 1 - begin);
    if (line.starts_with("error") || line.starts_with("warning")) messages += line;
    begin = end + 1;
  }
  return messages;
}

TEST(CauseTest, AxesInDoubtAreNotCompared) {
  EXPECT_EQ(Messages(Image("batch, 3, height: 28, width: 28", "batch, channels: 8, height: 26, width: 26",
                           "  return image |> Conv2D(8, 3)")),
            "error[E0204]: Conv2D got `[batch, 3, height: 28, width: 28]`, where names and positions disagree\n");
  EXPECT_EQ(Messages(Image("batch, 50, 50, 64", "batch, 50, features: 3200", "  return image |> Reshape((50, 768))")),
            "error[E0302]: 160000 elements do not fill `[50, 768]`, which has 38400\n");
}

TEST(CauseTest, JoinedAlongTheWrongAxis) {
  EXPECT_EQ(Messages("model m(a: f32[batch, height: 8, width: 8, channels: 3], "
                     "b: f32[batch, height: 8, width: 8, channels: 16]) -> "
                     "(y: f32[batch, height: 8, width: 8, channels: 19]) {\n  return Concatenate(axis=1)(a, b)\n}\n"),
            "error[E0400]: `channels` is 3 in `a` and 16 in `b`\n");
}

TEST(CauseTest, LayersAfterAMistakeAreSilent) {
  // That the convolution meets no image follows from the missing `height` and `width`.
  EXPECT_EQ(Messages(Image(kImage, "batch, classes: 10",
                           "  return image |> Flatten() |> Conv2D(8, 3) |> Conv2D(8, 40) |> Dense(10)")),
            "error[E0201]: Conv2D got `[batch, features: 784]`, which has no `height` and `width` axes\n");
}

TEST(CauseTest, MistakesOfTheirOwnAreReported) {
  EXPECT_EQ(Messages(Image(kImage, "batch, classes: 10",
                           "  return image |> Conv2D(8, 40) |> Dropout(2) |> Flatten() |> Dense(9)")),
            "error[E0300]: the size of `height` and `width` is 28, less than the window of 40\n"
            "error[E0557]: `rate=2` is not between 0 and 1\n"
            "error[E0327]: axis `classes` of output `y` is 9, declared as 10\n");
}

TEST(CauseTest, AxesInDoubtHaveNoSize) {
  EXPECT_EQ(Messages(Image(kImage, "batch, classes: 10",
                           "  let h = image |> Conv2D(8, 3, strides=2, dilation_rate=2)\n"
                           "  assert h.height == 5\n  return h |> Flatten() |> Dense(10)")),
            "error[E0551]: `strides=2` and `dilation_rate=2` are both larger than 1\n");
}

TEST(CauseTest, AscriptionThatDoesNotHold) {
  EXPECT_EQ(Messages(Image(kImage, "batch, features: 783", "  return image |> Flatten() : [batch, 783] |> ReLU()")),
            "error[E0327]: axis `features` of the result of Flatten is 784, declared as 783\n");
}

TEST(CauseTest, DroppedAxesAreShownWhereTheyWere) {
  EXPECT_EQ(Report(Image(kImage, "batch, classes: 10", R"(  return image
    |> Flatten()
    |> Dense(49)
    |> MaxPooling2D(2)
    |> Dense(10))")),
            R"(error[E0201]: MaxPooling2D got `[batch, features: 49]`, which has no `height` and `width` axes
 --> tiny.strata:5:8
  |
3 |     |> Flatten()
  |        ------- `height` and `width` dropped here
5 |     |> MaxPooling2D(2)
  |        ^^^^^^^^^^^^ takes height, width and channels
  = help: put `MaxPooling2D` before `Flatten`, which removes height and width
  = help: or leave `Flatten` out there
)");
}

TEST(CauseTest, ChainOfSizes) {
  EXPECT_EQ(Report(Image(kImage, "batch, classes: 10", R"(  return image
    |> Conv2D(8, 3) |> MaxPooling2D(2)
    |> Conv2D(8, 3) |> MaxPooling2D(2)
    |> MaxPooling2D(9)
    |> Flatten() |> Dense(10))")),
            R"(error[E0300]: the size of `height` and `width` is 5, less than the window of 9
 --> tiny.strata:5:21
  |
4 |     |> Conv2D(8, 3) |> MaxPooling2D(2)
  |                        ------------ this is `[batch, height: 5, width: 5, channels: 8]`
5 |     |> MaxPooling2D(9)
  |                     ^ needs 9 along `height` and `width`
  = note: the size on the way: 28 -> 26 -> 13 -> 11 -> 5
  = help: `padding="same"` keeps the size, whatever the window
  = help: or leave out the `MaxPooling2D` before it, and 11 is left
)");
}

TEST(CauseTest, ChannelsFirst) {
  EXPECT_EQ(Report(Image("batch, 1, 200, 200", "batch, 4, 198, 198", "  return image |> Conv2D(4, 3)")),
            R"(error[E0300]: the size of axis 1 is 1, less than the window of 3
 --> tiny.strata:1:16
  |
1 | model m(image: f32[batch, 1, 200, 200]) -> (y: f32[batch, 4, 198, 198]) {
  |                ^^^^^^^^^^^^^^^^^^^^^^^ this is `[batch, 1, 200, 200]`
2 |   return image |> Conv2D(4, 3)
  |                             - needs 3 along axis 1
  = note: (1 + 2*0 - 3) / 1 + 1 = -1
  = help: this looks like an image with its channels first: `[batch, channels: 1, height: 200, width: 200]`
)");
}

TEST(CauseTest, PoolThatCutsASkip) {
  EXPECT_EQ(Report(Image("batch, height: 9, width: 9, channels: 2", "batch, height: 4, width: 4, channels: 4",
                         R"(  let down = image |> MaxPooling2D(2)
  let skip = image |> MaxPooling2D(2, padding="same")
  return Concatenate()(down, skip))")),
            R"(error[E0400]: `height` is 4 in `down` and 5 in `skip`
 --> tiny.strata:4:10
  |
2 |   let down = image |> MaxPooling2D(2)
  |                       ------------ `height` of `down` is cut from 9 to 4 here
3 |   let skip = image |> MaxPooling2D(2, padding="same")
  |                       ------------ `height` of `skip` goes from 9 to 5 here
4 |   return Concatenate()(down, skip)
  |          ^^^^^^^^^^^ joins along `axis=-1`, all other sizes must be equal
  = help: pad `down` by 1 with `ZeroPadding2D(((0, 1), (0, 1)))`
  = help: give the model a size that every stride divides
)");
}

TEST(CauseTest, RepeatedAxisName) {
  EXPECT_EQ(Report(Image(kImage, "batch, 2, 392", "  return image |> Reshape([rows: 2, rows: 392])")),
            R"(error[E0212]: `rows` names two axes of `[rows: 2, rows: 392]`
 --> tiny.strata:2:37
  |
2 |   return image |> Reshape([rows: 2, rows: 392])
  |                            ---- named here first
  |                                     ^^^^ named again
)");
}

TEST(CauseTest, SidesThatShrinkByOtherStrides) {
  EXPECT_EQ(
      Report(
          R"(model tiny(x: f32[batch, height: 32, width: 32, channels: 3]) -> (y: f32[batch, height: 16, width: 16, channels: 4]) {
  let a = x |> Conv2D(4, 3, strides=2, padding="same")
  let b = x |> Conv2D(4, 3)
  return Add()(a, b)
}
)"),
      R"(error[E0400]: `height` is 16 in `a` and 30 in `b`
 --> tiny.strata:4:10
  |
2 |   let a = x |> Conv2D(4, 3, strides=2, padding="same")
  |                ------ `height` of `a` goes from 32 to 16 here
3 |   let b = x |> Conv2D(4, 3)
  |                ------ `height` of `b` goes from 32 to 30 here
4 |   return Add()(a, b)
  |          ^^^ merges element by element
  = help: give both sides the same `strides` and `padding`, so that they shrink alike
)");
}

// What works for every size is the mean over the axes that were flattened.
TEST(CauseTest, FlattenedStepsOfAnyNumber) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, time: T, features: 8]) -> (y: f32[batch, features: 4]) {
  return x |> Flatten() |> Dense(4)
}
)"),
            R"(error[E0303]: the size of `features` is `8 * T`, known only when the model runs
 --> tiny.strata:2:28
  |
2 |   return x |> Flatten() |> Dense(4)
  |               ------- this is `[batch, features: 8 * T]`
  |                            ^^^^^ its kernel has a row for each of them, so their number must be a constant
  = help: `GlobalAveragePooling1D()` in place of `Flatten()` works for every time
  = help: or give the sizes in the signature, as in `time: 28`
)");
}

TEST(CauseTest, StepsOfAnyNumberThatAConvolutionTakesAway) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, time: T, features: 8]) -> (y: f32[batch, time: T, features: 4]) {
  let a = x |> Conv1D(4, 3)
  return a + Conv1D(4, 3, padding="causal")(x)
}
)"),
            R"(error[E0400]: `time` is T - 2 in `a` and T in `conv1d_1`
 --> tiny.strata:3:12
  |
2 |   let a = x |> Conv1D(4, 3)
  |                ------ `time` of `a` goes from T to T - 2 here
3 |   return a + Conv1D(4, 3, padding="causal")(x)
  |            ^ merges element by element
  |              ------ `conv1d_1` is `[batch, time: T, channels: 4]`
  = help: `padding="same"` there keeps the size
)");
}

// The help's edit is applied and the error gone (Report).
TEST(CauseTest, SequencesThatAreKeptToTheEnd) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, time: 9, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Bidirectional(GRU(4, return_sequences=True)) |> Dropout(0.2) |> Dense(2)
}
)"),
            R"(error[E0203]: output `y` has 3 axes, declared with 2
 --> tiny.strata:2:79
  |
1 | model tiny(x: f32[batch, time: 9, features: 8]) -> (y: f32[batch, features: 2]) {
  |                                                        ----------------------- declared here
2 |   return x |> Bidirectional(GRU(4, return_sequences=True)) |> Dropout(0.2) |> Dense(2)
  |                                                                               ^^^^^ produces f32[batch, time: 9, features: 2]
  = note: Dense maps only the last axis: features 8 -> 2; time passes through
  = help: `return_sequences=False` in `GRU` gives the last step alone
)");
}

}  // namespace
}  // namespace strata
