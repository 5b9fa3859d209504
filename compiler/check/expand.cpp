#include <utility>

#include "compiler/check/network.h"
#include "compiler/layers/masks.h"
#include "compiler/source/check.h"

namespace strata {
namespace {

core::Extents ExtentsOf(const TensorType& type) { return Sizes(type.shape); }

// A value that is not negative exactly where the condition holds.
Dim Holding(const Condition& condition) {
  const Dim rest = condition.right - condition.left;
  switch (condition.relation) {
    case Relation::Equal: return Min(rest, Dim(0) - rest);
    case Relation::NotEqual: return Max(rest, Dim(0) - rest) - 1;
    case Relation::Less: return rest - 1;
    case Relation::LessEqual: return rest;
  }
  STRATA_CHECK(false && "a Relation");
}

core::Guard ToCore(const NetworkGuard& guard) {
  using Test = core::Guard::Test;
  const Condition& first = guard.any_of.front();
  if (guard.any_of.size() == 1 && first.relation == Relation::Equal) {
    return {.value = first.right - first.left, .test = Test::Zero, .text = guard.text};
  }
  Dim value = Holding(first);
  for (const Condition& condition : guard.any_of) value = Max(value, Holding(condition));
  return {.value = std::move(value), .test = Test::NotNegative, .text = guard.text};
}

using Masks = std::vector<std::optional<core::ValueId>>;

class Expander {
 public:
  explicit Expander(const Network& network)
      : network_(network),
        builder_(graph_),
        values_(network.values.size()),
        masks_(network.values.size()),
        joint_masks_(network.values.size()),
        weights_(network.weights.size()) {}

  core::Graph Expand() {
    graph_.symbols = network_.symbols;
    graph_.facts = network_.facts;
    for (const NetworkGuard& guard : network_.guards) builder_.Guard(ToCore(guard));
    for (const NetworkInput& input : network_.inputs) {
      const TensorType& type = TypeOf(input.value);
      builder_.SetOrigin(input.name);
      values_[static_cast<size_t>(input.value)] = builder_.Input(ExtentsOf(type), type.dtype);
    }
    for (size_t i = 0; i < network_.values.size(); ++i) {
      if (network_.values[i].constant == nullptr) continue;
      builder_.SetOrigin("constant");
      values_[i] = builder_.Constant(*network_.values[i].constant);
    }
    for (const NetworkNode& node : network_.nodes) ExpandNode(node);
    for (const NetworkOutput& output : network_.outputs) {
      graph_.outputs.push_back(values_[static_cast<size_t>(output.value)]);
    }
    return std::move(graph_);
  }

 private:
  const TensorType& TypeOf(int value) const { return network_.values[static_cast<size_t>(value)].type; }

