#include "compiler/layers/roles.h"

#include <algorithm>

#include "compiler/layers/messages.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata {
namespace {

constexpr size_t kImageRank = 4;

// The axes of an image that a shape names.
struct NamedAxes {
  std::optional<size_t> height;
  std::optional<size_t> width;
  std::optional<size_t> channels;

  bool All() const { return height && width && channels; }
};

NamedAxes FindNamed(const Shape& shape) {
  return {FindAxis(shape, "height"), FindAxis(shape, "width"), FindAxis(shape, "channels")};
}

// Names a layer made do not count as the user's word.
bool IsElsewhere(const Shape& shape, std::optional<size_t> named, size_t position) {
  return named && !shape[*named].provisional && *named != position;
}

bool AgreesWith(const Shape& shape, const NamedAxes& named, const ImageAxes& keras) {
  return !IsElsewhere(shape, named.height, keras.height) && !IsElsewhere(shape, named.width, keras.width) &&
         !IsElsewhere(shape, named.channels, keras.channels);
}

ImageAxes KerasPositions(const ConfigValue& data_format) {
  const std::string* format = data_format.AsString();
  if (format != nullptr && *format == "channels_first") return {.height = 2, .width = 3, .channels = 1};
  return {};
}

// The shape with the image's axes named as they are read.
Shape Named(Shape shape, const ImageAxes& axes) {
  shape[axes.height].name = "height";
  shape[axes.width].name = "width";
  shape[axes.channels].name = "channels";
  return shape;
}

// ---- Messages about what is no image ----

Diagnostic& AddInput(InferContext& context, Diagnostic& diagnostic) {
  const Operand& input = context.inputs.front();
  if (input.span.IsValid()) diagnostic.Label(input.span, "this is `" + ToString(input.type.shape) + "`");
  return diagnostic;
}

// Help for where axis 1 may be the number of samples.
void OfferWithoutCount(InferContext& context, Diagnostic& diagnostic) {
  Shape shape = context.input().shape;
  const std::string axis = AxisText(shape, 1);
  shape.erase(shape.begin() + 1);
  diagnostic.Help("if " + axis + " counts the samples, delete it: the batch axis is there already",
                  Applicability::MaybeIncorrect, RewriteType(context, 0, shape));
}

void ReportNoChannels(InferContext& context) {
  const Shape& shape = context.input().shape;
  Shape grey = shape;
  grey.push_back({.name = "channels", .size = 1});
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::NoChannelsAxis, context.name_span, context.class_name, ToString(shape));
  diagnostic.Primary("takes height, width and channels");
  AddInput(context, diagnostic)
      .Help("a grey image has one channel: `" + ToString(grey) + "`", Applicability::MaybeIncorrect,
            RewriteType(context, 0, grey));
}

void ReportNoSpatialAxes(InferContext& context, const NamedAxes& named) {
  const Shape& shape = context.input().shape;
  std::vector<std::string> missing;
  if (!named.height) missing.push_back("`height`");
  if (!named.width) missing.push_back("`width`");
  const std::string axes = Enumerate(missing) + (missing.size() == 1 ? " axis" : " axes");
  std::vector<std::string_view> names;
  if (!named.height) names.push_back("height");
  if (!named.width) names.push_back("width");
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::NoSpatialAxes, context.name_span, context.class_name, ToString(shape), axes);
  diagnostic.Primary("takes height, width and channels");
  LabelDropped(context, diagnostic, 0, names);
  if (shape.size() == 2) {
    diagnostic.Help("put `" + std::string(context.class_name) +
                    "` before the layer that removes height and width, such as `Flatten` or a global pooling");
  } else {
    diagnostic.Help("an image is `[batch, height: ..., width: ..., channels: ...]`: name its axes so in the signature");
  }
}

void ReportSurplusAxes(InferContext& context, const NamedAxes& named) {
  const Shape& shape = context.input().shape;
  std::vector<std::string> surplus;
  for (size_t i = 1; i < shape.size(); ++i) {
    if (i != *named.height && i != *named.width && i != *named.channels) surplus.push_back(AxisText(shape, i));
  }
  const std::string excess = Enumerate(surplus) + (surplus.size() == 1 ? " is one" : " are");
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::SurplusAxes, context.name_span, context.class_name, ToString(shape), excess);
  diagnostic.Primary("takes the batch, height, width and channels");
  AddInput(context, diagnostic);
  // A first axis behind the batch, alone in being too many, may count the samples.
  const bool may_count = surplus.size() == 1 && named.height != 1u && named.width != 1u && named.channels != 1u;
  if (may_count) OfferWithoutCount(context, diagnostic);
}

