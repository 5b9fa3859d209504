// Layers as arguments of layers, call arguments, several results, and what recurrent layers do to the time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/check/summary.h"
#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "x" is a sequence of 5 steps of 3 features, "h" and "c" are states of 4 units.
std::string Program(const std::string& result, const std::string& body) {
  return "model tiny(x: f32[batch, time: 5, features: 3], h: f32[batch, features: 4], c: f32[batch, features: 4]) -> "
         "(" +
         result + ") {\n" + body + "\n}\n";
}

std::vector<std::string> Weights(const std::string& result, const std::string& body) {
  const CheckedProgram checked = CheckProgram(Program(result, body));
  EXPECT_TRUE(checked.network) << checked.rendered;
  std::vector<std::string> weights;
  if (!checked.network) return weights;
  for (const NetworkWeight& weight : checked.network->weights) {
    weights.push_back(weight.path + " " + ToString(weight.shape));
  }
  return weights;
}

// What the user reads of errors in a body whose result is one vector of two features.
std::string ReportOf(const std::string& body) { return Report(Program("y: f32[batch, features: 2]", body)); }

// rule 16: after Bidirectional(LSTM) the next LSTM is lstm_1.
TEST(WrapperTest, WeightsStandUnderTheWrapper) {
  EXPECT_THAT(
      Weights("y: f32[batch, time: 5, features: 2]",
              "  return x |> Bidirectional(LSTM(4, return_sequences=True)) |> LSTM(3, return_sequences=True)\n"
              "    |> TimeDistributed(Dense(2))"),
      ElementsAre("bidirectional/forward_lstm/lstm_cell/kernel [features: 3, units: 16]",
                  "bidirectional/forward_lstm/lstm_cell/recurrent_kernel [state: 4, units: 16]",
                  "bidirectional/forward_lstm/lstm_cell/bias [units: 16]",
                  "bidirectional/backward_lstm/lstm_cell/kernel [features: 3, units: 16]",
                  "bidirectional/backward_lstm/lstm_cell/recurrent_kernel [state: 4, units: 16]",
                  "bidirectional/backward_lstm/lstm_cell/bias [units: 16]",
                  "lstm_1/lstm_cell/kernel [features: 8, units: 12]",
                  "lstm_1/lstm_cell/recurrent_kernel [state: 3, units: 12]", "lstm_1/lstm_cell/bias [units: 12]",
                  "time_distributed/dense/kernel [features: 3, units: 2]", "time_distributed/dense/bias [units: 2]"));
}

TEST(WrapperTest, SpectralNormalizationHasOneMoreWeight) {
  EXPECT_THAT(
      Weights("y: f32[batch, time: 3, features: 2]", "  return x |> SpectralNormalization(Conv1D(4, 3)) |> Dense(2)"),
      ElementsAre("spectral_normalization/conv1d/kernel [time: 3, channels: 3, filters: 4]",
                  "spectral_normalization/vector_u [one: 1, filters: 4]",
                  "spectral_normalization/conv1d/bias [filters: 4]", "dense/kernel [features: 4, units: 2]",
                  "dense/bias [units: 2]"));
  EXPECT_THAT(ReportOf("  return x |> SpectralNormalization(LSTM(2))"),
              HasSubstr("error[E0558]: SpectralNormalization cannot hold LSTM"));
}

TEST(WrapperTest, BiasesOfGRU) {
  EXPECT_THAT(
      Weights("y: f32[batch, features: 2]", "  return x |> GRU(2)"),
      ElementsAre("gru/gru_cell/kernel [features: 3, units: 6]", "gru/gru_cell/recurrent_kernel [state: 2, units: 6]",
                  "gru/gru_cell/bias [sides: 2, units: 6]"));
  EXPECT_THAT(Weights("y: f32[batch, features: 2]", "  return x |> GRU(2, reset_after=False)"),
              ElementsAre("gru/gru_cell/kernel [features: 3, units: 6]",
                          "gru/gru_cell/recurrent_kernel [state: 2, units: 6]", "gru/gru_cell/bias [units: 6]"));
}

