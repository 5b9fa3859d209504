// Layers of Keras that Strata does not have and will not, and what a program says instead.
#pragma once

#include <span>
#include <string_view>

namespace strata {

struct UnsupportedLayer {
  std::string_view name;
  std::string_view why;      // after "layer `Lambda`": "holds Python code, which a compiled model does not run"
  std::string_view instead;  // what to do: "write the formula itself: ..."
  // A layer that does the same with the same arguments; "": there is none.
  std::string_view replacement = {};
};

// Sorted by name.
std::span<const UnsupportedLayer> AllUnsupportedLayers();
const UnsupportedLayer* FindUnsupportedLayer(std::string_view name);  // null: it is none

}  // namespace strata
