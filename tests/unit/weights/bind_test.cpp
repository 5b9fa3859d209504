#include <gtest/gtest.h>

#include "tests/unit/runtime/temporary_directory.h"
#include "tests/unit/weights/network_builder.h"
#include "tests/unit/weights/npz_bytes.h"
#include "tests/unit/weights/open_file.h"

namespace strata::testing {
namespace {

constexpr const char* kProgram =
    R"(model digits(image: f32[batch, height: 8, width: 8, channels: 1]) -> f32[batch, 10] {
  return image |> Conv2D(16, 3) |> Flatten() |> Dense(10)
}
weights digits from "digits.safetensors")";

// A file in memory. The elements of entry i are 100 * i, 100 * i + 1, ...
class FakeFile : public WeightsFile {
 public:
  explicit FakeFile(std::vector<Entry> entries, std::string damaged = "") : damaged_(std::move(damaged)) {
    entries_ = std::move(entries);
  }
  std::string Damage(size_t index) const override { return entries_[index].name == damaged_ ? "it is cut short" : ""; }
  std::vector<float> Read(size_t index) const override {
    size_t count = 1;
    for (const int64_t size : entries_[index].sizes) count *= static_cast<size_t>(size);
    std::vector<float> elements(count);
    for (size_t i = 0; i < count; ++i) elements[i] = static_cast<float>(100 * index + i);
    return elements;
  }

 private:
  std::string damaged_;
};

NetworkBuilder Digits(const std::string& program = kProgram) {
  NetworkBuilder builder(program);
  builder.AddConv2D("conv2d", 3, 1, 16);
  builder.AddDense("dense", 576, 10);
  builder.SetSource("digits.safetensors", "\"digits.safetensors\"");
  return builder;
}

std::vector<WeightsFile::Entry> KerasEntries(const std::string& prefix = "") {
  return {{prefix + "conv2d/kernel", "F32", {3, 3, 1, 16}},
          {prefix + "conv2d/bias", "F32", {16}},
          {prefix + "dense/kernel", "F32", {576, 10}},
          {prefix + "dense/bias", "F32", {10}}};
}

std::vector<WeightsFile::Entry> TorchEntries() {
  return {{"conv1.weight", "F32", {16, 1, 3, 3}},
          {"conv1.bias", "F32", {16}},
          {"fc.weight", "F32", {10, 576}},
          {"fc.bias", "F32", {10}}};
}

struct Outcome {
  std::optional<BoundWeights> bound;
  Diagnostics diagnostics;

  std::string messages() const { return Messages(diagnostics); }
};

void Bind(const NetworkBuilder& builder, std::vector<WeightsFile::Entry> entries, Outcome& outcome,
          const std::string& path = "digits.safetensors") {
  outcome.bound =
      BindWeights(builder.network, std::make_shared<FakeFile>(std::move(entries)), path, outcome.diagnostics);
  EXPECT_EQ(outcome.bound.has_value(), !outcome.diagnostics.HasErrors());
}

std::string BindError(const NetworkBuilder& builder, std::vector<WeightsFile::Entry> entries,
                      const std::string& path = "digits.safetensors") {
  Outcome outcome;
  Bind(builder, std::move(entries), outcome, path);
  return outcome.messages();
}

// The program after every edit of the helps.
std::string Edited(const Diagnostics& diagnostics, const std::string& program) {
  std::vector<Edit> edits;
  for (const Diagnostic* diagnostic : diagnostics.Sorted()) {
    for (const Help& help : diagnostic->helps) edits.insert(edits.end(), help.edits.begin(), help.edits.end());
  }
  return ApplyEdits(program, edits);
}

TEST(BindWeightsTest, ByPath) {
  Outcome outcome;
  Bind(Digits(), KerasEntries(), outcome);
  ASSERT_TRUE(outcome.bound) << outcome.messages();
  EXPECT_EQ(outcome.bound->Load("conv2d/kernel")[1], 1);
  EXPECT_EQ(outcome.bound->Load("dense/bias")[9], 309);
}

