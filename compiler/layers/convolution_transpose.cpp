// Transposed convolutions: each element of the input adds the kernel, times itself, to the result, at places `strides`
// from each other.
#include <algorithm>

#include "compiler/layers/convolution.h"
#include "compiler/layers/epilogue.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/sliding.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

// ---- Sizes ----

// Along one axis. The result has input * stride + excess elements: of the places i * stride + k * dilation that element i
// reaches with the kernel's element k, those from `crop` on.
struct Reach {
  int64_t kernel;
  int64_t stride;
  int64_t dilation;
  int64_t excess;
  int64_t crop;

  Dim OutputSize(const Dim& input) const { return input * stride + excess; }
};

// What Keras computes with JAX, whose padding on the left is `left` zeros before an input spread by the strides.
std::vector<Reach> ReachesOf(const Args& args) {
  const std::vector<int64_t> kernels = args.Ints("kernel_size");
  const std::vector<int64_t> strides = args.Ints("strides");
  const std::vector<int64_t> dilations = args.Ints("dilation_rate");
  const bool is_open = args.Get("output_padding").IsNone();
  const std::vector<int64_t> paddings = is_open ? std::vector<int64_t>() : args.Ints("output_padding");
  const bool is_same = args.Text("padding") == "same";
  std::vector<Reach> reaches;
  for (size_t i = 0; i < kernels.size(); ++i) {
    const int64_t span = (kernels[i] - 1) * dilations[i] + 1;
    Reach reach{.kernel = kernels[i], .stride = strides[i], .dilation = dilations[i], .excess = 0, .crop = 0};
    if (!is_same) {
      reach.excess = (is_open ? std::max(span, strides[i]) : span + paddings[i]) - strides[i];
    } else {
      const int64_t padding = is_open ? strides[i] + span - 2 : span + span % 2 - 2 + paddings[i];
      const int64_t left = std::min(padding / 2 + padding % 2, span - 1);
      reach.excess = is_open ? 0 : span % 2 + paddings[i] - strides[i];
      reach.crop = span - 1 - left;
    }
    reaches.push_back(reach);
  }
  return reaches;
}

void CheckOutputPadding(InferContext& context) {
  if (context.args.Get("output_padding").IsNone()) return;
  const std::vector<int64_t> strides = context.args.Ints("strides");
  const std::vector<int64_t> paddings = context.args.Ints("output_padding");
  for (size_t i = 0; i < strides.size(); ++i) {
    if (paddings[i] < strides[i]) continue;
    Diagnostic& diagnostic =
        context.diagnostics.Report(kinds::ArgumentTooLarge, ArgumentSpan(context, "output_padding"), "output_padding",
                                   context.class_name, paddings[i], strides[i] - 1);
    diagnostic.Primary("not less than the stride of " + std::to_string(strides[i]) + " along `" +
                       std::string(context.args.def().roles->spatial[i]) + "`");
    if (context.args.Given("strides")) diagnostic.Label(ArgumentSpan(context, "strides"), "the strides");
    diagnostic.Help("leave it out, and the result is `strides` times as large", Applicability::MaybeIncorrect,
                    SetArgument(context, "output_padding", "None"));
    return;
  }
}

// An output_padding of 0 with padding="same" can leave nothing of a single element.
void ReportNothingMade(InferContext& context, size_t axis, const Reach& reach) {
  const Shape& shape = context.input().shape;
  const Dim& size = shape[axis].size;
  const int64_t rest = reach.excess + reach.stride;
  context.diagnostics
      .Report(kinds::NothingMade, ArgumentSpan(context, "output_padding"), AxisText(shape, axis), size.ToString(),
              context.class_name)
      .Primary("(" + size.ToString() + " - 1) * " + std::to_string(reach.stride) + " + " + std::to_string(rest) +
               " = " + reach.OutputSize(size).ToString())
      .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
      .Help("leave `output_padding` out, and the result is `strides` times as large", Applicability::MaybeIncorrect,
            SetArgument(context, "output_padding", "None"));
}

