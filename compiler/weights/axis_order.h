// The order in which a file stores a weight's axes, where it is another than the layer's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/shape/shape.h"

namespace strata::weights {

// The file's axis j is the layer's axis order[j].
using AxisOrder = std::vector<size_t>;

AxisOrder LayerOrder(size_t rank);  // the layer's own
bool IsLayerOrder(const AxisOrder& order);

// The shape as the file has it: `[filters: 16, channels: 1, height: 3, width: 3]`.
Shape InOrder(const Shape& shape, const AxisOrder& order);
std::vector<int64_t> ConstantSizes(const Shape& shape);  // of a weight: all sizes are constant
// `[filters, channels, height, width]`
std::string OrderText(const Shape& shape, const AxisOrder& order);

// The orders in which a tensor of these sizes can be the weight, without those that only swap time, depth, height and
// width, which every framework keeps in this order, or axes of one element. PyTorch's comes before others, the layer's
// own last.
std::vector<AxisOrder> FittingOrders(const Shape& shape, const std::vector<int64_t>& sizes);

// The elements of a tensor that a file stores in `order`, in the layer's order. `shape` is the layer's.
std::vector<float> ToLayerOrder(const std::vector<float>& stored, const Shape& shape, const AxisOrder& order);

}  // namespace strata::weights
