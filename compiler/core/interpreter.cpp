#include "compiler/core/interpreter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "compiler/core/map_function.h"
#include "compiler/source/check.h"

namespace strata::core {
namespace {

using Sizes = std::vector<int64_t>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

int64_t Count(const Sizes& sizes) {
  int64_t count = 1;
  for (int64_t const size : sizes) count *= size;
  return count;
}

// Distance between neighbours along each axis.
Sizes Strides(const Sizes& sizes) {
  Sizes strides(sizes.size());
  int64_t stride = 1;
  for (size_t i = sizes.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= sizes[i];
  }
  return strides;
}

size_t At(int64_t index) { return static_cast<size_t>(index); }

// Calls body(index, offsets) for each index below `sizes`, the last axis fastest; offsets[i] is the inner product of
// the index and strides[i].
template <typename Body>
void ForEach(const Sizes& sizes, const std::vector<Sizes>& strides, Body body) {
  if (std::ranges::find(sizes, 0) != sizes.end()) return;
  Sizes index(sizes.size(), 0);
  Sizes offsets(strides.size(), 0);
  while (true) {
    body(std::as_const(index), std::as_const(offsets));
    size_t axis = sizes.size();
    while (axis > 0) {
      --axis;
      for (size_t i = 0; i < strides.size(); ++i) offsets[i] += strides[i][axis];
      if (++index[axis] < sizes[axis]) break;
      for (size_t i = 0; i < strides.size(); ++i) offsets[i] -= strides[i][axis] * sizes[axis];
      index[axis] = 0;
      if (axis == 0) return;
    }
    if (sizes.empty()) return;
  }
}

double Larger(double a, double b) { return Evaluate(Map::Function::Maximum, a, b, 0); }

class Interpreter {
 public:
  Interpreter(const Graph& graph, const std::vector<Array>& inputs, const Environment& environment)
      : graph_(graph), inputs_(inputs), environment_(environment), values_(graph.values.size()) {}

  // Stops where the call fails; then `error` is not empty.
  void Run() {
    STRATA_CHECK(inputs_.size() == graph_.inputs.size());
    for (const Guard& guard : graph_.guards) {
      const int64_t value = Resolve(guard.value);
      if (guard.test == Guard::Test::Zero ? value == 0 : value >= 0) continue;
      error_ = GuardError(guard, [&](std::string_view symbol) { return environment_.symbols.find(symbol)->second; });
      return;
    }
    for (const Operation& operation : graph_.operations) {
      operation_ = &operation;
      std::visit(*this, operation.op);
      if (!error_.empty()) return;
      for (ValueId const result : operation.results) {
        const Array& array = values_[At(result.index)];
        STRATA_CHECK(array.sizes == Resolve(graph_.Get(result).extents));
        STRATA_CHECK(array.dtype == graph_.Get(result).dtype);
        const int64_t count = Count(array.sizes);
        const bool is_float = IsFloat(array.dtype);
        STRATA_CHECK(static_cast<int64_t>(array.data.size()) == (is_float ? count : 0));
        STRATA_CHECK(static_cast<int64_t>(array.integers.size()) == (is_float ? 0 : count));
      }
    }
  }

  std::vector<Array> TakeValues() { return std::move(values_); }
  std::vector<Array> Outputs() const {
    std::vector<Array> outputs;
    for (ValueId const output : graph_.outputs) outputs.push_back(values_[At(output.index)]);
    return outputs;
  }
  const std::string& error() const { return error_; }

  void operator()(const Input& op) { Result() = inputs_[At(op.index)]; }

  void operator()(const Weight& op) { Result() = environment_.weight(op.path); }

  void operator()(const Constant& op) {
    Result() = {.sizes = op.literal->sizes,
                .data = {op.literal->data.begin(), op.literal->data.end()},
                .dtype = op.literal->dtype,
                .integers = op.literal->integers};
  }

