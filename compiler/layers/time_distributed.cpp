#include "compiler/layers/layer_list.h"
#include "compiler/layers/masks.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/wrapper.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

constexpr size_t kSteps = 1;  // the axis that is mapped, whatever its name

TensorType WithoutSteps(TensorType type) {
  type.shape.erase(type.shape.begin() + kSteps);
  return type;
}

// What stands for one step: the wrapped layer's input.
Operand OneStep(const Operand& input) {
  return {.type = WithoutSteps(input.type),
          .span = input.span,
          .name = input.name,
          .type_span = {},
          .mask_axes = input.mask_axes == 0 ? 0 : input.mask_axes - 1};
}

OperandPast WithoutSteps(OperandPast past) {
  if (past.changes.size() > kSteps) past.changes.erase(past.changes.begin() + kSteps);
  return past;
}

std::vector<TensorType> Infer(InferContext& context) {
  const LayerArg& layer = WrappedLayer(context.args);
  const Shape& shape = context.input().shape;
  if (layer.def->inputs != LayerDef::Inputs::One) {
    context.diagnostics.Report(kinds::WrappedLayer, layer.name_span, context.class_name, layer.def->name)
        .Primary("takes several tensors, one is mapped");
    return {};
  }
  if (shape.size() < 3) {
    Diagnostic& diagnostic = context.diagnostics.Report(kinds::NoSteps, context.name_span, context.class_name,
                                                        ToString(shape), static_cast<int64_t>(shape.size()));
    diagnostic.Primary("maps axis 1, and something must be left of each step")
        .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`");
    const std::vector<OperandPast::Dropped> dropped = context.PastOf(0).dropped;
    for (const OperandPast::Dropped& axis : dropped) {
      if (OfferSequences(diagnostic, axis.layer)) break;
    }
    if (diagnostic.helps.empty())
      diagnostic.Help("without steps the layer stands alone: `" + std::string(layer.def->name) + "(...)`");
    return {{.dtype = DType::F32, .shape = {shape.front(), {.size = Dim::Unknown()}, {.size = Dim::Unknown()}}}};
  }
  RequireLeadingMask(context, kSteps + 1);
  InferContext inner = ContextOf(context, layer);
  inner.inputs = {OneStep(context.inputs.front())};
  inner.past = [&](size_t operand) { return WithoutSteps(context.PastOf(operand)); };
  std::vector<TensorType> results = layer.def->infer(inner);
  for (TensorType& result : results) {
    Axis steps = shape[kSteps];
    if (!steps.name.empty()) {
      // A name the layer made gives way.
      if (const std::optional<size_t> taken = FindAxis(result.shape, steps.name)) result.shape[*taken].name.clear();
    }
    result.shape.insert(result.shape.begin() + kSteps, std::move(steps));
  }
  return results;
}

// The mask stays as it is, as far as the axes that it is over do.
std::vector<size_t> MaskOf(const InferContext& context, const std::vector<TensorType>& results) {
  const Shape& before = context.input().shape;
  const Shape& after = results.front().shape;
  const size_t axes = context.inputs.front().mask_axes;
  bool stays = axes < after.size();
  for (size_t i = 0; i < axes && stays; ++i) stays = context.AreEqual(before[i].size, after[i].size);
  return {stays ? axes : 0};
}

std::vector<MadeWeight> Weights(const Args& args, const std::vector<TensorType>& inputs) {
  const LayerArg& layer = WrappedLayer(args);
  return WeightsUnder(layer.name, layer, {WithoutSteps(inputs.front())});
}

// All steps of all samples at once, as a larger batch.
std::vector<core::ValueId> Expand(ExpandContext& context) {
  const LayerArg& layer = WrappedLayer(context.args);
  TensorType joined = WithoutSteps(context.input_type());
  joined.shape.front().size *= context.input_type().shape[kSteps].size;
  std::vector<TensorType> joined_results;
  for (const TensorType& result : context.output_types) {
    joined_results.push_back(WithoutSteps(result));
    joined_results.back().shape.front().size = joined.shape.front().size;
  }
  const std::vector<TensorType> joined_inputs = {joined};
  ExpandContext inner = ContextOf(context, layer, layer.name, joined_inputs, joined_results);
  inner.inputs = {context.builder.Reshape(context.input(), Sizes(joined.shape))};
  inner.masks = {std::nullopt};
  if (const std::optional<core::ValueId> mask = context.masks.front(); mask && layer.def->mask.is_read) {
    core::Extents extents = context.builder.ExtentsOf(*mask);
    extents.erase(extents.begin());
    extents.front() = joined.shape.front().size;
    inner.masks = {context.builder.Reshape(*mask, std::move(extents))};
  }
  std::vector<core::ValueId> results = layer.def->expand(inner);
  for (size_t i = 0; i < results.size(); ++i) {
    results[i] = context.builder.Reshape(results[i], Sizes(context.output_types[i].shape));
  }
  return results;
}

}  // namespace

LayerDef TimeDistributed() {
  return {
      .name = "TimeDistributed",
      .summary = "Another layer on each step of a sequence.",
      .params = {{.name = "layer", .type = ParamType::Layer, .doc = "The layer that maps one step: `Conv2D(8, 3)`."}},
      .call_params = {{.name = "inputs", .type = ParamType::Tensor, .doc = "The steps."}, MaskParam()},
      .infer = Infer,
      .mask = {.of_results = MaskOf, .is_read = true},
      .make_weights = Weights,
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, time: 4, features: 5]"},
                    .call = "TimeDistributed(Dense(3, activation=\"relu\"))",
                    .output = "f32[batch, time: 4, features: 3]"},
                   {.inputs = {"f32[batch, time: 3, height: 5, width: 6, channels: 2]"},
                    .call = "TimeDistributed(Conv2D(4, 3))",
                    .output = "f32[batch, time: 3, height: 3, width: 4, channels: 4]"},
                   {.inputs = {"f32[batch, time: 3, height: 5, width: 6, channels: 2]"},
                    .call = "TimeDistributed(TimeDistributed(Conv1D(4, 3)))",
                    .output = "f32[batch, time: 3, height: 5, 4, channels: 4]"}},
      .axes_note = "maps axis 1",
  };
}

}  // namespace strata::layers
