// Reductions over axes, and running sums and products.
#include <algorithm>
#include <limits>
#include <numeric>

#include "compiler/layers/functions.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

using core::Apply;
using core::Builder;
using core::Expr;
using core::MapBuilder;
using core::ValueId;
using Kind = core::Reduce::Kind;

// ---- Shapes ----

// Every axis but the batch, as `axis=` is written: `[height, width]`, or one alone.
std::string AllAxes(const TensorType& type) {
  const size_t first = type.FirstAxis();
  if (type.shape.size() == first + 1) return AxisArgument(type.shape, first);
  std::string text;
  for (size_t i = first; i < type.shape.size(); ++i) text += (text.empty() ? "" : ", ") + AxisArgument(type.shape, i);
  return "[" + text + "]";
}

// Without `axis=` Keras reduces everything, the batch as well.
void ReportNoAxis(InferContext& context) {
  const TensorType& type = context.input();
  const std::string axes = AllAxes(type);
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::BatchAxis, context.name_span, context.class_name, AxisText(type.shape, 0));
  diagnostic.Primary("without `axis=` it takes all axes of `" + ToString(type.shape) + "`")
      .Note("each sample of a batch is computed by itself");
  if (type.shape.size() > 1) {
    diagnostic.Help("for one number a sample write `axis=" + axes + "`", Applicability::MaybeIncorrect,
                    SetArgument(context, "axis", axes));
  }
}