void ReportRank(InferContext& context) {
  const Shape& shape = context.input().shape;
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::NotAnImage, context.name_span, context.class_name,
                                                      ToString(shape), static_cast<int64_t>(shape.size()));
  diagnostic.Primary("takes `[batch, height, width, channels]`");
  AddInput(context, diagnostic);
  if (shape.size() + 1 == kImageRank) {
    Shape grey = shape;
    grey.push_back({.size = 1});
    grey = Named(grey, {});
    diagnostic.Help("a grey image has one channel: `" + ToString(grey) + "`", Applicability::MaybeIncorrect,
                    RewriteType(context, 0, grey));
  } else if (shape.size() > kImageRank) {
    OfferWithoutCount(context, diagnostic);
  }
}

void ReportUnclearAxes(InferContext& context, const NamedAxes& named, const ImageAxes& keras) {
  const Shape& shape = context.input().shape;
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::UnclearAxes, context.name_span, context.class_name, ToString(shape));
  diagnostic.Primary("reads axes by name, or all of them by position");
  AddInput(context, diagnostic).Note("by position it would be `" + ToString(Named(shape, keras)) + "`");

  // By name: where one of the three has no name, it is the axis that is left.
  std::vector<size_t> left;
  for (size_t i = 1; i < shape.size(); ++i) {
    if (i != named.height && i != named.width && i != named.channels) left.push_back(i);
  }
  if (left.size() != 1) {
    diagnostic.Help("name the axes `height`, `width` and `channels` where they are declared");
    return;
  }
  const Shape by_name = Named(shape, {named.height.value_or(left.front()), named.width.value_or(left.front()),
                                      named.channels.value_or(left.front())});
  diagnostic.Help("name the axis that has no role: `" + ToString(by_name) + "`", Applicability::MaybeIncorrect,
                  RewriteType(context, 0, by_name));
}

void ReportContradiction(InferContext& context, size_t channels) {
  const Shape& shape = context.input().shape;
  const ConfigValue& format = context.args.Get("data_format");
  context.diagnostics
      .Report(kinds::DataFormatContradiction, ArgumentSpan(context, "data_format"), *format.AsString(), ToString(shape))
      .Primary("the channels are axis " + std::to_string(channels))
      .Note("the names say which axis is which, in any order, so that no `data_format` is needed")
      .Help("leave `data_format` out, or write `None`", Applicability::MaybeIncorrect,
            SetArgument(context, "data_format", "None"));
}

void ReportNoImage(InferContext& context, const NamedAxes& named, const ImageAxes& keras) {
  const Shape& shape = context.input().shape;
  const bool has_format = !context.args.Get("data_format").IsNone();
  if (shape.size() > kImageRank && named.All()) {
    ReportSurplusAxes(context, named);
  } else if (shape.size() == kImageRank && has_format && named.channels.value_or(keras.channels) != keras.channels) {
    ReportContradiction(context, *named.channels);
  } else if (shape.size() == kImageRank) {
    ReportUnclearAxes(context, named, keras);
  } else if (named.height && named.width) {
    ReportNoChannels(context);
  } else if (named.height || named.width || named.channels) {
    ReportNoSpatialAxes(context, named);
  } else {
    ReportRank(context);
  }
}

void LintUnnamed(InferContext& context, const ImageAxes& axes) {
  const Shape& shape = context.input().shape;
  const bool is_unnamed =
      std::all_of(shape.begin() + 1, shape.end(), [](const Axis& axis) { return axis.name.empty(); });
  if (!is_unnamed || !context.args.Get("data_format").IsNone()) return;
  const Shape last = Named(shape, axes);
  const Shape first = Named(shape, {.height = 2, .width = 3, .channels = 1});
  context.diagnostics.Report(kinds::UnnamedImage, context.name_span, context.class_name, ToString(shape))
      .Primary("reads it as `" + ToString(last) + "`")
      .Note("with the channels first it would be `" + ToString(first) + "`")
      .Help("name the axes: `" + ToString(last) + "`", Applicability::MaybeIncorrect, RewriteType(context, 0, last));
}

