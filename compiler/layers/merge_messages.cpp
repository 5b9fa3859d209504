#include "compiler/layers/merge.h"

#include <algorithm>

#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/layers/sliding.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {

const Shape& ShapeOf(const InferContext& context, size_t operand) { return context.inputs[operand].type.shape; }

namespace {

Diagnostic& LabelOperand(InferContext& context, Diagnostic& diagnostic, size_t operand) {
  return diagnostic.Label(context.inputs[operand].span,
                          OperandText(context, operand) + " is `" + ToString(ShapeOf(context, operand)) + "`");
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
  if (problem.axis == 0) {
    diagnostic.Help("the batch axes of all inputs are one: declare them alike");
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

// A constant's first axis, where it can be no other than one for the samples.
bool IsForSamples(const TensorType& type, size_t axis, const Shape& other) {
  const Axis& first = type.shape[axis];
  return !type.has_batch && axis == 0 && (first.name.empty() ? first.size.Is(1) : first.name == other.front().name);
}

void ReportConstantBatch(InferContext& context, const BroadcastProblem& problem) {
  const Shape& shape = ShapeOf(context, problem.operand);
  context.diagnostics
      .Report(kinds::SurplusAxes, context.name_span, "`" + std::string(context.class_name) + "`", ToString(shape),
              AxisText(shape, 0) + " is one")
      .Primary("takes a constant for each sample: it has no batch axis")
      .Label(context.inputs[problem.operand].span, "is the constant " + OperandText(context, problem.operand))
      .Help("declare it without that axis: `" + ToString(Shape(shape.begin() + 1, shape.end())) +
            "`, in the list as well");
}

void ReportAxis(InferContext& context, const BroadcastProblem& problem) {
  if (IsForSamples(context.inputs[problem.operand].type, problem.axis, ShapeOf(context, problem.other))) {
    ReportConstantBatch(context, problem);
    return;
  }
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

}  // namespace

std::vector<Shape> Shapes(const InferContext& context) {
  std::vector<Shape> shapes;
  for (const Operand& operand : context.inputs) shapes.push_back(operand.type.shape);
  return shapes;
}

Diagnostic& LabelBoth(InferContext& context, Diagnostic& diagnostic, size_t a, size_t b) {
  return LabelOperand(context, LabelOperand(context, diagnostic, std::min(a, b)), std::max(a, b));
}

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
  diagnostic.Help(std::string(order.empty() ? "" : "or ") + "declare the inputs with their axes in one order");
}

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

void ReportBroadcast(InferContext& context, const BroadcastProblem& problem) {
  using What = BroadcastProblem::What;
  switch (problem.what) {
    case What::MissingAxis:
    case What::Ambiguous: ReportAxis(context, problem); break;
    case What::Order: ReportOrder(context, problem.other, problem.operand); break;
    case What::SizeOne:
    case What::Sizes: ReportSizes(context, problem); break;
  }
}

}  // namespace strata::layers
