// The narrow core: a graph of a few primitive operations that every layer expands into. Their meaning is what
// core/interpreter.h computes; everything after `expand` (optimize, schedule, codegen) sees only these.
//
// Inside the core an axis is a position. Sizes are Dims. Data is row-major in the order of the axes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/shape/dim.h"
#include "compiler/shape/dtype.h"
#include "compiler/shape/facts.h"

namespace strata::core {

struct ValueId {
  int32_t index = -1;
  friend bool operator==(ValueId, ValueId) = default;
  friend auto operator<=>(ValueId, ValueId) = default;
};

using Extents = std::vector<Dim>;

// A constant's elements, row-major: those of f32, f16 and bf16 in `data`, of the other dtypes in `integers` (bool: 0 or
// 1). Each is a value of its dtype.
struct Literal {
  std::vector<int64_t> sizes;
  DType dtype = DType::F32;
  std::vector<float> data;
  std::vector<int64_t> integers;
};

// ---- The operations. Operand numbers refer to Operation::operands. ----
//
// Each has one result but Scan and Group, which have as many as their bodies have outputs. Operands have one dtype,
// which is the result's, where nothing else is said. f32 is exact here: compiled code may round after each function.

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
// Product and sum, of f32: result[out] = sum over labels that are not in `out` of left[left] * right[right]. Each list gives
// the labels of an operand's (or the result's) axes; a label occurs at most once in each list, and each label of `out`
// in one of the others. Axes of one label have one size.
struct Contract {
  std::vector<int> left;
  std::vector<int> right;
  std::vector<int> out;
};
// Cross-correlation over the spatial axes, of f32. Operand 0: [batch, spatial..., in]; operand 1: [kernel spatial..., in /
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
// A reduction over sliding windows of f32, with extents as for Convolve. Padding takes no part: Mean divides by the number of
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
// An elementwise expression over operands that broadcast to the result. Each node has a type, the last one's is the
// result's. The arguments of a function have one type, which is its own where nothing else is said.
//
// f16 and bf16 are rounded to nearest even after each function. Integers wrap (two's complement).
struct Map {
  enum class Function {
    // Without arguments, of any type.
    Operand,   // element of operand `index`, whose dtype is the type
    Constant,  // `value`, a value of the type
    Index,     // position along result axis `index`, converted as by Cast
    Size,      // the value of `size`, converted likewise; also an integer that no double is
    // Of numbers: every type but bool.
    Add,
    Subtract,
    Multiply,
    FloorDivide,  // as Python's //: rounded down. An integer divided by 0 is 0, a float what Divide gives
    Modulo,       // as Python's %: has the divisor's sign. An integer modulo 0 is 0, a float NaN
    Power,        // of integers, x ** -n is 1 // x ** n rounded towards 0; 0 ** -n is 0
    Negate,
    Abs,
    // Of floats.
    Divide,
    Exp,
    Expm1,
    Log,
    Log1p,
    Sqrt,
    Rsqrt,
    Sin,
    Cos,
    Tanh,
    Sigmoid,
    Erf,
    Floor,
    Ceil,
    Round,  // half to even
    // Of any type.
    Maximum,
    Minimum,  // a NaN on either side of Maximum and Minimum gives NaN
    Less,     // comparisons are bool
    LessEqual,
    Equal,
    NotEqual,
    Select,  // args[0], a bool, ? args[1] : args[2]
    // args[0], of any type, as the node's type. A float becomes an integer by truncation, saturated, and NaN 0; to bool
    // all is true but 0 (NaN is true); integers wrap.
    Cast,
    // Of bools.
    And,
    Or,
    Not,
  };
  struct Node {
    Function function;
    std::vector<int> args;  // earlier nodes
    int index = 0;
    double value = 0;  // of integers and bool: a whole number up to 2 ** 53
    DType type = DType::F32;
    Dim size;
  };
  std::vector<Node> nodes;  // the last one is the result
  // For each operand, for each of its axes: the result axis it runs along (increasing). Its size there is the result's
  // or 1. A result axis along which no operand runs has size 1.
  std::vector<std::vector<int>> axes;
};
// Removes `axes` (increasing). Over no elements: Sum 0, Product 1, Mean NaN, Max and Min the infinities or an integer's
// least and greatest value (bool: false and true), ArgMax and ArgMin 0. Max and Min of elements with a NaN are NaN, in
// Window too. f16 and bf16 are rounded once, integers wrap. Sum and Product are of numbers, Mean of floats.
struct Reduce {
  // ArgMax and ArgMin: over one axis, the position of the first of the largest or smallest elements, where a NaN is
  // larger and smaller than all others; i32.
  enum class Kind { Sum, Mean, Product, Max, Min, ArgMax, ArgMin };
  Kind kind = Kind::Sum;
  std::vector<int> axes;
};
// The running sum or product of numbers along an axis: each element combined with all before it. f16 and bf16 are
// rounded at each element from the exact value, integers wrap.
struct Prefix {
  enum class Kind { Sum, Product };
  Kind kind = Kind::Sum;
  int axis = 0;
};
// For each place along `axis`, which is not the last one, a window of its own. Operand 0: [..., in, ...]; operands 1 and 2:
// i32 [out], the `first` element of each window and the `count` of its elements, first >= 0, count >= 1 and first + count <=
// in; of Weighted operand 3: f32 [out, taps], no window of which is larger than `taps`. Result: [..., out, ...], with
//   result[..., o, ...] = of operand elements first[o] + t, t < count[o]: the maximum, the mean, or the sum with weights[o, t].
// Max is of any dtype, the others of f32.
struct Resample {
  enum class Kind { Max, Mean, Weighted };
  Kind kind = Kind::Weighted;
  int axis = 0;
};
// Rows of a table: operand 0 [rows, rest...], of any dtype; operand 1 [index...], i8, u8, i32 or i64; result
// [index..., rest...], of operand 0's dtype. The call fails with GatherError where an index is not in [0, rows).
struct Gather {};
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
  double value = 0;  // a value of the dtype; of integers and bool as in Map::Node
};
// The operands (at least one) one after the other along `axis`; their other extents are equal.
struct Concat {
  int axis = 0;
};
struct Graph;
// A loop over the steps along an axis of its sequences, of which there is at least one. Operands: `carries` initial
// carries, `sequences` sequences, and invariants. The body's inputs in this order: the carries, one step of each sequence
// (without its axis), the invariants; its outputs: the next carries, with the dtypes and extents of the first ones, and
// then what each step adds to the stacked results. Results: the final carries (the initial ones after no steps), and the
// stacked results, each with the axis result_axes[k] for the steps: what the step at position i of the sequences adds
// stands at position i, reversed or not. All sequences have one extent along their axes. The graph's symbols hold in
// the body, which has no guards and holds no Scan.
struct Scan {
  std::shared_ptr<const Graph> body;
  int carries = 0;
  int sequences = 0;
  std::vector<int> sequence_axes;  // for each sequence, among its operand's axes
  std::vector<int> result_axes;    // for each stacked result, among its own axes
  bool reverse = false;            // from the last position to the first
};
// A fused body, made only by `optimize`; it means what its body means with the operands as the body's inputs. A value
// of the body is numbered within the body; the graph's symbols hold there too.
struct Group {
  std::shared_ptr<const Graph> body;
};

