// The models of examples/ at several sizes, each from one compiled object: against the interpreter, and against what Keras
// computed (tools/models.py). Only the C interface is used to run them, as a host would.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>

#include "compiler/check/check.h"
#include "compiler/core/interpreter.h"
#include "compiler/driver/interface_of.h"
#include "compiler/emit/jit.h"
#include "compiler/optimize/optimize.h"
#include "compiler/schedule/schedule.h"
#include "compiler/syntax/parse.h"
#include "runtime/array_file.h"
#include "tests/numeric/keras_case.h"
#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

constexpr const char* kFolder = "tests/numeric/models";

// ---- Recorded calls ----

// Any element type; `bytes` is what a host would pass.
struct Recorded {
  int32_t dtype = STRATA_F32;
  std::vector<int64_t> sizes;
  std::vector<char> bytes;

  template <typename T>
  std::vector<T> As() const {
    std::vector<T> elements(bytes.size() / sizeof(T));
    std::memcpy(elements.data(), bytes.data(), bytes.size());
    return elements;
  }
};
struct Call {
  std::map<std::string, Recorded> inputs;
  std::map<std::string, Recorded> outputs;
};

std::vector<Call> ReadCalls(const std::string& name) {
  std::vector<Call> calls;
  ForEachArray(std::string(kFolder) + "/" + name + ".npz", [&](const std::string& entry, const strata_array& array) {
    const auto* bytes = static_cast<const char*>(array.data);
    Recorded recorded{array.dtype, {array.sizes, array.sizes + array.rank}, {bytes, bytes + array.bytes}};
    const size_t number = static_cast<size_t>(entry.at(0) - '0');
    if (calls.size() <= number) calls.resize(number + 1);
    const bool is_input = entry.compare(1, 4, "/in/") == 0;
    (is_input ? calls[number].inputs : calls[number].outputs)[entry.substr(is_input ? 5 : 6)] = std::move(recorded);
  });
  return calls;
}

// ---- Weights by the formula of tools/models.py ----

std::vector<float> FormulaWeight(const std::string& path, const std::vector<int64_t>& sizes) {
  uint64_t state = 0xCBF29CE484222325;
  for (const char letter : path) state = (state ^ static_cast<unsigned char>(letter)) * 0x100000001B3;
  const auto product = [&](size_t end) {
    return std::accumulate(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(end), int64_t{1},
                           std::multiplies<>());
  };
  const std::string kind = path.substr(path.rfind('/') + 1);
  double scale = 0.25;
  double shift = 0;
  if (kind == "kernel" || kind == "recurrent_kernel") {
    const int64_t inputs = product(path.starts_with("depthwise") ? 2 : sizes.size() - 1);
    scale = std::sqrt(3 / static_cast<double>(inputs));
  } else if (kind == "gamma" || kind == "moving_variance") {
    scale = 0.5;
    shift = 1;
  } else if (kind == "embeddings") {
    scale = 1;
  }
  std::vector<float> elements(static_cast<size_t>(product(sizes.size())));
  for (float& element : elements) {
    state += 0x9E3779B97F4A7C15;
    uint64_t bits = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
    bits ^= bits >> 31;
    element = static_cast<float>((static_cast<double>(bits >> 40) * 0x1p-23 - 1) * scale + shift);
  }
  return elements;
}

// ---- Running ----

struct Model {
  Network network;
  std::map<std::string, std::vector<int64_t>> sizes;  // of the weights

  std::vector<float> Weight(const std::string& path) const { return FormulaWeight(path, sizes.at(path)); }
};

Model LoadModel(const std::string& name) {
  Sources sources;
  Diagnostics diagnostics;
  FileId id;
  Model model;
  if (LoadSource("examples/" + name + "/" + name + ".strata", sources, diagnostics, &id)) {
    if (const auto file = Parse(id, sources, diagnostics)) {
      if (auto network = Check(*file, sources, diagnostics)) model.network = std::move(*network);
    }
  }
  EXPECT_FALSE(diagnostics.HasErrors()) << RenderText(diagnostics, sources, {});
  for (const NetworkWeight& weight : model.network.weights) {
    for (const Axis& axis : weight.shape) model.sizes[weight.path].push_back(*axis.size.Constant());
  }
  return model;
}

// The values of the symbols that these inputs imply.
std::vector<int64_t> SymbolsOf(const strata_model& model, const Call& call) {
  std::vector<int64_t> symbols(static_cast<size_t>(model.symbol_count), -1);
  for (int32_t i = 0; i < model.input_count; ++i) {
    const strata_tensor& tensor = model.inputs[i];
    const Recorded& recorded = call.inputs.at(tensor.name);
    for (int32_t axis = 0; axis < tensor.rank; ++axis) {
      if (tensor.axes[axis].symbol < 0) continue;
      symbols[static_cast<size_t>(tensor.axes[axis].symbol)] = recorded.sizes[static_cast<size_t>(axis)];
    }
  }
  return symbols;
}

