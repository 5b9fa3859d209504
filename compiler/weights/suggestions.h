// Which tensor of a file was probably meant for a weight that the file does not have by name.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "compiler/weights/axis_order.h"
#include "compiler/weights/weights.h"

namespace strata::weights {

struct Suggestion {
  size_t entry;
  std::vector<AxisOrder> orders;  // in which it fits; none: only its name is near
};

// A tensor that no weight takes yet.
struct FreeEntry {
  size_t entry;
  std::string_view name;  // without the component that all names have in common
  const std::vector<int64_t>* sizes;
};

// One for each of the `missing` weights, no tensor twice: among those that fit in some order of axes the one of the
// nearest name, or the only one if it fits no other missing weight; otherwise the one of the nearest name whatever its
// shape.
std::vector<std::optional<Suggestion>> Suggest(const std::vector<const NetworkWeight*>& missing,
                                               std::vector<FreeEntry> free);

}  // namespace strata::weights