TEST(BindWeightsTest, TheDigitsExample) {
  NetworkBuilder builder;
  builder.AddConv2D("conv2d", 3, 1, 16);
  builder.AddDense("dense", 256, 10);
  Diagnostics diagnostics;
  const std::string path = "examples/digits/digits.safetensors";
  const auto bound = BindWeights(builder.network, OpenWeightsFile(path, Span{}, diagnostics), path, diagnostics);
  ASSERT_TRUE(bound) << Messages(diagnostics);
  EXPECT_EQ(bound->Load("dense/kernel").size(), 2560u);
}

TEST(BindWeightsTest, AfterACommonComponent) {
  Outcome outcome;
  Bind(Digits(), KerasEntries("sequential/"), outcome);
  ASSERT_TRUE(outcome.bound) << outcome.messages();
  EXPECT_EQ(outcome.bound->Load("dense/bias")[0], 300);
}

TEST(BindWeightsTest, BehindTheNamesOfNestedModels) {
  auto entries = KerasEntries();
  entries[0].name = "encoder/stem/conv2d/kernel";
  entries[1].name = "encoder/stem/conv2d/bias";
  Outcome outcome;
  Bind(Digits(), entries, outcome);
  ASSERT_TRUE(outcome.bound) << outcome.messages();
  EXPECT_EQ(outcome.bound->Load("conv2d/bias")[0], 100);
  // Of two that end alike neither is taken.
  entries.push_back({"decoder/conv2d/bias", "F32", {16}});
  EXPECT_EQ(BindError(Digits(), entries),
            "E0620: `conv2d/bias` [filters: 16] is not in `digits.safetensors`\n"
            "E0622: `encoder/stem/conv2d/bias` [16] in `digits.safetensors` belongs to no layer\n"
            "E0622: `decoder/conv2d/bias` [16] in `digits.safetensors` belongs to no layer\n");
}

TEST(BindWeightsTest, OneLayerIsNoCommonComponent) {
  NetworkBuilder builder;
  builder.AddDense("dense", 4, 2);
  EXPECT_EQ(BindError(builder, {{"dense/kernel", "F32", {4, 2}}, {"dense/bias", "F32", {2}}}), "");
}

TEST(BindWeightsTest, ByTheBlockInTheFilesOrder) {
  NetworkBuilder builder(kProgram);
  builder.AddWeight("Conv2D", "conv2d", "kernel",
                    {{.name = "height", .size = 2},
                     {.name = "width", .size = 1},
                     {.name = "channels", .size = 3},
                     {.name = "filters", .size = 2}});
  builder.SetSource("digits.safetensors", "\"digits.safetensors\"");
  builder.Map("conv2d/kernel", "conv1.weight", {"filters", "channels", "height", "width"}, "");
  Outcome outcome;
  Bind(builder, {{"conv1.weight", "F32", {2, 3, 2, 1}}}, outcome);
  ASSERT_TRUE(outcome.bound) << outcome.messages();
  // In the file, filters are 6 apart, channels 2, rows 1.
  EXPECT_EQ(outcome.bound->Load("conv2d/kernel"), (std::vector<float>{0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11}));
}

TEST(BindWeightsTest, TheBlockAppliesToAFileOfTheCommandLine) {
  NetworkBuilder builder = Digits();
  builder.Map("dense/bias", "b", {}, "");
  auto entries = KerasEntries();
  entries[3].name = "b";
  EXPECT_EQ(BindError(builder, entries, "other.npz"), "");
}

