#include "compiler/check/model.h"

#include <algorithm>
#include <utility>

#include "compiler/check/compare.h"
#include "compiler/check/config.h"
#include "compiler/check/history.h"
#include "compiler/check/outputs.h"
#include "compiler/check/prune.h"
#include "compiler/check/signature.h"
#include "compiler/layers/sliding.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

void BindLet(const ast::Let& let, Evaluator& evaluator, Elaboration& model, FileContext& context) {
  Value value = evaluator.Evaluate(*let.value);
  if (!let.is_tuple) {
    const Tensor* tensor = value.As<Tensor>();
    if (tensor != nullptr) {
      std::string& name = model.value_names[static_cast<size_t>(tensor->index)];
      if (name.empty()) name = let.names.front().text;
    }
    evaluator.scope().Declare(Binding::Kind::Let, let.names.front(), std::move(value));
    return;
  }
  const Sequence* sequence = value.As<Sequence>();
  const size_t count = sequence == nullptr ? 1 : sequence->items.size();
  const bool fits = count == let.names.size();
  if (!fits && !value.IsFailed()) {
    const Span names = Join(let.names.front().span, let.names.back().span);
    context.diagnostics.Report(kinds::LetCount, names, Count(let.names.size(), "name"), Count(count, "value"))
        .Label(let.value->span, "is " + Describe(value));
  }
  for (size_t i = 0; i < let.names.size(); ++i) {
    Value item{Failed{}, let.value->span, ""};
    if (fits) item = sequence == nullptr ? value : sequence->items[i];
    evaluator.scope().Declare(Binding::Kind::Let, let.names[i], std::move(item));
  }
}

void CheckAssert(const ast::Assert& assertion, Evaluator& evaluator, Elaboration& model, FileContext& context) {
  ForEachConjunct(*assertion.condition, [&](const ast::Expr& condition) {
    const Value value = evaluator.Evaluate(condition);
    if (value.IsFailed()) return;
    const bool* truth = value.As<bool>();
    if (const Formula* open = value.As<Formula>()) {
      Diagnostic& diagnostic = context.diagnostics.Report(kinds::AssertionOpen, condition.span, ToString(*open));
      diagnostic.Primary("depends on sizes known only when the model runs");
      const bool is_one = open->size() == 1 && open->front().size() == 1;
      if (is_one) OfferWhere(diagnostic, model, open->front());
      if (!is_one) OfferStating(diagnostic, model, *open);
    } else if (truth == nullptr) {
      context.diagnostics.Report(kinds::OperandType, condition.span, "the condition of `assert`", Describe(value),
                                 "True or False");
    } else if (!*truth) {
      context.diagnostics.Report(kinds::AssertionFailed, condition.span)
          .Primary(ShowSides(condition, evaluator, context.sources));
    }
  });
}

// Whether a side of a comparison in it is a size known only when the model runs.
bool IsSymbolic(const ast::Expr& condition, Evaluator& evaluator) {
  const auto* comparison = condition.As<ast::Binary>();
  if (comparison == nullptr) return false;
  if (comparison->op == ast::BinaryOperator::Or || comparison->op == ast::BinaryOperator::And) {
    return IsSymbolic(*comparison->left, evaluator) || IsSymbolic(*comparison->right, evaluator);
  }
  for (const ast::ExprPtr* side : {&comparison->left, &comparison->right}) {
    const Value value = evaluator.EvaluateSize(**side, UnknownNames::InSize);
    if (value.As<Dim>() != nullptr && !value.As<Dim>()->Constant()) return true;
  }
  return false;
}

