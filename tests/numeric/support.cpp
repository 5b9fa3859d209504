#include "tests/numeric/support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <random>

#include "compiler/check/check.h"
#include "compiler/emit/jit.h"
#include "compiler/schedule/schedule.h"
#include "compiler/syntax/parse.h"

namespace strata::testing {

namespace {

int64_t Count(const std::vector<int64_t>& sizes) {
  int64_t count = 1;
  for (int64_t size : sizes) count *= size;
  return count;
}

std::vector<int64_t> SizesAt(const core::Extents& extents, int64_t batch) {
  std::vector<int64_t> sizes;
  for (const Dim& extent : extents) {
    sizes.push_back(*extent.Evaluate([&](std::string_view) -> std::optional<int64_t> { return batch; }));
  }
  return sizes;
}

core::Array Widened(const Array& array, DType dtype = DType::F32) {
  core::Array wide{.sizes = array.sizes, .data = {}, .dtype = dtype, .integers = {}};
  if (IsFloat(dtype)) {
    wide.data.assign(array.data.begin(), array.data.end());
  } else {
    for (const float value : array.data) wide.integers.push_back(static_cast<int64_t>(value));
  }
  return wide;
}

Array Narrowed(const core::Array& wide) {
  Array array{.sizes = wide.sizes, .data = {}};
  for (const double value : wide.data) array.data.push_back(static_cast<float>(value));
  for (const int64_t value : wide.integers) array.data.push_back(static_cast<float>(value));
  return array;
}

// The batch is the first size of the first input whose graph has a symbol at all.
int64_t BatchOf(const std::vector<Array>& inputs) { return inputs.empty() ? 1 : inputs[0].sizes[0]; }

// Sizes of a graph's inputs and outputs as the descriptor wants them.
std::vector<Interface::Tensor> Tensors(const core::Graph& graph, const std::vector<core::ValueId>& values,
                                       const std::string& name) {
  std::vector<Interface::Tensor> tensors;
  for (core::ValueId value : values) {
    Interface::Tensor tensor{.name = name + std::to_string(tensors.size()), .type = {}};
    for (const Dim& extent : graph.Get(value).extents) tensor.type.shape.push_back({.name = "", .size = extent});
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

}  // namespace

double RelativeError(const Array& a, const Array& b) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (a.sizes != b.sizes || a.data.size() != b.data.size()) return kInfinite;
  double difference = 0;
  double largest = 0;
  for (size_t k = 0; k < a.data.size(); ++k) {
    const double x = a.data[k];
    const double y = b.data[k];
    if (std::isnan(x) != std::isnan(y)) return kInfinite;
    if (std::isnan(x) || x == y) {
      if (std::isfinite(y)) largest = std::max(largest, std::abs(y));
      continue;
    }
    difference = std::max(difference, std::abs(x - y));
    largest = std::max(largest, std::abs(y));
  }
  if (difference == 0) return 0;
  return difference / largest;
}

Network CheckProgram(const std::string& program) {
  Sources sources;
  Diagnostics diagnostics;
  const FileId id = sources.Add("test.strata", program);
  std::optional<Network> network;
  if (ScanSource(id, sources, diagnostics)) {
    if (const auto file = Parse(id, sources, diagnostics)) network = Check(*file, sources, diagnostics);
  }
  if (!network) {
    ADD_FAILURE() << program << "\n" << RenderText(diagnostics, sources, {});
    return {};
  }
  return std::move(*network);
}

std::map<std::string, Array> VariedWeights(const Network& network, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::map<std::string, Array> weights;
  for (const NetworkWeight& weight : network.weights) {
    Array array;
    for (const Axis& axis : weight.shape) array.sizes.push_back(*axis.size.Constant());
    array.data.resize(static_cast<size_t>(Count(array.sizes)));
    const bool is_variance = weight.def->name == "moving_variance";
    // Outputs of some unit size: each of them sums over all but the last axis.
    const float scale =
        array.sizes.size() < 2
            ? 0.5F
            : 1.0F / std::sqrt(static_cast<float>(array.data.size()) / static_cast<float>(array.sizes.back()));
    for (float& value : array.data)
      value = is_variance ? 0.5F + std::abs(normal(generator)) : normal(generator) * scale;
    weights[weight.path] = std::move(array);
  }
  return weights;
}

std::vector<Array> RandomInputs(const core::Graph& graph, int64_t batch, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<Array> inputs;
  for (core::ValueId input : graph.inputs) {
    Array array{.sizes = SizesAt(graph.Get(input).extents, batch), .data = {}};
    array.data.resize(static_cast<size_t>(Count(array.sizes)));
    for (float& value : array.data) value = normal(generator);
    const DType dtype = graph.Get(input).dtype;
    for (float& value : array.data) {
      if (!IsFloat(dtype)) value = std::round(3 * value);
      if (dtype == DType::U8) value = std::abs(value);
      if (dtype == DType::Bool) value = value > 0 ? 1.0F : 0.0F;
    }
    inputs.push_back(std::move(array));
  }
  return inputs;
}

WeightLoader LoaderOf(const std::map<std::string, Array>& weights) {
  return [&weights](const std::string& path) { return weights.at(path).data; };
}

std::vector<Array> Interpret(const core::Graph& graph, const std::map<std::string, Array>& weights,
                             const std::vector<Array>& inputs) {
  core::Environment environment;
  for (const std::string& symbol : graph.symbols) environment.symbols[symbol] = BatchOf(inputs);
  environment.weight = [&](const std::string& path) { return Widened(weights.at(path)); };
  std::vector<core::Array> wide;
  for (size_t i = 0; i < inputs.size(); ++i) wide.push_back(Widened(inputs[i], graph.Get(graph.inputs[i]).dtype));
  std::vector<Array> outputs;
  for (const core::Array& output : core::Interpret(graph, wide, environment)) outputs.push_back(Narrowed(output));
  return outputs;
}

Compiled::Compiled(core::Graph graph, const Target& target) : graph_(std::move(graph)) {
  const CompiledModel compiled{.interface = {.name = "test",
                                             .inputs = Tensors(graph_, graph_.inputs, "input"),
                                             .outputs = Tensors(graph_, graph_.outputs, "output")},
                               .schedule = MakeSchedule(graph_, target)};
  auto jit = Jit::Compile(compiled);
  if (jit) {
    jit_ = std::move(*jit);
  } else {
    ADD_FAILURE() << jit.Message();
  }
}

std::vector<Array> Compiled::Run(const std::vector<Array>& inputs) const {
  if (jit_ == nullptr) return {};
  const strata_model& model = jit_->Model();
  const std::vector<int64_t> symbols(graph_.symbols.size(), BatchOf(inputs));
  std::vector<const void*> input_pointers;
  for (const Array& input : inputs) input_pointers.push_back(input.data.data());
  std::vector<Array> outputs;
  for (core::ValueId output : graph_.outputs) {
    Array array{.sizes = SizesAt(graph_.Get(output).extents, BatchOf(inputs)), .data = {}};
    array.data.assign(static_cast<size_t>(Count(array.sizes)), std::numeric_limits<float>::quiet_NaN());
    outputs.push_back(std::move(array));
  }
  std::vector<void*> output_pointers;
  for (Array& output : outputs) output_pointers.push_back(output.data.data());
  const int64_t bytes = model.workspace_size(symbols.data());
  EXPECT_GE(bytes, 0);
  // Whatever lies in the workspace must not matter: all bits set are NaNs.
  const std::unique_ptr<void, decltype(&std::free)> workspace(
      std::aligned_alloc(64, static_cast<size_t>(std::max<int64_t>(bytes, 64))), &std::free);
  std::fill_n(static_cast<unsigned char*>(workspace.get()), bytes, static_cast<unsigned char>(0xFF));
  const int32_t code =
      model.run(symbols.data(), input_pointers.data(), output_pointers.data(), workspace.get(), nullptr);
  EXPECT_EQ(code, STRATA_OK);
  return outputs;
}

bool IsCompiled(const core::Graph& graph) {
  using Function = core::Map::Function;
  constexpr Function kLater[] = {Function::Size,  Function::FloorDivide, Function::Modulo,
                                 Function::Power, Function::Sin,         Function::Cos,
                                 Function::Ceil,  Function::Round,       Function::Cast};
  for (const core::Value& value : graph.values) {
    if (value.dtype != DType::F32) return false;
  }
  for (const core::Operation& operation : graph.operations) {
    if (const auto* group = std::get_if<core::Group>(&operation.op); group != nullptr && !IsCompiled(*group->body)) {
      return false;
    }
    if (std::holds_alternative<core::Prefix>(operation.op)) return false;
    // A product with a matrix of constants, row by row.
    const auto* contract = std::get_if<core::Contract>(&operation.op);
    if (contract != nullptr && (contract->right.size() != 2 || contract->left.back() != contract->right.front() ||
                                contract->out.size() != contract->left.size())) {
      return false;
    }
    const auto* map = std::get_if<core::Map>(&operation.op);
    if (map == nullptr) continue;
    for (const core::Map::Node& node : map->nodes) {
      if (node.type != DType::F32 || std::ranges::find(kLater, node.function) != std::end(kLater)) return false;
    }
  }
  return true;
}

std::vector<const Target*> RunnableTargets() {
  std::vector<const Target*> targets;
  for (const Target& target : AllTargets()) {
    if (HostRuns(target)) targets.push_back(&target);
  }
  return targets;
}

void ExpectCompiledEqualsInterpreter(const core::Graph& graph, const std::map<std::string, Array>& weights,
                                     const std::vector<int64_t>& batches, uint32_t seed) {
  const core::Graph optimized = Optimize(graph, LoaderOf(weights));
  if (!IsCompiled(optimized)) {
    for (int64_t batch : batches) {
      const std::vector<Array> inputs = RandomInputs(graph, batch, seed + static_cast<uint32_t>(batch));
      const std::vector<Array> expected = Interpret(graph, weights, inputs);
      const std::vector<Array> outputs = Interpret(optimized, weights, inputs);
      for (size_t k = 0; k < outputs.size(); ++k) EXPECT_LE(RelativeError(outputs[k], expected[k]), kCompiledTolerance);
    }
    return;
  }
  for (const Target* target : RunnableTargets()) {
    const Compiled compiled(optimized, *target);
    for (int64_t batch : batches) {
      const std::vector<Array> inputs = RandomInputs(graph, batch, seed + static_cast<uint32_t>(batch));
      const std::vector<Array> expected = Interpret(graph, weights, inputs);
      const std::vector<Array> outputs = compiled.Run(inputs);
      ASSERT_EQ(outputs.size(), expected.size());
      for (size_t k = 0; k < outputs.size(); ++k) {
        EXPECT_LE(RelativeError(outputs[k], expected[k]), kCompiledTolerance)
            << target->name << ", batch " << batch << ", output " << k << "\n"
            << core::Print(optimized) << Print(MakeSchedule(optimized, *target));
      }
    }
  }
}

}  // namespace strata::testing
