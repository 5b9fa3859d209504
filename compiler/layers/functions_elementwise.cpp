// Functions and operators that act on each element: one table, one shape rule, one expansion. And the casts.
#include <cmath>

#include "compiler/layers/broadcast.h"
#include "compiler/layers/functions.h"
#include "compiler/layers/merge.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

using core::Apply;
using core::Expr;
using Function = core::Map::Function;
using Exprs = std::vector<Expr>;

using Require = bool (*)(InferContext&, size_t operand);
bool RequireNothing(InferContext&, size_t) { return true; }

enum class Gives { Same, Truth };

struct Elementwise {
  std::string_view class_name;
  std::string_view name;  // or the operator
  std::string_view summary;
  std::vector<std::string_view> params;  // `condition` holds truth values, the others elements of one type
  Require require;                       // what these elements must be
  Gives gives;
  Expr (*make)(const Exprs&);
  std::vector<LayerExample> examples;
};

// ---- Formulas ----

template <Function kFunction>
Expr Call(const Exprs& x) {
  return x.front().builder->Make(kFunction, x);
}

Expr Square(const Exprs& x) { return x[0] * x[0]; }
Expr Relu(const Exprs& x) { return Maximum(x[0], Number(x[0], 0)); }
Expr Clip(const Exprs& x) { return Minimum(Maximum(x[0], x[1]), x[2]); }
Expr Greater(const Exprs& x) { return Less(x[1], x[0]); }
Expr GreaterEqual(const Exprs& x) { return LessEqual(x[1], x[0]); }

// What is neither above nor below 0 stays itself: 0, -0, NaN.
Expr Sign(const Exprs& x) {
  const Expr zero = Number(x[0], 0);
  const bool is_unsigned = x[0].builder->TypeOf(x[0]) == DType::U8;
  const Expr rest = is_unsigned ? x[0] : Select(Less(x[0], zero), Number(x[0], -1), x[0]);
  return Select(Less(zero, x[0]), Number(x[0], 1), rest);
}

// A small whole exponent is a product, exact where the product is.
Expr Power(const Exprs& x) {
  const std::optional<double> exponent = ConstantOf(x[1]);
  if (exponent == 1) return x[0];
  if (exponent == 2) return x[0] * x[0];
  if (exponent == 3) return x[0] * x[0] * x[0];
  if (exponent == 4) return (x[0] * x[0]) * (x[0] * x[0]);
  return Call<Function::Power>(x);
}

// ---- The table ----

const std::vector<std::string_view> kOne = {"x"};
const std::vector<std::string_view> kTwo = {"x1", "x2"};

LayerExample Unary(std::string_view call) {
  return {{"f32[batch, time: 3, features: 7]"}, call, "f32[batch, time: 3, features: 7]"};
}
LayerExample UnaryInteger(std::string_view call) {
  return {{"i32[batch, features: 9]"}, call, "i32[batch, features: 9]"};
}
LayerExample Comparison(std::string_view call) {
  return {{"f32[batch, time: 3, features: 7]", "f32[batch, features: 7]"}, call, "bool[batch, time: 3, features: 7]"};
}
LayerExample Binary(std::string_view call) {
  return {{"f32[batch, time: 3, features: 7]", "f32[batch, features: 7]"}, call, "f32[batch, time: 3, features: 7]"};
}
LayerExample BinaryInteger(std::string_view call) {
  return {{"i32[batch, time: 3, features: 7]", "i32[batch, features: 7]"}, call, "i32[batch, time: 3, features: 7]"};
}
LayerExample Logic(std::string_view call) { return {{"f32[batch, features: 9]"}, call, "bool[batch, features: 9]"}; }

