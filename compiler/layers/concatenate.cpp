// Concatenate, and the functions concatenate and stack.
#include <algorithm>

#include "compiler/layers/functions.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/masks.h"
#include "compiler/layers/merge.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

// The Reshape that gives a tensor the axes of one with one more, at the end, which is 1 then; nothing where the others
// differ.
std::optional<std::string> ReshapeLike(const Shape& less, const Shape& more) {
  if (less.size() + 1 != more.size()) return std::nullopt;
  std::string entries;
  for (size_t i = 1; i < more.size(); ++i) {
    const bool is_added = i == less.size();
    if (!is_added && !(less[i].size.IsKnown() && less[i].size.Constant() && less[i].size == more[i].size)) {
      return std::nullopt;
    }
    const Axis axis{.name = more[i].name, .size = is_added ? Dim(1) : less[i].size};
    entries += (entries.empty() ? "" : ", ") + ToString(axis);
  }
  return "Reshape([" + entries + "])";
}

void ReportRanks(InferContext& context, size_t operand) {
  const Shape& first = ShapeOf(context, 0);
  const Shape& other = ShapeOf(context, operand);
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::JoinedRanks, context.name_span, OperandText(context, 0),
                                                      static_cast<int64_t>(first.size()), OperandText(context, operand),
                                                      static_cast<int64_t>(other.size()));
  diagnostic.Primary("joins tensors of the same axes");
  LabelBoth(context, diagnostic, 0, operand);
  const bool is_first_less = first.size() < other.size();
  const size_t less = is_first_less ? 0 : operand;
  const size_t more = is_first_less ? operand : 0;
  if (const auto reshape = ReshapeLike(ShapeOf(context, less), ShapeOf(context, more))) {
    diagnostic.Help(
        "give " + OperandText(context, less) + " the axes of " + OperandText(context, more) + ": `" + *reshape + "`",
        Applicability::MaybeIncorrect, AppendStep(context, less, *reshape));
  } else {
    diagnostic.Help("bring one of them to the other's axes first: `Reshape` adds one, `Flatten` takes all into one");
  }
}

// The only axis in which any input differs from the first, if there is one.
std::optional<size_t> OnlyDifference(const InferContext& context) {
  const std::vector<Shape> shapes = Shapes(context);
  std::optional<size_t> difference;
  for (size_t axis = 1; axis < shapes.front().size(); ++axis) {
    const Dim& size = shapes.front()[axis].size;
    const bool differs =
        std::ranges::any_of(shapes, [&](const Shape& shape) { return !context.AreEqual(shape[axis].size, size); });
    if (differs && difference) return std::nullopt;
    if (differs) difference = axis;
  }
  return difference;
}

void ReportJoinedSizes(InferContext& context, size_t operand, size_t axis) {
  const Shape& first = ShapeOf(context, 0);
  const Shape& other = ShapeOf(context, operand);
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::MergedSizes, context.name_span, AxisText(first, axis),
                                                      first[axis].size.ToString(), OperandText(context, 0),
                                                      other[axis].size.ToString(), OperandText(context, operand));
  const ConfigValue& joined = context.args.Get("axis");
  diagnostic.Primary("joins along `axis=" + (joined.AsString() ? *joined.AsString() : Written(joined)) +
                     "`, all other sizes must be equal");
  LabelSize(context, diagnostic, 0, axis);
  LabelSize(context, diagnostic, operand, axis);
  const std::optional<size_t> only = OnlyDifference(context);
  if (!only) {
    OfferOneSize(context, diagnostic, {.operand = operand, .other = 0, .axis = axis, .other_axis = axis});
    return;
  }
  const std::string fix = AxisArgument(first, *only);
  diagnostic.Help("only " + AxisText(first, *only) + " differs: `axis=" + fix + "`", Applicability::MaybeIncorrect,
                  SetArgument(context, "axis", fix));
}

// Whether an input can be joined to the first one along `axis`. The batch axes are the same whatever their names.
bool CheckJoined(InferContext& context, size_t operand, size_t axis) {
  const Shape& first = ShapeOf(context, 0);
  const Shape& other = ShapeOf(context, operand);
  for (size_t i = 0; i < first.size(); ++i) {
    if (i == axis) continue;
    const bool are_named = i > 0 && !first[i].name.empty() && !other[i].name.empty();
    const bool are_fixed = !first[i].provisional && !other[i].provisional;
    if (are_named && are_fixed && FindAxis(other, first[i].name) != i) {
      if (FindAxis(other, first[i].name)) {
        ReportOrder(context, 0, operand);
      } else {
        Diagnostic& diagnostic =
            context.diagnostics.Report(kinds::JoinedNames, context.name_span, static_cast<int64_t>(i), first[i].name,
                                       OperandText(context, 0), other[i].name, OperandText(context, operand));
        diagnostic.Primary("joins tensors of the same axes");
        LabelBoth(context, diagnostic, 0, operand).Help("give the axis one name where the inputs are declared");
      }
      return false;
    }
    if (!context.AreEqual(first[i].size, other[i].size) && first[i].size.IsKnown() && other[i].size.IsKnown()) {
      ReportJoinedSizes(context, operand, i);
      return false;
    }
  }
  return true;
}

