// Calls: `Conv2D(16, 3)` makes a layer, `dense(x)` applies one, `max(a, b)` computes a size.
#include <algorithm>
#include <utility>

#include "compiler/check/arithmetic.h"
#include "compiler/check/bind.h"
#include "compiler/check/names.h"
#include "compiler/layers/messages.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

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

// Likewise of a block.
void OfferForBlock(Diagnostic& diagnostic, const ast::Function& block, std::string_view keyword,
                   const std::vector<std::string_view>& tensors) {
  const bool is_config =
      std::ranges::any_of(block.config, [&](const ast::ConfigParam& param) { return param.name.text == keyword; });
  if (is_config) {
    diagnostic.Help("it is configuration, which stands before the tensors: " +
                    Quoted(block.name.text + "(" + std::string(keyword) + "=...)(...)"));
  } else {
    diagnostic.Note("its tensors are " + ListOf(tensors, "and"));
  }
}

// What holds the layers of a list was not written, so that it has no name yet.
void NameHolders(Args& args, Elaboration& model, Diagnostics& diagnostics) {
  const std::vector<Param>& params = args.def().params;
  std::vector<ConfigValue> values;
  std::vector<bool> given;
  for (const Param& param : params) {
    values.push_back(args.Get(param.name));
    given.push_back(args.Given(param.name));
    const LayerArg* layer = param.type == ParamType::Layer ? values.back().AsLayer() : nullptr;
    if (layer == nullptr || !layer->name.empty()) continue;
    LayerArg named = *layer;
    named.name = NameLayer(model, *named.def, std::nullopt, {}, named.name_span, diagnostics);
    values.back().data = std::make_shared<const LayerArg>(std::move(named));
  }
  args = Args(args.def(), std::move(values), std::move(given));
}

}  // namespace

Value Evaluator::ResolveCallee(const ast::Expr& callee) {
  const auto* name = callee.As<ast::NameRef>();
  if (name == nullptr || IsBound(name->name)) return Evaluate(callee);
  if (!context_.misses_names) ReportUnknownLayer(context_, callee.span, name->name, scope_.Names());
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
  if (bound.has_tensor || !CountUnrolled(1, name) || !FillName(bound)) return FailedAt(span);
  NameHolders(bound.args, *model_, context_.diagnostics);
  const int index = static_cast<int>(model_->network.layers.size());
  const std::string instance = NameLayer(*model_, *layer.def, bound.name, bound.name_span, name, context_.diagnostics);
  model_->network.layers.push_back({layer.def, instance, std::move(bound.args), name, span, {}});
  model_->layer_states.push_back({bound.is_usable});
  Value value{Layer{index}, span, ""};
  RememberMade(call, value);
  return value;
}

std::vector<Value> Evaluator::EvaluateOperands(const Value& layer, const ast::Call& call) {
  // Asked for each time: an operand may make layers of its own, which moves the others.
  const auto made = [&]() -> const NetworkLayer* {
    const Layer* instance = layer.As<Layer>();
    return instance == nullptr ? nullptr : &model_->network.layers[static_cast<size_t>(instance->index)];
  };
  const LayerDef* def = made() == nullptr ? nullptr : made()->def;
  const Block* block = layer.As<Block>();
  const ast::Function* function =
      block == nullptr ? nullptr : model_->blocks[static_cast<size_t>(block->index)].name.function;
  // What its tensors are called.
  std::vector<std::string_view> names;
  if (def != nullptr) {
    for (const Param& param : def->call_params) names.push_back(param.name);
  } else if (function != nullptr) {
    for (const ast::TensorParam& input : function->inputs) names.push_back(input.name.text);
  }
  std::vector<Value> operands;
  for (const ast::Argument& argument : call.arguments) {
    if (!argument.keyword || std::ranges::find(names, argument.keyword->text) != names.end()) {
      operands.push_back(Evaluate(*argument.value));
      if (argument.keyword) operands.back().keyword = argument.keyword->text;
      continue;
    }
    const ast::Name& keyword = *argument.keyword;
    const std::string_view name = def != nullptr        ? def->name
                                  : function != nullptr ? std::string_view(function->name.text)
                                                        : "a composition";
    Diagnostic& diagnostic = context_.diagnostics.Report(kinds::UnknownCallArgument, keyword.span, name, keyword.text);
    const std::string_view nearest = NearestName(keyword.text, names);
    if (!nearest.empty()) {
      diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable,
                      {{keyword.span, std::string(nearest)}});
    } else if (const auto* bound = argument.value->As<ast::NameRef>();
               bound != nullptr && scope_.Find(bound->name) != nullptr &&
               scope_.Find(bound->name)->value.As<Tensor>() != nullptr) {
      diagnostic.Help("tensors are given by position: " + Quoted(bound->name), Applicability::MaybeIncorrect,
                      {{argument.span, bound->name}});
    } else if (function != nullptr) {
      OfferForBlock(diagnostic, *function, keyword.text, names);
    } else {
      OfferForLayer(diagnostic, made(), call, argument, context_.sources);
    }
    operands.push_back(FailedAt(argument.span));
  }
  return operands;
}

}  // namespace strata::check