TEST(BindWeightsTest, MissingWithANearName) {
  auto entries = KerasEntries();
  entries[2].name = "dense_7/kernel";
  const NetworkBuilder builder = Digits();
  Outcome outcome;
  Bind(builder, entries, outcome);
  EXPECT_EQ(outcome.messages(),
            "E0620: `dense/kernel` [features: 576, units: 10] is not in `digits.safetensors`\n"
            "  note: `dense_7/kernel`, [576, 10], is there and fits\n"
            "  help: write `dense/kernel = \"dense_7/kernel\"` in the `weights` block\n");
  EXPECT_EQ(RenderText(outcome.diagnostics, builder.sources, {}),
            R"(error[E0620]: `dense/kernel` [features: 576, units: 10] is not in `digits.safetensors`
 --> digits.strata:4:21
  |
2 |   return image |> Conv2D(16, 3) |> Flatten() |> Dense(10)
  |                                                 ----- needs `dense/kernel`
4 | weights digits from "digits.safetensors"
  |                     ^^^^^^^^^^^^^^^^^^^^
  = note: `dense_7/kernel`, [576, 10], is there and fits
  = help: write `dense/kernel = "dense_7/kernel"` in the `weights` block
)");
  EXPECT_EQ(Edited(outcome.diagnostics, kProgram),
            std::string(kProgram) + " {\n  dense/kernel = \"dense_7/kernel\"\n}");
}

TEST(BindWeightsTest, MissingWithANearNameOfAnotherShape) {
  auto entries = KerasEntries();
  entries[2] = {"dense_7/kernel", "F32", {576, 20}};
  EXPECT_EQ(BindError(Digits(), entries),
            "E0620: `dense/kernel` [features: 576, units: 10] is not in `digits.safetensors`\n"
            "  note: the nearest name is `dense_7/kernel`, [576, 20]\n");
}

TEST(BindWeightsTest, NoPlaceForAFileOfTheCommandLine) {
  auto entries = KerasEntries();
  entries.pop_back();
  const NetworkBuilder builder = Digits();
  Outcome outcome;
  Bind(builder, entries, outcome, "other.npz");
  EXPECT_EQ(RenderText(outcome.diagnostics, builder.sources, {}),
            "error[E0620]: `dense/bias` [units: 10] is not in `other.npz`\n");
}

TEST(BindWeightsTest, AFileOfPyTorchsNamesAndOrders) {
  NetworkBuilder builder = Digits();
  Outcome outcome;
  Bind(builder, TorchEntries(), outcome);
  EXPECT_EQ(outcome.messages(),
            "E0620: `conv2d/kernel` [height: 3, width: 3, channels: 1, filters: 16] is not in `digits.safetensors`\n"
            "  note: `conv1.weight`, [16, 1, 3, 3], is there and fits\n"
            "  help: write `conv2d/kernel = \"conv1.weight\" as [filters, channels, height, width]` in the `weights` "
            "block\n"
            "  help: write all 4 such mappings\n"
            "E0620: `conv2d/bias` [filters: 16] is not in `digits.safetensors`\n"
            "  note: `conv1.bias`, [16], is there and fits\n"
            "  help: write `conv2d/bias = \"conv1.bias\"` in the `weights` block\n"
            "E0620: `dense/kernel` [features: 576, units: 10] is not in `digits.safetensors`\n"
            "  note: `fc.weight`, [10, 576], is there and fits\n"
            "  help: write `dense/kernel = \"fc.weight\" as [units, features]` in the `weights` block\n"
            "E0620: `dense/bias` [units: 10] is not in `digits.safetensors`\n"
            "  note: `fc.bias`, [10], is there and fits\n"
            "  help: write `dense/bias = \"fc.bias\"` in the `weights` block\n");
  EXPECT_EQ(Edited(outcome.diagnostics, kProgram), std::string(kProgram) + R"( {
  conv2d/kernel = "conv1.weight" as [filters, channels, height, width]
  conv2d/bias = "conv1.bias"
  dense/kernel = "fc.weight" as [units, features]
  dense/bias = "fc.bias"
})");
}

TEST(BindWeightsTest, AnOfferedMappingComesBehindThoseThatAreThere) {
  const std::string program = std::string(kProgram) + " {\n  dense/bias = \"b\"\n}";
  NetworkBuilder builder = Digits(program);
  builder.Map("dense/bias", "b", {}, "dense/bias = \"b\"");
  auto entries = KerasEntries();
  entries[3].name = "b";
  entries[2].name = "dens/kernel";
  Outcome outcome;
  Bind(builder, entries, outcome);
  EXPECT_EQ(Edited(outcome.diagnostics, program),
            std::string(kProgram) + " {\n  dense/bias = \"b\"\n  dense/kernel = \"dens/kernel\"\n}");
}

