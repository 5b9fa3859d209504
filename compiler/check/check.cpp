#include "compiler/check/check.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <unordered_set>
#include <utility>

#include "compiler/check/config.h"
#include "compiler/check/constants.h"
#include "compiler/check/model.h"
#include "compiler/check/recursion.h"
#include "compiler/source/catalogue.h"

namespace strata {
namespace check {
namespace {

// The names of a file, its imports' first.
class FileDeclarer {
 public:
  // `files` holds the contexts of all files that are declared already.
  FileDeclarer(std::map<const ast::File*, FileContext>& files, FileContext& context)
      : files_(files), context_(context) {}

  void Declare() {
    context_.misses_names = context_.file.misses_items;
    for (const ast::Item& item : context_.file.items) std::visit([&](const auto& i) { Declare(i); }, item);
    for (const ast::Item& item : context_.file.items) {
      if (const auto* function = std::get_if<ast::Function>(&item)) DeclareConfig(*function, context_);
    }
  }

 private:
  // False where the name is taken. What is imported stands at `span` in this file, and is declared in another one.
  bool DeclareName(std::string_view what, const ast::Name& name, Span span) {
    const auto [earlier, is_new] = declared_.emplace(name.text, name.span);
    if (is_new) return true;
    if (earlier->second == name.span) return false;  // imported twice
    Diagnostic& diagnostic = context_.diagnostics.Report(kinds::DuplicateName, span, what, name.text);
    if (!(span == name.span)) diagnostic.Label(name.span, "imported from here");
    diagnostic.Label(earlier->second, "declared here before");
    return false;
  }

  void Declare(const ast::Function& function) {
    const bool is_model = function.form == ast::Function::Form::Model;
    DeclareName(is_model ? "model" : "block", function.name, function.name.span);
    context_.functions.emplace(function.name.text, FunctionName{&function, &context_});
  }

  void Declare(const ast::Const& constant) {
    DeclareName("constant", constant.name, constant.name.span);
    context_.constants.Declare(Binding::Kind::Constant, constant.name, EvaluateConstant(constant, context_));
  }

  // Blocks and constants of that file, without what it imports itself.
  void Declare(const ast::Import& import) {
    if (import.file == nullptr) {
      context_.misses_names = true;
      return;
    }
    const auto found = files_.find(import.file.get());
    FileContext& other = found->second;
    context_.misses_names |= other.misses_names;
    for (const ast::Item& item : import.file->items) {
      if (const auto* function = std::get_if<ast::Function>(&item)) {
        if (function->form == ast::Function::Form::Model) continue;
        if (DeclareName("imported block", function->name, import.path_span)) {
          context_.functions.emplace(function->name.text, FunctionName{function, &other});
        }
      } else if (const auto* constant = std::get_if<ast::Const>(&item)) {
        if (!DeclareName("imported constant", constant->name, import.path_span)) continue;
        const Binding* binding = other.constants.Find(constant->name.text);
        context_.constants.Declare(Binding::Kind::Constant, constant->name, binding->value);
      }
    }
  }

  void Declare(const ast::Weights&) {}

  std::map<const ast::File*, FileContext>& files_;
  FileContext& context_;
  std::unordered_map<std::string_view, Span> declared_;
};

class FileChecker {
 public:
  FileChecker(const ast::File& file, const Sources& sources, Diagnostics& diagnostics, const CheckOptions& options)
      : sources_(sources), diagnostics_(diagnostics), context_(DeclareFile(file)), options_(options) {
    context_.step_types = options.step_types;
  }

  std::optional<Network> Check() {
    FindRecursion(functions_, program_, diagnostics_);
    for (const ast::Item& item : context_.file.items) {
      if (const auto* function = std::get_if<ast::Function>(&item)) {
        const bool is_first = context_.functions.at(function->name.text).function == function;
        if (function->form == ast::Function::Form::Model && is_first) models_.push_back(function);
      } else if (const auto* weights = std::get_if<ast::Weights>(&item)) {
        weights_.push_back(weights);
      }
    }
    CheckSettings();
    std::vector<Network> networks;
    for (const ast::Function* model : models_) {
      if (program_.recursive.contains(model)) continue;
      const bool is_chosen = options_.model.empty() || model->name.text == options_.model;
      const std::optional<std::vector<Value>> config =
          BindSettings(*model, is_chosen ? options_.settings : std::vector<std::string>{}, context_);
      if (!config) continue;
      std::optional<Network> network = ElaborateModel(*model, *config, context_);
      if (network) networks.push_back(std::move(*network));
    }
    CheckUnusedBlocks();
    for (const ast::Weights* weights : weights_) CheckWeights(*weights);
    const ast::Function* chosen = Choose();
    if (diagnostics_.HasErrors() || chosen == nullptr) return std::nullopt;
    for (Network& network : networks) {
      if (network.name != chosen->name.text) continue;
      SetWeights(network);
      return std::move(network);
    }
    return std::nullopt;
  }

 private:
  Diagnostics& diagnostics() { return diagnostics_; }

  // Declares what the file imports, then the file.
  FileContext& DeclareFile(const ast::File& file) {
    const auto found = files_.find(&file);
    if (found != files_.end()) return found->second;
    for (const ast::Item& item : file.items) {
      const auto* import = std::get_if<ast::Import>(&item);
      if (import != nullptr && import->file != nullptr) DeclareFile(*import->file);
    }
    FileContext& context = files_.try_emplace(&file, FileContext{file, sources_, diagnostics_, program_}).first->second;
    FileDeclarer(files_, context).Declare();
    for (const ast::Item& item : file.items) {
      if (const auto* function = std::get_if<ast::Function>(&item)) functions_.push_back({function, &context});
    }
    return context;
  }

