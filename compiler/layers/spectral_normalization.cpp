#include <algorithm>

#include "compiler/layers/layer_list.h"
#include "compiler/layers/params.h"
#include "compiler/layers/wrapper.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

// The weight whose norm training brings to 1.
bool IsNormalized(const MadeWeight& weight) { return weight.path == "kernel" || weight.path == "embeddings"; }

bool HasNormalized(const LayerDef& def) {
  const auto is_normalized = [](const WeightDef& weight) {
    return weight.name == "kernel" || weight.name == "embeddings";
  };
  return std::ranges::any_of(def.weights, is_normalized);
}

std::vector<TensorType> Infer(InferContext& context) {
  const LayerArg& layer = WrappedLayer(context.args);
  if (!HasNormalized(*layer.def)) {
    context.diagnostics.Report(kinds::WrappedLayer, layer.name_span, context.class_name, layer.def->name)
        .Primary("has no weight `kernel` or `embeddings` of its own")
        .Help("it holds a layer with one: Dense, EinsumDense, Embedding or a convolution");
    return {context.input()};
  }
  InferContext inner = ContextOf(context, layer);
  std::vector<TensorType> results = layer.def->infer(inner);
  // Keras casts the result to the input's type; of an Embedding that cuts off what is behind the point.
  for (TensorType& result : results) result.dtype = context.input().dtype;
  return results;
}

// That of the layer inside: Keras marks its result, and the cast of a float to its own type is that result.
std::vector<size_t> MaskOf(const InferContext& context, const std::vector<TensorType>& results) {
  const LayerArg& layer = WrappedLayer(context.args);
  return layer.def->mask.of_results && IsFloat(context.input().dtype) ? layer.def->mask.of_results(context, results)
                                                                      : std::vector<size_t>{};
}

// As Keras lists them: the normalized one first, the others of the layer last.
std::vector<MadeWeight> Weights(const Args& args, const std::vector<TensorType>& inputs) {
  static const WeightDef kVectorU = {.name = "vector_u",
                                     .doc = "For training only.",
                                     .initializer = "truncated_normal",
                                     .trainable = false,
                                     .shape = {}};
  const LayerArg& layer = WrappedLayer(args);
  std::vector<MadeWeight> of_layer = layer.def->WeightsOf(layer.args, inputs);
  std::ranges::stable_partition(of_layer, IsNormalized);
  std::vector<MadeWeight> weights;
  for (MadeWeight& weight : of_layer) {
    const bool is_normalized = IsNormalized(weight);
    weight.path = layer.name + "/" + weight.path;
    weights.push_back(std::move(weight));
    if (!is_normalized) continue;
    const Axis last = weights.back().shape.back();
    weights.push_back({std::string(kVectorU.name), &kVectorU, {{.name = "one", .size = 1}, last}});
  }
  return weights;
}

// Training has divided the kernel by its norm, so that the layer stands for itself.
std::vector<core::ValueId> Expand(ExpandContext& context) {
  const LayerArg& layer = WrappedLayer(context.args);
  std::vector<TensorType> results = context.output_types;
  for (TensorType& result : results) result.dtype = DType::F32;
  ExpandContext inner = ContextOf(context, layer, layer.name, context.input_types, results);
  std::vector<core::ValueId> values = layer.def->expand(inner);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = context.builder.Cast(values[i], context.output_types[i].dtype);
  }
  return values;
}

}  // namespace

LayerDef SpectralNormalization() {
  return {
      .name = "SpectralNormalization",
      .summary = "A layer whose kernel was divided by its largest singular value in training.",
      .params = {{.name = "layer", .type = ParamType::Layer, .doc = "The layer with the kernel: `Conv2D(8, 3)`."},
                 {.name = "power_iterations",
                  .doc = "Steps in training towards the largest singular value; without effect here.",
                  .default_value = Value(1),
                  .min = 1}},
      .infer = Infer,
      .mask = {.of_results = MaskOf},
      .make_weights = Weights,
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, features: 5]"},
                    .call = "SpectralNormalization(Dense(3, \"relu\"))",
                    .output = "f32[batch, features: 3]"},
                   {.inputs = {"f32[batch, height: 5, width: 6, channels: 2]"},
                    .call = "SpectralNormalization(Conv2D(4, 3), power_iterations=2)",
                    .output = "f32[batch, height: 3, width: 4, channels: 4]"}},
  };
}

}  // namespace strata::layers
