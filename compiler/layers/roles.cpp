#include "compiler/layers/roles.h"

#include <algorithm>

#include "compiler/layers/messages.h"
#include "compiler/layers/reshape.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata {
namespace {

// The axes of these roles that a shape names.
struct NamedAxes {
  std::vector<std::optional<size_t>> spatial;
  std::optional<size_t> channels;

  bool AllSpatial() const {
    return std::ranges::all_of(spatial, [](const std::optional<size_t>& axis) { return axis.has_value(); });
  }
  bool All() const { return channels && AllSpatial(); }
  bool Any() const {
    return channels || std::ranges::any_of(spatial, [](const std::optional<size_t>& axis) { return axis.has_value(); });
  }
  bool Has(size_t axis) const { return channels == axis || std::ranges::find(spatial, axis) != spatial.end(); }
};

NamedAxes FindNamed(const AxisRoles& roles, const Shape& shape) {
  NamedAxes named;
  for (const std::string_view role : roles.spatial) named.spatial.push_back(FindAxis(shape, role));
  named.channels = FindAxis(shape, roles.channels);
  return named;
}

// Names a layer made do not count as the user's word.
bool IsElsewhere(const Shape& shape, std::optional<size_t> named, size_t position) {
  return named && !shape[*named].provisional && *named != position;
}

bool AgreesWith(const Shape& shape, const NamedAxes& named, const RoleAxes& keras) {
  for (size_t i = 0; i < keras.spatial.size(); ++i) {
    if (IsElsewhere(shape, named.spatial[i], keras.spatial[i])) return false;
  }
  return !IsElsewhere(shape, named.channels, keras.channels);
}

RoleAxes KerasPositions(const AxisRoles& roles, bool channels_first) {
  RoleAxes axes;
  axes.channels = 1 + (channels_first ? roles.leading : roles.spatial.size());
  for (size_t i = 0; i < roles.spatial.size(); ++i) axes.spatial.push_back(i + (i + 1 < axes.channels ? 1 : 2));
  return axes;
}

RoleAxes KerasPositions(const AxisRoles& roles, const ConfigValue& data_format) {
  const std::string* format = data_format.AsString();
  return KerasPositions(roles, format != nullptr && *format == "channels_first");
}

// The shape with its axes named as they are read.
Shape Named(Shape shape, const AxisRoles& roles, const RoleAxes& axes) {
  for (size_t i = 0; i < axes.spatial.size(); ++i) shape[axes.spatial[i]].name = roles.spatial[i];
  shape[axes.channels].name = roles.channels;
  return shape;
}

ConfigValue DataFormatOf(const Args& args) {
  const bool has_format = std::ranges::find(args.def().params, "data_format", &Param::name) != args.def().params.end();
  return has_format ? args.Get("data_format") : ConfigValue{};
}

const AxisRoles& RolesOf(const Args& args) {
  STRATA_CHECK(args.def().roles != nullptr);
  return *args.def().roles;
}

// ---- Messages about an input that lacks the axes ----

// "height, width and channels"
std::string RoleNames(const AxisRoles& roles) {
  std::vector<std::string> names(roles.spatial.begin(), roles.spatial.end());
  names.emplace_back(roles.channels);
  return Enumerate(names);
}

// "height, width, channels"
std::string RoleList(const AxisRoles& roles) {
  std::string text;
  for (const std::string_view role : roles.spatial) text += std::string(role) + ", ";
  return text + std::string(roles.channels);
}

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

// The shape with one channel at its end.
Shape WithOneChannel(Shape shape, const AxisRoles& roles) {
  shape.push_back({.name = std::string(roles.channels), .size = 1});
  return shape;
}

// Offers a shape for the input: where it is declared, or by a Reshape before this layer.
void OfferShape(InferContext& context, Diagnostic& diagnostic, const std::string& why, const Shape& shape) {
  std::vector<Edit> edits = RewriteType(context, 0, shape);
  if (edits.empty()) edits = InsertStep(context, "Reshape(" + ToString(Shape(shape.begin() + 1, shape.end())) + ")");
  diagnostic.Help(why + ": `" + ToString(shape) + "`", Applicability::MaybeIncorrect, std::move(edits));
}

// "Conv2D" -> "Conv1D", where such a layer exists and its roles all stand in the shape.
std::string_view LayerOfOtherRank(const InferContext& context) {
  const std::string name(context.class_name);
  const size_t digit = name.find_first_of("123");
  if (digit == std::string::npos) return "";
  for (const char rank : {'1', '2', '3'}) {
    std::string other = name;
    other[digit] = rank;
    const LayerDef* def = FindLayer(other);
    if (def == nullptr || def->roles == nullptr || other == name) continue;
    if (def->roles->Rank() == context.input().shape.size() && FindNamed(*def->roles, context.input().shape).All()) {
      return def->name;
    }
  }
  return "";
}

void ReportNoChannels(InferContext& context, const AxisRoles& roles) {
  const Shape& shape = context.input().shape;
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::NoChannelsAxis, context.name_span, context.class_name,
                                                      ToString(shape), roles.channels);
  diagnostic.Primary("takes " + RoleNames(roles));
  AddInput(context, diagnostic);
  if (shape.size() + 1 == roles.Rank()) {
    OfferShape(context, diagnostic, std::string(roles.single), WithOneChannel(shape, roles));
  }
}