Shape SpreadShape(InferContext& context, const RoleAxes& axes) {
  Shape shape = context.input().shape;
  const std::vector<Reach> reaches = ReachesOf(context.args);
  for (size_t i = 0; i < reaches.size(); ++i) {
    Axis& axis = shape[axes.spatial[i]];
    if (!axis.size.IsKnown()) continue;
    const Dim size = reaches[i].OutputSize(axis.size);
    const bool has_elements = reaches[i].excess >= 0 || context.Require({1, Relation::LessEqual, size});
    if (!has_elements) ReportNothingMade(context, axes.spatial[i], reaches[i]);
    axis.size = has_elements ? size : Dim::Unknown();
    axis.deliberate_one = axis.deliberate_one && axis.size.Is(1);
  }
  return shape;
}

std::vector<TensorType> Infer(InferContext& context) {
  RequireFloats(context);
  CheckStrides(context, "an up-sampling before it makes the image larger");
  CheckOutputPadding(context);
  const Dim filters = context.args.Int("filters");
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  if (!axes) return {UnknownResult(context, filters)};
  RequireConstantChannels(context, *axes);
  return {ConvolutionResult(context, SpreadShape(context, *axes), *axes, filters)};
}

std::optional<Shape> Kernel(const Args& args, const std::vector<TensorType>& inputs) {
  return KernelShape(args, {.name = "filters", .size = args.Int("filters")},
                     {.name = "channels", .size = InputChannels(inputs.front(), args)});
}

// ---- Expansion ----
//
// Results `stride` from each other see the same elements of the kernel: along an axis they are one phase of `stride`, and
// each phase is an ordinary convolution of the input with those elements, in reverse. The phases of all axes are
// computed where they lie between each other in the result, so that nothing is multiplied by the zeros that an input
// spread by the strides would have.

class Phases {
 public:
  Phases(ExpandContext& context, const ChannelsLast& input)
      : context_(context), builder_(context.builder), input_(input), reaches_(ReachesOf(context.args)) {}

  core::ValueId Append() {
    core::ValueId value = AppendFrom(0, PaddedKernel(), {}, {});
    core::Extents merged = {builder_.ExtentsOf(input_.value).front()};
    core::Extents wanted = merged;
    for (size_t i = 0; i < reaches_.size(); ++i) {
      merged.push_back(Places(i) * reaches_[i].stride);
      wanted.push_back(reaches_[i].OutputSize(input_.spatial[i]));
    }
    merged.push_back(builder_.ExtentsOf(value).back());
    wanted.push_back(merged.back());
    value = builder_.Reshape(value, merged);
    if (merged == wanted) return value;
    return builder_.Slice(value, std::vector<Dim>(wanted.size()), wanted, std::vector<int64_t>(wanted.size(), 1));
  }

 private:
  static int64_t CeilOf(int64_t a, int64_t b) { return a > 0 ? (a + b - 1) / b : a / b; }

  // In each phase along an axis; the last ones may reach beyond the result.
  Dim Places(size_t axis) const { return input_.spatial[axis] + CeilOf(reaches_[axis].excess, reaches_[axis].stride); }

  // [spatial..., channels, filters], with zeros where a kernel is smaller than the stride and leaves phases empty.
  core::ValueId PaddedKernel() {
    const core::ValueId weight = *context_.weight("kernel");
    const size_t rank = reaches_.size();
    std::vector<int> order;
    for (size_t i = 0; i < rank; ++i) order.push_back(static_cast<int>(i));
    order.push_back(static_cast<int>(rank) + 1);
    order.push_back(static_cast<int>(rank));
    std::vector<Dim> high(rank + 2);
    bool is_padded = false;
    for (size_t i = 0; i < rank; ++i) {
      high[i] = std::max<int64_t>(reaches_[i].stride - reaches_[i].kernel, 0);
      is_padded |= !high[i].Is(0);
      reaches_[i].kernel = std::max(reaches_[i].kernel, reaches_[i].stride);
    }
    const core::ValueId kernel = builder_.Transpose(weight, order);
    return is_padded ? builder_.Pad(kernel, std::vector<Dim>(rank + 2), std::move(high), 0) : kernel;
  }

  // The kernel's elements last, last - step ... 0 or more along an axis.
  core::ValueId Reversed(core::ValueId kernel, size_t axis, int64_t last, int64_t step) {
    core::Extents extents = builder_.ExtentsOf(kernel);
    extents[axis] = 1;
    std::vector<core::ValueId> parts;
    for (; last >= 0; last -= step) {
      std::vector<Dim> begins(extents.size());
      begins[axis] = last;
      parts.push_back(builder_.Slice(kernel, begins, extents, std::vector<int64_t>(extents.size(), 1)));
    }
    return parts.size() == 1 ? parts.front() : builder_.Concat(std::move(parts), static_cast<int>(axis));
  }

