// Models saved by Keras (tools/keras_parity.py --record): imported, compiled and run, they give what Keras gave.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include "compiler/import/bind_by_structure.h"
#include "compiler/import/import.h"
#include "compiler/weights/axis_order.h"
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
  const std::string path = std::string(kFolder) + "/" + GetParam();
  const Recorded recorded = ReadRecorded(std::filesystem::path(path).stem().string());
  Sources sources;
  Diagnostics diagnostics;
  const auto file = import::ReadKerasModel(path, diagnostics);
  ASSERT_TRUE(file) << RenderText(diagnostics, sources, {});
  // As it is written by default, and without `repeat` and `block`.
  for (const bool folds : {true, false}) {
    const auto imported = import::ImportKeras(
        *file, {.path = path, .output = "imported.strata", .weights = "", .folds = folds}, sources, diagnostics);
    ASSERT_TRUE(imported) << RenderText(diagnostics, sources, {});
    const auto tensors = import::FindTensors(imported->network, imported->layers, *file, path, diagnostics);
    ASSERT_TRUE(tensors) << RenderText(diagnostics, sources, {});
    EXPECT_EQ(tensors->size(), imported->network.weights.size());
    std::map<std::string, Array> weights;
    for (const NamedTensor& tensor : *tensors) {
      weights[tensor.name] = {file->weights->Entries()[tensor.entry].sizes, file->weights->Read(tensor.entry)};
    }
    // The file itself, given as weights.
    const std::optional<BoundWeights> bound = import::BindByStructure(imported->network, path);
    ASSERT_TRUE(bound);
    for (const auto& [name, array] : weights) EXPECT_EQ(bound->Load(name), array.data) << name;
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
    const std::string kind = entry.path().extension().string();
    if (kind == ".keras" || kind == ".h5") names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Saved, ImportTest, ::testing::ValuesIn(Names()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, '.', '_');
  return name;
});

// In Keras `dense` and `dense_1` are each other's here, and of one shape.
TEST(BindByStructure, NamesThatCross) {
  const Network network = CheckProgram(R"(model m(x: f32[batch, features: 8]) -> (y: f32[batch, features: 8]) {
  let u = x |> Dense(8)
  return Subtract()(u, x |> Dense(8) |> ReLU()) |> Dense(8)
})");
  const std::string path = std::string(kFolder) + "/crossed.keras";
  EXPECT_FALSE(import::BindByStructure(network, path)) << "ReLU is a layer of another name";
  const Network same = CheckProgram(R"(model m(x: f32[batch, features: 8]) -> (y: f32[batch, features: 8]) {
  let u = x |> Dense(8)
  return Subtract()(u, x |> Dense(8) |> Activation("relu")) |> Dense(8)
})");
  const std::optional<BoundWeights> bound = import::BindByStructure(same, path);
  ASSERT_TRUE(bound);
  std::map<std::string, Array> weights;
  for (const NetworkWeight& weight : same.weights) {
    weights[weight.path] = {weights::ConstantSizes(weight.shape), bound->Load(weight.path)};
  }
  const Recorded recorded = ReadRecorded("crossed");
  const Compiled compiled(Optimize(Expand(same), LoaderOf(weights)), *RunnableTargets().back());
  EXPECT_LE(RelativeError(compiled.Run({recorded.inputs.at("0")}).front(), recorded.outputs.at("0")), kTolerance);
}

// ---- Options ----

// Of what concerns training alone, or how Keras computes: no importer need look at it (docs/import.md).
bool ConcernsTraining(const std::string& option) {
  static const std::set<std::string> kOptions = {"name",
                                                 "trainable",
                                                 "dtype",
                                                 "autocast",
                                                 "seed",
                                                 "dropout",
                                                 "recurrent_dropout",
                                                 "momentum",
                                                 "unroll",
                                                 "noise_shape",
                                                 "flash_attention",
                                                 "rate",
                                                 "stddev",
                                                 "activity_regularizer",
                                                 "synchronized",
                                                 "l1",
                                                 "l2",
                                                 "optional",
                                                 "renorm_clipping",
                                                 "renorm_momentum",
                                                 "unit_forget_bias",
                                                 "quantization_config",
                                                 "sparse",
                                                 "ragged"};
  return kOptions.contains(option) || option.ends_with("_initializer") || option.ends_with("_regularizer") ||
         option.ends_with("_constraint");
}

// Another value of the same kind.
import::Json Changed(const import::Json& value) {
  if (value.is_boolean()) return !value.get<bool>();
  if (value.is_number_integer()) return value.get<int64_t>() + 1;
  if (value.is_number_float()) return value.get<double>() * 2 + 0.25;
  if (value.is_string()) return value == "valid" ? "same" : "valid";
  if (value.is_null()) return 7;
  if (value.is_array() && !value.empty()) {
    import::Json changed = value;
    changed.front() = Changed(changed.front());
    return changed;
  }
  return "valid";
}

// The objects that hold the options of a layer and of those within it.
void ForEachConfig(import::Json& object, const std::function<void(import::Json& config)>& visit) {
  if (object.is_object() && object.contains("class_name") && object.contains("config")) {
    const std::string module = object.value("module", "");
    if (module == "keras.layers" && object["class_name"] != "InputLayer") visit(object["config"]);
  }
  if (!object.is_structured()) return;
  for (import::Json& inner : object) ForEachConfig(inner, visit);
}

// The program, or the errors that there are instead.
std::string ProgramOrErrors(const import::Json& model) {
  Sources sources;
  Diagnostics diagnostics;
  const import::KerasModel file{.model = model, .major = 3};
  const auto imported = import::ImportKeras(
      file, {.path = "m.json", .output = "m.strata", .weights = "", .folds = false}, sources, diagnostics);
  return imported ? imported->text : "errors:\n" + RenderText(diagnostics, sources, {});
}

// Each option of each layer, changed, changes the program or is an error that names the layer.
TEST(ImportOptions, AreNeverDropped) {
  std::ifstream file(std::string(kFolder) + "/layers.json");
  const import::Json models = import::Json::parse(file);
  int options = 0;
  for (const auto& [class_name, model] : models.items()) {
    const std::string program = ProgramOrErrors(model);
    EXPECT_FALSE(program.starts_with("errors:")) << class_name << "\n" << program;
    import::Json copy = model;
    ForEachConfig(copy, [&](import::Json& config) {
      for (auto& [option, value] : config.items()) {
        // Bidirectional sets it, whatever the layers in it say.
        if (class_name == "Bidirectional" && option == "zero_output_for_mask") continue;
        // Of adapt().
        if (class_name == "Discretization" && (option == "epsilon" || option == "num_bins")) continue;
        if (ConcernsTraining(option) || (value.is_object() && value.value("module", "") == "keras.layers")) continue;
        const import::Json before = value;
        value = Changed(before);
        const std::string changed = ProgramOrErrors(copy);
        ++options;
        EXPECT_NE(changed, program) << class_name << ": " << option << " " << before << " -> " << value;
        value = before;
      }
    });
  }
  EXPECT_GT(options, 330);
}

}  // namespace
}  // namespace strata::testing