const std::vector<Elementwise>& Table() {
  static const std::vector<Elementwise> table = {
      {"Absolute",
       "abs",
       "Distance from 0.",
       kOne,
       RequireNumbers,
       Gives::Same,
       Call<Function::Abs>,
       {Unary("abs(x0)"), UnaryInteger("abs(x0)")}},
      {"Ceil",
       "ceil",
       "Next whole number above.",
       kOne,
       RequireFloats,
       Gives::Same,
       Call<Function::Ceil>,
       {Unary("ceil(x0)")}},
      {"Clip",
       "clip",
       "Elements below `x_min` become it, those above `x_max` that.",
       {"x", "x_min", "x_max"},
       RequireNumbers,
       Gives::Same,
       Clip,
       {Unary("clip(x0, -0.5, 0.5)"), UnaryInteger("clip(x0, 0, 1)")}},
      {"Cos", "cos", "Cosine.", kOne, RequireFloats, Gives::Same, Call<Function::Cos>, {Unary("cos(x0)")}},
      {"Erf", "erf", "Error function.", kOne, RequireFloats, Gives::Same, Call<Function::Erf>, {Unary("erf(x0)")}},
      {"Exp",
       "exp",
       "Exponential function.",
       kOne,
       RequireFloats,
       Gives::Same,
       Call<Function::Exp>,
       {Unary("exp(x0)")}},
      {"Expm1",
       "expm1",
       "exp(x) - 1, exact for small x.",
       kOne,
       RequireFloats,
       Gives::Same,
       Call<Function::Expm1>,
       {Unary("expm1(x0)")}},
      {"Floor",
       "floor",
       "Next whole number below.",
       kOne,
       RequireFloats,
       Gives::Same,
       Call<Function::Floor>,
       {Unary("floor(x0)")}},
      {"Log",
       "log",
       "Natural logarithm.",
       kOne,
       RequireFloats,
       Gives::Same,
       Call<Function::Log>,
       {Unary("log(abs(x0) + 0.1)")}},
      {"Log1p",
       "log1p",
       "log(1 + x), exact for small x.",
       kOne,
       RequireFloats,
       Gives::Same,
       Call<Function::Log1p>,
       {Unary("log1p(abs(x0))")}},
      {"LogicalAnd",
       "logical_and",
       "Whether both are True.",
       kTwo,
       RequireTruth,
       Gives::Truth,
       Call<Function::And>,
       {Logic("logical_and(x0 > -1, x0 < 1)")}},
      {"LogicalNot",
       "logical_not",
       "Whether it is False.",
       kOne,
       RequireTruth,
       Gives::Truth,
       Call<Function::Not>,
       {Logic("logical_not(x0 > 0)")}},
      {"LogicalOr",
       "logical_or",
       "Whether one or both are True.",
       kTwo,
       RequireTruth,
       Gives::Truth,
       Call<Function::Or>,
       {Logic("logical_or(x0 < -1, x0 > 1)")}},
      {"Maximum",
       "maximum",
       "The larger one.",
       kTwo,
       RequireNumbers,
       Gives::Same,
       Call<Function::Maximum>,
       {Binary("maximum(x0, x1)"), UnaryInteger("maximum(x0, 1)")}},
      {"Minimum",
       "minimum",
       "The smaller one.",
       kTwo,
       RequireNumbers,
       Gives::Same,
       Call<Function::Minimum>,
       {Binary("minimum(x0, x1)"), BinaryInteger("minimum(x0, x1)")}},
      {"Negative",
       "negative",
       "The number with the other sign, as `-x`.",
       kOne,
       RequireNumbers,
       Gives::Same,
       Call<Function::Negate>,
       {Unary("-x0"), UnaryInteger("negative(x0)")}},
      {"Relu",
       "relu",
       "The number where it is above 0, else 0.",
       kOne,
       RequireNumbers,
       Gives::Same,
       Relu,
       {Unary("relu(x0)"), UnaryInteger("relu(x0)")}},
      {"Round",
       "round",
       "Nearest whole number, of two the even one.",
       kOne,
       RequireFloats,
       Gives::Same,
       Call<Function::Round>,
       {Unary("round(x0)")}},
      {"Rsqrt",
       "rsqrt",
       "1 / sqrt(x).",
       kOne,
       RequireFloats,
       Gives::Same,
       Call<Function::Rsqrt>,
       {Unary("rsqrt(abs(x0) + 0.1)")}},
      {"Sigmoid",
       "sigmoid",
       "1 / (1 + exp(-x)).",
       kOne,
       RequireFloats,
       Gives::Same,
       Call<Function::Sigmoid>,
       {Unary("sigmoid(x0)")}},
      {"Sign",
       "sign",
       "-1, 0 or 1.",
       kOne,
       RequireNumbers,
       Gives::Same,
       Sign,
       {Unary("sign(x0)"), UnaryInteger("sign(x0)")}},
      {"Sin", "sin", "Sine.", kOne, RequireFloats, Gives::Same, Call<Function::Sin>, {Unary("sin(x0)")}},
      {"Sqrt",
       "sqrt",
       "Square root.",
       kOne,
       RequireFloats,
       Gives::Same,
       Call<Function::Sqrt>,
       {Unary("sqrt(abs(x0))")}},
      {"Square",
       "square",
       "x * x.",
       kOne,
       RequireNumbers,
       Gives::Same,
       Square,
       {Unary("square(x0)"), UnaryInteger("square(x0)")}},
      {"Tanh",
       "tanh",
       "Hyperbolic tangent.",
       kOne,
       RequireFloats,
       Gives::Same,
       Call<Function::Tanh>,
       {Unary("tanh(x0)")}},
      {"Where",
       "where",
       "`x1` where the condition is True, else `x2`.",
       {"condition", "x1", "x2"},
       RequireNothing,
       Gives::Same,
       Call<Function::Select>,
       {Binary("where(x0 > x1, x0, 0.5)"), BinaryInteger("where(x0 > 0, x0, x1)"), Unary("where(x0 > 0, 1.0, -1.0)")}},
      {"Add",
       "+",
       "Sum.",
       kTwo,
       RequireNumbers,
       Gives::Same,
       Call<Function::Add>,
       {Binary("x0 + x1"), BinaryInteger("1 + x0 + x1")}},
      {"Subtract",
       "-",
       "Difference.",
       kTwo,
       RequireNumbers,
       Gives::Same,
       Call<Function::Subtract>,
       {Binary("x1 - x0"), BinaryInteger("x0 - x1")}},
      {"Multiply",
       "*",
       "Product.",
       kTwo,
       RequireNumbers,
       Gives::Same,
       Call<Function::Multiply>,
       {Binary("x0 * x1"), BinaryInteger("x0 * x1 * 3")}},
      {"TrueDivide",
       "/",
       "Quotient of floats.",
       kTwo,
       RequireNothing,
       Gives::Same,
       Call<Function::Divide>,
       {Binary("x0 / (x1 * x1 + 0.5)"), Binary("x0 / x1.features")}},
      {"FloorDivide",
       "//",
       "Quotient, rounded down; of an integer by 0 it is 0.",
       kTwo,
       RequireNumbers,
       Gives::Same,
       Call<Function::FloorDivide>,
       {BinaryInteger("x0 // x1"), UnaryInteger("-7 // x0")}},
      {"Mod",
       "%",
       "What a division that rounds down leaves; of an integer by 0 it is 0.",
       kTwo,
       RequireNumbers,
       Gives::Same,
       Call<Function::Modulo>,
       {BinaryInteger("x0 % x1"), UnaryInteger("x0 % 3")}},
      {"Power",
       "**",
       "Power.",
       kTwo,
       RequireNumbers,
       Gives::Same,
       Power,
       {Unary("x0 ** 3"), Unary("abs(x0) ** 1.5"), UnaryInteger("x0 ** 2")}},
      {"Equal",
       "==",
       "Whether they are equal.",
       kTwo,
       RequireNothing,
       Gives::Truth,
       Call<Function::Equal>,
       {Comparison("round(x0) == round(x1)")}},
      {"NotEqual",
       "!=",
       "Whether they differ.",
       kTwo,
       RequireNothing,
       Gives::Truth,
       Call<Function::NotEqual>,
       {Comparison("round(x0) != round(x1)")}},
      {"Less",
       "<",
       "Whether the first is smaller.",
       kTwo,
       RequireNothing,
       Gives::Truth,
       Call<Function::Less>,
       {Comparison("x0 < x1")}},
      {"LessEqual",
       "<=",
       "Whether the first is not larger.",
       kTwo,
       RequireNothing,
       Gives::Truth,
       Call<Function::LessEqual>,
       {Comparison("x0 <= x1")}},
      {"Greater",
       ">",
       "Whether the first is larger.",
       kTwo,
       RequireNothing,
       Gives::Truth,
       Greater,
       {Comparison("x0 > x1")}},
      {"GreaterEqual",
       ">=",
       "Whether the first is not smaller.",
       kTwo,
       RequireNothing,
       Gives::Truth,
       GreaterEqual,
       {Comparison("x0 >= x1")}},
  };
  return table;
}

