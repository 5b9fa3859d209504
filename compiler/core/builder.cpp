#include "compiler/core/builder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "compiler/core/infer.h"
#include "compiler/core/map_function.h"
#include "compiler/source/check.h"

namespace strata::core {
namespace {

// Doubles hold all whole numbers up to this one.
constexpr int64_t kMostExact = int64_t{1} << 53;

// Constants by their bits: 0 and -0 are two.
bool IsSame(const Map::Node& a, const Map::Node& b) {
  return a.function == b.function && a.args == b.args && a.index == b.index &&
         std::bit_cast<uint64_t>(a.value) == std::bit_cast<uint64_t>(b.value) && a.type == b.type && a.size == b.size;
}

Expr Number(Expr beside, double value) { return beside.builder->Constant(value, beside.builder->TypeOf(beside)); }

}  // namespace

Expr MapBuilder::Share(Map::Node node) {
  const auto found = std::ranges::find_if(nodes_, [&](const Map::Node& other) { return IsSame(node, other); });
  const int index = static_cast<int>(found - nodes_.begin());
  if (found == nodes_.end()) nodes_.push_back(std::move(node));
  return {.builder = this, .node = index};
}

Expr MapBuilder::Operand(int index, DType type) {
  return Share({.function = Map::Function::Operand, .index = index, .type = type});
}

Expr MapBuilder::Constant(double value, DType type) {
  if (IsFloat(type)) value = RoundTo(type, value);
  return Share({.function = Map::Function::Constant, .value = value, .type = type});
}

Expr MapBuilder::Integer(int64_t value, DType type) {
  STRATA_CHECK(!IsFloat(type));
  if (value > kMostExact || value < -kMostExact) {
    return Share({.function = Map::Function::Size, .type = type, .size = value});
  }
  return Constant(static_cast<double>(value), type);
}

Expr MapBuilder::Index(int axis, DType type) {
  return Share({.function = Map::Function::Index, .index = axis, .type = type});
}

Expr MapBuilder::Size(const Dim& size, DType type) {
  if (const auto number = size.Constant()) return Number(core::Cast(Scalar::Integer(*number, DType::I64), type));
  return Share({.function = Map::Function::Size, .type = type, .size = size});
}

Expr MapBuilder::Number(const Scalar& value) {
  return IsFloat(value.type) ? Constant(value.real, value.type) : Integer(value.integer, value.type);
}

Expr MapBuilder::Make(Map::Function function, std::vector<Expr> args) {
  STRATA_CHECK(function != Map::Function::Cast && !args.empty() && args.size() == ArgumentCount(function));
  const bool is_comparison = InfoOf(function).is_comparison;
  return Add({.function = function, .type = is_comparison ? DType::Bool : TypeOf(args.back())}, args);
}

Expr MapBuilder::Cast(Expr value, DType type) {
  const Map::Node& node = nodes_[static_cast<size_t>(value.node)];
  if (node.type == type) return value;
  if (node.function == Map::Function::Cast) {
    const Expr inner{.builder = this, .node = node.args[0]};
    const DType from = TypeOf(inner);
    // By way of a float, an integer saturates where it would otherwise wrap.
    const bool saturates = !IsFloat(from) && IsFloat(node.type) && !IsFloat(type) && type != DType::Bool;
    if (IsExactCast(from, node.type) && (!saturates || IsExactCast(from, type))) return Cast(inner, type);
  }
  return Add({.function = Map::Function::Cast, .type = type}, {value});
}

Expr MapBuilder::Copy(const Map::Node& node, std::vector<Expr> args) {
  if (node.function == Map::Function::Cast) return Cast(args[0], node.type);
  if (!node.args.empty()) return Make(node.function, std::move(args));
  if (node.function == Map::Function::Size) return Size(node.size, node.type);
  return Share(node);
}

Expr MapBuilder::Add(Map::Node node, const std::vector<Expr>& args) {
  if (node.function == Map::Function::Select) {
    const std::optional<Scalar> condition = ValueOf(nodes_[static_cast<size_t>(args[0].node)]);
    if (condition) return condition->integer != 0 ? args[1] : args[2];
  }
  std::array<Scalar, 3> values;
  bool is_known = true;
  for (size_t i = 0; i < args.size(); ++i) {
    STRATA_CHECK(args[i].builder == this);
    const Map::Node& arg = nodes_[static_cast<size_t>(args[i].node)];
    const std::optional<Scalar> value = ValueOf(arg);
    is_known = is_known && value;
    if (value) values[i] = *value;
    node.args.push_back(args[i].node);
  }
  if (is_known) return Number(Evaluate(node.function, node.type, values));
  return Share(std::move(node));
}

std::vector<Map::Node> MapBuilder::Finish(Expr result) {
  STRATA_CHECK(result.builder == this);
  const size_t count = static_cast<size_t>(result.node) + 1;
  std::vector<bool> needed(count, false);
  needed.back() = true;
  for (size_t i = count; i-- > 0;) {
    if (!needed[i]) continue;
    for (int const arg : nodes_[i].args) needed[static_cast<size_t>(arg)] = true;
  }
  std::vector<int> renumbered(count, -1);
  std::vector<Map::Node> kept;
  for (size_t i = 0; i < count; ++i) {
    if (!needed[i]) continue;
    renumbered[i] = static_cast<int>(kept.size());
    kept.push_back(nodes_[i]);
    for (int& arg : kept.back().args) arg = renumbered[static_cast<size_t>(arg)];
  }
  return kept;
}

Expr operator+(Expr a, Expr b) { return a.builder->Make(Map::Function::Add, {a, b}); }
Expr operator-(Expr a, Expr b) { return a.builder->Make(Map::Function::Subtract, {a, b}); }
Expr operator*(Expr a, Expr b) { return a.builder->Make(Map::Function::Multiply, {a, b}); }
Expr operator/(Expr a, Expr b) { return a.builder->Make(Map::Function::Divide, {a, b}); }
Expr operator-(Expr a) { return Apply(Map::Function::Negate, a); }
Expr operator+(Expr a, double b) { return a + Number(a, b); }
Expr operator-(Expr a, double b) { return a - Number(a, b); }
Expr operator*(Expr a, double b) { return a * Number(a, b); }
Expr operator/(Expr a, double b) { return a / Number(a, b); }
Expr operator+(double a, Expr b) { return Number(b, a) + b; }
Expr operator-(double a, Expr b) { return Number(b, a) - b; }
Expr operator*(double a, Expr b) { return Number(b, a) * b; }
Expr operator/(double a, Expr b) { return Number(b, a) / b; }
Expr Maximum(Expr a, Expr b) { return a.builder->Make(Map::Function::Maximum, {a, b}); }
Expr Minimum(Expr a, Expr b) { return a.builder->Make(Map::Function::Minimum, {a, b}); }
Expr Maximum(Expr a, double b) { return Maximum(a, Number(a, b)); }
Expr Minimum(Expr a, double b) { return Minimum(a, Number(a, b)); }
Expr Apply(Map::Function function, Expr a) { return a.builder->Make(function, {a}); }
Expr Less(Expr a, Expr b) { return a.builder->Make(Map::Function::Less, {a, b}); }
Expr LessEqual(Expr a, Expr b) { return a.builder->Make(Map::Function::LessEqual, {a, b}); }
Expr Equal(Expr a, Expr b) { return a.builder->Make(Map::Function::Equal, {a, b}); }
Expr NotEqual(Expr a, Expr b) { return a.builder->Make(Map::Function::NotEqual, {a, b}); }
Expr FloorDivide(Expr a, Expr b) { return a.builder->Make(Map::Function::FloorDivide, {a, b}); }
Expr Modulo(Expr a, Expr b) { return a.builder->Make(Map::Function::Modulo, {a, b}); }
Expr Power(Expr a, Expr b) { return a.builder->Make(Map::Function::Power, {a, b}); }
Expr And(Expr a, Expr b) { return a.builder->Make(Map::Function::And, {a, b}); }
Expr Or(Expr a, Expr b) { return a.builder->Make(Map::Function::Or, {a, b}); }
Expr Not(Expr a) { return Apply(Map::Function::Not, a); }
Expr Cast(Expr value, DType type) { return value.builder->Cast(value, type); }
Expr Select(Expr condition, Expr then, Expr otherwise) {
  return condition.builder->Make(Map::Function::Select, {condition, then, otherwise});
}

ValueId Builder::Append(Op op, std::vector<ValueId> operands, Extents extents, DType dtype) {
  const ValueId result{static_cast<int32_t>(graph_.values.size())};
  graph_.values.push_back(
      {.extents = std::move(extents), .dtype = dtype, .producer = static_cast<int32_t>(graph_.operations.size())});
  graph_.operations.push_back(
      {.op = std::move(op), .operands = std::move(operands), .results = {result}, .origin = origin_});
  return result;
}

ValueId Builder::AppendInferred(Op op, std::vector<ValueId> operands) {
  auto extents = InferExtents(graph_, op, operands);
  const auto dtype = InferDType(graph_, op, operands, 0);
  STRATA_CHECK(extents && extents->size() == 1 && dtype);
  return Append(std::move(op), std::move(operands), std::move(extents->front()), *dtype);
}

ValueId Builder::Input(Extents extents, DType dtype) {
  for (const Dim& extent : extents) {
    for (const std::string& symbol : extent.Symbols()) {
      if (std::ranges::find(graph_.symbols, symbol) == graph_.symbols.end()) graph_.symbols.push_back(symbol);
    }
  }
  const int index = static_cast<int>(graph_.inputs.size());
  const ValueId result = Append(core::Input{.index = index}, {}, std::move(extents), dtype);
  graph_.inputs.push_back(result);
  return result;
}

ValueId Builder::Weight(std::string path, std::vector<int64_t> sizes) {
  return Append(core::Weight{.path = std::move(path)}, {}, Extents(sizes.begin(), sizes.end()), DType::F32);
}

ValueId Builder::Constant(Literal literal) {
  return AppendInferred(core::Constant{.literal = std::make_shared<const Literal>(std::move(literal))}, {});
}

ValueId Builder::Contract(ValueId left, ValueId right, core::Contract op) {
  return AppendInferred(std::move(op), {left, right});
}

ValueId Builder::Convolve(ValueId input, ValueId kernel, core::Convolve op) {
  return AppendInferred(std::move(op), {input, kernel});
}

ValueId Builder::Window(ValueId input, core::Window op) { return AppendInferred(std::move(op), {input}); }

ValueId Builder::Map(std::vector<ValueId> operands, Expr result) {
  size_t rank = 0;
  for (ValueId const operand : operands) rank = std::max(rank, ExtentsOf(operand).size());
  std::vector<std::vector<int>> axes;
  for (ValueId const operand : operands) {
    axes.emplace_back(ExtentsOf(operand).size());
    std::iota(axes.back().begin(), axes.back().end(), static_cast<int>(rank - axes.back().size()));
  }
  return Map(std::move(operands), std::move(axes), rank, result);
}

ValueId Builder::Map(std::vector<ValueId> operands, std::vector<std::vector<int>> axes, size_t rank, Expr result) {
  core::Map op{.nodes = result.builder->Finish(result), .axes = std::move(axes)};
  auto extents = InferExtents(graph_, op, operands);
  const auto dtype = InferDType(graph_, op, operands, 0);
  STRATA_CHECK(extents && extents->front().size() <= rank && dtype);
  extents->front().resize(rank, Dim(1));
  return Append(std::move(op), std::move(operands), std::move(extents->front()), *dtype);
}

ValueId Builder::Reduce(ValueId input, core::Reduce::Kind kind, std::vector<int> axes) {
  return AppendInferred(core::Reduce{.kind = kind, .axes = std::move(axes)}, {input});
}

ValueId Builder::Cast(ValueId input, DType dtype) {
  if (TypeOf(input) == dtype) return input;
  MapBuilder map;
  return Map({input}, map.Cast(map.Operand(0, TypeOf(input)), dtype));
}

ValueId Builder::Prefix(ValueId input, core::Prefix::Kind kind, int axis) {
  return AppendInferred(core::Prefix{.kind = kind, .axis = axis}, {input});
}

ValueId Builder::Resample(std::vector<ValueId> operands, core::Resample op) {
  return AppendInferred(op, std::move(operands));
}

ValueId Builder::Gather(ValueId table, ValueId indices) { return AppendInferred(core::Gather{}, {table, indices}); }

ValueId Builder::Transpose(ValueId input, std::vector<int> permutation) {
  STRATA_CHECK(permutation.size() == ExtentsOf(input).size());
  if (std::ranges::is_sorted(permutation)) return input;
  return AppendInferred(core::Transpose{.permutation = std::move(permutation)}, {input});
}

ValueId Builder::Reshape(ValueId input, Extents extents) {
  if (extents == ExtentsOf(input)) return input;
  for (Dim& extent : extents) extent = graph_.Simplified(extent);
  return Append(core::Reshape{}, {input}, std::move(extents), graph_.Get(input).dtype);
}

ValueId Builder::Slice(ValueId input, std::vector<Dim> begins, Extents extents, std::vector<int64_t> steps) {
  for (Dim& extent : extents) extent = graph_.Simplified(extent);
  return Append(core::Slice{.begins = std::move(begins), .steps = std::move(steps)}, {input}, std::move(extents),
                graph_.Get(input).dtype);
}

ValueId Builder::Pad(ValueId input, std::vector<Dim> low, std::vector<Dim> high, double value) {
  return AppendInferred(core::Pad{.low = std::move(low), .high = std::move(high), .value = value}, {input});
}

ValueId Builder::Concat(std::vector<ValueId> inputs, int axis) {
  return AppendInferred(core::Concat{.axis = axis}, std::move(inputs));
}

std::vector<ValueId> Builder::Scan(std::vector<ValueId> operands, core::Scan op) {
  const Op scan = std::move(op);
  const auto extents = InferExtents(graph_, scan, operands);
  std::vector<ValueId> results;
  for (size_t i = 0; i < extents->size(); ++i) {
    results.push_back({static_cast<int32_t>(graph_.values.size())});
    graph_.values.push_back({.extents = (*extents)[i],
                             .dtype = *InferDType(graph_, scan, operands, i),
                             .producer = static_cast<int32_t>(graph_.operations.size())});
  }
  graph_.operations.push_back({.op = scan, .operands = std::move(operands), .results = results, .origin = origin_});
  return results;
}

void Builder::Guard(core::Guard guard) { graph_.guards.push_back(std::move(guard)); }

ValueId Builder::Group(std::vector<ValueId> operands, std::shared_ptr<const Graph> body) {
  return AppendInferred(core::Group{.body = std::move(body)}, std::move(operands));
}

}  // namespace strata::core
