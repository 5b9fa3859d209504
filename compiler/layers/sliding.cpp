#include "compiler/layers/sliding.h"

#include <algorithm>

#include "compiler/layers/messages.h"
#include "compiler/source/catalogue.h"

namespace strata {
namespace {

bool HasParam(const LayerDef& def, std::string_view name) {
  return std::ranges::find(def.params, name, &Param::name) != def.params.end();
}

// One image channel at the place where Keras has the height: `[batch, 1, 200, 200]`.
bool LooksChannelsFirst(const Shape& shape, const RoleAxes& image) {
  const std::optional<int64_t> height = shape[image.spatial[0]].size.Constant();
  return image.spatial == std::vector<size_t>{1, 2} && height && *height <= 4 &&
         shape[image.spatial[1]].size == shape[image.channels].size;
}

// The pooling just before, where without it there would be room.
void OfferOneFewer(InferContext& context, Diagnostic& diagnostic, size_t axis, const Sliding& sliding) {
  const OperandPast past = context.PastOf(0);
  if (past.makers.empty() || axis >= past.changes.size() || past.changes[axis].empty()) return;
  const OperandPast::Maker& maker = past.makers.front();
  const OperandPast::Change& change = past.changes[axis].back();
  const bool is_pooling = HasParam(maker.args->def(), "pool_size") && Contains(maker.call_span, change.span);
  if (!is_pooling || !maker.step.IsValid() || change.from.Constant().value_or(0) < sliding.Span()) return;
  diagnostic.Help("or leave out the `" + std::string(maker.args->def().name) + "` before it, and " +
                      change.from.ToString() + " is left",
                  Applicability::MaybeIncorrect, {{maker.step, ""}});
}

// One message for all axes on which the window does not fit: `failed` says which of the spatial ones.
void ReportWindow(InferContext& context, const RoleAxes& role_axes, const std::vector<size_t>& failed,
                  const std::vector<Sliding>& slidings, std::string_view window) {
  const Shape& shape = context.input().shape;
  const std::vector<size_t>& axes = role_axes.spatial;
  const size_t axis = axes[failed.front()];
  const Sliding& sliding = slidings[failed.front()];
  const bool are_alike = std::ranges::all_of(failed, [&](size_t i) {
    return shape[axes[i]].size == shape[axis].size && slidings[i].Span() == sliding.Span();
  });
  std::vector<std::string> names;
  std::vector<std::string> needs;
  for (const size_t i : failed) {
    names.push_back(AxisText(shape, axes[i]));
    needs.push_back(std::to_string(slidings[i].Span()) + " along " + names.back());
  }
  if (are_alike) needs = {std::to_string(sliding.Span()) + " along " + Enumerate(names)};
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::WindowDoesNotFit, ArgumentSpan(context, window),
                                                      are_alike ? Enumerate(names) : names.front(),
                                                      shape[axis].size.ToString(), sliding.Span());
  diagnostic.Primary("needs " + Enumerate(needs))
      .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`");
  const std::string chain = ChainOfSizes(context, 0, axis);
  diagnostic.Note(chain.empty() ? Derivation(shape[axis].size, sliding) : "the size on the way: " + chain);
  if (sliding.dilation > 1) {
    diagnostic.Note("a window of " + std::to_string(sliding.size) + " dilated by " + std::to_string(sliding.dilation) +
                    " spans " + std::to_string(sliding.Span()));
  }
  if (LooksChannelsFirst(shape, role_axes)) {
    Shape first = shape;
    first[1].name = "channels";
    first[2].name = "height";
    first[3].name = "width";
    diagnostic.Help("this looks like an image with its channels first: `" + ToString(first) + "`",
                    Applicability::MaybeIncorrect, RewriteType(context, 0, first));
    return;
  }
  diagnostic.Help("`padding=\"same\"` keeps the size, whatever the window", Applicability::MaybeIncorrect,
                  SetArgument(context, "padding", "\"same\""));
  OfferOneFewer(context, diagnostic, axis, sliding);
}

}  // namespace

std::vector<Sliding> SlidingOf(const Args& args, std::string_view window) {
  const std::vector<int64_t> sizes = args.Ints(window);
  const std::vector<int64_t> strides = args.Get("strides").IsNone() ? sizes : args.Ints("strides");
  const std::vector<int64_t> dilations =
      HasParam(args.def(), "dilation_rate") ? args.Ints("dilation_rate") : std::vector<int64_t>(sizes.size(), 1);
  using Padding = Sliding::Padding;
  const std::string& mode = args.Text("padding");
  const Padding padding = mode == "same" ? Padding::Same : mode == "causal" ? Padding::Causal : Padding::Valid;
  std::vector<Sliding> slidings;
  for (size_t i = 0; i < sizes.size(); ++i) {
    slidings.push_back({.size = sizes[i], .stride = strides[i], .dilation = dilations[i], .padding = padding});
  }
  return slidings;
}

