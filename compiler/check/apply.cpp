// Calls and pipes: making layers, and applying them to tensors.
#include <algorithm>
#include <utility>

#include "compiler/check/arithmetic.h"
#include "compiler/check/ascription.h"
#include "compiler/check/bind.h"
#include "compiler/check/history.h"
#include "compiler/check/names.h"
#include "compiler/layers/messages.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::check {
namespace {

Value FailedAt(Span span) { return {Failed{}, span, ""}; }

// Whether an expression can stand in a message.
bool IsShort(std::string_view text, size_t longest) {
  return text.size() <= longest && text.find('\n') == std::string_view::npos;
}

// Tuples and lists of tensors are spread.
std::vector<Value> Spread(std::vector<Value> operands) {
  std::vector<Value> result;
  for (Value& operand : operands) {
    if (const Sequence* sequence = operand.As<Sequence>()) {
      for (const Value& item : sequence->items) result.push_back(item);
    } else {
      result.push_back(std::move(operand));
    }
  }
  return result;
}

bool HasUnknownSize(const std::vector<TensorType>& types) {
  for (const TensorType& type : types) {
    for (const Axis& axis : type.shape) {
      if (axis.size.IsUnknown()) return true;
    }
  }
  return false;
}

std::string Written(size_t count) { return std::to_string(count) + (count == 1 ? " is" : " are"); }

// An error about a layer's arguments alone stands whatever the shapes are.
bool IsAboutArguments(const Diagnostic& diagnostic) {
  return diagnostic.code.starts_with("E05") && !diagnostic.code.starts_with("E056") &&
         diagnostic.code != kinds::AxisOutOfRange.code;
}

// Errors that leave no doubt about the result's shape.
bool KeepsShape(const Diagnostic& diagnostic) {
  if (diagnostic.severity != Severity::Error) return true;
  const auto is = [&](const auto& kind) { return diagnostic.code == kind.code; };
  return is(kinds::FloatsNeeded) || is(kinds::GroupsDoNotDivide) || is(kinds::NegativeArgument) ||
         is(kinds::RateOutOfRange) || is(kinds::NumbersNeeded) || is(kinds::IntegersNeeded) || is(kinds::TruthNeeded) ||
         is(kinds::LiteralType) || is(kinds::LiteralRange) || is(kinds::IntegerDivision) ||
         is(kinds::MergedTypesDiffer) || is(kinds::DivisionByZero) || is(kinds::RepeatedAxis) || is(kinds::NoAxis) ||
         is(kinds::NothingToPool);
}

OperandPast PastOf(const Elaboration& model, int value) {
  OperandPast past;
  for (size_t i = 0; i < model.TypeOf(value).shape.size(); ++i) {
    std::vector<OperandPast::Change>& changes = past.changes.emplace_back();
    for (const SizeChange& change : ChangesOf(model.network, {value, i})) {
      changes.push_back({change.from, change.to, model.SiteOfNode(change.node).name});
    }
  }
  const auto maker_of = [&](int node) {
    const NetworkLayer& layer = model.LayerOfNode(node);
    return OperandPast::Maker{&layer.args, layer.call_span};
  };
  for (const DroppedAxis& dropped : DroppedAxes(model.network, value)) {
    past.dropped.push_back({dropped.axis.name, model.SiteOfNode(dropped.node).name, maker_of(dropped.node)});
  }
  for (int maker = model.network.values[static_cast<size_t>(value)].node; maker >= 0;) {
    past.makers.push_back(maker_of(maker));
    const int input = model.network.nodes[static_cast<size_t>(maker)].inputs.front();
    maker = model.network.values[static_cast<size_t>(input)].node;
  }
  return past;
}

// The node on the way of a value's axis 1 that took a mask over it off; nothing where there was none.
std::optional<int> MaskDropOf(const Network& network, int value) {
  if (network.values[static_cast<size_t>(value)].type.shape.size() < 2) return std::nullopt;
  AxisPlace axis{value, 1};
  while (const std::optional<AxisPlace> source = SourceOf(network, axis)) {
    const int node = network.values[static_cast<size_t>(axis.value)].node;
    const size_t rank = network.values[static_cast<size_t>(source->value)].type.shape.size();
    for (const int input : network.nodes[static_cast<size_t>(node)].inputs) {
      const NetworkValue& read = network.values[static_cast<size_t>(input)];
      if (read.type.shape.size() == rank && read.mask_axes > source->position) return node;
    }
    axis = *source;
  }
  return std::nullopt;
}

// Warns, once, of a layer that dropped the mask that this one would read.
void LintMaskDropped(InferContext& context, const std::vector<int>& inputs, Elaboration& model) {
  if (!model.has_masks) return;
  const Network& network = model.network;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (context.inputs[i].mask_axes > 0) continue;
    const std::optional<int> drop = MaskDropOf(network, inputs[i]);
    if (!drop || !model.mask_drops.insert(*drop).second) continue;
    const LayerDef& dropper = *model.LayerOfNode(*drop).def;
    const bool is_function = dropper.form == LayerDef::Form::Function;
    const std::string name = is_function ? Quoted(dropper.function_name) : std::string(dropper.name);
    Diagnostic& diagnostic =
        context.diagnostics.Report(kinds::MaskDropped, model.SiteOfNode(*drop).name, name, context.class_name);
    const std::vector<int>& read = network.nodes[static_cast<size_t>(*drop)].inputs;
    const auto is_masked = [&](int value) { return network.values[static_cast<size_t>(value)].mask_axes > 0; };
    const auto plain = std::ranges::find_if_not(read, is_masked);
    const bool is_merge = dropper.mask.of_results != nullptr && plain != read.end();
    diagnostic
        .Primary(is_merge ? Quoted(model.NameOf(*plain)) + " has no mask, so the result has none"
                          : "passes no mask on, as in Keras")
        .Label(context.name_span, "takes padding for data")
        .Help("where the steps are still the same, give " + std::string(context.class_name) + " the mask by `mask=`");
  }
}

