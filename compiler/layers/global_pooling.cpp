// GlobalAveragePooling2D and GlobalMaxPooling2D.
#include <algorithm>

#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

using Kind = core::Reduce::Kind;

// The result for an input without height and width: of the shape it would have if it were an image.
TensorType UnknownResult(InferContext& context) {
  const Axis channels = {.name = "channels", .size = Dim::Unknown(), .provisional = true};
  if (context.args.Bool("keepdims")) return UnknownImage(context.input(), Dim::Unknown());
  return {.dtype = context.input().dtype, .shape = {context.input().shape.front(), channels}};
}

// An input that was pooled or flattened before.
bool ReportNothingToPool(InferContext& context) {
  const Shape& shape = context.input().shape;
  if (shape.size() != 2) return false;
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::NothingToPool, context.name_span, context.class_name, ToString(shape));
  diagnostic.Primary("pools height and width away");
  LabelDropped(context, diagnostic, 0, {"height", "width"})
      .Help("delete this layer", Applicability::MaybeIncorrect, RemoveStep(context));
  return true;
}

template <Kind kKind>
std::vector<TensorType> Infer(InferContext& context) {
  if (kKind == Kind::Mean) RequireFloats(context);
  if (ReportNothingToPool(context)) return {context.input()};
  const std::optional<ImageAxes> image = RequireImage(context);
  if (!image) return {UnknownResult(context)};
  Shape shape = context.input().shape;
  if (context.args.Bool("keepdims")) {
    for (const size_t axis : {image->height, image->width}) {
      shape[axis].size = 1;
      shape[axis].deliberate_one = true;
    }
  } else {
    shape = {shape.front(), shape[image->channels]};
  }
  return {{.dtype = context.input().dtype, .shape = std::move(shape)}};
}

template <Kind kKind>
std::vector<core::ValueId> Expand(ExpandContext& context) {
  const std::optional<ImageAxes> image = FindImageAxes(context.input_type().shape, context.args.Get("data_format"));
  STRATA_CHECK(image.has_value());
  std::vector<int> axes = {static_cast<int>(image->height), static_cast<int>(image->width)};
  std::ranges::sort(axes);
  // Reshape is what keepdims asks for, and nothing otherwise.
  return {context.builder.Reshape(context.builder.Reduce(context.input(), kKind, axes),
                                  Sizes(context.output_types.front().shape))};
}

std::vector<Param> Params() {
  return {DataFormat(),
          {.name = "keepdims",
           .type = ParamType::Bool,
           .doc = "Whether height and width stay, with a size of 1.",
           .default_value = Value(false)}};
}

}  // namespace

LayerDef GlobalAveragePooling2D() {
  return {
      .name = "GlobalAveragePooling2D",
      .summary = "Mean of each channel.",
      .params = Params(),
      .infer = Infer<Kind::Mean>,
      .expand = Expand<Kind::Mean>,
      .examples = {{.inputs = {"f32[batch, height: 5, width: 6, channels: 7]"},
                    .call = "GlobalAveragePooling2D()",
                    .output = "f32[batch, channels: 7]"},
                   {.inputs = {"f32[batch, height: 5, width: 6, channels: 7]"},
                    .call = "GlobalAveragePooling2D(keepdims=True)",
                    .output = "f32[batch, height: 1, width: 1, channels: 7]"},
                   {.inputs = {"f32[batch, channels: 7, height: 5, width: 6]"},
                    .call = "GlobalAveragePooling2D()",
                    .output = "f32[batch, channels: 7]"}},
  };
}

LayerDef GlobalMaxPooling2D() {
  return {
      .name = "GlobalMaxPooling2D",
      .summary = "Largest value of each channel.",
      .params = Params(),
      .infer = Infer<Kind::Max>,
      .expand = Expand<Kind::Max>,
      .examples = {{.inputs = {"f32[batch, height: 5, width: 6, channels: 7]"},
                    .call = "GlobalMaxPooling2D()",
                    .output = "f32[batch, channels: 7]"},
                   {.inputs = {"f32[batch, channels: 7, height: 5, width: 6]"},
                    .call = "GlobalMaxPooling2D(\"channels_first\", keepdims=True)",
                    .output = "f32[batch, channels: 7, height: 1, width: 1]"}},
  };
}

}  // namespace strata::layers
