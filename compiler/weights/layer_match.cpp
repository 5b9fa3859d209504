#include "compiler/weights/layer_match.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace strata::weights {
namespace {

std::optional<size_t> NumberOf(std::string_view text) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// 0 where there is none.
size_t CounterOf(std::string_view name) {
  const std::string_view stem = WithoutCounter(name);
  return stem.size() == name.size() ? 0 : *NumberOf(name.substr(stem.size() + 1));
}

std::string_view LastPart(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// `forward_lstm/lstm_cell/kernel` of `forward_lstm_3/lstm_cell_4/kernel`
std::string WithoutCounters(std::string_view path) {
  std::string without;
  for (;;) {
    const size_t end = path.find('/');
    if (end == std::string_view::npos) return without + std::string(path);
    without += std::string(WithoutCounter(path.substr(0, end))) + "/";
    path.remove_prefix(end + 1);
  }
}

// A layer of the network and its weights that are wanted, or one of the file and its tensors; below its name.
struct Layer {
  std::string_view name;
  struct Weight {
    size_t index;
    std::string_view below;
  };
  std::vector<Weight> weights;
};

std::vector<Layer> LayersOf(const Network& network, const std::vector<size_t>& wanted) {
  std::map<int, Layer> layers;
  for (const size_t index : wanted) {
    const NetworkWeight& weight = network.weights[index];
    Layer& layer = layers[weight.layer];
    layer.name = network.layers[static_cast<size_t>(weight.layer)].name;
    layer.weights.push_back({index, weight.suffix});
  }
  std::vector<Layer> all;
  for (auto& [number, layer] : layers) all.push_back(std::move(layer));
  return all;
}

std::vector<Layer> LayersOf(const std::vector<NamedEntry>& entries) {
  std::vector<Layer> all;
  std::map<std::string_view, size_t> place;
  for (const NamedEntry& entry : entries) {
    const size_t end = entry.name.find('/');
    if (end == std::string_view::npos) continue;
    const std::string_view name = entry.name.substr(0, end);
    const auto [found, is_new] = place.emplace(name, all.size());
    if (is_new) all.push_back({.name = name, .weights = {}});
    all[found->second].weights.push_back({entry.entry, entry.name.substr(end + 1)});
  }
  return all;
}

// What Keras 2 and 3 call differently.
std::string_view Renamed(std::string_view variable) { return variable == "depthwise_kernel" ? "kernel" : variable; }

// What is left, in the layer's order: variables that are numbers, or under inner layers whose names nothing tells.
void MatchByPlace(const Layer& mine, const std::vector<bool>& is_matched, const Layer& file,
                  const std::vector<bool>& is_taken, LayerMatches& matches) {
  std::vector<const Layer::Weight*> wanted;
  std::vector<const Layer::Weight*> free;
  for (size_t i = 0; i < mine.weights.size(); ++i) {
    if (!is_matched[i]) wanted.push_back(&mine.weights[i]);
  }
  for (size_t k = 0; k < file.weights.size(); ++k) {
    if (!is_taken[k]) free.push_back(&file.weights[k]);
  }
  if (wanted.size() != free.size()) return;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const std::string_view last = LastPart(free[i]->below);
    if (!NumberOf(last) && last != LastPart(wanted[i]->below)) return;
  }
  for (size_t i = 0; i < wanted.size(); ++i) matches.weights.emplace_back(wanted[i]->index, free[i]->index);
}

// One after another, surer ways first; each weight and each tensor once.
void MatchWeights(const Layer& mine, const Layer& file, LayerMatches& matches) {
  std::vector<bool> is_matched(mine.weights.size());
  std::vector<bool> is_taken(file.weights.size());
  const auto match = [&](const auto& same) {
    for (size_t i = 0; i < mine.weights.size(); ++i) {
      if (is_matched[i]) continue;
      std::optional<size_t> only;
      for (size_t k = 0; k < file.weights.size(); ++k) {
        if (is_taken[k] || !same(i, k)) continue;
        if (only) return;  // it might be either
        only = k;
      }
      if (!only) continue;
      is_matched[i] = true;
      is_taken[*only] = true;
      matches.weights.emplace_back(mine.weights[i].index, file.weights[*only].index);
    }
  };
  const auto below = [](const Layer& layer, size_t i) { return layer.weights[i].below; };
  match([&](size_t i, size_t k) { return below(mine, i) == below(file, k); });
  match([&](size_t i, size_t k) { return WithoutCounters(below(mine, i)) == WithoutCounters(below(file, k)); });
  // Without inner layers, as older versions have it.
  match([&](size_t i, size_t k) {
    return Renamed(LastPart(below(mine, i))) == Renamed(LastPart(below(file, k))) &&
           below(file, k).find('/') == std::string_view::npos;
  });
  MatchByPlace(mine, is_matched, file, is_taken, matches);
}

// Pairs of a network's and a file's layers of one class.
using Pairs = std::vector<std::pair<const Layer*, const Layer*>>;

Pairs PairByRank(std::vector<const Layer*> mine, std::vector<const Layer*> file) {
  Pairs pairs;
  if (mine.size() != file.size()) return pairs;
  for (size_t i = 0; i < mine.size(); ++i) pairs.emplace_back(mine[i], file[i]);
  return pairs;
}

void SortByCounter(std::vector<const Layer*>& layers) {
  std::ranges::stable_sort(layers, {}, [](const Layer* layer) { return CounterOf(layer->name); });
}

}  // namespace

