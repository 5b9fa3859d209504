#include "compiler/core/interpreter.h"

#include <algorithm>
#include <cmath>
#include <limits>
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
double Smaller(double a, double b) { return Evaluate(Map::Function::Minimum, a, b, 0); }

class Interpreter {
 public:
  Interpreter(const Graph& graph, const std::vector<Array>& inputs, const Environment& environment)
      : graph_(graph), inputs_(inputs), environment_(environment), values_(graph.values.size()) {}

  std::vector<Array> Run() {
    STRATA_CHECK(inputs_.size() == graph_.inputs.size());
    for (const Operation& operation : graph_.operations) {
      operation_ = &operation;
      std::visit(*this, operation.op);
      for (ValueId const result : operation.results) {
        const Array& array = values_[At(result.index)];
        STRATA_CHECK(array.sizes == Resolve(graph_.Get(result).extents));
        STRATA_CHECK(static_cast<int64_t>(array.data.size()) == Count(array.sizes));
      }
    }
    return std::move(values_);
  }

  void operator()(const Input& op) { Result() = inputs_[At(op.index)]; }

  void operator()(const Weight& op) { Result() = environment_.weight(op.path); }

  void operator()(const Constant& op) {
    Result() = {.sizes = op.literal->sizes, .data = {op.literal->data.begin(), op.literal->data.end()}};
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
    std::vector<double> nodes(op.nodes.size());
    size_t next = 0;
    ForEach(result.sizes, strides, [&](const Sizes& index, const Sizes& offsets) {
      for (size_t i = 0; i < op.nodes.size(); ++i) nodes[i] = ValueOf(op.nodes[i], nodes, index, offsets);
      result.data[next++] = nodes.back();
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
    size_t next = 0;
    ForEach(result.sizes, {kept_strides}, [&](const Sizes&, const Sizes& start) {
      double value = Identity(op.kind);
      ForEach(reduced_sizes, {reduced_strides}, [&](const Sizes&, const Sizes& step) {
        value = Combine(op.kind, value, input.data[At(start[0] + step[0])]);
      });
      if (op.kind == Reduce::Kind::Mean) value /= static_cast<double>(Count(reduced_sizes));
      result.data[next++] = value;
    });
  }

  void operator()(const Transpose& op) {
    const Sizes own = Strides(Operand(0).sizes);
    Sizes strides;
    for (int const axis : op.permutation) strides.push_back(own[At(axis)]);
    CopyFrom(strides, 0);
  }

  void operator()(const Reshape&) { Result() = {.sizes = ResultSizes(), .data = Operand(0).data}; }

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
    std::ranges::fill(result.data, op.value);
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

  void operator()(const Prefix&) { STRATA_CHECK(false && "not built"); }
  void operator()(const Gather&) { STRATA_CHECK(false && "not built"); }
  void operator()(const Scan&) { STRATA_CHECK(false && "not built"); }

  void operator()(const Group& op) {
    std::vector<Array> arguments;
    arguments.reserve(operation_->operands.size());
    for (size_t operand = 0; operand < operation_->operands.size(); ++operand) arguments.push_back(Operand(operand));
    std::vector<Array> results = Interpret(*op.body, arguments, environment_);
    for (size_t i = 0; i < results.size(); ++i) values_[At(operation_->results[i].index)] = std::move(results[i]);
  }

 private:
  const Array& Operand(size_t index) const { return values_[At(operation_->operands[index].index)]; }
  Array& Result() { return values_[At(operation_->Result().index)]; }
  Sizes ResultSizes() const { return Resolve(graph_.Get(operation_->Result()).extents); }

  // The result with its size, all 0.
  Array& NewResult() {
    Array& result = Result();
    result.sizes = ResultSizes();
    result.data.assign(At(Count(result.sizes)), 0);
    return result;
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
    const std::vector<double>& data = Operand(0).data;
    size_t next = 0;
    ForEach(result.sizes, {strides},
            [&](const Sizes&, const Sizes& offset) { result.data[next++] = data[At(first + offset[0])]; });
  }

  static void CopyInto(Array& result, const Array& from, const Sizes& strides, int64_t first) {
    size_t next = 0;
    ForEach(from.sizes, {strides},
            [&](const Sizes&, const Sizes& offset) { result.data[At(first + offset[0])] = from.data[next++]; });
  }

  double ValueOf(const Map::Node& node, const std::vector<double>& nodes, const Sizes& index,
                 const Sizes& offsets) const {
    if (node.function == Map::Function::Constant) return node.value;
    if (node.function == Map::Function::Index) return static_cast<double>(index[At(node.index)]);
    if (node.function == Map::Function::Operand) return Operand(At(node.index)).data[At(offsets[At(node.index)])];
    double args[3] = {};
    for (size_t i = 0; i < node.args.size(); ++i) args[i] = nodes[At(node.args[i])];
    return Evaluate(node.function, args[0], args[1], args[2]);
  }

  static double Identity(Reduce::Kind kind) {
    switch (kind) {
      case Reduce::Kind::Sum:
      case Reduce::Kind::Mean: return 0;
      case Reduce::Kind::Product: return 1;
      case Reduce::Kind::Max: return -kInfinity;
      case Reduce::Kind::Min: return kInfinity;
      case Reduce::Kind::ArgMax:
      case Reduce::Kind::ArgMin: break;
    }
    STRATA_CHECK(false && "a Reduce::Kind");
  }

  static double Combine(Reduce::Kind kind, double a, double b) {
    switch (kind) {
      case Reduce::Kind::Sum:
      case Reduce::Kind::Mean: return a + b;
      case Reduce::Kind::Product: return a * b;
      case Reduce::Kind::Max: return Larger(a, b);
      case Reduce::Kind::Min: return Smaller(a, b);
      case Reduce::Kind::ArgMax:
      case Reduce::Kind::ArgMin: break;
    }
    STRATA_CHECK(false && "a Reduce::Kind");
  }

  const Graph& graph_;
  const std::vector<Array>& inputs_;
  const Environment& environment_;
  const Operation* operation_ = nullptr;  // the one under way
  std::vector<Array> values_;             // by ValueId
};

}  // namespace

std::vector<Array> InterpretAll(const Graph& graph, const std::vector<Array>& inputs, const Environment& environment) {
  return Interpreter(graph, inputs, environment).Run();
}

Outcome TryInterpret(const Graph& graph, const std::vector<Array>& inputs, const Environment& environment) {
  return {.outputs = Interpret(graph, inputs, environment), .error = ""};
}

std::vector<Array> Interpret(const Graph& graph, const std::vector<Array>& inputs, const Environment& environment) {
  const std::vector<Array> values = InterpretAll(graph, inputs, environment);
  std::vector<Array> outputs;
  outputs.reserve(graph.outputs.size());
  for (ValueId const output : graph.outputs) outputs.push_back(values[At(output.index)]);
  return outputs;
}

}  // namespace strata::core
