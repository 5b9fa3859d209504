#include "compiler/layers/wrapper.h"

#include "compiler/source/check.h"

namespace strata {
namespace {

// For a layer with call parameters: its inputs are the first one's.
std::vector<size_t> CountsOf(const LayerDef& def, size_t inputs) {
  std::vector<size_t> counts(def.TensorParams().size());
  if (!counts.empty()) counts.front() = inputs;
  return counts;
}

}  // namespace

const LayerArg& WrappedLayer(const Args& args) {
  const LayerArg* layer = args.Get("layer").AsLayer();
  STRATA_CHECK(layer != nullptr);
  return *layer;
}

InferContext ContextOf(InferContext& outer, const LayerArg& layer) {
  return {.args = layer.args,
          .class_name = layer.def->name,
          .inputs = outer.inputs,
          .name_span = layer.name_span,
          .call_span = layer.call_span,
          .diagnostics = outer.diagnostics,
          .counts = CountsOf(*layer.def, outer.inputs.size()),
          .past = outer.past,
          .facts = outer.facts,
          .require = outer.require,
          .offer_where = outer.offer_where};
}

std::vector<MadeWeight> WeightsUnder(const std::string& name, const LayerArg& layer,
                                     const std::vector<TensorType>& inputs) {
  std::vector<MadeWeight> weights = layer.def->WeightsOf(layer.args, inputs);
  for (MadeWeight& weight : weights) weight.path = name + "/" + weight.path;
  return weights;
}

ExpandContext ContextOf(ExpandContext& outer, const LayerArg& layer, const std::string& name,
                        const std::vector<TensorType>& input_types, const std::vector<TensorType>& output_types) {
  return {
      .builder = outer.builder,
      .args = layer.args,
      .inputs = outer.inputs,
      .input_types = input_types,
      .output_types = output_types,
      .weight = [weight = outer.weight, name](std::string_view path) { return weight(name + "/" + std::string(path)); },
      .counts = CountsOf(*layer.def, outer.inputs.size()),
      .masks = outer.masks,
      .result_masks = std::vector<std::optional<core::ValueId>>(output_types.size())};
}

}  // namespace strata
