// Add, Subtract, Multiply, Average, Maximum and Minimum.
#include "compiler/layers/merge.h"

#include <algorithm>

#include "compiler/layers/functions.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/masks.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {

Broadcast BroadcastOf(const InferContext& context) {
  std::vector<TensorType> types;
  for (const Operand& operand : context.inputs) types.push_back(operand.type);
  return BroadcastTogether(types, [&](const Dim& a, const Dim& b) { return context.AreEqual(a, b); });
}

Broadcast BroadcastOf(const ExpandContext& context) {
  const core::Graph& graph = context.builder.graph();
  return BroadcastTogether(context.input_types, [&](const Dim& a, const Dim& b) { return graph.AreEqual(a, b); });
}

namespace {

std::vector<TensorType> InferBroadcast(InferContext& context) {
  Broadcast broadcast = BroadcastOf(context);
  if (broadcast.problem) ReportBroadcast(context, *broadcast.problem);
  return {{.dtype = context.input().dtype, .shape = std::move(broadcast.shape)}};
}

std::vector<TensorType> InferElementwise(InferContext& context) {
  if (!RequireOneType(context, 0, context.inputs.size()) || !RequireNumbers(context, 0)) return {context.input()};
  return InferBroadcast(context);
}

using Operator = core::Expr (*)(core::Expr, core::Expr);

// ---- Masks ----

// A merge has a mask where all of its tensors have one, over the same axes: what counts in any of them. How many axes that
// are, from those of each tensor; 0: it has none.
size_t MergedMaskAxes(const std::vector<size_t>& mask_axes, const Broadcast& broadcast) {
  const size_t axes = mask_axes.front();
  for (size_t i = 0; i < mask_axes.size(); ++i) {
    if (mask_axes[i] != axes || broadcast.axes[i].size() < axes) return 0;
    for (size_t axis = 0; axis < axes; ++axis) {
      if (broadcast.axes[i][axis] != static_cast<int>(axis)) return 0;
    }
  }
  return axes;
}

std::vector<size_t> MaskOfMerge(const InferContext& context, const std::vector<TensorType>&) {
  std::vector<size_t> axes;
  for (const Operand& operand : context.inputs) axes.push_back(operand.mask_axes);
  const Broadcast broadcast = BroadcastOf(context);
  return {broadcast.problem ? 0 : MergedMaskAxes(axes, broadcast)};
}

void AppendMaskOfMerge(ExpandContext& context, const Broadcast& broadcast) {
  std::vector<size_t> axes;
  std::vector<core::ValueId> masks;
  for (const std::optional<core::ValueId>& mask : context.masks) {
    axes.push_back(mask ? context.builder.ExtentsOf(*mask).size() : 0);
    if (mask) masks.push_back(*mask);
  }
  if (MergedMaskAxes(axes, broadcast) == 0) return;
  core::MapBuilder map;
  core::Expr any = map.Operand(0, DType::Bool);
  for (size_t i = 1; i < masks.size(); ++i) any = Or(any, map.Operand(static_cast<int>(i), DType::Bool));
  context.result_masks.front() = context.builder.Map(masks, any);
}

// The operator between all tensors, and after it a division by their number where it is their mean.
template <Operator kOperator, bool kIsMean = false>
std::vector<core::ValueId> ExpandElementwise(ExpandContext& context) {
  const Broadcast broadcast = BroadcastOf(context);
  STRATA_CHECK(!broadcast.problem.has_value());
  core::MapBuilder map;
  const DType dtype = context.input_type().dtype;
  core::Expr result = map.Operand(0, dtype);
  for (size_t i = 1; i < context.inputs.size(); ++i)
    result = kOperator(result, map.Operand(static_cast<int>(i), dtype));
  if (kIsMean) result = result / static_cast<double>(context.inputs.size());
  AppendMaskOfMerge(context, broadcast);
  return {context.builder.Map(context.inputs, broadcast.axes, broadcast.shape.size(), result)};
}

// Inputs that have masks among the operands of a Map, behind the tensors themselves.
struct MaskedOperands {
  std::vector<core::ValueId> values;
  std::vector<std::vector<int>> axes;
  std::vector<std::optional<core::Expr>> masks;  // of each tensor
};
MaskedOperands OperandsWithMasks(const ExpandContext& context, const Broadcast& broadcast, core::MapBuilder& map) {
  MaskedOperands operands = {.values = context.inputs, .axes = broadcast.axes, .masks = {}};
  for (size_t i = 0; i < context.inputs.size(); ++i) {
    operands.masks.emplace_back();
    if (!context.masks[i]) continue;
    operands.masks.back() = map.Operand(static_cast<int>(operands.values.size()), DType::Bool);
    operands.values.push_back(*context.masks[i]);
    std::vector<int> axes = broadcast.axes[i];
    axes.resize(context.builder.ExtentsOf(*context.masks[i]).size());
    operands.axes.push_back(std::move(axes));
  }
  return operands;
}

// Where one side is masked, the other one is the result.
template <Operator kOperator>
std::vector<core::ValueId> ExpandExtreme(ExpandContext& context) {
  const Broadcast broadcast = BroadcastOf(context);
  core::MapBuilder map;
  const MaskedOperands operands = OperandsWithMasks(context, broadcast, map);
  const DType dtype = context.input_type().dtype;
  core::Expr result = map.Operand(0, dtype);
  std::optional<core::Expr> counts = operands.masks.front();
  for (size_t i = 1; i < context.inputs.size(); ++i) {
    const std::optional<core::Expr> mask = operands.masks[i];
    core::Expr x = map.Operand(static_cast<int>(i), dtype);
    if (mask) x = Select(*mask, x, result);
    if (counts) result = Select(*counts, result, x);
    counts = mask && counts ? std::optional(Or(*counts, *mask)) : std::nullopt;
    result = kOperator(result, x);
  }
  AppendMaskOfMerge(context, broadcast);
  return {context.builder.Map(operands.values, operands.axes, broadcast.shape.size(), result)};
}

// What is masked is 1, and 0 where all are.
std::vector<core::ValueId> ExpandMultiply(ExpandContext& context) {
  const Broadcast broadcast = BroadcastOf(context);
  core::MapBuilder map;
  const MaskedOperands operands = OperandsWithMasks(context, broadcast, map);
  const DType dtype = context.input_type().dtype;
  std::optional<core::Expr> result, counts;
  bool are_all_masked = true;
  for (size_t i = 0; i < context.inputs.size(); ++i) {
    const std::optional<core::Expr> mask = operands.masks[i];
    core::Expr x = map.Operand(static_cast<int>(i), dtype);
    if (mask) {
      x = Select(*mask, x, map.Constant(1, dtype));
      counts = counts ? Or(*counts, *mask) : *mask;
    }
    are_all_masked = are_all_masked && mask;
    result = result ? *result * x : x;
  }
  if (are_all_masked) result = Select(*counts, *result, map.Constant(0, dtype));
  AppendMaskOfMerge(context, broadcast);
  return {context.builder.Map(operands.values, operands.axes, broadcast.shape.size(), *result)};
}

std::vector<TensorType> InferAverage(InferContext& context) {
  if (!RequireOneType(context, 0, context.inputs.size())) return {context.input()};
  strata::RequireFloats(context);
  return InferBroadcast(context);
}

std::vector<TensorType> InferSubtract(InferContext& context) {
  if (context.inputs.size() == 2) return InferElementwise(context);
  context.diagnostics
      .Report(kinds::TensorCount, context.name_span, context.class_name, "two tensors",
              std::to_string(context.inputs.size()) + " are")
      .Primary("takes the second tensor from the first")
      .Help("for more, subtract one after the other: `Subtract()(Subtract()(a, b), c)`");
  return {context.input()};
}

using InferRule = std::vector<TensorType> (*)(InferContext&);
using ExpandRule = std::vector<core::ValueId> (*)(ExpandContext&);

LayerDef Elementwise(std::string_view name, std::string_view summary, InferRule infer, ExpandRule expand,
                     std::vector<LayerExample> examples) {
  return {
      .name = name,
      .summary = summary,
      .inputs = LayerDef::Inputs::Many,
      .params = {},
      .infer = infer,
      .mask = {.of_results = MaskOfMerge},
      .expand = expand,
      .examples = std::move(examples),
  };
}

}  // namespace