bool IsDivision(std::string_view name) { return name == "/" || name == "//" || name == "%"; }

// ---- The shape rule ----

bool IsZero(const ConfigValue& number) {
  return number.AsFloat() != nullptr ? *number.AsFloat() == 0 : number.AsDim() != nullptr && number.AsDim()->Is(0);
}

void ReportIntegerDivision(InferContext& context, size_t operand) {
  const std::string type(Name(context.inputs[operand].type.dtype));
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::IntegerDivision, context.name_span, type);
  diagnostic.Primary("divides floats")
      .Label(context.inputs[operand].span,
             OperandText(context, operand) + " is `" + ToString(context.inputs[operand].type) + "`")
      .Help("write `//` to round down", Applicability::MaybeIncorrect, {{context.name_span, "//"}});
  std::vector<Edit> edits;
  for (size_t i = 0; i < context.inputs.size(); ++i) {
    const std::vector<Edit> cast = CastEdit(context, i, "f32");
    edits.insert(edits.end(), cast.begin(), cast.end());
  }
  diagnostic.Help("`f32(...)` makes floats of the integers", Applicability::MaybeIncorrect, std::move(edits));
}

// Mistakes of an operator that is no function of all numbers.
bool CheckOperator(InferContext& context, const Elementwise& entry, size_t like) {
  const DType dtype = context.inputs[like].type.dtype;
  if (entry.name == "/" && dtype == DType::Bool) return RequireNumbers(context, like);
  if (entry.name == "/" && !IsFloat(dtype)) {
    ReportIntegerDivision(context, like);
    return false;
  }
  if (!context.RangeOf(entry.params.back()).IsEmpty()) return true;
  const ConfigValue& right = context.args.Get(entry.params.back());
  if (IsDivision(entry.name) && IsZero(right)) {
    context.diagnostics.Report(kinds::DivisionByZero, context.call_span).Label(right.span, "is 0");
    return false;
  }
  const std::optional<int64_t> exponent = right.AsDim() ? right.AsDim()->Constant() : std::nullopt;
  if (entry.name == "**" && !IsFloat(dtype) && exponent && *exponent < 0) {
    context.diagnostics.Report(kinds::IntegerPower, right.span, Name(dtype), Written(right))
        .Primary("gives fractions")
        .Label(context.inputs[like].span,
               OperandText(context, like) + " is `" + ToString(context.inputs[like].type) + "`")
        .Help("`f32(...)` makes floats of the integers", Applicability::MaybeIncorrect, CastEdit(context, like, "f32"));
    return false;
  }
  return true;
}

