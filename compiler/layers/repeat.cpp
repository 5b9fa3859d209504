#include "compiler/layers/repeat.h"

#include <memory>

namespace strata {

core::ValueId AppendRepeat(core::Builder& builder, core::ValueId input, size_t position, int64_t count) {
  // The second operand is there for the size of its axis alone.
  const core::ValueId extent =
      builder.Constant({.sizes = {count}, .data = std::vector<float>(static_cast<size_t>(count))});
  const size_t rank = builder.ExtentsOf(input).size();
  std::vector<int> axes;
  for (size_t i = 0; i < rank; ++i) axes.push_back(static_cast<int>(i < position ? i : i + 1));
  core::MapBuilder map;
  return builder.Map({input, extent}, {axes, {static_cast<int>(position)}}, rank + 1,
                     map.Operand(0, builder.TypeOf(input)));
}

}  // namespace strata
