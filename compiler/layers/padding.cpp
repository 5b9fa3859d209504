// Zero padding and cropping along one, two and three axes.
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

struct AxisPadding {
  int64_t low;
  int64_t high;
};

// Of each spatial axis; `name` is the argument that holds them.
std::vector<AxisPadding> PaddingsOf(const Args& args, std::string_view name) {
  std::vector<AxisPadding> paddings;
  for (const ConfigValue& entry : args.List(name)) {
    const ConfigValue::List& pair = *entry.AsList();
    paddings.push_back({.low = *pair[0].AsDim()->Constant(), .high = *pair[1].AsDim()->Constant()});
  }
  return paddings;
}

Param Paddings(std::string_view name, std::string_view doc, ConfigValue default_value, const AxisRoles& roles) {
  return {.name = name,
          .type = ParamType::Pads,
          .doc = doc,
          .default_value = std::move(default_value),
          .min = 0,
          .count = static_cast<int>(roles.spatial.size())};
}

ConfigValue DefaultPaddings(const AxisRoles& roles, int size) {
  return Alike(static_cast<int>(roles.spatial.size()), Alike(2, Value(size)));
}

// ---- Padding ----

std::vector<TensorType> InferPadding(InferContext& context) {
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {UnknownResult(context, Dim::Unknown())};
  Shape shape = context.input().shape;
  const std::vector<AxisPadding> paddings = PaddingsOf(context.args, "padding");
  for (size_t i = 0; i < paddings.size(); ++i) {
    Axis& axis = shape[axes->spatial[i]];
    axis.size = axis.size + paddings[i].low + paddings[i].high;
    axis.deliberate_one = axis.deliberate_one && axis.size.Is(1);
  }
  return {{.dtype = context.input().dtype, .shape = std::move(shape)}};
}

std::vector<core::ValueId> ExpandPadding(ExpandContext& context) {
  const Shape& shape = context.input_type().shape;
  const RoleAxes axes = RoleAxesOf(context.args, shape);
  const std::vector<AxisPadding> paddings = PaddingsOf(context.args, "padding");
  std::vector<Dim> low(shape.size());
  std::vector<Dim> high(shape.size());
  for (size_t i = 0; i < paddings.size(); ++i) {
    low[axes.spatial[i]] = paddings[i].low;
    high[axes.spatial[i]] = paddings[i].high;
  }
  return {context.builder.Pad(context.input(), low, high, 0)};
}

LayerDef Padding(std::string_view name, std::string_view summary, std::string_view doc, const AxisRoles& roles,
                 std::vector<LayerExample> examples) {
  return {
      .name = name,
      .summary = summary,
      .params = {Paddings("padding", doc, DefaultPaddings(roles, 1), roles), DataFormat()},
      .roles = &roles,
      .infer = InferPadding,
      .expand = ExpandPadding,
      .examples = std::move(examples),
  };
}

// ---- Cropping ----

// Nothing is left of the axes, for all of which the first one speaks.
void ReportCropped(InferContext& context, const std::vector<size_t>& axes, const AxisPadding& cropping) {
  const Shape& shape = context.input().shape;
  const size_t axis = axes.front();
  const std::string size = shape[axis].size.ToString();
  std::vector<std::string> names;
  for (const size_t one : axes) {
    if (shape[one].size == shape[axis].size) names.push_back(AxisText(shape, one));
  }
  context.diagnostics
      .Report(kinds::NothingLeft, ArgumentSpan(context, "cropping"), Enumerate(names), size,
              cropping.low + cropping.high)
      .Primary("removes " + std::to_string(cropping.low) + " + " + std::to_string(cropping.high) + " along " +
               AxisText(shape, axis))
      .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
      .Note(size + " - " + std::to_string(cropping.low) + " - " + std::to_string(cropping.high) + " = " +
            (shape[axis].size - cropping.low - cropping.high).ToString());
}

std::vector<TensorType> InferCropping(InferContext& context) {
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {UnknownResult(context, Dim::Unknown())};
  Shape shape = context.input().shape;
  const std::vector<AxisPadding> croppings = PaddingsOf(context.args, "cropping");
  std::vector<size_t> gone;
  AxisPadding cropping{};
  for (size_t i = 0; i < croppings.size(); ++i) {
    Axis& axis = shape[axes->spatial[i]];
    axis.size = axis.size - croppings[i].low - croppings[i].high;
    axis.deliberate_one = axis.deliberate_one && axis.size.Is(1);
    if (!axis.size.IsKnown() || context.Require({1, Relation::LessEqual, axis.size})) continue;
    if (gone.empty()) cropping = croppings[i];
    gone.push_back(axes->spatial[i]);
    axis.size = Dim::Unknown();
  }
  if (!gone.empty()) ReportCropped(context, gone, cropping);
  return {{.dtype = context.input().dtype, .shape = std::move(shape)}};
}

std::vector<core::ValueId> ExpandCropping(ExpandContext& context) {
  const Shape& shape = context.input_type().shape;
  const RoleAxes axes = RoleAxesOf(context.args, shape);
  const std::vector<AxisPadding> croppings = PaddingsOf(context.args, "cropping");
  std::vector<Dim> begins(shape.size());
  for (size_t i = 0; i < croppings.size(); ++i) begins[axes.spatial[i]] = croppings[i].low;
  return {context.builder.Slice(context.input(), std::move(begins), Sizes(context.output_types.front().shape),
                                std::vector<int64_t>(shape.size(), 1))};
}

