// ConvLSTM1D, ConvLSTM2D, ConvLSTM3D: an LSTM whose products are convolutions, those of its input over all steps at once.
#include <algorithm>

#include "compiler/layers/cells.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/recurrence.h"
#include "compiler/layers/roles.h"
#include "compiler/layers/sliding.h"

namespace strata::layers {
namespace {

using core::ValueId;

constexpr int64_t kGates = 4;

// The axes of a step: those of the sequence but the time, which stands first among them.
RoleAxes FrameAxes(RoleAxes axes) {
  axes.spatial.erase(axes.spatial.begin());
  return axes;
}

// ---- Shape rule ----

// Keras joins along what is the last axis, channels or not.
RecurrentKind::Axes AxesOf(const Args& args, const Shape& input) {
  return {.time = RoleAxesOf(args, input).spatial.front(), .joined = input.size() - 1};
}

RecurrentKind::Types InferFrames(InferContext& context) {
  CheckStrides(context);
  const Dim filters = context.args.Int("filters");
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  RecurrentKind::Types types;
  if (axes) {
    RequireConstantChannels(context, *axes);
    types.outputs = Slide(context, FrameAxes(*axes), "kernel_size");
    types.outputs[axes->channels] = MadeAxis(types.outputs, axes->channels, "channels", filters);
    types.time = axes->spatial.front();
    LintActivation(context, types.outputs);
  } else {
    types.outputs = UnknownResult(context, filters).shape;
    types.time = FindAxis(types.outputs, "time").value_or(1);
  }
  types.states.assign(2, types.Output());
  types.why = "each of its states has the shape of its output";
  return types;
}

// ---- Weights ----

Shape Kernel(const Args& args, Axis from) {
  const std::vector<int64_t> sizes = args.Ints("kernel_size");
  Shape shape;
  for (size_t i = 0; i < sizes.size(); ++i) {
    shape.push_back({.name = std::string(args.def().roles->spatial[i + 1]), .size = sizes[i]});
  }
  shape.push_back(std::move(from));
  shape.push_back({.name = "filters", .size = kGates * args.Int("filters")});
  return shape;
}

std::optional<Shape> InputKernel(const Args& args, const std::vector<TensorType>& inputs) {
  const Shape& shape = inputs.front().shape;
  return Kernel(args, {.name = "channels", .size = shape[RoleAxesOf(args, shape).channels].size});
}

std::optional<Shape> RecurrentKernel(const Args& args, const std::vector<TensorType>&) {
  return Kernel(args, {.name = "state", .size = args.Int("filters")});
}

std::optional<Shape> Bias(const Args& args, const std::vector<TensorType>&) {
  if (!args.Bool("use_bias")) return std::nullopt;
  return Shape{{.name = "filters", .size = kGates * args.Int("filters")}};
}

// ---- Expansion ----

std::vector<int> Inverse(const std::vector<int>& order) {
  std::vector<int> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int>(i);
  return back;
}

// The window of `sliding` along each spatial axis of `input`, [batch, spatial..., channels].
ValueId Convolve(core::Builder& builder, ValueId input, ValueId kernel, const std::vector<Sliding>& slidings) {
  core::Convolve op;
  for (size_t i = 0; i < slidings.size(); ++i) {
    const PadSizes pad = PaddingOf(builder.ExtentsOf(input)[i + 1], slidings[i]);
    op.axes.push_back(
        {.stride = slidings[i].stride, .dilation = slidings[i].dilation, .pad_low = pad.low, .pad_high = pad.high});
  }
  return builder.Convolve(input, kernel, std::move(op));
}

// Over [batch, time, spatial..., channels].
Cell FormulaOf(const Args& args, int softmax_axis) {
  std::vector<Sliding> slidings = SlidingOf(args, "kernel_size");
  // The state keeps its size.
  std::vector<Sliding> recurrent;
  for (const Sliding& sliding : slidings) {
    recurrent.push_back({.size = sliding.size, .padding = Sliding::Padding::Same});
  }
  Cell cell;
  cell.project = [slidings = std::move(slidings)](const CellContext& context, ValueId input) {
    core::Builder& builder = context.builder;
    core::Extents frames = builder.ExtentsOf(input);
    const Dim batch = frames[0];
    const Dim time = frames[1];
    frames[1] = batch * time;
    frames.erase(frames.begin());
    ValueId result = Convolve(builder, builder.Reshape(input, frames), *context.weight("kernel"), slidings);
    if (const std::optional<ValueId> bias = context.weight("bias")) result = AppendSum(builder, result, *bias);
    core::Extents steps = builder.ExtentsOf(result);
    steps.front() = time;
    steps.insert(steps.begin(), batch);
    return builder.Reshape(result, steps);
  };
  cell.states = [](const core::Extents& projected) {
    core::Extents state = projected;
    state.back() = FloorDivide(state.back(), kGates);
    return std::vector<core::Extents>(2, state);
  };
  cell.step = [recurrent = std::move(recurrent), softmax_axis](const CellContext& context, ValueId projected,
                                                               const std::vector<ValueId>& states) {
    const ValueId product = Convolve(context.builder, states[0], *context.weight("recurrent_kernel"), recurrent);
    return AppendLSTMStep(context, AppendSum(context.builder, product, projected), states[1], softmax_axis);
  };
  return cell;
}

Recurrence AppendFrames(ExpandContext& context, const RecurrenceOptions& given) {
  core::Builder& builder = context.builder;
  const RoleAxes axes = RoleAxesOf(context.args, context.input_type().shape);
  const size_t time = axes.spatial.front();
  // From the user's order to [batch, time, spatial..., channels], and to that of a step.
  std::vector<int> order = {0};
  for (const size_t axis : axes.spatial) order.push_back(static_cast<int>(axis));
  order.push_back(static_cast<int>(axes.channels));
  std::vector<int> step_order = order;
  step_order.erase(step_order.begin() + 1);
  for (int& axis : step_order) axis -= axis > static_cast<int>(time) ? 1 : 0;
  const std::vector<int> step_back = Inverse(step_order);

  RecurrenceOptions options = given;
  for (ValueId& state : options.initial) state = builder.Transpose(state, step_order);
  // A softmax acts on what is the last axis for the user.
  const Cell cell = FormulaOf(context.args, step_back.back());
  Recurrence recurrence = AppendRecurrence(CellOf(context, context.args, "conv_lstm_cell"), cell,
                                           builder.Transpose(context.input(), order), options);
  recurrence.outputs = builder.Transpose(recurrence.outputs, Inverse(order));
  recurrence.output = builder.Transpose(recurrence.output, step_back);
  for (ValueId& state : recurrence.states) state = builder.Transpose(state, step_back);
  return recurrence;
}

std::vector<size_t> StateGroups(const Args&) { return {1, 1}; }

}  // namespace

const RecurrentKind kOverFrames = {AxesOf, InferFrames, AppendFrames, StateGroups};

namespace {

// ---- Definitions ----

Param Function(std::string_view name, std::string_view doc, const char* default_value) {
  return {.name = name, .type = ParamType::Activation, .doc = doc, .default_value = Value(default_value)};
}

LayerDef ConvLSTM(std::string_view name, std::string_view summary, size_t axes, std::vector<LayerExample> examples) {
  const int count = static_cast<int>(axes);
  LayerDef def = {
      .name = name,
      .summary = summary,
      .params = {{.name = "filters", .doc = "Number of channels of the output and of each state.", .min = 1},
                 KernelSize(count),
                 Strides(count),
                 PaddingMode(),
                 DataFormat(),
                 DilationRate(count),
                 Function("activation", "Function of the candidate and of the output; None: none.", "tanh"),
                 Function("recurrent_activation", "Function of the gates; None: none.", "sigmoid"),
                 UseBias(),
                 Training("kernel_initializer", Value("glorot_uniform")),
                 Training("recurrent_initializer", Value("orthogonal")),
                 Training("bias_initializer", Value("zeros")),
                 Training("unit_forget_bias", Value(true)),
                 Training("kernel_regularizer"),
                 Training("recurrent_regularizer"),
                 Training("bias_regularizer"),
                 Training("activity_regularizer"),
                 Training("kernel_constraint"),
                 Training("recurrent_constraint"),
                 Training("bias_constraint"),
                 Training("dropout", Value(0.0)),
                 Training("recurrent_dropout", Value(0.0)),
                 Training("seed")},
      .call_params = RecurrentCallParams(),
      .roles = &FramesRoles(axes),
      .infer = InferRecurrent,
      .mask = {.of_results = MaskOfRecurrent, .is_read = true},
      .weights = {{.name = "conv_lstm_cell/kernel",
                   .doc = "Sizes of the window, channels, filters of the four gates.",
                   .initializer = "glorot_uniform",
                   .shape = InputKernel},
                  {.name = "conv_lstm_cell/recurrent_kernel",
                   .doc = "Sizes of the window, channels of the state, filters of the four gates.",
                   .initializer = "orthogonal",
                   .shape = RecurrentKernel},
                  {.name = "conv_lstm_cell/bias",
                   .doc = "One number for each filter of the four gates.",
                   .initializer = "zeros",
                   .shape = Bias}},
      .expand = ExpandRecurrent,
      .examples = std::move(examples),
      .results = {"output", "h", "c"},
  };
  for (Param& flag : RecurrentFlags()) def.params.push_back(std::move(flag));
  for (Param& param : std::vector<Param>{Training("unroll", Value(false)), ZeroOutputForMask()}) {
    param.keyword_only = true;
    def.params.push_back(std::move(param));
  }
  return def;
}

}  // namespace

LayerDef ConvLSTM1D() {
  return ConvLSTM("ConvLSTM1D", "Long short-term memory over a series of signals, by convolutions.", 1,
                  {{.inputs = {"f32[batch, time: 3, width: 8, channels: 2]"},
                    .call = "ConvLSTM1D(4, 3)",
                    .output = "f32[batch, width: 6, channels: 4]"},
                   {.inputs = {"f32[batch, time: 3, width: 9, channels: 2]"},
                    .call = "ConvLSTM1D(3, 3, dilation_rate=2, padding=\"same\", return_sequences=True)",
                    .output = "f32[batch, time: 3, width: 9, channels: 3]"},
                   {.inputs = {"f32[batch, time, width, channels: 2]"},
                    .call = "ConvLSTM1D(3, 4, strides=2, padding=\"same\", return_sequences=True)",
                    .output = "f32[batch, time, width: ceil(width / 2), channels: 3]"}});
}

LayerDef ConvLSTM2D() {
  return ConvLSTM("ConvLSTM2D", "Long short-term memory over a series of images, by convolutions.", 2,
                  {{.inputs = {"f32[batch, time: 3, height: 6, width: 5, channels: 2]"},
                    .call = "ConvLSTM2D(4, 3, padding=\"same\", return_sequences=True)",
                    .output = "f32[batch, time: 3, height: 6, width: 5, channels: 4]"},
                   {.inputs = {"f32[batch, time: 2, height: 7, width: 6, channels: 1]"},
                    .call = "ConvLSTM2D(3, (3, 2), strides=(2, 1), activation=\"relu\", use_bias=False)",
                    .output = "f32[batch, height: 3, width: 5, channels: 3]"},
                   {.inputs = {"f32[batch, time: 2, channels: 3, height: 5, width: 4]"},
                    .call = "ConvLSTM2D(2, 3, padding=\"same\", data_format=\"channels_first\", go_backwards=True)",
                    .output = "f32[batch, channels: 2, height: 5, width: 4]"}});
}

LayerDef ConvLSTM3D() {
  return ConvLSTM("ConvLSTM3D", "Long short-term memory over a series of volumes, by convolutions.", 3,
                  {{.inputs = {"f32[batch, time: 2, depth: 4, height: 5, width: 3, channels: 2]"},
                    .call = "ConvLSTM3D(2, (2, 3, 1))",
                    .output = "f32[batch, depth: 3, height: 3, width: 3, channels: 2]"},
                   {.inputs = {"f32[batch, time: 2, depth: 2, height: 3, width: 4, channels: 1]"},
                    .call = "ConvLSTM3D(2, 2, padding=\"same\", return_sequences=True)",
                    .output = "f32[batch, time: 2, depth: 2, height: 3, width: 4, channels: 2]"}});
}

}  // namespace strata::layers
