// Each kernel on one thread, as a share of what the processor can do at most, measured in turns in the same run.
//
//   build/release/bin/strata_kernels [--benchmark_filter=conv]
//
// Columns: gflops (or GB/s) reached, `peak` of the same minutes, and their ratio, `share`.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/run.h"
#include "compiler/core/builder.h"
#include "compiler/emit/jit.h"
#include "compiler/measure/peak.h"
#include "compiler/schedule/schedule.h"

namespace strata {
namespace {

struct Free {
  void operator()(float* data) const { std::free(data); }
};
using Block = std::unique_ptr<float, Free>;

Block Random(int64_t count) {
  Block block(static_cast<float*>(std::aligned_alloc(64, static_cast<size_t>((count * 4 + 63) / 64 * 64 + 64))));
  std::minstd_rand generator(7);
  std::uniform_real_distribution<float> values(-1, 1);
  for (int64_t k = 0; k < count; ++k) block.get()[k] = values(generator);
  return block;
}

core::Literal RandomLiteral(std::vector<int64_t> sizes) {
  int64_t count = 1;
  for (int64_t size : sizes) count *= size;
  const Block values = Random(count);
  return {.sizes = std::move(sizes), .data = std::vector<float>(values.get(), values.get() + count)};
}

int64_t Count(const core::Extents& extents) {
  int64_t count = 1;
  for (const Dim& extent : extents) count *= *extent.Constant();
  return count;
}

// A graph of fixed sizes with one input and one output, compiled.
class Kernel {
 public:
  Kernel(const core::Graph& graph, const Target& target)
      : jit_(Compile(graph, target)),
        input_(Random(Count(graph.Get(graph.inputs[0]).extents))),
        output_(Random(Count(graph.Get(graph.outputs[0]).extents))),
        workspace_(Random(jit_->Model().workspace_size(nullptr) / 4 + 16)) {}

  void Run() {
    const void* inputs[] = {input_.get()};
    void* outputs[] = {output_.get()};
    const int code = jit_->Model().run(nullptr, inputs, outputs, workspace_.get(), nullptr);
    if (code != STRATA_OK) std::abort();
  }

 private:
  static std::unique_ptr<Jit> Compile(const core::Graph& graph, const Target& target) {
    CompiledModel model{.interface = {.name = "kernel"}, .schedule = MakeSchedule(graph, target)};
    model.interface.inputs.push_back({"x", {}});
    model.interface.outputs.push_back({"y", {}});
    auto jit = Jit::Compile(model);
    if (!jit) {
      std::fprintf(stderr, "%s\n", jit.Message().c_str());
      std::abort();
    }
    return std::move(*jit);
  }

