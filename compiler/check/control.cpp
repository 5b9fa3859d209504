// What decides at compile time which layers there are: `if`, `repeat`, `branch`, indices into tuples.
#include <algorithm>
#include <utility>

#include "compiler/check/arithmetic.h"
#include "compiler/check/evaluate.h"
#include "compiler/check/names.h"
#include "compiler/check/parts.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

bool IsAxisKeyword(const LayerDef* def, const ast::Argument& argument, size_t position) {
  if (argument.keyword && argument.keyword->text == "axis") return true;
  if (def == nullptr) return false;
  const Param* param = nullptr;
  if (!argument.keyword) {
    if (position < def->params.size()) param = &def->params[position];
  } else {
    const auto found = std::ranges::find(def->params, argument.keyword->text, &Param::name);
    if (found != def->params.end()) param = &*found;
  }
  // Bare names where a string is expected have a message of their own, should they be elaborated.
  return param != nullptr && (param->type == ParamType::Axis || param->type == ParamType::Axes ||
                              param->type == ParamType::Choice || param->type == ParamType::Activation);
}

}  // namespace

const ast::Expr* Evaluator::TakenBranch(const ast::Conditional& conditional, Span span) {
  const Value value = Evaluate(*conditional.condition);
  if (const bool* truth = value.As<bool>()) {
    ResolveNames(*truth ? *conditional.otherwise : *conditional.value);
    return *truth ? conditional.value.get() : conditional.otherwise.get();
  }
  constexpr std::string_view kWhat = "the condition of `if`";
  if (value.As<Formula>() != nullptr) {
    ReportUndecided(value, kWhat);
  } else if (value.As<Tensor>() != nullptr) {
    const auto text = [&](const ast::ExprPtr& expr) { return std::string(context_.sources.Text(expr->span)); };
    ReportLogicOnTensor("if", span, value,
                        "where(" + text(conditional.condition) + ", " + text(conditional.value) + ", " +
                            text(conditional.otherwise) + ")");
  } else if (!value.IsFailed()) {
    context_.diagnostics.Report(kinds::OperandType, value.span, kWhat, Describe(value), "True or False");
  }
  ResolveNames(*conditional.value);
  ResolveNames(*conditional.otherwise);
  return nullptr;
}

void Evaluator::ReportUndecided(const Value& value, std::string_view what) {
  const Formula& formula = *value.As<Formula>();
  Diagnostic& diagnostic = context_.diagnostics.Report(kinds::UndecidedCondition, value.span, what, ToString(formula));
  diagnostic.Primary("depends on sizes known only when the model runs");
  // The first of several conditions one of which is enough.
  std::vector<Condition> needed;
  for (const AnyOf& any : formula) needed.push_back(any.front());
  if (OfferWhere(diagnostic, *model_, needed)) {
    if (const std::optional<Formula> opposite = Not(formula)) {
      std::string text;
      for (const AnyOf& any : *opposite) text += (text.empty() ? "" : ", ") + ToString(any);
      diagnostic.Note("the opposite decides it as well: `where " + text + "`");
    }
  } else {
    diagnostic.Help("give the sizes in the signature, as in `height: 28`");
  }
}

Value Evaluator::Visit(const ast::Conditional& conditional, Span span) {
  const ast::Expr* taken = TakenBranch(conditional, span);
  return taken == nullptr ? FailedAt(span) : Evaluate(*taken);
}

bool Evaluator::CountUnrolled(int64_t count, Span span) {
  const bool was_within = model_->unrolled <= kMaxUnrolled;
  if (was_within && count <= kMaxUnrolled - model_->unrolled) {
    model_->unrolled += count;
    return true;
  }
  model_->unrolled = kMaxUnrolled + 1;
  if (was_within) context_.diagnostics.Report(kinds::TooManyRepetitions, span, kMaxUnrolled);
  return false;
}

Value Evaluator::Visit(const ast::Repeat& repeat, Span span) {
  if (model_ == nullptr || is_size_) {
    context_.diagnostics.Report(kinds::LayerOutsideModel, span, "repeat");
    return FailedAt(span);
  }
  const Value count = Evaluate(*repeat.count);
  const Dim* dim = count.As<Dim>();
  // A body without a count is looked at once, for its mistakes.
  int64_t times = 1;
  bool is_known = false;
  if (dim != nullptr && !dim->Constant()) {
    context_.diagnostics.Report(kinds::RepeatCount, count.span, Quoted(dim->ToString()))
        .Primary("is known only when the model runs")
        .Help(
            "the number of layers is fixed when the model is compiled: give a constant or a configuration "
            "parameter");
  } else if (dim != nullptr && *dim->Constant() < 0) {
    context_.diagnostics.Report(kinds::RepeatCount, count.span, dim->ToString())
        .Primary("is negative; 0 repetitions pass the tensor on as it is");
  } else if (dim != nullptr) {
    times = *dim->Constant();
    is_known = true;
  } else if (!count.IsFailed()) {
    context_.diagnostics.Report(kinds::RepeatCount, count.span, Describe(count));
  }
  if (is_known && !CountUnrolled(times, count.span)) return FailedAt(span);

  const size_t errors_before = context_.diagnostics.ErrorCount();
  Composition composition;
  bool is_failed = !is_known;
  for (int64_t i = 0; i < times; ++i) {
    Scope scope(&scope_);
    if (repeat.variable) {
      Value value = is_known ? Value{Dim(i), repeat.variable->span, ""} : FailedAt(repeat.variable->span);
      scope.Declare(Binding::Kind::Variable, *repeat.variable, std::move(value));
    }
    Evaluator body(context_, scope, sizes_, model_);
    body.repeat_ = &repeat;
    composition.steps.push_back(body.MakeStep(*repeat.body));
    is_failed |= composition.steps.back().layer.IsFailed();
    if (context_.diagnostics.ErrorCount() > errors_before) break;
  }
  if (times == 0) {
    Scope scope(&scope_);
    if (repeat.variable) scope.Declare(Binding::Kind::Variable, *repeat.variable, FailedAt(repeat.variable->span));
    ResolveNames(*repeat.body, scope);
  }
  if (is_failed) return FailedAt(span);
  return {std::make_shared<const Composition>(std::move(composition)), span, ""};
}

