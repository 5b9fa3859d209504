// Where an axis comes from: for each axis of a value, which layers made, changed or removed it. Derived from the shapes
// in the network alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check/network.h"

namespace strata::check {

// Axis number `position` of a value of the network.
struct AxisPlace {
  int value;
  size_t position;
};

// The axis of the node's input that this axis of its result continues; nothing for one that the node made, or an
// input's.
std::optional<AxisPlace> SourceOf(const Network& network, AxisPlace axis);

// The node that last made the axis or changed its size; -1: none, it is an input's.
int OriginOf(const Network& network, AxisPlace axis);

// The sizes the axis went through, an input's or its maker's first, each change once.
std::vector<Dim> SizesOf(const Network& network, AxisPlace axis);

struct DroppedAxis {
  Axis axis;
  int node;
};
// Axes that a value no longer has though one it was computed from did, along the first inputs; the last dropped first.
std::vector<DroppedAxis> DroppedAxes(const Network& network, int value);

struct SizeChange {
  Dim from;
  Dim to;
  int node;
};
// The changes of the axis' size since it was made, the first one first.
std::vector<SizeChange> ChangesOf(const Network& network, AxisPlace axis);

// What a node does to the axes of its first input: "Dense maps only the last axis: channels 32 -> 2; height and width
// pass through".
std::string DescribeAxes(const Network& network, int node);

}  // namespace strata::check