  void operator()(const Contract& op) {
    Array& result = NewResult();
    // The axes of the loop: the result's, and within them those that are summed over.
    std::vector<int> summed;
    for (const std::vector<int>* labels : {&op.left, &op.right}) {
      for (int const label : *labels) {
        if (std::ranges::find(op.out, label) == op.out.end() && std::ranges::find(summed, label) == summed.end()) {
          summed.push_back(label);
        }
      }
    }
    Sizes summed_sizes;
    for (int const label : summed) {
      const size_t left = Position(op.left, label);
      summed_sizes.push_back(left < op.left.size() ? Operand(0).sizes[left]
                                                   : Operand(1).sizes[Position(op.right, label)]);
    }
    const std::vector<Sizes> outer = {Along(op.out, op.left, Operand(0)), Along(op.out, op.right, Operand(1))};
    const std::vector<Sizes> inner = {Along(summed, op.left, Operand(0)), Along(summed, op.right, Operand(1))};
    const std::vector<double>& left = Operand(0).data;
    const std::vector<double>& right = Operand(1).data;
    size_t next = 0;
    ForEach(result.sizes, outer, [&](const Sizes&, const Sizes& start) {
      double sum = 0;
      ForEach(summed_sizes, inner, [&](const Sizes&, const Sizes& step) {
        sum += left[At(start[0] + step[0])] * right[At(start[1] + step[1])];
      });
      result.data[next++] = sum;
    });
  }

  void operator()(const Convolve& op) {
    Array& result = NewResult();
    const Array& input = Operand(0);
    const Array& kernel = Operand(1);
    const size_t rank = op.axes.size();
    const Sizes input_strides = Strides(input.sizes);
    const Sizes kernel_strides = Strides(kernel.sizes);
    const Sizes places(result.sizes.begin(), result.sizes.end() - 1);  // batch and spatial
    const Sizes taps(kernel.sizes.begin(), kernel.sizes.end() - 2);
    const int64_t in = kernel.sizes[rank];
    const int64_t out = kernel.sizes[rank + 1];
    const int64_t group_out = out / op.groups;
    Sizes low;
    for (const Convolve::Axis& axis : op.axes) low.push_back(Resolve(axis.pad_low));
    double* row = result.data.data();
    ForEach(places, {}, [&](const Sizes& place, const Sizes&) {
      ForEach(taps, {}, [&](const Sizes& tap, const Sizes&) {
        int64_t from = place[0] * input_strides[0];
        int64_t weights = 0;
        for (size_t i = 0; i < rank; ++i) {
          const int64_t position = place[i + 1] * op.axes[i].stride + tap[i] * op.axes[i].dilation - low[i];
          if (position < 0 || position >= input.sizes[i + 1]) return;
          from += position * input_strides[i + 1];
          weights += tap[i] * kernel_strides[i];
        }
        for (int64_t group = 0; group < op.groups; ++group) {
          for (int64_t i = 0; i < in; ++i) {
            const double element = input.data[At(from + group * in + i)];
            const double* kernel_row = kernel.data.data() + weights + i * out;
            for (int64_t c = group * group_out; c < (group + 1) * group_out; ++c) row[c] += element * kernel_row[c];
          }
        }
      });
      row += out;
    });
  }

  void operator()(const Window& op) {
    Array& result = NewResult();
    const Array& input = Operand(0);
    const Sizes strides = Strides(input.sizes);
    Sizes window;
    Sizes low;
    for (const Window::Axis& axis : op.axes) {
      window.push_back(axis.size);
      low.push_back(Resolve(axis.pad_low));
    }
    size_t next = 0;
    ForEach(result.sizes, {}, [&](const Sizes& place, const Sizes&) {
      double value = op.kind == Window::Kind::Max ? -kInfinity : 0;
      int64_t inside = 0;
      ForEach(window, {}, [&](const Sizes& tap, const Sizes&) {
        int64_t from = 0;
        for (size_t i = 0; i < tap.size(); ++i) {
          const int64_t position = place[i] * op.axes[i].stride + tap[i] * op.axes[i].dilation - low[i];
          if (position < 0 || position >= input.sizes[i]) return;
          from += position * strides[i];
        }
        ++inside;
        const double element = input.data[At(from)];
        value = op.kind == Window::Kind::Max ? Larger(value, element) : value + element;
      });
      STRATA_CHECK(inside > 0 || op.kind == Window::Kind::Sum);
      if (op.kind == Window::Kind::Mean) value /= static_cast<double>(inside);
      result.data[next++] = value;
    });
  }

