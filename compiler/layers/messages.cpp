#include "compiler/layers/messages.h"

#include <algorithm>
#include <cctype>

#include "compiler/source/catalogue.h"

namespace strata {

std::string AxisText(const Shape& shape, size_t axis) {
  return shape[axis].name.empty() ? "axis " + std::to_string(axis) : "`" + shape[axis].name + "`";
}

std::string AxisArgument(const Shape& shape, size_t axis) {
  return shape[axis].name.empty() ? std::to_string(axis) : shape[axis].name;
}

std::string OperandText(const InferContext& context, size_t operand) {
  const std::string& name = context.inputs[operand].name;
  return name.empty() ? "input " + std::to_string(operand + 1) : "`" + name + "`";
}

std::string Enumerate(const std::vector<std::string>& items) {
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? " and " : ", ";
    text += items[i];
  }
  return text;
}

Span ArgumentSpan(const InferContext& context, std::string_view name) {
  const bool is_written = context.args.Given(name) && context.args.SpanOf(name).IsValid();
  return is_written ? context.args.SpanOf(name) : context.name_span;
}

std::vector<Edit> SetArgument(const OperandPast::Maker& layer, std::string_view name, std::string_view value) {
  const Args& args = *layer.args;
  if (args.Given(name)) return {{args.SpanOf(name), std::string(value)}};
  const std::string argument = std::string(name) + "=" + std::string(value);
  Span last;
  for (const Param& param : args.def().params) {
    if (args.Given(param.name) && args.SpanOf(param.name).end > last.end) last = args.SpanOf(param.name);
  }
  if (last.IsValid()) return {{{last.file, last.end, last.end}, ", " + argument}};
  const Span call = layer.call_span;
  return {{{call.file, call.end - 1, call.end - 1}, argument}};  // before the closing parenthesis
}

std::vector<Edit> SetArgument(const InferContext& context, std::string_view name, std::string_view value) {
  return SetArgument({&context.args, context.call_span}, name, value);
}

std::vector<Edit> InsertStep(const InferContext& context, std::string_view step) {
  if (!context.piped) return {};
  const Span call = context.call_span;
  return {{{call.file, call.begin, call.begin}, std::string(step) + " |> "}};
}

std::vector<Edit> AppendStep(const InferContext& context, size_t operand, std::string_view step) {
  const Span use = context.inputs[operand].use_span;
  if (!use.IsValid()) return {};
  const LayerDef& def = context.args.def();
  const Span end{use.file, use.end, use.end};
  // A pipe binds looser than an operator: `x + (y |> step)`.
  const bool is_operator =
      def.form == LayerDef::Form::Function && std::isalpha(static_cast<unsigned char>(def.function_name.front())) == 0;
  if (!is_operator) return {{end, " |> " + std::string(step)}};
  return {{{use.file, use.begin, use.begin}, "("}, {end, " |> " + std::string(step) + ")"}};
}

std::vector<Edit> RemoveStep(const InferContext& context) {
  // What is before it in the pipe is its first operand.
  const Span use = context.inputs.front().use_span;
  if (!context.piped || !use.IsValid()) return {};
  return {{{use.file, use.end, context.call_span.end}, ""}};
}

std::vector<Edit> RewriteType(const InferContext& context, size_t operand, const Shape& shape) {
  const Operand& input = context.inputs[operand];
  if (!input.type_span.IsValid()) return {};
  return {{input.type_span, ToString(TensorType{input.type.dtype, shape})}};
}

Diagnostic& LabelDropped(InferContext& context, Diagnostic& diagnostic, size_t operand,
                         const std::vector<std::string_view>& axes) {
  Span place;
  std::vector<std::string> names;
  for (const OperandPast::Dropped& dropped : context.PastOf(operand).dropped) {
    if (std::ranges::find(axes, dropped.name) == axes.end()) continue;
    if (names.empty()) place = dropped.span;
    if (dropped.span == place) names.push_back("`" + dropped.name + "`");
  }
  if (!names.empty()) return diagnostic.Label(place, Enumerate(names) + " dropped here");
  const Operand& input = context.inputs[operand];
  if (!input.span.IsValid()) return diagnostic;
  return diagnostic.Label(input.span, "this is `" + ToString(input.type.shape) + "`");
}

std::optional<OperandPast::Maker> RecurrentLayer(const OperandPast::Maker& layer) {
  const std::vector<Param>& params = layer.args->def().params;
  if (std::ranges::find(params, "return_sequences", &Param::name) != params.end()) return layer;
  const auto wrapped = std::ranges::find(params, ParamType::Layer, &Param::type);
  if (wrapped == params.end()) return std::nullopt;
  const LayerArg* inner = layer.args->Get(wrapped->name).AsLayer();
  if (inner == nullptr) return std::nullopt;
  return RecurrentLayer({&inner->args, inner->call_span});
}

bool OfferSequences(Diagnostic& diagnostic, const OperandPast::Maker& layer) {
  const std::optional<OperandPast::Maker> recurrent = RecurrentLayer(layer);
  if (!recurrent) return false;
  diagnostic.Help("`return_sequences=True` there keeps `time`, a result for each step", Applicability::MaybeIncorrect,
                  SetArgument(*recurrent, "return_sequences", "True"));
  return true;
}

std::string ChainOfSizes(const InferContext& context, size_t operand, size_t axis) {
  const std::vector<std::vector<OperandPast::Change>> changes = context.PastOf(operand).changes;
  if (axis >= changes.size() || changes[axis].size() < 2) return "";
  std::string text = changes[axis].front().from.ToString();
  for (const OperandPast::Change& change : changes[axis]) text += " -> " + change.to.ToString();
  return text;
}

std::vector<Edit> CastEdit(const InferContext& context, size_t operand, std::string_view function) {
  const Span span = context.inputs[operand].expression;
  const std::string name(function);
  if (!span.IsValid()) return operand == 0 ? InsertStep(context, name + "()") : std::vector<Edit>{};
  return {{{span.file, span.begin, span.begin}, name + "("}, {{span.file, span.end, span.end}, ")"}};
}

void RequireFloats(InferContext& context) {
  const TensorType& input = context.input();
  if (IsFloat(input.dtype)) return;
  const std::string name(Name(input.dtype));
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::FloatsNeeded, context.name_span, context.class_name, ToString(input));
  diagnostic.Primary("computes with floating-point numbers")
      .Label(context.inputs.front().span, "its elements are " + name)
      .Help("`f32(...)` makes floats of them", Applicability::MaybeIncorrect, CastEdit(context, 0, "f32"));
  if (input.dtype == DType::U8) {
    diagnostic.Help("of the bytes of an image `Rescaling(1 / 255)` makes floats from 0 to 1",
                    Applicability::MaybeIncorrect, InsertStep(context, "Rescaling(1 / 255)"));
  }
  // The result is what it would be of floats.
  context.inputs.front().type.dtype = DType::F32;
}

Axis MadeAxis(const Shape& shape, size_t position, std::string_view name, Dim size) {
  Shape others = shape;
  others[position].name.clear();
  if (FindAxis(others, name)) return {.size = std::move(size)};
  return {.name = std::string(name), .size = std::move(size), .provisional = true};
}

}  // namespace strata
