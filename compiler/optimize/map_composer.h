// Builds a Map out of parts of other Maps.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/core/builder.h"
#include "compiler/core/graph.h"

namespace strata::optimize {

// A Map with what it reads, not yet part of a graph.
struct DetachedMap {
  core::Map map;
  std::vector<core::ValueId> operands;

  // Whether it is its first operand and nothing else, given that this has the Map's extents.
  bool IsIdentity() const { return map.nodes.size() == 1 && map.nodes[0].function == core::Map::Function::Operand; }
};

// What stands for a node of a Map; -1: for none.
struct NodeReplacement {
  int node = -1;
  core::Expr with;
};

class MapComposer {
 public:
  // The Map will have these extents; its operands are values of `graph`.
  MapComposer(const core::Graph& graph, core::Extents extents) : graph_(graph), extents_(std::move(extents)) {}
  MapComposer(const MapComposer&) = delete;
  MapComposer& operator=(const MapComposer&) = delete;

  // The element of an operand that runs along `axes` of the result. Equal ones become one.
  core::Expr Read(core::ValueId value, const std::vector<int>& axes);
  // The expression of `map`, with each of its operands replaced, and perhaps one of its nodes.
  core::Expr Inline(const core::Map& map, const std::function<core::Expr(size_t operand)>& operand,
                    const NodeReplacement& replacement = {});
  core::MapBuilder& builder() { return builder_; }

  // Keeps the operands that the result reads or that give the Map its extents.
  DetachedMap Finish(core::Expr result);

 private:
  const core::Graph& graph_;
  core::Extents extents_;
  core::MapBuilder builder_;
  DetachedMap read_;  // no nodes yet
};

}  // namespace strata::optimize
