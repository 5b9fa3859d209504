// Pooling over windows along one, two and three axes.
#include <algorithm>
#include <cmath>

#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/layers/sliding.h"

namespace strata::layers {
namespace {

using Kind = core::Window::Kind;

template <Kind kKind>
std::vector<TensorType> Infer(InferContext& context) {
  if (kKind == Kind::Mean) RequireFloats(context);
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {UnknownResult(context, Dim::Unknown())};
  return {{.dtype = context.input().dtype, .shape = Slide(context, *axes, "pool_size")}};
}

// The least value of integers and bool.
double LowestOf(DType dtype) {
  if (dtype == DType::U8 || dtype == DType::Bool) return 0;
  return -std::ldexp(1.0, 8 * static_cast<int>(Bytes(dtype)) - 1);
}

// A Window holds floats. The largest integers: along one axis after the other, of ever longer runs, each the larger of two
// that it is made of.
core::ValueId LargestIntegers(ExpandContext& context, const core::Window& window) {
  core::Builder& builder = context.builder;
  const DType dtype = context.input_type().dtype;
  const core::Extents results = Sizes(context.output_types.front().shape);
  const std::vector<Dim> zeros(window.axes.size());
  const std::vector<int64_t> ones(window.axes.size(), 1);
  core::ValueId value = context.input();
  for (size_t axis = 0; axis < window.axes.size(); ++axis) {
    const core::Window::Axis& along = window.axes[axis];
    std::vector<Dim> low = zeros, high = zeros;
    low[axis] = along.pad_low, high[axis] = along.pad_high;
    if (!low[axis].Is(0) || !high[axis].Is(0)) value = builder.Pad(value, low, high, LowestOf(dtype));
    core::Extents extents = builder.ExtentsOf(value);
    for (int64_t length = 1; length < along.size;) {
      std::vector<Dim> begins = zeros;
      begins[axis] = std::min(length, along.size - length);
      extents[axis] = extents[axis] - begins[axis];
      core::MapBuilder map;
      const core::Expr larger = Maximum(map.Operand(0, dtype), map.Operand(1, dtype));
      value = builder.Map({builder.Slice(value, zeros, extents, ones), builder.Slice(value, begins, extents, ones)},
                          larger);
      length = std::min(2 * length, along.size);
    }
    if (along.stride == 1) continue;
    std::vector<int64_t> steps = ones;
    steps[axis] = along.stride;
    extents[axis] = results[axis];
    value = builder.Slice(value, zeros, extents, steps);
  }
  return value;
}

// Windows over the axes as they stand.
template <Kind kKind>
std::vector<core::ValueId> Expand(ExpandContext& context) {
  const Shape& shape = context.input_type().shape;
  const RoleAxes axes = RoleAxesOf(context.args, shape);
  const std::vector<Sliding> slidings = SlidingOf(context.args, "pool_size");
  core::Window op;
  op.kind = kKind;
  op.axes.resize(shape.size());
  for (size_t i = 0; i < slidings.size(); ++i) {
    const size_t axis = axes.spatial[i];
    const PadSizes pad = PaddingOf(shape[axis].size, slidings[i]);
    op.axes[axis] = {.size = slidings[i].size, .stride = slidings[i].stride, .pad_low = pad.low, .pad_high = pad.high};
  }
  const bool is_float = IsFloat(context.input_type().dtype);
  return {is_float ? context.builder.Window(context.input(), op) : LargestIntegers(context, op)};
}

template <Kind kKind>
LayerDef Pooling(std::string_view name, const AxisRoles& roles, std::vector<LayerExample> examples) {
  const int count = static_cast<int>(roles.spatial.size());
  return {
      .name = name,
      .summary = kKind == Kind::Max ? "Largest value in each window." : "Mean of each window; padding takes no part.",
      .params = {{.name = "pool_size",
                  .type = ParamType::Sizes,
                  .doc = "Size of the window along each spatial axis.",
                  .default_value = kKind == Kind::Max ? std::optional(Alike(count, Value(2))) : std::nullopt,
                  .min = 1,
                  .count = count},
                 {.name = "strides",
                  .type = ParamType::Sizes,
                  .doc = "Steps between two windows along each spatial axis; None: as large as the window.",
                  .default_value = None(),
                  .none_allowed = true,
                  .min = 1,
                  .count = count},
                 PaddingMode(),
                 DataFormat(),
                 {.name = "name",
                  .type = ParamType::Text,
                  .doc = "The layer's name.",
                  .default_value = None(),
                  .none_allowed = true}},
      .roles = &roles,
      .infer = Infer<kKind>,
      .expand = Expand<kKind>,
      .examples = std::move(examples),
  };
}

}  // namespace

LayerDef MaxPooling1D() {
  return Pooling<Kind::Max>("MaxPooling1D", SignalRoles(),
                            {{.inputs = {"f32[batch, time: 9, channels: 3]"},
                              .call = "MaxPooling1D()",
                              .output = "f32[batch, time: 4, channels: 3]"},
                             {.inputs = {"f32[batch, time: 9, features: 3]"},
                              .call = "MaxPooling1D(3, strides=2, padding=\"same\")",
                              .output = "f32[batch, time: 5, features: 3]"},
                             {.inputs = {"f32[batch, channels: 3, time: 8]"},
                              .call = "MaxPooling1D(2, 1)",
                              .output = "f32[batch, channels: 3, time: 7]"}});
}

LayerDef MaxPooling2D() {
  return Pooling<Kind::Max>("MaxPooling2D", ImageRoles(),
                            {{.inputs = {"f32[batch, height: 8, width: 8, channels: 3]"},
                              .call = "MaxPooling2D()",
                              .output = "f32[batch, height: 4, width: 4, channels: 3]"},
                             {.inputs = {"f32[batch, height: 9, width: 7, channels: 3]"},
                              .call = "MaxPooling2D(3, strides=2, padding=\"same\")",
                              .output = "f32[batch, height: 5, width: 4, channels: 3]"},
                             {.inputs = {"f32[batch, height: 9, width: 7, channels: 5]"},
                              .call = "MaxPooling2D((2, 3), (1, 2))",
                              .output = "f32[batch, height: 8, width: 3, channels: 5]"},
                             {.inputs = {"f32[batch, channels: 3, height: 6, width: 8]"},
                              .call = "MaxPooling2D(2, data_format=\"channels_first\")",
                              .output = "f32[batch, channels: 3, height: 3, width: 4]"}});
}

LayerDef MaxPooling3D() {
  return Pooling<Kind::Max>("MaxPooling3D", VolumeRoles(),
                            {{.inputs = {"f32[batch, depth: 5, height: 6, width: 7, channels: 2]"},
                              .call = "MaxPooling3D()",
                              .output = "f32[batch, depth: 2, height: 3, width: 3, channels: 2]"},
                             {.inputs = {"f32[batch, depth: 5, height: 6, width: 7, channels: 2]"},
                              .call = "MaxPooling3D((2, 3, 1), strides=1, padding=\"same\")",
                              .output = "f32[batch, depth: 5, height: 6, width: 7, channels: 2]"}});
}

LayerDef AveragePooling1D() {
  return Pooling<Kind::Mean>("AveragePooling1D", SignalRoles(),
                             {{.inputs = {"f32[batch, time: 9, channels: 3]"},
                               .call = "AveragePooling1D(2)",
                               .output = "f32[batch, time: 4, channels: 3]"},
                              {.inputs = {"f32[batch, time: 9, channels: 3]"},
                               .call = "AveragePooling1D(3, strides=2, padding=\"same\")",
                               .output = "f32[batch, time: 5, channels: 3]"}});
}

LayerDef AveragePooling2D() {
  return Pooling<Kind::Mean>("AveragePooling2D", ImageRoles(),
                             {{.inputs = {"f32[batch, height: 8, width: 8, channels: 3]"},
                               .call = "AveragePooling2D(2)",
                               .output = "f32[batch, height: 4, width: 4, channels: 3]"},
                              {.inputs = {"f32[batch, height: 9, width: 7, channels: 3]"},
                               .call = "AveragePooling2D(3, strides=2, padding=\"same\")",
                               .output = "f32[batch, height: 5, width: 4, channels: 3]"},
                              {.inputs = {"f32[batch, channels: 3, height: 6, width: 8]"},
                               .call = "AveragePooling2D((3, 2), 1)",
                               .output = "f32[batch, channels: 3, height: 4, width: 7]"}});
}

LayerDef AveragePooling3D() {
  return Pooling<Kind::Mean>("AveragePooling3D", VolumeRoles(),
                             {{.inputs = {"f32[batch, depth: 5, height: 6, width: 7, channels: 2]"},
                               .call = "AveragePooling3D(2, padding=\"same\")",
                               .output = "f32[batch, depth: 3, height: 3, width: 4, channels: 2]"},
                              {.inputs = {"f32[batch, depth: 4, height: 5, width: 3, channels: 2]"},
                               .call = "AveragePooling3D((1, 2, 3), strides=1)",
                               .output = "f32[batch, depth: 4, height: 4, width: 1, channels: 2]"}});
}

}  // namespace strata::layers