void ReportNoSpatialAxes(InferContext& context, const AxisRoles& roles, const NamedAxes& named) {
  const Shape& shape = context.input().shape;
  std::vector<std::string> missing;
  std::vector<std::string_view> names;
  for (size_t i = 0; i < roles.spatial.size(); ++i) {
    if (named.spatial[i]) continue;
    names.push_back(roles.spatial[i]);
    missing.push_back("`" + std::string(roles.spatial[i]) + "`");
  }
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::NoSpatialAxes, context.name_span, context.class_name, ToString(shape),
                                 Enumerate(missing) + (missing.size() == 1 ? " axis" : " axes"));
  diagnostic.Primary("takes " + RoleNames(roles));
  LabelDropped(context, diagnostic, 0, names);
  const std::string_view other = LayerOfOtherRank(context);
  const std::vector<OperandPast::Dropped> dropped = context.PastOf(0).dropped;
  const auto maker = std::ranges::find_if(
      dropped, [&](const OperandPast::Dropped& one) { return std::ranges::find(names, one.name) != names.end(); });
  std::vector<std::string> plain(names.begin(), names.end());
  if (!other.empty()) {
    diagnostic.Help("`" + std::string(other) + "` is the layer over these axes", Applicability::MaybeIncorrect,
                    {{context.name_span, std::string(other)}});
  } else if (maker != dropped.end() && OfferSequences(diagnostic, maker->layer)) {
    return;
  } else if (maker != dropped.end()) {
    const std::string remover = "`" + std::string(maker->layer.args->def().name) + "`";
    diagnostic.Help("put `" + std::string(context.class_name) + "` before " + remover + ", which removes " +
                    Enumerate(plain));
    if (maker->layer.step.IsValid()) {
      diagnostic.Help("or leave " + remover + " out there", Applicability::MaybeIncorrect, {{maker->layer.step, ""}});
    }
  } else if (shape.size() == 2 && roles.spatial.size() == 1) {
    const Shape single = {shape[0],
                          {.name = std::string(roles.spatial[0]), .size = shape[1].size},
                          {.name = std::string(roles.channels), .size = 1}};
    OfferShape(context, diagnostic, std::string(roles.single), single);
  } else {
    std::string form;
    for (const std::string_view role : roles.spatial) form += std::string(role) + ": ..., ";
    diagnostic.Help(std::string(roles.noun) + " is `[batch, " + form + std::string(roles.channels) +
                    ": ...]`: name its axes so in the signature");
  }
}