LayerDef Cropping(std::string_view name, std::string_view summary, std::string_view doc, int default_size,
                  const AxisRoles& roles, std::vector<LayerExample> examples) {
  LayerDef def = {
      .name = name,
      .summary = summary,
      .params = {Paddings("cropping", doc, DefaultPaddings(roles, default_size), roles)},
      .roles = &roles,
      .infer = InferCropping,
      .expand = ExpandCropping,
      .examples = std::move(examples),
  };
  if (roles.spatial.size() > 1) def.params.push_back(DataFormat());  // Cropping1D has none
  return def;
}

}  // namespace

LayerDef ZeroPadding1D() {
  return Padding("ZeroPadding1D", "Zeros before and after a signal.", "One number, or `(before, after)`.",
                 SignalRoles(),
                 {{.inputs = {"f32[batch, time: 4, channels: 3]"},
                   .call = "ZeroPadding1D()",
                   .output = "f32[batch, time: 6, channels: 3]"},
                  {.inputs = {"f32[batch, channels: 3, time: 4]"},
                   .call = "ZeroPadding1D((2, 0))",
                   .output = "f32[batch, channels: 3, time: 6]"}});
}

LayerDef ZeroPadding2D() {
  return Padding("ZeroPadding2D", "Rows and columns of zeros around an image.",
                 "One number, one for height and one for width, or `((top, bottom), (left, right))`.", ImageRoles(),
                 {{.inputs = {"f32[batch, height: 4, width: 5, channels: 3]"},
                   .call = "ZeroPadding2D()",
                   .output = "f32[batch, height: 6, width: 7, channels: 3]"},
                  {.inputs = {"f32[batch, height: 4, width: 5, channels: 3]"},
                   .call = "ZeroPadding2D(((0, 1), (2, 3)))",
                   .output = "f32[batch, height: 5, width: 10, channels: 3]"},
                  {.inputs = {"f32[batch, channels: 3, height: 4, width: 5]"},
                   .call = "ZeroPadding2D((1, 2))",
                   .output = "f32[batch, channels: 3, height: 6, width: 9]"}});
}

LayerDef ZeroPadding3D() {
  return Padding("ZeroPadding3D", "Zeros around a volume.",
                 "One number, one for each of depth, height and width, or a pair of numbers for each.", VolumeRoles(),
                 {{.inputs = {"f32[batch, depth: 2, height: 3, width: 4, channels: 2]"},
                   .call = "ZeroPadding3D((1, 0, 2))",
                   .output = "f32[batch, depth: 4, height: 3, width: 8, channels: 2]"},
                  {.inputs = {"f32[batch, depth: 4, height: 5, width: 3, channels: 2]"},
                   .call = "ZeroPadding3D(((0, 1), (1, 0), (2, 0)))",
                   .output = "f32[batch, depth: 5, height: 6, width: 5, channels: 2]"}});
}

LayerDef Cropping1D() {
  return Cropping("Cropping1D", "A signal without its first and last steps.", "One number, or `(first, last)`.", 1,
                  SignalRoles(),
                  {{.inputs = {"f32[batch, time: 7, channels: 3]"},
                    .call = "Cropping1D()",
                    .output = "f32[batch, time: 5, channels: 3]"},
                   {.inputs = {"f32[batch, time: 7, channels: 3]"},
                    .call = "Cropping1D((0, 3))",
                    .output = "f32[batch, time: 4, channels: 3]"}});
}

LayerDef Cropping2D() {
  return Cropping("Cropping2D", "An image without rows and columns at its edges.",
                  "One number, one for height and one for width, or `((top, bottom), (left, right))`.", 0, ImageRoles(),
                  {{.inputs = {"f32[batch, height: 6, width: 7, channels: 3]"},
                    .call = "Cropping2D(2)",
                    .output = "f32[batch, height: 2, width: 3, channels: 3]"},
                   {.inputs = {"f32[batch, height: 6, width: 7, channels: 3]"},
                    .call = "Cropping2D(((1, 0), (2, 3)))",
                    .output = "f32[batch, height: 5, width: 2, channels: 3]"},
                   {.inputs = {"f32[batch, channels: 3, height: 6, width: 7]"},
                    .call = "Cropping2D((1, 2))",
                    .output = "f32[batch, channels: 3, height: 4, width: 3]"}});
}

LayerDef Cropping3D() {
  return Cropping("Cropping3D", "A volume without what lies at its edges.",
                  "One number, one for each of depth, height and width, or a pair of numbers for each.", 1,
                  VolumeRoles(),
                  {{.inputs = {"f32[batch, depth: 4, height: 3, width: 5, channels: 2]"},
                    .call = "Cropping3D()",
                    .output = "f32[batch, depth: 2, height: 1, width: 3, channels: 2]"},
                   {.inputs = {"f32[batch, depth: 4, height: 5, width: 3, channels: 2]"},
                    .call = "Cropping3D(((0, 2), (1, 0), (1, 1)))",
                    .output = "f32[batch, depth: 2, height: 4, width: 1, channels: 2]"}});
}

}  // namespace strata::layers