TEST(BindWeightsTest, AnotherShape) {
  auto entries = KerasEntries();
  entries[2].sizes = {256, 10};
  const NetworkBuilder builder = Digits();
  Outcome outcome;
  Bind(builder, entries, outcome);
  EXPECT_EQ(RenderText(outcome.diagnostics, builder.sources, {}),
            R"(error[E0621]: `dense/kernel` is [256, 10] in `digits.safetensors`, expected [features: 576, units: 10]
 --> digits.strata:4:21
  |
2 |   return image |> Conv2D(16, 3) |> Flatten() |> Dense(10)
  |                                                 ----- needs `dense/kernel`
4 | weights digits from "digits.safetensors"
  |                     ^^^^^^^^^^^^^^^^^^^^
)");
}

TEST(BindWeightsTest, AnotherOrder) {
  auto entries = KerasEntries();
  entries[0].sizes = {16, 1, 3, 3};
  Outcome outcome;
  Bind(Digits(), entries, outcome);
  EXPECT_EQ(
      outcome.messages(),
      "E0621: `conv2d/kernel` is [16, 1, 3, 3] in `digits.safetensors`, expected [height: 3, width: 3, channels: 1, "
      "filters: 16]\n"
      "  help: write `conv2d/kernel = \"conv2d/kernel\" as [filters, channels, height, width]` in the `weights` "
      "block\n");
  EXPECT_EQ(Edited(outcome.diagnostics, kProgram),
            std::string(kProgram) + " {\n  conv2d/kernel = \"conv2d/kernel\" as [filters, channels, height, width]\n}");
}

TEST(BindWeightsTest, SeveralOrdersThatFit) {
  NetworkBuilder builder(kProgram);
  builder.AddConv2D("conv2d", 3, 16, 16);
  builder.SetSource("digits.safetensors", "\"digits.safetensors\"");
  EXPECT_EQ(
      BindError(builder, {{"conv2d/kernel", "F32", {16, 16, 3, 3}}, {"conv2d/bias", "F32", {16}}}),
      "E0621: `conv2d/kernel` is [16, 16, 3, 3] in `digits.safetensors`, expected [height: 3, width: 3, channels: "
      "16, filters: 16]\n"
      "  note: its sizes fit several orders of axes: [filters, channels, height, width], [channels, filters, "
      "height, width]\n"
      "  help: write `conv2d/kernel = \"conv2d/kernel\" as [filters, channels, height, width]` in the `weights` "
      "block, if that is the order\n");
}

// Of several orders all mappings take the first, PyTorch's.
TEST(BindWeightsTest, AllMappingsAreOfferedWithTheFirstError) {
  NetworkBuilder builder(kProgram);
  builder.AddConv2D("conv2d", 3, 16, 16);
  builder.SetSource("digits.safetensors", "\"digits.safetensors\"");
  Outcome outcome;
  Bind(builder, {{"conv1.weight", "F32", {16, 16, 3, 3}}, {"conv1.bias", "F32", {16}}}, outcome);
  const std::vector<const Diagnostic*> errors = outcome.diagnostics.Sorted();
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0]->helps.back().text, "write all 2 such mappings");
  EXPECT_EQ(errors[1]->helps.size(), 1u);
  EXPECT_EQ(Edited(outcome.diagnostics, kProgram), std::string(kProgram) + R"( {
  conv2d/kernel = "conv1.weight" as [filters, channels, height, width]
  conv2d/bias = "conv1.bias"
})");
}

