#include "compiler/weights/axis_order.h"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace strata::weights {
namespace {

// Beyond this the orders are too many to try. No weight has so many axes.
constexpr size_t kMaxRankToReorder = 6;

bool IsWindowAxis(std::string_view name) {
  return name == "time" || name == "depth" || name == "height" || name == "width";
}

// The axes that matter for where an element is stored.
AxisOrder WithoutOnes(const Shape& shape, const AxisOrder& order) {
  AxisOrder rest;
  for (const size_t axis : order) {
    if (!shape[axis].size.Is(1)) rest.push_back(axis);
  }
  return rest;
}

bool SameInSomeOrder(std::vector<int64_t> a, std::vector<int64_t> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

bool KeepsWindowAxesInOrder(const Shape& shape, const AxisOrder& order) {
  size_t last = 0;
  for (const size_t axis : order) {
    if (!IsWindowAxis(shape[axis].name)) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

}  // namespace

AxisOrder LayerOrder(size_t rank) {
  AxisOrder order(rank);
  std::iota(order.begin(), order.end(), size_t{0});
  return order;
}

bool IsLayerOrder(const AxisOrder& order) { return std::is_sorted(order.begin(), order.end()); }

Shape InOrder(const Shape& shape, const AxisOrder& order) {
  Shape ordered;
  for (const size_t axis : order) ordered.push_back(shape[axis]);
  return ordered;
}

std::vector<int64_t> ConstantSizes(const Shape& shape) {
  std::vector<int64_t> sizes;
  for (const Axis& axis : shape) sizes.push_back(axis.size.Constant().value());
  return sizes;
}

std::string OrderText(const Shape& shape, const AxisOrder& order) {
  std::string text = "[";
  for (const size_t axis : order) text += (text.size() > 1 ? ", " : "") + shape[axis].name;
  return text + "]";
}

std::vector<AxisOrder> FittingOrders(const Shape& shape, const std::vector<int64_t>& sizes) {
  const std::vector<int64_t> own_sizes = ConstantSizes(shape);
  if (!SameInSomeOrder(own_sizes, sizes)) return {};
  const bool own_fits = own_sizes == sizes;
  const AxisOrder own = LayerOrder(shape.size());
  if (shape.size() > kMaxRankToReorder) return own_fits ? std::vector<AxisOrder>{own} : std::vector<AxisOrder>{};

  std::vector<AxisOrder> fitting;
  std::vector<AxisOrder> seen;
  if (own_fits) seen.push_back(WithoutOnes(shape, own));
  AxisOrder order(own.rbegin(), own.rend());
  do {
    if (ConstantSizes(InOrder(shape, order)) != sizes || !KeepsWindowAxesInOrder(shape, order)) continue;
    const AxisOrder rest = WithoutOnes(shape, order);
    if (std::find(seen.begin(), seen.end(), rest) != seen.end()) continue;
    seen.push_back(rest);
    fitting.push_back(order);
  } while (std::prev_permutation(order.begin(), order.end()));
  if (own_fits) fitting.push_back(own);
  return fitting;
}

std::vector<float> ToLayerOrder(const std::vector<float>& stored, const Shape& shape, const AxisOrder& order) {
  const std::vector<int64_t> sizes = ConstantSizes(shape);
  // How far apart in the file two neighbours along each of the layer's axes are.
  std::vector<size_t> strides(sizes.size());
  size_t stride = 1;
  for (size_t i = order.size(); i-- > 0;) {
    strides[order[i]] = stride;
    stride *= static_cast<size_t>(sizes[order[i]]);
  }
  std::vector<float> elements(stored.size());
  std::vector<int64_t> place(sizes.size());
  size_t from = 0;
  for (float& element : elements) {
    element = stored[from];
    for (size_t axis = sizes.size(); axis-- > 0;) {
      from += strides[axis];
      if (++place[axis] < sizes[axis]) break;
      from -= strides[axis] * static_cast<size_t>(sizes[axis]);
      place[axis] = 0;
    }
  }
  return elements;
}

}  // namespace strata::weights
