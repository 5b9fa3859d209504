// Add, Subtract, Multiply, Average, Maximum, Minimum and Concatenate.
#include <algorithm>

#include "compiler/layers/broadcast.h"
#include "compiler/layers/functions.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/masks.h"
#include "compiler/layers/merge.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/layers/sliding.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

// ---- Messages of all ----

const Shape& ShapeOf(const InferContext& context, size_t operand) { return context.inputs[operand].type.shape; }

Diagnostic& LabelOperand(InferContext& context, Diagnostic& diagnostic, size_t operand) {
  return diagnostic.Label(context.inputs[operand].span,
                          OperandText(context, operand) + " is `" + ToString(ShapeOf(context, operand)) + "`");
}

Diagnostic& LabelBoth(InferContext& context, Diagnostic& diagnostic, size_t a, size_t b) {
  return LabelOperand(context, LabelOperand(context, diagnostic, std::min(a, b)), std::max(a, b));
}

// That the sizes of two shapes of one rank are equal, wherever that is not decided by numbers.
std::vector<Condition> Equalities(const InferContext& context, const Shape& a, const Shape& b) {
  std::vector<Condition> equal;
  for (size_t i = 0; i < a.size() && a.size() == b.size(); ++i) {
    const bool is_decided = context.AreEqual(a[i].size, b[i].size) || (a[i].size.Constant() && b[i].size.Constant());
    if (!is_decided) equal.push_back({a[i].size, Relation::Equal, b[i].size});
  }
  return equal;
}

// Whether another operand went through the layer as well, so that it makes no difference between them.
bool IsShared(const InferContext& context, size_t operand, Span layer) {
  for (size_t other = 0; other < context.inputs.size(); ++other) {
    if (other == operand) continue;
    for (const std::vector<OperandPast::Change>& changes : context.PastOf(other).changes) {
      if (std::ranges::find(changes, layer, &OperandPast::Change::span) != changes.end()) return true;
    }
  }
  return false;
}

// The last layer that made an axis of the operand shorter, and of no other one; null: none did.
const OperandPast::Change* LastOwnChange(const InferContext& context, size_t operand,
                                         const std::vector<OperandPast::Change>& changes) {
  for (size_t i = changes.size(); i-- > 0;) {
    const std::optional<int64_t> growth = (changes[i].to - changes[i].from).Constant();
    if (growth && *growth < 0 && !IsShared(context, operand, changes[i].span)) return &changes[i];
  }
  return nullptr;
}

// The convolution without padding that made the operand's axis shorter; nothing where none did.
std::optional<OperandPast::Maker> UnpaddedMaker(const InferContext& context, size_t operand, size_t axis) {
  const OperandPast past = context.PastOf(operand);
  if (axis >= past.changes.size()) return std::nullopt;
  const OperandPast::Change* change = LastOwnChange(context, operand, past.changes[axis]);
  if (change == nullptr) return std::nullopt;
  for (const OperandPast::Maker& maker : past.makers) {
    if (!Contains(maker.call_span, change->span)) continue;
    const std::vector<Param>& params = maker.args->def().params;
    const auto has = [&](std::string_view name) {
      return std::ranges::find(params, name, &Param::name) != params.end();
    };
    const bool is_convolution = has("kernel_size") && has("padding") && has("strides");
    if (!is_convolution || maker.args->Text("padding") != "valid") return std::nullopt;
    const std::vector<int64_t> strides = maker.args->Ints("strides");
    const bool is_whole = std::ranges::all_of(strides, [](int64_t stride) { return stride == 1; });
    return is_whole ? std::optional(maker) : std::nullopt;
  }
  return std::nullopt;
}

