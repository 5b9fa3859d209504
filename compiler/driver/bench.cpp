#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>
#include <regex>
#include <string>

#include "compiler/driver/commands.h"
#include "compiler/emit/jit.h"
#include "compiler/measure/caller.h"
#include "compiler/measure/peak.h"

namespace strata {

namespace {

struct BenchOptions {
  SessionOptions session;
  std::vector<int64_t> batches = {1};
  std::vector<std::string> sizes = {};  // "time=64"
  int rounds = 50;
};

constexpr int kWarmUps = 20;
// Stands in for a thread pool: runs each step on the caller and takes its time.
class StepTimer {
 public:
  explicit StepTimer(size_t steps) : seconds_(steps) {}

  strata_parallel Hook() { return {.self = this, .parallel_for = &StepTimer::RunStep}; }
  void StartRun() { next_ = 0; }
  std::vector<double> Medians() const {
    std::vector<double> medians;
    for (const std::vector<double>& samples : seconds_) medians.push_back(Median(samples));
    return medians;
  }

 private:
  static void RunStep(void* self, int64_t count, strata_task task, void* context) {
    auto* timer = static_cast<StepTimer*>(self);
    const double seconds = Seconds([&] { task(context, 0, count); });
    timer->seconds_[timer->next_++].push_back(seconds);
  }

  std::vector<std::vector<double>> seconds_;
  size_t next_ = 0;
};

std::string Text(const SymbolSizes& sizes) {
  std::string text;
  for (const auto& [name, size] : sizes) text += (text.empty() ? "" : ", ") + name + " " + std::to_string(size);
  return text;
}

std::string Bar(double share, int width) {
  const int filled = static_cast<int>(share * width + 0.5);
  std::string bar;
  for (int k = 0; k < width; ++k) bar += k < filled ? "█" : " ";
  return bar;
}

// One table: a row for each step.
void PrintTable(const CompiledModel& model, const SymbolSizes& symbols, const std::vector<double>& steps, double whole,
                double peak, int64_t workspace_bytes) {
  double total = 0;
  double flops = 0;
  for (double seconds : steps) total += seconds;
  std::printf("\n%s   %.2f us a call, %.0f calls a second, workspace %lld bytes\n", Text(symbols).c_str(), whole * 1e6,
              1 / whole, static_cast<long long>(workspace_bytes));
  std::printf("  %-36s %-9s %10s %7s %9s %7s\n", "layer", "kernel", "us", "time", "GFLOP/s", "peak");
  for (size_t k = 0; k < steps.size(); ++k) {
    const Step& step = model.schedule.steps[k];
    const double work = static_cast<double>(Evaluate(step.flops, symbols));
    flops += work;
    std::printf("  %-36.36s %-9s %10.2f %6.1f%% %9.1f %6.1f%%  %s\n", step.origin.c_str(),
                std::string(KernelName(step)).c_str(), steps[k] * 1e6, 100 * steps[k] / total, work / steps[k] / 1e9,
                100 * work / steps[k] / peak, Bar(steps[k] / total, 20).c_str());
  }
  std::printf("  %-36s %-9s %10.2f %6.1f%% %9.1f %6.1f%%\n", "all steps", "", total * 1e6, 100.0, flops / total / 1e9,
              100 * flops / total / peak);
}

int Bench(const BenchOptions& options) {
  Session session(options.session);
  if (!session.RequireRunnableTarget()) return session.Finish();
  const std::optional<CompiledModel> model = session.Compile();
  const int status = session.Finish();
  if (!model) return status;
  auto plain = Jit::Compile(*model);
  auto profiled = Jit::Compile(*model, {.every_step_parallel = true});
  if (!plain || !profiled) {
    std::fprintf(stderr, "strata: %s\n", (plain ? profiled.Message() : plain.Message()).c_str());
    return kExitFault;
  }
  const Target& target = *model->schedule.target;
  std::vector<double> peaks;
  for (int k = 0; k < 50; ++k) peaks.push_back(SampleFlops(target));
  std::printf("%s, one thread, %s; peak %.0f GFLOP/s of fused multiply-adds, measured between the runs\n",
              model->interface.name.c_str(), std::string(target.name).c_str(), Median(peaks) / 1e9);
  SymbolSizes given;
  for (const std::string& text : options.sizes) {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (std::ranges::find(model->schedule.symbols, name) == model->schedule.symbols.end()) {
      return FailUsage("--size: the model has no size `" + name + "`", "its sizes are named in its signature");
    }
    given[name] = std::stoll(text.substr(equals + 1));
  }
  for (int64_t batch : options.batches) {
    const SymbolSizes symbols = SizesOf((*plain)->Model(), batch, given);
    Caller caller((*plain)->Model(), symbols);
    if (const int32_t code = caller.Run(nullptr); code != STRATA_OK) {
      char text[512];
      caller.ErrorText(code, text, sizeof text);
      std::fprintf(stderr, "strata: error: %s\n", text);
      return kExitMistake;
    }
    Caller profiled_caller((*profiled)->Model(), symbols);
    StepTimer timer(model->schedule.steps.size());
    const strata_parallel hook = timer.Hook();
    for (int k = 0; k < kWarmUps; ++k) caller.Run(nullptr);
    std::vector<double> whole;
    peaks.clear();
    for (int round = 0; round < options.rounds; ++round) {
      peaks.push_back(SampleFlops(target));
      whole.push_back(Seconds([&] { caller.Run(nullptr); }));
      timer.StartRun();
      profiled_caller.Run(&hook);
    }
    PrintTable(*model, symbols, timer.Medians(), Median(whole), Median(peaks), caller.workspace_bytes());
  }
  return kExitFine;
}

}  // namespace

void AddBench(CLI::App& app, int& status) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "Time each layer, as a share of what the processor can do");
  AddFileOptions(*command, options->session);
  AddWeightsOptions(*command, options->session);
  AddTargetOption(*command, options->session);
  command->add_option("--batch", options->batches, "Batch sizes, separated by commas")
      ->delimiter(',')
      ->check(WholeNumber(1, std::numeric_limits<int32_t>::max()))
      ->capture_default_str();
  command->add_option("--size", options->sizes, "A size other than the batch; 128 where none is given")
      ->type_name("NAME=N")
      ->check(CLI::Validator(
          [](std::string& text) -> std::string {
            static const std::regex kForm("[A-Za-z_][A-Za-z0-9_]*=[0-9]{1,9}");
            return std::regex_match(text, kForm) ? "" : "a size and its value are expected, as in `time=64`";
          },
          ""))
      ->allow_extra_args(false);
  command->add_option("--rounds", options->rounds, "Timed runs; medians are shown")
      ->check(WholeNumber(1, 1'000'000))
      ->capture_default_str();
  command->footer(
      "Examples:\n  strata bench digits.strata --batch 1,32\n"
      "  strata bench unet.strata --random-weights=1 --size H=256 --size W=256");
  command->callback([options, &status] { status = Bench(*options); });
}

}  // namespace strata
