#include "compiler/core/infer.h"

#include <algorithm>
#include <functional>
#include <map>

#include "compiler/core/map_function.h"
#include "compiler/source/check.h"

namespace strata::core {
namespace {

bool IsIncreasingBelow(const std::vector<int>& numbers, size_t limit) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] < 0 || static_cast<size_t>(numbers[i]) >= limit) return false;
    if (i > 0 && numbers[i - 1] >= numbers[i]) return false;
  }
  return true;
}

bool IsPosition(Reduce::Kind kind) { return kind == Reduce::Kind::ArgMax || kind == Reduce::Kind::ArgMin; }

bool HasDuplicates(std::vector<int> numbers) {
  std::ranges::sort(numbers);
  return std::ranges::adjacent_find(numbers) != numbers.end();
}

// The number of places of a window along an axis.
Dim SlidingExtent(const Dim& extent, int64_t size, int64_t stride, int64_t dilation, const Dim& low, const Dim& high) {
  STRATA_CHECK(size > 0 && stride > 0 && dilation > 0);
  const Dim reach = (Dim(size) - 1) * dilation + 1;
  const Dim out = FloorDivide(extent + low + high - reach, stride) + 1;
  STRATA_CHECK(!out.Constant() || *out.Constant() >= 0);
  return out;
}

void CheckTypes(const Map& op, const Map::Node& node) {
  const FunctionInfo& info = InfoOf(node.function);
  const auto type_of = [&](size_t arg) { return op.nodes[static_cast<size_t>(node.args[arg])].type; };
  if (node.function == Map::Function::Constant && !IsFloat(node.type)) {
    // As an integer, the value is one of the type.
    const Scalar value = Scalar::Real(node.value);
    STRATA_CHECK(static_cast<double>(Cast(value, node.type).integer) == node.value);
  }
  if (node.args.empty() || node.function == Map::Function::Cast) return;
  const bool is_select = node.function == Map::Function::Select;
  STRATA_CHECK(!is_select || type_of(0) == DType::Bool);
  const DType type = type_of(node.args.size() - 1);
  for (size_t i = is_select ? 1 : 0; i < node.args.size(); ++i) STRATA_CHECK(type_of(i) == type);
  STRATA_CHECK(Contains(info.domain, type));
  STRATA_CHECK(node.type == (info.is_comparison ? DType::Bool : type));
}

struct Inference {
  const Graph& graph;
  const std::vector<ValueId>& operands;

  const Extents& Of(size_t operand) const { return graph.Get(operands[operand]).extents; }
  void Expect(size_t count) const { STRATA_CHECK(operands.size() == count); }
  bool Same(const Dim& a, const Dim& b) const { return graph.AreEqual(a, b); }
  bool Same(const Extents& a, const Extents& b) const { return graph.AreEqual(a, b); }

  using Results = std::optional<std::vector<Extents>>;

  Results operator()(const Input&) const {
    Expect(0);
    return std::nullopt;
  }
  Results operator()(const Weight& op) const {
    Expect(0);
    STRATA_CHECK(!op.path.empty());
    return std::nullopt;
  }
  Results operator()(const Constant& op) const {
    Expect(0);
    STRATA_CHECK(op.literal != nullptr);
    int64_t count = 1;
    for (int64_t const size : op.literal->sizes) {
      STRATA_CHECK(size >= 0);
      count *= size;
    }
    const bool is_float = IsFloat(op.literal->dtype);
    STRATA_CHECK(op.literal->data.size() == static_cast<size_t>(is_float ? count : 0));
    STRATA_CHECK(op.literal->integers.size() == static_cast<size_t>(is_float ? 0 : count));
    return {{Extents(op.literal->sizes.begin(), op.literal->sizes.end())}};
  }

  Results operator()(const Contract& op) const {
    Expect(2);
    STRATA_CHECK(op.left.size() == Of(0).size() && op.right.size() == Of(1).size());
    STRATA_CHECK(!HasDuplicates(op.left) && !HasDuplicates(op.right) && !HasDuplicates(op.out));
    std::map<int, Dim> sizes;
    for (size_t i = 0; i < op.left.size(); ++i) sizes.emplace(op.left[i], Of(0)[i]);
    for (size_t i = 0; i < op.right.size(); ++i) {
      const auto [entry, added] = sizes.emplace(op.right[i], Of(1)[i]);
      STRATA_CHECK(added || Same(entry->second, Of(1)[i]));
    }
    Extents out;
    for (int const label : op.out) {
      STRATA_CHECK(sizes.contains(label));
      out.push_back(sizes.at(label));
    }
    return {{out}};
  }

