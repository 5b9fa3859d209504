#include <algorithm>
#include <numeric>

#include "compiler/optimize/passes.h"
#include "compiler/optimize/rewrite.h"
#include "compiler/optimize/window_axis.h"

namespace strata::optimize {

core::Graph KeepLastAxisWhole(const core::Graph& graph) {
  return Rewrite(graph, [&](Rewriter& rewriter, const core::Operation& operation) -> std::optional<core::ValueId> {
    const auto* window = std::get_if<core::Window>(&operation.op);
    if (window == nullptr || window->axes.empty() || IsWhole(window->axes.back())) return std::nullopt;
    const core::ValueId input = rewriter.New(operation.operands[0]);
    core::Window moved = *window;

    const auto last = std::find_if(moved.axes.rbegin(), moved.axes.rend(), IsWhole);
    if (last == moved.axes.rend()) {
      // It slides along all axes: it gets one more.
      core::Extents extents = rewriter.builder.ExtentsOf(input);
      extents.push_back(1);
      moved.axes.emplace_back();
      const core::ValueId result = rewriter.builder.Window(rewriter.builder.Reshape(input, extents), moved);
      return rewriter.builder.Reshape(result, graph.Get(operation.Result()).extents);
    }
    const auto axis = static_cast<size_t>(moved.axes.rend() - last) - 1;
    std::vector<int> permutation(moved.axes.size());
    std::iota(permutation.begin(), permutation.end(), 0);
    const auto rotate = [axis](auto& items) {
      const auto first = items.begin() + static_cast<std::ptrdiff_t>(axis);
      std::rotate(first, first + 1, items.end());
    };
    rotate(permutation);
    rotate(moved.axes);
    const core::ValueId result = rewriter.builder.Window(rewriter.Transpose(input, permutation), moved);
    return rewriter.Transpose(result, Inverse(permutation));
  });
}

}  // namespace strata::optimize
