#include <algorithm>

#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

// Whether one slope serves a whole axis.
bool IsShared(const Shape& shape, const Args& args, size_t axis) {
  const ConfigValue& shared = args.Get("shared_axes");
  return !shared.IsNone() && std::ranges::any_of(*shared.AsList(), [&](const ConfigValue& entry) {
    return FindAxis(shape, entry) == axis;
  });
}

std::vector<TensorType> Infer(InferContext& context) {
  RequireFloats(context);
  const Shape& shape = context.input().shape;
  const TensorType result{.dtype = DType::F32, .shape = shape};
  if (const ConfigValue& shared = context.args.Get("shared_axes"); !shared.IsNone()) {
    for (const ConfigValue& axis : *shared.AsList()) {
      // Keras would take the axis before the one that is meant.
      if (const Dim* place = axis.AsDim(); place != nullptr && *place->Constant() < 0) {
        context.diagnostics
            .Report(kinds::NegativeArgument, ArgumentSpan(context, "shared_axes"), "shared_axes", Written(axis))
            .Primary("axes are counted from the first here, the batch is axis 0");
        return {result};
      }
      if (!RequireAxis(context, 0, axis, "shared_axes")) return {result};
    }
  }
  // The axes whose size is not known must be shared beside those that are.
  std::vector<std::string> open, shared;
  const Dim* size = nullptr;
  for (size_t i = 1; i < shape.size(); ++i) {
    const bool is_shared = IsShared(shape, context.args, i);
    const bool is_open = shape[i].size.IsKnown() && !shape[i].size.Constant() && !is_shared;
    if (is_open) open.push_back(AxisText(shape, i));
    if (is_open) size = &shape[i].size;
    if (is_open || is_shared) shared.push_back(AxisArgument(shape, i));
  }
  if (size == nullptr) return {result};
  std::string list;
  for (const std::string& axis : shared) list += (list.empty() ? "[" : ", ") + axis;
  list += "]";
  context.diagnostics.Report(kinds::SizeNotConstant, context.name_span, Enumerate(open), size->ToString())
      .Primary("has a slope for each element, so their number must be a constant")
      .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
      .Help("share one slope along " + Enumerate(open) + ": `shared_axes=" + list + "`", Applicability::MaybeIncorrect,
            SetArgument(context, "shared_axes", list));
  return {result};
}

std::optional<Shape> SlopeShape(const Args& args, const std::vector<TensorType>& inputs) {
  const Shape& input = inputs.front().shape;
  Shape shape(input.begin() + 1, input.end());
  for (size_t i = 0; i < shape.size(); ++i) {
    if (IsShared(input, args, i + 1)) shape[i].size = 1;
  }
  return shape;
}

// x above 0, alpha * x below.
std::vector<core::ValueId> Expand(ExpandContext& context) {
  core::MapBuilder map;
  const core::Expr x = map.Operand(0);
  const core::Expr y = Maximum(x, 0.0) + Minimum(x, 0.0) * map.Operand(1);
  return {context.builder.Map({context.input(), *context.weight("alpha")}, y)};
}

}  // namespace

LayerDef PReLU() {
  return {
      .name = "PReLU",
      .summary = "A trained slope below zero, for each element or shared along axes.",
      .params = {Training("alpha_initializer", Value("Zeros")),
                 Training("alpha_regularizer"),
                 Training("alpha_constraint"),
                 {.name = "shared_axes",
                  .type = ParamType::Axes,
                  .doc = "Axes along which one slope serves all elements, by name or position.",
                  .default_value = None(),
                  .none_allowed = true}},
      .infer = Infer,
      .mask = Mask::Pass(),
      .weights = {{.name = "alpha", .doc = "Slopes below zero.", .initializer = "zeros", .shape = SlopeShape}},
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, features: 9]"}, .call = "PReLU()", .output = "f32[batch, features: 9]"},
                   {.inputs = {"f32[batch, height: 3, width: 4, channels: 5]"},
                    .call = "PReLU(shared_axes=[height, width])",
                    .output = "f32[batch, height: 3, width: 4, channels: 5]"},
                   {.inputs = {"f32[batch, time, features: 5]"},
                    .call = "PReLU(shared_axes=[1])",
                    .output = "f32[batch, time, features: 5]"}},
  };
}

}  // namespace strata::layers