Value Evaluator::Visit(const ast::Branch& branch, Span span) {
  if (model_ == nullptr || is_size_) {
    context_.diagnostics.Report(kinds::LayerOutsideModel, span, "branch");
    return FailedAt(span);
  }
  Composition composition{.form = Composition::Form::Branch, .steps = {}};
  bool is_failed = false;
  for (const ast::ExprPtr& entry : branch.branches) {
    composition.steps.push_back(MakeStep(*entry));
    is_failed |= composition.steps.back().layer.IsFailed();
  }
  if (is_failed) return FailedAt(span);
  return {std::make_shared<const Composition>(std::move(composition)), span, ""};
}

Value Evaluator::IndexSequence(const Sequence& sequence, const ast::Index& index, Span span) {
  const ast::IndexItem& item = index.items.front();
  const auto report = [&](Span at, const std::string& what) {
    context_.diagnostics.Report(kinds::OperandType, at, "the index of a tuple", what, "an integer");
    return FailedAt(span);
  };
  if (item.axis) return report(item.axis->span, "the axis " + Quoted(item.axis->text));
  if (item.is_range) return report(item.span, "a range");
  if (index.items.size() > 1) return report(index.items[1].span, "several");
  const Value position = Evaluate(*item.begin);
  if (position.IsFailed()) return FailedAt(span);
  const Dim* dim = position.As<Dim>();
  if (dim == nullptr || !dim->Constant()) return report(item.span, Describe(position));
  const auto size = static_cast<int64_t>(sequence.items.size());
  int64_t place = *dim->Constant();
  if (place < -size || place >= size) {
    Diagnostic& diagnostic = context_.diagnostics.Report(kinds::TupleIndex, item.span, place, size);
    if (size > 0) diagnostic.Note("they are counted from 0 to " + std::to_string(size - 1) + ", or from -1 backwards");
    return FailedAt(span);
  }
  if (place < 0) place += size;
  Value value = sequence.items[static_cast<size_t>(place)];
  value.span = span;
  return value;
}

// ---- Names in what is not elaborated ----

void Evaluator::ResolveArguments(const ast::Call& call, Scope& scope) {
  const auto* name = call.callee->As<ast::NameRef>();
  const LayerDef* def = name == nullptr ? nullptr : FindLayer(name->name);
  const bool is_rename = name != nullptr && FindBuiltin(name->name) == Builtin::Rename;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const ast::Argument& argument = call.arguments[i];
    if (is_rename && argument.keyword) continue;
    const bool is_bare =
        argument.value->As<ast::NameRef>() != nullptr || argument.value->As<ast::ListExpr>() != nullptr;
    if (is_bare && IsAxisKeyword(def, argument, i)) continue;
    ResolveNames(*argument.value, scope);
  }
}

void Evaluator::ResolveNames(const ast::Expr& expr, Scope& scope) {
  if (const auto* name = expr.As<ast::NameRef>()) {
    if (Binding* binding = scope.Find(name->name)) {
      binding->is_used = true;
    } else if (!IsBound(name->name, scope) && !context_.misses_names) {
      ReportUnknownName(context_, expr.span, name->name, scope.Names());
    }
  } else if (const auto* call = expr.As<ast::Call>()) {
    // The arguments of an unknown layer mean nothing.
    if (!ResolveLayer(*call->callee, scope)) return;
    ResolveArguments(*call, scope);
  } else if (const auto* pipe = expr.As<ast::Pipe>()) {
    ResolveNames(*pipe->head, scope);
    for (const ast::PipeStep& step : pipe->steps) ResolveLayer(*step.layer, scope);
  } else if (const auto* repeat = expr.As<ast::Repeat>()) {
    ResolveNames(*repeat->count, scope);
    Scope inner(&scope);
    if (repeat->variable) {
      inner.Declare(Binding::Kind::Variable, *repeat->variable, FailedAt(repeat->variable->span));
    }
    ResolveNames(*repeat->body, inner);
  } else {
    ForEachPart(expr, [&](const ast::Expr& part) { ResolveNames(part, scope); });
  }
}

// What stands where a layer is expected; false where it is a name that stands for nothing.
bool Evaluator::ResolveLayer(const ast::Expr& expr, Scope& scope) {
  const auto* name = expr.As<ast::NameRef>();
  if (name != nullptr && !IsBound(name->name, scope)) {
    ReportUnknownLayer(context_, expr.span, name->name, scope.Names());
    return false;
  }
  ResolveNames(expr, scope);
  return true;
}

}  // namespace strata::check
