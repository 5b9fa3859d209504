// Recurrent layers: what they take, what they give and what their weights are called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

using ::testing::AllOf;
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

constexpr const char* kSequence = "x: f32[batch, time: 5, features: 3]";
constexpr const char* kStep = "x: f32[batch, features: 3], h: f32[batch, features: 4], c: f32[batch, features: 4]";

// What the user reads of a body over a sequence whose result has two features.
std::string OverSequence(const std::string& body) {
  return Report(Program(kSequence, "y: f32[batch, features: 2]", body));
}

TEST(CellsTest, WeightsStandUnderTheCell) {
  EXPECT_THAT(Weights(kSequence, "y: f32[batch, features: 2]",
                      "  return x |> RNN(LSTMCell(4), return_sequences=True) |> RNN([GRUCell(3), LSTMCell(2)])"),
              ElementsAre("rnn/lstm_cell/kernel [features: 3, units: 16]",
                          "rnn/lstm_cell/recurrent_kernel [state: 4, units: 16]", "rnn/lstm_cell/bias [units: 16]",
                          "rnn_1/stacked_rnn_cells/gru_cell/kernel [features: 4, units: 9]",
                          "rnn_1/stacked_rnn_cells/gru_cell/recurrent_kernel [state: 3, units: 9]",
                          "rnn_1/stacked_rnn_cells/gru_cell/bias [sides: 2, units: 9]",
                          "rnn_1/stacked_rnn_cells/lstm_cell_1/kernel [features: 3, units: 8]",
                          "rnn_1/stacked_rnn_cells/lstm_cell_1/recurrent_kernel [state: 2, units: 8]",
                          "rnn_1/stacked_rnn_cells/lstm_cell_1/bias [units: 8]"));
  EXPECT_THAT(
      Weights(kSequence, "y: f32[batch, features: 4]", "  return x |> Bidirectional(RNN([SimpleRNNCell(2)]))"),
      ElementsAre("bidirectional/forward_rnn/stacked_rnn_cells/simple_rnn_cell/kernel [features: 3, units: 2]",
                  "bidirectional/forward_rnn/stacked_rnn_cells/simple_rnn_cell/recurrent_kernel [state: 2, units: 2]",
                  "bidirectional/forward_rnn/stacked_rnn_cells/simple_rnn_cell/bias [units: 2]",
                  "bidirectional/backward_rnn/stacked_rnn_cells/simple_rnn_cell/kernel [features: 3, units: 2]",
                  "bidirectional/backward_rnn/stacked_rnn_cells/simple_rnn_cell/recurrent_kernel [state: 2, units: 2]",
                  "bidirectional/backward_rnn/stacked_rnn_cells/simple_rnn_cell/bias [units: 2]"));
  EXPECT_THAT(
      Weights(kStep, "y: f32[batch, features: 4]",
              "  let (y, states) = LSTMCell(4, use_bias=False)(x, (h, c))\n  return y"),
      ElementsAre("lstm_cell/kernel [features: 3, units: 16]", "lstm_cell/recurrent_kernel [state: 4, units: 16]"));
}

// As Keras gives them: the states of one cell together.
TEST(CellsTest, StatesComeInLists) {
  EXPECT_EQ(Report(Program(kStep, "y: f32[batch, features: 4]",
                           "  let cell = LSTMCell(4)\n  let (y, states) = cell(x, (h, c))\n"
                           "  let (z, last) = cell(x, states)\n  let (p, q) = last\n  return y + z + p + q")),
            "");
  EXPECT_EQ(
      Report(Program(kSequence, "y: f32[batch, features: 2]",
                     "  let (y, states, s) = x |> RNN([LSTMCell(4), GRUCell(2)], return_sequences=True, "
                     "return_state=True)\n  return RNN([LSTMCell(4), GRUCell(2)])(y, initial_state=(states, s))")),
      "");
  EXPECT_EQ(
      Report(Program(kSequence, "y: f32[batch, features: 2], h: f32[batch, features: 2], c: f32[batch, features: 2]",
                     "  return x |> RNN(LSTMCell(2), return_state=True)")),
      "");
}

TEST(CellsTest, WhatIsNoCell) {
  EXPECT_THAT(OverSequence("  return x |> RNN(LSTM(2))"),
              AllOf(HasSubstr("RNN cannot hold LSTM"), HasSubstr("it holds a cell: `LSTMCell`")));
  EXPECT_THAT(OverSequence("  return x |> RNN([GRUCell(3), Dense(2)])"),
              AllOf(HasSubstr("StackedRNNCells cannot hold Dense"), HasSubstr("or a list of them")));
  EXPECT_THAT(OverSequence("  return x |> RNN([])"), HasSubstr("a layer or a list of them"));
  EXPECT_THAT(OverSequence("  return x |> RNN(StackedRNNCells(GRUCell(2)))"), HasSubstr("a list of one layer or more"));
  EXPECT_THAT(OverSequence("  return x |> Bidirectional(GRUCell(2))"), HasSubstr("does not go along the time"));
}

TEST(CellsTest, StatesThatDoNotFit) {
  const auto report = [](const std::string& call) {
    return Report(Program("x: f32[batch, time: 5, features: 3], h: f32[batch, features: 4], s: f32[batch, features: 2]",
                          "y: f32[batch, features: 2]", "  return " + call));
  };
  EXPECT_EQ(report("RNN([SimpleRNNCell(4), GRUCell(2)])(x, initial_state=[h, s])"), "");
  EXPECT_THAT(report("RNN([SimpleRNNCell(4), GRUCell(2)])(x, initial_state=[s, h])"),
              HasSubstr("its states have 4 and 2 units"));
  EXPECT_THAT(
      report("RNN([LSTMCell(4), GRUCell(2)])(x, initial_state=[h, s])"),
      HasSubstr("the states are `f32[batch, features: 4]`, `f32[batch, features: 4]` and `f32[batch, features: 2]`"));
}

TEST(CellsTest, OneStepAlone) {
  EXPECT_THAT(Report(Program("x: f32[batch, time: 5, features: 3], h: f32[batch, features: 2]",
                             "y: f32[batch, features: 2]", "  let (y, s) = GRUCell(2)(x, h)\n  return y")),
              HasSubstr("`RNN(GRUCell(...))` runs it along the time"));
}

TEST(BidirectionalTest, BothDirections) {
  EXPECT_THAT(OverSequence("  return x |> Bidirectional(GRU(2), backward_layer=GRU(3, go_backwards=True), "
                           "merge_mode=\"sum\")"),
              AllOf(HasSubstr("gives `[batch, features: 3]`"), HasSubstr("results of two sizes can be joined")));
  // Keras joins the last axis.
  EXPECT_THAT(Report(Program("x: f32[batch, time: 3, channels: 2, height: 8, width: 7]",
                             "y: f32[batch, channels: 4, height: 6, width: 10]",
                             "  return x |> Bidirectional(ConvLSTM2D(4, 3))")),
              HasSubstr("the concatenation of Bidirectional acts on `width`, although there is a `channels` axis"));
}

}  // namespace
}  // namespace strata