  Results operator()(const Convolve& op) const {
    Expect(2);
    const Extents& input = Of(0);
    const Extents& kernel = Of(1);
    const size_t rank = op.axes.size();
    STRATA_CHECK(rank > 0 && input.size() == rank + 2 && kernel.size() == rank + 2);
    STRATA_CHECK(std::ranges::all_of(kernel, [](const Dim& size) { return size.Constant().has_value(); }));
    const int64_t out_channels = *kernel[rank + 1].Constant();
    STRATA_CHECK(op.groups > 0 && out_channels % op.groups == 0);
    STRATA_CHECK(input[rank + 1] == kernel[rank] * Dim(op.groups));
    Extents out = {input[0]};
    for (size_t i = 0; i < rank; ++i) {
      const Convolve::Axis& axis = op.axes[i];
      out.push_back(
          SlidingExtent(input[i + 1], *kernel[i].Constant(), axis.stride, axis.dilation, axis.pad_low, axis.pad_high));
    }
    out.emplace_back(out_channels);
    return {{out}};
  }

  Results operator()(const Window& op) const {
    Expect(1);
    STRATA_CHECK(op.axes.size() == Of(0).size());
    Extents out;
    for (size_t i = 0; i < op.axes.size(); ++i) {
      const Window::Axis& axis = op.axes[i];
      out.push_back(SlidingExtent(Of(0)[i], axis.size, axis.stride, axis.dilation, axis.pad_low, axis.pad_high));
      if (op.kind == Window::Kind::Sum) continue;
      // No window begins or ends beyond the padding.
      const int64_t reach = (axis.size - 1) * axis.dilation;
      STRATA_CHECK(!axis.pad_low.Constant() || *axis.pad_low.Constant() <= reach);
      STRATA_CHECK(!axis.pad_high.Constant() || *axis.pad_high.Constant() <= reach);
    }
    return {{out}};
  }

  Results operator()(const Map& op) const {
    STRATA_CHECK(op.axes.size() == operands.size());
    STRATA_CHECK(!op.nodes.empty());
    // The builder knows the rank of the result only by the operands' axes and indices.
    size_t rank = 0;
    for (const std::vector<int>& axes : op.axes) {
      for (int const axis : axes) rank = std::max(rank, static_cast<size_t>(axis) + 1);
    }
    for (size_t i = 0; i < op.nodes.size(); ++i) {
      const Map::Node& node = op.nodes[i];
      STRATA_CHECK(node.args.size() == ArgumentCount(node.function));
      for (int const arg : node.args) STRATA_CHECK(arg >= 0 && static_cast<size_t>(arg) < i);
      CheckTypes(op, node);
      if (node.function == Map::Function::Operand) {
        STRATA_CHECK(node.index >= 0 && static_cast<size_t>(node.index) < operands.size());
        STRATA_CHECK(node.type == graph.Get(operands[static_cast<size_t>(node.index)]).dtype);
      }
      if (node.function == Map::Function::Index) {
        STRATA_CHECK(node.index >= 0);
        rank = std::max(rank, static_cast<size_t>(node.index) + 1);
      }
    }
    Extents out(rank, Dim(1));
    for (size_t operand = 0; operand < operands.size(); ++operand) {
      const std::vector<int>& axes = op.axes[operand];
      STRATA_CHECK(axes.size() == Of(operand).size() && IsIncreasingBelow(axes, rank));
      for (size_t i = 0; i < axes.size(); ++i) {
        Dim& extent = out[static_cast<size_t>(axes[i])];
        const Dim& size = Of(operand)[i];
        STRATA_CHECK(size.Is(1) || extent.Is(1) || Same(extent, size));
        if (extent.Is(1)) extent = size;
      }
    }
    return {{out}};
  }

  Results operator()(const Reduce& op) const {
    Expect(1);
    STRATA_CHECK(IsIncreasingBelow(op.axes, Of(0).size()));
    STRATA_CHECK(!IsPosition(op.kind) || op.axes.size() == 1);
    Extents out;
    for (size_t i = 0; i < Of(0).size(); ++i) {
      if (!std::ranges::binary_search(op.axes, static_cast<int>(i))) out.push_back(Of(0)[i]);
    }
    return {{out}};
  }

  Results operator()(const Prefix& op) const {
    Expect(1);
    STRATA_CHECK(op.axis >= 0 && static_cast<size_t>(op.axis) < Of(0).size());
    return {{Of(0)}};
  }

