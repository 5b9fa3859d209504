// The narrow core: a graph of a few primitive operations that every layer expands into. Their meaning is what
// core/interpreter.h computes; everything after `expand` (optimize, schedule, codegen) sees only these.
//
// Inside the core an axis is a position. Sizes are Dims. Data is row-major in the order of the axes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/shape/dim.h"
#include "compiler/shape/dtype.h"

namespace strata::core {

struct ValueId {
  int32_t index = -1;
  friend bool operator==(ValueId, ValueId) = default;
  friend auto operator<=>(ValueId, ValueId) = default;
};

using Extents = std::vector<Dim>;

// A constant's elements, row-major.
struct Literal {
  std::vector<int64_t> sizes;
  std::vector<float> data;
};

// ---- The operations. Operand numbers refer to Operation::operands. ----
//
// Each has one result but Group, which has as many as its body has outputs. Results have the dtype of their operands;
// Map alone may read several dtypes, and its result has the first operand's (f32 where it has none).

// An argument of the graph (or of a Group's body): number `index` of Graph::inputs. No operands.
struct Input {
  int index = 0;
};
// A layer's weight, known at compile time by its path ("conv2d/kernel"). No operands; the extents are numbers.
struct Weight {
  std::string path;
};
// Known elements. No operands; the extents are the literal's sizes.
struct Constant {
  std::shared_ptr<const Literal> literal;
};
// Product and sum: result[out] = sum over labels that are not in `out` of left[left] * right[right]. Each list gives
// the labels of an operand's (or the result's) axes; a label occurs at most once in each list, and each label of `out`
// in one of the others. Axes of one label have one size.
struct Contract {
  std::vector<int> left;
  std::vector<int> right;
  std::vector<int> out;
};
// Cross-correlation over the spatial axes. Operand 0: [batch, spatial..., in]; operand 1: [kernel spatial..., in /
// groups, out], all numbers; result: [batch, spatial..., out]:
//   result[n, o..., c] = sum over k..., i of input[n, o * stride + k * dilation - pad_low ..., g * in / groups + i] *
//                        kernel[k..., i, c], where group g = c / (out / groups) and elements outside the input are 0.
// A spatial extent is (extent + pad_low + pad_high - ((kernel - 1) * dilation + 1)) // stride + 1.
struct Convolve {
  struct Axis {
    int64_t stride = 1;
    int64_t dilation = 1;
    Dim pad_low;  // zeros before the first and after the last element
    Dim pad_high;
  };
  std::vector<Axis> axes;  // one for each spatial axis
  int64_t groups = 1;
};
// A reduction over sliding windows, with extents as for Convolve. Padding takes no part: Mean divides by the number of
// elements inside. The Sum of a window that lies in the padding is 0; for Max and Mean there must be none.
struct Window {
  enum class Kind { Max, Sum, Mean };
  struct Axis {
    int64_t size = 1;
    int64_t stride = 1;
    int64_t dilation = 1;
    Dim pad_low;
    Dim pad_high;
  };
  Kind kind = Kind::Max;
  std::vector<Axis> axes;  // one for each axis of the operand
};
// An elementwise expression over operands that broadcast to the result.
struct Map {
  enum class Function {
    Operand,   // element of operand `index`
    Constant,  // `value`
    Index,     // position along result axis `index`
    Add,
    Subtract,
    Multiply,
    Divide,
    Maximum,
    Minimum,  // a NaN on either side of Maximum and Minimum gives NaN
    Negate,
    Abs,
    Exp,
    Expm1,
    Log,
    Log1p,
    Sqrt,
    Rsqrt,
    Tanh,
    Sigmoid,
    Erf,
    Floor,
    Less,
    LessEqual,
    Equal,   // 1 or 0
    Select,  // args[0] != 0 ? args[1] : args[2]
  };
  struct Node {
    Function function;
    std::vector<int> args;  // earlier nodes
    int index = 0;
    double value = 0;
  };
  std::vector<Node> nodes;  // the last one is the result
  // For each operand, for each of its axes: the result axis it runs along (increasing). Its size there is the result's
  // or 1. A result axis along which no operand runs has size 1.
  std::vector<std::vector<int>> axes;
};
// Removes `axes` (increasing). Over no elements: Sum 0, Product 1, Max and Min the infinities, Mean NaN. Max and Min of
// elements with a NaN are NaN, in Window too.
struct Reduce {
  enum class Kind { Sum, Mean, Product, Max, Min };
  Kind kind = Kind::Sum;
  std::vector<int> axes;
};
// The same elements under other indices.
struct Transpose {
  std::vector<int> permutation;  // result axis i is operand axis permutation[i]
};
// The same number of elements in the same row-major order; the result's extents say the rest.
struct Reshape {};
// result[i...] = operand[begin + i * step ...]; the result's extents say where it ends.
struct Slice {
  std::vector<Dim> begins;     // for each axis
  std::vector<int64_t> steps;  // > 0
};
// Surrounds the operand with `value`: `low` elements before and `high` after it along each axis.
struct Pad {
  std::vector<Dim> low;
  std::vector<Dim> high;
  double value = 0;
};
// The operands (at least one) one after the other along `axis`; their other extents are equal.
struct Concat {
  int axis = 0;
};
struct Graph;
// A fused body, made only by `optimize`; it means what its body means with the operands as the body's inputs. A value
// of the body is numbered within the body; the graph's symbols hold there too.
struct Group {
  std::shared_ptr<const Graph> body;
};

using Op = std::variant<Input, Weight, Constant, Contract, Convolve, Window, Map, Reduce, Transpose, Reshape, Slice,
                        Pad, Concat, Group>;

struct Value {
  Extents extents;
  DType dtype = DType::F32;
  int32_t producer = -1;  // index into Graph::operations
};

struct Operation {
  Op op;
  std::vector<ValueId> operands;
  std::vector<ValueId> results;
  std::string origin;  // the layer it came from ("conv2d"), for prints, profiles and error texts

  ValueId Result() const { return results.front(); }
};

// Operations stand in an order in which each comes after what it reads. Each value is the result of one operation, each
// input the result of one Input. `symbols` holds every symbol that occurs in an extent.
struct Graph {
  std::vector<std::string> symbols;
  std::vector<Value> values;
  std::vector<Operation> operations;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;

  const Value& Get(ValueId id) const { return values[static_cast<size_t>(id.index)]; }
  const Operation& Producer(ValueId id) const { return operations[static_cast<size_t>(Get(id).producer)]; }
  // The operation that makes `id` if it is a T, else null.
  template <typename T>
  const T* ProducerAs(ValueId id) const {
    return std::get_if<T>(&Producer(id).op);
  }
};

// The operation's name as prints show it: "Convolve".
std::string_view Name(const Op& op);

// One operation a line, with all its attributes but those at their defaults, and where it came from:
//   %2: f32[batch, 8, 8, 16] = Convolve(%0, %1) pad=[1:1, 1:1]     # conv2d
//   %3: f32[batch, 8, 8, 16] = Map(%2) = max($0, 0)                # conv2d
// In a Map `$1` is the element of operand 1; `%4[0 3]` is an operand that runs along result axes 0 and 3 (otherwise its
// axes are the result's last ones). Of a constant of more than 8 elements the first ones are shown.
std::string Print(const Graph& graph);

// Fails a CHECK where the graph breaks a rule of this file: operand counts, ranks, extents, order, dtypes.
void Verify(const Graph& graph);

}  // namespace strata::core
