// Activation, ReLU and Softmax.
#include "compiler/layers/activations.h"

#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

TensorType SameShape(const InferContext& context) { return {.dtype = DType::F32, .shape = context.input().shape}; }

// ---- Activation ----

std::vector<TensorType> InferActivation(InferContext& context) {
  RequireFloats(context);
  LintActivation(context, context.input().shape);
  return {SameShape(context)};
}

std::vector<core::ValueId> ExpandActivation(ExpandContext& context) {
  return {AppendActivation(context.builder, context.input(), context.args.Text("activation"))};
}

// ---- ReLU ----

std::vector<TensorType> InferReLU(InferContext& context) {
  RequireFloats(context);
  for (const std::string_view name : {"max_value", "negative_slope", "threshold"}) {
    const ConfigValue& value = context.args.Get(name);
    if (value.IsNone() || *value.AsFloat() >= 0) continue;
    context.diagnostics.Report(kinds::NegativeArgument, value.span, name, Written(value)).Primary("must be 0 or more");
  }
  return {SameShape(context)};
}

// x where x > threshold, 0 elsewhere; at most max_value; less slope * (threshold - x) where x < threshold.
std::vector<core::ValueId> ExpandReLU(ExpandContext& context) {
  const double slope = context.args.Float("negative_slope");
  const double threshold = context.args.Float("threshold");
  core::MapBuilder map;
  const core::Expr x = map.Operand(0);
  const core::Expr limit = map.Constant(threshold);
  core::Expr y = threshold == 0 ? Maximum(x, 0.0) : Select(Less(limit, x), x, map.Constant(0));
  if (const double* most = context.args.Get("max_value").AsFloat()) y = Minimum(y, *most);
  if (slope != 0) y = y - Maximum(limit - x, 0.0) * slope;
  return {context.builder.Map({context.input()}, y)};
}

// ---- Softmax ----

std::vector<TensorType> InferSoftmax(InferContext& context) {
  RequireFloats(context);
  if (const std::optional<std::vector<size_t>> axes = RequireAxes(context)) {
    LintDefaultAxis(context);
    LintSoftmax(context, context.input().shape, *axes);
  }
  return {SameShape(context)};
}

std::vector<core::ValueId> ExpandSoftmax(ExpandContext& context) {
  return {AppendSoftmax(context.builder, context.input(), ResolvedAxes(context.input_type().shape, context.args))};
}

}  // namespace

LayerDef Activation() {
  return {
      .name = "Activation",
      .summary = "A function of keras.activations, by name.",
      .params = {{.name = "activation", .type = ParamType::Activation, .doc = "The function's name."}},
      .infer = InferActivation,
      .expand = ExpandActivation,
      .examples = {{.inputs = {"f32[batch, features: 9]"},
                    .call = "Activation(\"gelu\")",
                    .output = "f32[batch, features: 9]"},
                   {.inputs = {"f32[batch, features: 9]"},
                    .call = "Activation(\"softplus\")",
                    .output = "f32[batch, features: 9]"},
                   {.inputs = {"f32[batch, height: 3, width: 4, channels: 5]"},
                    .call = "Activation(\"selu\")",
                    .output = "f32[batch, height: 3, width: 4, channels: 5]"},
                   {.inputs = {"f32[batch, time: 3, features: 4]"},
                    .call = "Activation(\"softmax\")",
                    .output = "f32[batch, time: 3, features: 4]"}},
  };
}

LayerDef ReLU() {
  return {
      .name = "ReLU",
      .summary = "Zero below a threshold.",
      .params = {{.name = "max_value",
                  .type = ParamType::Float,
                  .doc = "Largest result; None: unlimited.",
                  .default_value = None(),
                  .none_allowed = true},
                 {.name = "negative_slope",
                  .type = ParamType::Float,
                  .doc = "Slope below the threshold.",
                  .default_value = Value(0.0)},
                 {.name = "threshold",
                  .type = ParamType::Float,
                  .doc = "Where the function starts to rise.",
                  .default_value = Value(0.0)}},
      .infer = InferReLU,
      .expand = ExpandReLU,
      .examples = {{.inputs = {"f32[batch, features: 9]"}, .call = "ReLU()", .output = "f32[batch, features: 9]"},
                   {.inputs = {"f32[batch, features: 9]"},
                    .call = "ReLU(0.5, negative_slope=0.1)",
                    .output = "f32[batch, features: 9]"},
                   {.inputs = {"f32[batch, features: 9]"},
                    .call = "ReLU(max_value=0.5, negative_slope=0.3, threshold=0.2)",
                    .output = "f32[batch, features: 9]"}},
  };
}

LayerDef Softmax() {
  return {
      .name = "Softmax",
      .summary = "Probabilities: exp(x) over its sum.",
      .params = {{.name = "axis",
                  .type = ParamType::Axes,
                  .doc = "What to sum over: an axis by name or position, or several.",
                  .default_value = Values({Value(-1)})}},
      .infer = InferSoftmax,
      .expand = ExpandSoftmax,
      .examples = {{.inputs = {"f32[batch, features: 9]"}, .call = "Softmax()", .output = "f32[batch, features: 9]"},
                   {.inputs = {"f32[batch, channels: 3, height: 4, width: 5]"},
                    .call = "Softmax(axis=channels)",
                    .output = "f32[batch, channels: 3, height: 4, width: 5]"},
                   {.inputs = {"f32[batch, channels: 3, height: 4, width: 5]"},
                    .call = "Softmax(axis=[2, -1])",
                    .output = "f32[batch, channels: 3, height: 4, width: 5]"}},
  };
}

}  // namespace strata::layers