// What `where` states is believed from here on, and tested when the model runs; all but the condition at `without`.
void AssumeWhere(const ast::Function& function, Span without, Evaluator& evaluator, Elaboration& model,
                 FileContext& context) {
  const auto assume = [&](const ast::Expr& expr) {
    if (expr.span == without) return;
    const size_t guards_before = model.network.guards.size();
    const Value value = evaluator.EvaluateStated(expr);
    const bool* truth = value.As<bool>();
    const Formula* condition = value.As<Formula>();
    if (value.IsFailed() || (truth != nullptr && *truth)) return;
    if (condition != nullptr && model.Require(*condition, function.name.text + " needs ", expr.span)) {
      for (size_t i = guards_before; i < model.network.guards.size(); ++i) model.network.guards[i].is_stated = true;
      return;
    }
    const std::string text = Quoted(context.sources.Text(expr.span));
    if (condition != nullptr || IsSymbolic(expr, evaluator)) {
      context.diagnostics.Report(kinds::WhereContradicts, expr.span, text)
          .Primary("can never hold together with the conditions before it");
    } else {
      context.diagnostics.Report(kinds::WhereFails, expr.span, text, function.name.text)
          .Primary(ShowSides(expr, evaluator, context.sources));
    }
  };
  for (const ast::ExprPtr& condition : function.where) ForEachConjunct(*condition, assume);
}

// Each size that is one name alone in an input is a symbol of that name.
void DeclareSymbols(const ast::Function& function, Scope& sizes, Elaboration& model) {
  for (const ast::TensorParam& input : function.inputs) {
    for (const ast::AxisExpr& axis : input.type.axes) {
      const auto* symbol = axis.size->As<ast::NameRef>();
      if (symbol == nullptr || sizes.Find(symbol->name) != nullptr) continue;
      const Span span = axis.size->span;
      sizes.Declare(Binding::Kind::Symbol, {symbol->name, span}, {Dim::Symbol(symbol->name), span, ""});
      model.network.symbols.push_back(symbol->name);
      model.facts.AssumeSize(Dim::Symbol(symbol->name));
    }
  }
}

}  // namespace

void ForEachConjunct(const ast::Expr& condition, const std::function<void(const ast::Expr&)>& visit) {
  const auto* both = condition.As<ast::Binary>();
  if (both == nullptr || both->op != ast::BinaryOperator::And) {
    visit(condition);
    return;
  }
  ForEachConjunct(*both->left, visit);
  ForEachConjunct(*both->right, visit);
}

// What stands on both sides of a comparison that does not hold: "8 == 9".
std::string ShowSides(const ast::Expr& condition, Evaluator& evaluator, const Sources& sources) {
  const auto* comparison = condition.As<ast::Binary>();
  if (comparison == nullptr) return "is False";
  const auto left = ToConfig(evaluator.Evaluate(*comparison->left));
  const auto right = ToConfig(evaluator.Evaluate(*comparison->right));
  if (!left || !right) return "is False";
  return ToString(*left) + " " + std::string(sources.Text(comparison->op_span)) + " " + ToString(*right);
}

void LintUnused(const ast::Function& function, const Scope& scope, FileContext& context) {
  if (!function.is_whole) return;  // what is not there may use it
  for (const Binding& binding : scope.Own()) {
    if (binding.is_used || binding.name.starts_with('_')) continue;
    if (binding.kind == Binding::Kind::Input)
      context.diagnostics.Report(kinds::UnusedInput, binding.span, binding.name);
    if (binding.kind == Binding::Kind::Let) context.diagnostics.Report(kinds::UnusedLet, binding.span, binding.name);
  }
}

Value EvaluateBody(const ast::Function& function, Evaluator& evaluator, Elaboration& model, FileContext& context) {
  Value result{Failed{}, function.name.span, ""};
  for (const ast::Statement& statement : function.body) {
    if (const auto* let = std::get_if<ast::Let>(&statement)) BindLet(*let, evaluator, model, context);
    if (const auto* assertion = std::get_if<ast::Assert>(&statement))
      CheckAssert(*assertion, evaluator, model, context);
    if (const auto* returned = std::get_if<ast::Return>(&statement)) result = evaluator.Evaluate(*returned->value);
  }
  return result;
}

