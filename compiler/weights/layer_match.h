// Which layers of a file stand for which of a network, where their names are not the same.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/check/network.h"

namespace strata::weights {

// "conv2d" of "conv2d_12": a name without the counter that Keras gives it.
std::string_view WithoutCounter(std::string_view name);

// The layers of the network in the order in which Keras' model.layers has them, as indices into Network::layers: by
// depth, those of one depth as they are met from the outputs on. Source: keras/src/ops/function.py.
std::vector<int> KerasLayerOrder(const Network& network);

// A tensor of the file that may be any weight's.
struct NamedEntry {
  size_t entry;
  std::string_view name;  // without the component that all names have in common
};

struct LayerMatches {
  std::vector<std::pair<size_t, size_t>> weights;                   // of the network, entries of the file
  std::vector<std::pair<std::string, std::string>> renamed_layers;  // of the network, of the file
};

// For the weights `wanted` (indices into Network::weights). Layers whose names Keras chose are paired by their rank among
// those of their class (a notebook's `conv2d_37`), unless the file has all of them by name. `by_class`: the file calls
// all layers after their classes and counts them in the order of model.layers. Within a layer, inner layers may have
// other counters, and variables that are numbers stand in the layer's order.
LayerMatches MatchLayers(const Network& network, const std::vector<size_t>& wanted,
                         const std::vector<NamedEntry>& entries, bool by_class);

}  // namespace strata::weights
