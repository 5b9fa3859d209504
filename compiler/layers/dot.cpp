#include <algorithm>

#include "compiler/layers/functions.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

// What is written for one of the two tensors: an axis for both, or a pair.
const ConfigValue& AxisFor(const Args& args, size_t operand) {
  const std::vector<ConfigValue>& axes = args.List("axes");
  return axes[axes.size() == 1 ? 0 : operand];
}

void LabelBoth(InferContext& context, Diagnostic& diagnostic) {
  for (size_t i = 0; i < 2; ++i) {
    diagnostic.Label(context.inputs[i].span,
                     OperandText(context, i) + " is `" + ToString(context.inputs[i].type.shape) + "`");
  }
}

bool RequireEqual(InferContext& context, size_t axis_a, size_t axis_b) {
  const Shape& a = context.inputs[0].type.shape;
  const Shape& b = context.inputs[1].type.shape;
  const Dim& one = a[axis_a].size;
  const Dim& other = b[axis_b].size;
  if (!one.IsKnown() || !other.IsKnown() || context.AreEqual(one, other)) return true;
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::MergedSizes, ArgumentSpan(context, "axes"), AxisText(a, axis_a), one.ToString(),
                                 OperandText(context, 0), other.ToString(), OperandText(context, 1));
  diagnostic.Primary(axis_a == 0 ? "multiplies sample by sample" : "multiplies along these axes and sums");
  LabelBoth(context, diagnostic);
  if (axis_a == 0) return false;
  // Another pair that fits, if it is the only one.
  std::vector<std::pair<size_t, size_t>> fitting;
  for (size_t i = 1; i < a.size(); ++i) {
    for (size_t k = 1; k < b.size(); ++k) {
      if (a[i].size.IsKnown() && a[i].size == b[k].size) fitting.emplace_back(i, k);
    }
  }
  if (fitting.size() == 1) {
    const auto [i, k] = fitting.front();
    const std::string pair = "(" + AxisArgument(a, i) + ", " + AxisArgument(b, k) + ")";
    diagnostic.Help("`axes=" + pair + "` are of equal size", Applicability::MaybeIncorrect,
                    SetArgument(context, "axes", pair));
  } else if (!one.Constant() || !other.Constant()) {
    context.OfferWhere(diagnostic, {{one, Relation::Equal, other}});
  }
  return false;
}

// The axes of the first without its summed one, then those of the second without it and the batch.
Shape ResultShape(const Shape& a, const Shape& b, size_t axis_a, size_t axis_b) {
  Shape result = a;
  result.erase(result.begin() + static_cast<std::ptrdiff_t>(axis_a));
  for (size_t k = 1; k < b.size(); ++k) {
    if (k == axis_b) continue;
    Axis axis = b[k];
    if (FindAxis(result, axis.name)) axis.name.clear();
    result.push_back(std::move(axis));
  }
  if (result.size() == 1) result.push_back({.name = "features", .size = 1, .provisional = true});
  return result;
}

std::vector<TensorType> Infer(InferContext& context) {
  TensorType unknown = context.input();
  unknown.dtype = DType::F32;
  for (size_t i = 1; i < unknown.shape.size(); ++i) unknown.shape[i].size = Dim::Unknown();
  if (context.inputs.size() != 2) {
    Diagnostic& diagnostic = context.diagnostics.Report(kinds::TensorCount, context.name_span, context.class_name,
                                                        "two tensors", std::to_string(context.inputs.size()) + " are");
    for (const Operand& input : context.inputs) diagnostic.Label(input.span, "is " + ToString(input.type));
    return {unknown};
  }
  if (const size_t count = context.args.List("axes").size(); count != 1 && count != 2) {
    context.diagnostics.Report(kinds::ArgumentType, ArgumentSpan(context, "axes"), "axes", context.class_name,
                               "a tuple of " + std::to_string(count), "an axis for both tensors or a pair");
    return {unknown};
  }
  for (size_t i = 0; i < 2; ++i) {
    if (!RequireFloats(context, i)) return {unknown};
  }
  const std::optional<size_t> a = RequireAxis(context, 0, AxisFor(context.args, 0), "axes");
  if (!a) return {unknown};
  const std::optional<size_t> b = RequireAxis(context, 1, AxisFor(context.args, 1), "axes");
  if (!b || !RequireEqual(context, 0, 0) || !RequireEqual(context, *a, *b)) return {unknown};
  return {
      {.dtype = DType::F32, .shape = ResultShape(context.inputs[0].type.shape, context.inputs[1].type.shape, *a, *b)}};
}

