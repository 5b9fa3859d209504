#include "compiler/layers/layer_list.h"
#include "compiler/layers/masks.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

std::vector<TensorType> Infer(InferContext& context) {
  RequireFloats(context);
  const Shape& shape = context.input().shape;
  RequireLeadingMask(context, shape.size() - 1);
  if (const std::optional<size_t> axis = RequireAxis(context, 0, context.args.Get("axis"))) {
    LintDefaultAxis(context);
    const Dim& size = shape[*axis].size;
    if (size.IsKnown() && !size.Constant()) {
      context.diagnostics.Report(kinds::SizeNotConstant, context.name_span, AxisText(shape, *axis), size.ToString())
          .Primary("has weights for each of them, so their number must be a constant")
          .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
          .Help("name an axis of constant size, as in `axis=channels`");
    }
  }
  return {{.dtype = DType::F32, .shape = shape}};
}

Shape Vector(const Args& args, const std::vector<TensorType>& inputs) {
  const Shape& shape = inputs.front().shape;
  const std::optional<size_t> axis = FindAxis(shape, args.Get("axis"));
  STRATA_CHECK(axis.has_value());
  return {{.name = "channels", .size = shape[*axis].size}};
}

// A vector that is there if the argument of this name is True.
auto VectorIf(std::string_view argument) {
  return [argument](const Args& args, const std::vector<TensorType>& inputs) -> std::optional<Shape> {
    if (!args.Bool(argument)) return std::nullopt;
    return Vector(args, inputs);
  };
}

std::optional<Shape> Statistics(const Args& args, const std::vector<TensorType>& inputs) {
  return Vector(args, inputs);
}

// (x - mean) * rsqrt(variance + epsilon) * gamma + beta
std::vector<core::ValueId> Expand(ExpandContext& context) {
  const Shape& shape = context.input_type().shape;
  const std::optional<size_t> axis = FindAxis(shape, context.args.Get("axis"));
  STRATA_CHECK(axis.has_value());
  std::vector<int> all(shape.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);

  core::MapBuilder map;
  std::vector<core::ValueId> operands;
  std::vector<std::vector<int>> axes;
  const auto operand = [&](core::ValueId value, std::vector<int> along) {
    operands.push_back(value);
    axes.push_back(std::move(along));
    return map.Operand(static_cast<int>(operands.size()) - 1);
  };
  const std::vector<int> channel = {static_cast<int>(*axis)};
  const core::Expr x = operand(context.input(), all);
  const core::Expr mean = operand(*context.weight("moving_mean"), channel);
  const core::Expr variance = operand(*context.weight("moving_variance"), channel);
  const double epsilon = context.args.Float("epsilon");
  core::Expr y = (x - mean) * Apply(core::Map::Function::Rsqrt, variance + epsilon);
  if (const auto gamma = context.weight("gamma")) y = y * operand(*gamma, channel);
  if (const auto beta = context.weight("beta")) y = y + operand(*beta, channel);
  return {context.builder.Map(operands, axes, shape.size(), y)};
}

}  // namespace

LayerDef BatchNormalization() {
  return {
      .name = "BatchNormalization",
      .summary = "Brings each channel to the mean 0 and the variance 1 it had in training.",
      .params = {{.name = "axis",
                  .type = ParamType::Axis,
                  .doc = "The axis of the channels, by name or position.",
                  .default_value = Value(-1)},
                 Training("momentum", Value(0.99)),
                 Epsilon(),
                 Center(),
                 Scale(),
                 Training("beta_initializer", Value("zeros")),
                 Training("gamma_initializer", Value("ones")),
                 Training("moving_mean_initializer", Value("zeros")),
                 Training("moving_variance_initializer", Value("ones")),
                 Training("beta_regularizer"),
                 Training("gamma_regularizer"),
                 Training("beta_constraint"),
                 Training("gamma_constraint"),
                 {.name = "renorm",
                  .type = ParamType::Bool,
                  .doc = "Whether training used batch renormalization, which keeps three more statistics.",
                  .default_value = Value(false)},
                 Training("renorm_clipping"),
                 Training("renorm_momentum", Value(0.99)),
                 Training("synchronized", Value(false))},
      .call_params = {{.name = "inputs", .type = ParamType::Tensor, .doc = "The tensor."},
                      MaskParam("Which positions count in training; it is passed on.")},
      .infer = Infer,
      .mask = Mask::Pass(),
      .weights = {{.name = "gamma", .doc = "Scale.", .initializer = "ones", .shape = VectorIf("scale")},
                  {.name = "beta", .doc = "Offset.", .initializer = "zeros", .shape = VectorIf("center")},
                  {.name = "moving_mean",
                   .doc = "Mean in training.",
                   .initializer = "zeros",
                   .trainable = false,
                   .shape = Statistics},
                  {.name = "moving_variance",
                   .doc = "Variance in training.",
                   .initializer = "ones",
                   .trainable = false,
                   .shape = Statistics},
                  {.name = "moving_stddev",
                   .doc = "For training only.",
                   .initializer = "ones",
                   .trainable = false,
                   .shape = VectorIf("renorm")},
                  {.name = "renorm_mean",
                   .doc = "For training only.",
                   .initializer = "zeros",
                   .trainable = false,
                   .shape = VectorIf("renorm")},
                  {.name = "renorm_stddev",
                   .doc = "For training only.",
                   .initializer = "ones",
                   .trainable = false,
                   .shape = VectorIf("renorm")}},
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, height: 4, width: 3, channels: 5]"},
                    .call = "BatchNormalization()",
                    .output = "f32[batch, height: 4, width: 3, channels: 5]"},
                   {.inputs = {"f32[batch, channels: 5, height: 4, width: 3]"},
                    .call = "BatchNormalization(axis=channels, epsilon=0.01)",
                    .output = "f32[batch, channels: 5, height: 4, width: 3]"},
                   {.inputs = {"f32[batch, features: 7]"},
                    .call = "BatchNormalization(center=False)",
                    .output = "f32[batch, features: 7]"},
                   {.inputs = {"f32[batch, features: 7]"},
                    .call = "BatchNormalization(1, scale=False)",
                    .output = "f32[batch, features: 7]"}},
  };
}

}  // namespace strata::layers
