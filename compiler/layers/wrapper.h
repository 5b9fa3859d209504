// Layers around other layers: what the inner one sees and has.
#pragma once

#include <string>
#include <vector>

#include "compiler/layers/layer.h"

namespace strata {

// The Layer argument `layer`.
const LayerArg& WrappedLayer(const Args& args);

// A shape rule's view of the inner layer, whose messages are about itself. Inputs are the outer one's.
InferContext ContextOf(InferContext& outer, const LayerArg& layer);

// The inner layer's weights, under `name`: "forward_lstm/lstm_cell/kernel".
std::vector<MadeWeight> WeightsUnder(const std::string& name, const LayerArg& layer,
                                     const std::vector<TensorType>& inputs);

// An expansion's view of the inner layer, whose weights stand under `name`. The types must outlive it.
ExpandContext ContextOf(ExpandContext& outer, const LayerArg& layer, const std::string& name,
                        const std::vector<TensorType>& input_types, const std::vector<TensorType>& output_types);

}  // namespace strata