TEST(BindWeightsTest, AnotherOrderThanTheMappingSays) {
  const std::string mapping = "conv2d/kernel = \"conv1.weight\" as [channels, filters, height, width]";
  const std::string program = std::string(kProgram) + " {\n  " + mapping + "\n}";
  NetworkBuilder builder = Digits(program);
  builder.Map("conv2d/kernel", "conv1.weight", {"channels", "filters", "height", "width"}, mapping);
  auto entries = KerasEntries();
  entries[0] = {"conv1.weight", "F32", {16, 1, 3, 3}};
  Outcome outcome;
  Bind(builder, entries, outcome);
  EXPECT_EQ(
      outcome.messages(),
      "E0621: `conv1.weight` is [16, 1, 3, 3] in `digits.safetensors`, expected [channels: 1, filters: 16, height: "
      "3, width: 3]\n"
      "  help: write `conv2d/kernel = \"conv1.weight\" as [filters, channels, height, width]`\n");
  EXPECT_EQ(Edited(outcome.diagnostics, program),
            std::string(kProgram) + " {\n  conv2d/kernel = \"conv1.weight\" as [filters, channels, height, width]\n}");
}

TEST(BindWeightsTest, Extra) {
  auto entries = KerasEntries();
  entries.push_back({"dense_1/kernel", "F32", {10, 2}});
  EXPECT_EQ(BindError(Digits(), entries),
            "E0622: `dense_1/kernel` [10, 2] in `digits.safetensors` belongs to no layer\n"
            "  note: the model's nearest weight is `dense/kernel`\n");
  for (int i = 0; i < 21; ++i) entries.push_back({"lstm/" + std::to_string(i), "F32", {1}});
  const std::string messages = BindError(Digits(), entries);
  EXPECT_EQ(std::count(messages.begin(), messages.end(), '\n'), 12);
  EXPECT_TRUE(messages.ends_with("\n  note: and 12 more tensors belong to no layer\n"));
}

TEST(BindWeightsTest, AllIsReportedInOneRun) {
  auto entries = KerasEntries();
  entries[0].sizes = {5, 5, 1, 16};
  entries[1] = {"embedding/embeddings", "F32", {7, 7, 7}};
  EXPECT_EQ(
      BindError(Digits(), entries),
      "E0621: `conv2d/kernel` is [5, 5, 1, 16] in `digits.safetensors`, expected [height: 3, width: 3, channels: 1, "
      "filters: 16]\n"
      "E0620: `conv2d/bias` [filters: 16] is not in `digits.safetensors`\n"
      "E0622: `embedding/embeddings` [7, 7, 7] in `digits.safetensors` belongs to no layer\n");
}

TEST(BindWeightsTest, ManyMissing) {
  NetworkBuilder builder;
  for (int i = 0; i < 20; ++i) builder.AddDense("dense_" + std::to_string(i), 4, 2);
  const std::string messages = BindError(builder, {}, "m.npz");
  EXPECT_EQ(std::count(messages.begin(), messages.end(), '\n'), 11);
  EXPECT_TRUE(messages.ends_with("\n  note: and 30 more weights are missing\n"));
}

TEST(BindWeightsTest, AnotherModelsLargeFileTakesNoTime) {
  NetworkBuilder builder;
  for (int i = 0; i < 200; ++i) builder.AddDense("dense_" + std::to_string(i), 4, 2);
  std::vector<WeightsFile::Entry> entries;
  for (int i = 0; i < 490; ++i) entries.push_back({"encoder.layers." + std::to_string(i) + ".weight", "F32", {2, 4}});
  EXPECT_NE(BindError(builder, entries, "m.npz"), "");
  for (int i = 0; i < 4000; ++i) entries.push_back({"decoder.layers." + std::to_string(i) + ".weight", "F32", {2, 4}});
  EXPECT_NE(BindError(builder, entries, "m.npz"), "");
}

TEST(BindWeightsTest, ElementsThatAreNoFloats) {
  auto entries = KerasEntries();
  entries[0].is_readable = false;
  entries[0].dtype = "I8";
  entries[2].fault = "its elements are stored in chunks";
  entries.push_back({.name = "conv2d/num_batches_tracked", .dtype = "I64", .sizes = {}, .is_readable = false});
  EXPECT_EQ(BindError(Digits(), entries),
            "E0615: `conv2d/kernel` in `digits.safetensors` has elements of type I8, not float32, float16, bfloat16 or "
            "float64\n"
            "E0614: `dense/kernel` in `digits.safetensors` cannot be read: its elements are stored in chunks\n");
}

