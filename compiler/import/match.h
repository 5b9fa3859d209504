// Whether a checked program is the graph that it was written from, and which of its layers is which.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check/network.h"
#include "compiler/import/graph.h"

namespace strata::import {

// A layer of Keras and its equal.
struct MatchedLayer {
  std::vector<std::string> path;  // names of the nested models around it, and its own
  std::string class_name;         // Keras' class
  int layer = -1;                 // index into Network::layers
};

// Walks both from their outputs to their inputs: the same layers with the same arguments must be applied to the same
// tensors. Nothing where they differ; `difference` then says where, as the end of a sentence.
std::optional<std::vector<MatchedLayer>> MatchNetwork(const Graph& graph, const Network& network,
                                                      std::string* difference);

}  // namespace strata::import
