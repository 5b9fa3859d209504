// LayerNormalization, RMSNormalization and UnitNormalization: along axes of each sample.
#include <algorithm>
#include <utility>

#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

// Reports normalized axes whose sizes would shape a weight and are symbols.
void RequireConstantSizes(InferContext& context, const std::vector<size_t>& axes, std::string_view help) {
  const Shape& shape = context.input().shape;
  for (const size_t axis : axes) {
    const Dim& size = shape[axis].size;
    if (!size.IsKnown() || size.Constant()) continue;
    context.diagnostics.Report(kinds::SizeNotConstant, context.name_span, AxisText(shape, axis), size.ToString())
        .Primary("has weights for each of them, so their number must be a constant")
        .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
        .Help(std::string(help));
  }
}

// `help` is for symbolic sizes, where the layer has weights.
std::vector<TensorType> InferAlongAxes(InferContext& context, bool has_weights, std::string_view help) {
  RequireFloats(context);
  if (const std::optional<std::vector<size_t>> axes = RequireAxes(context)) {
    LintDefaultAxis(context);
    if (has_weights) RequireConstantSizes(context, *axes, help);
  }
  return {{.dtype = DType::F32, .shape = context.input().shape}};
}

// A weight of the size of the normalized axes.
Shape WeightAlongAxes(const Args& args, const std::vector<TensorType>& inputs) {
  const Shape& shape = inputs.front().shape;
  Shape weight;
  for (const int axis : ResolvedAxes(shape, args)) {
    const Axis& normalized = shape[static_cast<size_t>(axis)];
    const bool is_named = !normalized.name.empty();
    weight.push_back({.name = is_named ? normalized.name : "axis" + std::to_string(axis), .size = normalized.size});
  }
  return weight;
}

// What the expansions share: the input, and Maps over it, what is reduced of it, and weights.
class Normalizer {
 public:
  explicit Normalizer(ExpandContext& context)
      : builder_(context.builder),
        rank_(context.input_type().shape.size()),
        axes_(ResolvedAxes(context.input_type().shape, context.args)) {
    for (int axis = 0; axis < static_cast<int>(rank_); ++axis) {
      all_.push_back(axis);
      if (std::ranges::find(axes_, axis) == axes_.end()) kept_.push_back(axis);
    }
  }

  core::ValueId Mean(core::ValueId value) { return builder_.Reduce(value, core::Reduce::Kind::Mean, axes_); }
  core::ValueId Sum(core::ValueId value) { return builder_.Reduce(value, core::Reduce::Kind::Sum, axes_); }
  core::ValueId Square(core::ValueId value) {
    core::MapBuilder map;
    const core::Expr x = map.Operand(0);
    return builder_.Map({value}, x * x);
  }
  // value - mean, the mean being reduced.
  core::ValueId Centered(core::ValueId value, core::ValueId mean) {
    core::MapBuilder map;
    const core::Expr x = map.Operand(0);
    return builder_.Map({value, mean}, {all_, kept_}, rank_, x - map.Operand(1));
  }
  // value * factor(reduced) * gamma + beta, without the weights that are not there.
  template <typename Factor>
  core::ValueId Scaled(core::ValueId value, core::ValueId reduced, const Factor& factor,
                       std::optional<core::ValueId> gamma, std::optional<core::ValueId> beta) {
    core::MapBuilder map;
    std::vector<core::ValueId> operands = {value, reduced};
    std::vector<std::vector<int>> along = {all_, kept_};
    const auto weight = [&](core::ValueId along_axes) {
      operands.push_back(along_axes);
      along.push_back(axes_);
      return map.Operand(static_cast<int>(operands.size()) - 1);
    };
    const core::Expr scatter = map.Operand(1);
    core::Expr y = map.Operand(0) * factor(scatter);
    if (gamma) y = y * weight(*gamma);
    if (beta) y = y + weight(*beta);
    return builder_.Map(operands, along, rank_, y);
  }

 private:
  core::Builder& builder_;
  size_t rank_;
  std::vector<int> axes_;
  std::vector<int> all_;
  std::vector<int> kept_;
};

auto RsqrtPlus(double epsilon) {
  return [epsilon](core::Expr scatter) { return Apply(core::Map::Function::Rsqrt, scatter + epsilon); };
}

Param AxesOfNormalization(std::string_view doc) {
  return {.name = "axis", .type = ParamType::Axes, .doc = doc, .default_value = Values({Value(-1)})};
}

// ---- LayerNormalization ----

bool HasGamma(const Args& args) { return args.Bool("scale") || args.Bool("rms_scaling"); }
bool HasBeta(const Args& args) { return args.Bool("center") && !args.Bool("rms_scaling"); }

template <bool (*kIsThere)(const Args&)>
std::optional<Shape> WeightIf(const Args& args, const std::vector<TensorType>& inputs) {
  if (!kIsThere(args)) return std::nullopt;
  return WeightAlongAxes(args, inputs);
}

std::vector<TensorType> InferLayerNormalization(InferContext& context) {
  return InferAlongAxes(context, HasGamma(context.args) || HasBeta(context.args),
                        "without weights any size will do: `center=False, scale=False`");
}

