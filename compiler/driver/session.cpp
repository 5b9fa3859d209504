#include "compiler/driver/session.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "compiler/check/annotate.h"
#include "compiler/driver/interface_of.h"
#include "compiler/import/bind_by_structure.h"
#include "compiler/optimize/optimize.h"
#include "compiler/source/catalogue.h"
#include "compiler/syntax/imports.h"

namespace strata {

bool UsesColor(const std::string& choice, int file) {
  if (choice != "auto") return choice == "always";
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(file) != 0 && (no_color == nullptr || *no_color == '\0');
}

std::optional<ast::File> Session::ParseFile(bool keeps_parts) {
  FileId id;
  const bool is_loaded = LoadSource(options_.file, sources_, diagnostics_, &id);
  if (id.index >= 0) file_ = id;
  if (!is_loaded) return std::nullopt;
  std::optional<ast::File> file = Parse(id, sources_, diagnostics_, {.keeps_parts = keeps_parts});
  is_parsed_ = !diagnostics_.HasErrors();
  return file;
}

std::optional<Network> Session::CheckFile(bool needs_network) {
  std::optional<ast::File> file = ParseFile(/*keeps_parts=*/true);
  if (!file) return std::nullopt;
  LoadImports(*file, sources_, diagnostics_);
  return strata::Check(*file, sources_, diagnostics_,
                       {.model = options_.model, .needs_network = needs_network, .settings = options_.settings});
}

std::optional<Network> Session::Check() {
  std::optional<Network> network = CheckFile(/*needs_network=*/false);
  if (network) CheckWeights(*network);
  return network;
}

std::optional<std::string> Session::Annotate(const ast::File& file) {
  return strata::Annotate(file, sources_, diagnostics_);
}

void Session::CheckWeights(const Network& network) {
  const bool overridden = !options_.weights.empty();
  if (!overridden && !network.weights_source) return;
  const std::string& path = overridden ? options_.weights : network.weights_source->path;
  const Span span = overridden ? Span() : network.weights_source->span;
  if (BindByStructure(network, path, {.read_elements = false})) return;
  auto file =
      OpenWeightsFile(path, span, diagnostics_, {.if_missing = overridden ? Severity::Error : Severity::Warning});
  if (file == nullptr) {
    CheckWeightsBlock(network, diagnostics_);
  } else {
    BindWeights(network, std::move(file), path, diagnostics_, {.read_elements = false});
  }
}

std::optional<BoundWeights> Session::BindByStructure(const Network& network, const std::string& path,
                                                     const BindOptions& options) const {
  const bool is_mapped = network.weights_source && !network.weights_source->mappings.empty();
  return is_mapped ? std::nullopt : import::BindByStructure(network, path, options);
}

std::optional<BoundWeights> Session::FindWeights(const Network& network) {
  if (options_.random_weights) return RandomWeights(network, *options_.random_weights);
  if (options_.weights.empty() && !network.weights_source) {
    if (network.weights.empty()) return BoundWeights();
    diagnostics_.Report(kinds::NoWeights, network.signature.value_or(Span()), network.name)
        .Note(std::to_string(network.weights.size()) + " weights are needed, from `" + network.weights.front().path +
              "` on")
        .Help("add `weights " + network.name + " from \"" + network.name +
              ".safetensors\"` to the file, or give `--weights=FILE`")
        .Help("to try the model out, `--random-weights=SEED` fills them");
    return std::nullopt;
  }
  const bool overridden = !options_.weights.empty();
  const std::string& path = overridden ? options_.weights : network.weights_source->path;
  if (std::optional<BoundWeights> bound = BindByStructure(network, path)) return bound;
  auto file = OpenWeightsFile(path, overridden ? Span() : network.weights_source->span, diagnostics_);
  if (file == nullptr) return std::nullopt;
  return BindWeights(network, std::move(file), path, diagnostics_);
}

std::optional<core::Graph> Session::OptimizedGraph(const Network& network) {
  const std::optional<BoundWeights> weights = FindWeights(network);
  if (!weights) return std::nullopt;
  return Optimize(Expand(network), [&](const std::string& path) { return weights->Load(path); });
}

const Target& Session::ChosenTarget() const {
  const Target* target = options_.target == "native" ? HostTarget() : FindTarget(options_.target);
  // A processor that runs no target can still compile for one.
  return target != nullptr ? *target : AllTargets().back();
}

bool Session::RequireRunnableTarget() {
  if (HostRuns(ChosenTarget())) return true;
  diagnostics_.Report(kinds::TargetNotRunnable, Span(), ChosenTarget().name);
  return false;
}

std::optional<Schedule> Session::MakeSchedule(const Network& network) {
  const std::optional<core::Graph> graph = OptimizedGraph(network);
  if (!graph) return std::nullopt;
  return strata::MakeSchedule(*graph, ChosenTarget());
}

std::optional<CompiledModel> Session::Compile() {
  const std::optional<Network> network = CheckFile();
  if (!network) return std::nullopt;
  std::optional<Schedule> schedule = MakeSchedule(*network);
  if (!schedule) return std::nullopt;
  return CompiledModel{.interface = InterfaceOf(*network), .schedule = std::move(*schedule)};
}

std::string Session::Render() const {
  if (options_.format == "json") return RenderJson(diagnostics_, sources_);
  if (options_.format == "sarif") return RenderSarif(diagnostics_, sources_, STRATA_VERSION);
  return RenderText(diagnostics_, sources_,
                    {.color = UsesColor(options_.color, STDERR_FILENO), .limit = options_.max_errors});
}

int Session::Finish() {
  const std::string text = Render();
  std::fwrite(text.data(), 1, text.size(), stderr);
  return diagnostics_.HasErrors() ? kExitMistake : kExitFine;
}

}  // namespace strata
