#include "compiler/check/evaluate.h"

#include "compiler/check/arithmetic.h"
#include "compiler/check/names.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

bool IsModule(std::string_view name) { return name == "keras" || name == "layers" || name == "ops"; }

void NameLast(Sequence& sequence, const ast::AxisExpr& element) {
  if (!element.name) return;
  sequence.items.back().axis = element.name->text;
  sequence.items.back().axis_span = element.name->span;
}

}  // namespace

std::optional<Builtin> FindBuiltin(std::string_view name) {
  if (name == "ceil") return Builtin::Ceil;
  if (name == "floor") return Builtin::Floor;
  if (name == "max") return Builtin::Max;
  if (name == "min") return Builtin::Min;
  if (name == "rename") return Builtin::Rename;
  return std::nullopt;
}

Span NameSpan(const ast::Expr& callee) {
  const auto* member = callee.As<ast::Member>();
  return member == nullptr ? callee.span : member->member.span;
}

bool Evaluator::IsBound(std::string_view name, Scope& scope) {
  return scope.Find(name) != nullptr || context_.functions.contains(name) || FindLayer(name) != nullptr ||
         FindUnsupportedLayer(name) != nullptr || FindFunction(name) != nullptr || FindBuiltin(name) || IsModule(name);
}

Value Evaluator::Evaluate(const ast::Expr& expr) {
  return std::visit([&](const auto& node) { return Visit(node, expr.span); }, expr.node);
}

Value Evaluator::EvaluateAxis(const ast::Expr& expr, Span written) {
  const auto* name = expr.As<ast::NameRef>();
  if (name != nullptr && written.end == expr.span.end) return {name->name, expr.span, ""};
  Sequence sequence;
  if (const auto* tuple = expr.As<ast::TupleExpr>()) {
    for (const ast::ExprPtr& element : tuple->elements) {
      sequence.items.push_back(EvaluateAxis(*element, element->span));
    }
  } else if (const auto* list = expr.As<ast::ListExpr>()) {
    for (const ast::AxisExpr& element : list->elements) {
      sequence.items.push_back(EvaluateAxis(*element.size, element.span));
      NameLast(sequence, element);
    }
  } else {
    return Evaluate(expr);
  }
  return {std::move(sequence), expr.span, ""};
}

Value Evaluator::EvaluateSize(const ast::Expr& expr, UnknownNames unknown_names) {
  Evaluator evaluator(context_, sizes_, sizes_, model_);
  evaluator.is_size_ = true;
  evaluator.unknown_names_ = unknown_names;
  return evaluator.Evaluate(expr);
}

Value Evaluator::EvaluateStated(const ast::Expr& expr) {
  Value value = EvaluateSize(expr, UnknownNames::InSize);
  if (value.IsFailed() || value.As<bool>() != nullptr || value.As<Formula>() != nullptr) return value;
  Diagnostic& diagnostic = context_.diagnostics.Report(kinds::OperandType, expr.span, "a condition of `where`",
                                                       Describe(value), "True or False");
  const auto* remainder = expr.As<ast::Binary>();
  if (remainder != nullptr && remainder->op == ast::BinaryOperator::Modulo) {
    diagnostic.Help("compare it: " + Quoted(std::string(context_.sources.Text(expr.span)) + " == 0"),
                    Applicability::MaybeIncorrect, {{{expr.span.file, expr.span.end, expr.span.end}, " == 0"}});
  }
  return FailedAt(expr.span);
}

Value Evaluator::Visit(const ast::NameRef& name, Span span) {
  if (Binding* binding = scope_.Find(name.name)) {
    binding->is_used = true;
    const Dim* size = binding->value.As<Dim>();
    if (size != nullptr && size->IsUnknown()) return FailedAt(span);
    Value value = binding->value;
    value.span = span;
    const auto* constant = value.As<std::shared_ptr<const TypedConstant>>();
    if (constant != nullptr && model_ != nullptr && !is_size_) value.data = model_->AddConstant(*constant, span);
    return value;
  }
  const auto function = context_.functions.find(name.name);
  if (function != context_.functions.end()) return {function->second, span, ""};
  if (const LayerDef* def = FindLayer(name.name)) return {LayerClass{def}, span, ""};
  if (const UnsupportedLayer* layer = FindUnsupportedLayer(name.name)) {
    ReportUnsupported(context_.diagnostics, span, *layer);
    return FailedAt(span);
  }
  if (const auto builtin = FindBuiltin(name.name)) return {*builtin, span, ""};
  if (IsModule(name.name)) return {Module{}, span, ""};
  if (const LayerDef* def = FindFunction(name.name)) return {Operation{def}, span, ""};
  if (context_.misses_names) return FailedAt(span);
  switch (unknown_names_) {
    case UnknownNames::Error:
    case UnknownNames::InConstant: ReportUnknownName(context_, span, name.name, scope_.Names()); break;
    case UnknownNames::InInput:
      context_.diagnostics.Report(kinds::SymbolInExpression, span, name.name)
          .Primary("no axis has this size alone")
          .Help("give the axis a size of its own, as in `height: " + name.name +
                "`, and state what must hold in a `where`, as in `where " + name.name + " % 2 == 0`");
      sizes_.Declare(Binding::Kind::Symbol, {name.name, span}, {Dim::Unknown(), span, ""});
      break;
    case UnknownNames::InSize: {
      Diagnostic& diagnostic = context_.diagnostics.Report(kinds::UnboundSymbol, span, name.name);
      const std::string_view nearest = NearestName(name.name, sizes_.Names());
      if (nearest.empty()) {
        diagnostic.Note("only the shapes of inputs introduce symbols");
      } else {
        diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable,
                        {{span, std::string(nearest)}});
      }
      break;
    }
  }
  return FailedAt(span);
}