// Labels the layer that cut an operand's axis short, as a pooling by 2 does with an odd size, or else the operand.
void LabelSize(InferContext& context, Diagnostic& diagnostic, size_t operand, size_t axis) {
  const std::vector<std::vector<OperandPast::Change>> changes = context.PastOf(operand).changes;
  if (axis < changes.size()) {
    for (const OperandPast::Change& change : changes[axis]) {
      const std::optional<int64_t> from = change.from.Constant();
      const std::optional<int64_t> to = change.to.Constant();
      if (IsShared(context, operand, change.span)) continue;
      if (!to && IsRounded(change.to)) {
        diagnostic.Label(change.span, AxisText(ShapeOf(context, operand), axis) + " of " +
                                          OperandText(context, operand) + " is rounded from " + change.from.ToString() +
                                          " to " + change.to.ToString() + " here");
        return;
      }
      if (!from || !to || *to < 1 || *from < 2 * *to || *from % *to == 0) continue;
      diagnostic.Label(change.span, AxisText(ShapeOf(context, operand), axis) + " of " + OperandText(context, operand) +
                                        " is cut from " + std::to_string(*from) + " to " + std::to_string(*to) +
                                        " here");
      return;
    }
    if (const OperandPast::Change* change = LastOwnChange(context, operand, changes[axis])) {
      diagnostic.Label(change->span, AxisText(ShapeOf(context, operand), axis) + " of " +
                                         OperandText(context, operand) + " goes from " + change->from.ToString() +
                                         " to " + change->to.ToString() + " here");
      return;
    }
  }
  LabelOperand(context, diagnostic, operand);
}

// Whether all tensors are of one element type.
bool CheckTypes(InferContext& context) { return RequireOneType(context, 0, context.inputs.size()); }

std::vector<Shape> Shapes(const InferContext& context) {
  std::vector<Shape> shapes;
  for (const Operand& operand : context.inputs) shapes.push_back(operand.type.shape);
  return shapes;
}

bool IsRole(const Axis& axis, std::string_view a, std::string_view b) { return axis.name == a || axis.name == b; }

// The axes of `shape` in the order that they have in `like`, as transpose takes it; empty where it has another one.
std::string OrderLike(const Shape& shape, const Shape& like) {
  std::string order;
  size_t count = 0;
  for (const Axis& axis : like) {
    const std::optional<size_t> found = FindAxis(shape, axis.name);
    if (!found) continue;
    order += (count++ == 0 ? "" : ", ") + shape[*found].name;
  }
  return count == shape.size() ? "[" + order + "]" : "";
}

void ReportOrder(InferContext& context, size_t a, size_t b) {
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::MergedOrder, context.name_span, OperandText(context, a),
                                                      OperandText(context, b));
  diagnostic.Primary("merges axes in the order in which they stand");
  LabelBoth(context, diagnostic, a, b);
  const std::string order = OrderLike(ShapeOf(context, b), ShapeOf(context, a));
  const Span span = context.inputs[b].expression;
  if (!order.empty()) {
    const std::string text = std::string("`transpose(..., ") + order + ")` brings " + OperandText(context, b) +
                             " to the order of " + OperandText(context, a);
    std::vector<Edit> edits;
    if (span.IsValid()) {
      edits = {{{span.file, span.begin, span.begin}, "transpose("},
               {{span.file, span.end, span.end}, ", " + order + ")"}};
    }
    diagnostic.Help(text, Applicability::MaybeIncorrect, std::move(edits));
  }
  diagnostic.Help("or declare the inputs with their axes in one order");
}

// ---- Element by element ----

// The layer that pads an operand's axes between batch and channels to another's; nothing where it is no smaller in all.
std::optional<std::string> PaddingTo(const Shape& small, const Shape& large) {
  static const std::vector<std::vector<std::string_view>> kAxes = {
      {"time"}, {"height", "width"}, {"depth", "height", "width"}};
  if (small.size() < 3 || small.size() - 3 >= kAxes.size()) return std::nullopt;
  const std::vector<std::string_view>& axes = kAxes[small.size() - 3];
  std::string pads;
  for (const std::string_view name : axes) {
    const std::optional<size_t> from = FindAxis(small, name);
    const std::optional<size_t> to = FindAxis(large, name);
    if (!from || !to) return std::nullopt;
    const std::optional<int64_t> by = (large[*to].size - small[*from].size).Constant();
    if (!by || *by < 0) return std::nullopt;
    pads += (pads.empty() ? "(0, " : ", (0, ") + std::to_string(*by) + ")";
  }
  if (axes.size() > 1) pads = "(" + pads + ")";
  return "ZeroPadding" + std::to_string(axes.size()) + "D(" + pads + ")";
}

// Where a layer with its number of units or filters made the operand. False: none did.
bool OfferUnits(const InferContext& context, Diagnostic& diagnostic, size_t operand, int64_t size) {
  const std::vector<OperandPast::Maker> makers = context.PastOf(operand).makers;
  if (makers.empty()) return false;
  for (const std::string_view name : {"units", "filters"}) {
    const std::vector<Param>& params = makers.front().args->def().params;
    if (std::ranges::find(params, name, &Param::name) == params.end()) continue;
    diagnostic.Help("or give the " + std::string(makers.front().args->def().name) + " that makes " +
                    OperandText(context, operand) + " " + std::to_string(size) + " " + std::string(name));
    return true;
  }
  return false;
}