namespace {

// A warning about a layer that has an error is about the same arguments: it may be gone with the mistake.
void DropWarningsBesideErrors(size_t mark, const Elaboration& model, FileContext& context) {
  std::vector<Diagnostic> reported = context.diagnostics.TakeSince(mark);
  const auto layer_of = [&](const Diagnostic& diagnostic) {
    const Span place = diagnostic.labels.empty() ? Span() : diagnostic.labels.front().span;
    const auto holds = [&](const NetworkLayer& layer) { return Contains(layer.call_span, place); };
    return std::ranges::find_if(model.network.layers, holds);
  };
  std::vector<Span> wrong;
  for (const Diagnostic& diagnostic : reported) {
    if (diagnostic.gravity.severity != Severity::Error) continue;
    const auto layer = layer_of(diagnostic);
    if (layer != model.network.layers.end()) wrong.push_back(layer->call_span);
  }
  for (Diagnostic& diagnostic : reported) {
    const auto layer = layer_of(diagnostic);
    const bool is_beside = diagnostic.gravity.severity != Severity::Error && layer != model.network.layers.end() &&
                           std::ranges::find(wrong, layer->call_span) != wrong.end();
    if (!is_beside) context.diagnostics.Adopt(std::move(diagnostic));
  }
}

// Elaborates the model as if its `where` did not state the condition at `without`. False: a mistake was reported.
bool Elaborate(const ast::Function& function, const std::vector<Value>& config, Span without, Elaboration& model,
               FileContext& context) {
  const size_t errors_before = context.diagnostics.ErrorCount();
  const size_t mark = context.diagnostics.Mark();
  model.network.name = function.name.text;
  model.network.doc = function.doc;
  model.network.file = context.sources.Get(context.file.id).Name();
  model.network.signature = function.name.span;
  context.program.applied.insert(&function);

  // Sizes are named in a scope of their own: constants, configuration and symbols, whatever the body calls so.
  Scope sizes(&context.constants);
  std::vector<Value> values = config;
  MakeLayerDefaults(function, model, context, values);
  BindConfigNames(function, values, sizes);
  Scope body(&sizes);
  Evaluator evaluator(context, body, sizes, &model);
  DeclareSymbols(function, sizes, model);
  DeclareInputs(function, evaluator, sizes, model, context);
  AssumeWhere(function, without, evaluator, model, context);
  const std::vector<DeclaredResult> results = EvaluateResults(function, evaluator, context);
  const Value value = EvaluateBody(function, evaluator, model, context);
  const std::vector<CheckedResult> checked = CheckResults(function, value, results, model, context);
  // Where something is wrong, what is unused may be so for that reason.
  if (context.diagnostics.ErrorCount() > errors_before) {
    DropWarningsBesideErrors(mark, model, context);
    return false;
  }
  for (size_t i = 0; i < results.size(); ++i) {
    if (!checked[i]) return false;  // for an error that was there before
    TensorType type = model.TypeOf(*checked[i]);
    TakeNames(type.shape, results[i].type.shape);
    model.network.outputs.push_back({results[i].name, std::move(type), *checked[i], results[i].source->span});
  }
  LintUnused(function, body, context);
  return true;
}

// "MaxPooling2D at unet.strata:14 floors" for the first layer that a message labels and that rounds a size; else "".
std::string DescribeRounding(const Diagnostic& diagnostic, const Elaboration& model, const Sources& sources) {
  for (const Label& label : diagnostic.labels) {
    for (size_t node = 0; node < model.network.nodes.size(); ++node) {
      if (!(model.node_sites[node].name == label.span)) continue;
      const int result = model.network.nodes[node].outputs.front();
      for (size_t i = 0; i < model.TypeOf(result).shape.size(); ++i) {
        const std::vector<SizeChange> changes = ChangesOf(model.network, {result, i});
        if (changes.empty() || changes.back().node != static_cast<int>(node) || !IsRounded(changes.back().to)) continue;
        const bool is_up = changes.back().to.ToString().find("ceil(") != std::string::npos;
        return std::string(sources.Text(label.span)) + " at " + PlaceText(sources, label.span) +
               (is_up ? " rounds up" : " floors");
      }
    }
  }
  return "";
}

// The text of a guard that `where` states: what goes wrong first where it is not stated, and the layer that rounds.
// "Concatenate at unet.strata:31 needs H % 2 == 0, as MaxPooling2D at unet.strata:14 floors"
void NameWhatNeeds(NetworkGuard& guard, const ast::Function& function, const std::vector<Value>& config,
                   FileContext& context) {
  const Program before = context.program;
  std::vector<StepType>* const step_types = std::exchange(context.step_types, nullptr);
  const size_t mark = context.diagnostics.Mark();
  Elaboration model{.function = function};
  Elaborate(function, config, guard.span, model, context);
  const std::vector<Diagnostic> reported = context.diagnostics.TakeSince(mark);
  context.step_types = step_types;
  context.program = before;
  const auto is_error = [](const Diagnostic& one) { return one.gravity.severity == Severity::Error; };
  const auto found = std::ranges::find_if(reported, is_error);
  if (found == reported.end() || found->labels.empty()) return;
  const std::string cause = DescribeRounding(*found, model, context.sources);
  if (cause.empty()) return;
  guard.text += ", as " + cause;
  const Span place = found->labels.front().span;
  const auto is_at_place = [&](const Site& site) { return site.name == place; };
  if (std::ranges::none_of(model.node_sites, is_at_place)) return;
  guard.text = std::string(context.sources.Text(place)) + " at " + PlaceText(context.sources, place) +
               guard.text.substr(function.name.text.size());
}

}  // namespace