// What to do with an argument that belongs to the layer, as in `Dense(2)(x, activation="relu")`.
void OfferForLayer(Diagnostic& diagnostic, const NetworkLayer* layer, const ast::Call& call,
                   const ast::Argument& argument, const Sources& sources) {
  if (argument.keyword->text == "training") {
    diagnostic.Help("delete it: nothing here is for training");
    return;
  }
  const bool is_of_layer = layer != nullptr && std::ranges::find(layer->def->params, argument.keyword->text,
                                                                 &Param::name) != layer->def->params.end();
  if (!is_of_layer) {
    diagnostic.Help("delete it");
    return;
  }
  const auto* made = call.callee->As<ast::Call>();
  const auto is_tensor = [](const ast::Argument& one) { return !one.keyword.has_value(); };
  if (made == nullptr || layer->args.Given(argument.keyword->text) ||
      static_cast<size_t>(std::ranges::count_if(call.arguments, is_tensor)) + 1 != call.arguments.size()) {
    diagnostic.Help("the layer takes it where it is made: " +
                    Quoted(std::string(layer->def->name) + "(..., " + std::string(sources.Text(argument.span)) + ")"));
    return;
  }
  std::string text(sources.Text(call.callee->span));
  text.insert(text.size() - 1, (made->arguments.empty() ? "" : ", ") + std::string(sources.Text(argument.span)));
  std::string tensors;
  for (const ast::Argument& one : call.arguments) {
    if (one.keyword) continue;
    tensors += (tensors.empty() ? "" : ", ") + std::string(sources.Text(one.span));
  }
  text += "(" + tensors + ")";
  diagnostic.Help("the layer takes it where it is made: " + Quoted(text), Applicability::MaybeIncorrect,
                  {{Join(call.callee->span, call.parentheses), text}});
}

// "3 tensors: `output` f32[batch, features: 8], `h` ..."
std::string DescribeResults(const Elaboration& model, int node) {
  const NetworkNode& made = model.network.nodes[static_cast<size_t>(node)];
  std::string text;
  for (const int output : made.outputs) {
    const std::string& name = model.value_names[static_cast<size_t>(output)];
    text += (text.empty() ? "" : ", ") + (name.empty() ? "" : Quoted(name) + " ") + ToString(model.TypeOf(output));
  }
  return Count(made.outputs.size(), "tensor") + ": " + text;
}

// What to do with the results of a layer where one tensor is wanted.
void OfferOneResult(const Elaboration& model, int node, Diagnostic& diagnostic) {
  const NetworkLayer& layer = model.LayerOfNode(node);
  const std::optional<OperandPast::Maker> recurrent = RecurrentLayer({&layer.args, layer.call_span});
  if (recurrent && recurrent->args->Bool("return_state")) {
    diagnostic.Help("with `return_state=False` there it gives its output alone", Applicability::MaybeIncorrect,
                    SetArgument(*recurrent, "return_state", "False"));
  }
  std::string names;
  for (const int output : model.network.nodes[static_cast<size_t>(node)].outputs) {
    names += (names.empty() ? "" : ", ") + model.value_names[static_cast<size_t>(output)];
  }
  diagnostic.Help("to take them apart, write " + Quoted("let (" + names + ") = ..."));
}

// A layer that another one holds is that one's alone: applied beside it, its weights would have two names.
void ReportWrapped(Diagnostics& diagnostics, const std::string& name, Span span, const std::string& primary,
                   Span wrapped) {
  diagnostics.Report(kinds::LayerWrapped, span, name)
      .Primary(primary)
      .Label(wrapped, "it is an argument here")
      .Help("make a layer for each");
}

}  // namespace