// Keras' integer, counted from the end if negative.
std::optional<size_t> AtPosition(const Shape& shape, int64_t position) {
  const int64_t rank = static_cast<int64_t>(shape.size());
  if (position < -rank || position >= rank) return std::nullopt;
  return static_cast<size_t>(position < 0 ? position + rank : position);
}

void ReportUnknownAxis(InferContext& context, const Shape& shape, const ConfigValue& axis, Span span) {
  std::vector<std::string_view> names;
  for (const Axis& candidate : shape) {
    if (!candidate.name.empty()) names.push_back(candidate.name);
  }
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::UnknownAxis, span, ToString(shape), *axis.AsString());
  const std::string_view nearest = NearestName(*axis.AsString(), names);
  if (nearest.empty()) return;
  diagnostic.Help("did you mean `" + std::string(nearest) + "`?", Applicability::MachineApplicable,
                  {{span, std::string(nearest)}});
}

// Reports, if there is a `channels` axis and it is not the last one, that `subject` acts on the last one.
Diagnostic* LintLastAxis(InferContext& context, const Shape& shape, const std::string& subject) {
  const std::optional<size_t> channels = FindAxis(shape, "channels");
  if (!channels || *channels + 1 == shape.size()) return nullptr;
  return &context.diagnostics
              .Report(kinds::DefaultAxis, context.name_span, subject, AxisText(shape, shape.size() - 1),
                      shape[*channels].name)
              .Primary("the default is the last axis of `" + ToString(shape) + "`");
}

}  // namespace

std::optional<ImageAxes> FindImageAxes(const Shape& shape, const ConfigValue& data_format) {
  if (shape.size() != kImageRank) return std::nullopt;
  const NamedAxes named = FindNamed(shape);
  const ImageAxes keras = KerasPositions(data_format);
  if (named.All() && (data_format.IsNone() || *named.channels == keras.channels)) {
    return ImageAxes{*named.height, *named.width, *named.channels};
  }
  if (AgreesWith(shape, named, keras)) return keras;
  return std::nullopt;
}

std::optional<ImageAxes> RequireImage(InferContext& context) {
  const Shape& shape = context.input().shape;
  const ConfigValue& data_format = context.args.Get("data_format");
  const std::optional<ImageAxes> axes = FindImageAxes(shape, data_format);
  if (axes) {
    LintUnnamed(context, *axes);
  } else {
    ReportNoImage(context, FindNamed(shape), KerasPositions(data_format));
  }
  return axes;
}

TensorType UnknownImage(const TensorType& input, Dim channels) {
  TensorType result = input;
  if (input.shape.size() == kImageRank) {
    // Which axis is which is in doubt, their order is not.
    for (size_t i = 1; i < kImageRank; ++i) result.shape[i].size = Dim::Unknown();
    if (const std::optional<size_t> named = FindAxis(input.shape, "channels")) {
      result.shape[*named].size = std::move(channels);
    }
    return result;
  }
  result.shape = {input.shape.front(),
                  {.name = "height", .size = Dim::Unknown(), .provisional = true},
                  {.name = "width", .size = Dim::Unknown(), .provisional = true},
                  {.name = "channels", .size = std::move(channels), .provisional = true}};
  return result;
}

void CheckDataFormat(InferContext& context) {
  const Shape& shape = context.input().shape;
  const ConfigValue& data_format = context.args.Get("data_format");
  const std::optional<size_t> channels = FindAxis(shape, "channels");
  if (data_format.IsNone() || !channels) return;
  const size_t expected = *data_format.AsString() == "channels_first" ? 1 : shape.size() - 1;
  if (IsElsewhere(shape, channels, expected)) ReportContradiction(context, *channels);
}

std::optional<size_t> FindAxis(const Shape& shape, const ConfigValue& axis) {
  if (const std::string* name = axis.AsString()) return FindAxis(shape, *name);
  STRATA_CHECK(axis.AsDim() != nullptr && axis.AsDim()->Constant().has_value());
  return AtPosition(shape, *axis.AsDim()->Constant());
}

