#include <map>
#include <memory>

#include "compiler/optimize/passes.h"
#include "compiler/optimize/rewrite.h"
#include "compiler/source/check.h"

namespace strata::optimize {

core::Graph BindWeights(const core::Graph& graph, const WeightLoader& weights) {
  std::map<std::string, core::ValueId> bound;
  return Rewrite(graph, [&](Rewriter& rewriter, const core::Operation& operation) -> std::optional<core::ValueId> {
    const auto* weight = std::get_if<core::Weight>(&operation.op);
    if (weight == nullptr) return std::nullopt;
    const auto [entry, is_new] = bound.try_emplace(weight->path);
    if (is_new) {
      core::Literal literal;
      for (const Dim& extent : graph.Get(operation.Result()).extents) {
        STRATA_CHECK(extent.Constant().has_value());
        literal.sizes.push_back(*extent.Constant());
      }
      literal.data = weights(weight->path);
      entry->second = rewriter.builder.Constant(std::move(literal));
    }
    return entry->second;
  });
}

}  // namespace strata::optimize