// `tf.keras.layers.Dense`, `nn.ReLU`: a module of another library before a name that is known here.
bool Evaluator::ReportForeignModule(const ast::Member& member, Span span) {
  const ast::Expr* root = member.object.get();
  while (const auto* outer = root->As<ast::Member>()) root = outer->object.get();
  const auto* name = root->As<ast::NameRef>();
  const std::string& last = member.member.text;
  const bool is_known = FindLayer(last) != nullptr || FindFunction(last) != nullptr || FindBuiltin(last);
  if (name == nullptr || IsBound(name->name) || context_.misses_names) return false;
  if (!is_known) return ReportForeign(context_, span, last);
  context_.diagnostics.Report(kinds::UnknownName, root->span, name->name)
      .Help("write " + Quoted(last), Applicability::MachineApplicable, {{span, last}});
  return true;
}

Value Evaluator::Visit(const ast::Member& member, Span span) {
  if (ReportForeignModule(member, span)) return FailedAt(span);
  const Value object = Evaluate(*member.object);
  if (object.IsFailed()) return FailedAt(span);
  const std::string& name = member.member.text;
  if (object.As<Module>() != nullptr) {
    if (name == "layers" || name == "ops") return {Module{}, span, ""};
    if (const LayerDef* def = FindLayer(name)) return {LayerClass{def}, span, ""};
    if (const auto builtin = FindBuiltin(name)) return {*builtin, span, ""};
    if (const LayerDef* def = FindFunction(name)) return {Operation{def}, span, ""};
    if (const UnsupportedLayer* layer = FindUnsupportedLayer(name)) {
      ReportUnsupported(context_.diagnostics, member.member.span, *layer);
      return FailedAt(span);
    }
    ReportUnknownLayer(context_, member.member.span, name, {});
    return FailedAt(span);
  }
  const Tensor* tensor = object.As<Tensor>();
  if (tensor == nullptr) {
    context_.diagnostics.Report(kinds::MemberOfValue, member.member.span, name, Describe(object))
        .Label(object.span, "is " + Describe(object));
    return FailedAt(span);
  }
  if (model_->TaintOf(tensor->index) != Elaboration::Taint::None) return FailedAt(span);
  const Shape& shape = model_->TypeOf(tensor->index).shape;
  if (const auto position = FindAxis(shape, name)) {
    const Dim& size = shape[*position].size;
    return size.IsUnknown() ? FailedAt(span) : Value{size, span, ""};
  }
  ReportUnknownAxis(member.member.span, name, object);
  return FailedAt(span);
}

void Evaluator::ReportUnknownAxis(Span span, const std::string& name, const Value& tensor) {
  const TensorType& type = model_->TypeOf(tensor.As<Tensor>()->index);
  Diagnostic& diagnostic =
      context_.diagnostics.Report(kinds::UnknownAxis, span, context_.sources.Text(tensor.span), name);
  diagnostic.Label(tensor.span, "is " + ToString(type));
  std::vector<std::string_view> names;
  for (const Axis& axis : type.shape) {
    if (!axis.name.empty()) names.push_back(axis.name);
  }
  if (context_.sources.Text({span.file, span.end, span.end + 1}) == "(") {
    diagnostic.Help("a tensor has axes, no methods: layers and functions are applied to it, as in " +
                    Quoted(std::string(context_.sources.Text(tensor.span)) + " |> Reshape([features: 8])"));
    return;
  }
  if (name == "shape") {
    diagnostic.Help("a size is that of a named axis: " +
                    Quoted(std::string(context_.sources.Text(tensor.span)) + "." +
                           (names.empty() ? "features" : std::string(names.back()))));
    return;
  }
  if (name == "T" || name == "mT") {
    diagnostic.Help("`transpose(x, (0, 2, 1))` puts the axes in another order, as the layer `Permute` does");
    return;
  }
  const std::string_view nearest = NearestName(name, names);
  if (!nearest.empty()) {
    diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable,
                    {{span, std::string(nearest)}});
  }
}

Value Evaluator::Visit(const ast::Index& index, Span span) {
  const Value object = Evaluate(*index.object);
  if (object.IsFailed()) return FailedAt(span);
  if (const Sequence* sequence = object.As<Sequence>()) return IndexSequence(*sequence, index, span);
  if (object.As<Tensor>() != nullptr) return Slice(object, index, span);
  context_.diagnostics.Report(kinds::OperandType, object.span, "what is indexed", Describe(object),
                              "a tensor or a tuple");
  return FailedAt(span);
}

