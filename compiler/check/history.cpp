#include "compiler/check/history.h"

#include <algorithm>

#include "compiler/source/check.h"

namespace strata::check {
namespace {

using Sources = std::vector<std::optional<size_t>>;

// For each axis of `to` the axis of `from` that it continues: one of its name; else, where no axis came or went, the
// one at its place. The batch stays the batch.
Sources MatchAxes(const Shape& from, const Shape& to) {
  Sources sources(to.size());
  std::vector<bool> taken(from.size());
  const auto take = [&](size_t t, size_t f) {
    sources[t] = f;
    taken[f] = true;
  };
  if (!from.empty() && !to.empty()) take(0, 0);
  for (size_t t = 1; t < to.size(); ++t) {
    if (to[t].name.empty()) continue;
    for (size_t f = 1; f < from.size(); ++f) {
      if (!taken[f] && from[f].name == to[t].name) {
        take(t, f);
        break;
      }
    }
  }
  if (from.size() != to.size()) return sources;
  for (size_t i = 1; i < to.size(); ++i) {
    if (!sources[i] && !taken[i]) take(i, i);
  }
  return sources;
}

const NetworkValue& ValueAt(const Network& network, int index) { return network.values[static_cast<size_t>(index)]; }
const NetworkNode& NodeAt(const Network& network, int index) { return network.nodes[static_cast<size_t>(index)]; }
const Shape& ShapeOf(const Network& network, int value) { return ValueAt(network, value).type.shape; }
const Dim& SizeOf(const Network& network, AxisPlace axis) { return ShapeOf(network, axis.value)[axis.position].size; }

std::string AxisText(const Shape& shape, size_t position) {
  return shape[position].name.empty() ? "axis " + std::to_string(position) : shape[position].name;
}

// "height", "height and width", "depth, height and width"
std::string Enumerate(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 < names.size() ? ", " : " and ";
    text += names[i];
  }
  return text;
}

}  // namespace

std::optional<AxisPlace> SourceOf(const Network& network, AxisPlace axis) {
  const int node = ValueAt(network, axis.value).node;
  if (node < 0) return std::nullopt;
  std::optional<AxisPlace> first;
  // Of several inputs the one whose size lives on.
  for (const int input : NodeAt(network, node).inputs) {
    const std::optional<size_t> position =
        MatchAxes(ShapeOf(network, input), ShapeOf(network, axis.value))[axis.position];
    if (!position) continue;
    const AxisPlace source{input, *position};
    if (SizeOf(network, source) == SizeOf(network, axis)) return source;
    if (!first) first = source;
  }
  return first;
}

int OriginOf(const Network& network, AxisPlace axis) {
  while (const std::optional<AxisPlace> source = SourceOf(network, axis)) {
    if (!(SizeOf(network, *source) == SizeOf(network, axis))) break;
    axis = *source;
  }
  return ValueAt(network, axis.value).node;
}

std::vector<Dim> SizesOf(const Network& network, AxisPlace axis) {
  std::vector<Dim> sizes = {SizeOf(network, axis)};
  while (const std::optional<AxisPlace> source = SourceOf(network, axis)) {
    axis = *source;
    if (!(SizeOf(network, axis) == sizes.back())) sizes.push_back(SizeOf(network, axis));
  }
  std::ranges::reverse(sizes);
  return sizes;
}

std::vector<SizeChange> ChangesOf(const Network& network, AxisPlace axis) {
  std::vector<SizeChange> changes;
  while (const std::optional<AxisPlace> source = SourceOf(network, axis)) {
    const Dim& from = SizeOf(network, *source);
    const Dim& to = SizeOf(network, axis);
    if (!(from == to)) changes.push_back({from, to, ValueAt(network, axis.value).node});
    axis = *source;
  }
  std::ranges::reverse(changes);
  return changes;
}

std::vector<DroppedAxis> DroppedAxes(const Network& network, int value) {
  std::vector<DroppedAxis> dropped;
  for (int node = ValueAt(network, value).node; node >= 0; node = ValueAt(network, value).node) {
    const int input = NodeAt(network, node).inputs.front();
    const Shape& from = ShapeOf(network, input);
    const Sources sources = MatchAxes(from, ShapeOf(network, value));
    for (size_t f = 0; f < from.size(); ++f) {
      if (std::ranges::find(sources, std::optional(f)) == sources.end()) dropped.push_back({from[f], node});
    }
    value = input;
  }
  return dropped;
}

std::string DescribeAxes(const Network& network, int node_index) {
  const NetworkNode& node = NodeAt(network, node_index);
  const LayerDef& def = *network.layers[static_cast<size_t>(node.layer)].def;
  const Shape& from = ShapeOf(network, node.inputs.front());
  const Shape& to = ShapeOf(network, node.outputs.front());
  const Sources sources = MatchAxes(from, to);
  std::vector<std::string> changed, made, passed, dropped;
  for (size_t t = 1; t < to.size(); ++t) {
    if (!sources[t]) {
      made.push_back(ToString(to[t]));
    } else if (to[t].size == from[*sources[t]].size) {
      passed.push_back(AxisText(to, t));
    } else {
      changed.push_back(AxisText(from, *sources[t]) + " " + from[*sources[t]].size.ToString() + " -> " +
                        to[t].size.ToString());
    }
  }
  for (size_t f = 1; f < from.size(); ++f) {
    if (std::ranges::find(sources, std::optional(f)) == sources.end()) dropped.push_back(AxisText(from, f));
  }
  std::vector<std::string> parts;
  if (!changed.empty()) parts.push_back(Enumerate(changed));
  if (!made.empty()) parts.push_back("makes " + Enumerate(made));
  if (!dropped.empty()) parts.push_back("drops " + Enumerate(dropped));
  if (!passed.empty()) parts.push_back(Enumerate(passed) + (passed.size() == 1 ? " passes through" : " pass through"));
  std::string text(def.name);
  if (!def.axes_note.empty()) text += " " + std::string(def.axes_note);
  for (size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? ": " : "; ") + parts[i];
  return text;
}

}  // namespace strata::check