  // All phases along the axes from `axis` on, an axis for each stride above 1 after the one it belongs to. `low`: of the
  // axes before, the first element of the input under the first result, negated.
  core::ValueId AppendFrom(size_t axis, core::ValueId kernel, std::vector<int64_t> low, std::vector<int> positions) {
    if (axis == reaches_.size()) return AppendPhase(kernel, low);
    const Reach& reach = reaches_[axis];
    const int before = axis == 0 ? 1 : positions.back() + 1;
    positions.push_back(reach.stride > 1 ? before + 1 : before);
    std::vector<core::ValueId> parts;
    for (int64_t phase = 0; phase < reach.stride; ++phase) {
      // Result q * stride + phase is the sum over t of input q - low + t * dilation. Dilated kernels have a stride of 1.
      const int64_t first = (phase + reach.crop) % reach.stride;
      const int64_t count = (reach.kernel - 1 - first) / reach.stride + 1;
      low.push_back((count - 1) * reach.dilation - (phase + reach.crop) / reach.stride);
      const core::ValueId elements = Reversed(kernel, axis, first + (count - 1) * reach.stride, reach.stride);
      parts.push_back(AppendFrom(axis + 1, elements, low, positions));
      low.pop_back();
    }
    return reach.stride == 1 ? parts.front() : builder_.Concat(std::move(parts), positions.back());
  }

  core::ValueId AppendPhase(core::ValueId kernel, const std::vector<int64_t>& low) {
    core::Extents part = builder_.ExtentsOf(input_.value);
    std::vector<Dim> begins(part.size());
    core::Convolve op;
    for (size_t i = 0; i < low.size(); ++i) {
      const int64_t span = (*builder_.ExtentsOf(kernel)[i].Constant() - 1) * reaches_[i].dilation + 1;
      const int64_t high = CeilOf(reaches_[i].excess, reaches_[i].stride) - 1 + span - low[i];
      // What lies before the first result or after the last one is left out.
      const int64_t cut_low = std::max<int64_t>(-low[i], 0);
      const int64_t cut_high = std::max<int64_t>(-high, 0);
      begins[i + 1] = cut_low;
      part[i + 1] = part[i + 1] - cut_low - cut_high;
      op.axes.push_back({.dilation = reaches_[i].dilation, .pad_low = low[i] + cut_low, .pad_high = high + cut_high});
    }
    core::ValueId input = input_.value;
    if (part != builder_.ExtentsOf(input)) {
      input = builder_.Slice(input, begins, part, std::vector<int64_t>(part.size(), 1));
    }
    core::ValueId value = builder_.Convolve(input, kernel, op);
    // A softmax over another axis than the channels sees more than one phase.
    if (input_.EndsWithChannels()) value = AppendEpilogue(context_, value);
    core::Extents spread = {part.front()};
    for (size_t i = 0; i < reaches_.size(); ++i) {
      spread.push_back(Places(i));
      if (reaches_[i].stride > 1) spread.emplace_back(1);
    }
    spread.push_back(builder_.ExtentsOf(value).back());
    return builder_.Reshape(value, std::move(spread));
  }

  ExpandContext& context_;
  core::Builder& builder_;
  const ChannelsLast& input_;
  std::vector<Reach> reaches_;
};

std::vector<core::ValueId> Expand(ExpandContext& context) {
  const ChannelsLast input = InChannelsLast(context);
  core::ValueId value = Phases(context, input).Append();
  if (!input.EndsWithChannels()) value = AppendEpilogue(context, value, input.LastAxis());
  return {context.builder.Transpose(value, input.back)};
}

// ---- Definitions ----