  void operator()(const Map& op) {
    Array& result = NewResult();
    std::vector<Sizes> strides;
    for (size_t operand = 0; operand < op.axes.size(); ++operand) {
      const Array& array = Operand(operand);
      const Sizes own = Strides(array.sizes);
      Sizes along(result.sizes.size(), 0);
      for (size_t i = 0; i < own.size(); ++i) {
        if (array.sizes[i] != 1) along[At(op.axes[operand][i])] = own[i];
      }
      strides.push_back(std::move(along));
    }
    std::vector<std::optional<Scalar>> known;  // the nodes that are the same everywhere
    for (const Map::Node& node : op.nodes) {
      const bool is_size = node.function == Map::Function::Size;
      known.push_back(is_size ? core::Cast(Scalar::Integer(Resolve(node.size), DType::I64), node.type) : ValueOf(node));
    }
    std::vector<Scalar> nodes(op.nodes.size());
    size_t next = 0;
    ForEach(result.sizes, strides, [&](const Sizes& index, const Sizes& offsets) {
      for (size_t i = 0; i < op.nodes.size(); ++i) {
        nodes[i] = known[i] ? *known[i] : NodeValue(op.nodes[i], nodes, index, offsets);
      }
      Set(result, next++, nodes.back());
    });
  }

  void operator()(const Reduce& op) {
    Array& result = NewResult();
    const Array& input = Operand(0);
    const Sizes strides = Strides(input.sizes);
    Sizes kept_strides;
    Sizes reduced_sizes;
    Sizes reduced_strides;
    for (size_t i = 0; i < strides.size(); ++i) {
      if (std::ranges::find(op.axes, static_cast<int>(i)) == op.axes.end()) {
        kept_strides.push_back(strides[i]);
      } else {
        reduced_sizes.push_back(input.sizes[i]);
        reduced_strides.push_back(strides[i]);
      }
    }
    const bool is_position = op.kind == Reduce::Kind::ArgMax || op.kind == Reduce::Kind::ArgMin;
    size_t next = 0;
    ForEach(result.sizes, {kept_strides}, [&](const Sizes&, const Sizes& start) {
      Scalar value = is_position ? Scalar() : Identity(op.kind, input.dtype);
      int64_t position = 0;
      int64_t best = 0;
      ForEach(reduced_sizes, {reduced_strides}, [&](const Sizes&, const Sizes& step) {
        const Scalar element = Get(input, start[0] + step[0]);
        if (!is_position) {
          value = Combine(op.kind, value, element);
        } else if (position == 0 || IsBeyond(op.kind, element, value)) {
          value = element;
          best = position;
        }
        ++position;
      });
      if (is_position) value = Scalar::Integer(best, DType::I32);
      if (op.kind == Reduce::Kind::Mean) value.real /= static_cast<double>(Count(reduced_sizes));
      Set(result, next++, core::Cast(value, result.dtype));
    });
  }

  void operator()(const Prefix& op) {
    Array& result = NewResult();
    const Array& input = Operand(0);
    const Reduce::Kind kind = op.kind == Prefix::Kind::Sum ? Reduce::Kind::Sum : Reduce::Kind::Product;
    Sizes starts = input.sizes;
    starts[At(op.axis)] = 1;
    const Sizes strides = Strides(input.sizes);
    ForEach(starts, {strides}, [&](const Sizes&, const Sizes& start) {
      Scalar value = Identity(kind, input.dtype);
      for (int64_t i = 0; i < input.sizes[At(op.axis)]; ++i) {
        const int64_t offset = start[0] + i * strides[At(op.axis)];
        value = Combine(kind, value, Get(input, offset));
        Set(result, At(offset), core::Cast(value, result.dtype));
      }
    });
  }

  void operator()(const Resample& op) {
    Array& result = NewResult();
    const Array& input = Operand(0);
    const Sizes strides = Strides(input.sizes);
    const int64_t along = strides[At(op.axis)];
    const bool is_weighted = op.kind == Resample::Kind::Weighted;
    const Reduce::Kind reduction = op.kind == Resample::Kind::Max ? Reduce::Kind::Max : Reduce::Kind::Sum;
    size_t next = 0;
    ForEach(result.sizes, {strides}, [&](const Sizes& place, const Sizes& offset) {
      const int64_t position = place[At(op.axis)];
      const int64_t first = Operand(1).integers[At(position)];
      const int64_t count = Operand(2).integers[At(position)];
      STRATA_CHECK(first >= 0 && count >= 1 && first + count <= input.sizes[At(op.axis)]);
      STRATA_CHECK(!is_weighted || count <= Operand(3).sizes[1]);
      const int64_t start = offset[0] + (first - position) * along;
      Scalar value = Identity(reduction, input.dtype);
      for (int64_t t = 0; t < count; ++t) {
        Scalar element = Get(input, start + t * along);
        if (is_weighted) element.real *= Operand(3).data[At(position * Operand(3).sizes[1] + t)];
        value = Combine(reduction, value, element);
      }
      if (op.kind == Resample::Kind::Mean) value.real /= static_cast<double>(count);
      Set(result, next++, core::Cast(value, result.dtype));
    });
  }