using Op = std::variant<Input, Weight, Constant, Contract, Convolve, Window, Map, Reduce, Prefix, Resample, Gather,
                        Transpose, Reshape, Slice, Pad, Concat, Scan, Group>;

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

// What must hold of the symbols of a call; tested on entry, in order. Where one fails, so does the call, with GuardError.
struct Guard {
  enum class Test { Zero, NotNegative };
  Dim value;
  Test test = Test::Zero;
  std::string text;  // "Concatenate at unet.strata:31 needs H % 2 == 0, as MaxPooling2D at unet.strata:14 floors"
};

// Operations stand in an order in which each comes after what it reads. Each value is the result of one operation, each
// input the result of one Input. `symbols` holds every symbol that occurs in a Dim.
struct Graph {
  std::vector<std::string> symbols;
  std::vector<Value> values;
  std::vector<Operation> operations;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<Guard> guards;
  // What the guards leave to be: under it extents are equal that are not so for all values of the symbols. All extents but
  // those of inputs are simplified by it. Null: nothing is known.
  std::shared_ptr<const Facts> facts;

  Dim Simplified(const Dim& dim) const {
    return facts == nullptr || dim.Constant() || !dim.IsKnown() ? dim : facts->Simplify(dim);
  }
  bool AreEqual(const Dim& a, const Dim& b) const { return a == b || (facts != nullptr && facts->ProvesEqual(a, b)); }
  bool AreEqual(const Extents& a, const Extents& b) const {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!AreEqual(a[i], b[i])) return false;
    }
    return true;
  }

  const Value& Get(ValueId id) const { return values[static_cast<size_t>(id.index)]; }
  const Operation& Producer(ValueId id) const { return operations[static_cast<size_t>(Get(id).producer)]; }
  // The operation that makes `id` if it is a T, else null.
  template <typename T>
  const T* ProducerAs(ValueId id) const {
    return std::get_if<T>(&Producer(id).op);
  }
};

// The body of a Scan or Group; null for the others.
const Graph* BodyOf(const Op& op);

// The operation's name as prints show it: "Convolve".
std::string_view Name(const Op& op);

// The text of the error with which a call fails where an index of this Gather is outside its table of `rows` rows:
// "embedding: an index is not in 0 .. 19999".
std::string GatherError(std::string_view origin, const Dim& rows);
// The text of a failed guard, with the values of its symbols in this call: "H = 35: " and its own text.
std::string GuardError(const Guard& guard, const std::function<int64_t(std::string_view symbol)>& value);

// Guards first, one a line; then one operation a line, with all its attributes but those at their defaults, and where it came from:
//   %2: f32[batch, 8, 8, 16] = Convolve(%0, %1) pad=[1:1, 1:1]     # conv2d
//   %3: f32[batch, 8, 8, 16] = Map(%2) = max($0, 0)                # conv2d
// In a Map `$1` is the element of operand 1; `%4[0 3]` is an operand that runs along result axes 0 and 3 (otherwise its
// axes are the result's last ones); `i32($0)` is a Cast. Of a constant of more than 8 elements the first ones are shown.
std::string Print(const Graph& graph);

// Fails a CHECK where the graph breaks a rule of this file: operand counts, ranks, extents, order, dtypes.
void Verify(const Graph& graph);

}  // namespace strata::core