std::optional<size_t> RequireAxis(InferContext& context, size_t operand, const ConfigValue& axis) {
  const Shape& shape = context.inputs[operand].type.shape;
  const Span span = axis.span.IsValid() ? axis.span : context.name_span;
  const std::optional<size_t> found = FindAxis(shape, axis);
  if (!found && axis.AsString() != nullptr) {
    ReportUnknownAxis(context, shape, axis, span);
  } else if (!found) {
    context.diagnostics
        .Report(kinds::AxisOutOfRange, span, *axis.AsDim()->Constant(), ToString(shape),
                static_cast<int64_t>(shape.size()))
        .Note("axes count from 0, the batch axis, or from -1, the last")
        .Help("an axis can be named, as in `axis=" + AxisArgument(shape, shape.size() - 1) + "`",
              Applicability::MaybeIncorrect, SetArgument(context, "axis", AxisArgument(shape, shape.size() - 1)));
  } else if (*found == 0) {
    context.diagnostics.Report(kinds::BatchAxis, span, context.class_name, AxisText(shape, 0))
        .Primary("the batch axis of `" + ToString(shape) + "`")
        .Note("each sample of a batch is computed by itself")
        .Help("name the axis that is meant, as in `axis=" + AxisArgument(shape, shape.size() - 1) + "`");
    return std::nullopt;
  }
  return found;
}

std::optional<std::vector<size_t>> RequireAxes(InferContext& context) {
  std::vector<size_t> axes;
  for (const ConfigValue& entry : context.args.List("axis")) {
    const std::optional<size_t> axis = RequireAxis(context, 0, entry);
    if (!axis) return std::nullopt;
    if (std::ranges::find(axes, *axis) != axes.end()) {
      context.diagnostics.Report(kinds::RepeatedAxis, entry.span, AxisText(context.input().shape, *axis))
          .Primary("named before");
      return std::nullopt;
    }
    axes.push_back(*axis);
  }
  if (axes.empty()) {
    context.diagnostics.Report(kinds::NoAxis, ArgumentSpan(context, "axis"), context.class_name);
    return std::nullopt;
  }
  std::ranges::sort(axes);
  return axes;
}

std::vector<int> ResolvedAxes(const Shape& shape, const Args& args) {
  std::vector<int> axes;
  for (const ConfigValue& entry : args.List("axis")) {
    const std::optional<size_t> axis = FindAxis(shape, entry);
    STRATA_CHECK(axis.has_value());
    axes.push_back(static_cast<int>(*axis));
  }
  std::ranges::sort(axes);
  return axes;
}

void LintDefaultAxis(InferContext& context) {
  const Shape& shape = context.input().shape;
  if (context.args.Given("axis")) return;
  Diagnostic* diagnostic = LintLastAxis(context, shape, std::string(context.class_name));
  if (diagnostic == nullptr) return;
  const std::string& name = shape[*FindAxis(shape, "channels")].name;
  diagnostic->Help("write `axis=" + name + "`", Applicability::MaybeIncorrect, SetArgument(context, "axis", name));
}

void LintSoftmax(InferContext& context, const Shape& shape, const std::vector<size_t>& axes) {
  const bool is_single = std::ranges::all_of(axes, [&](size_t axis) { return shape[axis].size.Is(1); });
  if (!is_single) return;
  std::vector<std::string> names;
  for (const size_t axis : axes) names.push_back(AxisText(shape, axis));
  const bool is_argument =
      std::ranges::find(context.args.def().params, "activation", &Param::name) != context.args.def().params.end();
  const Span span = is_argument ? ArgumentSpan(context, "activation") : context.name_span;
  context.diagnostics.Report(kinds::SoftmaxOverOne, span, Enumerate(names))
      .Primary("gives 1 for every input")
      .Note("exp(x) / exp(x) = 1")
      .Help("for one probability use sigmoid", Applicability::MaybeIncorrect,
            is_argument ? SetArgument(context, "activation", "\"sigmoid\"")
                        : std::vector<Edit>{{context.call_span, "Activation(\"sigmoid\")"}});
}

void LintActivation(InferContext& context, const Shape& result) {
  if (context.args.Text("activation") != "softmax" || result.size() < 2) return;
  LintSoftmax(context, result, {result.size() - 1});
  Diagnostic* diagnostic = LintLastAxis(context, result, "the softmax of " + std::string(context.class_name));
  if (diagnostic == nullptr) return;
  const std::string& name = result[*FindAxis(result, "channels")].name;
  diagnostic->Help("a layer of its own acts on any axis: `Softmax(axis=" + name + ")`");
}

}  // namespace strata
