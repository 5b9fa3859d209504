// What all convolutions share: the axes they take, their kernels, and the order they compute in.
#pragma once

#include <vector>

#include "compiler/layers/layer.h"
#include "compiler/layers/roles.h"

namespace strata {

// The input's channels.
const Dim& InputChannels(const TensorType& input, const Args& args);

// The result's type, given the shape with its new spatial sizes.
TensorType ConvolutionResult(InferContext& context, Shape shape, const RoleAxes& axes, Dim channels);

// `kernel_size` along the spatial axes, then these two.
Shape KernelShape(const Args& args, Axis from, Axis to);

// The bias of a layer with `filters` and `use_bias`.
std::optional<Shape> FiltersBias(const Args& args, const std::vector<TensorType>& inputs);

// A kernel [spatial..., channels, multiplier] as that of a convolution with a group for each channel.
core::ValueId DepthwiseKernelOf(ExpandContext& context, core::ValueId kernel);

// The convolution with the layer's kernel size, strides, dilation and padding.
core::ValueId AppendSliding(ExpandContext& context, const ChannelsLast& input, core::ValueId kernel, int64_t groups);

}  // namespace strata