TEST(BindWeightsTest, HeadersAloneShowNoDamage) {
  Diagnostics diagnostics;
  EXPECT_TRUE(BindWeights(Digits().network, std::make_shared<FakeFile>(KerasEntries(), "dense/bias"), "w.npz",
                          diagnostics, {.read_elements = false}));
}

// ---- Names by class and rank ----

// Three convolutions and a recurrent layer; the tensors under these names have the weight's number as elements.
NetworkBuilder Notebook() {
  NetworkBuilder builder(kProgram);
  builder.AddConv2D("conv2d", 3, 1, 2);
  builder.AddConv2D("conv2d_1", 3, 2, 2);
  builder.AddConv2D("stem", 3, 2, 4);
  builder.AddWeight("LSTM", "lstm", "lstm_cell/kernel", {{.name = "features", .size = 4}});
  builder.AddWeight("LSTM", "lstm", "lstm_cell/bias", {{.name = "features", .size = 8}});
  builder.SetSource("digits.safetensors", "\"digits.safetensors\"");
  return builder;
}

std::vector<WeightsFile::Entry> NotebookEntries(const std::vector<std::string>& layers, const std::string& cell) {
  const std::vector<std::vector<int64_t>> kernels = {{3, 3, 1, 2}, {3, 3, 2, 2}, {3, 3, 2, 4}};
  std::vector<WeightsFile::Entry> entries;
  for (size_t i = 0; i < kernels.size(); ++i) {
    entries.push_back({layers[i] + "/kernel", "F32", kernels[i]});
    entries.push_back({layers[i] + "/bias", "F32", {kernels[i][3]}});
  }
  entries.push_back({layers[3] + "/" + cell + "kernel", "F32", {4}});
  entries.push_back({layers[3] + "/" + cell + "bias", "F32", {8}});
  return entries;
}

TEST(BindWeightsTest, ByClassAndRank) {
  Outcome outcome;
  Bind(Notebook(), NotebookEntries({"conv2d_9", "conv2d_10", "stem", "lstm_3"}, "lstm_cell_7/"), outcome);
  ASSERT_TRUE(outcome.bound) << outcome.messages();
  EXPECT_EQ(outcome.messages(),
            "W0611: `digits.safetensors` has other names for 3 of the layers: class and order tell which is which\n"
            "  note: `conv2d` is `conv2d_9`, `conv2d_1` is `conv2d_10`, `lstm` is `lstm_3`\n"
            "  help: Keras counts on from model to model: `keras.backend.clear_session()` before the model is built "
            "makes the names those of a fresh process\n");
  EXPECT_EQ(outcome.bound->Load("conv2d/kernel")[0], 0);
  EXPECT_EQ(outcome.bound->Load("conv2d_1/bias")[0], 300);
  EXPECT_EQ(outcome.bound->Load("lstm/lstm_cell/bias")[0], 700);
}

// `conv2d_1` is there by name, and still the first of its class.
TEST(BindWeightsTest, RankGoesBeforeANameThatHappensToBeThere) {
  Outcome outcome;
  Bind(Notebook(), NotebookEntries({"conv2d_1", "conv2d_2", "stem", "lstm"}, "lstm_cell/"), outcome);
  ASSERT_TRUE(outcome.bound) << outcome.messages();
  EXPECT_EQ(outcome.bound->Load("conv2d/kernel").size(), 18u);
  EXPECT_EQ(outcome.bound->Load("conv2d_1/bias")[0], 300);
}

TEST(BindWeightsTest, RankBehindACommonComponent) {
  Outcome outcome;
  Bind(Notebook(), NotebookEntries({"m_2/conv2d_4", "m_2/conv2d_5", "m_2/stem", "m_2/lstm_1"}, "lstm_cell/"), outcome);
  ASSERT_TRUE(outcome.bound) << outcome.messages();
  EXPECT_EQ(outcome.bound->Load("conv2d_1/kernel")[0], 200);
}

