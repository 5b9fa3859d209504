// How a layer finds its axes: by role name, by Keras' positions, or by `axis=`.
#pragma once

#include <optional>
#include <vector>

#include "compiler/layers/layer.h"

namespace strata {

// ---- The axes of an image ----

struct ImageAxes {
  size_t height = 1;
  size_t width = 2;
  size_t channels = 3;
};

// The axes that a layer over images finds: by the names `height`, `width` and `channels`, or at Keras' positions if
// every role name the user wrote stands at its position. `data_format` is the layer's argument of that name.
std::optional<ImageAxes> FindImageAxes(const Shape& shape, const ConfigValue& data_format);

// As FindImageAxes, with a message where there is no image, and with a warning where unnamed axes are read by position.
std::optional<ImageAxes> RequireImage(InferContext& context);

// What an image layer gives for an input that is no image: unknown sizes, but for the channels if they have a place.
TensorType UnknownImage(const TensorType& input, Dim channels);

// Reports a `data_format` that the user's own `channels` contradicts; for layers without spatial axes.
void CheckDataFormat(InferContext& context);

// ---- axis= ----

// The axis that an Axis argument stands for: a name, or Keras' integer.
std::optional<size_t> FindAxis(const Shape& shape, const ConfigValue& axis);

// As FindAxis for one of the inputs, with a message where there is no such axis or it is the batch axis.
std::optional<size_t> RequireAxis(InferContext& context, size_t operand, const ConfigValue& axis);

// As RequireAxis for each entry of the Axes argument `axis`: increasing, at least one, none twice.
std::optional<std::vector<size_t>> RequireAxes(InferContext& context);

// The axes that an Axes argument stands for, increasing; all must exist.
std::vector<int> ResolvedAxes(const Shape& shape, const Args& args);

// ---- Lints ----

// For a layer with `axis=`: its default falls on another axis than `channels`, while there is such an axis.
void LintDefaultAxis(InferContext& context);

// A softmax over a size of 1.
void LintSoftmax(InferContext& context, const Shape& shape, const std::vector<size_t>& axes);

// Both of them for a layer whose `activation` may be softmax, which acts on the last axis of `result`.
void LintActivation(InferContext& context, const Shape& result);

}  // namespace strata
