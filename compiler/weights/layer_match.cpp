#include "compiler/weights/layer_match.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <tuple>

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

// The counters of a path's components: `forward_lstm_3/lstm_cell/kernel` has 3, 0, 0.
std::vector<size_t> CountersOf(std::string_view path) {
  std::vector<size_t> counters;
  for (;;) {
    const size_t end = path.find('/');
    counters.push_back(CounterOf(path.substr(0, end)));
    if (end == std::string_view::npos) return counters;
    path.remove_prefix(end + 1);
  }
}

// One way after another, surer ones first; each weight and each tensor once.
class WeightMatcher {
 public:
  WeightMatcher(const Layer& mine, const Layer& file, LayerMatches& matches)
      : mine_(mine.weights), file_(file.weights), matches_(matches) {}

  void Match() {
    if (MatchAllByName()) return;
    // The counters of inner layers: `lstm_cell_4`. Of two such cells the first is the first.
    MatchByKey([](std::string_view below) { return WithoutCounters(below); });
    // Without inner layers, as older versions have it.
    const bool is_flat = std::ranges::all_of(
        file_, [](const Layer::Weight& weight) { return weight.below.find('/') == std::string_view::npos; });
    if (is_flat) MatchByKey([](std::string_view below) { return std::string(Renamed(LastPart(below))); });
    MatchByPlace();
  }

 private:
  using Weights = std::vector<Layer::Weight>;

  bool MatchAllByName() {
    const auto has_name = [&](const Layer::Weight& weight) {
      return std::ranges::find(file_, weight.below, &Layer::Weight::below) != file_.end();
    };
    if (!std::ranges::all_of(mine_, has_name)) return false;
    for (const Layer::Weight& weight : mine_) {
      Add(weight, *std::ranges::find(file_, weight.below, &Layer::Weight::below));
    }
    return true;
  }

  // Those of one key, where there are as many here and there.
  template <typename Key>
  void MatchByKey(const Key& key) {
    std::map<std::string, std::pair<Weights, Weights>> groups;
    for (const Layer::Weight& weight : mine_) groups[key(weight.below)].first.push_back(weight);
    for (const Layer::Weight& weight : file_) groups[key(weight.below)].second.push_back(weight);
    mine_.clear();
    file_.clear();
    for (auto& [name, group] : groups) {
      auto& [mine, file] = group;
      if (mine.size() == file.size()) {
        std::ranges::sort(
            file, {}, [](const Layer::Weight& weight) { return std::pair(CountersOf(weight.below), weight.index); });
        for (size_t i = 0; i < mine.size(); ++i) Add(mine[i], file[i]);
      } else {
        mine_.insert(mine_.end(), mine.begin(), mine.end());
        file_.insert(file_.end(), file.begin(), file.end());
      }
    }
    // As they were.
    std::ranges::sort(mine_, {}, &Layer::Weight::index);
    std::ranges::sort(file_, {}, &Layer::Weight::index);
  }

  // What is left, in the layer's order: variables that are numbers, or under inner layers whose names nothing tells.
  void MatchByPlace() {
    if (mine_.size() != file_.size()) return;
    for (size_t i = 0; i < mine_.size(); ++i) {
      const std::string_view last = LastPart(file_[i].below);
      if (!NumberOf(last) && last != LastPart(mine_[i].below)) return;
    }
    for (size_t i = 0; i < mine_.size(); ++i) Add(mine_[i], file_[i]);
  }

  void Add(const Layer::Weight& weight, const Layer::Weight& tensor) {
    matches_.weights.emplace_back(weight.index, tensor.index);
  }

  Weights mine_;  // that have no match yet
  Weights file_;
  LayerMatches& matches_;
};

// Pairs of a network's and a file's layers of one class.
using Pairs = std::vector<std::pair<const Layer*, const Layer*>>;

Pairs PairByRank(std::vector<const Layer*> mine, std::vector<const Layer*> file) {
  Pairs pairs;
  if (mine.size() != file.size()) return pairs;
  for (size_t i = 0; i < mine.size(); ++i) pairs.emplace_back(mine[i], file[i]);
  return pairs;
}

void SortByCounter(std::vector<const Layer*>& layers) {
  std::ranges::sort(layers, {}, [](const Layer* layer) { return std::pair(CounterOf(layer->name), layer->name); });
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
  std::ranges::sort(order, [&](int a, int b) {
    const auto x = static_cast<size_t>(a);
    const auto y = static_cast<size_t>(b);
    return std::tuple(depth[y], met[x], a) < std::tuple(depth[x], met[y], b);
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
    WeightMatcher(*layer, *other, matches).Match();
    if (!by_class && layer->name != other->name) {
      matches.renamed_layers.emplace_back(std::string(layer->name), std::string(other->name));
    }
  }
  std::ranges::sort(matches.renamed_layers);
  return matches;
}

}  // namespace strata::weights
