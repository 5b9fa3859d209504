// Functions and operators on tensors: keras.ops as expressions. Each application is a layer without weights and a node.
#include <algorithm>
#include <utility>

#include "compiler/check/arithmetic.h"
#include "compiler/check/bind.h"
#include "compiler/check/names.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::check {
namespace {

bool IsNumber(const Value& value) {
  return value.As<Dim>() != nullptr || value.As<double>() != nullptr || value.As<bool>() != nullptr;
}

}  // namespace

const LayerDef& TensorFunction(Builtin builtin) {
  switch (builtin) {
    case Builtin::Ceil: return *FindFunction("ceil");
    case Builtin::Floor: return *FindFunction("floor");
    case Builtin::Max: return *FindFunction("max");
    case Builtin::Min: return *FindFunction("min");
    case Builtin::Rename: break;
  }
  STRATA_CHECK(false && "a Builtin");
}

Value Evaluator::CallFunction(const LayerDef& def, const ast::Call& call, Span span) {
  BoundArguments bound = BindFunction(def, call, {}, *this, context_);
  if (!bound.is_usable) return FailedAt(span);
  Site site{NameSpan(*call.callee), span, {}, {}};
  if (call.arguments.size() == 1) site.argument = call.arguments[0].span;
  return ApplyFunction({&def, std::move(bound.args), std::move(bound.tensors)}, {}, site);
}

Value Evaluator::PrepareFunction(const LayerDef& def, const ast::Call* call, Span span) {
  if (call == nullptr) {
    Diagnostic& diagnostic = context_.diagnostics.Report(kinds::FunctionWithoutParentheses, span, def.function_name);
    const std::string text = std::string(def.function_name) + "()";
    diagnostic.Help("write `" + text + "`", Applicability::MachineApplicable, {{span, text}});
    return FailedAt(span);
  }
  BoundArguments bound = BindFunction(def, *call, {.piped = true}, *this, context_);
  if (!bound.is_usable) return FailedAt(span);
  return {std::make_shared<const FunctionCall>(&def, std::move(bound.args), std::move(bound.tensors)), span, ""};
}

Value Evaluator::ApplyFunction(const FunctionCall& call, const std::vector<Value>& piped, const Site& site) {
  const LayerDef& def = *call.def;
  std::vector<std::vector<Value>> tensors = call.tensors;
  if (!piped.empty()) {
    const bool takes_one = def.TensorParams().front()->type != ParamType::Tensors;
    if (takes_one && piped.size() != 1) {
      Diagnostic& diagnostic =
          context_.diagnostics.Report(kinds::TensorCount, site.name, def.function_name, "one tensor from the pipe",
                                      Count(piped.size(), "tensor") + " are");
      for (const Value& operand : piped)
        diagnostic.Label(operand.span, "is " + ToString(model_->TypeOf(operand.As<Tensor>()->index)));
      return FailedAt(site.call);
    }
    tensors.front().insert(tensors.front().begin(), piped.begin(), piped.end());
  }
  std::vector<Value> operands;
  std::vector<size_t> counts;
  for (const std::vector<Value>& of_param : tensors) {
    operands.insert(operands.end(), of_param.begin(), of_param.end());
    counts.push_back(of_param.size());
  }
  if (operands.empty()) return ApplyToNumbers(call, site);
  const int index = static_cast<int>(model_->network.layers.size());
  const std::string name = NameLayer(*model_, def, std::nullopt, {}, site.name, context_.diagnostics);
  model_->network.layers.push_back({&def, name, call.args, site.name, site.call, {}});
  model_->layer_states.push_back({true});
  return AppendNode(index, operands, std::move(counts), site);
}

// `sqrt(64)`: what an elementwise function makes of constants is a constant.
Value Evaluator::ApplyToNumbers(const FunctionCall& call, const Site& site) {
  const std::optional<double> number = call.def->number ? call.def->number(call.args) : std::nullopt;
  if (number) return {*number, site.call, ""};
  context_.diagnostics.Report(kinds::NoTensor, site.name, call.def->function_name)
      .Primary("got numbers alone")
      .Help("give it a tensor");
  return FailedAt(site.call);
}

