#include "tests/numeric/graphs.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <stdexcept>
#include <thread>

#include "compiler/core/map_function.h"
#include "compiler/optimize/optimize.h"
#include "compiler/schedule/target.h"

namespace strata::testing {

namespace {

int64_t Count(const std::vector<int64_t>& sizes) {
  int64_t count = 1;
  for (int64_t size : sizes) count *= size;
  return count;
}

std::vector<int64_t> SizesAt(const core::Extents& extents, const Symbols& symbols) {
  std::vector<int64_t> sizes;
  for (const Dim& extent : extents) {
    sizes.push_back(*extent.Evaluate(
        [&](std::string_view symbol) -> std::optional<int64_t> { return symbols.find(symbol)->second; }));
  }
  return sizes;
}

// Memory that ends where a page begins that may not be touched.
class Block {
 public:
  explicit Block(int64_t bytes) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t size = static_cast<size_t>(std::max<int64_t>(bytes, 0));
    const size_t inner = (size + page - 1) / page * page;
    mapped_ = inner + page;
    start_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start_ == MAP_FAILED) throw std::runtime_error("mmap failed");
    if (mprotect(static_cast<char*>(start_) + inner, page, PROT_NONE) != 0) throw std::runtime_error("mprotect failed");
    data_ = static_cast<char*>(start_) + inner - size;
    // Whatever lies in the memory must not matter: all bits set are NaNs.
    std::memset(data_, 0xFF, size);
  }
  Block(Block&& other) noexcept
      : start_(std::exchange(other.start_, nullptr)), mapped_(other.mapped_), data_(other.data_) {}
  ~Block() {
    if (start_ != nullptr) munmap(start_, mapped_);
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  Block& operator=(Block&&) = delete;

  char* Data() const { return data_; }

 private:
  void* start_;
  size_t mapped_ = 0;
  char* data_ = nullptr;
};

float FromHalf(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  const float sign = (bits & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 31) return fraction != 0 ? std::numeric_limits<float>::quiet_NaN() : sign * INFINITY;
  return sign * (exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                               : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25));
}

std::string BytesOf(const core::Array& array) {
  auto literal = std::make_shared<core::Literal>();
  literal->sizes = array.sizes;
  literal->dtype = array.dtype;
  for (double value : array.data) literal->data.push_back(static_cast<float>(value));
  literal->integers = array.integers;
  return PackedConstant{.literal = literal}.Pack();
}

template <typename T>
T At(const char* bytes, int64_t k) {
  T value;
  std::memcpy(&value, bytes + static_cast<size_t>(k) * sizeof value, sizeof value);
  return value;
}

core::Array ArrayOf(const char* bytes, std::vector<int64_t> sizes, DType dtype) {
  core::Array array{.sizes = std::move(sizes), .data = {}, .dtype = dtype, .integers = {}};
  for (int64_t k = 0; k < Count(array.sizes); ++k) {
    switch (dtype) {
      case DType::F32: array.data.push_back(At<float>(bytes, k)); break;
      case DType::F16: array.data.push_back(FromHalf(At<uint16_t>(bytes, k))); break;
      case DType::BF16:
        array.data.push_back(std::bit_cast<float>(static_cast<uint32_t>(At<uint16_t>(bytes, k)) << 16));
        break;
      case DType::I8: array.integers.push_back(At<int8_t>(bytes, k)); break;
      case DType::U8:
      case DType::Bool: array.integers.push_back(At<uint8_t>(bytes, k)); break;
      case DType::I32: array.integers.push_back(At<int32_t>(bytes, k)); break;
      case DType::I64: array.integers.push_back(At<int64_t>(bytes, k)); break;
    }
  }
  return array;
}

