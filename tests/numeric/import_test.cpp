// Models saved by Keras (tools/keras_parity.py --record): imported, compiled and run, they give what Keras gave.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "compiler/import/import.h"
#include "tests/numeric/keras_case.h"
#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

constexpr const char* kFolder = "tests/numeric/imported";
// Keras computed in float32 as well.
constexpr double kTolerance = 2e-5;

struct Recorded {
  std::map<std::string, Array> inputs;  // "0", "1", ...: in the model's order
  std::map<std::string, Array> outputs;
};

Recorded ReadRecorded(const std::string& name) {
  Recorded recorded;
  ForEachArray(std::string(kFolder) + "/" + name + ".npz", [&](const std::string& entry, const strata_array& array) {
    const bool is_input = entry.starts_with("in/");
    (is_input ? recorded.inputs : recorded.outputs)[entry.substr(is_input ? 3 : 4)] = ToArray(array, entry);
  });
  return recorded;
}

class ImportTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ImportTest, GivesWhatKerasGave) {
  const std::string path = std::string(kFolder) + "/" + GetParam() + ".keras";
  const Recorded recorded = ReadRecorded(GetParam());
  Sources sources;
  Diagnostics diagnostics;
  const auto file = import::ReadKerasModel(path, diagnostics);
  ASSERT_TRUE(file) << RenderText(diagnostics, sources, {});
  // As it is written by default, and without `repeat` and `block`.
  for (const bool folds : {true, false}) {
    const auto imported = import::ImportKeras(
        *file, {.path = path, .output = "imported.strata", .weights = "", .folds = folds}, sources, diagnostics);
    ASSERT_TRUE(imported) << RenderText(diagnostics, sources, {});
    const auto tensors = import::FindTensors(*imported, *file, path, diagnostics);
    ASSERT_TRUE(tensors) << RenderText(diagnostics, sources, {});
    EXPECT_EQ(tensors->size(), imported->network.weights.size());
    std::map<std::string, Array> weights;
    for (const NamedTensor& tensor : *tensors) {
      weights[tensor.name] = {file->weights->Entries()[tensor.entry].sizes, file->weights->Read(tensor.entry)};
    }
    std::vector<Array> inputs;
    for (size_t i = 0; i < recorded.inputs.size(); ++i) inputs.push_back(recorded.inputs.at(std::to_string(i)));
    const Compiled compiled(Optimize(Expand(imported->network), LoaderOf(weights)), *RunnableTargets().back());
    const std::vector<Array> outputs = compiled.Run(inputs);
    ASSERT_EQ(outputs.size(), recorded.outputs.size());
    for (size_t i = 0; i < outputs.size(); ++i) {
      EXPECT_LE(RelativeError(outputs[i], recorded.outputs.at(std::to_string(i))), kTolerance)
          << "output " << i << " of\n"
          << imported->text;
    }
  }
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".keras") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Saved, ImportTest, ::testing::ValuesIn(Names()), [](const auto& test) { return test.param; });

}  // namespace
}  // namespace strata::testing
