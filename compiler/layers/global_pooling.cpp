// Pooling over all of the spatial axes.
#include <algorithm>

#include "compiler/layers/layer_list.h"
#include "compiler/layers/masks.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

using Kind = core::Reduce::Kind;

// The result for an input without the axes: of the shape it would have if it had them.
TensorType ResultWithoutAxes(InferContext& context) {
  if (context.args.Bool("keepdims")) return UnknownResult(context, Dim::Unknown());
  const Axis channels = {.name = "channels", .size = Dim::Unknown(), .provisional = true};
  return {.dtype = context.input().dtype, .shape = {context.input().shape.front(), channels}};
}

// An input that was pooled or flattened before.
bool ReportNothingToPool(InferContext& context) {
  const Shape& shape = context.input().shape;
  if (shape.size() != 2) return false;
  const std::vector<std::string_view>& spatial = context.args.def().roles->spatial;
  const std::string axes = Enumerate({spatial.begin(), spatial.end()});
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::NothingToPool, context.name_span, context.class_name, ToString(shape), axes);
  diagnostic.Primary("pools " + axes + " away");
  LabelDropped(context, diagnostic, 0, spatial);
  const std::vector<OperandPast::Dropped> dropped = context.PastOf(0).dropped;
  const auto is_spatial = [&](const OperandPast::Dropped& one) {
    return std::ranges::find(spatial, one.name) != spatial.end();
  };
  const auto maker = std::ranges::find_if(dropped, is_spatial);
  if (maker == dropped.end() || !OfferSequences(diagnostic, maker->layer)) {
    diagnostic.Help("delete this layer", Applicability::MaybeIncorrect, RemoveStep(context));
  }
  return true;
}

template <Kind kKind>
std::vector<TensorType> Infer(InferContext& context) {
  if (kKind == Kind::Mean) RequireFloats(context);
  if (ReportNothingToPool(context)) return {context.input()};
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {ResultWithoutAxes(context)};
  Shape shape = context.input().shape;
  if (context.args.Bool("keepdims")) {
    for (const size_t axis : axes->spatial) {
      shape[axis].size = 1;
      shape[axis].deliberate_one = true;
    }
  } else {
    shape = {shape.front(), shape[axes->channels]};
  }
  return {{.dtype = context.input().dtype, .shape = std::move(shape)}};
}

template <Kind kKind>
std::vector<core::ValueId> Expand(ExpandContext& context) {
  const RoleAxes role_axes = RoleAxesOf(context.args, context.input_type().shape);
  std::vector<int> axes(role_axes.spatial.begin(), role_axes.spatial.end());
  std::ranges::sort(axes);
  // Reshape is what keepdims asks for, and nothing otherwise.
  return {context.builder.Reshape(context.builder.Reduce(context.input(), kKind, axes),
                                  Sizes(context.output_types.front().shape))};
}

// ---- GlobalAveragePooling1D has a mask: the mean of the steps that count ----

std::vector<TensorType> InferMasked(InferContext& context) {
  const size_t errors = context.diagnostics.ErrorCount();
  std::vector<TensorType> results = Infer<Kind::Mean>(context);
  if (context.diagnostics.ErrorCount() > errors) return results;
  RequireMask(context, RoleAxesOf(context.args, context.input().shape).spatial.front());
  return results;
}

std::vector<core::ValueId> ExpandMasked(ExpandContext& context) {
  if (!context.masks.front()) return Expand<Kind::Mean>(context);
  core::Builder& builder = context.builder;
  const core::ValueId mask = *context.masks.front();
  const RoleAxes axes = RoleAxesOf(context.args, context.input_type().shape);
  const int time = static_cast<int>(axes.spatial.front());
  core::MapBuilder kept;
  const core::Expr counts = kept.Operand(0, DType::Bool);
  const core::ValueId values = builder.Map({mask, context.input()}, {{0, time}, {0, 1, 2}}, 3,
                                           Select(counts, kept.Operand(1), kept.Constant(0)));
  core::MapBuilder ratio;
  const core::Expr sum = ratio.Operand(0);
  const core::ValueId mean = builder.Map(
      {builder.Reduce(values, Kind::Sum, {time}), builder.Reduce(builder.Cast(mask, DType::F32), Kind::Sum, {1})},
      {{0, 1}, {0}}, 2, sum / ratio.Operand(1));
  return {builder.Reshape(mean, Sizes(context.output_types.front().shape))};
}

