// Convolutions over one, two and three axes, and depthwise ones.
#include "compiler/layers/convolution.h"

#include <numeric>

#include "compiler/layers/epilogue.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/layers/sliding.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata {

// ---- Shared ----

const Dim& InputChannels(const TensorType& input, const Args& args) {
  return input.shape[RoleAxesOf(args, input.shape).channels].size;
}

TensorType ConvolutionResult(InferContext& context, Shape shape, const RoleAxes& axes, Dim channels) {
  shape[axes.channels] = MadeAxis(shape, axes.channels, "channels", std::move(channels));
  LintActivation(context, shape);
  return {.dtype = DType::F32, .shape = std::move(shape)};
}

Shape KernelShape(const Args& args, Axis from, Axis to) {
  const std::vector<int64_t> sizes = args.Ints("kernel_size");
  Shape shape;
  for (size_t i = 0; i < sizes.size(); ++i) {
    shape.push_back({.name = std::string(args.def().roles->spatial[i]), .size = sizes[i]});
  }
  shape.push_back(std::move(from));
  shape.push_back(std::move(to));
  return shape;
}

std::optional<Shape> FiltersBias(const Args& args, const std::vector<TensorType>&) {
  if (!args.Bool("use_bias")) return std::nullopt;
  return Shape{{.name = "filters", .size = args.Int("filters")}};
}

core::ValueId DepthwiseKernelOf(ExpandContext& context, core::ValueId kernel) {
  core::Extents extents = context.builder.ExtentsOf(kernel);
  const Dim outputs = extents[extents.size() - 2] * extents.back();
  extents[extents.size() - 2] = 1;
  extents.back() = outputs;
  return context.builder.Reshape(kernel, std::move(extents));
}

core::ValueId AppendSliding(ExpandContext& context, const ChannelsLast& input, core::ValueId kernel, int64_t groups) {
  const std::vector<Sliding> slidings = SlidingOf(context.args, "kernel_size");
  core::Convolve op;
  op.groups = groups;
  for (size_t i = 0; i < slidings.size(); ++i) {
    const PadSizes pad = PaddingOf(input.spatial[i], slidings[i]);
    op.axes.push_back(
        {.stride = slidings[i].stride, .dilation = slidings[i].dilation, .pad_low = pad.low, .pad_high = pad.high});
  }
  return context.builder.Convolve(input.value, kernel, op);
}