std::shared_ptr<const LayerArg> Evaluator::ToLayerArg(const Value& value, const Param& param,
                                                      std::string_view class_name) {
  const Layer* instance = value.As<Layer>();
  if (instance == nullptr) {
    if (value.As<LayerClass>() != nullptr) {
      ReportNotALayer(value, value.span);
    } else if (!value.IsFailed()) {
      const bool is_chain = value.As<std::shared_ptr<const Composition>>() != nullptr;
      context_.diagnostics.Report(kinds::ArgumentType, value.span, param.name, class_name,
                                  is_chain ? "a chain of layers" : Describe(value), "a layer, as in `Dense(3)`,");
    }
    return nullptr;
  }
  const NetworkLayer& layer = model_->network.layers[static_cast<size_t>(instance->index)];
  Elaboration::LayerState& state = model_->layer_states[static_cast<size_t>(instance->index)];
  if (!state.is_usable) return nullptr;
  if (state.wrapped_at.IsValid()) {
    ReportWrapped(context_.diagnostics, layer.name, value.span, "an argument again", state.wrapped_at);
    return nullptr;
  }
  if (state.first_node >= 0) {
    ReportWrapped(context_.diagnostics, layer.name, model_->SiteOfNode(state.first_node).name, "applied here",
                  value.span);
    return nullptr;
  }
  state.wrapped_at = value.span;
  return std::make_shared<const LayerArg>(
      LayerArg{layer.def, layer.args, layer.name, layer.name_span, layer.call_span});
}

Value Evaluator::ReportNotALayer(const Value& value, Span span) {
  const LayerClass* layer = value.As<LayerClass>();
  const FunctionName* block = value.As<FunctionName>();
  if (layer != nullptr || block != nullptr) {
    const std::string name(layer != nullptr ? layer->def->name : block->function->name.text);
    Diagnostic& diagnostic = context_.diagnostics.Report(kinds::LayerWithoutParentheses, span, name,
                                                         layer != nullptr ? "the class of a layer" : Describe(value));
    bool has_required = false;
    if (layer != nullptr) {
      for (const Param& param : layer->def->params) has_required |= !param.default_value.has_value();
    } else {
      for (const ast::ConfigParam& param : block->function->config) has_required |= param.default_value == nullptr;
    }
    const Span end{span.file, span.end, span.end};
    if (has_required) {
      diagnostic.Help("give its arguments: `" + name + "(...)`", Applicability::HasPlaceholders, {{end, "(...)"}});
    } else {
      diagnostic.Help("write `" + name + "()`", Applicability::MachineApplicable, {{end, "()"}});
    }
  } else if (!value.IsFailed()) {
    context_.diagnostics.Report(kinds::NotALayer, span, Quoted(context_.sources.Text(span)),
                                DescribeBeside(context_.sources.Text(span), value));
  }
  return FailedAt(span);
}

Value Evaluator::ResolveCallee(const ast::Expr& callee) {
  const auto* name = callee.As<ast::NameRef>();
  if (name == nullptr || IsBound(name->name)) return Evaluate(callee);
  if (!context_.misses_import) ReportUnknownLayer(context_, callee.span, name->name, scope_.Names());
  return FailedAt(callee.span);
}

Value Evaluator::Visit(const ast::Call& call, Span span) {
  const Value callee = ResolveCallee(*call.callee);
  if (const auto* layer = callee.As<LayerClass>()) return Construct(*layer, call, NameSpan(*call.callee), span);
  if (const auto* builtin = callee.As<Builtin>()) return CallBuiltin(*builtin, call, span);
  if (const auto* function = callee.As<FunctionName>()) {
    // What is declared with one pair of parentheses may be used with one: `B(x)`.
    const bool has_tensors = function->function->config.empty() && !call.arguments.empty();
    const Value block = ConstructBlock(*function, call, !has_tensors, NameSpan(*call.callee), span);
    if (!has_tensors || block.IsFailed()) return block;
    const Site site{NameSpan(*call.callee), span, {}, {}};
    Value result = Apply(block, EvaluateOperands(block, call), site);
    result.span = span;
    return result;
  }
  if (const auto* function = callee.As<Operation>()) return CallFunction(*function->def, call, span);
  if (callee.IsLayer()) {
    Site site{NameSpan(*call.callee), span, {}, {}};
    if (const auto* made = call.callee->As<ast::Call>()) site.name = NameSpan(*made->callee);
    if (call.arguments.size() == 1) site.argument = call.arguments[0].span;
    Value result = Apply(callee, EvaluateOperands(callee, call), site);
    result.span = span;
    return result;
  }
  if (callee.IsFailed()) {
    // The tensors of `Dens(3)(x)` have mistakes of their own; the arguments of `Dens(3)` mean nothing.
    const auto* name = call.callee->As<ast::NameRef>();
    if (call.callee->As<ast::Call>() != nullptr) {
      for (const ast::Argument& argument : call.arguments) Evaluate(*argument.value);
    } else if (name != nullptr && IsBound(name->name)) {
      ResolveArguments(call, scope_);
    }
    return FailedAt(span);
  }
  return ReportNotALayer(callee, call.callee->span);
}