// Each vector along the axis with a length of 1; Keras bounds the factor for a vector of zeros.
core::ValueId Normalized(core::Builder& builder, core::ValueId input, int axis) {
  constexpr double kLargestFactor = 1e7;
  const size_t rank = builder.ExtentsOf(input).size();
  std::vector<int> all, kept;
  for (int i = 0; i < static_cast<int>(rank); ++i) {
    all.push_back(i);
    if (i != axis) kept.push_back(i);
  }
  core::MapBuilder square;
  const core::Expr x = square.Operand(0);
  const core::ValueId sum = builder.Reduce(builder.Map({input}, x * x), core::Reduce::Kind::Sum, {axis});
  core::MapBuilder map;
  const core::Expr value = map.Operand(0);
  const core::Expr factor = Minimum(Apply(core::Map::Function::Rsqrt, map.Operand(1)), kLargestFactor);
  return builder.Map({input, sum}, {all, kept}, rank, value * factor);
}

std::vector<core::ValueId> Expand(ExpandContext& context) {
  core::Builder& builder = context.builder;
  core::Contract product;
  std::vector<core::ValueId> values = context.inputs;
  int next = 2;  // 0 is the batch, 1 the summed axis
  for (size_t i = 0; i < 2; ++i) {
    const Shape& shape = context.input_types[i].shape;
    const std::optional<size_t> summed = FindAxis(shape, AxisFor(context.args, i));
    STRATA_CHECK(summed.has_value());
    if (context.args.Bool("normalize")) values[i] = Normalized(builder, values[i], static_cast<int>(*summed));
    std::vector<int>& labels = i == 0 ? product.left : product.right;
    for (size_t axis = 0; axis < shape.size(); ++axis) labels.push_back(axis == 0 ? 0 : axis == *summed ? 1 : next++);
  }
  product.out = {0};
  for (int label = 2; label < next; ++label) product.out.push_back(label);
  const core::ValueId result = builder.Contract(values[0], values[1], product);
  return {builder.Reshape(result, Sizes(context.output_types.front().shape))};
}

}  // namespace

LayerDef Dot() {
  return {
      .name = "Dot",
      .summary = "Products of two tensors, sample by sample, summed along an axis of each.",
      .inputs = LayerDef::Inputs::Many,
      .params = {{.name = "axes",
                  .type = ParamType::Axes,
                  .doc = "The axis to sum along, by name or position; a pair where it differs between the two."},
                 {.name = "normalize",
                  .type = ParamType::Bool,
                  .doc = "Whether to bring the vectors to a length of 1 before, which gives their cosine.",
                  .default_value = Value(false)}},
      .infer = Infer,
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, features: 6]", "f32[batch, features: 6]"},
                    .call = "Dot(axes=1, normalize=True)",
                    .output = "f32[batch, features: 1]"},
                   {.inputs = {"f32[batch, query: 3, features: 6]", "f32[batch, key: 4, features: 6]"},
                    .call = "Dot(features)",
                    .output = "f32[batch, query: 3, key: 4]"},
                   {.inputs = {"f32[batch, query: 3, key: 4]", "f32[batch, key: 4, features: 6]"},
                    .call = "Dot(axes=(2, 1))",
                    .output = "f32[batch, query: 3, features: 6]"}},
  };
}

}  // namespace strata::layers
