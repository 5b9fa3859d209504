#include "compiler/shape/shape.h"

#include <algorithm>

namespace strata {
namespace {

constexpr std::string_view kRoleNames[] = {"time", "depth", "height", "width", "channels", "features"};

// Where the shape has an axis of exactly this name.
std::optional<size_t> FindExactly(const Shape& shape, std::string_view name) {
  const auto found = std::ranges::find(shape, name, &Axis::name);
  if (found == shape.end()) return std::nullopt;
  return static_cast<size_t>(found - shape.begin());
}

}  // namespace

std::optional<size_t> FindAxis(const Shape& shape, std::string_view name) {
  if (name.empty()) return std::nullopt;
  if (const auto found = FindExactly(shape, name)) return found;
  if (name == "channels") return FindExactly(shape, "features");
  if (name == "features") return FindExactly(shape, "channels");
  return std::nullopt;
}

bool IsRoleName(std::string_view name) { return std::ranges::find(kRoleNames, name) != std::end(kRoleNames); }

Dim ElementCount(const Shape& shape, size_t begin) {
  Dim count = 1;
  for (size_t i = begin; i < shape.size(); ++i) count *= shape[i].size;
  return count;
}

std::vector<Dim> Sizes(const Shape& shape) {
  std::vector<Dim> sizes;
  sizes.reserve(shape.size());
  for (const Axis& axis : shape) sizes.push_back(axis.size);
  return sizes;
}

std::string ToString(const Axis& axis) {
  const std::string size = axis.size.ToString();
  if (axis.name.empty()) {
    // A bare name would be read as a named axis, so whatever holds a symbol stands in parentheses.
    return axis.size.IsKnown() && !axis.size.Constant() ? "(" + size + ")" : size;
  }
  if (axis.size.AsSymbol() == axis.name) return axis.name;
  return axis.name + ": " + size;
}

std::string ToString(const Shape& shape) {
  std::string text = "[";
  for (const Axis& axis : shape) {
    if (text.size() > 1) text += ", ";
    text += ToString(axis);
  }
  return text + "]";
}

std::string ToString(const TensorType& type) { return std::string(Name(type.dtype)) + ToString(type.shape); }

}  // namespace strata