// The joined axis: as long as all together; it keeps a name that all agree on.
Axis Joined(const std::vector<Shape>& shapes, size_t axis) {
  Axis result = shapes.front()[axis];
  bool agree = true;
  for (size_t i = 1; i < shapes.size(); ++i) {
    const Axis& other = shapes[i][axis];
    result.size += other.size;
    result.provisional = result.provisional && other.provisional;
    agree = agree && other.name == result.name;
  }
  result.deliberate_one = false;
  return agree ? result : MadeAxis(shapes.front(), axis, "features", result.size);
}

std::vector<TensorType> InferConcatenate(InferContext& context) {
  if (!RequireOneType(context, 0, context.inputs.size())) return {context.input()};
  TensorType result = context.input();
  std::optional<size_t> axis;
  bool can_join = true;
  for (size_t i = 0; i < context.inputs.size() && can_join; ++i) {
    if (ShapeOf(context, i).size() != result.shape.size()) {
      ReportRanks(context, i);
      can_join = false;
      break;
    }
    const std::optional<size_t> found = RequireAxis(context, i, context.args.Get("axis"));
    if (i == 0) axis = found;
    if (found && axis && *found != *axis) ReportOrder(context, 0, i);
    can_join = found && axis && *found == *axis && CheckJoined(context, i, *axis);
  }
  if (can_join) {
    LintDefaultAxis(context);
    result.shape[*axis] = Joined(Shapes(context), *axis);
  } else {
    // `axis` itself may be the mistake.
    for (size_t i = 1; i < result.shape.size(); ++i) result.shape[i].size = Dim::Unknown();
  }
  return {result};
}

std::vector<core::ValueId> ExpandConcatenate(ExpandContext& context) {
  const std::optional<size_t> axis = FindAxis(context.input_type().shape, context.args.Get("axis"));
  STRATA_CHECK(axis.has_value());
  return {context.builder.Concat(context.inputs, static_cast<int>(*axis))};
}

// Where any tensor has a mask, so has the result: what counts in any of them where the last axis is joined, each with its own
// along another one. A tensor without a mask counts everywhere.
std::vector<size_t> MaskOfConcatenate(const InferContext& context, const std::vector<TensorType>&) {
  const size_t axes = context.input().shape.size() - 1;
  bool is_masked = false;
  for (const Operand& operand : context.inputs) {
    if (operand.mask_axes != 0 && operand.mask_axes != axes) return {};
    is_masked = is_masked || operand.mask_axes != 0;
  }
  return {is_masked ? axes : 0};
}

void AppendMaskOfConcatenate(ExpandContext& context, size_t axis) {
  const size_t rank = context.input_type().shape.size();
  std::vector<core::ValueId> masks;
  for (size_t i = 0; i < context.inputs.size(); ++i) {
    const std::optional<core::ValueId>& mask = context.masks[i];
    if (mask && context.builder.ExtentsOf(*mask).size() + 1 != rank) return;
    // That of a tensor without one depends on its sizes alone.
    core::Extents extents = Sizes(context.input_types[i].shape);
    extents.pop_back();
    masks.push_back(mask ? *mask : AppendFullMask(context.builder, std::move(extents)));
  }
  if (axis + 1 < rank) {
    context.result_masks.front() = context.builder.Concat(masks, static_cast<int>(axis));
    return;
  }
  core::MapBuilder map;
  core::Expr any = map.Operand(0, DType::Bool);
  for (size_t i = 1; i < masks.size(); ++i) any = Or(any, map.Operand(static_cast<int>(i), DType::Bool));
  context.result_masks.front() = context.builder.Map(masks, any);
}

std::vector<core::ValueId> ExpandConcatenateLayer(ExpandContext& context) {
  const size_t axis = *FindAxis(context.input_type().shape, context.args.Get("axis"));
  const bool is_masked = std::ranges::any_of(context.masks, [](const auto& mask) { return mask.has_value(); });
  if (is_masked) AppendMaskOfConcatenate(context, axis);
  return ExpandConcatenate(context);
}

// ---- stack ----