Value Evaluator::CallBuiltin(Builtin function, const ast::Call& call, Span span) {
  const std::string name(context_.sources.Text(call.callee->span));
  if (function == Builtin::Rename) return Rename(call, {}, {call.callee->span, span, {}, {}});
  const bool is_rounding = function == Builtin::Ceil || function == Builtin::Floor;
  const auto report = [&](Span at, const std::string& text) {
    context_.diagnostics.Report(kinds::FunctionArguments, at, name, text);
    return FailedAt(span);
  };
  const ast::Expr* head = call.arguments.empty() ? nullptr : call.arguments[0].value.get();
  const auto* quotient = is_rounding && head != nullptr ? head->As<ast::Binary>() : nullptr;
  if (quotient != nullptr && quotient->op == ast::BinaryOperator::Divide && call.arguments.size() == 1) {
    const Value left = Evaluate(*quotient->left);
    const Value right = Evaluate(*quotient->right);
    if (left.As<Tensor>() == nullptr && right.As<Tensor>() == nullptr) {
      return EvaluateRoundedQuotient(function, span, left, right, quotient->right->span, context_.diagnostics);
    }
    return CallOnTensor(function, call, ApplyOperator("/", {&left, &right}, quotient->op_span, head->span), span);
  }
  std::vector<Value> arguments;
  if (head != nullptr) {
    arguments.push_back(Evaluate(*head));
    const bool is_failed = arguments.front().IsFailed() && !call.arguments.front().keyword;
    if (arguments.front().As<Tensor>() != nullptr) return CallOnTensor(function, call, arguments.front(), span);
    if (is_failed && is_rounding) return FailedAt(span);
  }
  for (const ast::Argument& argument : call.arguments) {
    if (argument.keyword) return report(argument.span, "no argument " + Quoted(argument.keyword->text));
  }
  if (is_rounding) return report(call.parentheses, "a tensor, or one quotient of sizes, as in `" + name + "(a / b)`");
  if (call.arguments.size() < 2) return report(call.parentheses, "a tensor, or two or more sizes");
  for (size_t i = 1; i < call.arguments.size(); ++i) arguments.push_back(Evaluate(*call.arguments[i].value));
  return EvaluateExtreme(function, span, arguments, context_.diagnostics);
}

Value Evaluator::Construct(const LayerClass& layer, const ast::Call& call, Span name, Span span) {
  BoundArguments bound = BindArguments(*layer.def, call, name, *this, context_);
  if (model_ == nullptr || is_size_) {
    context_.diagnostics.Report(kinds::LayerOutsideModel, span, layer.def->name)
        .Help("write " + Quoted(context_.sources.Text(span)) +
              " where the model applies it, or name it there by `let`");
    return FailedAt(span);
  }
  if (const Value* made = MadeBefore(call)) {
    const NetworkLayer& shared = model_->network.layers[static_cast<size_t>(made->As<Layer>()->index)];
    if (!CheckSharedArguments(shared, bound, name)) return FailedAt(span);
    return {made->data, span, ""};
  }
  if (!CountUnrolled(1, name) || !FillName(bound)) return FailedAt(span);
  const int index = static_cast<int>(model_->network.layers.size());
  const std::string instance = NameLayer(*model_, *layer.def, bound.name, bound.name_span, name, context_.diagnostics);
  model_->network.layers.push_back({layer.def, instance, std::move(bound.args), name, span, {}});
  model_->layer_states.push_back({bound.is_usable});
  Value value{Layer{index}, span, ""};
  RememberMade(call, value);
  return value;
}

std::vector<Value> Evaluator::EvaluateOperands(const Value& layer, const ast::Call& call) {
  std::vector<Value> operands;
  for (const ast::Argument& argument : call.arguments) {
    const Layer* instance = layer.As<Layer>();
    if (argument.keyword && instance != nullptr) {
      const std::vector<Param>& params = model_->network.layers[static_cast<size_t>(instance->index)].def->call_params;
      if (std::ranges::find(params, argument.keyword->text, &Param::name) != params.end()) {
        operands.push_back(Evaluate(*argument.value));
        operands.back().keyword = argument.keyword->text;
        continue;
      }
    }
    if (argument.keyword) {
      const Block* block = layer.As<Block>();
      const std::string_view name =
          instance != nullptr ? model_->network.layers[static_cast<size_t>(instance->index)].def->name
          : block != nullptr
              ? std::string_view(model_->blocks[static_cast<size_t>(block->index)].name.function->name.text)
              : "a composition";
      OfferForLayer(
          context_.diagnostics.Report(kinds::UnknownCallArgument, argument.keyword->span, name, argument.keyword->text),
          instance == nullptr ? nullptr : &model_->network.layers[static_cast<size_t>(instance->index)], call, argument,
          context_.sources);
      operands.push_back(FailedAt(argument.span));
      continue;
    }
    operands.push_back(Evaluate(*argument.value));
  }
  return operands;
}