  Results operator()(const Resample& op) const {
    Expect(op.kind == Resample::Kind::Weighted ? 4 : 3);
    STRATA_CHECK(op.axis >= 0 && static_cast<size_t>(op.axis) + 1 < Of(0).size());
    STRATA_CHECK(Of(1).size() == 1 && Same(Of(1), Of(2)));
    STRATA_CHECK(operands.size() < 4 || (Of(3).size() == 2 && Same(Of(3)[0], Of(1)[0])));
    Extents out = Of(0);
    out[static_cast<size_t>(op.axis)] = Of(1)[0];
    return {{out}};
  }

  Results operator()(const Gather&) const {
    Expect(2);
    STRATA_CHECK(!Of(0).empty());
    Extents out = Of(1);
    out.insert(out.end(), Of(0).begin() + 1, Of(0).end());
    return {{out}};
  }

  Results operator()(const Transpose& op) const {
    Expect(1);
    std::vector<int> sorted = op.permutation;
    std::ranges::sort(sorted);
    STRATA_CHECK(sorted.size() == Of(0).size() && IsIncreasingBelow(sorted, sorted.size()));
    Extents out;
    for (int const axis : op.permutation) out.push_back(Of(0)[static_cast<size_t>(axis)]);
    return {{out}};
  }

  Results operator()(const Reshape&) const {
    Expect(1);
    return std::nullopt;
  }

  Results operator()(const Slice& op) const {
    Expect(1);
    STRATA_CHECK(op.begins.size() == Of(0).size() && op.steps.size() == Of(0).size());
    STRATA_CHECK(std::ranges::all_of(op.steps, [](int64_t step) { return step > 0; }));
    return std::nullopt;
  }

  Results operator()(const Pad& op) const {
    Expect(1);
    STRATA_CHECK(op.low.size() == Of(0).size() && op.high.size() == Of(0).size());
    Extents out;
    for (size_t i = 0; i < op.low.size(); ++i) {
      STRATA_CHECK(!op.low[i].Constant() || *op.low[i].Constant() >= 0);
      STRATA_CHECK(!op.high[i].Constant() || *op.high[i].Constant() >= 0);
      out.push_back(op.low[i] + Of(0)[i] + op.high[i]);
    }
    return {{out}};
  }

  Results operator()(const Concat& op) const {
    STRATA_CHECK(!operands.empty());
    Extents out = Of(0);
    STRATA_CHECK(op.axis >= 0 && static_cast<size_t>(op.axis) < out.size());
    for (size_t operand = 1; operand < operands.size(); ++operand) {
      STRATA_CHECK(Of(operand).size() == out.size());
      for (size_t i = 0; i < out.size(); ++i) {
        if (i == static_cast<size_t>(op.axis)) {
          out[i] += Of(operand)[i];
        } else {
          STRATA_CHECK(Same(out[i], Of(operand)[i]));
        }
      }
    }
    return {{out}};
  }

  Results operator()(const Scan& op) const {
    STRATA_CHECK(op.body != nullptr && op.body->inputs.size() == operands.size() && op.body->guards.empty());
    STRATA_CHECK(op.carries >= 0 && op.sequences > 0);
    const auto carries = static_cast<size_t>(op.carries);
    const auto sequences = static_cast<size_t>(op.sequences);
    STRATA_CHECK(carries + sequences <= operands.size() && carries <= op.body->outputs.size());
    STRATA_CHECK(op.sequence_axes.size() == sequences);
    STRATA_CHECK(op.result_axes.size() == op.body->outputs.size() - carries);
    Dim steps;
    for (size_t i = 0; i < operands.size(); ++i) {
      Extents expected = Of(i);
      if (i >= carries && i < carries + sequences) {
        const int axis = op.sequence_axes[i - carries];
        STRATA_CHECK(axis >= 0 && static_cast<size_t>(axis) < expected.size());
        if (i == carries) steps = expected[static_cast<size_t>(axis)];
        STRATA_CHECK(Same(expected[static_cast<size_t>(axis)], steps));
        expected.erase(expected.begin() + axis);
      }
      const Value& input = op.body->Get(op.body->inputs[i]);
      STRATA_CHECK(Same(input.extents, expected) && input.dtype == graph.Get(operands[i]).dtype);
    }
    std::vector<Extents> out;
    for (size_t i = 0; i < op.body->outputs.size(); ++i) {
      const Value& value = op.body->Get(op.body->outputs[i]);
      out.push_back(value.extents);
      if (i < carries) {
        STRATA_CHECK(Same(value.extents, Of(i)) && value.dtype == graph.Get(operands[i]).dtype);
        continue;
      }
      const int axis = op.result_axes[i - carries];
      STRATA_CHECK(axis >= 0 && static_cast<size_t>(axis) <= value.extents.size());
      out.back().insert(out.back().begin() + axis, steps);
    }
    return out;
  }