std::vector<TensorType> InferStack(InferContext& context) {
  const TensorType& first = context.input();
  TensorType result = first;
  const std::optional<size_t> position = RequireNewAxis(context, first);
  bool can_join = RequireOneType(context, 0, context.inputs.size());
  for (size_t i = 1; i < context.inputs.size() && can_join; ++i) {
    can_join = ShapeOf(context, i).size() == first.shape.size();
    if (!can_join) ReportRanks(context, i);
    can_join = can_join && CheckJoined(context, i, first.shape.size());
  }
  Axis axis{.size = static_cast<int64_t>(context.inputs.size())};
  result.shape.insert(result.shape.begin() + static_cast<std::ptrdiff_t>(position.value_or(result.shape.size())), axis);
  return {result};
}

std::vector<core::ValueId> ExpandStack(ExpandContext& context) {
  const Shape& shape = context.output_types.front().shape;
  const int64_t axis = context.args.Int("axis");
  const size_t position = static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(shape.size()) : axis);
  core::Extents extents = Sizes(shape);
  extents[position] = 1;
  std::vector<core::ValueId> parts;
  for (const core::ValueId input : context.inputs) parts.push_back(context.builder.Reshape(input, extents));
  return {context.builder.Concat(std::move(parts), static_cast<int>(position))};
}

}  // namespace

LayerDef ConcatenateFunction() {
  return {
      .name = "Concatenate",
      .summary = "Tensors side by side along an axis.",
      .form = LayerDef::Form::Function,
      .function_name = "concatenate",
      .params = {{.name = "xs", .type = ParamType::Tensors, .doc = "The tensors, in a list or one by one."},
                 {.name = "axis",
                  .type = ParamType::Axis,
                  .doc = "The axis, by name or position; its size may differ. Keras' default is the batch axis.",
                  .default_value = Value(0)}},
      .infer = InferConcatenate,
      .expand = ExpandConcatenate,
      .examples = {{{"f32[batch, time: 3, features: 4]", "f32[batch, time: 2, features: 4]"},
                    "concatenate([x0, x1], axis=time)",
                    "f32[batch, time: 5, features: 4]"},
                   {{"i32[batch, time: 3, features: 4]", "i32[batch, time: 3, features: 1]"},
                    "concatenate([x0, x1, x0], axis=-1)",
                    "i32[batch, time: 3, features: 9]"}},
  };
}

LayerDef StackFunction() {
  return {
      .name = "Stack",
      .summary = "Tensors of one shape side by side along a new axis.",
      .form = LayerDef::Form::Function,
      .function_name = "stack",
      .params = {{.name = "x", .type = ParamType::Tensors, .doc = "The tensors, in a list or one by one."},
                 {.name = "axis",
                  .doc = "Position of the new axis, which has no name. Keras' default is before the batch axis.",
                  .default_value = Value(0)}},
      .infer = InferStack,
      .expand = ExpandStack,
      .examples = {{{"f32[batch, features: 4]", "f32[batch, features: 4]", "f32[batch, features: 4]"},
                    "stack([x0, x1, x2], axis=1)",
                    "f32[batch, 3, features: 4]"},
                   {{"i32[batch, features: 4]", "i32[batch, features: 4]"},
                    "stack([x0, x1], axis=-1)",
                    "i32[batch, features: 4, 2]"}},
  };
}

LayerDef Concatenate() {
  return {
      .name = "Concatenate",
      .summary = "Tensors side by side along an axis.",
      .inputs = LayerDef::Inputs::Many,
      .params = {{.name = "axis",
                  .type = ParamType::Axis,
                  .doc = "The axis, by name or position; its size may differ.",
                  .default_value = Value(-1)}},
      .infer = InferConcatenate,
      .mask = {.of_results = MaskOfConcatenate},
      .expand = ExpandConcatenateLayer,
      .examples =
          {{.inputs = {"f32[batch, height: 3, width: 4, channels: 5]", "f32[batch, height: 3, width: 4, channels: 2]"},
            .call = "Concatenate()",
            .output = "f32[batch, height: 3, width: 4, channels: 7]"},
           {.inputs = {"f32[batch, channels: 3, height: 3, width: 4]", "f32[batch, channels: 1, height: 3, width: 4]"},
            .call = "Concatenate(axis=channels)",
            .output = "f32[batch, channels: 4, height: 3, width: 4]"},
           {.inputs = {"f32[batch, features: 4]", "f32[batch, features: 2]", "f32[batch, features: 7]"},
            .call = "Concatenate(axis=1)",
            .output = "f32[batch, features: 13]"}},
  };
}

}  // namespace strata::layers
