// UpSampling1D, UpSampling2D and UpSampling3D.
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/repeat.h"
#include "compiler/layers/roles.h"

namespace strata::layers {
namespace {

bool IsBilinear(const Args& args) {
  return args.def().roles == &ImageRoles() && args.Text("interpolation") == "bilinear";
}

std::vector<TensorType> Infer(InferContext& context) {
  if (IsBilinear(context.args)) RequireFloats(context);
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {UnknownResult(context, Dim::Unknown())};
  TensorType result = context.input();
  const std::vector<int64_t> factors = context.args.Ints("size");
  for (size_t i = 0; i < factors.size(); ++i) {
    Axis& axis = result.shape[axes->spatial[i]];
    axis.size *= factors[i];
    axis.deliberate_one = axis.deliberate_one && axis.size.Is(1);
  }
  return {result};
}

// The elements along `axis` one place later or earlier; at the edge the outermost one stands twice.
core::ValueId Shifted(core::Builder& builder, core::ValueId input, size_t axis, bool is_later) {
  const core::Extents extents = builder.ExtentsOf(input);
  const std::vector<int64_t> steps(extents.size(), 1);
  core::Extents edge = extents;
  edge[axis] = 1;
  core::Extents rest = extents;
  rest[axis] = extents[axis] - 1;
  std::vector<Dim> edge_begin(extents.size()), rest_begin(extents.size());
  if (is_later) edge_begin[axis] = extents[axis] - 1;
  if (is_later) rest_begin[axis] = 1;
  const core::ValueId outermost = builder.Slice(input, edge_begin, edge, steps);
  const core::ValueId others = builder.Slice(input, rest_begin, rest, steps);
  const int position = static_cast<int>(axis);
  return is_later ? builder.Concat({others, outermost}, position) : builder.Concat({outermost, others}, position);
}

// A result lies at (i + 0.5) / factor - 0.5 between two elements, beyond the edge at the outermost one.
core::ValueId Interpolate(core::Builder& builder, core::ValueId input, size_t axis, int64_t factor) {
  core::Literal before{.sizes = {factor}, .data = {}};
  core::Literal after = before;
  for (int64_t i = 0; i < factor; ++i) {
    const double place = (static_cast<double>(i) + 0.5) / static_cast<double>(factor) - 0.5;
    before.data.push_back(place < 0 ? static_cast<float>(-place) : 0);
    after.data.push_back(place > 0 ? static_cast<float>(place) : 0);
  }
  const size_t rank = builder.ExtentsOf(input).size();
  std::vector<int> axes;
  for (size_t i = 0; i < rank; ++i) axes.push_back(static_cast<int>(i <= axis ? i : i + 1));
  const std::vector<int> along = {static_cast<int>(axis) + 1};
  core::MapBuilder map;
  const core::Expr here = map.Operand(0);
  const core::Expr to_left = map.Operand(3);
  const core::Expr to_right = map.Operand(4);
  const core::Expr mean = here * (1.0 - to_left - to_right) + map.Operand(1) * to_left + map.Operand(2) * to_right;
  return builder.Map({input, Shifted(builder, input, axis, false), Shifted(builder, input, axis, true),
                      builder.Constant(before), builder.Constant(after)},
                     {axes, axes, axes, along, along}, rank + 1, mean);
}

// An axis of `factor` after each spatial one, joined with it.
std::vector<core::ValueId> Expand(ExpandContext& context) {
  const RoleAxes axes = RoleAxesOf(context.args, context.input_type().shape);
  const std::vector<int64_t> factors = context.args.Ints("size");
  core::ValueId value = context.input();
  for (size_t i = 0; i < factors.size(); ++i) {
    if (factors[i] == 1) continue;
    const size_t axis = axes.spatial[i];
    core::Extents extents = context.builder.ExtentsOf(value);
    extents[axis] *= factors[i];
    value = IsBilinear(context.args) ? Interpolate(context.builder, value, axis, factors[i])
                                     : AppendRepeat(context.builder, value, axis + 1, factors[i]);
    value = context.builder.Reshape(value, std::move(extents));
  }
  return {value};
}

LayerDef UpSampling(std::string_view name, std::string_view summary, const AxisRoles& roles,
                    std::optional<ConfigValue> default_size, std::vector<LayerExample> examples) {
  return {
      .name = name,
      .summary = summary,
      .params = {{.name = "size",
                  .type = ParamType::Sizes,
                  .doc = "How many results each element gives along each spatial axis.",
                  .default_value = std::move(default_size),
                  .min = 1,
                  .count = static_cast<int>(roles.spatial.size())}},
      .roles = &roles,
      .infer = Infer,
      .expand = Expand,
      .examples = std::move(examples),
  };
}

}  // namespace

LayerDef UpSampling1D() {
  return UpSampling("UpSampling1D", "Each step of a signal several times.", SignalRoles(), Values({Value(2)}),
                    {{.inputs = {"f32[batch, time: 4, channels: 3]"},
                      .call = "UpSampling1D()",
                      .output = "f32[batch, time: 8, channels: 3]"},
                     {.inputs = {"f32[batch, time: 4, features: 3]"},
                      .call = "UpSampling1D(3)",
                      .output = "f32[batch, time: 12, features: 3]"}});
}

LayerDef UpSampling2D() {
  LayerDef def = UpSampling("UpSampling2D", "Each row and column of an image several times, or between them.",
                            ImageRoles(), Alike(2, Value(2)),
                            {{.inputs = {"f32[batch, height: 3, width: 4, channels: 5]"},
                              .call = "UpSampling2D()",
                              .output = "f32[batch, height: 6, width: 8, channels: 5]"},
                             {.inputs = {"f32[batch, height: 3, width: 4, channels: 2]"},
                              .call = "UpSampling2D((3, 2), interpolation=\"bilinear\")",
                              .output = "f32[batch, height: 9, width: 8, channels: 2]"},
                             {.inputs = {"f32[batch, channels: 2, height: 3, width: 4]"},
                              .call = "UpSampling2D((1, 2))",
                              .output = "f32[batch, channels: 2, height: 3, width: 8]"}});
  def.params.push_back(DataFormat());
  def.params.push_back({.name = "interpolation",
                        .type = ParamType::Choice,
                        .doc = "`nearest`: the same element; `bilinear`: between the two nearest along each axis.",
                        .default_value = Value("nearest"),
                        .choices = {"nearest", "bilinear"}});
  return def;
}

LayerDef UpSampling3D() {
  LayerDef def = UpSampling("UpSampling3D", "Each slice, row and column of a volume several times.", VolumeRoles(),
                            Alike(3, Value(2)),
                            {{.inputs = {"f32[batch, depth: 2, height: 3, width: 2, channels: 2]"},
                              .call = "UpSampling3D((2, 1, 3))",
                              .output = "f32[batch, depth: 4, height: 3, width: 6, channels: 2]"},
                             {.inputs = {"f32[batch, depth: 4, height: 5, width: 3, channels: 2]"},
                              .call = "UpSampling3D()",
                              .output = "f32[batch, depth: 8, height: 10, width: 6, channels: 2]"}});
  def.params.push_back(DataFormat());
  return def;
}

}  // namespace strata::layers
