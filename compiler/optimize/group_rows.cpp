#include <algorithm>
#include <map>
#include <set>

#include "compiler/optimize/group.h"
#include "compiler/optimize/passes.h"

namespace strata::optimize {
namespace {

using core::Extents;
using core::Operation;
using core::ValueId;

// The index space of a Reduce.
struct Rows {
  Extents full;
  Extents row;            // without the reduced axes
  std::vector<int> axes;  // the reduced ones
  std::vector<int> kept;  // the others
};

Rows RowsOf(const core::Graph& graph, const Operation& operation) {
  Rows rows{.full = graph.Get(operation.operands[0]).extents,
            .row = graph.Get(operation.Result()).extents,
            .axes = {},
            .kept = {}};
  rows.axes = std::get<core::Reduce>(operation.op).axes;
  for (int axis = 0; axis < std::ssize(rows.full); ++axis) {
    if (!std::ranges::binary_search(rows.axes, axis)) rows.kept.push_back(axis);
  }
  return rows;
}

// Whether a Reduce can be in a Group: of f32, and not for a position.
bool IsPartOfRows(const core::Graph& graph, const Operation& reduce) {
  const core::Reduce::Kind kind = std::get<core::Reduce>(reduce.op).kind;
  return graph.Get(reduce.operands[0]).dtype == DType::F32 && kind != core::Reduce::Kind::ArgMax &&
         kind != core::Reduce::Kind::ArgMin;
}

bool IsExpensive(core::Map::Function function) {
  using enum core::Map::Function;
  return function == Exp || function == Expm1 || function == Log || function == Log1p || function == Tanh ||
         function == Sigmoid || function == Erf || function == Sin || function == Cos || function == Power;
}

// Collects the operations that can form a Group with `last` as its result.
class Collector {
 public:
  Collector(const core::Graph& graph, const Uses& uses, Rows rows)
      : graph_(graph), uses_(uses), rows_(std::move(rows)) {}

  // In order; empty where there is no Group.
  std::vector<Operation> Run(const Operation& last) {
    if (!Belongs(last)) return {};
    Insert(last);
    // An operation joins once all that read its result have.
    for (int32_t i = graph_.Get(last.Result()).producer; i-- > 0;) {
      const Operation& operation = graph_.operations[static_cast<size_t>(i)];
      if (Belongs(operation) && MayJoin(operation)) Insert(operation);
    }
    std::vector<Operation> operations;
    bool has_reduce = false;
    for (int32_t member : members_) {
      operations.push_back(graph_.operations[static_cast<size_t>(member)]);
      has_reduce = has_reduce || std::holds_alternative<core::Reduce>(operations.back().op);
    }
    return has_reduce && operations.size() > 1 ? operations : std::vector<Operation>();
  }

 private:
  const Extents& ExtentsOf(ValueId value) const { return graph_.Get(value).extents; }
  int32_t NumberOf(const Operation& operation) const { return graph_.Get(operation.Result()).producer; }
  void Insert(const Operation& operation) { members_.insert(NumberOf(operation)); }

  bool Belongs(const Operation& operation) const {
    if (const auto* reduce = std::get_if<core::Reduce>(&operation.op)) {
      return IsPartOfRows(graph_, operation) && reduce->axes == rows_.axes &&
             ExtentsOf(operation.operands[0]) == rows_.full;
    }
    return std::holds_alternative<core::Map>(operation.op) && IsOfF32(graph_, operation) &&
           (ExtentsOf(operation.Result()) == rows_.full || ExtentsOf(operation.Result()) == rows_.row);
  }

  // Whether a member reads its operand as the body of a Group must.
  bool Fits(const Uses::Use& use) const {
    const auto* map = std::get_if<core::Map>(&use.operation->op);
    const Extents& read = ExtentsOf(use.operation->operands[use.operand]);
    if (map == nullptr) return read == rows_.full;
    const Extents& result = ExtentsOf(use.operation->Result());
    return read == result || (read == rows_.row && map->axes[use.operand] == rows_.kept);
  }

  bool MayJoin(const Operation& operation) {
    const std::vector<Uses::Use>& uses = uses_.Of(operation.Result());
    const bool is_inside = std::ranges::all_of(uses, [&](const Uses::Use& use) {
      return use.operation != nullptr && members_.contains(NumberOf(*use.operation)) && Fits(use);
    });
    if (!is_inside) return false;
    if (ExtentsOf(operation.Result()) != rows_.full || DependsOnRows(operation.Result())) return true;
    // A Map before the first Reduce would be computed again for each one that reads it; and where it can be an
    // epilogue, it costs nothing there.
    if (AnchorOf(graph_, uses_, operation)) return false;
    const auto is_expensive = [](const core::Map::Node& node) { return IsExpensive(node.function); };
    return uses.size() == 1 || std::ranges::none_of(std::get<core::Map>(operation.op).nodes, is_expensive);
  }

  // Whether a value is computed, by Maps, from a Reduce over these rows.
  bool DependsOnRows(ValueId value) {
    const auto [entry, is_new] = depends_.try_emplace(value, false);
    if (!is_new) return entry->second;
    const Operation& producer = graph_.Producer(value);
    if (!Belongs(producer)) return false;
    const bool depends =
        std::holds_alternative<core::Reduce>(producer.op) ||
        std::ranges::any_of(producer.operands, [&](ValueId operand) { return DependsOnRows(operand); });
    depends_[value] = depends;
    return depends;
  }

  const core::Graph& graph_;
  const Uses& uses_;
  Rows rows_;
  std::set<int32_t> members_;  // numbers of operations
  std::map<ValueId, bool> depends_;
};

// The Reduce that an operation is, or those whose results reach it through Maps alone.
std::vector<const Operation*> ReducesBefore(const core::Graph& graph, const Operation& last) {
  std::vector<const Operation*> reduces;
  std::set<const Operation*> seen = {&last};
  std::vector<const Operation*> waiting = {&last};
  while (!waiting.empty()) {
    const Operation* operation = waiting.back();
    waiting.pop_back();
    if (std::holds_alternative<core::Reduce>(operation->op)) reduces.push_back(operation);
    if (!std::holds_alternative<core::Map>(operation->op)) continue;
    for (ValueId operand : operation->operands) {
      if (seen.insert(&graph.Producer(operand)).second) waiting.push_back(&graph.Producer(operand));
    }
  }
  return reduces;
}

}  // namespace

core::Graph GroupRows(const core::Graph& graph) {
  const Uses uses(graph);
  // From the last operation to the first: a Group takes all it can before its result.
  std::map<int32_t, std::vector<Operation>> groups;  // by the number of their last operation
  std::set<int32_t> taken;
  for (int32_t i = static_cast<int32_t>(graph.operations.size()); i-- > 0;) {
    if (taken.contains(i)) continue;
    const Operation& last = graph.operations[static_cast<size_t>(i)];
    for (const Operation* reduce : ReducesBefore(graph, last)) {
      std::vector<Operation> members = Collector(graph, uses, RowsOf(graph, *reduce)).Run(last);
      if (members.empty()) continue;
      for (const Operation& member : members) taken.insert(graph.Get(member.Result()).producer);
      groups[i] = std::move(members);
      break;
    }
  }
  return Rewrite(graph, [&](Rewriter& rewriter, const Operation& operation) -> std::optional<ValueId> {
    const auto group = groups.find(graph.Get(operation.Result()).producer);
    if (group == groups.end()) return std::nullopt;
    return AppendGroup(rewriter, group->second);
  });
}

}  // namespace strata::optimize