// As a model's descriptor has them.
std::vector<Interface::Tensor> Tensors(const core::Graph& graph, const std::vector<core::ValueId>& values) {
  std::vector<Interface::Tensor> tensors;
  for (core::ValueId value : values) {
    Interface::Tensor tensor{.name = "t" + std::to_string(tensors.size()), .type = {.dtype = graph.Get(value).dtype}};
    for (const Dim& extent : graph.Get(value).extents) tensor.type.shape.push_back({.name = "", .size = extent});
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

// Eight threads, each with a part of the tasks.
void RunOnThreads(void*, int64_t count, strata_task task, void* context) {
  constexpr int64_t kThreads = 8;
  std::vector<std::thread> threads;
  for (int64_t k = 0; k < kThreads; ++k) {
    threads.emplace_back([=] { task(context, count * k / kThreads, count * (k + 1) / kThreads); });
  }
  for (std::thread& thread : threads) thread.join();
}

constexpr strata_parallel kThreads = {.self = nullptr, .parallel_for = &RunOnThreads};

// The largest difference, as a share of the largest number expected; infinite where one alone is no number.
double ErrorOf(const std::vector<double>& found, const std::vector<double>& expected) {
  double difference = 0;
  double largest = 0;
  for (size_t k = 0; k < found.size(); ++k) {
    // The interpreter computes f32 in float64, where more is finite.
    const double wanted = static_cast<float>(expected[k]);
    if (std::isnan(found[k]) != std::isnan(wanted)) return INFINITY;
    if (std::isfinite(wanted)) largest = std::max(largest, std::abs(wanted));
    if (std::isnan(found[k]) || found[k] == wanted) continue;
    difference = std::max(difference, std::abs(found[k] - wanted));
  }
  return difference == 0 ? 0 : difference / largest;
}

std::string TextOf(const Symbols& symbols) {
  std::string text;
  for (const auto& [name, value] : symbols) text += name + " = " + std::to_string(value) + " ";
  return text;
}

}  // namespace

CompiledGraph::CompiledGraph(const core::Graph& graph, const Target& target, Tasks tasks)
    : graph_(graph), tasks_(tasks) {
  const CompiledModel model{
      .interface = {.name = "test", .inputs = Tensors(graph, graph.inputs), .outputs = Tensors(graph, graph.outputs)},
      .schedule = MakeSchedule(graph, target)};
  auto jit = Jit::Compile(model, {.every_step_parallel = tasks == Tasks::AllShared});
  if (!jit) throw std::runtime_error(jit.Message());
  jit_ = std::move(*jit);
}

CallResult CompiledGraph::Run(const std::vector<core::Array>& inputs, const Symbols& symbols) const {
  const strata_model& model = jit_->Model();
  std::vector<int64_t> values;
  for (const std::string& symbol : graph_.symbols) values.push_back(symbols.find(symbol)->second);
  const auto failed = [&](int32_t code) {
    char text[512];
    model.error_text_for(code, values.data(), text, sizeof text);
    return CallResult{.code = code, .error = text, .outputs = {}};
  };
  const int64_t bytes = model.workspace_size(values.data());
  if (bytes < 0) return failed(static_cast<int32_t>(-bytes));
  EXPECT_EQ(bytes % 64, 0);
  std::vector<Block> blocks;
  std::vector<const void*> input_pointers;
  for (const core::Array& input : inputs) {
    const std::string data = BytesOf(input);
    blocks.emplace_back(static_cast<int64_t>(data.size()));
    std::memcpy(blocks.back().Data(), data.data(), data.size());
    input_pointers.push_back(blocks.back().Data());
  }
  std::vector<void*> output_pointers;
  for (core::ValueId output : graph_.outputs) {
    const core::Value& value = graph_.Get(output);
    blocks.emplace_back(Count(SizesAt(value.extents, symbols)) * Bytes(value.dtype));
    output_pointers.push_back(blocks.back().Data());
  }
  const Block workspace(bytes);
  const int32_t code = model.run(values.data(), input_pointers.data(), output_pointers.data(), workspace.Data(),
                                 tasks_ == Tasks::Alone ? nullptr : &kThreads);
  if (code != STRATA_OK) return failed(code);
  CallResult result;
  for (size_t k = 0; k < graph_.outputs.size(); ++k) {
    const core::Value& value = graph_.Get(graph_.outputs[k]);
    result.outputs.push_back(
        ArrayOf(static_cast<const char*>(output_pointers[k]), SizesAt(value.extents, symbols), value.dtype));
  }
  return result;
}

core::Array RandomArray(std::vector<int64_t> sizes, DType dtype, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  std::uniform_int_distribution<int64_t> integer(dtype == DType::U8 || dtype == DType::Bool ? 0 : -9,
                                                 dtype == DType::Bool ? 1 : 9);
  core::Array array{.sizes = std::move(sizes), .data = {}, .dtype = dtype, .integers = {}};
  for (int64_t k = 0; k < Count(array.sizes); ++k) {
    if (IsFloat(dtype)) {
      array.data.push_back(core::RoundTo(dtype, static_cast<float>(normal(generator))));
    } else {
      array.integers.push_back(integer(generator));
    }
  }
  return array;
}

std::vector<core::Array> RandomArrays(const core::Graph& graph, const Symbols& symbols, uint32_t seed) {
  std::vector<core::Array> arrays;
  for (core::ValueId input : graph.inputs) {
    const core::Value& value = graph.Get(input);
    arrays.push_back(RandomArray(SizesAt(value.extents, symbols), value.dtype, seed++));
  }
  return arrays;
}

core::Literal RandomWeights(std::vector<int64_t> sizes, uint32_t seed) {
  const core::Array array = RandomArray(std::move(sizes), DType::F32, seed);
  core::Literal literal{.sizes = array.sizes};
  literal.data.assign(array.data.begin(), array.data.end());
  return literal;
}

void ExpectSameAsInterpreter(const core::Graph& graph, const std::vector<Symbols>& sizes, const Comparison& options) {
  const core::Graph optimized = Optimize(graph, nullptr);
  for (const Target& target : AllTargets()) {
    if (!HostRuns(target)) continue;
    for (const core::Graph* version : {&graph, &optimized}) {
      const auto tasks = version == &graph ? CompiledGraph::Tasks::Alone : options.tasks;
      const CompiledGraph compiled(*version, target, tasks);
      for (const Symbols& symbols : sizes) {
        const std::string where = std::string(target.name) + ", " + TextOf(symbols) + "\n" + core::Print(*version) +
                                  Print(MakeSchedule(*version, target));
        const std::vector<core::Array> inputs =
            options.inputs ? options.inputs(graph, symbols) : RandomArrays(graph, symbols, 7);
        const core::Outcome expected = core::TryInterpret(graph, inputs, {.symbols = symbols, .weight = nullptr});
        const CallResult found = compiled.Run(inputs, symbols);
        ASSERT_EQ(found.error, expected.error) << where;
        ASSERT_EQ(found.outputs.size(), expected.outputs.size()) << where;
        for (size_t k = 0; k < found.outputs.size(); ++k) {
          ASSERT_EQ(found.outputs[k].sizes, expected.outputs[k].sizes) << where;
          ASSERT_EQ(found.outputs[k].integers, expected.outputs[k].integers) << "output " << k << ", " << where;
          ASSERT_LE(ErrorOf(found.outputs[k].data, expected.outputs[k].data), options.tolerance)
              << "output " << k << ", " << where;
        }
      }
    }
  }
}

}  // namespace strata::testing