  // A block that only unused ones use is checked with them.
  void CheckUnusedBlocks() {
    for (const FunctionName& function : functions_) {
      const bool is_block = function.function->form == ast::Function::Form::Block;
      if (is_block && !program_.applied.contains(function.function) &&
          !program_.recursive.contains(function.function)) {
        CheckUnusedBlock(*function.function, *function.file);
      }
    }
  }

  // Each setting must be a parameter of the chosen model, or of any.
  void CheckSettings() {
    if (context_.misses_names) return;
    std::unordered_set<std::string_view> seen;
    for (const std::string& setting : options_.settings) {
      const std::string name(SettingName(setting));
      const ast::Function* owner = !options_.model.empty() ? FindModel(options_.model)
                                   : models_.size() == 1   ? models_.front()
                                                           : nullptr;
      std::vector<std::string_view> names;
      for (const ast::Function* model : models_) {
        if (owner != nullptr && model != owner) continue;
        for (const ast::ConfigParam& param : model->config) names.push_back(param.name.text);
      }
      const std::string who = owner == nullptr ? "the file" : "model " + Quoted(owner->name.text);
      if (std::ranges::find(names, name) == names.end()) {
        Diagnostic& diagnostic = diagnostics_.Report(kinds::UnknownSetting, {}, who, name);
        const std::string_view nearest = NearestName(name, names);
        if (!nearest.empty()) {
          diagnostic.Help("did you mean " + Quoted("--set " + std::string(nearest) + setting.substr(name.size())) +
                          "?");
        } else if (!names.empty()) {
          diagnostic.Note("parameters are " + ListOf(names, "and"));
        } else {
          diagnostic.Help("parameters stand before the tensors: `model name(" + name + ": int = 3)(x: f32[...])`");
        }
      } else if (!seen.insert(SettingName(setting)).second) {
        diagnostics_.Report(kinds::ArgumentTwice, {}, name, who);
      }
    }
  }

  std::vector<std::string_view> ModelNames() const {
    std::vector<std::string_view> names;
    for (const ast::Function* model : models_) names.push_back(model->name.text);
    return names;
  }

  const ast::Function* FindModel(std::string_view name) const {
    for (const ast::Function* model : models_) {
      if (model->name.text == name) return model;
    }
    return nullptr;
  }

  void ReportUnknownModel(Span span, std::string_view name) {
    if (context_.misses_names) return;
    Diagnostic& diagnostic = diagnostics().Report(kinds::UnknownModel, span, name);
    const std::string_view nearest = NearestName(name, ModelNames());
    if (!nearest.empty()) {
      std::vector<Edit> edits;
      if (span.IsValid()) edits.push_back({span, std::string(nearest)});
      diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable, std::move(edits));
    } else if (!models_.empty()) {
      diagnostic.Note("the file has " + ListOf(ModelNames(), "and"));
    }
  }

  void CheckWeights(const ast::Weights& weights) {
    if (FindModel(weights.model.text) == nullptr) ReportUnknownModel(weights.model.span, weights.model.text);
    const auto [earlier, is_new] = weights_of_.emplace(weights.model.text, &weights);
    if (is_new) return;
    diagnostics()
        .Report(kinds::WeightsTwice, weights.model.span, weights.model.text)
        .Label(earlier->second->model.span, "declared here before");
  }

  // Reports a choice that cannot be made.
  const ast::Function* Choose() {
    if (!options_.model.empty()) {
      const ast::Function* model = FindModel(options_.model);
      if (model == nullptr) ReportUnknownModel({}, options_.model);
      return model;
    }
    if (models_.size() == 1) return models_.front();
    if (!options_.needs_network) return nullptr;
    if (models_.empty()) {
      if (!diagnostics().HasErrors()) {
        diagnostics()
            .Report(kinds::NoModel, {})
            .Help(
                "declare one, as in `model name(x: f32[batch, features: 4]) -> (y: f32[batch, features: 2]) { ... }`");
      }
    } else {
      diagnostics()
          .Report(kinds::SeveralModels, {}, static_cast<int64_t>(models_.size()))
          .Note("they are " + ListOf(ModelNames(), "and"))
          .Help("choose one, as in " + Quoted("--model=" + models_.front()->name.text));
    }
    return nullptr;
  }

  void SetWeights(Network& network) {
    const auto found = weights_of_.find(network.name);
    if (found == weights_of_.end()) return;
    const ast::Weights& weights = *found->second;
    const std::filesystem::path directory = std::filesystem::path(network.file).parent_path();
    WeightsSource source{(directory / weights.path).string(), weights.path_span, {}};
    for (const ast::WeightMapping& mapping : weights.mappings) {
      std::vector<std::string> order;
      for (const ast::Name& name : mapping.order) order.push_back(name.text);
      source.mappings.push_back({mapping.path.text, mapping.source, std::move(order), mapping.span, mapping.path.span,
                                 mapping.source_span, mapping.order_span});
    }
    network.weights_source = std::move(source);
  }

  const Sources& sources_;
  Diagnostics& diagnostics_;
  Program program_;
  std::map<const ast::File*, FileContext> files_;  // never iterated: its order is that of addresses
  std::vector<FunctionName> functions_;            // of all files, imported ones first
  FileContext& context_;                           // of the file that is checked
  const CheckOptions& options_;
  std::vector<const ast::Function*> models_;
  std::vector<const ast::Weights*> weights_;
  std::unordered_map<std::string_view, const ast::Weights*> weights_of_;
};

}  // namespace
}  // namespace check

std::optional<Network> Check(const ast::File& file, const Sources& sources, Diagnostics& diagnostics,
                             const CheckOptions& options) {
  return check::FileChecker(file, sources, diagnostics, options).Check();
}

}  // namespace strata
