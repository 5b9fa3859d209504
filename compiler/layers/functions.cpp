#include "compiler/layers/functions.h"

#include <cctype>
#include <limits>

#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

// "sum", "`+`"
std::string FunctionText(const InferContext& context) {
  const std::string name(context.class_name);
  return std::isalpha(static_cast<unsigned char>(name.front())) != 0 ? name : "`" + name + "`";
}

std::string HoldsText(const InferContext& context, size_t operand) {
  return OperandText(context, operand) + " holds " + std::string(Name(context.inputs[operand].type.dtype));
}

// Offers a cast of an operand.
void OfferCast(InferContext& context, Diagnostic& diagnostic, size_t operand, std::string_view function,
               const std::string& why, Applicability applicability = Applicability::MaybeIncorrect) {
  diagnostic.Help("`" + std::string(function) + "(...)` " + why, applicability, CastEdit(context, operand, function));
}

struct Range {
  double least;
  double most;
};

Range RangeOf(DType dtype) {
  switch (dtype) {
    case DType::F32: return {-std::numeric_limits<float>::max(), std::numeric_limits<float>::max()};
    case DType::F16: return {-65504, 65504};
    case DType::BF16: return {-3.38953139e38, 3.38953139e38};
    case DType::I8: return {-128, 127};
    case DType::U8: return {0, 255};
    case DType::I32: return {-2147483648.0, 2147483647.0};
    case DType::I64: return {-9223372036854775808.0, 9223372036854775807.0};
    case DType::Bool: return {0, 1};
  }
  return {};
}

bool ReportRange(InferContext& context, const ConfigValue& number, size_t like) {
  const DType dtype = context.inputs[like].type.dtype;
  const std::string name(Name(dtype));
  const Range range = RangeOf(dtype);
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::LiteralRange, number.span, Written(number), name);
  diagnostic.Primary("takes the element type of the tensor, " + name)
      .Label(context.inputs[like].span, HoldsText(context, like));
  if (IsFloat(dtype)) {
    diagnostic.Note("the largest " + name + " is " + ToString(Value(range.most)));
  } else {
    diagnostic.Note(name + " holds " + std::to_string(static_cast<int64_t>(range.least)) + " to " +
                    std::to_string(static_cast<int64_t>(range.most)));
  }
  if (dtype == DType::I8 || dtype == DType::U8) OfferCast(context, diagnostic, like, "i32", "holds larger integers");
  return false;
}

}  // namespace

// ---- Parameters ----

Param TensorParam(std::string_view name) { return {.name = name, .type = ParamType::Tensor, .doc = "The tensor."}; }

Param OperandParam(std::string_view name) {
  return {.name = name, .type = ParamType::Operand, .doc = "A tensor or a number."};
}

Param AxesParam() {
  return {.name = "axis",
          .type = ParamType::Axes,
          .doc = "The axis, by name or position, or a list of them.",
          .default_value = None(),
          .none_allowed = true};
}

Param KeepDims() {
  return {.name = "keepdims",
          .type = ParamType::Bool,
          .doc = "Whether the axes stay, with size 1.",
          .default_value = Value(false)};
}

// ---- Element types ----

namespace {

// What an operand must hold, and the message where it does not.
struct Elements {
  bool (*are_right)(DType);
  const Kind<std::string_view, std::string_view>& kind;
  std::string_view takes;  // the primary label
  std::string_view cast;   // the function that mends it, and what it does
  std::string_view effect;
};

bool Require(InferContext& context, size_t operand, const Elements& elements) {
  const TensorType& type = context.inputs[operand].type;
  if (elements.are_right(type.dtype)) return true;
  Diagnostic& diagnostic =
      context.diagnostics.Report(elements.kind, context.name_span, FunctionText(context), ToString(type));
  diagnostic.Primary(std::string(elements.takes)).Label(context.inputs[operand].span, HoldsText(context, operand));
  OfferCast(context, diagnostic, operand, elements.cast, std::string(elements.effect));
  return false;
}

bool IsInteger(DType dtype) { return !IsFloat(dtype) && dtype != DType::Bool; }
bool IsNumber(DType dtype) { return dtype != DType::Bool; }
bool IsTruth(DType dtype) { return dtype == DType::Bool; }

}  // namespace

bool RequireFloats(InferContext& context, size_t operand) {
  return Require(context, operand,
                 {IsFloat, kinds::FloatsNeeded, "computes with floating-point numbers", "f32", "makes floats of them"});
}

bool RequireNumbers(InferContext& context, size_t operand) {
  return Require(context, operand,
                 {IsNumber, kinds::NumbersNeeded, "computes with numbers", "f32",
                  "makes 1 of True and 0 of False; so does `i32(...)`"});
}

bool RequireIntegers(InferContext& context, size_t operand) {
  return Require(context, operand,
                 {IsInteger, kinds::IntegersNeeded, "takes integers", "i32", "makes integers of them, towards zero"});
}

