// Appends operations to a graph and infers the extents of their results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/core/graph.h"

namespace strata::core {

// An elementwise expression under construction: `Expr x = map.Operand(0); Expr y = Exp(-x) + 1.0;`. A number beside an
// expression has its type.
class MapBuilder;
struct Scalar;
struct Expr {
  MapBuilder* builder = nullptr;
  int node = -1;
};
class MapBuilder {
 public:
  Expr Operand(int index, DType type = DType::F32);
  // Rounded to a float type; of an integer type or bool, a value of it.
  Expr Constant(double value, DType type = DType::F32);
  Expr Integer(int64_t value, DType type);  // exactly
  Expr Index(int axis, DType type = DType::F32);
  Expr Size(const Dim& size, DType type);
  // Equal nodes become one; a function of constants becomes a constant. Not for Cast.
  Expr Make(Map::Function function, std::vector<Expr> args);
  // The value itself where it has that type; of a cast without effect on the result, a cast of what that reads.
  Expr Cast(Expr value, DType type);
  // A node of another Map, its arguments being `args` here.
  Expr Copy(const Map::Node& node, std::vector<Expr> args);
  DType TypeOf(Expr expr) const { return nodes_[static_cast<size_t>(expr.node)].type; }
  std::vector<Map::Node> Finish(Expr result);  // keeps what the result needs, the result last

 private:
  Expr Share(Map::Node node);
  Expr Number(const Scalar& value);
  // Of a function with arguments.
  Expr Add(Map::Node node, const std::vector<Expr>& args);

  std::vector<Map::Node> nodes_;
};
Expr operator+(Expr a, Expr b);
Expr operator-(Expr a, Expr b);
Expr operator*(Expr a, Expr b);
Expr operator/(Expr a, Expr b);
Expr operator-(Expr a);
Expr operator+(Expr a, double b);
Expr operator-(Expr a, double b);
Expr operator*(Expr a, double b);
Expr operator/(Expr a, double b);
Expr operator+(double a, Expr b);
Expr operator-(double a, Expr b);
Expr operator*(double a, Expr b);
Expr operator/(double a, Expr b);
Expr Maximum(Expr a, Expr b);
Expr Minimum(Expr a, Expr b);
Expr Maximum(Expr a, double b);
Expr Minimum(Expr a, double b);
Expr Apply(Map::Function function, Expr a);  // the functions of one argument
Expr Less(Expr a, Expr b);
Expr LessEqual(Expr a, Expr b);
Expr Equal(Expr a, Expr b);
Expr NotEqual(Expr a, Expr b);
Expr FloorDivide(Expr a, Expr b);
Expr Modulo(Expr a, Expr b);
Expr Power(Expr a, Expr b);
Expr And(Expr a, Expr b);
Expr Or(Expr a, Expr b);
Expr Not(Expr a);
Expr Cast(Expr value, DType type);
Expr Select(Expr condition, Expr then, Expr otherwise);

class Builder {
 public:
  explicit Builder(Graph& graph) : graph_(graph) {}

  // What following operations carry as their origin.
  void SetOrigin(std::string origin) { origin_ = std::move(origin); }

  // The next input of the graph. Its symbols join the graph's.
  ValueId Input(Extents extents, DType dtype = DType::F32);
  ValueId Weight(std::string path, std::vector<int64_t> sizes);
  ValueId Constant(Literal literal);
  ValueId Contract(ValueId left, ValueId right, core::Contract op);
  ValueId Convolve(ValueId input, ValueId kernel, core::Convolve op);
  ValueId Window(ValueId input, core::Window op);
  // Operands align their last axes with the result's, as NumPy broadcasts.
  ValueId Map(std::vector<ValueId> operands, Expr result);
  // `axes` as in core::Map; the result has `rank` axes.
  ValueId Map(std::vector<ValueId> operands, std::vector<std::vector<int>> axes, size_t rank, Expr result);
  // Each element as another type; the input itself where it has that type.
  ValueId Cast(ValueId input, DType dtype);
  ValueId Reduce(ValueId input, core::Reduce::Kind kind, std::vector<int> axes);
  ValueId Prefix(ValueId input, core::Prefix::Kind kind, int axis);
  ValueId Resample(std::vector<ValueId> operands, core::Resample op);
  ValueId Gather(ValueId table, ValueId indices);
  ValueId Transpose(ValueId input, std::vector<int> permutation);  // returns `input` where nothing moves
  ValueId Reshape(ValueId input, Extents extents);                 // likewise
  // The elements begin, begin + step, ... of each axis, `extents` of them.
  ValueId Slice(ValueId input, std::vector<Dim> begins, Extents extents, std::vector<int64_t> steps);
  ValueId Pad(ValueId input, std::vector<Dim> low, std::vector<Dim> high, double value);
  ValueId Concat(std::vector<ValueId> inputs, int axis);
  // The results in order.
  std::vector<ValueId> Scan(std::vector<ValueId> operands, core::Scan op);
  void Guard(core::Guard guard);
  // The body has one output.
  ValueId Group(std::vector<ValueId> operands, std::shared_ptr<const Graph> body);

  const Extents& ExtentsOf(ValueId id) const { return graph_.Get(id).extents; }
  DType TypeOf(ValueId id) const { return graph_.Get(id).dtype; }
  Graph& graph() { return graph_; }

 private:
  ValueId Append(Op op, std::vector<ValueId> operands, Extents extents, DType dtype);
  // For operations whose operands say what the result is.
  ValueId AppendInferred(Op op, std::vector<ValueId> operands);

  Graph& graph_;
  std::string origin_;
};

}  // namespace strata::core