  void operator()(const Gather&) {
    Array& result = NewResult();
    const Array& table = Operand(0);
    const int64_t rows = table.sizes[0];
    const Sizes rest(table.sizes.begin() + 1, table.sizes.end());
    const int64_t row_size = Count(rest);
    int64_t next = 0;
    for (int64_t const index : Operand(1).integers) {
      if (index < 0 || index >= rows) {
        error_ = GatherError(operation_->origin, graph_.Get(operation_->operands[0]).extents[0]);
        return;
      }
      for (int64_t i = 0; i < row_size; ++i) Set(result, At(next++), Get(table, index * row_size + i));
    }
  }

  void operator()(const Transpose& op) {
    const Sizes own = Strides(Operand(0).sizes);
    Sizes strides;
    for (int const axis : op.permutation) strides.push_back(own[At(axis)]);
    CopyFrom(strides, 0);
  }

  void operator()(const Reshape&) {
    Sizes sizes = ResultSizes();
    Result() = Operand(0);
    Result().sizes = std::move(sizes);
  }

  void operator()(const Slice& op) {
    const Sizes sizes = ResultSizes();
    Sizes strides = Strides(Operand(0).sizes);
    int64_t first = 0;
    for (size_t i = 0; i < strides.size(); ++i) {
      const int64_t begin = Resolve(op.begins[i]);
      STRATA_CHECK(begin >= 0);
      STRATA_CHECK(sizes[i] == 0 || begin + (sizes[i] - 1) * op.steps[i] < Operand(0).sizes[i]);
      first += begin * strides[i];
      strides[i] *= op.steps[i];
    }
    CopyFrom(strides, first);
  }

  void operator()(const Pad& op) {
    Array& result = NewResult();
    const Scalar value = core::Cast(Scalar::Real(op.value), result.dtype);
    std::ranges::fill(result.data, value.real);
    std::ranges::fill(result.integers, value.integer);
    const Sizes strides = Strides(result.sizes);
    int64_t first = 0;
    for (size_t i = 0; i < strides.size(); ++i) first += Resolve(op.low[i]) * strides[i];
    CopyInto(result, Operand(0), strides, first);
  }

  void operator()(const Concat& op) {
    Array& result = NewResult();
    const Sizes strides = Strides(result.sizes);
    int64_t first = 0;
    for (size_t operand = 0; operand < operation_->operands.size(); ++operand) {
      CopyInto(result, Operand(operand), strides, first);
      first += Operand(operand).sizes[At(op.axis)] * strides[At(op.axis)];
    }
  }

  void operator()(const Scan& op) {
    const std::vector<ValueId>& operands = operation_->operands;
    const auto carries = static_cast<size_t>(op.carries);
    std::vector<Array> inputs;
    for (size_t i = 0; i < operands.size(); ++i) inputs.push_back(Operand(i));
    const int64_t steps = inputs[carries].sizes[At(op.sequence_axes[0])];
    std::vector<Array> stacked;
    for (size_t k = 0; k < op.result_axes.size(); ++k) stacked.push_back(NewArray(operation_->results[carries + k]));
    for (int64_t step = 0; step < steps; ++step) {
      const int64_t position = op.reverse ? steps - 1 - step : step;
      for (size_t k = 0; k < op.sequence_axes.size(); ++k) {
        inputs[carries + k] = StepOf(Operand(carries + k), At(op.sequence_axes[k]), position);
      }
      Interpreter body(*op.body, inputs, environment_);
      body.Run();
      error_ = body.error();
      if (!error_.empty()) return;
      std::vector<Array> outputs = body.Outputs();
      for (size_t i = 0; i < carries; ++i) inputs[i] = std::move(outputs[i]);
      for (size_t k = 0; k < stacked.size(); ++k) {
        const size_t axis = At(op.result_axes[k]);
        Sizes strides = Strides(stacked[k].sizes);
        const int64_t first = position * strides[axis];
        strides.erase(strides.begin() + op.result_axes[k]);
        CopyInto(stacked[k], outputs[carries + k], strides, first);
      }
    }
    for (size_t i = 0; i < operation_->results.size(); ++i) {
      values_[At(operation_->results[i].index)] = i < carries ? std::move(inputs[i]) : std::move(stacked[i - carries]);
    }
  }

