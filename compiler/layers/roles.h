// How a layer finds its axes: by role name, by Keras' positions, or by `axis=`.
#pragma once

#include <optional>
#include <vector>

#include "compiler/layers/layer.h"

namespace strata {

// ---- The axes of a signal, an image or a volume ----

// The axes a layer acts on, by role name, in the order of Keras' positions with the channels last.
struct AxisRoles {
  std::vector<std::string_view> spatial;  // {"height", "width"}
  std::string_view channels;              // "channels", or "features": one role
  std::string_view noun;                  // "an image", for messages
  std::string_view single;                // "a grey image has one channel"
  size_t leading = 0;                     // how many of the spatial ones stand before channels that come first

  size_t Rank() const { return spatial.size() + 2; }  // with the batch and the channels
};
const AxisRoles& SignalRoles();    // time, channels
const AxisRoles& ImageRoles();     // height, width, channels
const AxisRoles& VolumeRoles();    // depth, height, width, channels
const AxisRoles& SequenceRoles();  // time, features
// A signal, an image or a volume for each step: time, height, width, channels. The axis of a signal is called width.
const AxisRoles& FramesRoles(size_t axes);

// Where they stand in a shape.
struct RoleAxes {
  std::vector<size_t> spatial;
  size_t channels = 0;
};

// The axes that a layer with these roles finds: by name, or at Keras' positions if every role name the user wrote stands
// at its position. `data_format` is the layer's argument of that name.
std::optional<RoleAxes> FindRoleAxes(const AxisRoles& roles, const Shape& shape, const ConfigValue& data_format);
// For the layer's own roles and `data_format`; the input must have been found right before.
RoleAxes RoleAxesOf(const Args& args, const Shape& shape);

// As FindRoleAxes for the layer's first input, with a message where there are no such axes, and with a warning where
// unnamed axes are read by position.
std::optional<RoleAxes> RequireRoleAxes(InferContext& context);

// The input in the order [batch, spatial..., channels], in which convolutions and the like compute.
struct ChannelsLast {
  core::ValueId value;
  core::Extents spatial;
  std::vector<int> back;  // the permutation to the input's own order

  // Where the user's last axis stands: what a softmax acts on.
  int LastAxis() const { return back.back(); }
  bool EndsWithChannels() const { return back.back() + 1 == static_cast<int>(back.size()); }
};
ChannelsLast InChannelsLast(ExpandContext& context);

// What a layer gives for an input without its axes: unknown sizes, but for the channels if they have a place.
TensorType UnknownResult(InferContext& context, Dim channels);

// Reports a `data_format` that the user's own `channels` contradicts; for layers without spatial axes.
void CheckDataFormat(InferContext& context);

// ---- axis= ----

// The axis that an Axis argument stands for: a name, or Keras' integer.
std::optional<size_t> FindAxis(const Shape& shape, const ConfigValue& axis);

// As FindAxis for one of the inputs, with a message where there is no such axis or it is the batch axis. `argument` is
// the one that holds it.
std::optional<size_t> RequireAxis(InferContext& context, size_t operand, const ConfigValue& axis,
                                  std::string_view argument = "axis");

// As RequireAxis for each entry of the Axes argument `axis`: increasing, at least one, none twice.
std::optional<std::vector<size_t>> RequireAxes(InferContext& context);

// The axes that an Axes argument stands for, increasing; all must exist.
std::vector<int> ResolvedAxes(const Shape& shape, const Args& args);

// Leaves `type`, that of the first input, half of an axis: its size must be even, or the model tests it.
void HalveAxis(InferContext& context, TensorType& type, size_t axis);

// ---- Lints ----

// For a layer with `axis=`: its default falls on another axis than `channels`, while there is such an axis.
void LintDefaultAxis(InferContext& context);

// A softmax over a size of 1.
void LintSoftmax(InferContext& context, const Shape& shape, const std::vector<size_t>& axes);

// Both of them for a layer whose `activation` may be softmax, which acts on the last axis of `result`.
void LintActivation(InferContext& context, const Shape& result);

}  // namespace strata
