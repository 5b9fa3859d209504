// Functions that move elements: slices, transpose, one_hot.
#include <algorithm>

#include "compiler/layers/functions.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

// ---- x[time: 1..3, height: 0] ----

// What a slice takes of an axis: `size` elements from `begin` on.
struct Part {
  Dim begin = 0;
  Dim size = 1;
  bool drops = false;
};

// A bound from the end where it is negative; a symbolic one counts from the start.
Dim FromStart(const Dim& bound, const Dim& size) {
  const std::optional<int64_t> constant = bound.Constant();
  return constant && *constant < 0 ? size + bound : bound;
}

Part PartOf(const ConfigValue& slice, const Dim& size) {
  if (const Dim* index = slice.AsDim()) return {FromStart(*index, size), 1, true};
  const ConfigValue::List& range = *slice.AsList();
  const Dim begin = range[0].IsNone() ? Dim(0) : FromStart(*range[0].AsDim(), size);
  const Dim end = range[1].IsNone() ? size : FromStart(*range[1].AsDim(), size);
  return {begin, end - begin, false};
}

bool CheckPart(InferContext& context, const ConfigValue& slice, size_t axis, const Part& part) {
  const Shape& shape = context.input().shape;
  const Dim& size = shape[axis].size;
  if (!size.IsKnown()) return true;
  const std::string name = AxisText(shape, axis);
  const auto report = [&](const ConfigValue& bound, const Dim& least, const Dim& most) {
    context.diagnostics.Report(kinds::IndexOutOfRange, bound.span, Written(bound), name, size.ToString())
        .Primary("counts from 0 to " + most.ToString() + ", or from " + least.ToString() + " up to -1")
        .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`");
    return false;
  };
  // What depends on symbols is tested when the model runs.
  const auto is_at_least = [&](const Dim& value, const Dim& least) {
    return !value.IsKnown() || context.Require({least, Relation::LessEqual, value});
  };
  if (part.drops) {
    const bool is_inside = is_at_least(part.begin, 0) && is_at_least(size, part.begin + 1);
    return is_inside || report(slice, Dim(0) - size, size - 1);
  }
  const ConfigValue::List& range = *slice.AsList();
  const Dim end = part.begin + part.size;
  const Facts facts;
  const auto is_never = [&](const Dim& value, const Dim& least) {
    return facts.Decide({least, Relation::LessEqual, value}) == Truth::False;
  };
  if (is_never(size, part.begin) || !is_at_least(part.begin, 0)) return report(range[0], Dim(0) - size, size);
  if (is_never(end, 0) || !is_at_least(size, end)) return report(range[1], Dim(0) - size, size);
  if (is_at_least(part.size, 1)) return true;
  context.diagnostics.Report(kinds::EmptySlice, slice.span, name, part.begin.ToString(), end.ToString())
      .Primary("the end is the first element that is left out")
      .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`");
  return false;
}

std::optional<size_t> SlicedAxis(InferContext& context, const ConfigValue& slice) {
  const ConfigValue name{.data = slice.axis, .axis = "", .span = slice.axis_span};
  return RequireAxis(context, 0, name);
}

std::vector<TensorType> InferSlice(InferContext& context) {
  TensorType type = context.input();
  std::vector<bool> drops(type.shape.size()), taken(type.shape.size());
  bool is_repeated = false;
  for (const ConfigValue& slice : context.args.List("key")) {
    const std::optional<size_t> axis = SlicedAxis(context, slice);
    if (!axis) continue;
    if (taken[*axis]) {
      context.diagnostics.Report(kinds::RepeatedAxis, slice.span, AxisText(context.input().shape, *axis))
          .Primary("named before");
      is_repeated = true;
      continue;
    }
    taken[*axis] = true;
    const Part part = PartOf(slice, context.input().shape[*axis].size);
    const bool is_right = CheckPart(context, slice, *axis, part);
    drops[*axis] = part.drops;
    type.shape[*axis].size = is_right ? part.size : Dim::Unknown();
    type.shape[*axis].deliberate_one = false;
  }
  for (size_t i = type.shape.size(); i-- > 0;) {
    if (drops[i]) type.shape.erase(type.shape.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (is_repeated) return {};  // who can tell whether the axis is to stay
  return {type};
}

std::vector<core::ValueId> ExpandSlice(ExpandContext& context) {
  const Shape& shape = context.input_type().shape;
  std::vector<Dim> begins(shape.size(), Dim(0));
  core::Extents extents = Sizes(shape);
  for (const ConfigValue& slice : context.args.List("key")) {
    const size_t axis = *FindAxis(shape, slice.axis);
    const Part part = PartOf(slice, shape[axis].size);
    begins[axis] = part.begin;
    extents[axis] = part.size;
  }
  const std::vector<int64_t> steps(shape.size(), 1);
  const core::ValueId part = context.builder.Slice(context.input(), std::move(begins), std::move(extents), steps);
  return {context.builder.Reshape(part, Sizes(context.output_types.front().shape))};
}

LayerDef Slice() {
  return {
      .name = "GetItem",
      .summary = "Part of a tensor: `x[time: 1..3]` keeps two elements of an axis, `x[time: 0]` one without the axis.",
      .form = LayerDef::Form::Function,
      .function_name = "[]",
      .params = {TensorParam(), {.name = "key", .type = ParamType::Slices, .doc = "An index or a range of each axis."}},
      .infer = InferSlice,
      .expand = ExpandSlice,
      .examples = {{{"f32[batch, time: 7, features: 4]"}, "x0[time: 1..4]", "f32[batch, time: 3, features: 4]"},
                   {{"f32[batch, time: 7, features: 4]"}, "x0[time: -1]", "f32[batch, features: 4]"},
                   {{"f32[batch, height: 5, width: 6, channels: 3]"},
                    "x0[height: ..-1, width: 2.., channels: 0]",
                    "f32[batch, height: 4, width: 4]"},
                   {{"u8[batch, time: 7, features: 4]"}, "x0[features: 1..3]", "u8[batch, time: 7, features: 2]"}},
  };
}

// ---- transpose ----

// `axes` in full; nothing where it is no order of the axes, which is reported.
std::optional<std::vector<int>> OrderOf(InferContext& context) {
  const TensorType& type = context.input();
  const Shape& shape = type.shape;
  const ConfigValue& axes = context.args.Get("axes");
  std::vector<int> order;
  if (axes.IsNone()) {
    for (size_t i = shape.size(); i-- > 0;) order.push_back(static_cast<int>(i));
  } else {
    for (const ConfigValue& entry : *axes.AsList()) {
      const std::optional<size_t> axis = FindAxis(shape, entry);
      order.push_back(axis ? static_cast<int>(*axis) : -1);
    }
  }
  std::vector<int> sorted = order;
  std::ranges::sort(sorted);
  bool is_order = sorted.size() == shape.size();
  for (size_t i = 0; is_order && i < sorted.size(); ++i) is_order = sorted[i] == static_cast<int>(i);
  if (is_order && (!type.has_batch || order.front() == 0)) return order;

  // The axes that are named, in their order, behind the batch; then the others.
  std::vector<size_t> fixed = {0};
  for (const int axis : order) {
    if (axis > 0 && std::ranges::find(fixed, static_cast<size_t>(axis)) == fixed.end())
      fixed.push_back(static_cast<size_t>(axis));
  }
  for (size_t i = 1; i < shape.size(); ++i) {
    if (std::ranges::find(fixed, i) == fixed.end()) fixed.push_back(i);
  }
  std::string text;
  for (const size_t axis : fixed) text += (text.empty() ? "" : ", ") + AxisArgument(shape, axis);
  text = "[" + text + "]";
  std::string written = Written(axes);
  if (axes.IsNone()) {
    written.clear();
    for (const int axis : order)
      written += (written.empty() ? "[" : ", ") + AxisArgument(shape, static_cast<size_t>(axis));
    written += "]";
  }
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::TransposeOrder, ArgumentSpan(context, "axes"), written, ToString(shape));
  if (is_order) {
    diagnostic.Primary(axes.IsNone() ? "without `axes=` it turns their order around, the batch axis too"
                                     : "moves the batch axis, which stays first");
  } else {
    diagnostic.Primary("names each axis once, the batch axis first");
  }
  diagnostic.Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
      .Help("write `axes=" + text + "`", Applicability::MaybeIncorrect, SetArgument(context, "axes", text));
  return std::nullopt;
}

std::vector<TensorType> InferTranspose(InferContext& context) {
  const std::optional<std::vector<int>> order = OrderOf(context);
  TensorType type = context.input();
  if (!order) return {type};
  for (size_t i = 0; i < order->size(); ++i) {
    type.shape[i] = context.input().shape[static_cast<size_t>((*order)[i])];
  }
  return {type};
}

std::vector<core::ValueId> ExpandTranspose(ExpandContext& context) {
  const Shape& shape = context.input_type().shape;
  std::vector<int> order;
  const ConfigValue& axes = context.args.Get("axes");
  if (axes.IsNone()) {
    for (size_t i = shape.size(); i-- > 0;) order.push_back(static_cast<int>(i));
  } else {
    for (const ConfigValue& entry : *axes.AsList()) order.push_back(static_cast<int>(*FindAxis(shape, entry)));
  }
  return {context.builder.Transpose(context.input(), std::move(order))};
}

LayerDef Transpose() {
  return {
      .name = "Transpose",
      .summary = "The axes in another order.",
      .form = LayerDef::Form::Function,
      .function_name = "transpose",
      .params = {TensorParam(),
                 {.name = "axes",
                  .type = ParamType::Axes,
                  .doc = "All axes in their new order, by name or position, the batch axis first.",
                  .default_value = None(),
                  .none_allowed = true}},
      .infer = InferTranspose,
      .expand = ExpandTranspose,
      .examples = {{{"f32[batch, height: 3, width: 4, channels: 5]"},
                    "transpose(x0, axes=[batch, channels, height, width])",
                    "f32[batch, channels: 5, height: 3, width: 4]"},
                   {{"f32[batch, time: 3, features: 4]"},
                    "transpose(x0, (0, 2, 1))",
                    "f32[batch, features: 4, time: 3]"}},
  };
}

// ---- one_hot ----

std::vector<TensorType> InferOneHot(InferContext& context) {
  RequireIntegers(context, 0);
  TensorType type = context.input();
  type.dtype = DType::F32;
  const size_t position = RequireNewAxis(context, type).value_or(type.shape.size());
  type.shape.insert(type.shape.begin() + static_cast<std::ptrdiff_t>(position), Axis{});
  type.shape[position] = MadeAxis(type.shape, position, "features", context.args.Int("num_classes"));
  return {type};
}

std::vector<core::ValueId> ExpandOneHot(ExpandContext& context) {
  const auto rank = static_cast<int64_t>(context.output_types.front().shape.size());
  const int64_t axis = context.args.Int("axis");
  const auto position = static_cast<int>(axis < 0 ? axis + rank : axis);
  return {AppendOneHot(context.builder, context.input(), context.args.Int("num_classes"), position)};
}

LayerDef OneHot() {
  return {
      .name = "OneHot",
      .summary = "1 at the position that an integer tells, 0 elsewhere, along a new axis; all 0 where it is outside.",
      .form = LayerDef::Form::Function,
      .function_name = "one_hot",
      .params = {TensorParam(),
                 {.name = "num_classes", .doc = "Size of the new axis.", .min = 1},
                 {.name = "axis", .doc = "Position of the new axis in the result.", .default_value = Value(-1)}},
      .infer = InferOneHot,
      .expand = ExpandOneHot,
      .examples = {{{"i32[batch, time: 3]"}, "one_hot(x0, 5)", "f32[batch, time: 3, features: 5]"},
                   {{"u8[batch]"}, "one_hot(x0, 4)", "f32[batch, features: 4]"},
                   {{"i32[batch, time: 3]"}, "one_hot(x0, 5, axis=1)", "f32[batch, features: 5, time: 3]"}},
  };
}

}  // namespace

core::ValueId AppendOneHot(core::Builder& builder, core::ValueId indices, int64_t count, int position) {
  const size_t rank = builder.ExtentsOf(indices).size() + 1;
  std::vector<int> axes;
  for (int i = 0; i < static_cast<int>(rank); ++i) {
    if (i != position) axes.push_back(i);
  }
  // The positions as a tensor, which gives the new axis its size. As i64 neither they nor the integers wrap.
  core::Literal positions{.sizes = {count}, .dtype = DType::I64, .data = {}, .integers = {}};
  for (int64_t i = 0; i < count; ++i) positions.integers.push_back(i);
  core::MapBuilder map;
  const core::Expr is_hit =
      Equal(Cast(map.Operand(0, builder.TypeOf(indices)), DType::I64), map.Operand(1, DType::I64));
  return builder.Map({indices, builder.Constant(std::move(positions))}, {axes, {position}}, rank,
                     Cast(is_hit, DType::F32));
}

std::vector<LayerDef> ShapeFunctions() { return {Slice(), Transpose(), OneHot()}; }

}  // namespace strata::layers
