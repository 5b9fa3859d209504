// The files that tools/weights_files.py records.
#include "compiler/weights/keras_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <sstream>

#include "compiler/layers/layer.h"
#include "compiler/weights/elements.h"
#include "compiler/weights/keras_names.h"
#include "compiler/weights/layer_match.h"
#include "compiler/weights/write_safetensors.h"
#include "tests/unit/weights/network_builder.h"
#include "tests/unit/weights/open_file.h"

namespace strata::testing {
namespace {

constexpr const char* kFolder = "tests/unit/weights/files/";

// What a file holds, as its .txt has it: name, shape, first element, sum.
struct Recorded {
  std::string shape;
  double first;
  double sum;
};

std::map<std::string, Recorded> ReadRecord(const std::string& name) {
  std::map<std::string, Recorded> record;
  std::istringstream lines(ReadBytes(kFolder + name));
  for (std::string line; std::getline(lines, line);) {
    const size_t begin = line.find(" [");
    const size_t end = line.find(']');
    std::istringstream numbers(line.substr(end + 1));
    Recorded& recorded = record[line.substr(0, begin)];
    recorded.shape = line.substr(begin + 1, end - begin);
    numbers >> recorded.first >> recorded.sum;
  }
  EXPECT_FALSE(record.empty()) << name;
  return record;
}

std::shared_ptr<const WeightsFile> Open(const std::string& name, std::string* messages = nullptr) {
  Diagnostics diagnostics;
  auto file = OpenWeightsFile(kFolder + name, Span{}, diagnostics);
  std::string all = Messages(diagnostics);
  ReplaceAll(all, kFolder, "");
  EXPECT_TRUE(file != nullptr || messages != nullptr) << all;
  if (messages != nullptr) *messages = all;
  return file;
}

std::string OpenError(const std::string& name) {
  std::string messages;
  EXPECT_EQ(Open(name, &messages), nullptr);
  return messages;
}

void ExpectRecord(const WeightsFile& file, const std::string& record_name) {
  const std::map<std::string, Recorded> record = ReadRecord(record_name);
  std::map<std::string, size_t> entries;
  for (size_t i = 0; i < file.Entries().size(); ++i) entries[file.Entries()[i].name] = i;
  for (const auto& [name, recorded] : record) {
    const auto found = entries.find(name);
    ASSERT_NE(found, entries.end()) << name;
    const WeightsFile::Entry& entry = file.Entries()[found->second];
    EXPECT_EQ(weights::SizesText(entry.sizes), recorded.shape) << name;
    EXPECT_EQ(file.Damage(found->second), "") << name;
    const std::vector<float> elements = file.Read(found->second);
    double sum = 0;
    for (const float element : elements) sum += element;
    ASSERT_FALSE(elements.empty());
    EXPECT_NEAR(elements.front(), recorded.first, 1e-5) << name;
    EXPECT_NEAR(sum, recorded.sum, 1e-6 * std::abs(recorded.sum) + 1e-6) << name;
  }
  EXPECT_EQ(entries.size(), record.size());
}

class KerasFileTest : public ::testing::TestWithParam<const char*> {};

// Each form in which Keras 3 saves a model has the same tensors under the same names.
TEST_P(KerasFileTest, HasKerasNames) {
  const auto file = Open(GetParam());
  ASSERT_NE(file, nullptr);
  EXPECT_FALSE(file->CallsLayersByClass());
  ExpectRecord(*file, "many.txt");
}

INSTANTIATE_TEST_SUITE_P(Files, KerasFileTest,
                         ::testing::Values("many.keras", "deflated.keras", "many.h5", "unnamed.keras"));

// Without a configuration nothing tells which variables a normalization does without.
TEST(KerasFile, OfWeightsAloneHasNumbersWhereNamesAreInDoubt) {
  const auto file = Open("many.weights.h5");
  ASSERT_NE(file, nullptr);
  EXPECT_FALSE(file->CallsLayersByClass());
  const std::map<std::string, Recorded> record = ReadRecord("many.txt");
  std::vector<std::string> others;
  for (const WeightsFile::Entry& entry : file->Entries()) {
    if (!record.contains(entry.name)) others.push_back(entry.name);
  }
  EXPECT_EQ(others, (std::vector<std::string>{"batch_normalization/0", "batch_normalization/1", "batch_normalization/2",
                                              "layer_normalization/0", "spectral_normalization/inner/0",
                                              "spectral_normalization/inner/1"}));
  EXPECT_EQ(file->Entries().size(), record.size());
}

TEST(KerasFile, LayersComeInTheModelsOrder) {
  const auto file = Open("many.keras");
  ASSERT_NE(file, nullptr);
  const auto place = [&](const std::string& name) {
    for (size_t i = 0; i < file->Entries().size(); ++i) {
      if (file->Entries()[i].name == name) return i;
    }
    return file->Entries().size();
  };
  EXPECT_EQ(place("stem/bias"), place("stem/kernel") + 1);
  EXPECT_LT(place("stem/kernel"), place("batch_normalization/beta"));
  EXPECT_LT(place("batch_normalization/beta"), place("conv2d/kernel"));
  EXPECT_EQ(place("out/bias"), file->Entries().size() - 1);
}

TEST(KerasFile, HasTheConfiguration) {
  for (const char* name : {"many.keras", "many.h5", "deflated.keras"}) {
    Diagnostics diagnostics;
    const std::optional<KerasFile> file = OpenKerasFile(std::string(kFolder) + name, Span{}, diagnostics);
    ASSERT_TRUE(file) << Messages(diagnostics);
    EXPECT_EQ(file->keras_version, "3.15.1") << name;
    EXPECT_NE(file->config.find("\"class_name\": \"Functional\""), std::string::npos) << name;
    ASSERT_EQ(file->paths.size(), file->weights->Entries().size());
    bool has_nested = false;
    for (size_t i = 0; i < file->paths.size(); ++i) {
      const bool is_nested = file->paths[i] == "encoder/" + file->weights->Entries()[i].name;
      has_nested = has_nested || is_nested;
      EXPECT_TRUE(is_nested || file->paths[i] == file->weights->Entries()[i].name) << file->paths[i];
    }
    EXPECT_TRUE(has_nested);
  }
}

TEST(KerasFile, WithoutNamesLayersAreCalledByClass) {
  const auto file = Open("unnamed.weights.h5");
  ASSERT_NE(file, nullptr);
  EXPECT_TRUE(file->CallsLayersByClass());
  EXPECT_EQ(file->Entries().size(), ReadRecord("many.txt").size());
  std::map<std::string, size_t> entries;
  for (size_t i = 0; i < file->Entries().size(); ++i) entries[file->Entries()[i].name] = i;
  EXPECT_TRUE(entries.contains("conv2d/kernel"));    // `stem`
  EXPECT_TRUE(entries.contains("conv2d_1/kernel"));  // `conv2d`
  EXPECT_TRUE(entries.contains("gru/gru_cell/recurrent_kernel"));
  EXPECT_TRUE(entries.contains("batch_normalization/0"));  // gamma or beta: nothing tells
  EXPECT_TRUE(entries.contains("multi_head_attention/attention_output/bias"));
  EXPECT_LT(entries.at("bidirectional/forward_layer/cell/kernel"),
            entries.at("bidirectional/backward_layer/cell/kernel"));
}

TEST(KerasFile, LeavesOutWhatOnlyTrainingNeeds) {
  const auto file = Open("notebook.keras");
  ASSERT_NE(file, nullptr);
  ExpectRecord(*file, "notebook.txt");
  EXPECT_EQ(file->TrainingTensors(), 14u);  // step and rate, two moments of each weight
  EXPECT_EQ(file->Entries()[0].name, "conv2d_4/kernel");
}

TEST(KerasFile, OfKeras2) {
  const auto file = Open("keras2.h5");
  ASSERT_NE(file, nullptr);
  ExpectRecord(*file, "keras2.txt");
  EXPECT_EQ(file->TrainingTensors(), 1u);

  NetworkBuilder builder;
  builder.AddConv2D("conv2d", 3, 1, 2);
  builder.AddWeight("DepthwiseConv2D", "depthwise_conv2d", "kernel",
                    {{.size = Dim(3)}, {.size = Dim(3)}, {.size = Dim(2)}, {.size = Dim(1)}});
  builder.AddWeight("DepthwiseConv2D", "depthwise_conv2d", "bias", {{.size = Dim(2)}});
  builder.AddWeight("LSTM", "lstm", "lstm_cell/kernel", {{.size = Dim(5)}, {.size = Dim(8)}});
  builder.AddWeight("LSTM", "lstm", "lstm_cell/recurrent_kernel", {{.size = Dim(2)}, {.size = Dim(8)}});
  builder.AddWeight("LSTM", "lstm", "lstm_cell/bias", {{.size = Dim(8)}});
  builder.AddDense("dense", 8, 3);
  Diagnostics diagnostics;
  const auto bound = BindWeights(builder.network, file, "keras2.h5", diagnostics);
  ASSERT_TRUE(bound) << Messages(diagnostics);
  EXPECT_EQ(bound->Load("depthwise_conv2d/kernel")[0], 2);
  EXPECT_EQ(bound->Load("lstm/lstm_cell/recurrent_kernel")[0], 5);
}

TEST(KerasFile, WithoutNamesInnerLayersComeInOrder) {
  NetworkBuilder builder;
  for (const char* direction : {"forward_lstm", "backward_lstm"}) {
    const std::string cell = std::string(direction) + "/lstm_cell/";
    builder.AddWeight("Bidirectional", "bidirectional", cell + "kernel", {{.size = Dim(5)}, {.size = Dim(8)}});
    builder.AddWeight("Bidirectional", "bidirectional", cell + "recurrent_kernel",
                      {{.size = Dim(2)}, {.size = Dim(8)}});
    builder.AddWeight("Bidirectional", "bidirectional", cell + "bias", {{.size = Dim(8)}});
  }
  builder.AddWeight("TimeDistributed", "mapped", "dense/kernel", {{.size = Dim(4)}, {.size = Dim(3)}});
  builder.AddWeight("TimeDistributed", "mapped", "dense/bias", {{.size = Dim(3)}});
  const auto file = Open("unnamed.weights.h5");
  std::vector<size_t> wanted(builder.network.weights.size());
  for (size_t i = 0; i < wanted.size(); ++i) wanted[i] = i;
  std::vector<weights::NamedEntry> entries;
  for (size_t i = 0; i < file->Entries().size(); ++i) entries.push_back({i, file->Entries()[i].name});
  const weights::LayerMatches matches = weights::MatchLayers(builder.network, wanted, entries, true);
  ASSERT_EQ(matches.weights.size(), wanted.size());
  const std::map<std::string, Recorded> record = ReadRecord("many.txt");
  for (const auto& [weight, entry] : matches.weights) {
    std::string path = builder.network.weights[weight].path;
    ReplaceAll(path, "mapped", "time_distributed");
    EXPECT_NEAR(file->Read(entry).front(), record.at(path).first, 1e-6) << path;
  }
}

// Two branches: model.layers has another order than the program's.
TEST(KerasFile, WithoutNamesTheGraphTells) {
  const auto file = Open("branches.weights.h5");
  ASSERT_NE(file, nullptr);
  ASSERT_TRUE(file->CallsLayersByClass());
  NetworkBuilder builder;
  builder.AddDense("dense", 4, 3);
  builder.AddDense("dense_1", 4, 5);
  builder.AddDense("dense_2", 5, 3);
  builder.network.layers.push_back(
      {.def = FindLayer("Add"), .name = "add", .args = {}, .name_span = {}, .call_span = {}, .weights = {}});
  builder.AddDense("dense_3", 3, 2);
  Network& network = builder.network;
  const auto apply = [&](int layer, std::vector<int> inputs) {
    network.values.push_back({.type = {}, .span = {}, .node = static_cast<int>(network.nodes.size())});
    const int output = static_cast<int>(network.values.size()) - 1;
    network.nodes.push_back({.layer = layer, .inputs = std::move(inputs), .outputs = {output}});
    return output;
  };
  network.values.push_back({.type = {}, .span = {}});
  const int late = apply(0, {0});
  const int early = apply(2, {apply(1, {0})});
  const int output = apply(4, {apply(3, {late, early})});
  network.outputs.push_back({.name = "output", .type = {}, .value = output, .span = {}});

  Diagnostics diagnostics;
  const auto bound = BindWeights(network, file, "branches.weights.h5", diagnostics);
  ASSERT_TRUE(bound) << Messages(diagnostics);
  EXPECT_EQ(Messages(diagnostics), "");
  for (const auto& [name, recorded] : ReadRecord("branches.txt")) {
    EXPECT_NEAR(bound->Load(name).front(), recorded.first, 1e-6) << name;
  }
}

TEST(KerasFile, VariablesAreThoseOfTheLayers) {
  size_t count = 0;
  for (const LayerDef* def : AllLayers()) {
    const auto& variables = weights::KerasVariablesOf(SnakeCase(def->name));
    size_t next = 0;
    for (const WeightDef& weight : def->weights) {
      if (weight.name.find('/') != std::string_view::npos) continue;  // of a cell
      while (next < variables.size() && variables[next].name != weight.name) ++next;
      EXPECT_LT(next, variables.size()) << def->name << " " << weight.name;
      ++count;
    }
  }
  EXPECT_GT(count, 20u);
}

TEST(Hdf5, ElementTypes) {
  const auto file = Open("types.h5");
  ASSERT_NE(file, nullptr);
  std::map<std::string, size_t> entries;
  for (size_t i = 0; i < file->Entries().size(); ++i) entries[file->Entries()[i].name] = i;
  const auto entry = [&](const char* name) { return file->Entries()[entries.at(name)]; };
  for (const char* name : {"f2", "f4", "f8", "bf16"}) {
    ASSERT_TRUE(entry(name).is_readable) << name;
    const std::vector<float> elements = file->Read(entries.at(name));
    ASSERT_EQ(elements.size(), 6u);
    EXPECT_EQ(elements[1], -1.5f) << name;
    EXPECT_EQ(elements[2], 3.25f) << name;
    EXPECT_EQ(elements[3], std::string(name) == "bf16" ? 65536.0f : 65504.0f) << name;
    EXPECT_EQ(elements[4], 0x1p-14f) << name;
  }
  EXPECT_EQ(entry("bf16").dtype, "bfloat16");
  EXPECT_EQ(entry("big_f4").dtype, ">f4");
  EXPECT_EQ(entry("i4").dtype, "int32");
  EXPECT_EQ(entry("?").dtype, "bool");
  EXPECT_EQ(entry("text").dtype, "string");
  for (const char* name : {"big_f4", "i4", "?", "text"}) EXPECT_FALSE(entry(name).is_readable) << name;
  EXPECT_EQ(file->Read(entries.at("scalar")), std::vector<float>{7});
  EXPECT_EQ(file->Read(entries.at("empty")), std::vector<float>());
  EXPECT_EQ(entry("chunked").fault, "its elements are stored in chunks, expected in one piece");
  EXPECT_EQ(entry("compressed").fault, "its elements are compressed in chunks, expected in one piece");
  EXPECT_EQ(entry("never_written").fault, "its elements were never written");
}

TEST(Hdf5, WhatLeadsElsewhere) {
  EXPECT_EQ(OpenError("external_link.h5"),
            "E0613: `external_link.h5` is damaged: its `dense` leads to another file, which is not followed\n");
  EXPECT_EQ(OpenError("soft_link.h5"),
            "E0613: `soft_link.h5` is damaged: its `dense` leads to another place, which is not followed\n");
  EXPECT_EQ(OpenError("cycle.h5"),
            "E0613: `cycle.h5` is damaged: its `layers/dense/layers` is a group that stands at two places\n");
  const auto outside = Open("external_data.h5");
  ASSERT_NE(outside, nullptr);
  EXPECT_EQ(outside->Entries()[0].fault, "its elements are stored in another file");
  const auto huge = Open("huge_chunk.h5");
  ASSERT_NE(huge, nullptr);
  EXPECT_EQ(huge->Entries()[0].fault, "its elements are compressed in chunks, expected in one piece");
}

TEST(Hdf5, ArchivesThatUnpackToTooMuch) {
  EXPECT_EQ(OpenError("bomb.keras"),
            "E0614: `model.weights.h5` in `bomb.keras` cannot be read: it unpacks to 104857600 bytes, more than is "
            "believed\n");
}

TEST(Hdf5, EveryShorterFileIsRefused) {
  const std::string bytes = ReadBytes(std::string(kFolder) + "branches.weights.h5");
  const OpenedFile half("m.h5", bytes.substr(0, bytes.size() / 2));
  EXPECT_TRUE(half.messages.starts_with("E0612: `m.h5` is cut short: its header promises ")) << half.messages;
  for (size_t size = 8; size < bytes.size(); size += 997) {
    EXPECT_TRUE(OpenedFile("m.h5", bytes.substr(0, size)).messages.starts_with("E061")) << size;
  }
}

// Whatever bytes a file has: either an error, or tensors that can be read. libhdf5 crashes on some of these.
TEST(Hdf5, MutatedFiles) {
  std::mt19937 random(3);
  const std::string original = ReadBytes(std::string(kFolder) + "branches.weights.h5");
  const TemporaryDirectory directory;
  int opened_count = 0;
  int refused_count = 0;
  for (int round = 0; round < 300; ++round) {
    std::string bytes = original;
    for (unsigned change = 0; change <= random() % 20; ++change) {
      const size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
        case 1: bytes[at] = static_cast<char>(random()); break;
        default: bytes[at] = static_cast<char>(random() % 2 == 0 ? 0xff : 0); break;
      }
    }
    const std::string path = directory / (std::to_string(round) + ".h5");
    WriteBytes(path, bytes);
    Diagnostics diagnostics;
    const auto file = OpenWeightsFile(path, Span{}, diagnostics);
    EXPECT_EQ(file == nullptr, diagnostics.HasErrors()) << round;
    ++(file ? opened_count : refused_count);
    for (size_t i = 0; file && i < file->Entries().size(); ++i) {
      const WeightsFile::Entry& entry = file->Entries()[i];
      if (!entry.is_readable || !entry.fault.empty()) continue;
      EXPECT_LE(file->Read(i).size(), bytes.size());
    }
  }
  EXPECT_GT(opened_count, 10);
  EXPECT_GT(refused_count, 10);
}

TEST(WriteSafetensorsTest, HasTheSameTensors) {
  const TemporaryDirectory directory;
  const auto file = Open("many.keras");
  ASSERT_NE(file, nullptr);
  std::vector<NamedTensor> tensors;
  for (size_t i = 0; i < file->Entries().size(); ++i) tensors.push_back({file->Entries()[i].name, i});
  const std::string path = directory / "many.safetensors";
  const Result<> written = WriteSafetensors(path, *file, tensors);
  ASSERT_TRUE(written);
  Diagnostics diagnostics;
  const auto converted = OpenWeightsFile(path, Span{}, diagnostics);
  ASSERT_NE(converted, nullptr) << Messages(diagnostics);
  EXPECT_EQ(converted->Entries()[0].dtype, "F32");
  ExpectRecord(*converted, "many.txt");
}

}  // namespace
}  // namespace strata::testing
