// Maps and Reduces: a Map, a Reduce, or a Group of them over the same rows becomes one nest, whose stages are the Reduces
// and the result. Expressions in between are computed again in each stage that needs them.
#include <algorithm>

#include "compiler/schedule/build_nest.h"
#include "compiler/schedule/scheduler.h"
#include "compiler/source/check.h"

namespace strata {

using core::Extents;
using core::Map;
using core::ValueId;

struct Scheduler::Rows {
  const core::Graph* body;       // the group's, or the graph itself
  const core::Operation* group;  // null: a lone operation
  std::set<ValueId> inside;      // results of the Maps that are part of it
  Extents extents;
  std::vector<Access> reads;
  std::map<ValueId, int> stages;  // of the Reduces
};

namespace {

constexpr int kFirstStage = 1 << 20;  // operand numbers of stages until the reads are counted

bool AreEqual(const Map::Node& a, const Map::Node& b) {
  return a.function == b.function && a.type == b.type && a.args == b.args && a.index == b.index && a.value == b.value &&
         a.size == b.size;
}

// The number of a node in an expression, which it joins unless it is there.
int Append(std::vector<Map::Node>& nodes, Map::Node node) {
  for (size_t k = 0; k < nodes.size(); ++k) {
    if (AreEqual(nodes[k], node)) return static_cast<int>(k);
  }
  nodes.push_back(std::move(node));
  return static_cast<int>(nodes.size()) - 1;
}

// The value of an expression is that of its last node.
void MakeLast(std::vector<Map::Node>& nodes, int result) {
  STRATA_CHECK(static_cast<size_t>(result) < nodes.size());
  nodes.resize(static_cast<size_t>(result) + 1);
}

int ReadNumber(std::vector<Access>& reads, Access access) {
  for (size_t k = 0; k < reads.size(); ++k) {
    const Access& read = reads[k];
    if (read.buffer == access.buffer && read.offset == access.offset && read.strides == access.strides) {
      return static_cast<int>(k);
    }
  }
  reads.push_back(std::move(access));
  return static_cast<int>(reads.size()) - 1;
}

}  // namespace

void Scheduler::VisitRows(const core::Operation& operation) {
  const auto* group = std::get_if<core::Group>(&operation.op);
  Rows rows{.body = group ? group->body.get() : &graph_, .group = group ? &operation : nullptr};
  const ValueId result = group ? group->body->outputs[0] : operation.Result();
  std::vector<const core::Operation*> reduces;
  const auto take = [&](const core::Operation& inner) {
    if (std::holds_alternative<core::Reduce>(inner.op)) reduces.push_back(&inner);
    if (std::holds_alternative<Map>(inner.op)) rows.inside.insert(inner.Result());
  };
  if (group) {
    std::ranges::for_each(group->body->operations, take);
  } else {
    take(operation);
  }
  Nest nest;
  rows.extents = reduces.empty() ? ExtentsOf(operation.Result()) : rows.body->Get(reduces[0]->operands[0]).extents;
  nest.extents = rows.extents;
  nest.reduced.assign(rows.extents.size(), false);
  if (!reduces.empty()) {
    for (int axis : std::get<core::Reduce>(reduces[0]->op).axes) nest.reduced[static_cast<size_t>(axis)] = true;
  }
  std::vector<int> all_axes;
  std::vector<int> kept_axes;
  for (size_t axis = 0; axis < rows.extents.size(); ++axis) {
    all_axes.push_back(static_cast<int>(axis));
    if (!nest.reduced[axis]) kept_axes.push_back(static_cast<int>(axis));
  }

  for (const core::Operation* reduce : reduces) {
    Nest::Stage stage{.reduce = std::get<core::Reduce>(reduce->op).kind};
    MakeLast(stage.nodes, Inline(rows, stage.nodes, reduce->operands[0], all_axes));
    nest.stages.push_back(std::move(stage));
    rows.stages[reduce->Result()] = static_cast<int>(nest.stages.size()) - 1;
  }
  const size_t result_rank = ExtentsOf(operation.Result()).size();
  nest.writes_rows = !reduces.empty() && result_rank == kept_axes.size();
  const std::vector<int>& result_axes = nest.writes_rows ? kept_axes : all_axes;
  if (!rows.stages.contains(result)) {
    Nest::Stage stage;
    MakeLast(stage.nodes, Inline(rows, stage.nodes, result, result_axes));
    nest.stages.push_back(std::move(stage));
  }
  for (Nest::Stage& stage : nest.stages) {
    for (Map::Node& node : stage.nodes) {
      if (node.function != Map::Function::Operand || node.index < kFirstStage) continue;
      node.index += static_cast<int>(rows.reads.size()) - kFirstStage;
    }
  }
  const Layout& output = Allocate(operation.Result(), operation.origin);
  nest.write = {.buffer = output.buffer, .offset = output.offset, .strides = std::vector<Dim>(rows.extents.size(), 0)};
  for (size_t axis = 0; axis < result_axes.size(); ++axis) {
    nest.write.strides[static_cast<size_t>(result_axes[axis])] = output.strides[axis];
  }
  nest.reads = std::move(rows.reads);
  steps_.push_back(FinishNest(std::move(nest), operation.origin));
}

// The element of `value`, whose axes run along `axes` of the nest, as a node of an expression over reads and stages.
int Scheduler::Inline(Rows& rows, std::vector<Map::Node>& nodes, ValueId value, const std::vector<int>& axes) {
  const DType type = rows.body->Get(value).dtype;
  if (const auto stage = rows.stages.find(value); stage != rows.stages.end()) {
    return Append(nodes, {.function = Map::Function::Operand, .index = kFirstStage + stage->second, .type = type});
  }
  if (!rows.inside.contains(value)) {
    const ValueId outside = rows.group == nullptr ? value : OuterValue(*rows.body, *rows.group, value);
    const int read = ReadNumber(rows.reads, Broadcast(outside, axes, rows.extents));
    return Append(nodes, {.function = Map::Function::Operand, .index = read, .type = type});
  }
  const core::Operation& producer = rows.body->Producer(value);
  const auto* map = std::get_if<Map>(&producer.op);
  std::vector<int> numbers;
  for (const Map::Node& node : map->nodes) {
    if (node.function == Map::Function::Operand) {
      std::vector<int> operand_axes;
      for (int axis : map->axes[static_cast<size_t>(node.index)]) {
        operand_axes.push_back(axes[static_cast<size_t>(axis)]);
      }
      numbers.push_back(Inline(rows, nodes, producer.operands[static_cast<size_t>(node.index)], operand_axes));
      continue;
    }
    Map::Node inlined = node;
    if (node.function == Map::Function::Index) inlined.index = axes[static_cast<size_t>(node.index)];
    for (int& arg : inlined.args) arg = numbers[static_cast<size_t>(arg)];
    numbers.push_back(Append(nodes, std::move(inlined)));
  }
  return numbers.back();
}

}  // namespace strata
