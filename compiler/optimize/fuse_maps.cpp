#include "compiler/optimize/map_composer.h"
#include "compiler/optimize/passes.h"
#include "compiler/optimize/rewrite.h"

namespace strata::optimize {
namespace {

// Longer expressions gain nothing, and would make a chain of thousands of layers slow to compile.
constexpr size_t kMostNodes = 256;

}  // namespace

core::Graph FuseMaps(const core::Graph& graph) {
  const Uses uses(graph);
  return Rewrite(graph, [&](Rewriter& rewriter, const core::Operation& operation) -> std::optional<core::ValueId> {
    const auto* map = std::get_if<core::Map>(&operation.op);
    if (map == nullptr) return std::nullopt;
    const core::Value& result = graph.Get(operation.Result());
    std::string origin;
    size_t node_count = map->nodes.size();
    MapComposer composer(rewriter.after, result.extents);
    const core::Expr expression = composer.Inline(*map, [&](size_t i) {
      const core::ValueId operand = rewriter.New(operation.operands[i]);
      const core::Operation& producer = rewriter.after.Producer(operand);
      const auto* inner = std::get_if<core::Map>(&producer.op);
      const bool joins = inner != nullptr && uses.IsSingle(operation.operands[i]) &&
                         rewriter.builder.ExtentsOf(operand) == result.extents &&
                         node_count + inner->nodes.size() <= kMostNodes;
      if (!joins) return composer.Read(operand, map->axes[i]);
      node_count += inner->nodes.size();
      origin = JoinOrigins(origin, producer.origin);
      return composer.Inline(*inner, [&](size_t k) { return composer.Read(producer.operands[k], inner->axes[k]); });
    });
    DetachedMap fused = composer.Finish(expression);
    return Append(rewriter.after, std::move(fused.map), std::move(fused.operands), result.extents, result.dtype,
                  JoinOrigins(origin, operation.origin));
  });
}

}  // namespace strata::optimize
