// The network that a program gives: names, weights, sharing, what is left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

using ::testing::ElementsAre;

Network NetworkOf(const std::string& text, const CheckOptions& options = {}, const std::string& path = "tiny.strata") {
  CheckedProgram program = CheckProgram(text, options, path);
  EXPECT_EQ(program.rendered, "");
  EXPECT_TRUE(program.network.has_value());
  return program.network ? std::move(*program.network) : Network{};
}

// A model over 8 features with this body.
std::string Body(const std::string& body) {
  return "model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {\n" + body + "\n}\n";
}

std::vector<std::string> LayerNames(const Network& network) {
  std::vector<std::string> names;
  for (const NetworkLayer& layer : network.layers) names.push_back(layer.name);
  return names;
}

std::vector<std::string> WeightPaths(const Network& network) {
  std::vector<std::string> paths;
  for (const NetworkWeight& weight : network.weights) paths.push_back(weight.path);
  return paths;
}

TEST(NetworkTest, Print) {
  EXPECT_EQ(Print(NetworkOf(R"(## Digits, 8x8 grey images, ten classes.
model digits(image: f32[batch, height: 8, width: 8, channels: 1]) -> (probs: f32[batch, classes: 10]) {
  return image
    |> Conv2D(16, 3, padding="same", activation="relu")
    |> MaxPooling2D(2)  : [batch, height: 4, width: 4, channels: 16]
    |> Flatten()        : [batch, 256]
    |> Dense(10, activation="softmax")
}
weights digits from "digits.safetensors"
)")),
            R"(model digits
  input %0 image: f32[batch, height: 8, width: 8, channels: 1]
  %1: f32[batch, height: 8, width: 8, channels: 16] = conv2d: Conv2D(%0) filters=16, kernel_size=(3, 3), padding='same', activation='relu'
  %2: f32[batch, height: 4, width: 4, channels: 16] = max_pooling2d: MaxPooling2D(%1) pool_size=(2, 2)
  %3: f32[batch, features: 256] = flatten: Flatten(%2)
  %4: f32[batch, features: 10] = dense: Dense(%3) units=10, activation='softmax'
  weight conv2d/kernel: [height: 3, width: 3, channels: 1, filters: 16]
  weight conv2d/bias: [filters: 16]
  weight dense/kernel: [features: 256, units: 10]
  weight dense/bias: [units: 10]
  output %4 probs: f32[batch, classes: 10]
)");
}

// Masks travel through layers that pass them, into blocks and out of them, and through `rename`.
TEST(NetworkTest, PrintMasks) {
  EXPECT_EQ(
      Print(NetworkOf(R"(block Map(units: int)(x: f32[batch, time, features: F]) -> f32[batch, time, features: units] {
  return x |> Dense(units)
}
model tiny(tokens: i32[batch, time], m: bool[batch, time]) -> (y: f32[batch, steps: time, 2], z: f32[batch, 2]) {
  let a = tokens |> Embedding(9, 4, mask_zero=True) |> Map(2)
  let (s, h) = SimpleRNN(2, use_bias=False, return_sequences=True, return_state=True)(a)
  let c = a |> Conv1D(2, 1, use_bias=False)
  return (rename(s, time=steps), SimpleRNN(2, use_bias=False)(c, initial_state=h, mask=m))
}
weights tiny from "tiny.safetensors"
)")),
      R"(model tiny
  input %0 tokens: i32[batch, time]
  input %1 m: bool[batch, time]
  %2: f32[batch, time, features: 4] mask [batch, time] = embedding: Embedding(%0) input_dim=9, output_dim=4, mask_zero=True
  %3: f32[batch, time, features: 2] mask [batch, time] = dense: Dense(%2) units=2
  %4: f32[batch, time, features: 2] mask [batch, time], %5: f32[batch, features: 2] = simple_rnn: SimpleRNN(%3) units=2, use_bias=False, return_sequences=True, return_state=True
  %6: f32[batch, time, channels: 2] = conv1d: Conv1D(%3) filters=2, kernel_size=(1,), use_bias=False
  %7: f32[batch, steps: time, features: 2] mask [batch, steps: time] = rename: Rename(%4)
  %8: f32[batch, features: 2] = simple_rnn_1: SimpleRNN(%6, initial_state=%5, mask=%1) units=2, use_bias=False
  weight embedding/embeddings: [indices: 9, features: 4]
  weight dense/kernel: [features: 4, units: 2]
  weight dense/bias: [units: 2]
  weight simple_rnn/simple_rnn_cell/kernel: [features: 2, units: 2]
  weight simple_rnn/simple_rnn_cell/recurrent_kernel: [state: 2, units: 2]
  weight conv1d/kernel: [time: 1, channels: 2, filters: 2]
  weight simple_rnn_1/simple_rnn_cell/kernel: [features: 2, units: 2]
  weight simple_rnn_1/simple_rnn_cell/recurrent_kernel: [state: 2, units: 2]
  output %7 y: f32[batch, steps: time, features: 2]
  output %8 z: f32[batch, features: 2]
)");
}

// rule 16
TEST(NetworkTest, NamesCountInOrderOfConstruction) {
  const Network network =
      NetworkOf(Body("return x |> Dense(4) |> ReLU() |> Dense(3, name=\"mid\") |> Dense(2) |> ReLU()"));
  EXPECT_THAT(LayerNames(network), ElementsAre("dense", "re_lu", "mid", "dense_1", "re_lu_1"));
  EXPECT_THAT(WeightPaths(network),
              ElementsAre("dense/kernel", "dense/bias", "mid/kernel", "mid/bias", "dense_1/kernel", "dense_1/bias"));
}

TEST(NetworkTest, LayerValueSharesItsWeights) {
  const Network network = NetworkOf(Body("let enc = Dense(2)\nreturn Add()(enc(x), x |> enc)"));
  EXPECT_EQ(network.nodes.size(), 3u);
  EXPECT_THAT(WeightPaths(network), ElementsAre("dense/kernel", "dense/bias"));
  const core::Graph graph = Expand(network);
  core::Verify(graph);
  int weights = 0;
  for (const core::Operation& operation : graph.operations)
    weights += std::holds_alternative<core::Weight>(operation.op);
  EXPECT_EQ(weights, 2);
}

TEST(NetworkTest, CompositionIsApplied) {
  const Network network =
      NetworkOf(Body("let head = Dense(4) |> ReLU() : [batch, hidden: 4]\n"
                     "let tail = head |> Dense(2)\nreturn x |> tail"));
  EXPECT_THAT(LayerNames(network), ElementsAre("dense", "re_lu", "dense_1"));
  EXPECT_EQ(ToString(network.values[2].type), "f32[batch, hidden: 4]");
}

TEST(NetworkTest, TensorsAreSpread) {
  for (const char* call : {"Add()(x, x)", "Add()([x, x])", "Add()((x, x))", "(x, x) |> Add()", "x |> Add()(x)"}) {
    const Network network = NetworkOf(Body("return " + std::string(call) + " |> Dense(2)"));
    EXPECT_THAT(network.nodes.front().inputs, ElementsAre(0, 0)) << call;
  }
}

TEST(NetworkTest, PrefixesOfKerasMeanNothing) {
  const Network network = NetworkOf(Body("return x |> keras.layers.Dense(4) |> layers.Dense(2)"));
  EXPECT_THAT(LayerNames(network), ElementsAre("dense", "dense_1"));
}

// rules 12 and 16
TEST(NetworkTest, UnusedLayersNeedNoWeightsButCount) {
  const CheckedProgram program = CheckProgram(Body("let h = Dense(3)(x)\nreturn x |> Dense(2)"));
  ASSERT_TRUE(program.network.has_value());
  EXPECT_THAT(LayerNames(*program.network), ElementsAre("dense_1"));
  EXPECT_THAT(WeightPaths(*program.network), ElementsAre("dense_1/kernel", "dense_1/bias"));
  EXPECT_EQ(program.network->values.size(), 2u);
}

TEST(NetworkTest, ResultsGiveAxesTheirNames) {
  const Network network = NetworkOf(
      "model two(x: f32[batch, time: 3, 8]) -> (f32[batch, time: 3, classes: 2], f32[batch, 3, 5]) {\n"
      "  return (x |> Dense(2), x |> Dense(5))\n}\n");
  ASSERT_EQ(network.outputs.size(), 2u);
  EXPECT_EQ(network.outputs[0].name, "output");
  EXPECT_EQ(ToString(network.outputs[0].type), "f32[batch, time: 3, classes: 2]");
  EXPECT_EQ(network.outputs[1].name, "output_1");
  EXPECT_EQ(ToString(network.outputs[1].type), "f32[batch, time: 3, features: 5]");
}

TEST(NetworkTest, ConstantArithmetic) {
  for (const char* units : {"2", "N", "N ** 3 - 6", "7 // 3", "-7 // -3", "4 / 2", "ceil(3 / 2)", "floor(5 / 2)",
                            "max(1, 2)", "min(2, 3)", "x.features // 4", "x.channels - 6", "-2 % 4", "+2"}) {
    const Network network = NetworkOf("const N = 2\n" + Body("return x |> Dense(" + std::string(units) + ")"));
    EXPECT_EQ(network.layers.front().args.Int("units"), 2) << units;
  }
}

TEST(NetworkTest, Conditions) {
  for (const char* condition : {"1 < 2", "not False", "x.features == 8", "1.5 >= 1 and True", "False or 'a' == \"a\"",
                                "x.batch == x.batch", "None == None", "2 != 3", "x.batch + 1 > x.batch"}) {
    NetworkOf(Body("assert " + std::string(condition) + "\nreturn x |> Dense(2)"));
  }
}

TEST(NetworkTest, TrainingArgumentsAreIgnored) {
  NetworkOf(Body("return x |> Dense(2, kernel_regularizer=l2(0.01), trainable=False)"));
}

TEST(NetworkTest, LetMayBindANameAgain) { NetworkOf(Body("let x = Dense(4)(x)\nlet x = Dense(2)(x)\nreturn x")); }

TEST(NetworkTest, WeightsPathIsRelativeToTheModelFile) {
  const std::string text = Body("return x |> Dense(2)") +
                           "weights tiny from \"w/a.npz\" {\n"
                           "  dense/kernel = \"fc.weight\" as [units, features]\n}\n";
  const Network network = NetworkOf(text, {}, "models/tiny.strata");
  ASSERT_TRUE(network.weights_source.has_value());
  EXPECT_EQ(network.weights_source->path, "models/w/a.npz");
  ASSERT_EQ(network.weights_source->mappings.size(), 1u);
  EXPECT_EQ(network.weights_source->mappings[0].path, "dense/kernel");
  EXPECT_THAT(network.weights_source->mappings[0].order, ElementsAre("units", "features"));
}

TEST(NetworkTest, OneOfSeveralModelsIsChosen) {
  const std::string text =
      Body("return x |> Dense(2)") +
      "model other(x: f32[batch: 1, features: 8]) -> f32[batch: 1, features: 3] {\n  return x |> Dense(3)\n}\n";
  EXPECT_EQ(NetworkOf(text, {.model = "other"}).name, "other");
  const CheckedProgram unknown = CheckProgram(text, {.model = "othre"});
  EXPECT_EQ(unknown.rendered, "error[E0640]: the file has no model `othre`\n  = help: did you mean `other`?\n");
  const CheckedProgram checked = CheckProgram(text, {.needs_network = false});
  EXPECT_EQ(checked.rendered, "");
  EXPECT_FALSE(checked.network.has_value());
}

TEST(NetworkTest, TenThousandLayers) {
  std::string chain = "return x";
  for (int i = 0; i < 10000; ++i) chain += "\n  |> Dense(8)";
  const Network network = NetworkOf(Body(chain + " |> Dense(2)"));
  EXPECT_EQ(network.layers.back().name, "dense_10000");
}

TEST(NetworkTest, SpansOfAWeightMapping) {
  const std::string text = R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 2]) {
  return x |> Dense(2)
}
weights tiny from "tiny.npz" {
  dense/kernel = "fc"  as [units, features]
  dense/bias = "assets"
}
)";
  const CheckedProgram checked = CheckProgram(text);
  ASSERT_TRUE(checked.network && checked.network->weights_source);
  const auto at = [&](Span span) { return text.substr(span.begin, span.end - span.begin); };
  const WeightsSource::Mapping& kernel = checked.network->weights_source->mappings.front();
  EXPECT_EQ(at(kernel.path_span), "dense/kernel");
  EXPECT_EQ(at(kernel.source_span), "\"fc\"");
  EXPECT_EQ(at(kernel.order_span), "as [units, features]");
  EXPECT_EQ(at(checked.network->weights_source->mappings.back().source_span), "\"assets\"");
}

}  // namespace
}  // namespace strata