// Help for two sizes that are not one, by what the axis is.
void OfferOneSize(InferContext& context, Diagnostic& diagnostic, const BroadcastProblem& problem) {
  const Axis& axis = ShapeOf(context, problem.operand)[problem.axis];
  const Axis& other = ShapeOf(context, problem.other)[problem.other_axis];
  const std::optional<int64_t> size = axis.size.Constant();
  const std::optional<int64_t> other_size = other.size.Constant();
  if (problem.axis == 0) {
    diagnostic.Help("give both batch axes one name where the inputs are declared: equal names are equal sizes");
    return;
  }
  const std::optional<int64_t> difference = (axis.size - other.size).Constant();
  if (!difference) {
    std::vector<Condition> needed =
        Equalities(context, ShapeOf(context, problem.operand), ShapeOf(context, problem.other));
    if (needed.empty()) needed.push_back({axis.size, Relation::Equal, other.size});
    if (context.OfferWhere(diagnostic, needed)) return;
    diagnostic.Help("give both one symbol where they are declared: equal names are equal sizes");
    return;
  }
  const bool is_smaller = *difference < 0;
  const size_t small_operand = is_smaller ? problem.operand : problem.other;
  const size_t large_operand = is_smaller ? problem.other : problem.operand;
  const std::string small = OperandText(context, small_operand);
  const std::string larger = OperandText(context, large_operand);
  const int64_t by = std::abs(*difference);
  // Where they are numbers; else 0.
  const int64_t least = size && other_size ? std::min(*size, *other_size) : 0;
  const int64_t most = least + by;
  if (least > 0 && (IsRole(axis, "channels", "features") || IsRole(other, "channels", "features"))) {
    const size_t rank = ShapeOf(context, small_operand).size();
    const std::string call =
        rank == 4 ? "Conv2D(" + std::to_string(most) + ", 1)" : "Dense(" + std::to_string(most) + ")";
    diagnostic.Help("bring " + small + " to " + std::to_string(most) + " with `" + call + "`",
                    Applicability::MaybeIncorrect, AppendStep(context, small_operand, call));
    if (!OfferUnits(context, diagnostic, problem.other, *size)) {
      OfferUnits(context, diagnostic, problem.operand, *other_size);
    }
  } else if (least > 1 && most % least == 0) {
    diagnostic.Help("make " + larger + " smaller as well, with `strides=" + std::to_string(most / least) +
                    "` in its convolution or a pooling");
  } else if (const auto maker = UnpaddedMaker(context, small_operand, is_smaller ? problem.axis : problem.other_axis)) {
    diagnostic.Help("`padding=\"same\"` there keeps the size", Applicability::MaybeIncorrect,
                    SetArgument(*maker, "padding", "\"same\""));
  } else if (least > 0 && by > least / 2) {  // not what rounding leaves
    diagnostic.Help("give both sides the same `strides` and `padding`, so that they shrink alike");
  } else if (const auto padding = PaddingTo(ShapeOf(context, small_operand), ShapeOf(context, large_operand))) {
    diagnostic.Help("pad " + small + " by " + std::to_string(by) + " with `" + *padding + "`",
                    Applicability::MaybeIncorrect, AppendStep(context, small_operand, *padding));
    if (least > 0) diagnostic.Help("give the model a size that every stride divides");
  } else {
    diagnostic.Help("give both one size where they are made or declared");
  }
}

