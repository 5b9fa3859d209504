#include <algorithm>
#include <numeric>

#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

// The input's axes in their new order, the batch first; nothing where `dims` is no order of the others.
std::optional<std::vector<size_t>> OrderOf(const Shape& shape, const Args& args) {
  std::vector<size_t> order = {0};
  for (const ConfigValue& entry : args.List("dims")) {
    const std::optional<size_t> axis = FindAxis(shape, entry);
    const bool is_negative = entry.AsDim() != nullptr && *entry.AsDim()->Constant() < 0;
    if (!axis || is_negative || std::ranges::find(order, *axis) != order.end()) return std::nullopt;
    order.push_back(*axis);
  }
  if (order.size() != shape.size()) return std::nullopt;
  return order;
}

// What was meant where the batch axis was counted, as NumPy does: `(0, 2, 1)`. Else the last two axes changed over.
std::vector<size_t> LikelyOrder(const Shape& shape, const Args& args) {
  std::vector<size_t> order;
  for (const ConfigValue& entry : args.List("dims")) {
    const std::optional<size_t> axis = FindAxis(shape, entry);
    if (axis && *axis > 0 && std::ranges::find(order, *axis) == order.end()) order.push_back(*axis);
  }
  if (order.size() + 1 == shape.size()) return order;
  order.resize(shape.size() - 1);
  std::iota(order.begin(), order.end(), 1);
  if (order.size() > 1) std::swap(order[order.size() - 1], order[order.size() - 2]);
  return order;
}

std::string Tuple(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return "(" + text + (items.size() == 1 ? ",)" : ")");
}

void ReportOrder(InferContext& context) {
  const Shape& shape = context.input().shape;
  const std::vector<ConfigValue>& dims = context.args.List("dims");
  const bool counts_batch = std::ranges::any_of(
      dims, [](const ConfigValue& entry) { return entry.AsDim() != nullptr && entry.AsDim()->Is(0); });
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::PermutedAxes, ArgumentSpan(context, "dims"), Written(context.args.Get("dims")),
                                 ToString(Shape(shape.begin() + 1, shape.end())));
  diagnostic.Primary(counts_batch ? "0 would be the batch axis, which stays first and is not counted"
                                  : "each axis but the batch must stand here once");
  diagnostic.Label(context.inputs.front().span, "this is `" + ToString(shape) + "`");
  if (shape.size() < 2) return;
  std::vector<std::string> names, numbers;
  bool are_named = true;
  for (const size_t axis : LikelyOrder(shape, context.args)) {
    are_named = are_named && !shape[axis].name.empty();
    names.push_back(shape[axis].name);
    numbers.push_back(std::to_string(axis));
  }
  const std::string order = Tuple(are_named ? names : numbers);
  diagnostic.Help((are_named ? "name the axes in their new order: `" : "count the axes from 1: `") + order + "`",
                  Applicability::MaybeIncorrect, SetArgument(context, "dims", order));
}

std::vector<TensorType> Infer(InferContext& context) {
  const Shape& shape = context.input().shape;
  const std::optional<std::vector<size_t>> order = OrderOf(shape, context.args);
  TensorType result = context.input();
  if (!order) {
    ReportOrder(context);
    for (size_t i = 1; i < shape.size(); ++i) result.shape[i] = {.size = Dim::Unknown()};
    return {result};
  }
  for (size_t i = 0; i < shape.size(); ++i) result.shape[i] = shape[(*order)[i]];
  return {result};
}

std::vector<core::ValueId> Expand(ExpandContext& context) {
  const std::optional<std::vector<size_t>> order = OrderOf(context.input_type().shape, context.args);
  STRATA_CHECK(order.has_value());
  return {context.builder.Transpose(context.input(), std::vector<int>(order->begin(), order->end()))};
}

}  // namespace

LayerDef Permute() {
  return {
      .name = "Permute",
      .summary = "The axes of a sample in another order.",
      .params = {{.name = "dims",
                  .type = ParamType::Axes,
                  .doc = "The axes in their new order, by name or counted from 1: `(2, 1)`, `(features, time)`."}},
      .infer = Infer,
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, time: 5, features: 3]"},
                    .call = "Permute((2, 1))",
                    .output = "f32[batch, features: 3, time: 5]"},
                   {.inputs = {"f32[batch, height: 2, width: 3, channels: 4]"},
                    .call = "Permute((channels, height, width))",
                    .output = "f32[batch, channels: 4, height: 2, width: 3]"},
                   {.inputs = {"f32[batch, height: 2, width: 3, channels: 4]"},
                    .call = "Permute((2, 3, 1))",
                    .output = "f32[batch, width: 3, channels: 4, height: 2]"}},
  };
}

}  // namespace strata::layers
