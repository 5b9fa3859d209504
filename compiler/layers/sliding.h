// Windows that slide along an axis: how many places they have, and how that was computed.
#pragma once

#include <string>
#include <vector>

#include "compiler/layers/roles.h"

namespace strata {

struct Sliding {
  enum class Padding { Valid, Same, Causal };
  int64_t size = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  Padding padding = Padding::Valid;

  int64_t Span() const { return dilation * (size - 1) + 1; }  // elements from the first to the last under the window
};

// Along each spatial axis. `window` names the argument that holds the sizes (`kernel_size`).
std::vector<Sliding> SlidingOf(const Args& args, std::string_view window);

// The number of places along an axis of size `input`.
Dim OutputSize(const Dim& input, const Sliding& sliding);

// Zeros before and after the axis.
struct PadSizes {
  Dim low;
  Dim high;
};
PadSizes PaddingOf(const Dim& input, const Sliding& sliding);

// `(28 + 2*0 - 5) / 1 + 1 = 24`, or `ceil(28 / 2) = 14`.
std::string Derivation(const Dim& input, const Sliding& sliding);

// Whether the size holds a quotient that may leave a rest: a layer with strides rounded it.
bool IsRounded(const Dim& size);

// Slides along the spatial axes of the input: its shape with their new sizes. A window that does not fit is reported,
// and that size is unknown.
Shape Slide(InferContext& context, const RoleAxes& axes, std::string_view window);

// Reports strides together with a dilation: as in Keras, along whichever axis.
void CheckStrides(InferContext& context, std::string_view instead = "a pooling after it makes the image smaller");

// Reports a symbolic number of channels: the kernel has a slice for each.
void RequireConstantChannels(InferContext& context, const RoleAxes& axes);

}  // namespace strata
