#include "compiler/schedule/build_nest.h"

#include <utility>

namespace strata {

namespace {

// Elements of the last axis a task takes where there is no other axis to split.
constexpr int64_t kLaneBlock = 4096;

bool UsesPositions(const Nest& nest) {
  for (const Nest::Stage& stage : nest.stages) {
    if (stage.reduce == core::Reduce::Kind::ArgMax || stage.reduce == core::Reduce::Kind::ArgMin) return true;
    for (const core::Map::Node& node : stage.nodes) {
      if (node.function == core::Map::Function::Index) return true;
    }
  }
  return false;
}

template <typename Visit>
void ForAccesses(Nest& nest, const Visit& visit) {
  for (Access& read : nest.reads) visit(read);
  visit(nest.write);
}

void Remove(Nest& nest, size_t axis) {
  const auto at = static_cast<std::ptrdiff_t>(axis);
  nest.extents.erase(nest.extents.begin() + at);
  nest.reduced.erase(nest.reduced.begin() + at);
  ForAccesses(nest, [&](Access& access) { access.strides.erase(access.strides.begin() + at); });
}

// Whether axes `axis` and `axis + 1` can be one.
bool CanJoin(Nest& nest, size_t axis) {
  bool can = nest.reduced[axis] == nest.reduced[axis + 1];
  ForAccesses(nest, [&](Access& access) {
    can = can && access.strides[axis] == access.strides[axis + 1] * nest.extents[axis + 1];
  });
  return can;
}

Dim FlopsOf(const Nest& nest) {
  Dim points = 1;
  for (const Dim& extent : nest.extents) points *= extent;
  int64_t operations = 0;
  for (const Nest::Stage& stage : nest.stages) {
    operations += stage.reduce ? 1 : 0;
    for (const core::Map::Node& node : stage.nodes) operations += node.args.empty() ? 0 : 1;
  }
  return points * operations;
}

}  // namespace

Step FinishNest(Nest nest, std::string origin) {
  Step step{.origin = std::move(origin), .kernel = Nest{}, .tasks = 1, .flops = FlopsOf(nest)};
  if (!UsesPositions(nest)) {
    for (size_t axis = nest.extents.size(); axis-- > 0;) {
      if (nest.extents[axis].Is(1)) Remove(nest, axis);
    }
    for (size_t axis = nest.extents.size(); axis-- > 1;) {
      if (!CanJoin(nest, axis - 1)) continue;
      nest.extents[axis] *= nest.extents[axis - 1];
      Remove(nest, axis - 1);
    }
  }
  const bool ends_in_lanes = !nest.extents.empty() && (nest.reduced.back() || nest.write.strides.back().Is(1));
  if (!ends_in_lanes) {
    // The written elements lie apart: each is a vector of one lane.
    nest.extents.emplace_back(1);
    nest.reduced.push_back(false);
    ForAccesses(nest, [](Access& access) { access.strides.emplace_back(0); });
    nest.write.strides.back() = 1;
  }
  const size_t last = nest.extents.size() - 1;
  bool only_lanes = !nest.reduced[last];
  for (size_t axis = 0; axis < last; ++axis) {
    if (nest.reduced[axis]) continue;
    only_lanes = false;
    step.tasks *= nest.extents[axis];
  }
  if (only_lanes) {
    nest.lane_block = kLaneBlock;
    step.tasks = nest.LaneBlocks();
  }
  step.kernel = std::move(nest);
  return step;
}

Step CopyNest(std::vector<Dim> extents, Access read, Access write, DType dtype, std::string origin) {
  Nest nest;
  nest.reduced.assign(extents.size(), false);
  nest.extents = std::move(extents);
  nest.reads = {std::move(read)};
  nest.write = std::move(write);
  nest.stages = {{.nodes = {{.function = core::Map::Function::Operand, .index = 0, .type = dtype}}}};
  return FinishNest(std::move(nest), std::move(origin));
}

Step FillNest(std::vector<Dim> extents, Access write, double value, DType dtype, std::string origin) {
  Nest nest;
  nest.reduced.assign(extents.size(), false);
  nest.extents = std::move(extents);
  nest.write = std::move(write);
  nest.stages = {{.nodes = {{.function = core::Map::Function::Constant, .value = value, .type = dtype}}}};
  return FinishNest(std::move(nest), std::move(origin));
}

}  // namespace strata