namespace layers {
namespace {

// ---- Conv1D, Conv2D, Conv3D ----

std::vector<std::string> CommonDivisors(int64_t a, int64_t b) {
  constexpr size_t kMost = 12;
  const int64_t largest = std::gcd(a, b);
  std::vector<std::string> divisors;
  for (int64_t i = 1; i <= largest && divisors.size() < kMost; ++i) {
    if (largest % i == 0) divisors.push_back(std::to_string(i));
  }
  return divisors;
}

void CheckGroups(InferContext& context, const RoleAxes& axes) {
  const std::optional<int64_t> channels = context.input().shape[axes.channels].size.Constant();
  const int64_t groups = context.args.Int("groups");
  const int64_t filters = context.args.Int("filters");
  if (!channels || (*channels % groups == 0 && filters % groups == 0)) return;
  const bool is_input = *channels % groups != 0;
  const std::vector<std::string> divisors = CommonDivisors(*channels, filters);
  const std::string rest = std::to_string((is_input ? *channels : filters) % groups);
  context.diagnostics
      .Report(kinds::GroupsDoNotDivide, ArgumentSpan(context, "groups"), groups, is_input ? *channels : filters,
              is_input ? "input channels" : "filters")
      .Primary("leaves a rest of " + rest)
      .Label(context.inputs.front().span, "this has " + std::to_string(*channels) + " channels")
      .Help("numbers that divide both " + std::to_string(*channels) + " channels and " + std::to_string(filters) +
                " filters: " + Enumerate(divisors),
            Applicability::MaybeIncorrect, SetArgument(context, "groups", divisors.back()));
}

std::vector<TensorType> InferConvolution(InferContext& context) {
  RequireFloats(context);
  CheckStrides(context);
  const Dim filters = context.args.Int("filters");
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {UnknownResult(context, filters)};
  RequireConstantChannels(context, *axes);
  CheckGroups(context, *axes);
  return {ConvolutionResult(context, Slide(context, *axes, "kernel_size"), *axes, filters)};
}

std::optional<Shape> ConvolutionKernel(const Args& args, const std::vector<TensorType>& inputs) {
  const Dim channels = FloorDivide(InputChannels(inputs.front(), args), args.Int("groups"));
  return KernelShape(args, {.name = "channels", .size = channels}, {.name = "filters", .size = args.Int("filters")});
}

// Adds bias and activation, and goes back to the input's order.
core::ValueId Finish(ExpandContext& context, const ChannelsLast& input, core::ValueId value) {
  return context.builder.Transpose(AppendEpilogue(context, value, input.LastAxis()), input.back);
}

std::vector<core::ValueId> ExpandConvolution(ExpandContext& context) {
  const ChannelsLast input = InChannelsLast(context);
  const core::ValueId kernel = *context.weight("kernel");
  return {Finish(context, input, AppendSliding(context, input, kernel, context.args.Int("groups")))};
}

// ---- DepthwiseConv2D ----

Dim DepthwiseChannels(const Dim& input, const Args& args) { return input * args.Int("depth_multiplier"); }

std::vector<TensorType> InferDepthwise(InferContext& context) {
  RequireFloats(context);
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {UnknownResult(context, Dim::Unknown())};
  RequireConstantChannels(context, *axes);
  const Dim channels = DepthwiseChannels(context.input().shape[axes->channels].size, context.args);
  return {ConvolutionResult(context, Slide(context, *axes, "kernel_size"), *axes, channels)};
}

std::optional<Shape> DepthwiseKernel(const Args& args, const std::vector<TensorType>& inputs) {
  return KernelShape(args, {.name = "channels", .size = InputChannels(inputs.front(), args)},
                     {.name = "multiplier", .size = args.Int("depth_multiplier")});
}

std::optional<Shape> DepthwiseBias(const Args& args, const std::vector<TensorType>& inputs) {
  if (!args.Bool("use_bias")) return std::nullopt;
  return Shape{{.name = "channels", .size = DepthwiseChannels(InputChannels(inputs.front(), args), args)}};
}

core::ValueId AppendDepthwise(ExpandContext& context, const ChannelsLast& input, core::ValueId kernel) {
  const std::optional<int64_t> channels = InputChannels(context.input_type(), context.args).Constant();
  STRATA_CHECK(channels.has_value());
  return AppendSliding(context, input, DepthwiseKernelOf(context, kernel), *channels);
}

std::vector<core::ValueId> ExpandDepthwise(ExpandContext& context) {
  const ChannelsLast input = InChannelsLast(context);
  return {Finish(context, input, AppendDepthwise(context, input, *context.weight("kernel")))};
}

// ---- SeparableConv1D, SeparableConv2D ----

std::vector<TensorType> InferSeparable(InferContext& context) {
  RequireFloats(context);
  const Dim filters = context.args.Int("filters");
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {UnknownResult(context, filters)};
  RequireConstantChannels(context, *axes);
  return {ConvolutionResult(context, Slide(context, *axes, "kernel_size"), *axes, filters)};
}

std::optional<Shape> PointwiseKernel(const Args& args, const std::vector<TensorType>& inputs) {
  Shape shape;
  for (const std::string_view axis : args.def().roles->spatial) {
    shape.push_back({.name = std::string(axis), .size = 1});
  }
  shape.push_back({.name = "channels", .size = DepthwiseChannels(InputChannels(inputs.front(), args), args)});
  shape.push_back({.name = "filters", .size = args.Int("filters")});
  return shape;
}

std::vector<core::ValueId> ExpandSeparable(ExpandContext& context) {
  const ChannelsLast input = InChannelsLast(context);
  const core::ValueId depthwise = AppendDepthwise(context, input, *context.weight("depthwise_kernel"));
  core::Convolve pointwise;
  pointwise.axes.resize(input.spatial.size());
  return {Finish(context, input, context.builder.Convolve(depthwise, *context.weight("pointwise_kernel"), pointwise))};
}

Param DepthMultiplier() {
  return {.name = "depth_multiplier",
          .doc = "Number of output channels for each input channel.",
          .default_value = Value(1),
          .min = 1};
}

LayerDef Convolution(std::string_view name, std::string_view summary, const AxisRoles& roles, Param padding,
                     std::vector<LayerExample> examples) {
  const int count = static_cast<int>(roles.spatial.size());
  return {
      .name = name,
      .summary = summary,
      .params = {Filters(),
                 KernelSize(count),
                 Strides(count),
                 std::move(padding),
                 DataFormat(),
                 DilationRate(count),
                 {.name = "groups",
                  .doc = "Number of groups that input channels and filters are split into, each convolved by itself.",
                  .default_value = Value(1),
                  .min = 1},
                 ActivationName(),
                 UseBias(),
                 Training("kernel_initializer", Value("glorot_uniform")),
                 Training("bias_initializer", Value("zeros")),
                 Training("kernel_regularizer"),
                 Training("bias_regularizer"),
                 Training("activity_regularizer"),
                 Training("kernel_constraint"),
                 Training("bias_constraint")},
      .roles = &roles,
      .infer = InferConvolution,
      .weights = {{.name = "kernel",
                   .doc = "Sizes of the window, channels of a group, filters.",
                   .initializer = "glorot_uniform",
                   .shape = ConvolutionKernel},
                  {.name = "bias", .doc = "One number for each filter.", .initializer = "zeros", .shape = FiltersBias}},
      .expand = ExpandConvolution,
      .examples = std::move(examples),
  };
}

LayerDef Depthwise(std::string_view name, const AxisRoles& roles, std::vector<LayerExample> examples) {
  const int count = static_cast<int>(roles.spatial.size());
  return {
      .name = name,
      .summary = "Convolves each channel by itself.",
      .params = {KernelSize(count), Strides(count), PaddingMode(), DepthMultiplier(), DataFormat(), DilationRate(count),
                 ActivationName(), UseBias(), Training("depthwise_initializer", Value("glorot_uniform")),
                 Training("bias_initializer", Value("zeros")), Training("depthwise_regularizer"),
                 Training("bias_regularizer"), Training("activity_regularizer"), Training("depthwise_constraint"),
                 Training("bias_constraint")},
      .roles = &roles,
      .infer = InferDepthwise,
      .weights = {{.name = "kernel",
                   .doc = "Sizes of the window, channels, outputs for each channel.",
                   .initializer = "glorot_uniform",
                   .shape = DepthwiseKernel},
                  {.name = "bias",
                   .doc = "One number for each output channel.",
                   .initializer = "zeros",
                   .shape = DepthwiseBias}},
      .expand = ExpandDepthwise,
      .examples = std::move(examples),
  };
}

LayerDef Separable(std::string_view name, const AxisRoles& roles, std::vector<LayerExample> examples) {
  const int count = static_cast<int>(roles.spatial.size());
  return {
      .name = name,
      .summary = "Convolves each channel by itself, then mixes the channels of each place.",
      .params = {Filters(), KernelSize(count), Strides(count), PaddingMode(), DataFormat(), DilationRate(count),
                 DepthMultiplier(), ActivationName(), UseBias(),
                 Training("depthwise_initializer", Value("glorot_uniform")),
                 Training("pointwise_initializer", Value("glorot_uniform")),
                 Training("bias_initializer", Value("zeros")), Training("depthwise_regularizer"),
                 Training("pointwise_regularizer"), Training("bias_regularizer"), Training("activity_regularizer"),
                 Training("depthwise_constraint"), Training("pointwise_constraint"), Training("bias_constraint")},
      .roles = &roles,
      .infer = InferSeparable,
      .weights = {{.name = "depthwise_kernel",
                   .doc = "Sizes of the window, channels, outputs for each channel.",
                   .initializer = "glorot_uniform",
                   .shape = DepthwiseKernel},
                  {.name = "pointwise_kernel",
                   .doc = "Outputs of the first convolution, filters.",
                   .initializer = "glorot_uniform",
                   .shape = PointwiseKernel},
                  {.name = "bias", .doc = "One number for each filter.", .initializer = "zeros", .shape = FiltersBias}},
      .expand = ExpandSeparable,
      .examples = std::move(examples),
  };
}

}  // namespace

LayerDef Conv1D() {
  return Convolution("Conv1D", "Slides a kernel along the time of a signal.", SignalRoles(), CausalPaddingMode(),
                     {{.inputs = {"f32[batch, time: 9, channels: 3]"},
                       .call = "Conv1D(4, 3, padding=\"same\")",
                       .output = "f32[batch, time: 9, channels: 4]"},
                      {.inputs = {"f32[batch, time: 9, features: 3]"},
                       .call = "Conv1D(5, 2, strides=2, activation=\"relu\")",
                       .output = "f32[batch, time: 4, channels: 5]"},
                      {.inputs = {"f32[batch, time: 9, channels: 4]"},
                       .call = "Conv1D(6, 3, padding=\"causal\", dilation_rate=2, groups=2)",
                       .output = "f32[batch, time: 9, channels: 6]"},
                      {.inputs = {"f32[batch, channels: 4, time: 9]"},
                       .call = "Conv1D(3, 3, use_bias=False)",
                       .output = "f32[batch, channels: 3, time: 7]"}});
}

LayerDef Conv2D() {
  return Convolution("Conv2D", "Slides a kernel over height and width of an image.", ImageRoles(), PaddingMode(),
                     {{.inputs = {"f32[batch, height: 8, width: 8, channels: 3]"},
                       .call = "Conv2D(4, 3, padding=\"same\")",
                       .output = "f32[batch, height: 8, width: 8, channels: 4]"},
                      {.inputs = {"f32[batch, height: 9, width: 7, channels: 3]"},
                       .call = "Conv2D(5, (3, 2), strides=(2, 1), activation=\"relu\", use_bias=False)",
                       .output = "f32[batch, height: 4, width: 6, channels: 5]"},
                      {.inputs = {"f32[batch, height: 9, width: 9, channels: 2]"},
                       .call = "Conv2D(3, 3, dilation_rate=2)",
                       .output = "f32[batch, height: 5, width: 5, channels: 3]"},
                      {.inputs = {"f32[batch, height: 6, width: 6, channels: 8]"},
                       .call = "Conv2D(12, 3, padding=\"same\", groups=4)",
                       .output = "f32[batch, height: 6, width: 6, channels: 12]"},
                      {.inputs = {"f32[batch, channels: 3, height: 8, width: 6]"},
                       .call = "Conv2D(4, 3, strides=2, padding=\"same\", data_format=\"channels_first\")",
                       .output = "f32[batch, channels: 4, height: 4, width: 3]"}});
}

LayerDef Conv3D() {
  return Convolution("Conv3D", "Slides a kernel over depth, height and width of a volume.", VolumeRoles(),
                     PaddingMode(),
                     {{.inputs = {"f32[batch, depth: 5, height: 6, width: 4, channels: 2]"},
                       .call = "Conv3D(3, 3, padding=\"same\")",
                       .output = "f32[batch, depth: 5, height: 6, width: 4, channels: 3]"},
                      {.inputs = {"f32[batch, depth: 5, height: 6, width: 7, channels: 2]"},
                       .call = "Conv3D(3, (2, 3, 1), strides=(2, 1, 3))",
                       .output = "f32[batch, depth: 2, height: 4, width: 3, channels: 3]"}});
}

LayerDef DepthwiseConv1D() {
  return Depthwise("DepthwiseConv1D", SignalRoles(),
                   {{.inputs = {"f32[batch, time: 9, channels: 3]"},
                     .call = "DepthwiseConv1D(3, padding=\"same\")",
                     .output = "f32[batch, time: 9, channels: 3]"},
                    {.inputs = {"f32[batch, time: 9, channels: 3]"},
                     .call = "DepthwiseConv1D(2, strides=2, depth_multiplier=2, activation=\"relu\")",
                     .output = "f32[batch, time: 4, channels: 6]"}});
}

LayerDef DepthwiseConv2D() {
  return Depthwise("DepthwiseConv2D", ImageRoles(),
                   {{.inputs = {"f32[batch, height: 8, width: 8, channels: 4]"},
                     .call = "DepthwiseConv2D(3, padding=\"same\")",
                     .output = "f32[batch, height: 8, width: 8, channels: 4]"},
                    {.inputs = {"f32[batch, height: 9, width: 7, channels: 3]"},
                     .call = "DepthwiseConv2D((3, 2), strides=2, depth_multiplier=2, activation=\"relu6\")",
                     .output = "f32[batch, height: 4, width: 3, channels: 6]"},
                    {.inputs = {"f32[batch, height: 9, width: 9, channels: 5]"},
                     .call = "DepthwiseConv2D(3, dilation_rate=2, use_bias=False)",
                     .output = "f32[batch, height: 5, width: 5, channels: 5]"},
                    {.inputs = {"f32[batch, channels: 3, height: 8, width: 6]"},
                     .call = "DepthwiseConv2D(3)",
                     .output = "f32[batch, channels: 3, height: 6, width: 4]"}});
}

LayerDef SeparableConv1D() {
  return Separable("SeparableConv1D", SignalRoles(),
                   {{.inputs = {"f32[batch, time: 9, channels: 3]"},
                     .call = "SeparableConv1D(4, 3, padding=\"same\")",
                     .output = "f32[batch, time: 9, channels: 4]"},
                    {.inputs = {"f32[batch, channels: 5, time: 9]"},
                     .call = "SeparableConv1D(7, 3, strides=2, depth_multiplier=2, use_bias=False)",
                     .output = "f32[batch, channels: 7, time: 4]"}});
}

LayerDef SeparableConv2D() {
  return Separable("SeparableConv2D", ImageRoles(),
                   {{.inputs = {"f32[batch, height: 8, width: 7, channels: 3]"},
                     .call = "SeparableConv2D(8, 3, padding=\"same\", activation=\"relu\")",
                     .output = "f32[batch, height: 8, width: 7, channels: 8]"},
                    {.inputs = {"f32[batch, height: 8, width: 7, channels: 3]"},
                     .call = "SeparableConv2D(5, (3, 2), dilation_rate=2, depth_multiplier=3)",
                     .output = "f32[batch, height: 4, width: 5, channels: 5]"}});
}

}  // namespace layers
}  // namespace strata
