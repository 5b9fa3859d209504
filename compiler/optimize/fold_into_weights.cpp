#include <algorithm>
#include <cmath>

#include "compiler/optimize/affine.h"
#include "compiler/optimize/map_composer.h"
#include "compiler/optimize/passes.h"
#include "compiler/optimize/rewrite.h"

namespace strata::optimize {
namespace {

using core::Operation;
using core::ValueId;

// Whether the last axis of an operation's kernel is the last axis of its result and no other operand has it.
bool HasOutputChannelsLast(const Operation& operation) {
  if (std::holds_alternative<core::Convolve>(operation.op)) return true;
  const auto* contract = std::get_if<core::Contract>(&operation.op);
  return contract != nullptr && !contract->right.empty() && !contract->out.empty() &&
         contract->right.back() == contract->out.back() &&
         std::ranges::find(contract->left, contract->out.back()) == contract->left.end();
}

// Whether the result reads `node` of the Map only by way of the later node `through`.
bool AllUsesPass(const core::Map& map, int node, int through) {
  std::vector<bool> needed(map.nodes.size(), false);
  needed.back() = true;
  for (size_t i = map.nodes.size(); i-- > 0;) {
    if (!needed[i] || static_cast<int>(i) == through) continue;
    for (int arg : map.nodes[i].args) needed[static_cast<size_t>(arg)] = true;
  }
  return !needed[static_cast<size_t>(node)];
}

int OperandNode(const core::Map& map, size_t operand) {
  const auto found = std::ranges::find_if(map.nodes, [&](const core::Map::Node& node) {
    return node.function == core::Map::Function::Operand && static_cast<size_t>(node.index) == operand;
  });
  return found == map.nodes.end() ? -1 : static_cast<int>(found - map.nodes.begin());
}

// The last node that is affine in operand `operand` and through which all of its uses pass.
std::optional<int> LargestAffine(const core::Map& map, const std::vector<AffineForm>& forms, size_t operand) {
  const int leaf = OperandNode(map, operand);
  if (leaf < 0) return std::nullopt;
  for (int node = static_cast<int>(forms.size()) - 1; node > leaf; --node) {
    if (forms[static_cast<size_t>(node)].leaf == leaf && AllUsesPass(map, leaf, node)) return node;
  }
  return std::nullopt;
}

// The kernel with each output channel, its last axis, scaled; nothing where that is too large for float32.
std::optional<core::Literal> Scaled(const core::Literal& kernel, const Coefficient& scale) {
  core::Literal scaled = kernel;
  const size_t channels = static_cast<size_t>(kernel.sizes.back());
  for (size_t i = 0; i < scaled.data.size(); ++i) {
    const double factor = scale.size() == 1 ? scale[0] : scale[i % channels];
    scaled.data[i] = static_cast<float>(kernel.data[i] * factor);
    if (!std::isfinite(scaled.data[i])) return std::nullopt;
  }
  return scaled;
}

// Folds into the kernel of operand `operand`, the result of `anchor`; gives whether it did.
bool Fold(Rewriter& rewriter, DetachedMap& map, size_t operand, const Operation& anchor, const Operation& operation) {
  if (!HasOutputChannelsLast(anchor)) return false;
  const core::Graph& after = rewriter.after;
  const auto* constant = after.ProducerAs<core::Constant>(anchor.operands[1]);
  if (constant == nullptr) return false;
  const int rank = static_cast<int>(after.Get(anchor.Result()).extents.size());
  const KnownSpace channels{.axes = {rank - 1}, .sizes = {constant->literal->sizes.back()}};
  const std::vector<AffineForm> forms = AffineForms(map.map, KnownOperands(after, map.map, map.operands, channels));
  const std::optional<int> folded = LargestAffine(map.map, forms, operand);
  if (!folded) return false;

  const AffineForm& form = forms[static_cast<size_t>(*folded)];
  std::shared_ptr<const core::Literal> kernel = constant->literal;
  if (!IsAll(form.scale, 1)) {
    std::optional<core::Literal> scaled = Scaled(*kernel, form.scale);
    if (!scaled) return false;
    kernel = std::make_shared<const core::Literal>(std::move(*scaled));
  }
  Coefficient bias(static_cast<size_t>(channels.sizes[0]));
  for (size_t i = 0; i < bias.size(); ++i) {
    const auto at = [i](const Coefficient& coefficient) {
      return coefficient.size() == 1 ? coefficient[0] : coefficient[i];
    };
    bias[i] = at(form.before) * at(form.scale) + at(form.after);
    if (!std::isfinite(static_cast<float>(bias[i]))) return false;
  }

  // A new Constant where the kernel changed: another operation may read the old one.
  const std::string origin = anchor.origin;
  std::vector<ValueId> operands = anchor.operands;
  if (kernel != constant->literal) {
    operands[1] = Append(rewriter.after, core::Constant{.literal = kernel}, {}, after.Get(operands[1]).extents,
                         DType::F32, origin);
  }
  const core::Value value = after.Get(anchor.Result());
  const ValueId scaled = Append(rewriter.after, core::Op(anchor.op), operands, value.extents, value.dtype, origin);

  MapComposer composer(after, rewriter.before.Get(operation.Result()).extents);
  const auto read = [&](size_t i) { return composer.Read(i == operand ? scaled : map.operands[i], map.map.axes[i]); };
  core::Expr replacement = read(operand);
  if (!IsAll(bias, 0)) {
    replacement =
        replacement + composer.Read(rewriter.builder.Constant(ToLiteral(bias, channels.sizes)), channels.axes);
  }
  map = composer.Finish(composer.Inline(map.map, read, {.node = *folded, .with = replacement}));
  return true;
}

}  // namespace

core::Graph FoldIntoWeights(const core::Graph& graph) {
  const Uses uses(graph);
  return Rewrite(graph, [&](Rewriter& rewriter, const Operation& operation) -> std::optional<ValueId> {
    const auto* before = std::get_if<core::Map>(&operation.op);
    if (before == nullptr) return std::nullopt;
    const core::Value& result = graph.Get(operation.Result());
    DetachedMap map{.map = *before, .operands = rewriter.New(operation.operands)};
    for (ValueId old : operation.operands) {
      if (!uses.IsSingle(old) || graph.Get(old).extents != result.extents) continue;
      const auto place = std::ranges::find(map.operands, rewriter.New(old));
      if (place == map.operands.end()) continue;
      const Operation anchor = rewriter.after.Producer(*place);
      Fold(rewriter, map, static_cast<size_t>(place - map.operands.begin()), anchor, operation);
    }
    // A Map that repeats its operand along an axis stays.
    if (map.IsIdentity() && rewriter.after.Get(map.operands[0]).extents == result.extents) {
      Operation& anchor = rewriter.after.operations[static_cast<size_t>(rewriter.after.Get(map.operands[0]).producer)];
      anchor.origin = JoinOrigins(anchor.origin, operation.origin);
      return map.operands[0];
    }
    return Append(rewriter.after, std::move(map.map), std::move(map.operands), result.extents, result.dtype,
                  operation.origin);
  });
}

}  // namespace strata::optimize
