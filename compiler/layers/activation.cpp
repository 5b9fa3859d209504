// Activation, ELU, ReLU and Softmax.
#include "compiler/layers/activations.h"

#include "compiler/layers/functions.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/merge.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

TensorType SameShape(const InferContext& context) { return {.dtype = DType::F32, .shape = context.input().shape}; }

// ---- Activation ----

std::vector<TensorType> InferActivation(InferContext& context) {
  strata::RequireFloats(context);
  TensorType type = SameShape(context);
  LintActivation(context, type.shape);
  if (context.args.Text("activation") == "glu") HalveAxis(context, type, type.shape.size() - 1);
  return {type};
}

std::vector<core::ValueId> ExpandActivation(ExpandContext& context) {
  return {AppendActivation(context.builder, context.input(), context.args.Text("activation"))};
}

// ---- ELU ----

std::vector<TensorType> InferELU(InferContext& context) {
  strata::RequireFloats(context);
  return {SameShape(context)};
}

std::vector<core::ValueId> ExpandELU(ExpandContext& context) {
  const double alpha = context.args.Float("alpha");
  core::MapBuilder map;
  return {context.builder.Map({context.input()}, FindActivation("elu")->of_element(map.Operand(0), {&alpha, 1}))};
}

// ---- ReLU ----

std::vector<TensorType> InferReLU(InferContext& context) {
  strata::RequireFloats(context);
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

// Keras' Softmax takes a mask that travels for one over the axes of its input, and fails.
void CheckSoftmaxMask(InferContext& context, const std::vector<size_t>& axes) {
  const Operand& input = context.inputs.front();
  const OperandRange given = context.RangeOf("mask");
  if (given.IsEmpty() && input.mask_axes == 0) return;
  const Shape& shape = input.type.shape;
  if (!given.IsEmpty()) {
    if (!RequireTruth(context, given.begin)) return;
    const Shape& mask = context.inputs[given.begin].type.shape;
    const Broadcast broadcast = BroadcastOf(context);
    if (!broadcast.problem && Sizes(broadcast.shape) == Sizes(shape)) return;
    context.diagnostics
        .Report(kinds::MaskShape, context.name_span, OperandText(context, 0), ToString(mask), ToString(shape))
        .Primary("masks what it sums over")
        .Label(context.inputs[given.begin].span, "given as `mask`");
    return;
  }
  const Shape mask(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(input.mask_axes));
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::MaskShape, context.name_span, OperandText(context, 0),
                                                      ToString(mask), ToString(shape));
  diagnostic.Primary("masks what it sums over").Label(input.span, "this has a mask of steps");
  const bool is_last = axes == std::vector{shape.size() - 1};
  if (is_last) {
    diagnostic.Help("`Activation(\"softmax\")` leaves the mask alone and passes it on", Applicability::MaybeIncorrect,
                    {{context.call_span, "Activation(\"softmax\")"}});
  } else {
    diagnostic.Help("give the mask that is meant by `mask=`");
  }
}

std::vector<TensorType> InferSoftmax(InferContext& context) {
  strata::RequireFloats(context);
  if (const std::optional<std::vector<size_t>> axes = RequireAxes(context)) {
    LintDefaultAxis(context);
    LintSoftmax(context, context.input().shape, *axes);
    CheckSoftmaxMask(context, *axes);
  }
  return {SameShape(context)};
}

// What is masked is far below everything else, and 0 in the result even where all is masked.
std::vector<core::ValueId> ExpandSoftmax(ExpandContext& context) {
  constexpr double kFarBelow = -1e9;
  core::Builder& builder = context.builder;
  const std::vector<int> axes = ResolvedAxes(context.input_type().shape, context.args);
  if (context.RangeOf("mask").IsEmpty()) return {AppendSoftmax(builder, context.input(), axes)};
  const Broadcast broadcast = BroadcastOf(context);
  const auto where = [&](core::ValueId value, double otherwise) {
    core::MapBuilder map;
    const core::Expr kept = map.Operand(0);
    const core::Expr counts = map.Operand(1, DType::Bool);
    return builder.Map({value, *context.masks.front()}, broadcast.axes, broadcast.shape.size(),
                       Select(counts, kept, map.Constant(otherwise)));
  };
  return {where(AppendSoftmax(builder, where(context.input(), kFarBelow), axes), 0)};
}

// A mask that is given is over the axes of the input; it travels on only where it is over leading ones.
std::vector<size_t> MaskOfSoftmax(const InferContext& context, const std::vector<TensorType>&) {
  const OperandRange given = context.RangeOf("mask");
  if (given.IsEmpty()) return {context.inputs.front().mask_axes};
  const Shape& shape = context.input().shape;
  const Shape& mask = context.inputs[given.begin].type.shape;
  for (size_t i = 0; i < mask.size(); ++i) {
    if (!context.AreEqual(mask[i].size, shape[i].size)) return {};
  }
  return {mask.size()};
}

}  // namespace

LayerDef Activation() {
  return {
      .name = "Activation",
      .summary = "A function of keras.activations, by name.",
      .params =
          {{.name = "activation", .type = ParamType::Activation, .doc = "The function's name.", .choices = {"glu"}}},
      .infer = InferActivation,
      .mask = Mask::Pass(),
      .expand = ExpandActivation,
      .examples =
          {{.inputs = {"f32[batch, features: 9]"}, .call = "Activation(\"gelu\")", .output = "f32[batch, features: 9]"},
           {.inputs = {"f32[batch, features: 9]"},
            .call = "Activation(\"softplus\")",
            .output = "f32[batch, features: 9]"},
           {.inputs = {"f32[batch, height: 3, width: 4, channels: 5]"},
            .call = "Activation(\"selu\")",
            .output = "f32[batch, height: 3, width: 4, channels: 5]"},
           {.inputs = {"f32[batch, features: 8]"}, .call = "Activation(\"glu\")", .output = "f32[batch, features: 4]"},
           {.inputs = {"f32[batch, time: 3, features: 4]"},
            .call = "Activation(\"softmax\")",
            .output = "f32[batch, time: 3, features: 4]"}},
  };
}

LayerDef ELU() {
  return {
      .name = "ELU",
      .summary = "An exponential below zero.",
      .params = {{.name = "alpha",
                  .type = ParamType::Float,
                  .doc = "How far below zero it goes.",
                  .default_value = Value(1.0)}},
      .infer = InferELU,
      .mask = Mask::Pass(),
      .expand = ExpandELU,
      .examples = {{.inputs = {"f32[batch, features: 9]"}, .call = "ELU()", .output = "f32[batch, features: 9]"},
                   {.inputs = {"f32[batch, time: 3, features: 4]"},
                    .call = "ELU(alpha=0.3)",
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
      .mask = Mask::Pass(),
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
      .call_params = {{.name = "inputs", .type = ParamType::Tensor, .doc = "The tensor."},
                      {.name = "mask",
                       .type = ParamType::Tensor,
                       .doc = "What counts, bools over axes of the input; None: all.",
                       .default_value = None(),
                       .none_allowed = true}},
      .infer = InferSoftmax,
      .mask = {.of_results = MaskOfSoftmax},
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