LayerDef Transposed(std::string_view name, std::string_view summary, const AxisRoles& roles,
                    std::vector<LayerExample> examples) {
  const int count = static_cast<int>(roles.spatial.size());
  const Param output_padding = {
      .name = "output_padding",
      .type = ParamType::Sizes,
      .doc =
          "How many elements to add at the end of each spatial axis, fewer than its stride; None: as many as make the "
          "result `strides` times as large (`same`), or hold all that the kernel reaches (`valid`).",
      .default_value = None(),
      .none_allowed = true,
      .min = 0,
      .count = count};
  LayerDef def = {
      .name = name,
      .summary = summary,
      .params = {Filters(),
                 KernelSize(count),
                 {.name = "strides",
                  .type = ParamType::Sizes,
                  .doc = "Steps between the places of two neighbours' kernels along each spatial axis.",
                  .default_value = Alike(count, Value(1)),
                  .min = 1,
                  .count = count},
                 {.name = "padding",
                  .type = ParamType::Choice,
                  .doc =
                      "`valid`: all that the kernel reaches; `same`: as many as there are elements, times the stride.",
                  .default_value = Value("valid"),
                  .choices = {"valid", "same"}},
                 output_padding,
                 DataFormat(),
                 DilationRate(count),
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
      .infer = Infer,
      .weights = {{.name = "kernel",
                   .doc = "Sizes of the window, filters, channels.",
                   .initializer = "glorot_uniform",
                   .shape = Kernel},
                  {.name = "bias", .doc = "One number for each filter.", .initializer = "zeros", .shape = FiltersBias}},
      .expand = Expand,
      .examples = std::move(examples),
  };
  // Keras' order is another one here.
  if (count == 3) std::swap(def.params[4], def.params[5]);
  return def;
}

}  // namespace

LayerDef Conv1DTranspose() {
  return Transposed("Conv1DTranspose", "Spreads the steps of a signal and fills between them with a kernel.",
                    SignalRoles(),
                    {{.inputs = {"f32[batch, time: 5, channels: 3]"},
                      .call = "Conv1DTranspose(4, 3, strides=2)",
                      .output = "f32[batch, time: 11, channels: 4]"},
                     {.inputs = {"f32[batch, time: 5, features: 3]"},
                      .call = "Conv1DTranspose(4, 4, strides=2, padding=\"same\", activation=\"relu\")",
                      .output = "f32[batch, time: 10, channels: 4]"},
                     {.inputs = {"f32[batch, channels: 2, time: 5]"},
                      .call = "Conv1DTranspose(3, 3, dilation_rate=2, use_bias=False)",
                      .output = "f32[batch, channels: 3, time: 9]"}});
}

LayerDef Conv2DTranspose() {
  return Transposed("Conv2DTranspose", "Spreads the pixels of an image and fills between them with a kernel.",
                    ImageRoles(),
                    {{.inputs = {"f32[batch, height: 4, width: 5, channels: 3]"},
                      .call = "Conv2DTranspose(8, 3, strides=2, padding=\"same\")",
                      .output = "f32[batch, height: 8, width: 10, channels: 8]"},
                     {.inputs = {"f32[batch, height: 4, width: 5, channels: 3]"},
                      .call = "Conv2DTranspose(5, (2, 3), strides=(2, 1))",
                      .output = "f32[batch, height: 8, width: 7, channels: 5]"},
                     {.inputs = {"f32[batch, height: 4, width: 3, channels: 2]"},
                      .call = "Conv2DTranspose(3, 3, strides=2, padding=\"same\", output_padding=0)",
                      .output = "f32[batch, height: 7, width: 5, channels: 3]"},
                     {.inputs = {"f32[batch, channels: 3, height: 4, width: 5]"},
                      .call = "Conv2DTranspose(4, 2, strides=3, activation=\"relu\")",
                      .output = "f32[batch, channels: 4, height: 12, width: 15]"}});
}

LayerDef Conv3DTranspose() {
  return Transposed("Conv3DTranspose", "Spreads the elements of a volume and fills between them with a kernel.",
                    VolumeRoles(),
                    {{.inputs = {"f32[batch, depth: 2, height: 3, width: 4, channels: 3]"},
                      .call = "Conv3DTranspose(4, 3, strides=(1, 2, 2), padding=\"same\")",
                      .output = "f32[batch, depth: 2, height: 6, width: 8, channels: 4]"},
                     {.inputs = {"f32[batch, depth: 2, height: 3, width: 2, channels: 2]"},
                      .call = "Conv3DTranspose(3, 2, strides=2, output_padding=1)",
                      .output = "f32[batch, depth: 5, height: 7, width: 5, channels: 3]"}});
}

}  // namespace strata::layers