void ReportSurplusAxes(InferContext& context, const AxisRoles& roles, const NamedAxes& named) {
  const Shape& shape = context.input().shape;
  std::vector<std::string> surplus;
  for (size_t i = 1; i < shape.size(); ++i) {
    if (!named.Has(i)) surplus.push_back(AxisText(shape, i));
  }
  const std::string excess = Enumerate(surplus) + (surplus.size() == 1 ? " is one" : " are");
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::SurplusAxes, context.name_span, context.class_name, ToString(shape), excess);
  diagnostic.Primary("takes the batch, " + RoleNames(roles));
  AddInput(context, diagnostic);
  const std::vector<OperandPast::Maker> makers = context.PastOf(0).makers;
  if (!makers.empty() && OfferWithoutBatch(diagnostic, makers.front())) return;
  if (const std::string_view other = LayerOfOtherRank(context); !other.empty()) {
    diagnostic.Help("`" + std::string(other) + "` is the layer over these axes", Applicability::MaybeIncorrect,
                    {{context.name_span, std::string(other)}});
    return;
  }
  // A number of samples is no size that a stream of them has.
  if (shape[1].name != "time" && !named.Has(1)) {
    OfferWithoutCount(context, diagnostic);
  }
  if (surplus.size() != 1 || named.Has(1)) return;
  const Span call = context.call_span;
  diagnostic.Help("`TimeDistributed(" + std::string(context.class_name) + "(...))` maps " + std::string(roles.noun) +
                      " for each " + surplus.front(),
                  Applicability::MaybeIncorrect,
                  {{{call.file, call.begin, call.begin}, "TimeDistributed("}, {{call.file, call.end, call.end}, ")"}});
}

void ReportRank(InferContext& context, const AxisRoles& roles) {
  const Shape& shape = context.input().shape;
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::NotAnImage, context.name_span, context.class_name, ToString(shape),
                                 static_cast<int64_t>(shape.size()), roles.noun, static_cast<int64_t>(roles.Rank()));
  diagnostic.Primary("takes `[batch, " + RoleList(roles) + "]`");
  AddInput(context, diagnostic);
  if (shape.size() + 1 == roles.Rank()) {
    OfferShape(context, diagnostic, std::string(roles.single),
               Named(WithOneChannel(shape, roles), roles, KerasPositions(roles, false)));
  } else if (shape.size() > roles.Rank()) {
    const std::vector<OperandPast::Maker> makers = context.PastOf(0).makers;
    if (!makers.empty() && OfferWithoutBatch(diagnostic, makers.front())) return;
    OfferWithoutCount(context, diagnostic);
  }
}

void ReportUnclearAxes(InferContext& context, const AxisRoles& roles, const NamedAxes& named, const RoleAxes& keras) {
  const Shape& shape = context.input().shape;
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::UnclearAxes, context.name_span, context.class_name, ToString(shape));
  diagnostic.Primary("reads axes by name, or all of them by position");
  AddInput(context, diagnostic).Note("by position it would be `" + ToString(Named(shape, roles, keras)) + "`");

  // By name: where one of them has no name, it is the axis that is left.
  std::vector<size_t> left;
  for (size_t i = 1; i < shape.size(); ++i) {
    if (!named.Has(i)) left.push_back(i);
  }
  if (left.size() != 1) {
    std::vector<std::string> names;
    for (const std::string_view role : roles.spatial) names.push_back("`" + std::string(role) + "`");
    names.push_back("`" + std::string(roles.channels) + "`");
    diagnostic.Help("name the axes " + Enumerate(names) + " where they are declared");
    return;
  }
  RoleAxes by_name{.spatial = {}, .channels = named.channels.value_or(left.front())};
  for (const std::optional<size_t>& axis : named.spatial) by_name.spatial.push_back(axis.value_or(left.front()));
  const Shape renamed = Named(shape, roles, by_name);
  diagnostic.Help("name the axis that has no role: `" + ToString(renamed) + "`", Applicability::MaybeIncorrect,
                  RewriteType(context, 0, renamed));
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

void ReportNoRoleAxes(InferContext& context, const AxisRoles& roles) {
  const Shape& shape = context.input().shape;
  const NamedAxes named = FindNamed(roles, shape);
  const ConfigValue data_format = DataFormatOf(context.args);
  const RoleAxes keras = KerasPositions(roles, data_format);
  if (shape.size() > roles.Rank() && named.All()) {
    ReportSurplusAxes(context, roles, named);
  } else if (shape.size() == roles.Rank() && !data_format.IsNone() &&
             named.channels.value_or(keras.channels) != keras.channels) {
    ReportContradiction(context, *named.channels);
  } else if (shape.size() == roles.Rank()) {
    ReportUnclearAxes(context, roles, named, keras);
  } else if (named.AllSpatial()) {
    ReportNoChannels(context, roles);
  } else if (named.Any()) {
    ReportNoSpatialAxes(context, roles, named);
  } else {
    ReportRank(context, roles);
  }
}