// The type of numbers where no tensor tells it.
DType TypeOfNumbers(const InferContext& context, const Elementwise& entry) {
  DType dtype = DType::I32;
  for (const std::string_view param : entry.params) {
    const ConfigValue& value = context.args.Get(param);
    if (value.AsFloat() != nullptr) return DType::F32;
    if (value.AsBool() != nullptr) dtype = DType::Bool;
  }
  return dtype;
}

// The elements' type, as far as it can be told.
DType CheckElements(InferContext& context, const Elementwise& entry) {
  const bool has_condition = entry.params.front() == "condition";
  const size_t first = has_condition ? 1 : 0;
  if (has_condition) RequireTruth(context, 0);
  if (first == context.inputs.size()) return TypeOfNumbers(context, entry);
  const DType dtype = context.inputs[first].type.dtype;
  for (size_t i = first + 1; i < context.inputs.size(); ++i) {
    const DType other = context.inputs[i].type.dtype;
    if (other == dtype) continue;
    RequireOneType(context, first, context.inputs.size());
    return IsFloat(other) && !IsFloat(dtype) ? other : dtype;
  }
  if (!entry.require(context, first)) {
    return entry.require == RequireTruth ? DType::Bool : entry.require == RequireIntegers ? DType::I32 : DType::F32;
  }
  for (const std::string_view param : entry.params) {
    const ConfigValue& number = context.args.Get(param);
    if (!number.IsNone() && !RequireLiteral(context, number, first)) return number.AsFloat() ? DType::F32 : dtype;
  }
  return CheckOperator(context, entry, first) ? dtype : DType::F32;
}

std::vector<TensorType> Infer(InferContext& context, const Elementwise& entry) {
  Broadcast broadcast = BroadcastOf(context);
  if (broadcast.problem) ReportBroadcast(context, *broadcast.problem);
  const DType dtype = CheckElements(context, entry);
  return {{.dtype = entry.gives == Gives::Truth ? DType::Bool : dtype,
           .shape = std::move(broadcast.shape),
           .has_batch = broadcast.has_batch}};
}

// ---- Expansion ----

// The element type of what is no condition.
DType ElementType(const ExpandContext& context, const Elementwise& entry) {
  const size_t first = entry.params.front() == "condition" ? 1 : 0;
  return first < context.input_types.size() ? context.input_types[first].dtype : context.output_types.front().dtype;
}