// The reduced axes, increasing; nothing where they are wrong, which is reported.
std::optional<std::vector<size_t>> AxesOf(InferContext& context) {
  const TensorType& type = context.input();
  if (!context.args.Get("axis").IsNone()) return RequireAxes(context);
  if (type.has_batch) {
    ReportNoAxis(context);
    return std::nullopt;
  }
  std::vector<size_t> all(type.shape.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

TensorType WithoutAxes(const TensorType& type, const std::vector<size_t>& axes, bool keeps) {
  TensorType result{.dtype = type.dtype, .shape = {}, .has_batch = type.has_batch};
  for (size_t i = 0; i < type.shape.size(); ++i) {
    const bool is_reduced = std::ranges::find(axes, i) != axes.end();
    if (is_reduced && !keeps) continue;
    result.shape.push_back(type.shape[i]);
    if (!is_reduced) continue;
    result.shape.back().size = 1;
    result.shape.back().deliberate_one = true;
  }
  return result;
}

// ---- Expansion ----

struct Reduced {
  Builder& builder;
  ValueId input;          // cast to the type that is computed in
  std::vector<int> axes;  // increasing

  size_t Rank() const { return builder.ExtentsOf(input).size(); }
  ValueId Reduce(ValueId value, Kind kind) const { return builder.Reduce(value, kind, axes); }
  // Elementwise between the input and what is reduced, without its axes.
  ValueId Beside(ValueId value, ValueId reduced, Expr result) const {
    std::vector<int> all, kept;
    for (int axis = 0; axis < static_cast<int>(Rank()); ++axis) {
      all.push_back(axis);
      if (std::ranges::find(axes, axis) == axes.end()) kept.push_back(axis);
    }
    return builder.Map({value, reduced}, {all, kept}, Rank(), result);
  }
};

template <Kind kKind>
ValueId Simple(const Reduced& of) {
  return of.Reduce(of.input, kKind);
}

ValueId Variance(const Reduced& of) {
  const ValueId mean = of.Reduce(of.input, Kind::Mean);
  MapBuilder map;
  const Expr off = map.Operand(0) - map.Operand(1);
  return of.Reduce(of.Beside(of.input, mean, off * off), Kind::Mean);
}

ValueId Deviation(const Reduced& of) {
  MapBuilder map;
  return of.builder.Map({Variance(of)}, Apply(core::Map::Function::Sqrt, map.Operand(0)));
}

// The largest element is taken off first, so that exp cannot overflow; not where it is infinite, and would make NaN.
ValueId LogSumExp(const Reduced& of) {
  const ValueId largest = of.Reduce(of.input, Kind::Max);
  MapBuilder finite;
  const Expr x = finite.Operand(0);
  const ValueId shift = of.builder.Map({largest}, Select(Less(Apply(core::Map::Function::Abs, x),
                                                              finite.Constant(std::numeric_limits<double>::infinity())),
                                                         x, finite.Constant(0)));
  MapBuilder shifted;
  const ValueId powers =
      of.Beside(of.input, shift, Apply(core::Map::Function::Exp, shifted.Operand(0) - shifted.Operand(1)));
  MapBuilder map;
  return of.builder.Map({of.Reduce(powers, Kind::Sum), shift},
                        Apply(core::Map::Function::Log, map.Operand(0)) + map.Operand(1));
}

// ---- The table ----

DType Same(DType dtype) { return dtype; }
DType MeanType(DType dtype) { return IsFloat(dtype) ? dtype : DType::F32; }
DType PositionType(DType) { return DType::I32; }
// Sums of f16 and bf16 are taken in f32, as Keras' backends take them.
DType SumInType(DType dtype) { return IsFloat(dtype) ? DType::F32 : SumType(dtype); }
DType InFloats(DType) { return DType::F32; }

using Require = bool (*)(InferContext&, size_t operand);
bool RequireNothing(InferContext&, size_t) { return true; }

struct Reduction {
  std::string_view class_name;
  std::string_view name;
  std::string_view summary;
  Require require;           // what the elements must be
  DType (*gives)(DType);     // the result's type
  DType (*computes)(DType);  // the type that the elements are cast to first
  ValueId (*expand)(const Reduced&);
  std::vector<LayerExample> examples;
};

const std::vector<Reduction>& Reductions() {
  static const std::vector<Reduction> reductions = {
      {"All",
       "all",
       "Whether all elements are True.",
       RequireTruth,
       Same,
       Same,
       Simple<Kind::Min>,
       {{{"f32[batch, time: 3, features: 4]"}, "all(x0 < 1, axis=time)", "bool[batch, features: 4]"}}},
      {"Any",
       "any",
       "Whether any element is True.",
       RequireTruth,
       Same,
       Same,
       Simple<Kind::Max>,
       {{{"f32[batch, time: 3, features: 4]"}, "any(x0 > 1, axis=-1)", "bool[batch, time: 3]"}}},
      {"Argmax",
       "argmax",
       "Position of the largest element; of equal ones, the first.",
       RequireNumbers,
       PositionType,
       Same,
       Simple<Kind::ArgMax>,
       {{{"f32[batch, time: 3, classes: 9]"}, "argmax(x0, axis=classes)", "i32[batch, time: 3]"},
        {{"i32[batch, time: 3, classes: 9]"},
         "argmax(x0, axis=time, keepdims=True)",
         "i32[batch, time: 1, classes: 9]"}}},
      {"Argmin",
       "argmin",
       "Position of the smallest element; of equal ones, the first.",
       RequireNumbers,
       PositionType,
       Same,
       Simple<Kind::ArgMin>,
       {{{"f32[batch, time: 3, classes: 9]"}, "argmin(x0, axis=-1)", "i32[batch, time: 3]"}}},
      {"Logsumexp",
       "logsumexp",
       "log(sum(exp(x))), without overflow.",
       RequireFloats,
       Same,
       InFloats,
       LogSumExp,
       {{{"f32[batch, time: 3, features: 7]"}, "logsumexp(100 * x0, axis=features)", "f32[batch, time: 3]"}}},
      {"Max",
       "max",
       "Largest element.",
       RequireNumbers,
       Same,
       Same,
       Simple<Kind::Max>,
       {{{"f32[batch, height: 3, width: 4, channels: 5]"}, "max(x0, axis=[height, width])", "f32[batch, channels: 5]"},
        {{"i32[batch, time: 3, features: 4]"}, "max(x0, axis=time)", "i32[batch, features: 4]"}}},
      {"Mean",
       "mean",
       "Mean of the elements; of integers in f32.",
       RequireNothing,
       MeanType,
       InFloats,
       Simple<Kind::Mean>,
       {{{"f32[batch, height: 3, width: 4, channels: 5]"},
         "mean(x0, axis=[height, width], keepdims=True)",
         "f32[batch, height: 1, width: 1, channels: 5]"},
        {{"i32[batch, time: 3, features: 4]"}, "mean(x0, axis=time)", "f32[batch, features: 4]"}}},
      {"Min",
       "min",
       "Smallest element.",
       RequireNumbers,
       Same,
       Same,
       Simple<Kind::Min>,
       {{{"f32[batch, time: 3, features: 4]"}, "min(x0, axis=time)", "f32[batch, features: 4]"}}},
      {"Prod",
       "prod",
       "Product of the elements; of i8, u8 and bool in i32.",
       RequireNothing,
       SumType,
       SumInType,
       Simple<Kind::Product>,
       {{{"f32[batch, time: 3, features: 4]"}, "prod(x0, axis=features)", "f32[batch, time: 3]"}}},
      {"Std",
       "std",
       "Standard deviation: the root of `var`.",
       RequireNothing,
       MeanType,
       InFloats,
       Deviation,
       {{{"f32[batch, time: 5, features: 4]"}, "std(x0, axis=time)", "f32[batch, features: 4]"}}},
      {"Sum",
       "sum",
       "Sum of the elements; of i8, u8 and bool in i32.",
       RequireNothing,
       SumType,
       SumInType,
       Simple<Kind::Sum>,
       {{{"f32[batch, time: 3, features: 17]"}, "sum(x0, axis=time)", "f32[batch, features: 17]"},
        {{"f32[batch, time: 3, features: 17]"}, "sum(x0, axis=[time, features])", "f32[batch]"},
        {{"u8[batch, time: 3, features: 4]"}, "sum(x0, axis=-1, keepdims=True)", "i32[batch, time: 3, features: 1]"}}},
      {"Var",
       "var",
       "Mean of the squared distances from the mean.",
       RequireNothing,
       MeanType,
       InFloats,
       Variance,
       {{{"f32[batch, time: 5, features: 4]"}, "var(x0, axis=-1)", "f32[batch, time: 5]"}}},
  };
  return reductions;
}

std::vector<TensorType> InferReduction(InferContext& context, const Reduction& reduction) {
  const bool is_right = reduction.require(context, 0);
  DType dtype = reduction.gives(context.input().dtype);
  if (!is_right && reduction.require == RequireFloats) dtype = DType::F32;
  if (!is_right && reduction.require == RequireTruth) dtype = DType::Bool;
  std::optional<std::vector<size_t>> axes = AxesOf(context);
  if (axes && reduction.gives == PositionType && axes->size() != 1) {
    context.diagnostics
        .Report(kinds::OneAxis, ArgumentSpan(context, "axis"), context.class_name, static_cast<int64_t>(axes->size()))
        .Primary("a position is counted along one axis");
    axes = std::nullopt;
  }
  if (!axes) return {};
  TensorType type = WithoutAxes(context.input(), *axes, context.args.Bool("keepdims"));
  type.dtype = dtype;
  return {type};
}

std::vector<ValueId> ExpandReduction(ExpandContext& context, const Reduction& reduction) {
  const TensorType& type = context.input_type();
  std::vector<int> axes(type.shape.size());
  std::iota(axes.begin(), axes.end(), 0);
  if (!context.args.Get("axis").IsNone()) axes = ResolvedAxes(type.shape, context.args);
  Builder& builder = context.builder;
  const Reduced of{builder, builder.Cast(context.input(), reduction.computes(type.dtype)), axes};
  const TensorType& result = context.output_types.front();
  return {builder.Reshape(builder.Cast(reduction.expand(of), result.dtype), Sizes(result.shape))};
}

// ---- cumsum and cumprod ----

std::vector<TensorType> InferPrefix(InferContext& context) {
  RequireAxis(context, 0, context.args.Get("axis"));
  TensorType type = context.input();
  type.dtype = SumType(type.dtype);
  return {type};
}

template <core::Prefix::Kind kKind>
std::vector<ValueId> ExpandPrefix(ExpandContext& context) {
  const TensorType& type = context.input_type();
  const std::optional<size_t> axis = FindAxis(type.shape, context.args.Get("axis"));
  STRATA_CHECK(axis.has_value());
  Builder& builder = context.builder;
  const ValueId sums =
      builder.Prefix(builder.Cast(context.input(), SumInType(type.dtype)), kKind, static_cast<int>(*axis));
  return {builder.Cast(sums, context.output_types.front().dtype)};
}

LayerDef Prefix(std::string_view class_name, std::string_view name, std::string_view summary,
                std::vector<ValueId> (*expand)(ExpandContext&), std::vector<LayerExample> examples) {
  return {.name = class_name,
          .summary = summary,
          .form = LayerDef::Form::Function,
          .function_name = name,
          .params = {TensorParam(), {.name = "axis", .type = ParamType::Axis, .doc = "The axis, by name or position."}},
          .infer = InferPrefix,
          .expand = expand,
          .examples = std::move(examples)};
}

}  // namespace

std::vector<LayerDef> ReductionFunctions() {
  std::vector<LayerDef> functions;
  for (const Reduction& reduction : Reductions()) {
    functions.push_back({.name = reduction.class_name,
                         .summary = reduction.summary,
                         .form = LayerDef::Form::Function,
                         .function_name = reduction.name,
                         .params = {TensorParam(), AxesParam(), KeepDims()},
                         .infer = [&reduction](InferContext& context) { return InferReduction(context, reduction); },
                         .expand = [&reduction](ExpandContext& context) { return ExpandReduction(context, reduction); },
                         .examples = reduction.examples});
  }
  functions.push_back(
      Prefix("Cumprod", "cumprod", "Product of the elements up to each.", ExpandPrefix<core::Prefix::Kind::Product>,
             {{{"f32[batch, time: 5, features: 4]"}, "cumprod(x0, axis=time)", "f32[batch, time: 5, features: 4]"}}));
  functions.push_back(
      Prefix("Cumsum", "cumsum", "Sum of the elements up to each.", ExpandPrefix<core::Prefix::Kind::Sum>,
             {{{"f32[batch, time: 5, features: 4]"}, "cumsum(x0, axis=time)", "f32[batch, time: 5, features: 4]"},
              {{"u8[batch, time: 5, features: 4]"}, "cumsum(x0, axis=-1)", "i32[batch, time: 5, features: 4]"}}));
  return functions;
}

}  // namespace strata::layers
