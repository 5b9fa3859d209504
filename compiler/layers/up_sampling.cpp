// UpSampling1D, UpSampling2D and UpSampling3D.
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/repeat.h"
#include "compiler/layers/resample.h"
#include "compiler/layers/roles.h"

namespace strata::layers {
namespace {

bool IsBlended(const Args& args) { return args.def().roles == &ImageRoles() && Blends(args.Text("interpolation")); }

std::vector<TensorType> Infer(InferContext& context) {
  if (IsBlended(context.args)) RequireFloats(context);
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

// Between the elements.
core::ValueId Blend(ExpandContext& context) {
  const ChannelsLast input = InChannelsLast(context);
  const std::vector<int64_t> factors = context.args.Ints("size");
  const ImageSize size = {.height = input.spatial[0] * factors[0], .width = input.spatial[1] * factors[1]};
  const core::ValueId image =
      AppendResize(context.builder, input.value, size, context.args.Text("interpolation"), /*antialias=*/false);
  return context.builder.Transpose(image, input.back);
}

// An axis of `factor` after each spatial one, joined with it.
std::vector<core::ValueId> Expand(ExpandContext& context) {
  if (IsBlended(context.args)) return {Blend(context)};
  const RoleAxes axes = RoleAxesOf(context.args, context.input_type().shape);
  const std::vector<int64_t> factors = context.args.Ints("size");
  core::ValueId value = context.input();
  for (size_t i = 0; i < factors.size(); ++i) {
    if (factors[i] == 1) continue;
    const size_t axis = axes.spatial[i];
    core::Extents extents = context.builder.ExtentsOf(value);
    extents[axis] *= factors[i];
    value = context.builder.Reshape(AppendRepeat(context.builder, value, axis + 1, factors[i]), std::move(extents));
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
                             {.inputs = {"f32[batch, height: 3, width: 4, channels: 2]"},
                              .call = "UpSampling2D(2, interpolation=\"lanczos3\")",
                              .output = "f32[batch, height: 6, width: 8, channels: 2]"},
                             {.inputs = {"f32[batch, channels: 2, height: 3, width: 4]"},
                              .call = "UpSampling2D((1, 2))",
                              .output = "f32[batch, channels: 2, height: 3, width: 8]"}});
  def.params.push_back(DataFormat());
  def.params.push_back(InterpolationName("`nearest`: the same element; all others: between those near it.", "nearest"));
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