  std::unique_ptr<Jit> jit_;
  Block input_;
  Block output_;
  Block workspace_;
};

core::Graph Dense(int64_t batch, int64_t inputs, int64_t units) {
  core::Graph graph;
  core::Builder builder(graph);
  const core::ValueId x = builder.Input({batch, inputs});
  const core::ValueId kernel = builder.Constant(RandomLiteral({inputs, units}));
  graph.outputs = {builder.Contract(x, kernel, {.left = {0, 1}, .right = {1, 2}, .out = {0, 2}})};
  return graph;
}

core::Graph Convolution(int64_t size, int64_t window, int64_t channels, int64_t filters) {
  core::Graph graph;
  core::Builder builder(graph);
  const core::ValueId x = builder.Input({1, size, size, channels});
  const core::ValueId kernel = builder.Constant(RandomLiteral({window, window, channels, filters}));
  const core::Convolve::Axis axis{.pad_low = window / 2, .pad_high = window / 2};
  graph.outputs = {builder.Convolve(x, kernel, {.axes = {axis, axis}})};
  return graph;
}

core::Graph Depthwise(int64_t size, int64_t channels) {
  core::Graph graph;
  core::Builder builder(graph);
  const core::ValueId x = builder.Input({1, size, size, channels});
  const core::ValueId kernel = builder.Constant(RandomLiteral({3, 3, 1, channels}));
  const core::Convolve::Axis axis{.pad_low = 1, .pad_high = 1};
  graph.outputs = {builder.Convolve(x, kernel, {.axes = {axis, axis}, .groups = channels})};
  return graph;
}

core::Graph Elementwise(int64_t count, core::Map::Function function) {
  core::Graph graph;
  core::Builder builder(graph);
  const core::ValueId x = builder.Input({count});
  core::MapBuilder map;
  graph.outputs = {builder.Map({x}, core::Apply(function, map.Operand(0)))};
  return graph;
}

void ReportFlops(benchmark::State& state, const core::Graph& graph, const Target& target, double flops) {
  Kernel kernel(graph, target);
  const ShareOfLimit result = Share(flops, [&] { kernel.Run(); }, [&] { return SampleFlops(target); });
  for (auto _ : state) kernel.Run();
  state.counters["gflops"] = flops / result.seconds / 1e9;
  state.counters["peak"] = result.limit / 1e9;
  state.counters["share"] = result.share;
}

void ReportRead(benchmark::State& state, const core::Graph& graph, const Target& target, int64_t bytes) {
  Kernel kernel(graph, target);
  const Block data = Random(bytes / 4);
  const ShareOfLimit result = Share(
      static_cast<double>(bytes), [&] { kernel.Run(); },
      [&] { return SampleRead(target, data.get(), static_cast<size_t>(bytes)); });
  for (auto _ : state) kernel.Run();
  state.counters["GB/s"] = static_cast<double>(bytes) / result.seconds / 1e9;
  state.counters["peak"] = result.limit / 1e9;
  state.counters["share"] = result.share;
}

void Register(const Target& target) {
  const std::string prefix = std::string(target.name) + "/";
  const auto add = [&](const std::string& name, auto body) {
    benchmark::RegisterBenchmark((prefix + name).c_str(), body)->Unit(benchmark::kMicrosecond);
  };
  add("peak/fma", [&target](benchmark::State& state) {
    double flops = 0;
    for (auto _ : state) flops = std::max(flops, SampleFlops(target));
    state.counters["peak"] = flops / 1e9;
  });
  for (const auto& [name, kilobytes] :
       std::initializer_list<std::pair<const char*, int64_t>>{{"peak/read L1 32 KB", 32},
                                                              {"peak/read L2 512 KB", 512},
                                                              {"peak/read 16 MB", 16384},
                                                              {"peak/read 256 MB", 262144}}) {
    add(name, [&target, kilobytes = kilobytes](benchmark::State& state) {
      const size_t bytes = static_cast<size_t>(kilobytes) << 10;
      const Block data = Random(static_cast<int64_t>(bytes / 4));
      std::vector<double> samples;
      for (auto _ : state) samples.push_back(SampleRead(target, data.get(), bytes));
      state.counters["GB/s"] = Median(samples) / 1e9;
    });
  }
  struct Conv {
    int64_t size, window, channels, filters;
  };
  for (const Conv& c : {Conv{56, 3, 64, 64}, Conv{28, 3, 128, 128}, Conv{14, 3, 256, 256}, Conv{7, 3, 512, 512},
                        Conv{14, 1, 1024, 256}, Conv{56, 1, 64, 256}, Conv{112, 3, 3, 32}}) {
    const std::string name = "conv" + std::to_string(c.window) + "x" + std::to_string(c.window) + "/" +
                             std::to_string(c.size) + "x" + std::to_string(c.size) + "x" + std::to_string(c.channels) +
                             "->" + std::to_string(c.filters);
    const double flops = 2.0 * static_cast<double>(c.size * c.size * c.window * c.window * c.channels * c.filters);
    add(name, [&target, c, flops](benchmark::State& state) {
      ReportFlops(state, Convolution(c.size, c.window, c.channels, c.filters), target, flops);
    });
  }
  add("depthwise3x3/56x56x128",
      [&target](benchmark::State& state) { ReportFlops(state, Depthwise(56, 128), target, 2.0 * 56 * 56 * 9 * 128); });
  for (const auto& [batch, inputs, units] : std::initializer_list<std::array<int64_t, 3>>{
           {64, 512, 512}, {16, 512, 512}, {128, 1024, 1024}, {64, 784, 10}}) {
    const std::string name =
        "dense/" + std::to_string(batch) + "x" + std::to_string(inputs) + "->" + std::to_string(units);
    add(name, [&target, batch = batch, inputs = inputs, units = units](benchmark::State& state) {
      ReportFlops(state, Dense(batch, inputs, units), target, 2.0 * static_cast<double>(batch * inputs * units));
    });
  }
  for (const int64_t units : {512, 2048}) {
    add("dense/1x" + std::to_string(units) + "->" + std::to_string(units) + " (of a read)",
        [&target, units](benchmark::State& state) {
          ReportRead(state, Dense(1, units, units), target, units * units * 4);
        });
  }
  for (const auto& [name, function] :
       std::initializer_list<std::pair<const char*, core::Map::Function>>{{"map/exp 16k", core::Map::Function::Exp},
                                                                          {"map/tanh 16k", core::Map::Function::Tanh},
                                                                          {"map/erf 16k", core::Map::Function::Erf},
                                                                          {"map/log 16k", core::Map::Function::Log}}) {
    add(name, [&target, function = function](benchmark::State& state) {
      Kernel kernel(Elementwise(16384, function), target);
      for (auto _ : state) kernel.Run();
      state.counters["ns/element"] =
          benchmark::Counter(16384e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
    });
  }
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) { return strata::RunBenchmarks(argc, argv, strata::Register); }
