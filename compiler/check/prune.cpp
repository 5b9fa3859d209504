#include "compiler/check/prune.h"

#include <utility>

namespace strata::check {
namespace {

// Keeps the marked entries in order; returns each one's new place.
template <typename T>
std::vector<int> Keep(std::vector<T>& entries, const std::vector<bool>& is_kept) {
  std::vector<int> places(entries.size(), -1);
  std::vector<T> kept;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (!is_kept[i]) continue;
    places[i] = static_cast<int>(kept.size());
    kept.push_back(std::move(entries[i]));
  }
  entries = std::move(kept);
  return places;
}

void Renumber(std::vector<int>& indices, const std::vector<int>& places) {
  for (int& index : indices) index = places[static_cast<size_t>(index)];
}

}  // namespace

void Prune(Network& network) {
  std::vector<bool> values(network.values.size()), nodes(network.nodes.size()), layers(network.layers.size()),
      weights(network.weights.size());
  for (const NetworkInput& input : network.inputs) values[static_cast<size_t>(input.value)] = true;
  for (const NetworkOutput& output : network.outputs) values[static_cast<size_t>(output.value)] = true;
  // Each node comes after what it reads.
  for (size_t n = network.nodes.size(); n-- > 0;) {
    const NetworkNode& node = network.nodes[n];
    for (const int output : node.outputs) nodes[n] = nodes[n] || values[static_cast<size_t>(output)];
    if (!nodes[n]) continue;
    for (const int input : node.inputs) values[static_cast<size_t>(input)] = true;
    for (const int output : node.outputs) values[static_cast<size_t>(output)] = true;
    layers[static_cast<size_t>(node.layer)] = true;
  }
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = layers[static_cast<size_t>(network.weights[i].layer)];

  const std::vector<int> value_places = Keep(network.values, values);
  const std::vector<int> node_places = Keep(network.nodes, nodes);
  const std::vector<int> layer_places = Keep(network.layers, layers);
  const std::vector<int> weight_places = Keep(network.weights, weights);
  for (NetworkValue& value : network.values) {
    if (value.node >= 0) value.node = node_places[static_cast<size_t>(value.node)];
  }
  for (NetworkInput& input : network.inputs) input.value = value_places[static_cast<size_t>(input.value)];
  for (NetworkOutput& output : network.outputs) output.value = value_places[static_cast<size_t>(output.value)];
  for (NetworkNode& node : network.nodes) {
    node.layer = layer_places[static_cast<size_t>(node.layer)];
    Renumber(node.inputs, value_places);
    Renumber(node.outputs, value_places);
  }
  for (NetworkLayer& layer : network.layers) Renumber(layer.weights, weight_places);
  for (NetworkWeight& weight : network.weights) weight.layer = layer_places[static_cast<size_t>(weight.layer)];
}

}  // namespace strata::check
