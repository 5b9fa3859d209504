#include "compiler/layers/masks.h"

#include <algorithm>

#include "compiler/layers/functions.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"

namespace strata {
namespace {

Shape Leading(const Shape& shape, size_t axes) {
  return {shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axes)};
}

bool AreEqual(const InferContext& context, const Shape& a, const Shape& b) {
  return std::ranges::equal(a, b, [&](const Axis& x, const Axis& y) {
    return x.size.IsUnknown() || y.size.IsUnknown() || context.AreEqual(x.size, y.size);
  });
}

void Report(InferContext& context, const Shape& mask, const Shape& expected, const std::string& primary) {
  const OperandRange given = GivenMasks(context.args.def(), context.counts);
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::MaskShape, context.name_span, OperandText(context, 0),
                                                      ToString(mask), ToString(expected));
  diagnostic.Primary(primary);
  if (!given.IsEmpty()) {
    diagnostic.Label(context.inputs[given.begin].span, "given as `mask`");
    std::vector<Condition> needed;
    for (size_t i = 0; mask.size() == expected.size() && i < mask.size(); ++i) {
      if (!context.AreEqual(mask[i].size, expected[i].size)) {
        needed.push_back({mask[i].size, Relation::Equal, expected[i].size});
      }
    }
    const auto is_open = [](const Condition& one) { return !one.left.Constant() || !one.right.Constant(); };
    if (!needed.empty() && std::ranges::all_of(needed, is_open)) context.OfferWhere(diagnostic, needed);
    return;
  }
  const Operand& input = context.inputs.front();
  diagnostic.Label(input.span, "this is `" + ToString(input.type.shape) + "`")
      .Help("give a mask over `" + ToString(expected) + "` by `mask=`");
}

}  // namespace

Param MaskParam(std::string_view doc) {
  return {.name = "mask", .type = ParamType::Tensor, .doc = doc, .default_value = None(), .none_allowed = true};
}

void RequireMask(InferContext& context, size_t axis) {
  const Operand& input = context.inputs.front();
  if (input.mask_axes == 0) return;
  const Shape& shape = input.type.shape;
  const Shape expected = {shape.front(), shape[axis]};
  const OperandRange given = GivenMasks(context.args.def(), context.counts);
  if (!given.IsEmpty() && !layers::RequireTruth(context, given.begin)) return;
  const Shape mask = given.IsEmpty() ? Leading(shape, input.mask_axes) : context.inputs[given.begin].type.shape;
  const bool fits = given.IsEmpty() ? mask.size() == 2 && axis == 1 : AreEqual(context, mask, expected);
  if (!fits) Report(context, mask, expected, "skips along " + AxisText(shape, axis));
}

void RequireLeadingMask(InferContext& context, size_t least) {
  const OperandRange given = GivenMasks(context.args.def(), context.counts);
  if (given.IsEmpty() || !layers::RequireTruth(context, given.begin)) return;
  const Shape& shape = context.input().shape;
  const Shape& mask = context.inputs[given.begin].type.shape;
  const size_t axes = std::clamp(mask.size(), least, shape.size() - 1);
  if (!AreEqual(context, mask, Leading(shape, axes))) {
    Report(context, mask, Leading(shape, axes), "takes a mask over the first axes of its input");
  }
}

bool TakesMasks(const LayerDef& def) { return def.name == "MultiHeadAttention"; }

bool KeepsMaskOfModel(const LayerDef& def) {
  return def.inputs == LayerDef::Inputs::One &&
         std::ranges::find(def.call_params, "mask", &Param::name) != def.call_params.end();
}

core::ValueId AppendFullMask(core::Builder& builder, const core::Extents& extents) {
  const std::vector<int64_t> ones(extents.size(), 1);
  const core::ValueId first = builder.Constant({.sizes = ones, .dtype = DType::Bool, .integers = {1}});
  std::vector<Dim> low(extents.size()), high;
  for (const Dim& extent : extents) high.push_back(extent - 1);
  return builder.Pad(first, std::move(low), std::move(high), 1);
}

}  // namespace strata