void LintUnnamed(InferContext& context, const AxisRoles& roles, const RoleAxes& axes) {
  const Shape& shape = context.input().shape;
  const bool is_unnamed =
      std::all_of(shape.begin() + 1, shape.end(), [](const Axis& axis) { return axis.name.empty(); });
  if (!is_unnamed || !DataFormatOf(context.args).IsNone()) return;
  const Shape last = Named(shape, roles, axes);
  const Shape first = Named(shape, roles, KerasPositions(roles, true));
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::UnnamedImage, context.name_span, context.class_name, ToString(shape))
          .Primary("reads it as `" + ToString(last) + "`")
          .Note("with the " + std::string(roles.channels) + " first it would be `" + ToString(first) + "`");
  const std::vector<OperandPast::Maker> makers = context.PastOf(0).makers;
  std::vector<Edit> edits = makers.empty() ? RewriteType(context, 0, last) : NameReshaped(makers.front(), last);
  diagnostic.Help("name the axes: `" + ToString(last) + "`", Applicability::MaybeIncorrect, std::move(edits));
}

// Keras' integer, counted from the end if negative.
std::optional<size_t> AtPosition(const Shape& shape, int64_t position) {
  const int64_t rank = static_cast<int64_t>(shape.size());
  if (position < -rank || position >= rank) return std::nullopt;
  return static_cast<size_t>(position < 0 ? position + rank : position);
}

void ReportUnknownAxis(InferContext& context, const Operand& input, const ConfigValue& axis, Span span) {
  const Shape& shape = input.type.shape;
  std::vector<std::string_view> names;
  for (const Axis& candidate : shape) {
    if (!candidate.name.empty()) names.push_back(candidate.name);
  }
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::UnknownAxis, span, ToString(shape), *axis.AsString());
  if (context.inputs.size() > 1 && input.span.IsValid())
    diagnostic.Label(input.span, "this is `" + ToString(shape) + "`");
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

const AxisRoles& SignalRoles() {
  static const AxisRoles roles = {{"time"}, "channels", "a signal", "a single signal has one channel"};
  return roles;
}

const AxisRoles& ImageRoles() {
  static const AxisRoles roles = {{"height", "width"}, "channels", "an image", "a grey image has one channel"};
  return roles;
}

const AxisRoles& VolumeRoles() {
  static const AxisRoles roles = {
      {"depth", "height", "width"}, "channels", "a volume", "a volume of single numbers has one channel"};
  return roles;
}

const AxisRoles& SequenceRoles() {
  static const AxisRoles roles = {{"time"}, "features", "a sequence", "a series of single numbers has one feature"};
  return roles;
}

const AxisRoles& FramesRoles(size_t axes) {
  static const AxisRoles roles[] = {
      {{"time", "width"}, "channels", "a series of signals", "a series of single signals has one channel", 1},
      {{"time", "height", "width"}, "channels", "a series of images", "a series of grey images has one channel", 1},
      {{"time", "depth", "height", "width"},
       "channels",
       "a series of volumes",
       "a series of volumes of single numbers has one channel",
       1},
  };
  STRATA_CHECK(axes >= 1 && axes <= std::size(roles));
  return roles[axes - 1];
}

std::optional<RoleAxes> FindRoleAxes(const AxisRoles& roles, const Shape& shape, const ConfigValue& data_format) {
  if (shape.size() != roles.Rank()) return std::nullopt;
  const NamedAxes named = FindNamed(roles, shape);
  const RoleAxes keras = KerasPositions(roles, data_format);
  if (named.All() && (data_format.IsNone() || *named.channels == keras.channels)) {
    RoleAxes axes{.spatial = {}, .channels = *named.channels};
    for (const std::optional<size_t>& axis : named.spatial) axes.spatial.push_back(*axis);
    return axes;
  }
  if (AgreesWith(shape, named, keras)) return keras;
  return std::nullopt;
}