Value Evaluator::Visit(const ast::Unary& unary, Span span) {
  const Value operand = Evaluate(*unary.operand);
  if (operand.As<Tensor>() != nullptr) {
    switch (unary.op) {
      case ast::UnaryOperator::Plus: return operand;
      case ast::UnaryOperator::Negate:
        return ApplyOperator("negative", {&operand}, {span.file, span.begin, span.begin + 1}, span);
      case ast::UnaryOperator::Not: {
        const std::string text(context_.sources.Text(operand.span));
        return ReportLogicOnTensor("not", span, operand, "logical_not(" + text + ")");
      }
    }
  }
  return Decided(EvaluateUnary(unary, span, operand, context_.diagnostics));
}

Value Evaluator::Visit(const ast::Binary& binary, Span span) {
  if (binary.op == ast::BinaryOperator::And || binary.op == ast::BinaryOperator::Or) return EvaluateLogic(binary, span);
  const Value left = Evaluate(*binary.left);
  const Value right = Evaluate(*binary.right);
  if (left.As<Tensor>() != nullptr || right.As<Tensor>() != nullptr) {
    return ApplyOperator(Spelling(binary.op), {&left, &right}, binary.op_span, span);
  }
  const Dim* divided = left.As<Dim>();
  const Dim* divisor = right.As<Dim>();
  if (binary.op == ast::BinaryOperator::Divide && divided != nullptr && divisor != nullptr &&
      !(divided->Constant() && divisor->Constant()) && !divisor->Is(0)) {
    return DivideExactly(binary, span, *divided, *divisor);
  }
  return Decided(EvaluateBinary(binary, span, left, right, context_.diagnostics));
}

Value Evaluator::Decided(Value value) const {
  const Formula* formula = value.As<Formula>();
  if (formula == nullptr || model_ == nullptr) return value;
  Truth truth = Truth::Unknown;
  Formula open = model_->OpenPart(*formula, truth);
  if (truth == Truth::Unknown) {
    value.data = std::move(open);
  } else {
    value.data = truth == Truth::True;
  }
  return value;
}

Value Evaluator::DivideExactly(const ast::Binary& quotient, Span span, const Dim& left, const Dim& right) {
  const Condition is_whole{Modulo(left, right), Relation::Equal, 0};
  const std::string text(context_.sources.Text(span));
  if (model_ != nullptr &&
      model_->Require(is_whole, Quoted(text) + " at " + PlaceText(context_.sources, span) + " needs ", span)) {
    return {model_->facts.Simplify(FloorDivide(left, right)), span, ""};
  }
  ReportInexact(text, span, quotient, context_);
  return FailedAt(span);
}

// The right side is evaluated only if the left one leaves it open.
Value Evaluator::EvaluateLogic(const ast::Binary& binary, Span span) {
  const bool is_or = binary.op == ast::BinaryOperator::Or;
  std::vector<Value> undecided;
  for (const ast::Expr* side : {binary.left.get(), binary.right.get()}) {
    Value value = Evaluate(*side);
    if (value.IsFailed()) return FailedAt(span);
    if (value.As<Formula>() != nullptr) {
      undecided.push_back(std::move(value));
      continue;
    }
    if (value.As<Tensor>() != nullptr) {
      const std::string sides = std::string(context_.sources.Text(binary.left->span)) + ", " +
                                std::string(context_.sources.Text(binary.right->span));
      return ReportLogicOnTensor(Spelling(binary.op), span, value,
                                 (is_or ? "logical_or(" : "logical_and(") + sides + ")");
    }
    const bool* truth = value.As<bool>();
    if (truth == nullptr) {
      context_.diagnostics.Report(
          kinds::OperandType, value.span,
          std::string(side == binary.left.get() ? "the left" : "the right") + " side of " + Quoted(Spelling(binary.op)),
          Describe(value), "True or False");
      return FailedAt(span);
    }
    if (*truth == is_or) return {is_or, span, ""};
  }
  if (undecided.empty()) return {!is_or, span, ""};
  if (undecided.size() == 1) return std::move(undecided.front());
  const Formula& left = *undecided.front().As<Formula>();
  const Formula& right = *undecided.back().As<Formula>();
  std::optional<Formula> both = is_or ? Or(left, right) : And(left, right);
  if (both) return Decided({std::move(*both), span, ""});
  ReportUndecided(undecided.front(), "a side of " + Quoted(Spelling(binary.op)));
  return FailedAt(span);
}

Value Evaluator::Visit(const ast::TupleExpr& tuple, Span span) {
  Sequence sequence;
  for (const ast::ExprPtr& element : tuple.elements) sequence.items.push_back(Evaluate(*element));
  return {std::move(sequence), span, ""};
}

Value Evaluator::Visit(const ast::ListExpr& list, Span span) {
  Sequence sequence;
  for (const ast::AxisExpr& element : list.elements) {
    sequence.items.push_back(Evaluate(*element.size));
    NameLast(sequence, element);
  }
  return {std::move(sequence), span, ""};
}

}  // namespace strata::check