TEST(BindWeightsTest, InnerLayersMayHaveCountersOrBeMissing) {
  for (const char* cell : {"lstm_cell_4/", ""}) {
    Outcome outcome;
    Bind(Notebook(), NotebookEntries({"conv2d", "conv2d_1", "stem", "lstm"}, cell), outcome);
    ASSERT_TRUE(outcome.bound) << outcome.messages();
    EXPECT_EQ(outcome.messages(), "");
    EXPECT_EQ(outcome.bound->Load("lstm/lstm_cell/kernel")[0], 600);
  }
}

// `lstm_cell_1` is there by name, and still the first of the two.
TEST(BindWeightsTest, OfTwoInnerLayersTheFirstIsTheFirst) {
  NetworkBuilder builder(kProgram);
  builder.AddWeight("LSTM", "rnn", "lstm_cell/kernel", {{.name = "features", .size = 4}});
  builder.AddWeight("LSTM", "rnn", "lstm_cell_1/kernel", {{.name = "features", .size = 4}});
  builder.SetSource("digits.safetensors", "\"digits.safetensors\"");
  Outcome outcome;
  Bind(builder, {{"rnn/lstm_cell_2/kernel", "F32", {4}}, {"rnn/lstm_cell_1/kernel", "F32", {4}}}, outcome);
  ASSERT_TRUE(outcome.bound) << outcome.messages();
  EXPECT_EQ(outcome.bound->Load("rnn/lstm_cell/kernel")[0], 100);
  EXPECT_EQ(outcome.bound->Load("rnn/lstm_cell_1/kernel")[0], 0);
}

TEST(BindWeightsTest, OtherNumbersOfLayersHaveNoRank) {
  const std::string messages =
      BindError(Notebook(), NotebookEntries({"conv2d_1", "block", "stem", "lstm"}, "lstm_cell/"));
  EXPECT_NE(messages.find("E0620: `conv2d/kernel`"), std::string::npos) << messages;
}

TEST(BindWeightsTest, NumbersStandInTheLayersOrder) {
  auto entries = NotebookEntries({"conv2d", "conv2d_1", "stem", "lstm"}, "lstm_cell/");
  entries[0].name = "conv2d/0";
  entries[1].name = "conv2d/1";
  Outcome outcome;
  Bind(Notebook(), entries, outcome);
  ASSERT_TRUE(outcome.bound) << outcome.messages();
  EXPECT_EQ(outcome.bound->Load("conv2d/bias")[0], 100);
}

TEST(BindWeightsTest, DamagedElements) {
  Diagnostics diagnostics;
  EXPECT_FALSE(
      BindWeights(Digits().network, std::make_shared<FakeFile>(KerasEntries(), "dense/bias"), "w.npz", diagnostics));
  EXPECT_EQ(Messages(diagnostics), "E0614: `dense/bias` in `w.npz` cannot be read: it is cut short\n");
}

// ---- The `weights` block ----

// A network whose block holds this mapping, and the error it gives with PyTorch's file.
struct MappingCase {
  MappingCase(const std::string& path, const std::string& source, const std::vector<std::string>& order)
      : program(std::string(kProgram) + " {\n  MAPPING\n}"), builder(program) {
    builder.AddConv2D("conv2d", 3, 1, 16);
    builder.SetSource("digits.safetensors", "\"digits.safetensors\"");
    builder.Map(path, source, order, "MAPPING");
    builder.Map("conv2d/bias", "conv1.bias", {}, "");
    Bind(builder, {{"conv1.weight", "F32", {16, 1, 3, 3}}, {"conv1.bias", "F32", {16}}}, outcome);
    messages = outcome.messages();
    edited = Edited(outcome.diagnostics, program).substr(std::string(kProgram).size());
  }