Value Evaluator::ApplyOperator(std::string_view name, const std::vector<const Value*>& sides, Span op, Span span) {
  const LayerDef* def = FindFunction(name);
  STRATA_CHECK(def != nullptr && def->params.size() == sides.size());
  FunctionCall call{def, {}, std::vector<std::vector<Value>>(sides.size())};
  std::vector<ConfigValue> values(sides.size());
  for (size_t i = 0; i < sides.size(); ++i) {
    const Value& side = *sides[i];
    if (side.IsFailed()) return FailedAt(span);
    if (side.As<Tensor>() != nullptr) {
      call.tensors[i].push_back(side);
    } else if (IsNumber(side)) {
      values[i] = *ToConfig(side);
      values[i].written = context_.sources.Text(side.span);
    } else {
      const std::string_view which = sides.size() == 1 ? "the operand of "
                                     : i == 0          ? "the left side of "
                                                       : "the right side of ";
      context_.diagnostics.Report(kinds::OperandType, side.span, std::string(which) + Quoted(name), Describe(side),
                                  "a tensor or a number");
      return FailedAt(span);
    }
  }
  call.args = Args(*def, std::move(values), std::vector<bool>(sides.size(), true));
  return ApplyFunction(call, {}, {op, span, {}, {}});
}

// `ceil`, `floor`, `max` and `min` are functions on tensors too.
Value Evaluator::CallOnTensor(Builtin function, const ast::Call& call, const Value& first, Span span) {
  const LayerDef& def = TensorFunction(function);
  BoundArguments bound = BindFunction(def, call, {.first = &first}, *this, context_);
  if (!bound.is_usable) return FailedAt(span);
  const Site site{NameSpan(*call.callee), span, {}, {}};
  return ApplyFunction({&def, std::move(bound.args), std::move(bound.tensors)}, {}, site);
}

// `and`, `or` and `not` decide at compile time.
Value Evaluator::ReportLogicOnTensor(std::string_view op, Span span, const Value& tensor, const std::string& written) {
  context_.diagnostics.Report(kinds::LogicOnTensor, tensor.span, Quoted(op), Quoted(context_.sources.Text(tensor.span)))
      .Primary("is " + ToString(model_->TypeOf(tensor.As<Tensor>()->index)))
      .Help("element by element it is " + Quoted(written), Applicability::MaybeIncorrect, {{span, written}});
  return FailedAt(span);
}

Value Evaluator::Slice(const Value& object, const ast::Index& index, Span span) {
  const LayerDef* def = FindFunction("[]");
  ConfigValue::List slices;
  bool is_failed = false;
  const auto bound = [&](const ast::ExprPtr& expr) -> ConfigValue {
    if (expr == nullptr) return {};
    const Value value = Evaluate(*expr);
    is_failed |= value.IsFailed();
    if (value.IsFailed()) return {};
    if (value.As<Dim>() == nullptr) {
      context_.diagnostics.Report(kinds::OperandType, expr->span, "an index", Describe(value), "an integer");
      is_failed = true;
      return {};
    }
    ConfigValue config = *ToConfig(value);
    config.written = context_.sources.Text(expr->span);
    return config;
  };
  for (const ast::IndexItem& item : index.items) {
    if (!item.axis) {
      ReportUnnamedIndex(object, item);
      is_failed = true;
      continue;
    }
    ConfigValue slice;
    if (item.is_range) {
      slice.data = ConfigValue::List{bound(item.begin), bound(item.end)};
    } else {
      slice = bound(item.begin);
    }
    slice.axis = item.axis->text;
    slice.axis_span = item.axis->span;
    slice.span = item.span;
    slices.push_back(std::move(slice));
  }
  if (is_failed) return FailedAt(span);
  FunctionCall call{def, Args(*def, {ConfigValue{}, ConfigValue{.data = std::move(slices)}}, {true, true}), {{object}}};
  const Span brackets{span.file, object.span.end, span.end};
  return ApplyFunction(call, {}, {brackets, span, {}, {}});
}

// `x[0]`, where the axis has no name.
void Evaluator::ReportUnnamedIndex(const Value& object, const ast::IndexItem& item) {
  const TensorType& type = model_->TypeOf(object.As<Tensor>()->index);
  Diagnostic& diagnostic =
      context_.diagnostics.Report(kinds::UnnamedIndex, item.span, Quoted(context_.sources.Text(item.span)));
  diagnostic.Label(object.span, "is " + ToString(type));
  const auto named = std::find_if(type.shape.begin() + static_cast<std::ptrdiff_t>(type.FirstAxis()), type.shape.end(),
                                  [](const Axis& axis) { return !axis.name.empty(); });
  if (named == type.shape.end()) {
    diagnostic.Help("name the axis first, as in an ascription, then write its name: `x[time: 0]`");
    return;
  }
  const std::string text = named->name + ": " + std::string(context_.sources.Text(item.span));
  diagnostic.Help("name the axis: " + Quoted(text), Applicability::MaybeIncorrect,
                  {{{item.span.file, item.span.begin, item.span.begin}, named->name + ": "}});
}

}  // namespace strata::check