Value Evaluator::Visit(const ast::Pipe& pipe, Span span) {
  Value current = Evaluate(*pipe.head);
  if (current.As<LayerClass>() != nullptr || current.As<FunctionName>() != nullptr) {
    current = ReportNotALayer(current, pipe.head->span);
  }
  if (current.IsLayer()) return Compose(std::move(current), pipe, span);
  for (const ast::PipeStep& step : pipe.steps) {
    const Value before = current;
    current = EvaluateStep(std::move(current), step);
    if (!step.ascription) RecordStep(step, before, current);
    current.span = Join(pipe.head->span, step.layer->span);
  }
  current.span = span;
  return current;
}

void Evaluator::RecordStep(const ast::PipeStep& step, const Value& before, const Value& after) {
  const auto* result = after.As<Tensor>();
  if (context_.step_types == nullptr || result == nullptr) return;
  const auto* operand = before.As<Tensor>();
  const TensorType& type = model_->TypeOf(result->index);
  const bool is_changed = operand == nullptr || ToString(model_->TypeOf(operand->index).shape) != ToString(type.shape);
  context_.step_types->push_back({.step = &step, .type = type, .is_changed = is_changed});
}

Value Evaluator::Compose(Value head, const ast::Pipe& pipe, Span span) {
  Composition composition;
  Span name = head.span;
  if (const Layer* layer = head.As<Layer>()) {
    name = model_->network.layers[static_cast<size_t>(layer->index)].name_span;
  } else if (const Block* block = head.As<Block>()) {
    name = model_->blocks[static_cast<size_t>(block->index)].name_span;
  }
  const Site head_site{name, head.span, {}, {}};
  composition.steps.push_back({std::move(head), head_site, nullptr, {}});
  bool is_failed = false;
  for (const ast::PipeStep& step : pipe.steps) {
    Site site;
    std::vector<Value> operands;
    Value layer = PrepareStep(step, site, operands);
    is_failed |= layer.IsFailed();
    composition.steps.push_back(
        {std::move(layer), site, step.ascription ? &*step.ascription : nullptr, std::move(operands)});
  }
  if (is_failed) return FailedAt(span);
  return {std::make_shared<const Composition>(std::move(composition)), span, ""};
}

Value Evaluator::PrepareStep(const ast::PipeStep& step, Site& site, std::vector<Value>& operands) {
  const ast::Expr& expr = *step.layer;
  site = {expr.span, expr.span, step.op_span, {}};
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
  Value layer = PrepareStep(step, site, operands);
  const ast::TypeExpr* ascription = step.ascription ? &*step.ascription : nullptr;
  if (current.IsFailed() || layer.IsFailed()) return FailedAt(step.layer->span);
  operands.insert(operands.begin(), std::move(current));
  Value result = Apply(layer, std::move(operands), site);
  if (ascription != nullptr) CheckAscription(result, *ascription, *this, *model_, context_);
  return result;
}

// What a function made is called by its expression, where that is short.
std::string Evaluator::NameInMessages(const Value& operand) const {
  constexpr size_t kLongest = 32;
  const int value = operand.As<Tensor>()->index;
  const int node = model_->network.values[static_cast<size_t>(value)].node;
  const bool has_name = !model_->value_names[static_cast<size_t>(value)].empty();
  if (has_name || node < 0 || model_->LayerOfNode(node).def->form != LayerDef::Form::Function) {
    return model_->NameOf(value);
  }
  const std::string_view text = context_.sources.Text(operand.span);
  return IsShort(text, kLongest) ? std::string(text) : model_->NameOf(value);
}

Span Evaluator::MakerOf(const Value& operand) const {
  const auto index = static_cast<size_t>(operand.As<Tensor>()->index);
  const int node = model_->network.values[index].node;
  if (node < 0) return model_->type_spans[index].IsValid() ? model_->type_spans[index] : operand.span;
  const Span name = model_->SiteOfNode(node).name;
  return Contains(operand.span, name) ? name : operand.span;
}