  std::string program;
  NetworkBuilder builder;
  Outcome outcome;
  std::string messages;
  std::string edited;
};

const std::vector<std::string> kTorchOrder = {"filters", "channels", "height", "width"};
constexpr const char* kRightBlock = " {\n  conv2d/kernel = \"conv1.weight\" as [filters, channels, height, width]\n}";

TEST(WeightsBlockTest, UnknownPath) {
  const MappingCase mapping("conv2d/kernl", "conv1.weight", kTorchOrder);
  EXPECT_EQ(mapping.messages, "E0623: `digits` has no weight `conv2d/kernl`\n  help: there is `conv2d/kernel`\n");
  EXPECT_EQ(mapping.edited, kRightBlock);
}

TEST(WeightsBlockTest, UnknownSource) {
  const MappingCase mapping("conv2d/kernel", "conv1.wieght", kTorchOrder);
  EXPECT_EQ(mapping.messages,
            "E0624: `digits.safetensors` has no tensor `conv1.wieght`\n  help: there is `conv1.weight`\n");
  EXPECT_EQ(mapping.edited, kRightBlock);
}

TEST(WeightsBlockTest, WrongOrders) {
  const std::string shape =
      "is no order of the axes of `conv2d/kernel`, [height: 3, width: 3, channels: 1, filters: 16]\n";
  const MappingCase unknown("conv2d/kernel", "conv1.weight", {"filters", "channels", "hight", "width"});
  EXPECT_EQ(unknown.messages, "E0625: [filters, channels, hight, width] " + shape +
                                  "  help: write `as [filters, channels, height, width]`\n");
  EXPECT_EQ(unknown.edited, kRightBlock);
  EXPECT_EQ(unknown.outcome.diagnostics.Sorted()[0]->labels[0].text, "`hight` is no axis of it");
  const MappingCase missing("conv2d/kernel", "conv1.weight", {"filters", "channels", "height"});
  EXPECT_EQ(missing.messages, "E0625: [filters, channels, height] " + shape);
  EXPECT_EQ(missing.outcome.diagnostics.Sorted()[0]->labels[0].text, "`width` is missing");
  const MappingCase twice("conv2d/kernel", "conv1.weight", {"filters", "channels", "height", "height"});
  EXPECT_EQ(twice.outcome.diagnostics.Sorted()[0]->labels[0].text, "`height` is there twice");
}

TEST(WeightsBlockTest, MappedTwice) {
  NetworkBuilder builder(kProgram);
  builder.AddDense("dense", 4, 2);
  builder.SetSource("digits.safetensors", "\"digits.safetensors\"");
  builder.Map("dense/kernel", "a", {}, "Conv2D");
  builder.Map("dense/kernel", "b", {}, "Dense");
  EXPECT_EQ(BindError(builder, {{"a", "F32", {4, 2}}, {"dense/bias", "F32", {2}}}),
            "E0626: `dense/kernel` is mapped twice\n");
}

TEST(WeightsBlockTest, IsCheckedWithoutAFile) {
  NetworkBuilder builder = Digits();
  builder.Map("dense/kernl", "a", {}, "");
  Diagnostics diagnostics;
  CheckWeightsBlock(builder.network, diagnostics);
  EXPECT_EQ(Messages(diagnostics), "E0623: `digits` has no weight `dense/kernl`\n  help: there is `dense/kernel`\n");
}

TEST(WeightsBlockTest, MappingsAreWrittenWithQuotesWhereNeeded) {
  NetworkBuilder builder(kProgram);
  builder.AddWeight("Dense", "my-dense", "bias", {{.name = "units", .size = 2}});
  EXPECT_EQ(BindError(builder, {{"a\"b\n", "F32", {2}}}, "w.npz"),
            "E0620: `my-dense/bias` [units: 2] is not in `w.npz`\n"
            "  note: `a\"b\n`, [2], is there and fits\n"
            "  help: write `\"my-dense/bias\" = \"a\\\"b\\x0a\"` in the `weights` block\n");
}

}  // namespace
}  // namespace strata::testing
