// Applies a layer without the checker: arguments in their bound form, a program text made up to match, so that messages
// can be compared as a terminal shows them and edits can be made.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/core/interpreter.h"
#include "compiler/layers/layer.h"
#include "compiler/layers/params.h"

namespace strata::testing {

using NamedArguments = std::vector<std::pair<std::string_view, ConfigValue>>;

// `f32[batch, height: 8, 3]`; a `*` after a name makes it provisional, a `!` after a size makes it a deliberate 1.
TensorType ParseType(std::string_view text);

// An axis as in ParseType, so that tests see what ToString leaves out.
std::string ShowType(const TensorType& type);

struct Applied {
  std::string type;      // of the result, by ShowType
  std::string messages;  // as a terminal shows them
  std::vector<std::string> codes;
  std::vector<std::string> fixed;  // the program after each help that has edits
};

// `x |> Layer(...)` for one input, `Layer(...)(a, b)` for several.
Applied Apply(std::string_view layer, const std::vector<std::string_view>& inputs, NamedArguments arguments);

// The core graph of one application, verified; weights by their last name ("kernel").
core::Graph ExpandLayer(std::string_view layer, const std::vector<std::string_view>& inputs, NamedArguments arguments);

// Its value in float64, batch = `batch`. Inputs and weights count up where `values` and `weights` do not give them.
struct Computed {
  std::vector<int64_t> sizes;
  std::vector<double> data;
};
Computed Compute(std::string_view layer, const std::vector<std::string_view>& inputs, NamedArguments arguments,
                 const std::vector<std::vector<double>>& values,
                 const std::vector<std::pair<std::string, std::vector<double>>>& weights = {}, int64_t batch = 1);

// "kernel: [height: 3, width: 3, channels: 1, filters: 16]", one a line; " (fixed)" after those that do not train.
std::string ShowWeights(std::string_view layer, const std::vector<std::string_view>& inputs, NamedArguments arguments);

}  // namespace strata::testing
