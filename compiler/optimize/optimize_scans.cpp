#include <functional>
#include <memory>

#include "compiler/optimize/passes.h"
#include "compiler/optimize/rewrite.h"

namespace strata::optimize {
namespace {

using core::Graph;
using core::Operation;
using core::ValueId;

// What becomes of an input of a body.
enum class Fate { Kept, Known, Dropped };
struct InputFate {
  Fate fate = Fate::Kept;
  std::shared_ptr<const core::Literal> literal = nullptr;  // Fate::Known: its elements
};

// The body with fewer inputs; those that leave otherwise are read nowhere.
Graph WithInputs(const Graph& body, const std::vector<InputFate>& fates) {
  Rewriter rewriter(body);
  rewriter.after.inputs.clear();
  for (size_t i = 0; i < fates.size(); ++i) {
    const core::Value& value = body.Get(body.inputs[i]);
    const std::string origin = body.Producer(body.inputs[i]).origin;
    if (fates[i].fate == Fate::Kept) {
      const core::Input input{.index = static_cast<int>(rewriter.after.inputs.size())};
      const ValueId kept = Append(rewriter.after, input, {}, value.extents, value.dtype, origin);
      rewriter.after.inputs.push_back(kept);
      rewriter.Rename(body.inputs[i], kept);
    } else if (fates[i].fate == Fate::Known) {
      rewriter.Rename(body.inputs[i], Append(rewriter.after, core::Constant{.literal = fates[i].literal}, {},
                                             value.extents, value.dtype, origin));
    }
  }
  for (const Operation& operation : body.operations) {
    if (!std::holds_alternative<core::Input>(operation.op)) rewriter.Copy(operation);
  }
  rewriter.after.outputs = rewriter.New(body.outputs);
  return std::move(rewriter.after);
}

}  // namespace

Graph OptimizeScans(const Graph& graph, const WeightLoader& weights) {
  return Rewrite(graph, [&](Rewriter& rewriter, const Operation& operation) -> std::optional<ValueId> {
    const auto* before = std::get_if<core::Scan>(&operation.op);
    if (before == nullptr) return std::nullopt;
    core::Scan scan = *before;
    const auto invariants = static_cast<size_t>(scan.carries + scan.sequences);
    std::vector<ValueId> operands = rewriter.New(operation.operands);
    Graph body = *scan.body;
    // Replaces the body, and leaves out the operands that it no longer has.
    const auto decide = [&](const std::function<InputFate(size_t)>& fate_of) {
      std::vector<InputFate> fates(operands.size());
      std::vector<ValueId> kept;
      for (size_t i = 0; i < operands.size(); ++i) {
        if (i >= invariants) fates[i] = fate_of(i);
        if (fates[i].fate == Fate::Kept) kept.push_back(operands[i]);
      }
      body = WithInputs(body, fates);
      operands = std::move(kept);
    };

    decide([&](size_t i) -> InputFate {
      const auto* constant = rewriter.after.ProducerAs<core::Constant>(operands[i]);
      if (constant == nullptr) return {};
      return {.fate = Fate::Known, .literal = constant->literal};
    });
    body = Optimize(body, weights);
    const Uses uses(body);
    decide(
        [&](size_t i) -> InputFate { return {.fate = uses.Of(body.inputs[i]).empty() ? Fate::Dropped : Fate::Kept}; });
    scan.body = std::make_shared<const Graph>(std::move(body));
    const std::vector<ValueId> results = rewriter.builder.Scan(std::move(operands), std::move(scan));
    for (size_t i = 0; i < results.size(); ++i) rewriter.Rename(operation.results[i], results[i]);
    return results[0];
  });
}

}  // namespace strata::optimize