template <Kind kKind>
LayerDef GlobalPooling(std::string_view name, const AxisRoles& roles, std::vector<LayerExample> examples) {
  return {
      .name = name,
      .summary = kKind == Kind::Max ? "Largest value of each channel." : "Mean of each channel.",
      .params = {DataFormat(),
                 {.name = "keepdims",
                  .type = ParamType::Bool,
                  .doc = "Whether the spatial axes stay, with a size of 1.",
                  .default_value = Value(false)}},
      .roles = &roles,
      .infer = Infer<kKind>,
      .expand = Expand<kKind>,
      .examples = std::move(examples),
  };
}

}  // namespace

LayerDef GlobalAveragePooling1D() {
  LayerDef def = GlobalPooling<Kind::Mean>("GlobalAveragePooling1D", SignalRoles(),
                                           {{.inputs = {"f32[batch, time: 5, features: 7]"},
                                             .call = "GlobalAveragePooling1D()",
                                             .output = "f32[batch, features: 7]"},
                                            {.inputs = {"f32[batch, channels: 7, time: 5]"},
                                             .call = "GlobalAveragePooling1D(keepdims=True)",
                                             .output = "f32[batch, channels: 7, time: 1]"}});
  def.call_params = {{.name = "inputs", .type = ParamType::Tensor, .doc = "The sequence."}, MaskParam()};
  def.infer = InferMasked;
  def.mask = Mask::Consume();
  def.expand = ExpandMasked;
  return def;
}

LayerDef GlobalAveragePooling2D() {
  return GlobalPooling<Kind::Mean>("GlobalAveragePooling2D", ImageRoles(),
                                   {{.inputs = {"f32[batch, height: 5, width: 6, channels: 7]"},
                                     .call = "GlobalAveragePooling2D()",
                                     .output = "f32[batch, channels: 7]"},
                                    {.inputs = {"f32[batch, height: 5, width: 6, channels: 7]"},
                                     .call = "GlobalAveragePooling2D(keepdims=True)",
                                     .output = "f32[batch, height: 1, width: 1, channels: 7]"},
                                    {.inputs = {"f32[batch, channels: 7, height: 5, width: 6]"},
                                     .call = "GlobalAveragePooling2D()",
                                     .output = "f32[batch, channels: 7]"}});
}

LayerDef GlobalAveragePooling3D() {
  return GlobalPooling<Kind::Mean>("GlobalAveragePooling3D", VolumeRoles(),
                                   {{.inputs = {"f32[batch, depth: 2, height: 3, width: 4, channels: 5]"},
                                     .call = "GlobalAveragePooling3D()",
                                     .output = "f32[batch, channels: 5]"},
                                    {.inputs = {"f32[batch, depth: 4, height: 5, width: 3, channels: 2]"},
                                     .call = "GlobalAveragePooling3D(keepdims=True)",
                                     .output = "f32[batch, depth: 1, height: 1, width: 1, channels: 2]"}});
}

LayerDef GlobalMaxPooling1D() {
  return GlobalPooling<Kind::Max>("GlobalMaxPooling1D", SignalRoles(),
                                  {{.inputs = {"f32[batch, time: 5, features: 7]"},
                                    .call = "GlobalMaxPooling1D()",
                                    .output = "f32[batch, features: 7]"},
                                   {.inputs = {"f32[batch, time: 5, channels: 7]"},
                                    .call = "GlobalMaxPooling1D(keepdims=True)",
                                    .output = "f32[batch, time: 1, channels: 7]"}});
}

LayerDef GlobalMaxPooling2D() {
  return GlobalPooling<Kind::Max>("GlobalMaxPooling2D", ImageRoles(),
                                  {{.inputs = {"f32[batch, height: 5, width: 6, channels: 7]"},
                                    .call = "GlobalMaxPooling2D()",
                                    .output = "f32[batch, channels: 7]"},
                                   {.inputs = {"f32[batch, channels: 7, height: 5, width: 6]"},
                                    .call = "GlobalMaxPooling2D(\"channels_first\", keepdims=True)",
                                    .output = "f32[batch, channels: 7, height: 1, width: 1]"}});
}

LayerDef GlobalMaxPooling3D() {
  return GlobalPooling<Kind::Max>("GlobalMaxPooling3D", VolumeRoles(),
                                  {{.inputs = {"f32[batch, depth: 2, height: 3, width: 4, channels: 5]"},
                                    .call = "GlobalMaxPooling3D(keepdims=True)",
                                    .output = "f32[batch, depth: 1, height: 1, width: 1, channels: 5]"},
                                   {.inputs = {"f32[batch, depth: 4, height: 5, width: 3, channels: 2]"},
                                    .call = "GlobalMaxPooling3D()",
                                    .output = "f32[batch, channels: 2]"}});
}

}  // namespace strata::layers
