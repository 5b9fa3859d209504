// The parts of a function between tensors that everything passes through.
#pragma once

#include <vector>

#include "compiler/import/graph.h"

namespace strata::import {

// What lies between two of these tensors.
struct Segment {
  std::vector<int> nodes;  // in the order of the text: each after what it reads, first operands first
  int entry = -1;          // the value that it reads
  int exit = -1;           // the value that it makes
};

// Those that can be folded, in their order; what lies between them is left out.
std::vector<Segment> SegmentsOf(const Function& function);
// For each call of several tensors, a gate or a residual sum: what lies between it and the one tensor that all of them
// come from. They may lie within each other and within the former.
std::vector<Segment> MergingSegmentsOf(const Function& function);

}  // namespace strata::import
