// Pooling into a given number of windows along one, two and three axes.
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/resample.h"
#include "compiler/layers/roles.h"

namespace strata::layers {
namespace {

using Kind = core::Resample::Kind;

std::vector<TensorType> Infer(InferContext& context) {
  RequireFloats(context);
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {UnknownResult(context, Dim::Unknown())};
  TensorType result = context.input();
  const std::vector<int64_t> sizes = context.args.Ints("output_size");
  for (size_t i = 0; i < sizes.size(); ++i) {
    Axis& axis = result.shape[axes->spatial[i]];
    axis.deliberate_one = sizes[i] == 1;
    axis.size = sizes[i];
  }
  return {result};
}

template <Kind kKind>
std::vector<core::ValueId> Expand(ExpandContext& context) {
  const ChannelsLast input = InChannelsLast(context);
  core::ValueId value = input.value;
  const std::vector<int64_t> sizes = context.args.Ints("output_size");
  for (size_t i = 0; i < sizes.size(); ++i) {
    value = AppendAdaptivePooling(context.builder, value, i + 1, sizes[i], kKind);
  }
  return {context.builder.Transpose(value, input.back)};
}

template <Kind kKind>
LayerDef AdaptivePooling(std::string_view name, const AxisRoles& roles, std::vector<LayerExample> examples) {
  return {
      .name = name,
      .summary = kKind == Kind::Max ? "Largest value in each of so many windows." : "Mean of each of so many windows.",
      .params = {{.name = "output_size",
                  .type = ParamType::Sizes,
                  .doc = "Number of windows along each spatial axis; they cover it, as equal as can be.",
                  .min = 1,
                  .count = static_cast<int>(roles.spatial.size())},
                 DataFormat()},
      .roles = &roles,
      .infer = Infer,
      .expand = Expand<kKind>,
      .examples = std::move(examples),
  };
}

}  // namespace

LayerDef AdaptiveAveragePooling1D() {
  return AdaptivePooling<Kind::Mean>("AdaptiveAveragePooling1D", SignalRoles(),
                                     {{.inputs = {"f32[batch, time: 9, channels: 3]"},
                                       .call = "AdaptiveAveragePooling1D(4)",
                                       .output = "f32[batch, time: 4, channels: 3]"},
                                      {.inputs = {"f32[batch, channels: 3, time: 5]"},
                                       .call = "AdaptiveAveragePooling1D(7)",
                                       .output = "f32[batch, channels: 3, time: 7]"}});
}

LayerDef AdaptiveAveragePooling2D() {
  return AdaptivePooling<Kind::Mean>("AdaptiveAveragePooling2D", ImageRoles(),
                                     {{.inputs = {"f32[batch, height: 8, width: 7, channels: 5]"},
                                       .call = "AdaptiveAveragePooling2D(3)",
                                       .output = "f32[batch, height: 3, width: 3, channels: 5]"},
                                      {.inputs = {"f32[batch, channels: 3, height: 6, width: 7]"},
                                       .call = "AdaptiveAveragePooling2D((2, 4))",
                                       .output = "f32[batch, channels: 3, height: 2, width: 4]"}});
}

LayerDef AdaptiveAveragePooling3D() {
  return AdaptivePooling<Kind::Mean>("AdaptiveAveragePooling3D", VolumeRoles(),
                                     {{.inputs = {"f32[batch, depth: 4, height: 5, width: 6, channels: 3]"},
                                       .call = "AdaptiveAveragePooling3D((3, 2, 1))",
                                       .output = "f32[batch, depth: 3, height: 2, width: 1, channels: 3]"},
                                      {.inputs = {"f32[batch, channels: 2, depth: 3, height: 4, width: 5]"},
                                       .call = "AdaptiveAveragePooling3D(2)",
                                       .output = "f32[batch, channels: 2, depth: 2, height: 2, width: 2]"}});
}

LayerDef AdaptiveMaxPooling1D() {
  return AdaptivePooling<Kind::Max>("AdaptiveMaxPooling1D", SignalRoles(),
                                    {{.inputs = {"f32[batch, time: 9, channels: 3]"},
                                      .call = "AdaptiveMaxPooling1D(4)",
                                      .output = "f32[batch, time: 4, channels: 3]"},
                                     {.inputs = {"f32[batch, features: 3, time: 4]"},
                                      .call = "AdaptiveMaxPooling1D(6)",
                                      .output = "f32[batch, features: 3, time: 6]"}});
}

LayerDef AdaptiveMaxPooling2D() {
  return AdaptivePooling<Kind::Max>("AdaptiveMaxPooling2D", ImageRoles(),
                                    {{.inputs = {"f32[batch, height: 8, width: 7, channels: 5]"},
                                      .call = "AdaptiveMaxPooling2D((3, 9))",
                                      .output = "f32[batch, height: 3, width: 9, channels: 5]"},
                                     {.inputs = {"f32[batch, channels: 3, height: 6, width: 7]"},
                                      .call = "AdaptiveMaxPooling2D(4, data_format=\"channels_first\")",
                                      .output = "f32[batch, channels: 3, height: 4, width: 4]"}});
}

LayerDef AdaptiveMaxPooling3D() {
  return AdaptivePooling<Kind::Max>("AdaptiveMaxPooling3D", VolumeRoles(),
                                    {{.inputs = {"f32[batch, depth: 4, height: 5, width: 6, channels: 3]"},
                                      .call = "AdaptiveMaxPooling3D(2)",
                                      .output = "f32[batch, depth: 2, height: 2, width: 2, channels: 3]"},
                                     {.inputs = {"f32[batch, depth: 3, height: 2, width: 4, channels: 2]"},
                                      .call = "AdaptiveMaxPooling3D((1, 3, 2))",
                                      .output = "f32[batch, depth: 1, height: 3, width: 2, channels: 2]"}});
}

}  // namespace strata::layers
