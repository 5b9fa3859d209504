#include <algorithm>

#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

std::vector<TensorType> Infer(InferContext& context) {
  RequireFloats(context);
  const Shape& shape = context.input().shape;
  const bool has_weights = context.args.Bool("center") || context.args.Bool("scale");
  if (const std::optional<std::vector<size_t>> axes = RequireAxes(context)) {
    LintDefaultAxis(context);
    for (const size_t axis : *axes) {
      const Dim& size = shape[axis].size;
      if (!has_weights || !size.IsKnown() || size.Constant()) continue;
      context.diagnostics.Report(kinds::SizeNotConstant, context.name_span, AxisText(shape, axis), size.ToString())
          .Primary("has weights for each of them, so their number must be a constant")
          .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
          .Help("without weights any size will do: `center=False, scale=False`");
    }
  }
  return {{.dtype = DType::F32, .shape = shape}};
}

// A weight of the size of the normalized axes, if the argument of this name is True.
auto WeightIf(std::string_view argument) {
  return [argument](const Args& args, const std::vector<TensorType>& inputs) -> std::optional<Shape> {
    if (!args.Bool(argument)) return std::nullopt;
    const Shape& shape = inputs.front().shape;
    Shape weight;
    for (const int axis : ResolvedAxes(shape, args)) {
      const Axis& normalized = shape[static_cast<size_t>(axis)];
      const bool is_named = !normalized.name.empty();
      weight.push_back({.name = is_named ? normalized.name : "axis" + std::to_string(axis), .size = normalized.size});
    }
    return weight;
  };
}

// (x - mean) * rsqrt(variance + epsilon) * gamma + beta, with the mean and the variance of each sample.
std::vector<core::ValueId> Expand(ExpandContext& context) {
  core::Builder& builder = context.builder;
  const size_t rank = context.input_type().shape.size();
  const std::vector<int> axes = ResolvedAxes(context.input_type().shape, context.args);
  std::vector<int> all;
  std::vector<int> kept;
  for (int axis = 0; axis < static_cast<int>(rank); ++axis) {
    all.push_back(axis);
    if (std::ranges::find(axes, axis) == axes.end()) kept.push_back(axis);
  }

  const core::ValueId mean = builder.Reduce(context.input(), core::Reduce::Kind::Mean, axes);
  core::MapBuilder difference;
  const core::Expr x = difference.Operand(0);
  const core::ValueId centered = builder.Map({context.input(), mean}, {all, kept}, rank, x - difference.Operand(1));
  core::MapBuilder product;
  const core::Expr distance = product.Operand(0);
  const core::ValueId variance =
      builder.Reduce(builder.Map({centered}, distance * distance), core::Reduce::Kind::Mean, axes);

  core::MapBuilder map;
  std::vector<core::ValueId> operands = {centered, variance};
  std::vector<std::vector<int>> along = {all, kept};
  const auto weight = [&](core::ValueId value) {
    operands.push_back(value);
    along.push_back(axes);
    return map.Operand(static_cast<int>(operands.size()) - 1);
  };
  const core::Expr scatter = map.Operand(1) + context.args.Float("epsilon");
  core::Expr y = map.Operand(0) * Apply(core::Map::Function::Rsqrt, scatter);
  if (const auto gamma = context.weight("gamma")) y = y * weight(*gamma);
  if (const auto beta = context.weight("beta")) y = y + weight(*beta);
  return {builder.Map(operands, along, rank, y)};
}

}  // namespace

LayerDef LayerNormalization() {
  return {
      .name = "LayerNormalization",
      .summary = "Brings each sample to a mean of 0 and a variance of 1 along an axis.",
      .params = {{.name = "axis",
                  .type = ParamType::Axes,
                  .doc = "What to take mean and variance over: an axis by name or position, or several.",
                  .default_value = Values({Value(-1)})},
                 Epsilon(),
                 Center(),
                 Scale(),
                 Training("beta_initializer", Value("zeros")),
                 Training("gamma_initializer", Value("ones")),
                 Training("beta_regularizer"),
                 Training("gamma_regularizer"),
                 Training("beta_constraint"),
                 Training("gamma_constraint")},
      .infer = Infer,
      .weights = {{.name = "gamma", .doc = "Scale.", .initializer = "ones", .shape = WeightIf("scale")},
                  {.name = "beta", .doc = "Offset.", .initializer = "zeros", .shape = WeightIf("center")}},
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, time: 4, features: 6]"},
                    .call = "LayerNormalization()",
                    .output = "f32[batch, time: 4, features: 6]"},
                   {.inputs = {"f32[batch, height: 3, width: 4, channels: 5]"},
                    .call = "LayerNormalization(axis=[1, 2, 3], epsilon=0.01)",
                    .output = "f32[batch, height: 3, width: 4, channels: 5]"},
                   {.inputs = {"f32[batch, channels: 5, height: 3, width: 4]"},
                    .call = "LayerNormalization(axis=channels, center=False)",
                    .output = "f32[batch, channels: 5, height: 3, width: 4]"},
                   {.inputs = {"f32[batch, features: 6]"},
                    .call = "LayerNormalization(center=False, scale=False)",
                    .output = "f32[batch, features: 6]"}},
  };
}

}  // namespace strata::layers