std::vector<core::ValueId> Expand(ExpandContext& context, const Elementwise& entry) {
  const Broadcast broadcast = BroadcastOf(context);
  STRATA_CHECK(!broadcast.problem.has_value());
  const DType dtype = ElementType(context, entry);
  core::MapBuilder map;
  Exprs arguments;
  int operand = 0;
  for (const std::string_view param : entry.params) {
    if (context.RangeOf(param).IsEmpty()) {
      arguments.push_back(Number(map, context.args.Get(param), dtype));
      continue;
    }
    arguments.push_back(map.Operand(operand, context.input_types[static_cast<size_t>(operand)].dtype));
    ++operand;
  }
  return {context.builder.Map(context.inputs, broadcast.axes, broadcast.shape.size(), entry.make(arguments))};
}

// `sqrt(64)`: of numbers alone, in float64.
std::optional<double> OfNumbers(const Args& args, const Elementwise& entry) {
  core::MapBuilder map;
  Exprs arguments;
  for (const std::string_view param : entry.params) {
    const ConfigValue& value = args.Get(param);
    std::optional<double> number;
    if (value.AsFloat() != nullptr) number = *value.AsFloat();
    if (value.AsDim() != nullptr && value.AsDim()->Constant()) number = static_cast<double>(*value.AsDim()->Constant());
    if (!number) return std::nullopt;
    arguments.push_back(map.Constant(*number));
  }
  if (entry.gives == Gives::Truth) return std::nullopt;
  return ConstantOf(entry.make(arguments));
}

// ---- Casts ----

std::vector<core::ValueId> ExpandCast(ExpandContext& context) {
  return {context.builder.Cast(context.input(), context.output_types.front().dtype)};
}

LayerDef CastTo(DType dtype, std::string_view summary, std::vector<LayerExample> examples) {
  return {.name = "Cast",
          .summary = summary,
          .form = LayerDef::Form::Function,
          .function_name = Name(dtype),
          .params = {TensorParam()},
          .infer =
              [dtype](InferContext& context) {
                TensorType type = context.input();
                type.dtype = dtype;
                return std::vector<TensorType>{type};
              },
          .expand = ExpandCast,
          .examples = std::move(examples)};
}

}  // namespace

std::vector<LayerDef> ElementwiseFunctions() {
  std::vector<LayerDef> functions;
  for (const Elementwise& entry : Table()) {
    LayerDef& def = functions.emplace_back();
    def.name = entry.class_name;
    def.summary = entry.summary;
    def.form = LayerDef::Form::Function;
    def.function_name = entry.name;
    for (const std::string_view param : entry.params) {
      const bool is_condition = param == "condition";
      def.params.push_back(is_condition ? TensorParam(param) : OperandParam(param));
    }
    def.infer = [&entry](InferContext& context) { return Infer(context, entry); };
    def.expand = [&entry](ExpandContext& context) { return Expand(context, entry); };
    def.number = [&entry](const Args& args) { return OfNumbers(args, entry); };
    def.examples = entry.examples;
  }
  return functions;
}

std::vector<LayerDef> CastFunctions() {
  return {
      CastTo(DType::F32, "As f32.", {{{"i32[batch, features: 9]"}, "f32(x0)", "f32[batch, features: 9]"}}),
      CastTo(DType::F16, "As f16, rounded to the nearest.",
             {{{"f32[batch, features: 9]"}, "f16(x0)", "f16[batch, features: 9]"}}),
      CastTo(DType::BF16, "As bf16, rounded to the nearest.",
             {{{"f32[batch, features: 9]"}, "bf16(x0)", "bf16[batch, features: 9]"}}),
      CastTo(DType::I8, "As i8: floats are cut towards zero and at its bounds, integers wrap.",
             {{{"f32[batch, features: 9]"}, "i8(100 * x0)", "i8[batch, features: 9]"}}),
      CastTo(DType::U8, "As u8, likewise.", {{{"i32[batch, features: 9]"}, "u8(x0)", "u8[batch, features: 9]"}}),
      CastTo(DType::I32, "As i32, likewise.",
             {{{"f32[batch, features: 9]"}, "i32(10 * x0)", "i32[batch, features: 9]"}}),
      CastTo(DType::I64, "As i64, likewise.",
             {{{"f32[batch, features: 9]"}, "i64(10 * x0)", "i64[batch, features: 9]"}}),
      CastTo(DType::Bool, "Whether an element is not 0.",
             {{{"i32[batch, features: 9]"}, "bool(x0)", "bool[batch, features: 9]"}}),
  };
}

}  // namespace strata::layers