  void operator()(const Group& op) {
    std::vector<Array> arguments;
    arguments.reserve(operation_->operands.size());
    for (size_t operand = 0; operand < operation_->operands.size(); ++operand) arguments.push_back(Operand(operand));
    Interpreter body(*op.body, arguments, environment_);
    body.Run();
    error_ = body.error();
    if (!error_.empty()) return;
    std::vector<Array> results = body.Outputs();
    for (size_t i = 0; i < results.size(); ++i) values_[At(operation_->results[i].index)] = std::move(results[i]);
  }

 private:
  const Array& Operand(size_t index) const { return values_[At(operation_->operands[index].index)]; }
  Array& Result() { return values_[At(operation_->Result().index)]; }
  Sizes ResultSizes() const { return Resolve(graph_.Get(operation_->Result()).extents); }

  // The result with its size, all 0.
  Array& NewResult() { return Result() = NewArray(operation_->Result()); }

  Array NewArray(ValueId value) const {
    Array array{.sizes = Resolve(graph_.Get(value).extents), .data = {}, .dtype = graph_.Get(value).dtype};
    const size_t count = At(Count(array.sizes));
    if (IsFloat(array.dtype)) {
      array.data.assign(count, 0);
    } else {
      array.integers.assign(count, 0);
    }
    return array;
  }

  static Scalar Get(const Array& array, int64_t offset) {
    return IsFloat(array.dtype) ? Scalar::Real(array.data[At(offset)], array.dtype)
                                : Scalar::Integer(array.integers[At(offset)], array.dtype);
  }

  static void Set(Array& array, size_t offset, const Scalar& value) {
    if (IsFloat(array.dtype)) {
      array.data[offset] = value.real;
    } else {
      array.integers[offset] = value.integer;
    }
  }

  // One position along an axis, without that axis.
  static Array StepOf(const Array& sequence, size_t axis, int64_t position) {
    const auto at = static_cast<std::ptrdiff_t>(axis);
    Sizes strides = Strides(sequence.sizes);
    const int64_t first = position * strides[axis];
    Array step{.sizes = sequence.sizes, .data = {}, .dtype = sequence.dtype};
    step.sizes.erase(step.sizes.begin() + at);
    strides.erase(strides.begin() + at);
    ForEach(step.sizes, {strides}, [&](const Sizes&, const Sizes& offset) {
      const Scalar value = Get(sequence, first + offset[0]);
      if (IsFloat(step.dtype)) {
        step.data.push_back(value.real);
      } else {
        step.integers.push_back(value.integer);
      }
    });
    return step;
  }

  int64_t Resolve(const Dim& dim) const {
    const auto value = dim.Evaluate([&](std::string_view name) -> std::optional<int64_t> {
      const auto found = environment_.symbols.find(name);
      if (found == environment_.symbols.end()) return std::nullopt;
      return found->second;
    });
    STRATA_CHECK(value.has_value());
    return *value;
  }

  Sizes Resolve(const Extents& extents) const {
    Sizes sizes;
    for (const Dim& extent : extents) {
      sizes.push_back(Resolve(extent));
      STRATA_CHECK(sizes.back() >= 0);
    }
    return sizes;
  }

  static size_t Position(const std::vector<int>& labels, int label) {
    return static_cast<size_t>(std::ranges::find(labels, label) - labels.begin());
  }

  // The array's strides along the axes `loop`, 0 where it has no such axis.
  static Sizes Along(const std::vector<int>& loop, const std::vector<int>& labels, const Array& array) {
    const Sizes own = Strides(array.sizes);
    Sizes strides;
    for (int const label : loop) {
      const size_t position = Position(labels, label);
      strides.push_back(position < own.size() ? own[position] : 0);
    }
    return strides;
  }

  // Reads the operand at `first` and with `strides` along the axes of the result.
  void CopyFrom(const Sizes& strides, int64_t first) {
    Array& result = NewResult();
    const Array& from = Operand(0);
    size_t next = 0;
    ForEach(result.sizes, {strides},
            [&](const Sizes&, const Sizes& offset) { Set(result, next++, Get(from, first + offset[0])); });
  }

