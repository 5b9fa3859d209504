// The functions of keras.ops that keras.activations has too: `gelu(x)`, `softmax(x, axis=channels)`.
#include "compiler/layers/activations.h"
#include "compiler/layers/functions.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

// ---- Each element ----

std::vector<double> NumbersOf(const Args& args, const ActivationDef& activation) {
  std::vector<double> numbers;
  for (const Param& param : activation.params) {
    numbers.push_back(param.type == ParamType::Bool ? (args.Bool(param.name) ? 1 : 0) : args.Float(param.name));
  }
  return numbers;
}

std::vector<TensorType> InferElements(InferContext& context) {
  RequireFloats(context);
  return {context.input()};
}

std::vector<core::ValueId> ExpandElements(ExpandContext& context, const ActivationDef& activation) {
  core::MapBuilder map;
  const core::Expr x = map.Operand(0, context.input_type().dtype);
  return {context.builder.Map({context.input()}, activation.of_element(x, NumbersOf(context.args, activation)))};
}

// ---- Along axes ----

std::vector<size_t> AxesOf(InferContext& context, const ActivationDef& activation) {
  if (activation.takes_axes) return RequireAxes(context).value_or(std::vector<size_t>{});
  const std::optional<size_t> axis = RequireAxis(context, 0, context.args.Get("axis"));
  return axis ? std::vector<size_t>{*axis} : std::vector<size_t>{};
}

std::vector<TensorType> InferAlongAxes(InferContext& context, const ActivationDef& activation) {
  RequireFloats(context);
  const std::vector<size_t> axes = AxesOf(context, activation);
  TensorType type = context.input();
  if (!axes.empty()) LintDefaultAxis(context);
  if (!axes.empty() && activation.name == "softmax") LintSoftmax(context, type.shape, axes);
  if (!axes.empty() && activation.name == "glu") HalveAxis(context, type, axes.front());
  return {type};
}

std::vector<core::ValueId> ExpandAlongAxes(ExpandContext& context, const ActivationDef& activation) {
  const TensorType& type = context.input_type();
  const std::vector<int> axes =
      activation.takes_axes ? ResolvedAxes(type.shape, context.args)
                            : std::vector<int>{static_cast<int>(*FindAxis(type.shape, context.args.Get("axis")))};
  core::Builder& builder = context.builder;
  const core::ValueId input = builder.Cast(context.input(), DType::F32);
  return {builder.Cast(activation.along_axes(builder, input, axes), type.dtype)};
}

Param AxisParam(const ActivationDef& activation) {
  if (activation.takes_axes) {
    Param axes = AxesParam();
    axes.default_value = Values({Value(-1)});
    axes.none_allowed = false;
    return axes;
  }
  return {.name = "axis", .type = ParamType::Axis, .doc = "The axis, by name or position.", .default_value = Value(-1)};
}

// ---- Examples ----

std::vector<LayerExample> ExamplesOf(std::string_view name) {
  constexpr std::string_view kVector = "f32[batch, features: 9]";
  constexpr std::string_view kImage = "f32[batch, channels: 6, height: 3, width: 4]";
  const auto vector = [&](std::string_view call) { return LayerExample{{kVector}, call, kVector}; };
  if (name == "celu") return {vector("celu(x0)"), vector("celu(x0, alpha=0.5)")};
  if (name == "elu") return {vector("elu(x0)"), vector("elu(x0, 0.3)")};
  if (name == "gelu") return {vector("gelu(x0)"), vector("gelu(x0, approximate=False)")};
  if (name == "glu") {
    return {{{"f32[batch, features: 8]"}, "glu(x0)", "f32[batch, features: 4]"},
            {{kImage}, "glu(x0, axis=channels)", "f32[batch, channels: 3, height: 3, width: 4]"}};
  }
  if (name == "hard_shrink") return {vector("hard_shrink(x0)"), vector("hard_shrink(x0, threshold=0.2)")};
  if (name == "hard_sigmoid") return {vector("hard_sigmoid(x0)")};
  if (name == "hard_silu") return {vector("hard_silu(x0)")};
  if (name == "hard_tanh") return {vector("hard_tanh(x0)")};
  if (name == "leaky_relu") return {vector("leaky_relu(x0)"), vector("leaky_relu(x0, negative_slope=0.05)")};
  if (name == "log_sigmoid") return {vector("log_sigmoid(x0)")};
  if (name == "log_softmax") return {vector("log_softmax(x0)"), {{kImage}, "log_softmax(x0, axis=channels)", kImage}};
  if (name == "relu6") return {vector("relu6(3 * x0)")};
  if (name == "selu") return {vector("selu(x0)")};
  if (name == "silu") return {vector("silu(x0)")};
  if (name == "soft_shrink") return {vector("soft_shrink(x0)"), vector("soft_shrink(x0, 0.2)")};
  if (name == "softmax") return {vector("softmax(x0)"), {{kImage}, "softmax(x0, axis=[height, width])", kImage}};
  if (name == "softplus") return {vector("softplus(x0)")};
  if (name == "softsign") return {vector("softsign(x0)")};
  if (name == "sparse_plus") return {vector("sparse_plus(x0)")};
  if (name == "sparse_sigmoid") return {vector("sparse_sigmoid(x0)")};
  if (name == "sparsemax") return {vector("sparsemax(x0)"), {{kImage}, "sparsemax(x0, axis=channels)", kImage}};
  if (name == "squareplus") return {vector("squareplus(x0)"), vector("squareplus(x0, b=1)")};
  if (name == "tanh_shrink") return {vector("tanh_shrink(x0)")};
  STRATA_CHECK(name == "threshold");
  return {vector("threshold(x0, 0.1, -2.0)")};
}

}  // namespace

std::vector<LayerDef> ActivationFunctions() {
  std::vector<LayerDef> functions;
  for (const ActivationDef& activation : AllActivations()) {
    if (activation.class_name.empty()) continue;
    LayerDef& def = functions.emplace_back();
    def.name = activation.class_name;
    def.summary = activation.summary;
    def.form = LayerDef::Form::Function;
    def.function_name = activation.name;
    def.params = {TensorParam()};
    def.params.insert(def.params.end(), activation.params.begin(), activation.params.end());
    if (activation.along_axes != nullptr) {
      def.params.push_back(AxisParam(activation));
      def.infer = [&activation](InferContext& context) { return InferAlongAxes(context, activation); };
      def.expand = [&activation](ExpandContext& context) { return ExpandAlongAxes(context, activation); };
    } else {
      def.infer = InferElements;
      def.expand = [&activation](ExpandContext& context) { return ExpandElements(context, activation); };
    }
    def.examples = ExamplesOf(activation.name);
  }
  return functions;
}

}  // namespace strata::layers
