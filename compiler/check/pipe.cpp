// Pipes: steps applied to a tensor, or composed before one arrives.
#include <utility>

#include "compiler/check/ascription.h"
#include "compiler/check/evaluate.h"

namespace strata::check {

Value Evaluator::Visit(const ast::Pipe& pipe, Span span) {
  Value current = Evaluate(*pipe.head);
  if (current.As<LayerClass>() != nullptr || current.As<FunctionName>() != nullptr) {
    current = ReportNotALayer(current, pipe.head->span);
  }
  if (current.IsLayer()) return Compose(AsStep(std::move(current)), pipe, span);
  for (const ast::PipeStep& step : pipe.steps) {
    const Value before = current;
    current = EvaluateStep(std::move(current), step);
    if (!step.ascription) RecordStep(step, before, current);
    current.span = Join(pipe.head->span, step.layer->span);
  }
  current.span = span;
  return current;
}

Step Evaluator::AsStep(Value layer) const {
  Span name = layer.span;
  if (const Layer* instance = layer.As<Layer>()) {
    name = model_->network.layers[static_cast<size_t>(instance->index)].name_span;
  } else if (const Block* block = layer.As<Block>()) {
    name = model_->blocks[static_cast<size_t>(block->index)].name_span;
  }
  const Site site{name, layer.span, {}, {}};
  return {std::move(layer), site, nullptr, {}};
}

void Evaluator::RecordStep(const ast::PipeStep& step, const Value& before, const Value& after) {
  const auto* result = after.As<Tensor>();
  if (context_.step_types == nullptr || result == nullptr) return;
  const auto* operand = before.As<Tensor>();
  const TensorType& type = model_->TypeOf(result->index);
  const bool is_changed = operand == nullptr || ToString(model_->TypeOf(operand->index).shape) != ToString(type.shape);
  context_.step_types->push_back({.step = &step, .type = type, .is_changed = is_changed});
}

Value Evaluator::Compose(Step head, const ast::Pipe& pipe, Span span) {
  Composition composition;
  bool is_failed = head.layer.IsFailed();
  composition.steps.push_back(std::move(head));
  for (const ast::PipeStep& step : pipe.steps) {
    Site site;
    std::vector<Value> operands;
    Value layer = PrepareStep(*step.layer, step.op_span, site, operands);
    is_failed |= layer.IsFailed();
    composition.steps.push_back(
        {std::move(layer), site, step.ascription ? &*step.ascription : nullptr, std::move(operands)});
  }
  if (is_failed) return FailedAt(span);
  return {std::make_shared<const Composition>(std::move(composition)), span, ""};
}

Step Evaluator::MakeStep(const ast::Expr& expr) {
  Step step;
  step.layer = PrepareStep(expr, {}, step.site, step.operands);
  return step;
}

Value Evaluator::PrepareStep(const ast::Expr& expr, Span pipe, Site& site, std::vector<Value>& operands) {
  site = {expr.span, expr.span, pipe, {}};
  if (const auto* conditional = expr.As<ast::Conditional>()) {
    const ast::Expr* taken = TakenBranch(*conditional, expr.span);
    return taken == nullptr ? FailedAt(expr.span) : PrepareStep(*taken, pipe, site, operands);
  }
  if (const auto* steps = expr.As<ast::Pipe>()) return Compose(MakeStep(*steps->head), *steps, expr.span);
  const auto* call = expr.As<ast::Call>();
  Value layer;
  if (call == nullptr) {
    const auto* name = expr.As<ast::NameRef>();
    layer = name == nullptr ? Evaluate(expr) : ResolveCallee(expr);
  } else {
    layer = ResolveCallee(*call->callee);
    site.name = NameSpan(*call->callee);
    if (const auto* builtin = layer.As<Builtin>(); builtin != nullptr && *builtin == Builtin::Rename) {
      return {RenameCall{call}, expr.span, ""};
    }
    if (const auto* builtin = layer.As<Builtin>()) return PrepareFunction(TensorFunction(*builtin), call, expr.span);
    if (const auto* function = layer.As<Operation>()) return PrepareFunction(*function->def, call, expr.span);
    if (const LayerClass* made = layer.As<LayerClass>()) return Construct(*made, *call, site.name, expr.span);
    if (const auto* function = layer.As<FunctionName>()) {
      const bool has_tensors = function->function->config.empty() && !call->arguments.empty();
      layer = ConstructBlock(*function, *call, !has_tensors, site.name, expr.span);
      if (has_tensors && !layer.IsFailed()) operands = EvaluateOperands(layer, *call);
      return layer;
    }
    if (layer.IsLayer()) {
      if (const auto* made = call->callee->As<ast::Call>()) site.name = NameSpan(*made->callee);
      operands = EvaluateOperands(layer, *call);
      return layer;
    }
  }
  if (layer.IsFailed() && call != nullptr) {
    const auto* name = call->callee->As<ast::NameRef>();
    if (name == nullptr || IsBound(name->name)) ResolveArguments(*call, scope_);
  }
  if (const auto* function = layer.As<Operation>()) return PrepareFunction(*function->def, nullptr, expr.span);
  return layer.IsLayer() ? layer : ReportNotALayer(layer, call == nullptr ? expr.span : call->callee->span);
}

Value Evaluator::EvaluateStep(Value current, const ast::PipeStep& step) {
  Site site;
  std::vector<Value> operands;
  Value layer = PrepareStep(*step.layer, step.op_span, site, operands);
  const ast::TypeExpr* ascription = step.ascription ? &*step.ascription : nullptr;
  if (current.IsFailed() || layer.IsFailed()) return FailedAt(step.layer->span);
  operands.insert(operands.begin(), std::move(current));
  Value result = Apply(layer, std::move(operands), site);
  if (ascription != nullptr) CheckAscription(result, *ascription, *this, *model_, context_);
  return result;
}

Value Evaluator::ApplyComposition(const Composition& composition, std::vector<Value> operands, const Site& site) {
  if (!CountUnrolled(1, site.name)) return FailedAt(site.call);
  const auto apply = [&](const Step& step, std::vector<Value> taken) {
    taken.insert(taken.end(), step.operands.begin(), step.operands.end());
    Value result = Apply(step.layer, std::move(taken), step.site);
    if (step.ascription != nullptr) CheckAscription(result, *step.ascription, *this, *model_, context_);
    return result;
  };
  if (composition.form == Composition::Form::Branch) {
    Sequence results;
    for (const Step& step : composition.steps) results.items.push_back(apply(step, operands));
    return {std::move(results), site.call, ""};
  }
  for (const Step& step : composition.steps) {
    Value result = apply(step, std::move(operands));
    if (result.IsFailed()) return result;
    operands = {std::move(result)};
  }
  if (operands.size() == 1) return std::move(operands.front());
  return {Sequence{std::move(operands)}, site.call, ""};
}

}  // namespace strata::check