std::map<std::string, Array> RunCompiled(const strata_model& model, const Call& call) {
  const std::vector<int64_t> symbols = SymbolsOf(model, call);
  std::vector<const void*> inputs;
  size_t axes = 0;
  for (int32_t i = 0; i < model.input_count; ++i) {
    EXPECT_EQ(model.inputs[i].dtype, call.inputs.at(model.inputs[i].name).dtype);
    inputs.push_back(call.inputs.at(model.inputs[i].name).bytes.data());
    axes += static_cast<size_t>(model.inputs[i].rank);
  }
  std::vector<int64_t> sizes(axes);
  for (int32_t i = 0; i < model.output_count; ++i)
    sizes.resize(sizes.size() + static_cast<size_t>(model.outputs[i].rank));
  EXPECT_EQ(model.sizes(symbols.data(), sizes.data()), STRATA_OK);
  std::map<std::string, Array> results;
  std::vector<void*> outputs;
  const int64_t* next = sizes.data() + axes;
  for (int32_t i = 0; i < model.output_count; ++i) {
    Array& array = results[model.outputs[i].name];
    array.sizes.assign(next, next + model.outputs[i].rank);
    next += model.outputs[i].rank;
    array.data.resize(
        static_cast<size_t>(std::accumulate(array.sizes.begin(), array.sizes.end(), int64_t{1}, std::multiplies<>())));
    outputs.push_back(array.data.data());
  }
  const int64_t bytes = model.workspace_size(symbols.data());
  EXPECT_GE(bytes, 0);
  const std::unique_ptr<void, decltype(&std::free)> workspace(
      std::aligned_alloc(64, static_cast<size_t>(std::max<int64_t>(bytes, 64))), &std::free);
  std::memset(workspace.get(), 0xFF, static_cast<size_t>(bytes));
  const int32_t code = model.run(symbols.data(), inputs.data(), outputs.data(), workspace.get(), nullptr);
  EXPECT_EQ(code, STRATA_OK);
  return results;
}

std::map<std::string, Array> RunInterpreted(const Model& model, const Call& call) {
  const core::Graph graph = Expand(model.network);
  core::Environment environment;
  environment.weight = [&](const std::string& path) {
    const std::vector<float> elements = model.Weight(path);
    return core::Array{.sizes = model.sizes.at(path), .data = {elements.begin(), elements.end()}};
  };
  std::vector<core::Array> inputs;
  for (size_t i = 0; i < model.network.inputs.size(); ++i) {
    const NetworkInput& input = model.network.inputs[i];
    const Recorded& recorded = call.inputs.at(input.name);
    const Shape& shape = model.network.values[static_cast<size_t>(input.value)].type.shape;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (const auto symbol = shape[axis].size.AsSymbol())
        environment.symbols[std::string(*symbol)] = recorded.sizes[axis];
    }
    core::Array& array = inputs.emplace_back(core::Array{.sizes = recorded.sizes, .data = {}});
    array.dtype = model.network.values[static_cast<size_t>(input.value)].type.dtype;
    const auto widen = [](const auto& elements, auto& to) { to.assign(elements.begin(), elements.end()); };
    switch (recorded.dtype) {
      case STRATA_F32: widen(recorded.As<float>(), array.data); break;
      case STRATA_U8: widen(recorded.As<uint8_t>(), array.integers); break;
      case STRATA_I32: widen(recorded.As<int32_t>(), array.integers); break;
      default: ADD_FAILURE() << "an element type that no model has";
    }
  }
  std::map<std::string, Array> results;
  const std::vector<core::Array> outputs = core::Interpret(graph, inputs, environment);
  for (size_t i = 0; i < outputs.size(); ++i) {
    results[model.network.outputs[i].name] = {outputs[i].sizes, {outputs[i].data.begin(), outputs[i].data.end()}};
  }
  return results;
}

class ModelsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ModelsTest, AgreesWithKerasAtEverySize) {
  const Model model = LoadModel(GetParam());
  ASSERT_FALSE(model.network.outputs.empty());
  const std::vector<Call> calls = ReadCalls(GetParam());
  ASSERT_GE(calls.size(), 2U);
  const core::Graph graph =
      Optimize(Expand(model.network), [&](const std::string& path) { return model.Weight(path); });
  const auto expect_near = [](const std::map<std::string, Array>& results, const Call& call, double tolerance,
                              std::string_view by) {
    ASSERT_EQ(results.size(), call.outputs.size());
    for (const auto& [name, recorded] : call.outputs) {
      EXPECT_LE(RelativeError(results.at(name), {recorded.sizes, recorded.As<float>()}), tolerance)
          << by << ", " << name;
    }
  };
  for (const Call& call : calls) expect_near(RunInterpreted(model, call), call, kInterpreterTolerance, "interpreter");
  for (const Target* target : RunnableTargets()) {
    const CompiledModel compiled{.interface = InterfaceOf(model.network), .schedule = MakeSchedule(graph, *target)};
    auto jit = Jit::Compile(compiled);
    ASSERT_TRUE(jit) << jit.Message();
    for (const Call& call : calls) {
      expect_near(RunCompiled((*jit)->Model(), call), call, kCompiledTolerance, target->name);
    }
  }
}

std::vector<std::string> ModelNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, ModelsTest, ::testing::ValuesIn(ModelNames()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace strata::testing