void ReportSizes(InferContext& context, const BroadcastProblem& problem) {
  const Shape& shape = ShapeOf(context, problem.operand);
  const Shape& other = ShapeOf(context, problem.other);
  const std::string axis = AxisText(shape, problem.axis);
  const std::string size = shape[problem.axis].size.ToString();
  const std::string other_size = other[problem.other_axis].size.ToString();
  const std::string name = OperandText(context, problem.operand);
  const std::string other_name = OperandText(context, problem.other);
  const bool is_one = problem.what == BroadcastProblem::What::SizeOne;
  Diagnostic& diagnostic = is_one ? context.diagnostics.Report(kinds::MergedSizeOne, context.name_span, axis,
                                                               other_size, other_name, size, name)
                                  : context.diagnostics.Report(kinds::MergedSizes, context.name_span, axis, other_size,
                                                               other_name, size, name);
  diagnostic.Primary("merges element by element");
  if (problem.operand < problem.other) LabelSize(context, diagnostic, problem.operand, problem.axis);
  LabelSize(context, diagnostic, problem.other, problem.other_axis);
  if (problem.operand > problem.other) LabelSize(context, diagnostic, problem.operand, problem.axis);
  if (!is_one) {
    OfferOneSize(context, diagnostic, problem);
    return;
  }
  diagnostic.Note("Keras repeats the single element without a word, which hides mistakes");
  const size_t single = shape[problem.axis].size.Is(1) ? problem.operand : problem.other;
  const Shape& repeated = ShapeOf(context, single);
  if (std::ranges::any_of(repeated, [](const Axis& one) { return !one.size.IsKnown(); })) return;
  const std::string reshape = "Reshape(" + ToString(Shape(repeated.begin() + 1, repeated.end())) + ")";
  diagnostic.Help("if it is to be repeated, say that the 1 of " + OperandText(context, single) + " is meant: `" +
                      reshape + "`, or `keepdims=True` where a function makes it",
                  Applicability::MaybeIncorrect, AppendStep(context, single, reshape));
}

void ReportAxis(InferContext& context, const BroadcastProblem& problem) {
  const Axis& axis = ShapeOf(context, problem.operand)[problem.axis];
  const bool is_ambiguous = problem.what == BroadcastProblem::What::Ambiguous;
  const std::string name = OperandText(context, problem.operand);
  const std::string other = OperandText(context, problem.other);
  Diagnostic& diagnostic =
      is_ambiguous ? context.diagnostics.Report(kinds::MergedAmbiguous, context.name_span, ToString(axis), name, other)
                   : context.diagnostics.Report(kinds::MergedAxes, context.name_span, name, ToString(axis), other);
  diagnostic.Primary("merges axes of one name");
  LabelBoth(context, diagnostic, problem.operand, problem.other);
  if (is_ambiguous) {
    diagnostic.Help("name the axis after the one it belongs to");
  } else {
    diagnostic.Help("where both axes are the same thing, give them one name; where " + other +
                    " should have the axis, `Reshape` can add it with a size of 1");
  }
}

void ReportProblem(InferContext& context, const BroadcastProblem& problem) {
  using What = BroadcastProblem::What;
  switch (problem.what) {
    case What::MissingAxis:
    case What::Ambiguous: ReportAxis(context, problem); break;
    case What::Order: ReportOrder(context, problem.other, problem.operand); break;
    case What::SizeOne:
    case What::Sizes: ReportSizes(context, problem); break;
  }
}

std::vector<TensorType> InferElementwise(InferContext& context) {
  if (!CheckTypes(context) || !RequireNumbers(context, 0)) return {context.input()};
  Broadcast broadcast = BroadcastOf(context);
  if (broadcast.problem) ReportProblem(context, *broadcast.problem);
  return {{.dtype = context.input().dtype, .shape = std::move(broadcast.shape)}};
}

using Operator = core::Expr (*)(core::Expr, core::Expr);

// ---- Masks ----

// A merge has a mask where all of its tensors have one, over the same axes: what counts in any of them. How many axes that
// are, from those of each tensor; 0: it has none.
size_t MergedMaskAxes(const std::vector<size_t>& mask_axes, const Broadcast& broadcast) {
  const size_t axes = mask_axes.front();
  for (size_t i = 0; i < mask_axes.size(); ++i) {
    if (mask_axes[i] != axes) return 0;
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
  strata::RequireFloats(context);
  return InferElementwise(context);
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

// ---- Concatenate ----

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
  if (!CheckTypes(context)) return {context.input()};
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

Broadcast BroadcastOf(const InferContext& context) {
  std::vector<TensorType> types;
  for (const Operand& operand : context.inputs) types.push_back(operand.type);
  return BroadcastTogether(types, [&](const Dim& a, const Dim& b) { return context.AreEqual(a, b); });
}

Broadcast BroadcastOf(const ExpandContext& context) {
  const core::Graph& graph = context.builder.graph();
  return BroadcastTogether(context.input_types, [&](const Dim& a, const Dim& b) { return graph.AreEqual(a, b); });
}

void ReportBroadcast(InferContext& context, const BroadcastProblem& problem) { ReportProblem(context, problem); }

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
