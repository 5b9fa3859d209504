#include <algorithm>

#include "compiler/optimize/affine.h"
#include "compiler/optimize/map_composer.h"
#include "compiler/optimize/passes.h"
#include "compiler/optimize/rewrite.h"

namespace strata::optimize {
namespace {

using core::Expr;
using core::Map;
using core::ValueId;

// Writes a Map's result again, each node by its affine form, with the numbers known in one space.
class Rebuild {
 public:
  Rebuild(Rewriter& rewriter, const DetachedMap& map, const KnownSpace& space, core::Extents extents)
      : rewriter_(rewriter),
        map_(map),
        space_(space),
        known_(KnownOperands(rewriter.after, map.map, map.operands, space)),
        forms_(AffineForms(map.map, known_)),
        written_(map.map.nodes.size()),
        composer_(rewriter.after, std::move(extents)) {}

  DetachedMap Run() {
    // In their order, and all of them: also those that only give the Map its extents.
    for (size_t i = 0; i < map_.operands.size(); ++i) ReadOperand(i);
    return composer_.Finish(Write(static_cast<int>(map_.map.nodes.size()) - 1));
  }

 private:
  Expr ReadOperand(size_t index) { return composer_.Read(map_.operands[index], map_.map.axes[index]); }

  Expr Write(int number) {
    std::optional<Expr>& written = written_[static_cast<size_t>(number)];
    if (!written) written = WriteNew(number);
    return *written;
  }

  Expr WriteNew(int number) {
    const AffineForm& form = forms_[static_cast<size_t>(number)];
    if (form.leaf == AffineForm::kKnown) return Number(form.after);
    if (form.leaf == number) return WriteLeaf(map_.map.nodes[static_cast<size_t>(number)]);
    Expr result = Write(form.leaf);
    if (!IsAll(form.before, 0)) result = result + Number(form.before);
    if (IsAll(form.scale, -1)) return IsAll(form.after, 0) ? -result : Number(form.after) - result;
    if (!IsAll(form.scale, 1)) result = result * Number(form.scale);
    if (!IsAll(form.after, 0)) result = result + Number(form.after);
    return result;
  }

  Expr WriteLeaf(const Map::Node& node) {
    if (node.function == Map::Function::Operand) return ReadOperand(static_cast<size_t>(node.index));
    std::vector<Expr> args;
    for (int arg : node.args) args.push_back(Write(arg));
    return composer_.builder().Copy(node, std::move(args));
  }

  // A number stands in the expression; other elements are those of an operand there is, or of a new Constant.
  Expr Number(const Coefficient& value) {
    if (IsAll(value, value[0])) return composer_.builder().Constant(value[0]);
    for (size_t i = 0; i < known_.size(); ++i) {
      if (known_[i] == value) return ReadOperand(i);
    }
    for (const auto& [old, constant] : constants_) {
      if (old == value) return composer_.Read(constant, space_.axes);
    }
    constants_.emplace_back(value, rewriter_.builder.Constant(ToLiteral(value, space_.sizes)));
    return composer_.Read(constants_.back().second, space_.axes);
  }

  Rewriter& rewriter_;
  const DetachedMap& map_;
  const KnownSpace& space_;
  std::vector<std::optional<Coefficient>> known_;
  std::vector<AffineForm> forms_;
  std::vector<std::optional<Expr>> written_;
  std::vector<std::pair<Coefficient, ValueId>> constants_;
  MapComposer composer_;
};

}  // namespace

core::Graph FoldMapConstants(const core::Graph& graph) {
  return Rewrite(graph, [&](Rewriter& rewriter, const core::Operation& operation) -> std::optional<ValueId> {
    const auto* before = std::get_if<Map>(&operation.op);
    if (before == nullptr) return std::nullopt;
    const core::Value& result = graph.Get(operation.Result());
    DetachedMap map{.map = *before, .operands = rewriter.New(operation.operands)};
    std::vector<KnownSpace> spaces;
    for (size_t i = 0; i < map.operands.size(); ++i) {
      const std::optional<KnownSpace> space = SpaceOf(rewriter.after, map.operands[i], map.map.axes[i]);
      if (space && std::ranges::find(spaces, *space) == spaces.end()) spaces.push_back(*space);
    }
    // Numbers alone.
    if (spaces.empty()) spaces.emplace_back();
    for (const KnownSpace& space : spaces) map = Rebuild(rewriter, map, space, result.extents).Run();
    return Append(rewriter.after, std::move(map.map), std::move(map.operands), result.extents, result.dtype,
                  operation.origin);
  });
}

}  // namespace strata::optimize