std::optional<Network> ElaborateModel(const ast::Function& function, const std::vector<Value>& config,
                                      FileContext& context) {
  Elaboration model{.function = function};
  if (!Elaborate(function, config, {}, model, context)) return std::nullopt;
  for (NetworkGuard& guard : model.network.guards) {
    if (guard.is_stated) NameWhatNeeds(guard, function, config, context);
  }
  if (!model.network.symbols.empty()) model.network.facts = std::make_shared<const Facts>(model.facts);
  Prune(model.network);
  return std::move(model.network);
}

void CheckUnusedBlock(const ast::Function& function, FileContext& context) {
  const size_t errors_before = context.diagnostics.ErrorCount();
  Elaboration model{.function = function};
  model.network.file = context.sources.Get(context.file.id).Name();
  Scope sizes(&context.constants);
  for (const ast::ConfigParam& param : function.config) {
    sizes.Declare(Binding::Kind::Config, param.name, {Failed{}, param.span, ""});
  }
  for (const ast::TensorParam& input : function.inputs) {
    for (const ast::AxisExpr& axis : input.type.axes) {
      const auto* symbol = axis.size->As<ast::NameRef>();
      if (symbol == nullptr || sizes.Find(symbol->name) != nullptr) continue;
      const Span span = axis.size->span;
      // Any size but the batch may be meant to be a constant.
      const bool is_batch = &axis == &input.type.axes.front();
      const Dim size = is_batch ? Dim::Symbol(symbol->name) : Dim::Unknown();
      if (is_batch) model.facts.AssumeSize(size);
      sizes.Declare(Binding::Kind::Symbol, {symbol->name, span}, {size, span, ""});
    }
  }
  Scope body(&sizes);
  Evaluator evaluator(context, body, sizes, &model);
  DeclareInputs(function, evaluator, sizes, model, context);
  for (const ast::ExprPtr& condition : function.where) evaluator.EvaluateSize(*condition, UnknownNames::InSize);
  const std::vector<DeclaredResult> results = EvaluateResults(function, evaluator, context);
  CheckResults(function, EvaluateBody(function, evaluator, model, context), results, model, context);
  if (context.diagnostics.ErrorCount() == errors_before) LintUnused(function, body, context);
}

}  // namespace strata::check
