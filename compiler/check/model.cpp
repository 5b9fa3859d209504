#include "compiler/check/model.h"

#include <utility>

#include "compiler/check/evaluate.h"
#include "compiler/check/outputs.h"
#include "compiler/check/prune.h"
#include "compiler/check/signature.h"
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

// What stands on both sides of a comparison that does not hold: "8 == 9".
std::string ShowSides(const ast::Expr& condition, Evaluator& evaluator, const Sources& sources) {
  const auto* comparison = condition.As<ast::Binary>();
  if (comparison == nullptr) return "is False";
  const auto left = ToConfig(evaluator.Evaluate(*comparison->left));
  const auto right = ToConfig(evaluator.Evaluate(*comparison->right));
  if (!left || !right) return "is False";
  return ToString(*left) + " " + std::string(sources.Text(comparison->op_span)) + " " + ToString(*right);
}

void CheckAssert(const ast::Assert& assertion, Evaluator& evaluator, FileContext& context) {
  const Value value = evaluator.Evaluate(*assertion.condition);
  if (value.IsFailed()) return;
  const bool* truth = value.As<bool>();
  if (truth == nullptr) {
    context.diagnostics.Report(kinds::OperandType, assertion.condition->span, "the condition of `assert`",
                               Describe(value), "True or False");
  } else if (!*truth) {
    context.diagnostics.Report(kinds::AssertionFailed, assertion.condition->span)
        .Primary(ShowSides(*assertion.condition, evaluator, context.sources));
  }
}

void LintUnused(const Scope& scope, FileContext& context) {
  for (const Binding& binding : scope.Own()) {
    if (binding.is_used) continue;
    if (binding.kind == Binding::Kind::Input)
      context.diagnostics.Report(kinds::UnusedInput, binding.span, binding.name);
    if (binding.kind == Binding::Kind::Let) context.diagnostics.Report(kinds::UnusedLet, binding.span, binding.name);
  }
}

}  // namespace

std::optional<Network> ElaborateModel(const ast::Function& function, FileContext& context) {
  const size_t errors_before = context.diagnostics.ErrorCount();
  Elaboration model;
  model.network.name = function.name.text;
  model.network.doc = function.doc;
  model.network.file = context.sources.Get(context.file.id).Name();
  model.network.signature = function.name.span;

  if (!function.config.empty()) {
    const Span span = Join(function.config.front().span, function.config.back().span);
    ReportNotSupported(context.diagnostics, span, "a model with configuration parameters");
    return std::nullopt;
  }
  if (!function.where.empty())
    ReportNotSupported(context.diagnostics, function.where.front()->span, "a `where` condition");

  // Sizes are named in a scope of their own: constants and symbols, whatever the body calls so.
  Scope sizes(&context.constants);
  Scope body(&sizes);
  Evaluator evaluator(context, body, sizes, &model);
  DeclareInputs(function, evaluator, sizes, model, context);
  const std::vector<DeclaredResult> results = EvaluateResults(function, evaluator, context);
  for (const ast::Statement& statement : function.body) {
    if (const auto* let = std::get_if<ast::Let>(&statement)) BindLet(*let, evaluator, model, context);
    if (const auto* assertion = std::get_if<ast::Assert>(&statement)) CheckAssert(*assertion, evaluator, context);
    if (const auto* returned = std::get_if<ast::Return>(&statement)) {
      CheckOutputs(function, evaluator.Evaluate(*returned->value), results, model, context);
    }
  }
  // Where something is wrong, what is unused may be so for that reason.
  if (context.diagnostics.ErrorCount() > errors_before) return std::nullopt;
  LintUnused(body, context);
  Prune(model.network);
  return std::move(model.network);
}

}  // namespace strata::check