Dim OutputSize(const Dim& input, const Sliding& sliding) {
  if (sliding.padding != Sliding::Padding::Valid) return CeilDivide(input, sliding.stride);
  return FloorDivide(input - sliding.Span(), sliding.stride) + 1;
}

PadSizes PaddingOf(const Dim& input, const Sliding& sliding) {
  switch (sliding.padding) {
    case Sliding::Padding::Valid: return {.low = 0, .high = 0};
    case Sliding::Padding::Causal: return {.low = sliding.Span() - 1, .high = 0};
    case Sliding::Padding::Same: break;
  }
  const Dim total = Max((OutputSize(input, sliding) - 1) * sliding.stride + sliding.Span() - input, 0);
  const Dim low = FloorDivide(total, 2);
  return {.low = low, .high = total - low};
}

std::string Derivation(const Dim& input, const Sliding& sliding) {
  const std::string stride = std::to_string(sliding.stride);
  const std::string size = input.ToString();
  const std::string result = " = " + OutputSize(input, sliding).ToString();
  if (sliding.padding != Sliding::Padding::Valid) return "ceil(" + size + " / " + stride + ")" + result;
  return "(" + size + " + 2*0 - " + std::to_string(sliding.Span()) + ") / " + stride + " + 1" + result;
}

bool IsRounded(const Dim& size) {
  return std::ranges::any_of(size.Terms(), [](const Dim::Term& term) {
    return std::ranges::any_of(term.factors,
                               [](const auto& atom) { return atom->form == Dim::Atom::Form::FloorDivide; });
  });
}

Shape Slide(InferContext& context, const RoleAxes& axes, std::string_view window) {
  Shape shape = context.input().shape;
  const std::vector<Sliding> slidings = SlidingOf(context.args, window);
  std::vector<size_t> failed;
  for (size_t i = 0; i < slidings.size(); ++i) {
    Axis& axis = shape[axes.spatial[i]];
    const Condition fits{slidings[i].Span(), Relation::LessEqual, axis.size};
    // With padding there is a place for each element.
    const bool has_padding = slidings[i].padding != Sliding::Padding::Valid;
    const bool has_room = has_padding || !axis.size.IsKnown() || context.Require(fits);
    axis.size = OutputSize(axis.size, slidings[i]);
    if (!has_room || axis.size.Constant().value_or(1) < 1) {
      failed.push_back(i);
      axis.size = Dim::Unknown();
    }
    axis.deliberate_one = axis.deliberate_one && axis.size.Is(1);
  }
  if (!failed.empty()) ReportWindow(context, axes, failed, slidings, window);
  return shape;
}

void CheckStrides(InferContext& context, std::string_view instead) {
  const std::vector<Sliding> slidings = SlidingOf(context.args, "kernel_size");
  const bool has_strides = std::ranges::any_of(slidings, [](const Sliding& sliding) { return sliding.stride > 1; });
  const bool is_dilated = std::ranges::any_of(slidings, [](const Sliding& sliding) { return sliding.dilation > 1; });
  if (!has_strides || !is_dilated) return;
  context.diagnostics
      .Report(kinds::StridesAndDilation, ArgumentSpan(context, "dilation_rate"), Written(context.args.Get("strides")),
              Written(context.args.Get("dilation_rate")))
      .Primary("larger than 1")
      .Label(ArgumentSpan(context, "strides"), "larger than 1, too")
      .Help("a dilated convolution has no strides; " + std::string(instead), Applicability::MaybeIncorrect,
            SetArgument(context, "strides", "1"));
}

void RequireConstantChannels(InferContext& context, const RoleAxes& axes) {
  const Shape& shape = context.input().shape;
  const Dim& channels = shape[axes.channels].size;
  if (!channels.IsKnown() || channels.Constant()) return;
  context.diagnostics
      .Report(kinds::SizeNotConstant, context.name_span, AxisText(shape, axes.channels), channels.ToString())
      .Primary("its kernel has a slice for each of them, so their number must be a constant")
      .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
      .Help("give the number in the signature, as in `channels: 3`");
}

}  // namespace strata
