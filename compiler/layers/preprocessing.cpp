// Rescaling and Normalization: layers of numbers, whatever their type, that give floats.
#include <algorithm>
#include <cmath>

#include "compiler/layers/functions.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

// ---- Numbers along axes ----

// The numbers of an argument, and the axes of the input that theirs are, the last ones of `axes`. Those of one number
// serve all elements.
struct Numbers {
  core::Literal literal;
  std::vector<int> axes;
};
Numbers NumbersAlong(const ConfigValue& argument, const std::vector<int>& axes) {
  core::Literal literal = LiteralOf(argument);
  Numbers numbers{.literal = {.sizes = {}, .data = literal.data}, .axes = {}};
  const size_t first = axes.size() - literal.sizes.size();
  for (size_t i = 0; i < literal.sizes.size(); ++i) {
    if (literal.sizes[i] == 1) continue;
    numbers.literal.sizes.push_back(literal.sizes[i]);
    numbers.axes.push_back(axes[first + i]);
  }
  return numbers;
}

// Reports lists that are of other lengths than the axes they stand for.
bool CheckNumbers(InferContext& context, std::string_view name, const std::vector<int>& axes) {
  const ConfigValue& argument = context.args.Get(name);
  const Shape& shape = context.input().shape;
  const Numbers numbers = NumbersAlong(argument, axes);
  for (size_t i = 0; i < numbers.axes.size(); ++i) {
    const auto axis = static_cast<size_t>(numbers.axes[i]);
    const int64_t count = numbers.literal.sizes[i];
    if (!shape[axis].size.IsKnown() || context.AreEqual(shape[axis].size, count)) continue;
    context.diagnostics
        .Report(kinds::ArgumentElements, argument.span, name, std::to_string(count) + " numbers", AxisText(shape, axis),
                shape[axis].size.ToString())
        .Primary("one for each element of " + AxisText(shape, axis) + ", or one for all")
        .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`");
    return false;
  }
  return true;
}

// Adds operands with their axes to a Map.
struct Operands {
  ExpandContext& context;
  core::MapBuilder map = {};
  std::vector<core::ValueId> values = {};
  std::vector<std::vector<int>> axes = {};

  core::Expr Add(core::ValueId value, std::vector<int> along) {
    values.push_back(value);
    axes.push_back(std::move(along));
    return map.Operand(static_cast<int>(values.size()) - 1, context.builder.TypeOf(value));
  }
  core::Expr Input() {
    std::vector<int> all;
    for (size_t i = 0; i < context.input_type().shape.size(); ++i) all.push_back(static_cast<int>(i));
    return Cast(Add(context.input(), std::move(all)), DType::F32);
  }
  core::Expr Add(Numbers numbers) {
    if (numbers.axes.empty()) return map.Constant(numbers.literal.data.front());
    return Add(context.builder.Constant(std::move(numbers.literal)), std::move(numbers.axes));
  }
  std::vector<core::ValueId> Finish(core::Expr result) {
    return {context.builder.Map(values, axes, context.input_type().shape.size(), result)};
  }
};

// ---- Rescaling ----

// A list holds a number for each channel.
std::vector<int> ChannelAxis(const Shape& shape) {
  return {static_cast<int>(FindAxis(shape, "channels").value_or(shape.size() - 1))};
}

std::vector<TensorType> InferRescaling(InferContext& context) {
  for (const std::string_view name : {"scale", "offset"}) {
    if (!CheckNumbers(context, name, ChannelAxis(context.input().shape))) break;
  }
  return {{.dtype = DType::F32, .shape = context.input().shape}};
}

std::vector<core::ValueId> ExpandRescaling(ExpandContext& context) {
  const std::vector<int> channel = ChannelAxis(context.input_type().shape);
  Operands operands{context};
  const core::Expr x = operands.Input();
  const core::Expr scale = operands.Add(NumbersAlong(context.args.Get("scale"), channel));
  const core::Expr offset = operands.Add(NumbersAlong(context.args.Get("offset"), channel));
  return operands.Finish(x * scale + offset);
}

// ---- Normalization ----

bool HasStatistics(const Args& args) { return !args.Get("mean").IsNone(); }

// The axes whose elements have a mean of their own, increasing; all must exist.
std::vector<int> KeptAxes(const Shape& shape, const Args& args) {
  return args.Get("axis").IsNone() ? std::vector<int>{} : ResolvedAxes(shape, args);
}

bool CheckKeptAxes(InferContext& context) {
  if (context.args.Get("axis").IsNone()) return true;
  const std::optional<std::vector<size_t>> axes = RequireAxes(context);
  if (!axes) return false;
  LintDefaultAxis(context);
  const Shape& shape = context.input().shape;
  for (const size_t axis : *axes) {
    const Dim& size = shape[axis].size;
    if (!size.IsKnown() || size.Constant() || HasStatistics(context.args)) continue;
    context.diagnostics.Report(kinds::SizeNotConstant, context.name_span, AxisText(shape, axis), size.ToString())
        .Primary("has a mean for each of them, so their number must be a constant")
        .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
        .Help("name axes of constant size, as in `axis=channels`; `axis=None` is one mean for all");
    return false;
  }
  return true;
}

bool CheckStatistics(InferContext& context) {
  for (const auto& [name, other] : {std::pair("mean", "variance"), std::pair("variance", "mean")}) {
    const ConfigValue& given = context.args.Get(name);
    if (given.IsNone() || !context.args.Get(other).IsNone()) continue;
    context.diagnostics.Report(kinds::ArgumentAlone, given.span, context.class_name, name, other)
        .Note("without both they are weights, as `adapt()` found them");
    return false;
  }
  if (!HasStatistics(context.args)) return true;
  const std::vector<int> axes = KeptAxes(context.input().shape, context.args);
  for (const std::string_view name : {"mean", "variance"}) {
    const ConfigValue& argument = context.args.Get(name);
    const size_t lists = LiteralOf(argument).sizes.size();
    if (lists > axes.size()) {
      context.diagnostics
          .Report(kinds::ArgumentElements, argument.span, name, "numbers in " + std::to_string(lists) + " axes",
                  "`axis`", std::to_string(axes.size()))
          .Primary("one for each element of the axes in `axis`, or one for all");
      return false;
    }
    if (!CheckNumbers(context, name, axes)) return false;
  }
  return true;
}

std::vector<TensorType> InferNormalization(InferContext& context) {
  if (CheckKeptAxes(context)) CheckStatistics(context);
  return {{.dtype = DType::F32, .shape = context.input().shape}};
}

std::optional<Shape> StatisticsShape(const Args& args, const std::vector<TensorType>& inputs) {
  if (HasStatistics(args)) return std::nullopt;
  Shape shape;
  for (const int axis : KeptAxes(inputs.front().shape, args))
    shape.push_back(inputs.front().shape[static_cast<size_t>(axis)]);
  return shape;
}

std::optional<Shape> CountShape(const Args& args, const std::vector<TensorType>&) {
  if (HasStatistics(args)) return std::nullopt;
  return Shape{};
}

// (x - mean) / max(sqrt(variance), epsilon), or back.
std::vector<core::ValueId> ExpandNormalization(ExpandContext& context) {
  constexpr double kEpsilon = 1e-7;
  const std::vector<int> axes = KeptAxes(context.input_type().shape, context.args);
  Operands operands{context};
  const core::Expr x = operands.Input();
  const auto statistic = [&](std::string_view name) {
    const std::optional<core::ValueId> weight = context.weight(name);
    return weight ? operands.Add(*weight, axes) : operands.Add(NumbersAlong(context.args.Get(name), axes));
  };
  const core::Expr mean = statistic("mean");
  const core::Expr deviation = Maximum(Apply(core::Map::Function::Sqrt, statistic("variance")), kEpsilon);
  const bool is_inverted = context.args.Bool("invert");
  return operands.Finish(is_inverted ? mean + x * deviation : (x - mean) / deviation);
}

Param Statistic(std::string_view name, std::string_view doc) {
  return {
      .name = name, .type = ParamType::Numbers, .doc = doc, .default_value = None(), .none_allowed = true, .count = 8};
}

}  // namespace

LayerDef Rescaling() {
  return {
      .name = "Rescaling",
      .summary = "x * scale + offset, of numbers of any type.",
      .params = {{.name = "scale",
                  .type = ParamType::Numbers,
                  .doc = "The factor, or a list with one for each channel.",
                  .count = 1},
                 {.name = "offset",
                  .type = ParamType::Numbers,
                  .doc = "What is added, or a list with one for each channel.",
                  .default_value = Value(0.0),
                  .count = 1}},
      .infer = InferRescaling,
      .mask = Mask::Pass(),
      .expand = ExpandRescaling,
      .examples = {{.inputs = {"u8[batch, height: 3, width: 4, channels: 3]"},
                    .call = "Rescaling(1.0 / 255)",
                    .output = "f32[batch, height: 3, width: 4, channels: 3]"},
                   {.inputs = {"f32[batch, height: 3, width: 4, channels: 3]"},
                    .call = "Rescaling([2.0, 3.0, 4.0], offset=[0.5, 0.25, -1])",
                    .output = "f32[batch, height: 3, width: 4, channels: 3]"},
                   {.inputs = {"f32[batch, channels: 2, height: 3, width: 4]"},
                    .call = "Rescaling([0.5, 2], offset=-1)",
                    .output = "f32[batch, channels: 2, height: 3, width: 4]"}},
  };
}

LayerDef Normalization() {
  return {
      .name = "Normalization",
      .summary = "Brings numbers to mean 0 and variance 1.",
      .params = {{.name = "axis",
                  .type = ParamType::Axes,
                  .doc =
                      "The axes whose elements have a mean of their own, by name or position; None: one mean for all.",
                  .default_value = Values({Value(-1)}),
                  .none_allowed = true},
                 Statistic("mean", "The mean, or lists of them along the axes; None: a weight, as `adapt()` found it."),
                 Statistic("variance", "The variance, likewise; both are given or none."),
                 {.name = "invert",
                  .type = ParamType::Bool,
                  .doc = "Whether to go back from mean 0 and variance 1.",
                  .default_value = Value(false)}},
      .infer = InferNormalization,
      .mask = Mask::Pass(),
      .weights = {{.name = "mean",
                   .doc = "Mean that `adapt()` found.",
                   .initializer = "zeros",
                   .trainable = false,
                   .shape = StatisticsShape},
                  {.name = "variance",
                   .doc = "Variance that `adapt()` found.",
                   .initializer = "ones",
                   .trainable = false,
                   .shape = StatisticsShape},
                  {.name = "count",
                   .doc = "Not read.",
                   .initializer = "zeros",
                   .trainable = false,
                   .is_read = false,
                   .shape = CountShape}},
      .expand = ExpandNormalization,
      .examples = {{.inputs = {"f32[batch, features: 5]"},
                    .call = "Normalization()",
                    .output = "f32[batch, features: 5]"},
                   {.inputs = {"i32[batch, features: 3]"},
                    .call = "Normalization(mean=[1, 2, 3], variance=[0.25, 4, 9])",
                    .output = "f32[batch, features: 3]"},
                   {.inputs = {"f32[batch, height: 3, width: 4, channels: 2]"},
                    .call = "Normalization(axis=None, mean=0.5, variance=2.0, invert=True)",
                    .output = "f32[batch, height: 3, width: 4, channels: 2]"},
                   {.inputs = {"f32[batch, height: 3, width: 4, channels: 2]"},
                    .call = "Normalization(axis=[height, channels], invert=True)",
                    .output = "f32[batch, height: 3, width: 4, channels: 2]"}},
  };
}

}  // namespace strata::layers