// (x - mean) * rsqrt(variance + epsilon) * gamma + beta, with the mean and the variance of each sample; with rms_scaling
// the mean is not taken off x.
std::vector<core::ValueId> ExpandLayerNormalization(ExpandContext& context) {
  Normalizer normalizer(context);
  const core::ValueId centered = normalizer.Centered(context.input(), normalizer.Mean(context.input()));
  const core::ValueId variance = normalizer.Mean(normalizer.Square(centered));
  return {normalizer.Scaled(context.args.Bool("rms_scaling") ? context.input() : centered, variance,
                            RsqrtPlus(context.args.Float("epsilon")), context.weight("gamma"), context.weight("beta"))};
}

// ---- RMSNormalization ----

std::vector<TensorType> InferRMSNormalization(InferContext& context) {
  return InferAlongAxes(context, true, "name an axis of constant size, as in `axis=features`");
}

// Keras' `scale` runs along the last axes whatever `axis` says, and fails where their sizes are others; here it runs along
// those that are normalized.
std::vector<core::ValueId> ExpandRMSNormalization(ExpandContext& context) {
  Normalizer normalizer(context);
  return {normalizer.Scaled(context.input(), normalizer.Mean(normalizer.Square(context.input())),
                            RsqrtPlus(context.args.Float("epsilon")), context.weight("scale"), std::nullopt)};
}

// ---- UnitNormalization ----

std::vector<TensorType> InferUnitNormalization(InferContext& context) { return InferAlongAxes(context, false, ""); }

// Of a sample of zeros Keras bounds the factor.
std::vector<core::ValueId> ExpandUnitNormalization(ExpandContext& context) {
  constexpr double kLargestFactor = 1e12;
  Normalizer normalizer(context);
  const auto factor = [](core::Expr sum) { return Minimum(Apply(core::Map::Function::Rsqrt, sum), kLargestFactor); };
  return {normalizer.Scaled(context.input(), normalizer.Sum(normalizer.Square(context.input())), factor, std::nullopt,
                            std::nullopt)};
}

}  // namespace

LayerDef LayerNormalization() {
  return {
      .name = "LayerNormalization",
      .summary = "Brings each sample to a mean of 0 and a variance of 1 along an axis.",
      .params = {AxesOfNormalization("What to take mean and variance over: an axis by name or position, or several."),
                 Epsilon(),
                 Center(),
                 Scale(),
                 Training("beta_initializer", Value("zeros")),
                 Training("gamma_initializer", Value("ones")),
                 Training("beta_regularizer"),
                 Training("gamma_regularizer"),
                 Training("beta_constraint"),
                 Training("gamma_constraint"),
                 {.name = "rms_scaling",
                  .type = ParamType::Bool,
                  .doc = "Whether to divide by the deviation alone, without taking the mean off.",
                  .default_value = Value(false),
                  .keyword_only = true}},
      .infer = InferLayerNormalization,
      .mask = Mask::Pass(),
      .weights = {{.name = "gamma", .doc = "Scale.", .initializer = "ones", .shape = WeightIf<HasGamma>},
                  {.name = "beta", .doc = "Offset.", .initializer = "zeros", .shape = WeightIf<HasBeta>}},
      .expand = ExpandLayerNormalization,
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
                    .output = "f32[batch, features: 6]"},
                   {.inputs = {"f32[batch, features: 6]"},
                    .call = "LayerNormalization(rms_scaling=True)",
                    .output = "f32[batch, features: 6]"}},
  };
}

LayerDef RMSNormalization() {
  Param epsilon = Epsilon();
  epsilon.doc = "Added to the mean of the squares, against a division by zero.";
  epsilon.default_value = Value(1e-6);
  return {
      .name = "RMSNormalization",
      .summary = "Divides each sample by its root mean square along an axis.",
      .params = {AxesOfNormalization("What to take the mean over: an axis by name or position, or several."),
                 std::move(epsilon)},
      .infer = InferRMSNormalization,
      .weights = {{.name = "scale", .doc = "Scale.", .initializer = "ones", .shape = WeightAlongAxes}},
      .expand = ExpandRMSNormalization,
      .examples = {{.inputs = {"f32[batch, time: 4, features: 6]"},
                    .call = "RMSNormalization()",
                    .output = "f32[batch, time: 4, features: 6]"},
                   {.inputs = {"f32[batch, channels: 5, height: 3, width: 4]"},
                    .call = "RMSNormalization(axis=channels, epsilon=0.01)",
                    .output = "f32[batch, channels: 5, height: 3, width: 4]"},
                   {.inputs = {"f32[batch, height: 3, width: 4, channels: 5]"},
                    .call = "RMSNormalization([1, 3])",
                    .output = "f32[batch, height: 3, width: 4, channels: 5]"}},
  };
}

LayerDef UnitNormalization() {
  return {
      .name = "UnitNormalization",
      .summary = "Brings each sample to a length of 1 along an axis.",
      .params = {AxesOfNormalization("What to take the length over: an axis by name or position, or several.")},
      .infer = InferUnitNormalization,
      .mask = Mask::Pass(),
      .expand = ExpandUnitNormalization,
      .examples = {{.inputs = {"f32[batch, features: 6]"},
                    .call = "UnitNormalization()",
                    .output = "f32[batch, features: 6]"},
                   {.inputs = {"f32[batch, channels: 5, height: 3, width: 4]"},
                    .call = "UnitNormalization(axis=channels)",
                    .output = "f32[batch, channels: 5, height: 3, width: 4]"},
                   {.inputs = {"f32[batch, time: 4, features: 6]"},
                    .call = "UnitNormalization(axis=[time, features])",
                    .output = "f32[batch, time: 4, features: 6]"}},
  };
}

}  // namespace strata::layers