RoleAxes RoleAxesOf(const Args& args, const Shape& shape) {
  const std::optional<RoleAxes> axes = FindRoleAxes(RolesOf(args), shape, DataFormatOf(args));
  STRATA_CHECK(axes.has_value());
  return *axes;
}

std::optional<RoleAxes> RequireRoleAxes(InferContext& context) {
  const AxisRoles& roles = RolesOf(context.args);
  const std::optional<RoleAxes> axes = FindRoleAxes(roles, context.input().shape, DataFormatOf(context.args));
  if (axes) {
    LintUnnamed(context, roles, *axes);
  } else {
    ReportNoRoleAxes(context, roles);
  }
  return axes;
}

ChannelsLast InChannelsLast(ExpandContext& context) {
  const Shape& shape = context.input_type().shape;
  const RoleAxes axes = RoleAxesOf(context.args, shape);
  std::vector<int> order = {0};
  core::Extents spatial;
  for (const size_t axis : axes.spatial) {
    order.push_back(static_cast<int>(axis));
    spatial.push_back(shape[axis].size);
  }
  order.push_back(static_cast<int>(axes.channels));
  std::vector<int> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int>(i);
  return {.value = context.builder.Transpose(context.input(), order),
          .spatial = std::move(spatial),
          .back = std::move(back)};
}

TensorType UnknownResult(InferContext& context, Dim channels) {
  const AxisRoles& roles = RolesOf(context.args);
  TensorType result = context.input();
  if (result.shape.size() == roles.Rank()) {
    // Which axis is which is in doubt, their order is not.
    for (size_t i = 1; i < result.shape.size(); ++i) result.shape[i].size = Dim::Unknown();
    if (const std::optional<size_t> named = FindAxis(result.shape, roles.channels)) {
      result.shape[*named].size = std::move(channels);
    }
    return result;
  }
  result.shape.resize(1);
  for (const std::string_view role : roles.spatial) {
    result.shape.push_back({.name = std::string(role), .size = Dim::Unknown(), .provisional = true});
  }
  result.shape.push_back({.name = std::string(roles.channels), .size = std::move(channels), .provisional = true});
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

std::optional<size_t> RequireAxis(InferContext& context, size_t operand, const ConfigValue& axis,
                                  std::string_view argument) {
  const Shape& shape = context.inputs[operand].type.shape;
  const Span span = axis.span.IsValid() ? axis.span : context.name_span;
  const std::optional<size_t> found = FindAxis(shape, axis);
  const std::string last = AxisArgument(shape, shape.size() - 1);
  const std::string named = std::string(argument) + "=" + last;
  if (!found && axis.AsString() != nullptr) {
    ReportUnknownAxis(context, context.inputs[operand], axis, span);
  } else if (!found) {
    context.diagnostics
        .Report(kinds::AxisOutOfRange, span, argument, *axis.AsDim()->Constant(), ToString(shape),
                static_cast<int64_t>(shape.size()))
        .Note("axes count from 0, the batch axis, or from -1, the last")
        .Help("an axis can be named, as in `" + named + "`", Applicability::MaybeIncorrect,
              axis.span.IsValid() ? std::vector<Edit>{{axis.span, last}} : SetArgument(context, argument, last));
  } else if (*found == 0 && context.inputs[operand].type.has_batch) {
    context.diagnostics.Report(kinds::BatchAxis, span, context.class_name, AxisText(shape, 0))
        .Primary("the batch axis of `" + ToString(shape) + "`")
        .Note("each sample of a batch is computed by itself")
        .Help("name the axis that is meant, as in `" + named + "`");
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
      continue;
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

void HalveAxis(InferContext& context, TensorType& type, size_t axis) {
  Dim& size = type.shape[axis].size;
  if (!size.IsKnown()) return;
  if (context.Require({.left = Modulo(size, 2), .relation = Relation::Equal, .right = 0})) {
    size = FloorDivide(size, 2);
    return;
  }
  context.diagnostics
      .Report(kinds::OddSize, context.name_span, context.class_name, AxisText(type.shape, axis), size.ToString())
      .Primary("takes two halves of it")
      .Label(context.inputs.front().span, "this is `" + ToString(context.input().shape) + "`");
  size = Dim::Unknown();
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
