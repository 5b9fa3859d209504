// Shapes with named axes: what a tensor's type is made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/shape/dim.h"
#include "compiler/shape/dtype.h"

namespace strata {

struct Axis {
  std::string name;  // empty: unnamed
  Dim size;
  bool provisional =
      false;  // the name was made by a layer: an ascription, return type or block signature may replace it
  bool deliberate_one = false;  // a size of 1 made by keepdims=True or Reshape: it may broadcast
};

using Shape = std::vector<Axis>;

struct TensorType {
  DType dtype = DType::F32;
  Shape shape;
  bool has_batch = true;  // its first axis is the batch axis; not so for constants and what is computed from them alone

  size_t FirstAxis() const { return has_batch ? 1 : 0; }  // the first one that is no batch axis
};

// The position of the axis a name stands for; `channels` and `features` are one role and find each other.
std::optional<size_t> FindAxis(const Shape& shape, std::string_view name);
// time, depth, height, width, channels, features: the names by which layers find axes. `batch` is none of them: the
// batch axis is the first one under any name but these.
bool IsRoleName(std::string_view name);
// Product of the sizes of the axes from `begin` on.
Dim ElementCount(const Shape& shape, size_t begin = 0);
std::vector<Dim> Sizes(const Shape& shape);

// `height: 8`, `batch`, `256`: an axis as a user writes it. A bare name stands for the symbol of that name; an unnamed
// axis of symbolic size stands in parentheses, `(H // 2)`; an unknown size is `?`.
std::string ToString(const Axis& axis);
// `[batch, height: 8]`
std::string ToString(const Shape& shape);
// `f32[batch, height: 8]`
std::string ToString(const TensorType& type);

}  // namespace strata