  Results operator()(const Group& op) const {
    STRATA_CHECK(op.body != nullptr && op.body->inputs.size() == operands.size());
    for (size_t i = 0; i < operands.size(); ++i) {
      STRATA_CHECK(Same(op.body->Get(op.body->inputs[i]).extents, Of(i)));
      STRATA_CHECK(op.body->Get(op.body->inputs[i]).dtype == graph.Get(operands[i]).dtype);
    }
    std::vector<Extents> out;
    for (ValueId const output : op.body->outputs) out.push_back(op.body->Get(output).extents);
    return out;
  }
};

// The dtype of result `index`.
struct TypeInference {
  const Graph& graph;
  const std::vector<ValueId>& operands;
  size_t index;

  DType Of(size_t operand) const { return graph.Get(operands[operand]).dtype; }

  using Result = std::optional<DType>;

  Result operator()(const Input&) const { return std::nullopt; }
  Result operator()(const Weight&) const { return std::nullopt; }
  Result operator()(const Constant& op) const { return op.literal->dtype; }
  Result operator()(const Map& op) const { return op.nodes.back().type; }
  Result operator()(const Reduce& op) const {
    switch (op.kind) {
      case Reduce::Kind::Sum:
      case Reduce::Kind::Product: STRATA_CHECK(Of(0) != DType::Bool); break;
      case Reduce::Kind::Mean: STRATA_CHECK(IsFloat(Of(0))); break;
      case Reduce::Kind::Max:
      case Reduce::Kind::Min: break;
      case Reduce::Kind::ArgMax:
      case Reduce::Kind::ArgMin: return DType::I32;
    }
    return Of(0);
  }
  Result operator()(const Prefix&) const {
    STRATA_CHECK(Of(0) != DType::Bool);
    return Of(0);
  }
  Result operator()(const Resample& op) const {
    STRATA_CHECK(Of(1) == DType::I32 && Of(2) == DType::I32);
    STRATA_CHECK(op.kind == Resample::Kind::Max || Of(0) == DType::F32);
    STRATA_CHECK(operands.size() < 4 || Of(3) == DType::F32);
    return Of(0);
  }
  Result operator()(const Gather&) const {
    STRATA_CHECK(!IsFloat(Of(1)) && Of(1) != DType::Bool);
    return Of(0);
  }
  Result operator()(const Contract&) const { return OnlyF32(); }
  Result operator()(const Convolve&) const { return OnlyF32(); }
  Result operator()(const Window&) const { return OnlyF32(); }
  Result operator()(const Transpose&) const { return Of(0); }
  Result operator()(const Reshape&) const { return Of(0); }
  Result operator()(const Slice&) const { return Of(0); }
  Result operator()(const Pad& op) const {
    if (!IsFloat(Of(0))) CheckTypes({}, {.function = Map::Function::Constant, .value = op.value, .type = Of(0)});
    return Of(0);
  }
  Result operator()(const Concat&) const {
    for (size_t i = 1; i < operands.size(); ++i) STRATA_CHECK(Of(i) == Of(0));
    return Of(0);
  }
  Result operator()(const Scan& op) const { return OutputOf(*op.body); }
  Result operator()(const Group& op) const { return OutputOf(*op.body); }

 private:
  Result OutputOf(const Graph& body) const { return body.Get(body.outputs[index]).dtype; }
  Result OnlyF32() const {
    for (size_t i = 0; i < operands.size(); ++i) STRATA_CHECK(Of(i) == DType::F32);
    return DType::F32;
  }
};

}  // namespace

std::optional<std::vector<Extents>> InferExtents(const Graph& graph, const Op& op,
                                                 const std::vector<ValueId>& operands) {
  auto results = std::visit(Inference{graph, operands}, op);
  if (!results) return results;
  for (Extents& extents : *results) {
    for (Dim& extent : extents) extent = graph.Simplified(extent);
  }
  return results;
}

std::optional<DType> InferDType(const Graph& graph, const Op& op, const std::vector<ValueId>& operands, size_t index) {
  return std::visit(TypeInference{graph, operands, index}, op);
}

}  // namespace strata::core