bool RequireTruth(InferContext& context, size_t operand) {
  return Require(context, operand,
                 {IsTruth, kinds::TruthNeeded, "takes truth values", "bool",
                  "is False where an element is 0, else True; so is a comparison"});
}

bool RequireOneType(InferContext& context, size_t begin, size_t end) {
  for (size_t i = begin + 1; i < end; ++i) {
    const DType first = context.inputs[begin].type.dtype;
    const DType other = context.inputs[i].type.dtype;
    if (first == other) continue;
    Diagnostic& diagnostic =
        context.diagnostics.Report(kinds::MergedTypesDiffer, context.name_span, OperandText(context, begin),
                                   Name(first), OperandText(context, i), Name(other));
    diagnostic.Primary("takes elements of one type");
    for (const size_t operand : {begin, i}) {
      diagnostic.Label(context.inputs[operand].span,
                       OperandText(context, operand) + " is `" + ToString(context.inputs[operand].type) + "`");
    }
    // Towards floats, and towards f32 among floats.
    const bool to_first = IsFloat(first) && (!IsFloat(other) || first == DType::F32);
    const DType target = to_first ? first : IsFloat(other) ? other : first;
    OfferCast(context, diagnostic, target == first ? i : begin, Name(target), "brings one to the type of the other");
    return false;
  }
  return true;
}

bool RequireLiteral(InferContext& context, const ConfigValue& number, size_t like) {
  const DType dtype = context.inputs[like].type.dtype;
  const bool is_truth = number.AsBool() != nullptr;
  const bool is_integer = number.AsDim() != nullptr;
  const bool fits = IsFloat(dtype) ? !is_truth : dtype == DType::Bool ? is_truth : is_integer;
  if (!fits) {
    const std::string kind = is_truth ? "a truth value" : is_integer ? "an integer" : "a float";
    Diagnostic& diagnostic = context.diagnostics.Report(kinds::LiteralType, number.span, Written(number), kind,
                                                        OperandText(context, like), Name(dtype));
    diagnostic.Primary("is " + kind)
        .Label(context.inputs[like].span,
               OperandText(context, like) + " is `" + ToString(context.inputs[like].type) + "`");
    if (is_truth) {
      diagnostic.Help("write a number, as in `" + std::string(*number.AsBool() ? "1" : "0") + "`",
                      Applicability::MaybeIncorrect, {{number.span, *number.AsBool() ? "1" : "0"}});
    } else if (dtype == DType::Bool) {
      OfferCast(context, diagnostic, like, is_integer ? "i32" : "f32", "makes 1 of True and 0 of False");
    } else {
      OfferCast(context, diagnostic, like, "f32", "makes floats of the integers", Applicability::MachineApplicable);
    }
    return false;
  }
  const Range range = RangeOf(dtype);
  double value = 0;
  if (const double* real = number.AsFloat()) value = *real;
  if (is_integer) {
    const std::optional<int64_t> constant = number.AsDim()->Constant();
    if (!constant || dtype == DType::I64) return true;  // a symbolic size takes the type as integers do: it wraps
    value = static_cast<double>(*constant);
  }
  return (value >= range.least && value <= range.most) || ReportRange(context, number, like);
}

std::optional<size_t> RequireNewAxis(InferContext& context, const TensorType& type) {
  const int64_t rank = static_cast<int64_t>(type.shape.size()) + 1;
  const int64_t axis = context.args.Int("axis");
  const int64_t position = axis < 0 ? axis + rank : axis;
  const int64_t first = static_cast<int64_t>(type.FirstAxis());
  if (position >= first && position < rank) return static_cast<size_t>(position);
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::NewAxisPosition, ArgumentSpan(context, "axis"),
                                                      context.class_name, axis, first, rank - 1);
  diagnostic.Primary(position == 0 ? "the batch axis stays first" : "outside of the result")
      .Label(context.inputs.front().span, "this is `" + ToString(type.shape) + "`")
      .Help("for the last position write `axis=-1`", Applicability::MaybeIncorrect, SetArgument(context, "axis", "-1"));
  return std::nullopt;
}

DType SumType(DType dtype) {
  return dtype == DType::I8 || dtype == DType::U8 || dtype == DType::Bool ? DType::I32 : dtype;
}

// ---- Expansion ----

core::Expr Number(core::MapBuilder& map, const ConfigValue& number, DType dtype) {
  if (const bool* truth = number.AsBool()) return map.Constant(*truth ? 1 : 0, dtype);
  if (const double* real = number.AsFloat()) return map.Constant(*real, dtype);
  return map.Size(*number.AsDim(), dtype);
}

core::Expr Number(core::Expr beside, double number) {
  return beside.builder->Constant(number, beside.builder->TypeOf(beside));
}

std::optional<double> ConstantOf(core::Expr expr) {
  const std::vector<core::Map::Node> nodes = expr.builder->Finish(expr);
  if (nodes.size() != 1 || nodes.front().function != core::Map::Function::Constant) return std::nullopt;
  return nodes.front().value;
}

}  // namespace strata::layers
