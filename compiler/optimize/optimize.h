// Graph to graph: the same meaning in fewer and larger operations.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/core/graph.h"

namespace strata {

// The float32 elements of a weight, row-major, by its path.
using WeightLoader = std::function<std::vector<float>(const std::string& path)>;

// What the result promises the schedule:
//
// - No Weight is left; an operation whose operands are all Constants is a Constant (but a Scan, or a Gather that fails).
// - The guards are those of the graph.
// - The body of a Scan is such a result too. None of its invariants is a Constant outside, and each is read.
// - The last axis of a Window has none: size 1, stride 1, no padding.
// - The right operand of a Contract may be any value.
// - A Map reads no value twice along the same axes.
// - Inputs and outputs keep their number and order; an output may be an Input, a Constant, or another output again.
//
// A Group has one result. Its body begins with an Input for each operand of the Group, in order; constants are operands
// too. No operand occurs twice. The rest of the body has one of two forms:
//
// Anchor and epilogue: a Contract, Convolve or Window, whose operands are the body's first Inputs, and then one Map.
//   The Map's first operand is the anchor's result, which has the extents of the Map's result and is read nowhere
//   else; its other operands are Inputs. It has no index(). It reads and makes f32; comparisons in it are bool.
//
// Rows: Reduces and Maps of f32 alone (comparisons in a Map are bool; no ArgMax or ArgMin), at least one Reduce and two
//   operations. All Reduces have the same axes and operands
//   of the same extents, the full extents; without the reduced axes these are the row extents. A Reduce's operand is
//   a Map with the full extents or an Input. Each Map's result has the full or the row extents. A Map with the full
//   extents reads those results of the body that have them axis by axis, and the others (rows) along the axes that
//   are not reduced; a Map with the row extents reads only rows, axis by axis. Inputs may be read along any axes. The
//   last operation is the result.
core::Graph Optimize(const core::Graph& graph, const WeightLoader& weights);

}  // namespace strata