  void ExpandNode(const NetworkNode& node) {
    const NetworkLayer& layer = network_.layers[static_cast<size_t>(node.layer)];
    std::vector<core::ValueId> inputs;
    Masks masks, joint_masks;
    std::vector<TensorType> input_types, output_types;
    builder_.SetOrigin(layer.name);
    for (const int input : node.inputs) {
      inputs.push_back(values_[static_cast<size_t>(input)]);
      masks.push_back(masks_[static_cast<size_t>(input)]);
      joint_masks.push_back(joint_masks_[static_cast<size_t>(input)]);
      input_types.push_back(TypeOf(input));
      // As the checker has it: a layer computes in f32.
      DType& dtype = input_types.back().dtype;
      if (layer.def->form == LayerDef::Form::Function || !IsFloat(dtype) || dtype == DType::F32) continue;
      dtype = DType::F32;
      inputs.back() = builder_.Cast(inputs.back(), dtype);
    }
    const OperandRange given = GivenMasks(*layer.def, node.counts);
    for (size_t i = given.begin; i < given.end; ++i) {
      masks[i - given.begin] = joint_masks[i - given.begin] = inputs[i];
    }
    if (KeepsMaskOfModel(*layer.def) && masks.front()) joint_masks = masks;
    for (const int output : node.outputs) output_types.push_back(TypeOf(output));
    ExpandContext context{.builder = builder_,
                          .args = layer.args,
                          .inputs = std::move(inputs),
                          .input_types = input_types,
                          .output_types = output_types,
                          .weight = [&](std::string_view name) { return WeightOf(layer, name); },
                          .counts = node.counts,
                          .call_args = node.call_args ? &*node.call_args : nullptr,
                          .masks = {},
                          .result_masks = {}};
    const auto expand = [&](const Masks& operand_masks) {
      context.masks = operand_masks;
      context.result_masks = Masks(node.outputs.size());
      return layer.def->expand(context);
    };
    const bool is_joint = layer.def->inputs == LayerDef::Inputs::Many;
    const std::vector<core::ValueId> results = expand(is_joint ? joint_masks : masks);
    STRATA_CHECK(results.size() == node.outputs.size());
    for (size_t i = 0; i < results.size(); ++i) {
      STRATA_CHECK(graph_.AreEqual(builder_.ExtentsOf(results[i]), ExtentsOf(output_types[i])));
      values_[static_cast<size_t>(node.outputs[i])] = results[i];
    }
    SetMasks(context, node, is_joint ? &NetworkValue::joint_mask_axes : &NetworkValue::mask_axes);
    // Only where something took a mask are there two; a layer of several tensors makes one of them again, beside values
    // that nothing reads.
    Masks& others = is_joint ? masks : joint_masks;
    if (is_joint && !TakesMasks(*layer.def) && masks != joint_masks) {
      expand(others);
    } else if (!is_joint || masks != joint_masks) {
      context.masks = others;
    }
    SetMasks(context, node, is_joint ? &NetworkValue::mask_axes : &NetworkValue::joint_mask_axes);
    if (!TakesMasks(*layer.def)) return;
    for (const int input : node.inputs) joint_masks_[static_cast<size_t>(input)] = std::nullopt;
  }

  void SetMasks(const ExpandContext& context, const NetworkNode& node, size_t NetworkValue::* axes) {
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const size_t output = static_cast<size_t>(node.outputs[i]);
      Masks& masks = axes == &NetworkValue::mask_axes ? masks_ : joint_masks_;
      masks[output] = MaskOfResult(context, i, network_.values[output].*axes);
    }
  }

  std::optional<core::ValueId> MaskOfResult(const ExpandContext& context, size_t result, size_t axes) const {
    if (axes == 0) return std::nullopt;
    const std::optional<core::ValueId> own = context.result_masks[result];
    const std::optional<core::ValueId> mask = own ? own : context.masks.front();
    STRATA_CHECK(mask.has_value() && builder_.TypeOf(*mask) == DType::Bool);
    core::Extents covered = ExtentsOf(context.output_types[result]);
    covered.resize(axes);
    STRATA_CHECK(graph_.AreEqual(builder_.ExtentsOf(*mask), covered));
    return mask;
  }

  // One operation for each weight, however often its layer is applied.
  std::optional<core::ValueId> WeightOf(const NetworkLayer& layer, std::string_view name) {
    for (const int index : layer.weights) {
      const NetworkWeight& weight = network_.weights[static_cast<size_t>(index)];
      if (weight.suffix != name) continue;
      core::ValueId& value = weights_[static_cast<size_t>(index)];
      if (value.index >= 0) return value;
      std::vector<int64_t> sizes;
      for (const Axis& axis : weight.shape) sizes.push_back(*axis.size.Constant());
      value = builder_.Weight(weight.path, std::move(sizes));
      return value;
    }
    return std::nullopt;
  }

  const Network& network_;
  core::Graph graph_;
  core::Builder builder_;
  std::vector<core::ValueId> values_;   // parallel to the network's
  Masks masks_;                         // of the values
  Masks joint_masks_;                   // those that layers of several tensors find
  std::vector<core::ValueId> weights_;  // likewise; index -1: not there yet
};

}  // namespace

core::Graph Expand(const Network& network) { return Expander(network).Expand(); }

}  // namespace strata