  static void CopyInto(Array& result, const Array& from, const Sizes& strides, int64_t first) {
    int64_t next = 0;
    ForEach(from.sizes, {strides},
            [&](const Sizes&, const Sizes& offset) { Set(result, At(first + offset[0]), Get(from, next++)); });
  }

  Scalar NodeValue(const Map::Node& node, const std::vector<Scalar>& nodes, const Sizes& index,
                   const Sizes& offsets) const {
    if (node.function == Map::Function::Index) {
      return core::Cast(Scalar::Integer(index[At(node.index)], DType::I64), node.type);
    }
    if (node.function == Map::Function::Operand) return Get(Operand(At(node.index)), offsets[At(node.index)]);
    std::array<Scalar, 3> args;
    for (size_t i = 0; i < node.args.size(); ++i) args[i] = nodes[At(node.args[i])];
    return Evaluate(node.function, node.type, args);
  }

  // ---- Reductions: floats in float64, integers in their type ----

  static DType Accumulator(DType dtype) { return IsFloat(dtype) ? DType::F32 : dtype; }

  static Scalar Identity(Reduce::Kind kind, DType dtype) {
    const DType type = Accumulator(dtype);
    const auto number = [&](double value) { return core::Cast(Scalar::Real(value), type); };
    switch (kind) {
      case Reduce::Kind::Sum:
      case Reduce::Kind::Mean: return number(0);
      case Reduce::Kind::Product: return number(1);
      // Saturated to an integer's least and greatest.
      case Reduce::Kind::Max: return type == DType::Bool ? number(0) : number(-kInfinity);
      case Reduce::Kind::Min: return number(kInfinity);
      case Reduce::Kind::ArgMax:
      case Reduce::Kind::ArgMin: break;
    }
    STRATA_CHECK(false && "a kind that combines");
  }

  static Scalar Combine(Reduce::Kind kind, const Scalar& a, const Scalar& b) {
    const DType type = Accumulator(b.type);
    switch (kind) {
      case Reduce::Kind::Sum:
      case Reduce::Kind::Mean: return Evaluate(Map::Function::Add, type, {a, b});
      case Reduce::Kind::Product: return Evaluate(Map::Function::Multiply, type, {a, b});
      case Reduce::Kind::Max: return Evaluate(Map::Function::Maximum, type, {a, b});
      case Reduce::Kind::Min: return Evaluate(Map::Function::Minimum, type, {a, b});
      case Reduce::Kind::ArgMax:
      case Reduce::Kind::ArgMin: break;
    }
    STRATA_CHECK(false && "a kind that combines");
  }

  // Whether ArgMax or ArgMin prefers `element` to the best one so far.
  static bool IsBeyond(Reduce::Kind kind, const Scalar& element, const Scalar& best) {
    if (!IsFloat(element.type)) {
      return kind == Reduce::Kind::ArgMax ? element.integer > best.integer : element.integer < best.integer;
    }
    if (std::isnan(best.real)) return false;
    if (std::isnan(element.real)) return true;
    return kind == Reduce::Kind::ArgMax ? element.real > best.real : element.real < best.real;
  }

  const Graph& graph_;
  const std::vector<Array>& inputs_;
  const Environment& environment_;
  const Operation* operation_ = nullptr;  // the one under way
  std::vector<Array> values_;             // by ValueId
  std::string error_;
};

}  // namespace

std::vector<Array> InterpretAll(const Graph& graph, const std::vector<Array>& inputs, const Environment& environment) {
  Interpreter interpreter(graph, inputs, environment);
  interpreter.Run();
  STRATA_CHECK(interpreter.error().empty());
  return interpreter.TakeValues();
}

Outcome TryInterpret(const Graph& graph, const std::vector<Array>& inputs, const Environment& environment) {
  Interpreter interpreter(graph, inputs, environment);
  interpreter.Run();
  if (!interpreter.error().empty()) return {.outputs = {}, .error = interpreter.error()};
  return {.outputs = interpreter.Outputs(), .error = ""};
}

std::vector<Array> Interpret(const Graph& graph, const std::vector<Array>& inputs, const Environment& environment) {
  Outcome outcome = TryInterpret(graph, inputs, environment);
  STRATA_CHECK(outcome.error.empty());
  return std::move(outcome.outputs);
}

}  // namespace strata::core