LayerDef Add() {
  return Elementwise(
      "Add", "Sum of tensors, element by element.", InferElementwise, ExpandElementwise<core::operator+ >,
      {{.inputs = {"f32[batch, height: 3, width: 4, channels: 5]", "f32[batch, height: 3, width: 4, channels: 5]"},
        .call = "Add()",
        .output = "f32[batch, height: 3, width: 4, channels: 5]"},
       {.inputs = {"f32[batch, time: 3, features: 5]", "f32[batch, features: 5]", "f32[batch, time: 3]"},
        .call = "Add()",
        .output = "f32[batch, time: 3, features: 5]"}});
}

LayerDef Subtract() {
  return Elementwise("Subtract", "The first tensor less the second, element by element.", InferSubtract,
                     ExpandElementwise<core::operator- >,
                     {{.inputs = {"f32[batch, features: 5]", "f32[batch, features: 5]"},
                       .call = "Subtract()",
                       .output = "f32[batch, features: 5]"},
                      {.inputs = {"f32[batch, features: 5]", "f32[batch, time: 3, features: 5]"},
                       .call = "Subtract()",
                       .output = "f32[batch, time: 3, features: 5]"}});
}

LayerDef Multiply() {
  return Elementwise("Multiply", "Product of tensors, element by element.", InferElementwise, ExpandMultiply,
                     {{.inputs = {"f32[batch, height: 3, width: 4, channels: 5]", "f32[batch, channels: 5]"},
                       .call = "Multiply()",
                       .output = "f32[batch, height: 3, width: 4, channels: 5]"},
                      {.inputs = {"f32[batch, features: 6]", "f32[batch, features: 6]", "f32[batch, features: 6]"},
                       .call = "Multiply()",
                       .output = "f32[batch, features: 6]"}});
}