std::string_view WithoutCounter(std::string_view name) {
  const size_t place = name.rfind('_');
  return place != std::string_view::npos && NumberOf(name.substr(place + 1)) ? name.substr(0, place) : name;
}

std::vector<int> KerasLayerOrder(const Network& network) {
  // Depth first from the outputs: in which order layers are met, and nodes are done with.
  std::vector<size_t> met(network.layers.size(), network.nodes.size());
  std::vector<size_t> done;
  std::vector<bool> is_seen(network.nodes.size());
  size_t count = 0;
  struct Visit {
    size_t node;
    size_t next_input;
  };
  std::vector<Visit> visits;
  const auto visit = [&](int value) {
    const int node = network.values[static_cast<size_t>(value)].node;
    if (node < 0 || is_seen[static_cast<size_t>(node)]) return;
    is_seen[static_cast<size_t>(node)] = true;
    size_t& order = met[static_cast<size_t>(network.nodes[static_cast<size_t>(node)].layer)];
    order = std::min(order, count++);
    visits.push_back({static_cast<size_t>(node), 0});
  };
  for (const NetworkOutput& output : network.outputs) {
    visit(output.value);
    while (!visits.empty()) {
      Visit& last = visits.back();
      const std::vector<int>& inputs = network.nodes[last.node].inputs;
      if (last.next_input < inputs.size()) {
        visit(inputs[last.next_input++]);
      } else {
        done.push_back(last.node);
        visits.pop_back();
      }
    }
  }
  // The longest way to an output; a shared layer has the longest of its nodes.
  std::vector<size_t> node_depth(network.nodes.size());
  std::vector<size_t> depth(network.layers.size());
  for (size_t i = done.size(); i-- > 0;) {
    const NetworkNode& node = network.nodes[done[i]];
    size_t& of_layer = depth[static_cast<size_t>(node.layer)];
    of_layer = std::max(of_layer, node_depth[done[i]]);
    for (const int input : node.inputs) {
      const int before = network.values[static_cast<size_t>(input)].node;
      if (before < 0) continue;
      size_t& of_node = node_depth[static_cast<size_t>(before)];
      of_node = std::max(of_node, of_layer + 1);
    }
  }
  std::vector<int> order(network.layers.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  std::ranges::stable_sort(order, [&](int a, int b) {
    const auto x = static_cast<size_t>(a);
    const auto y = static_cast<size_t>(b);
    return depth[x] != depth[y] ? depth[x] > depth[y] : met[x] < met[y];
  });
  return order;
}

LayerMatches MatchLayers(const Network& network, const std::vector<size_t>& wanted,
                         const std::vector<NamedEntry>& entries, bool by_class) {
  const std::vector<Layer> mine = LayersOf(network, wanted);
  const std::vector<Layer> file = LayersOf(entries);
  std::map<std::string_view, const Layer*> file_named;
  std::map<std::string, std::vector<const Layer*>> file_of;  // by class
  for (const Layer& layer : file) {
    file_named.emplace(layer.name, &layer);
    file_of[std::string(WithoutCounter(layer.name))].push_back(&layer);
  }
  std::map<std::string, std::vector<const Layer*>> mine_of;  // by class; of `by_class` all, else those Keras named
  std::vector<size_t> rank(network.layers.size());
  if (by_class) {
    const std::vector<int> order = KerasLayerOrder(network);
    for (size_t i = 0; i < order.size(); ++i) rank[static_cast<size_t>(order[i])] = i;
  }
  const auto network_layer = [&](const Layer* layer) {
    return static_cast<size_t>(network.weights[layer->weights.front().index].layer);
  };
  Pairs pairs;
  for (const Layer& layer : mine) {
    const std::string keras_class = SnakeCase(network.layers[network_layer(&layer)].def->name);
    if (by_class || WithoutCounter(layer.name) == keras_class) {
      mine_of[keras_class].push_back(&layer);
    } else if (const auto found = file_named.find(layer.name); found != file_named.end()) {
      pairs.emplace_back(&layer, found->second);
    }
  }
  for (auto& [keras_class, layers] : mine_of) {
    const bool all_named =
        std::ranges::all_of(layers, [&](const Layer* layer) { return file_named.contains(layer->name); });
    std::vector<const Layer*> others = file_of[keras_class];
    SortByCounter(others);
    if (by_class) {
      std::ranges::sort(layers, {}, [&](const Layer* layer) { return rank[network_layer(layer)]; });
    } else {
      SortByCounter(layers);
    }
    Pairs ranked;
    if (by_class || !all_named) ranked = PairByRank(layers, others);
    if (ranked.empty() && !by_class) {
      for (const Layer* layer : layers) {
        if (const auto found = file_named.find(layer->name); found != file_named.end()) {
          ranked.emplace_back(layer, found->second);
        }
      }
    }
    pairs.insert(pairs.end(), ranked.begin(), ranked.end());
  }
  LayerMatches matches;
  for (const auto& [layer, other] : pairs) {
    MatchWeights(*layer, *other, matches);
    if (!by_class && layer->name != other->name) {
      matches.renamed_layers.emplace_back(std::string(layer->name), std::string(other->name));
    }
  }
  std::ranges::sort(matches.renamed_layers);
  return matches;
}

}  // namespace strata::weights
