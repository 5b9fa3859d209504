#include "compiler/check/check.h"

#include <filesystem>
#include <utility>

#include "compiler/check/evaluate.h"
#include "compiler/check/model.h"
#include "compiler/source/catalogue.h"

namespace strata {
namespace check {
namespace {

class FileChecker {
 public:
  FileChecker(const ast::File& file, const Sources& sources, Diagnostics& diagnostics, const CheckOptions& options)
      : context_{file, sources, diagnostics, Scope(), {}}, options_(options) {
    context_.step_types = options.step_types;
  }

  std::optional<Network> Check() {
    for (const ast::Item& item : context_.file.items) std::visit([&](const auto& i) { Declare(i); }, item);
    std::vector<Network> networks;
    for (const ast::Function* model : models_) {
      std::optional<Network> network = ElaborateModel(*model, context_);
      if (network) networks.push_back(std::move(*network));
    }
    for (const ast::Weights* weights : weights_) CheckWeights(*weights);
    const ast::Function* chosen = Choose();
    if (context_.diagnostics.HasErrors() || chosen == nullptr) return std::nullopt;
    for (Network& network : networks) {
      if (network.name != chosen->name.text) continue;
      SetWeights(network);
      return std::move(network);
    }
    return std::nullopt;
  }

 private:
  Diagnostics& diagnostics() { return context_.diagnostics; }

  void DeclareName(std::string_view what, const ast::Name& name) {
    const auto [earlier, is_new] = declared_.emplace(name.text, name.span);
    if (is_new) return;
    diagnostics()
        .Report(kinds::DuplicateName, name.span, what, name.text)
        .Label(earlier->second, "declared here before");
  }

  void Declare(const ast::Function& function) {
    const bool is_model = function.form == ast::Function::Form::Model;
    DeclareName(is_model ? "model" : "block", function.name);
    if (!context_.functions.emplace(function.name.text, &function).second) return;
    if (is_model) {
      models_.push_back(&function);
    } else {
      ReportNotSupported(diagnostics(), function.name.span, "a `block`");
    }
  }

  // A constant may name those above it.
  void Declare(const ast::Const& constant) {
    DeclareName("constant", constant.name);
    Value value{Failed{}, constant.value->span, ""};
    if (constant.type) {
      ReportNotSupported(diagnostics(), constant.type->span, "a constant with a type");
    } else {
      Scope no_sizes;
      value = Evaluator(context_, context_.constants, no_sizes, nullptr).Evaluate(*constant.value);
      if (!value.IsFailed() && !ToConfig(value)) {
        diagnostics()
            .Report(kinds::ConstantValue, constant.value->span, constant.name.text, Describe(value))
            .Help(value.As<LayerClass>() != nullptr ? "write the layer where the model applies it"
                                                    : "a name for it can be declared by `let` in a model");
        value.data = Failed{};
      }
    }
    context_.constants.Declare(Binding::Kind::Constant, constant.name, std::move(value));
  }

  void Declare(const ast::Import& import) {
    ReportNotSupported(diagnostics(), import.span, "`import` of another file");
  }

  void Declare(const ast::Weights& weights) { weights_.push_back(&weights); }

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
      // From the `as` to the end.
      Span order_span{mapping.span.file, mapping.source_span.end, mapping.span.end};
      if (!order.empty()) {
        order_span.begin += static_cast<uint32_t>(context_.sources.Text(order_span).find("as"));
      }
      source.mappings.push_back({mapping.path.text, mapping.source, std::move(order), mapping.span, mapping.path.span,
                                 mapping.source_span, order_span});
    }
    network.weights_source = std::move(source);
  }

  FileContext context_;
  const CheckOptions& options_;
  std::vector<const ast::Function*> models_;
  std::vector<const ast::Weights*> weights_;
  std::unordered_map<std::string_view, const ast::Weights*> weights_of_;
  std::unordered_map<std::string_view, Span> declared_;
};

}  // namespace
}  // namespace check

std::optional<Network> Check(const ast::File& file, const Sources& sources, Diagnostics& diagnostics,
                             const CheckOptions& options) {
  return check::FileChecker(file, sources, diagnostics, options).Check();
}

}  // namespace strata
