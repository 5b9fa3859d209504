// Recurrent layers: what they take, what they give and what their weights are called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Program(const std::string& input, const std::string& results, const std::string& body) {
  return "model tiny(" + input + ") -> (" + results + ") {\n" + body + "\n}\n";
}

std::vector<std::string> Weights(const std::string& input, const std::string& results, const std::string& body) {
  const CheckedProgram checked = CheckProgram(Program(input, results, body));
  EXPECT_TRUE(checked.network) << checked.rendered;
  std::vector<std::string> weights;
  if (!checked.network) return weights;
  for (const NetworkWeight& weight : checked.network->weights) {
    weights.push_back(weight.path + " " + ToString(weight.shape));
  }
  return weights;
}

constexpr const char* kFrames = "x: f32[batch, time: 3, height: 8, width: 7, channels: 2]";

TEST(ConvLSTMTest, Weights) {
  EXPECT_THAT(
      Weights(kFrames, "y: f32[batch, height: 6, width: 6, channels: 4]", "  return x |> ConvLSTM2D(4, (3, 2))"),
      ElementsAre("conv_lstm2d/conv_lstm_cell/kernel [height: 3, width: 2, channels: 2, filters: 16]",
                  "conv_lstm2d/conv_lstm_cell/recurrent_kernel [height: 3, width: 2, state: 4, filters: 16]",
                  "conv_lstm2d/conv_lstm_cell/bias [filters: 16]"));
}

// The axes are found by name, in any order.
TEST(ConvLSTMTest, FindsItsAxes) {
  for (const auto& [input, output] : std::vector<std::pair<std::string, std::string>>{
           {"time: 3, height: 8, width: 7, channels: 2", "time: 3, height: 4, width: 4, channels: 5"},
           {"time: 3, channels: 2, height: 8, width: 7", "time: 3, channels: 5, height: 4, width: 4"},
           {"height: 8, channels: 2, time: 3, width: 7", "height: 4, channels: 5, time: 3, width: 4"},
           {"time: 3, rows: 8, columns: 7, 2", "time: 3, rows: 4, columns: 4, channels: 5"},
           {"time, height, width, channels: 2",
            "time, height: ceil(height / 2), width: ceil(width / 2), channels: 5"}}) {
    EXPECT_EQ(Report(Program("x: f32[batch, " + input + "]", "y: f32[batch, " + output + "]",
                             "  return x |> ConvLSTM2D(5, 3, strides=2, padding=\"same\", return_sequences=True)")),
              "")
        << input;
  }
}

TEST(ConvLSTMTest, TellsWhatIsMissing) {
  const auto report = [](const std::string& body) { return Report(Program(kFrames, "y: f32[batch, 6, 5, 4]", body)); };
  EXPECT_THAT(report("  return x |> ConvLSTM2D(4, 3) |> ConvLSTM2D(4, 3)"),
              HasSubstr("`return_sequences=True` there keeps `time`, a result for each step"));
  EXPECT_THAT(report("  return x |> ConvLSTM1D(4, 3)"), HasSubstr("`ConvLSTM2D` is the layer over these axes"));
  EXPECT_THAT(report("  return x |> ConvLSTM2D(4, 3, strides=2, dilation_rate=2)"), HasSubstr("error[E0551]"));
  EXPECT_THAT(report("  return x |> ConvLSTM2D(4, 3, stateful=True)"), HasSubstr("error[E0567]"));
  EXPECT_THAT(report("  return x |> ConvLSTM2D(4, 9)"), HasSubstr("needs 9 along `height` and 9 along `width`"));
}

TEST(ConvLSTMTest, StatesHaveTheShapeOfTheOutput) {
  const auto report = [](const std::string& state, const std::string& given) {
    return Report(Program(std::string(kFrames) + ", s: f32[batch, " + state + "]",
                          "y: f32[batch, height: 6, width: 5, channels: 4]",
                          "  return ConvLSTM2D(4, 3)(x, initial_state=" + given + ")"));
  };
  EXPECT_EQ(report("height: 6, width: 5, channels: 4", "[s, s]"), "");
  EXPECT_THAT(report("height: 6, width: 5, channels: 4", "s"), HasSubstr("ConvLSTM2D has 2 states, 1 is given"));
  // Once for both.
  const std::string wrong = report("height: 6, width: 6, channels: 4", "[s, s]");
  EXPECT_THAT(wrong, HasSubstr("`f32[batch, height: 6, width: 5, channels: 4]` is expected"));
  EXPECT_EQ(wrong.find("error"), wrong.rfind("error"));
}

}  // namespace
}  // namespace strata
