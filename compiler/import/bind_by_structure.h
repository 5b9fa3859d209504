// Weights of a model that Keras saved, by what reads what.
#pragma once

#include <optional>
#include <string>

#include "compiler/check/network.h"
#include "compiler/weights/weights.h"

namespace strata::import {

// The tensors of a model that Keras saved as the weights of a network that is the same model, whatever the layers of either
// are called. Nothing where the file says nothing of the model's graph, where the network is another one, or where a tensor
// does not fit. Without `options.read_elements`, whether the network is that model.
std::optional<BoundWeights> BindByStructure(const Network& network, const std::string& path,
                                            const BindOptions& options = {});

}  // namespace strata::import