LayerDef Average() {
  return Elementwise("Average", "Mean of tensors, element by element.", InferAverage,
                     ExpandElementwise<core::operator+, true>,
                     {{.inputs = {"f32[batch, features: 6]", "f32[batch, features: 6]", "f32[batch, features: 6]"},
                       .call = "Average()",
                       .output = "f32[batch, features: 6]"},
                      {.inputs = {"f32[batch, time: 3, features: 5]", "f32[batch, features: 5]"},
                       .call = "Average()",
                       .output = "f32[batch, time: 3, features: 5]"}});
}

LayerDef Maximum() {
  return Elementwise("Maximum", "The larger one of elements.", InferElementwise, ExpandExtreme<core::Maximum>,
                     {{.inputs = {"f32[batch, time: 3, features: 5]", "f32[batch, features: 5]"},
                       .call = "Maximum()",
                       .output = "f32[batch, time: 3, features: 5]"},
                      {.inputs = {"f32[batch, features: 5]", "f32[batch, features: 5]", "f32[batch, features: 5]"},
                       .call = "Maximum()",
                       .output = "f32[batch, features: 5]"}});
}

LayerDef Minimum() {
  return Elementwise("Minimum", "The smaller one of elements.", InferElementwise, ExpandExtreme<core::Minimum>,
                     {{.inputs = {"f32[batch, time: 3, features: 5]", "f32[batch, features: 5]"},
                       .call = "Minimum()",
                       .output = "f32[batch, time: 3, features: 5]"},
                      {.inputs = {"f32[batch, features: 5]", "f32[batch, features: 5]", "f32[batch, features: 5]"},
                       .call = "Minimum()",
                       .output = "f32[batch, features: 5]"}});
}

}  // namespace strata::layers
