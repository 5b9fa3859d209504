// The examples of every layer and function, on one thread, as a share of what the processor can do at most, measured in turns
// in the same run: of its fused multiply-adds, or of a plain read of as many bytes as the inputs, outputs and weights have,
// whichever takes longer.
//
//   build/release/bin/strata_layer_bench [--benchmark_filter=avx512/Conv]
//
// Columns: GFLOP/s or GB/s reached, `limit` of the same minutes, and their ratio, `share`. Batches of 32, other open sizes 128.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/run.h"
#include "compiler/check/check.h"
#include "compiler/driver/interface_of.h"
#include "compiler/emit/jit.h"
#include "compiler/layers/example.h"
#include "compiler/measure/caller.h"
#include "compiler/measure/peak.h"
#include "compiler/optimize/optimize.h"
#include "compiler/syntax/parse.h"
#include "compiler/weights/weights.h"

namespace strata {
namespace {

constexpr int64_t kBatch = 32;
// Less than this is read too soon for the clock.
constexpr int64_t kLeastRead = int64_t{1} << 16;

Network NetworkOf(const std::string& program) {
  Sources sources;
  Diagnostics diagnostics;
  const FileId id = sources.Add("example.strata", program);
  const auto file = Parse(id, sources, diagnostics);
  std::optional<Network> network = file ? Check(*file, sources, diagnostics) : std::nullopt;
  if (!network) std::abort();  // a test checks every example
  return std::move(*network);
}

void Run(benchmark::State& state, const Target& target, const std::string& program) {
  const Network network = NetworkOf(program);
  const BoundWeights weights = RandomWeights(network, 1);
  const core::Graph graph = Optimize(Expand(network), [&](const std::string& path) { return weights.Load(path); });
  const CompiledModel model{.interface = InterfaceOf(network), .schedule = MakeSchedule(graph, target)};
  auto jit = Jit::Compile(model);
  if (!jit) return state.SkipWithError(jit.Message().c_str());
  const SymbolSizes sizes = SizesOf((*jit)->Model(), kBatch, {});
  Caller caller((*jit)->Model(), sizes);
  if (caller.Run(nullptr) != STRATA_OK) return state.SkipWithError("refuses these sizes");

  double flops = 0;
  for (const Step& step : model.schedule.steps) flops += static_cast<double>(Evaluate(step.flops, sizes));
  int64_t bytes = caller.array_bytes();
  for (const NetworkWeight& weight : network.weights) {
    int64_t count = 1;
    for (const Axis& axis : weight.shape) count *= *axis.size.Constant();
    bytes += 4 * count;
  }
  const int64_t read = std::max(bytes, kLeastRead);
  const Block data = NewBlock(read);
  std::fill_n(static_cast<float*>(data.get()), read / 4, 1.0F);
  const auto run = [&] { caller.Run(nullptr); };
  const auto sample_read = [&] {
    return SampleRead(target, static_cast<const float*>(data.get()), static_cast<size_t>(read));
  };
  const bool computes = flops / SampleFlops(target) > static_cast<double>(bytes) / sample_read();
  const ShareOfLimit result = computes ? Share(flops, run, [&] { return SampleFlops(target); })
                                       : Share(static_cast<double>(bytes), run, sample_read);
  for (auto _ : state) run();
  state.counters[computes ? "GFLOP/s" : "GB/s"] = result.share * result.limit / 1e9;
  state.counters["limit"] = result.limit / 1e9;
  state.counters["share"] = result.share;
}

void Register(const Target& target) {
  for (const std::vector<const LayerDef*>* table : {&AllLayers(), &AllFunctions()}) {
    for (const LayerDef* def : *table) {
      for (const LayerExample& example : def->examples) {
        const std::string name =
            std::string(target.name) + "/" + std::string(def->name) + "/" + std::string(example.call);
        const std::string program = ProgramOf(*def, example);
        benchmark::RegisterBenchmark(name.c_str(),
                                     [&target, program](benchmark::State& state) { Run(state, target, program); })
            ->Unit(benchmark::kMicrosecond)
            ->MinTime(0.02);
      }
    }
  }
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) { return strata::RunBenchmarks(argc, argv, strata::Register); }
