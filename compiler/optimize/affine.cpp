#include "compiler/optimize/affine.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "compiler/core/map_function.h"
#include "compiler/source/check.h"

namespace strata::optimize {
namespace {

using core::Evaluate;
using core::Map;

double At(const Coefficient& coefficient, size_t index) {
  return coefficient.size() == 1 ? coefficient[0] : coefficient[index];
}

Coefficient Apply(Map::Function function, const Coefficient& a, const Coefficient& b = {0},
                  const Coefficient& c = {0}) {
  const size_t size = std::max({a.size(), b.size(), c.size()});
  Coefficient result(size);
  for (size_t i = 0; i < size; ++i) result[i] = Evaluate(function, At(a, i), At(b, i), At(c, i));
  return result;
}

AffineForm Known(Coefficient value) { return {.after = std::move(value)}; }

AffineForm Plus(AffineForm form, const Coefficient& term) {
  Coefficient& place = form.is_scaled ? form.after : form.before;
  place = Apply(Map::Function::Add, place, term);
  return form;
}

// By Multiply or Divide.
AffineForm Scaled(AffineForm form, Map::Function function, const Coefficient& factor) {
  form.scale = Apply(function, form.scale, factor);
  form.after = Apply(function, form.after, factor);
  form.is_scaled = true;
  return form;
}

AffineForm Negated(AffineForm form) { return Scaled(std::move(form), Map::Function::Multiply, {-1}); }

bool IsFinite(const AffineForm& form) {
  const auto is_finite = [](const Coefficient& coefficient) {
    return std::ranges::all_of(coefficient, [](double value) { return std::isfinite(static_cast<float>(value)); });
  };
  return is_finite(form.before) && is_finite(form.scale) && is_finite(form.after);
}

class Analysis {
 public:
  Analysis(const Map& map, const std::vector<std::optional<Coefficient>>& known) : map_(map), known_(known) {}

  std::vector<AffineForm> Run() {
    for (size_t i = 0; i < map_.nodes.size(); ++i) {
      AffineForm form = FormOf(map_.nodes[i], static_cast<int>(i));
      if (form.leaf != AffineForm::kKnown && !IsFinite(form)) form = {.leaf = static_cast<int>(i)};
      forms_.push_back(std::move(form));
    }
    return std::move(forms_);
  }

 private:
  AffineForm FormOf(const Map::Node& node, int number) const {
    using enum Map::Function;
    if (node.type != DType::F32) return {.leaf = number};
    if (node.function == Constant) return Known({node.value});
    if (node.function == Operand && known_[static_cast<size_t>(node.index)]) {
      return Known(*known_[static_cast<size_t>(node.index)]);
    }
    if (node.args.empty()) return {.leaf = number};
    const auto arg = [&](size_t i) -> const AffineForm& { return forms_[static_cast<size_t>(node.args[i])]; };
    const auto is_known = [&](size_t i) { return arg(i).leaf == AffineForm::kKnown; };
    std::vector<Coefficient> values(3, Coefficient{0});
    size_t known_count = 0;
    for (size_t i = 0; i < node.args.size(); ++i) {
      if (!is_known(i)) continue;
      values[i] = arg(i).after;
      ++known_count;
    }
    if (known_count == node.args.size()) return Known(Apply(node.function, values[0], values[1], values[2]));
    if (node.function == Negate) return Negated(arg(0));
    if (known_count != 1 || node.args.size() != 2) return {.leaf = number};
    if (node.function == Add) return is_known(0) ? Plus(arg(1), values[0]) : Plus(arg(0), values[1]);
    if (node.function == Subtract) {
      return is_known(0) ? Plus(Negated(arg(1)), values[0]) : Plus(arg(0), Apply(Negate, values[1]));
    }
    if (node.function == Multiply) {
      return is_known(0) ? Scaled(arg(1), Multiply, values[0]) : Scaled(arg(0), Multiply, values[1]);
    }
    if (node.function == Divide && is_known(1)) return Scaled(arg(0), Divide, values[1]);
    return {.leaf = number};
  }

  const Map& map_;
  const std::vector<std::optional<Coefficient>>& known_;
  std::vector<AffineForm> forms_;
};

}  // namespace

bool IsAll(const Coefficient& coefficient, double value) {
  return std::ranges::all_of(coefficient, [value](double element) { return element == value; });
}

std::vector<AffineForm> AffineForms(const Map& map, const std::vector<std::optional<Coefficient>>& known) {
  return Analysis(map, known).Run();
}

std::optional<KnownSpace> SpaceOf(const core::Graph& graph, core::ValueId operand, const std::vector<int>& axes) {
  const auto* constant = graph.ProducerAs<core::Constant>(operand);
  if (constant == nullptr || constant->literal->dtype != DType::F32) return std::nullopt;
  KnownSpace space;
  for (size_t i = 0; i < axes.size(); ++i) {
    if (constant->literal->sizes[i] == 0) return std::nullopt;
    if (constant->literal->sizes[i] == 1) continue;
    space.axes.push_back(axes[i]);
    space.sizes.push_back(constant->literal->sizes[i]);
  }
  return space;
}

Coefficient ElementsOf(const core::Graph& graph, core::ValueId constant) {
  const std::vector<float>& data = graph.ProducerAs<core::Constant>(constant)->literal->data;
  return {data.begin(), data.end()};
}

std::vector<std::optional<Coefficient>> KnownOperands(const core::Graph& graph, const Map& map,
                                                      const std::vector<core::ValueId>& operands,
                                                      const KnownSpace& space) {
  std::vector<std::optional<Coefficient>> known;
  for (size_t i = 0; i < operands.size(); ++i) {
    const std::optional<KnownSpace> own = SpaceOf(graph, operands[i], map.axes[i]);
    const bool is_known = own && (own->axes.empty() || *own == space);
    known.push_back(is_known ? std::optional(ElementsOf(graph, operands[i])) : std::nullopt);
  }
  return known;
}

core::Literal ToLiteral(const Coefficient& coefficient, std::vector<int64_t> sizes) {
  core::Literal literal{.sizes = std::move(sizes), .data = {}};
  for (double value : coefficient) literal.data.push_back(static_cast<float>(value));
  int64_t count = 1;
  for (int64_t size : literal.sizes) count *= size;
  // One number for all.
  if (literal.data.size() == 1) literal.data.assign(static_cast<size_t>(count), literal.data[0]);
  STRATA_CHECK(static_cast<int64_t>(literal.data.size()) == count);
  return literal;
}

}  // namespace strata::optimize