bool Evaluator::RequireTensors(const std::vector<Value>& operands) {
  bool are_tensors = true;
  for (const Value& operand : operands) {
    if (operand.As<Tensor>() != nullptr) continue;
    are_tensors = false;
    if (operand.IsFailed()) continue;
    context_.diagnostics.Report(kinds::NotATensor, operand.span, Quoted(context_.sources.Text(operand.span)),
                                DescribeBeside(context_.sources.Text(operand.span), operand));
  }
  return are_tensors;
}

Value Evaluator::Apply(const Value& layer, std::vector<Value> operands, const Site& site) {
  if (const auto* composition = layer.As<std::shared_ptr<const Composition>>()) {
    return ApplyComposition(**composition, std::move(operands), site);
  }
  if (const Layer* instance = layer.As<Layer>()) {
    const LayerDef& def = *model_->network.layers[static_cast<size_t>(instance->index)].def;
    if (!def.call_params.empty()) return ApplyCall(instance->index, operands, site);
  }
  const std::vector<Value> spread = Spread(std::move(operands));
  if (!RequireTensors(spread)) return FailedAt(site.call);
  if (const Block* block = layer.As<Block>()) return ApplyBlock(block->index, spread, site);
  if (const auto* function = layer.As<std::shared_ptr<const FunctionCall>>()) {
    return ApplyFunction(**function, spread, site);
  }
  if (const auto* rename = layer.As<RenameCall>()) return Rename(*rename->call, spread, site);
  return ApplyInstance(layer.As<Layer>()->index, spread, {}, site);
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

Value Evaluator::ReportTensorCount(std::string_view name, std::string_view takes, const std::vector<Value>& operands,
                                   const Site& site, const std::string& help) {
  Diagnostic& diagnostic =
      context_.diagnostics.Report(kinds::TensorCount, site.name, name, takes, Written(operands.size()));
  for (const Value& operand : operands) {
    diagnostic.Label(operand.span, "is " + ToString(model_->TypeOf(operand.As<Tensor>()->index)));
  }
  if (!help.empty()) diagnostic.Help(help);
  return FailedAt(site.call);
}

Value Evaluator::ReportTensorCount(const LayerDef& def, const std::vector<Value>& operands, const Site& site) {
  const bool takes_one = def.inputs == LayerDef::Inputs::One;
  Diagnostic& diagnostic =
      context_.diagnostics.Report(kinds::TensorCount, site.name, def.name,
                                  takes_one ? "one tensor" : "two tensors or more", Written(operands.size()));
  // Several results of one layer are named by it.
  std::vector<int> nodes;
  for (const Value& operand : operands) {
    const int value = operand.As<Tensor>()->index;
    const int node = model_->network.values[static_cast<size_t>(value)].node;
    const bool is_one_of_several =
        node >= 0 && model_->network.nodes[static_cast<size_t>(node)].outputs.size() > 1 && takes_one;
    if (!is_one_of_several) {
      diagnostic.Label(operand.span, "is " + ToString(model_->TypeOf(value)));
    } else if (std::ranges::find(nodes, node) == nodes.end()) {
      nodes.push_back(node);
      diagnostic.Label(model_->SiteOfNode(node).name, "gives " + DescribeResults(*model_, node));
    }
  }
  const std::string layer(def.name);
  if (!takes_one) {
    diagnostic.Help("give it several, as in `" + layer + "()(a, b)`");
  } else if (operands.empty()) {
    diagnostic.Help("give it one, as in `" + layer + "(...)(x)`");
  } else if (nodes.empty()) {
    diagnostic.Help("make one of them with `Concatenate()` or `Add()`, or apply the layer to each");
  } else {
    OfferOneResult(*model_, nodes.front(), diagnostic);
  }
  return FailedAt(site.call);
}

Value Evaluator::ApplyCall(int index, const std::vector<Value>& operands, const Site& site) {
  const LayerDef& def = *model_->network.layers[static_cast<size_t>(index)].def;
  const std::vector<const Param*> params = def.TensorParams();
  std::vector<const Value*> given(params.size(), nullptr);
  size_t next = 0;
  bool has_too_many = false;
  for (const Value& operand : operands) {
    size_t place = next;
    if (operand.keyword.empty()) {
      ++next;
    } else {
      place = static_cast<size_t>(std::ranges::find(params, operand.keyword, &Param::name) - params.begin());
    }
    // One tensor is expected, a layer before gives several.
    has_too_many |=
        place >= params.size() || (params[place]->type == ParamType::Tensor && operand.As<Sequence>() != nullptr);
    if (has_too_many) break;
    if (given[place] != nullptr) {
      context_.diagnostics.Report(kinds::ArgumentTwice, operand.span, params[place]->name, def.name)
          .Label(given[place]->span, "given here");
      return FailedAt(site.call);
    }
    given[place] = &operand;
  }
  if (has_too_many) {
    const std::vector<Value> spread = Spread(operands);
    return RequireTensors(spread) ? ReportTensorCount(def, spread, site) : FailedAt(site.call);
  }
  std::vector<Value> tensors;
  std::vector<size_t> counts;
  for (size_t i = 0; i < params.size(); ++i) {
    const size_t before = tensors.size();
    if (given[i] != nullptr && (given[i]->As<None>() == nullptr || !params[i]->default_value)) {
      for (Value& tensor : Spread({*given[i]})) tensors.push_back(std::move(tensor));
    } else if (!params[i]->default_value) {
      return ReportTensorCount(def, {}, site);
    }
    counts.push_back(tensors.size() - before);
  }
  if (!RequireTensors(tensors)) return FailedAt(site.call);
  return ApplyInstance(index, tensors, std::move(counts), site);
}

Value Evaluator::ApplyInstance(int index, const std::vector<Value>& operands, std::vector<size_t> counts,
                               const Site& site) {
  const auto layer_index = static_cast<size_t>(index);
  const LayerDef& def = *model_->network.layers[layer_index].def;
  const bool takes_one = def.inputs == LayerDef::Inputs::One;
  if (def.call_params.empty() && (takes_one ? operands.size() != 1 : operands.size() < 2)) {
    return ReportTensorCount(def, operands, site);
  }
  if (!model_->layer_states[layer_index].is_usable || !CountUnrolled(1, site.name)) return FailedAt(site.call);
  if (const Span wrapped = model_->layer_states[layer_index].wrapped_at; wrapped.IsValid()) {
    ReportWrapped(context_.diagnostics, model_->network.layers[layer_index].name, site.name, "applied here", wrapped);
    return FailedAt(site.call);
  }
  for (const Value& operand : operands) {
    const TensorType& type = model_->TypeOf(operand.As<Tensor>()->index);
    if (type.has_batch) continue;
    const std::string text(context_.sources.Text(operand.span));
    context_.diagnostics.Report(kinds::NoBatchAxis, operand.span, "the constant " + Quoted(text))
        .Primary("is " + ToString(type) + ", a layer takes a tensor of samples")
        .Help("constants take part in arithmetic and functions, as in `x * " + text + "`");
    return FailedAt(site.call);
  }
  return AppendNode(index, operands, std::move(counts), site);
}

Value Evaluator::AppendNode(int index, const std::vector<Value>& operands, std::vector<size_t> counts,
                            const Site& site) {
  const auto layer_index = static_cast<size_t>(index);
  const LayerDef& def = *model_->network.layers[layer_index].def;
  const bool is_function = def.form == LayerDef::Form::Function;
  const int node_index = static_cast<int>(model_->network.nodes.size());
  NetworkNode node{.layer = index, .inputs = {}, .outputs = {}, .counts = counts};
  Diagnostics reported;
  InferContext infer{.args = model_->network.layers[layer_index].args,
                     .class_name = is_function ? def.function_name : def.name,
                     .inputs = {},
                     .name_span = site.name,
                     .call_span = model_->network.layers[layer_index].call_span,
                     .diagnostics = reported,
                     .piped = site.pipe.IsValid() && site.call == model_->network.layers[layer_index].call_span,
                     .counts = std::move(counts)};
  std::vector<TensorType> input_types;
  Elaboration::Taint taint = Elaboration::Taint::None;
  bool makes_wrong = false;
  for (const Value& operand : operands) {
    const int value = operand.As<Tensor>()->index;
    node.inputs.push_back(value);
    input_types.push_back(model_->TypeOf(value));
    // Keras casts what goes into a layer to the layer's own type of floats; functions take it as it is.
    if (!is_function && IsFloat(input_types.back().dtype)) input_types.back().dtype = DType::F32;
    if (model_->TaintOf(value) != Elaboration::Taint::None) taint = Elaboration::Taint::Follows;
    const bool is_piped = site.pipe.IsValid() && infer.inputs.empty();
    infer.inputs.push_back({.type = input_types.back(),
                            .span = MakerOf(operand),
                            .name = NameInMessages(operand),
                            .type_span = model_->type_spans[static_cast<size_t>(value)],
                            .use_span = operand.span,
                            .expression = is_piped ? Span() : operand.span,
                            .mask_axes = model_->network.values[static_cast<size_t>(value)].mask_axes});
  }
  const OperandRange masks = GivenMasks(def, node.counts);
  for (size_t i = masks.begin; i < masks.end; ++i) {
    infer.inputs[i - masks.begin].mask_axes = infer.inputs[i].type.shape.size();
  }
  infer.past = [&](size_t operand) { return PastOf(*model_, node.inputs[operand]); };
  infer.facts = &model_->facts;
  infer.require = [&](const Condition& condition) {
    // A function is known by its expression, where that is short.
    constexpr size_t kLongest = 40;
    const std::string_view text = context_.sources.Text(site.call);
    const bool is_shown = is_function && IsShort(text, kLongest);
    const std::string what = is_shown ? Quoted(text) : std::string(is_function ? def.function_name : def.name);
    return model_->Require(condition, what + " at " + PlaceText(context_.sources, site.name) + " needs ", site.name);
  };
  infer.offer_where = [&](Diagnostic& diagnostic, const std::vector<Condition>& needed) {
    return OfferWhere(diagnostic, *model_, needed);
  };
  std::vector<TensorType> types = def.infer(infer);
  const bool is_right = !reported.HasErrors();
  if (is_right && def.mask.is_read) LintMaskDropped(infer, node.inputs, *model_);
  for (const Diagnostic* diagnostic : reported.Sorted()) {
    // A warning is about the same axes as the error.
    if (!is_right && diagnostic->severity != Severity::Error) continue;
    if (taint == Elaboration::Taint::None || IsAboutArguments(*diagnostic)) {
      Diagnostic adopted = *diagnostic;
      for (const Operand& operand : infer.inputs) PointAtDeclaration(adopted, operand.type_span);
      context_.diagnostics.Adopt(std::move(adopted));
    }
    // The axes of a reduction tell its result's.
    const bool is_reduced = is_function && diagnostic->code.starts_with("E055");
    if (!KeepsShape(*diagnostic) || is_reduced) makes_wrong = true;
  }
  if (makes_wrong) taint = Elaboration::Taint::Wrong;
  const bool is_sure = is_right && taint == Elaboration::Taint::None;
  if (is_sure && !HasUnknownSize(input_types)) MakeWeights(index, input_types, site);
  int& first_node = model_->layer_states[layer_index].first_node;
  if (first_node < 0) first_node = node_index;
  std::vector<size_t> mask_axes;
  if (is_right && def.mask.of_results) mask_axes = def.mask.of_results(infer, types);

  Sequence results;
  for (TensorType& type : types) {
    if (is_sure &&
        ReportTooLarge(type.shape, "the result of " + std::string(def.name), site.name, context_.diagnostics)) {
      for (Axis& axis : type.shape) axis.size = Dim::Unknown();
      taint = Elaboration::Taint::Wrong;
    }
    for (Axis& axis : type.shape) {
      if (!axis.size.Constant()) axis.size = model_->facts.Simplify(axis.size);
    }
    const int value = model_->AddValue(std::move(type), site.call, node_index, taint);
    if (node.outputs.size() < mask_axes.size()) {
      model_->network.values.back().mask_axes = mask_axes[node.outputs.size()];
      model_->has_masks |= mask_axes[node.outputs.size()] > 0;
    }
    const bool is_named = types.size() > 1 && node.outputs.size() < def.results.size();
    if (is_named) model_->value_names.back() = def.results[node.outputs.size()];
    node.outputs.push_back(value);
    results.items.push_back({Tensor{value}, site.call, ""});
  }
  model_->network.nodes.push_back(std::move(node));
  model_->node_sites.push_back(site);
  if (results.items.size() == 1) return std::move(results.items[0]);
  return {std::move(results), site.call, ""};
}

// At its first application a layer gets its weights; every further one must fit them.
void Evaluator::MakeWeights(int index, const std::vector<TensorType>& inputs, const Site& site) {
  NetworkLayer& layer = model_->network.layers[static_cast<size_t>(index)];
  const int first_node = model_->layer_states[static_cast<size_t>(index)].first_node;
  size_t made = 0;
  for (MadeWeight& weight : layer.def->WeightsOf(layer.args, inputs)) {
    const std::string path = layer.name + "/" + weight.path;
    if (first_node >= 0) {
      if (made == layer.weights.size()) return;  // the first application had a mistake
      const Shape& first = model_->network.weights[static_cast<size_t>(layer.weights[made++])].shape;
      if (Sizes(first) == Sizes(weight.shape)) continue;
      context_.diagnostics.Report(kinds::SharedWeightShape, site.name, path, ToString(first), ToString(weight.shape))
          .Primary("given " + ToString(inputs.front()))
          .Label(model_->SiteOfNode(first_node).name,
                 "given " +
                     ToString(model_->TypeOf(model_->network.nodes[static_cast<size_t>(first_node)].inputs.front())) +
                     " before");
      return;
    }
    if (ReportTooLarge(weight.shape, "weight " + Quoted(path), site.name, context_.diagnostics)) return;
    // Rules report a symbolic size that would shape a weight.
    for (const Axis& axis : weight.shape) STRATA_CHECK(axis.size.Constant());
    layer.weights.push_back(static_cast<int>(model_->network.weights.size()));
    model_->network.weights.push_back({path, std::move(weight.path), index, weight.def, std::move(weight.shape)});
  }
}

}  // namespace strata::check