TEST(WrapperTest, StatesGoInAndOut) {
  const CheckedProgram checked = CheckProgram(
      Program("y: f32[batch, features: 4], s: f32[batch, features: 4]",
              "  let (y, a, b) = LSTM(4, return_sequences=True, return_state=True)(x, initial_state=(h, c))\n"
              "  return (LSTM(4)(y, initial_state=[a, b]), b)"));
  ASSERT_TRUE(checked.network) << checked.rendered;
  ASSERT_EQ(checked.network->nodes.size(), 2U);
  EXPECT_THAT(checked.network->nodes[0].counts, ElementsAre(1U, 2U, 0U));
  EXPECT_EQ(checked.network->nodes[0].outputs.size(), 3U);
}

TEST(WrapperTest, OneRowInTheSummary) {
  const CheckedProgram checked = CheckProgram(
      "model tiny(x: f32[batch, time: 5, features: 6]) -> (y: f32[batch, features: 8]) {\n"
      "  return x |> Bidirectional(GRU(4))\n}\n");
  ASSERT_TRUE(checked.network) << checked.rendered;
  const std::string summary = Summary(*checked.network, {.line_length = 79});
  EXPECT_THAT(summary, HasSubstr("│ bidirectional (Bidirectional)    │ (None, 8)                │           288 │"));
  EXPECT_THAT(summary, HasSubstr("Total params: 288"));
}

TEST(WrapperTest, TimeIsDropped) {
  EXPECT_THAT(ReportOf("  return x |> LSTM(4) |> Dropout(0.1) |> LSTM(2)"),
              HasSubstr("`return_sequences=True` there keeps `time`"));
  EXPECT_THAT(ReportOf("  return x |> Bidirectional(LSTM(4)) |> Conv1D(2, 3) |> GlobalMaxPooling1D()"),
              HasSubstr("`return_sequences=True` there keeps `time`"));
  EXPECT_THAT(ReportOf("  return x |> LSTM(2) |> GlobalMaxPooling1D()"),
              HasSubstr("`return_sequences=True` there keeps `time`"));
}

TEST(WrapperTest, TimeIsKept) {
  EXPECT_THAT(ReportOf("  return x |> LSTM(2, return_sequences=True) |> RepeatVector(3) |> LSTM(2)"),
              HasSubstr("write `return_sequences=False` there"));
}

TEST(WrapperTest, SeveralResultsIntoOne) {
  EXPECT_THAT(ReportOf("  return x |> GRU(2, return_state=True) |> Dense(2)"),
              HasSubstr("gives 2 tensors: `output` f32[batch, features: 2], `h` f32[batch, features: 2]"));
  EXPECT_THAT(ReportOf("  return x |> GRU(3, return_sequences=True, return_state=True) |> GRU(2)"),
              HasSubstr("error[E0515]: GRU takes one tensor, 2 are given"));
}

TEST(WrapperTest, LayersThatCannotBeHeld) {
  EXPECT_THAT(ReportOf("  return x |> Bidirectional(Dense(2))"), HasSubstr("error[E0558]: Bidirectional cannot hold"));
  EXPECT_THAT(ReportOf("  return x |> Bidirectional(LSTM(1, go_backwards=True))"),
              HasSubstr("would run in the same direction"));
  EXPECT_THAT(ReportOf("  return x |> Bidirectional(LSTM(1), backward_layer=LSTM(1))"),
              HasSubstr("would run in the same direction"));
  EXPECT_THAT(ReportOf("  return x |> Bidirectional(Dense(2) |> ReLU())"), HasSubstr("is a chain of layers"));
  EXPECT_THAT(ReportOf("  return x |> Bidirectional(3)"), HasSubstr("a layer, as in `Dense(3)`, is expected"));
  EXPECT_THAT(ReportOf("  return x |> TimeDistributed(Dense)"), HasSubstr("`Dense` is the class of a layer"));
}

TEST(WrapperTest, FurtherAxes) {
  EXPECT_THAT(Report("model m(x: f32[batch, time: 3, height: 5, width: 5, channels: 2])\n"
                     "    -> (y: f32[batch, time: 3, height: 3, width: 3, channels: 4]) {\n"
                     "  return x |> Conv2D(4, 3)\n}\n"),
              HasSubstr("`TimeDistributed(Conv2D(...))` maps an image for each `time`"));
  EXPECT_THAT(Report("model m(x: f32[batch, height: 5, width: 5, channels: 2])\n"
                     "    -> (y: f32[batch, height: 3, width: 3, channels: 4]) {\n"
                     "  return x |> Conv1D(4, 3)\n}\n"),
              HasSubstr("`Conv2D` is the layer over these axes"));
}

}  // namespace
}  // namespace strata
