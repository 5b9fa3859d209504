// Another number of elements along an axis, each made of some that lie next to each other: pooling into a given number of
// windows, and images of another size.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/core/builder.h"

namespace strata {

// `size` windows that together cover the axis, as equal as can be: the maximum or the mean of each. Window o goes from
// floor(o * in / size) to ceil((o + 1) * in / size).
core::ValueId AppendAdaptivePooling(core::Builder& builder, core::ValueId input, size_t axis, const Dim& size,
                                    core::Resample::Kind kind);

// The values of `interpolation=`, and whether one computes new values (all do but `nearest`).
const std::vector<std::string_view>& Interpolations();
bool Blends(std::string_view interpolation);

struct ImageSize {
  Dim height;
  Dim width;
};
// An image [batch, height, width, channels] of another size, with the interpolations of jax.image.resize, which Keras
// calls: pixels are squares, and elements outside the image take no part. `antialias` widens the kernel where the image
// becomes smaller. All but `nearest` are of f32.
core::ValueId AppendResize(core::Builder& builder, core::ValueId image, const ImageSize& size,
                           std::string_view interpolation, bool antialias);

}  // namespace strata
