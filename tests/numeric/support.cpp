#include "tests/numeric/support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
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

// Values of a graph's symbols.
using Symbols = std::map<std::string, int64_t, std::less<>>;

std::vector<int64_t> SizesAt(const core::Extents& extents, const Symbols& symbols) {
  std::vector<int64_t> sizes;
  for (const Dim& extent : extents) {
    sizes.push_back(*extent.Evaluate([&](std::string_view name) -> std::optional<int64_t> {
      const auto found = symbols.find(name);
      return found == symbols.end() ? std::nullopt : std::optional(found->second);
    }));
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

// What the sizes of the inputs say of the symbols.
Symbols SymbolsOf(const core::Graph& graph, const std::vector<Array>& inputs) {
  Symbols symbols;
  for (size_t k = 0; k < inputs.size(); ++k) {
    const core::Extents& extents = graph.Get(graph.inputs[k]).extents;
    for (size_t axis = 0; axis < extents.size(); ++axis) {
      if (const auto name = extents[axis].AsSymbol()) symbols.emplace(*name, inputs[k].sizes[axis]);
    }
  }
  return symbols;
}

template <typename T>
std::vector<char> BytesOf(const std::vector<float>& elements) {
  std::vector<T> typed(elements.begin(), elements.end());
  const auto* bytes = reinterpret_cast<const char*>(typed.data());
  return {bytes, bytes + typed.size() * sizeof(T)};
}

template <typename T>
std::vector<float> ElementsOf(const std::vector<char>& bytes) {
  std::vector<T> typed(bytes.size() / sizeof(T));
  std::memcpy(typed.data(), bytes.data(), bytes.size());
  return {typed.begin(), typed.end()};
}

// bf16 is the upper half of a float; the values here need no rounding.
std::vector<char> BFloatsOf(const std::vector<float>& elements) {
  std::vector<char> bytes;
  for (const float element : elements) {
    const auto bits = std::bit_cast<std::array<char, 4>>(element);
    bytes.insert(bytes.end(), {bits[2], bits[3]});
  }
  return bytes;
}

std::vector<float> ElementsOfBFloats(const std::vector<char>& bytes) {
  std::vector<float> elements;
  for (size_t i = 0; i < bytes.size(); i += 2) {
    elements.push_back(std::bit_cast<float>(std::array<char, 4>{0, 0, bytes[i], bytes[i + 1]}));
  }
  return elements;
}

// Elements as a host passes them.
std::vector<char> ToBytes(const std::vector<float>& elements, DType dtype) {
  switch (dtype) {
    case DType::F32: return BytesOf<float>(elements);
    case DType::F16: return BytesOf<_Float16>(elements);
    case DType::BF16: return BFloatsOf(elements);
    case DType::I8: return BytesOf<int8_t>(elements);
    case DType::U8:
    case DType::Bool: return BytesOf<uint8_t>(elements);
    case DType::I32: return BytesOf<int32_t>(elements);
    case DType::I64: return BytesOf<int64_t>(elements);
  }
  return {};
}

std::vector<float> FromBytes(const std::vector<char>& bytes, DType dtype) {
  switch (dtype) {
    case DType::F32: return ElementsOf<float>(bytes);
    case DType::F16: return ElementsOf<_Float16>(bytes);
    case DType::BF16: return ElementsOfBFloats(bytes);
    case DType::I8: return ElementsOf<int8_t>(bytes);
    case DType::U8:
    case DType::Bool: return ElementsOf<uint8_t>(bytes);
    case DType::I32: return ElementsOf<int32_t>(bytes);
    case DType::I64: return ElementsOf<int64_t>(bytes);
  }
  return {};
}

// How many rows the table has that this input indexes; nothing where it is no index.
std::optional<int64_t> RowsIndexedBy(const core::Graph& graph, core::ValueId input) {
  for (const core::Operation& operation : graph.operations) {
    if (!std::holds_alternative<core::Gather>(operation.op) || operation.operands[1] != input) continue;
    return graph.Get(operation.operands[0]).extents[0].Constant();
  }
  return std::nullopt;
}

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

std::optional<Network> TryProgram(const std::string& program, std::string* errors) {
  Sources sources;
  Diagnostics diagnostics;
  const FileId id = sources.Add("test.strata", program);
  std::optional<Network> network;
  if (ScanSource(id, sources, diagnostics)) {
    if (const auto file = Parse(id, sources, diagnostics)) network = Check(*file, sources, diagnostics);
  }
  if (errors != nullptr) *errors = RenderText(diagnostics, sources, {});
  return network;
}

Network CheckProgram(const std::string& program) {
  std::string errors;
  std::optional<Network> network = TryProgram(program, &errors);
  if (!network) {
    ADD_FAILURE() << program << "\n" << errors;
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
  Symbols symbols;
  for (const std::string& symbol : graph.symbols) symbols[symbol] = batch;
  std::vector<Array> inputs;
  for (core::ValueId input : graph.inputs) {
    Array array{.sizes = SizesAt(graph.Get(input).extents, symbols), .data = {}};
    array.data.resize(static_cast<size_t>(Count(array.sizes)));
    for (float& value : array.data) value = normal(generator);
    const DType dtype = graph.Get(input).dtype;
    for (float& value : array.data) {
      if (!IsFloat(dtype)) value = std::round(3 * value);
      if (dtype == DType::U8) value = std::abs(value);
      if (dtype == DType::Bool) value = value > 0 ? 1.0F : 0.0F;
      if (const auto rows = RowsIndexedBy(graph, input)) value = std::fmod(std::abs(value), static_cast<float>(*rows));
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
  environment.symbols = SymbolsOf(graph, inputs);
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
  const Symbols named = SymbolsOf(graph_, inputs);
  std::vector<int64_t> symbols;
  for (const std::string& symbol : graph_.symbols) symbols.push_back(named.at(symbol));
  std::vector<const void*> input_pointers;
  std::vector<std::vector<char>> arguments;
  for (size_t k = 0; k < inputs.size(); ++k) {
    arguments.push_back(ToBytes(inputs[k].data, graph_.Get(graph_.inputs[k]).dtype));
    input_pointers.push_back(arguments.back().data());
  }
  std::vector<Array> outputs;
  std::vector<std::vector<char>> results;
  std::vector<void*> output_pointers;
  for (core::ValueId output : graph_.outputs) {
    const core::Value& value = graph_.Get(output);
    outputs.push_back({.sizes = SizesAt(value.extents, named), .data = {}});
    // All bits set: a NaN of the floats.
    results.emplace_back(static_cast<size_t>(Count(outputs.back().sizes) * Bytes(value.dtype)), '\xFF');
    output_pointers.push_back(results.back().data());
  }
  const int64_t bytes = model.workspace_size(symbols.data());
  EXPECT_GE(bytes, 0);
  // Whatever lies in the workspace must not matter: all bits set are NaNs.
  const std::unique_ptr<void, decltype(&std::free)> workspace(
      std::aligned_alloc(64, static_cast<size_t>(std::max<int64_t>(bytes, 64))), &std::free);
  std::fill_n(static_cast<unsigned char*>(workspace.get()), bytes, static_cast<unsigned char>(0xFF));
  const int32_t code =
      model.run(symbols.data(), input_pointers.data(), output_pointers.data(), workspace.get(), nullptr);
  EXPECT_EQ(code, STRATA_OK);
  for (size_t k = 0; k < outputs.size(); ++k) {
    outputs[k].data = FromBytes(results[k], graph_.Get(graph_.outputs[k]).dtype);
  }
  return outputs;
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
