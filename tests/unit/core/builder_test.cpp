#include "compiler/core/builder.h"

#include <gtest/gtest.h>

#include <cmath>

namespace strata::core {
namespace {

const Dim kBatch = Dim::Symbol("batch");
const Dim H = Dim::Symbol("H");

TEST(MapBuilder, EqualNodesAreShared) {
  MapBuilder map;
  const Expr x = map.Operand(0);
  const Expr sum = (x + 1.0) * (map.Operand(0) + 1.0);
  EXPECT_EQ(map.Finish(sum).size(), 4u);  // $0, 1, +, *
  EXPECT_EQ((map.Constant(0.0)).node, map.Constant(0.0).node);
  EXPECT_NE((map.Constant(0.0)).node, map.Constant(-0.0).node);
  EXPECT_EQ(map.Constant(NAN).node, map.Constant(NAN).node);
  EXPECT_NE(map.Index(0).node, map.Index(1).node);
}

TEST(MapBuilder, ConstantsAreFolded) {
  MapBuilder map;
  const Expr value = Apply(Map::Function::Sqrt, map.Constant(8.0) * 2.0) - 1.0;
  const std::vector<Map::Node> nodes = map.Finish(value);
  ASSERT_EQ(nodes.size(), 1u);
  EXPECT_EQ(nodes[0].function, Map::Function::Constant);
  EXPECT_EQ(nodes[0].value, 3.0);
  const Expr chosen = Select(Less(map.Constant(1), map.Constant(2)), map.Constant(5), map.Constant(6));
  EXPECT_EQ(map.Finish(chosen)[0].value, 5.0);
}

TEST(MapBuilder, FinishKeepsWhatIsNeeded) {
  MapBuilder map;
  const Expr a = map.Operand(0);
  const Expr unused = Apply(Map::Function::Exp, map.Operand(1));
  const Expr result = Maximum(a, 0.0);
  const std::vector<Map::Node> nodes = map.Finish(result);
  ASSERT_EQ(nodes.size(), 3u);
  EXPECT_EQ(nodes.back().function, Map::Function::Maximum);
  EXPECT_EQ(nodes.back().args, (std::vector<int>{0, 1}));
  EXPECT_EQ(map.Finish(unused).size(), 2u);
  EXPECT_EQ(map.Finish(a).size(), 1u);
}

TEST(Builder, ConvolveExtents) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({kBatch, 7, 8, 4});
  const ValueId kernel = builder.Weight("kernel", {3, 3, 2, 6});
  const ValueId y = builder.Convolve(
      x, kernel, {.axes = {{.stride = 2, .pad_low = 1, .pad_high = 1}, {.stride = 2, .dilation = 2}}, .groups = 2});
  EXPECT_EQ(builder.ExtentsOf(y), (Extents{kBatch, 4, 2, 6}));
  EXPECT_EQ(graph.symbols, (std::vector<std::string>{"batch"}));
}

TEST(Builder, ConvolveOfSymbolicSize) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({kBatch, H, H, 4});
  const ValueId kernel = builder.Weight("kernel", {3, 3, 4, 6});
  // Keras' "same" along the first axis, "valid" along the second.
  const Dim total = Max((CeilDivide(H, 2) - 1) * 2 + 3 - H, 0);
  const Dim low = FloorDivide(total, 2);
  const ValueId y =
      builder.Convolve(x, kernel, {.axes = {{.stride = 2, .pad_low = low, .pad_high = total - low}, {.stride = 2}}});
  EXPECT_EQ(builder.ExtentsOf(y), (Extents{kBatch, CeilDivide(H, 2), FloorDivide(H - 1, 2), 6}));
  EXPECT_EQ(graph.symbols, (std::vector<std::string>{"batch", "H"}));
  Verify(graph);
}

TEST(Builder, Extents) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({kBatch, 4, 6});
  const ValueId w = builder.Weight("w", {6, 5});
  EXPECT_EQ(builder.ExtentsOf(builder.Contract(x, w, {.left = {0, 1, 2}, .right = {2, 3}, .out = {3, 0, 1}})),
            (Extents{5, kBatch, 4}));
  EXPECT_EQ(builder.ExtentsOf(builder.Window(x, {.axes = {{}, {.size = 2, .stride = 2}, {.size = 3, .stride = 3}}})),
            (Extents{kBatch, 2, 2}));
  EXPECT_EQ(builder.ExtentsOf(builder.Reduce(x, Reduce::Kind::Sum, {0, 2})), (Extents{4}));
  EXPECT_EQ(builder.ExtentsOf(builder.Transpose(x, {2, 0, 1})), (Extents{6, kBatch, 4}));
  EXPECT_EQ(builder.ExtentsOf(builder.Reshape(x, {kBatch, 24})), (Extents{kBatch, 24}));
  EXPECT_EQ(builder.ExtentsOf(builder.Pad(x, {0, 1, 2}, {0, 0, 3}, 0)), (Extents{kBatch, 5, 11}));
  EXPECT_EQ(builder.ExtentsOf(builder.Concat({x, x, x}, 1)), (Extents{kBatch, 12, 6}));
  EXPECT_EQ(builder.ExtentsOf(builder.Slice(x, {0, 1, 0}, {kBatch, 2, 3}, {1, 2, 2})), (Extents{kBatch, 2, 3}));
  EXPECT_EQ(builder.ExtentsOf(builder.Constant({.sizes = {2, 1}, .data = {1, 2}})), (Extents{2, 1}));
  Verify(graph);
}

TEST(Builder, MapBroadcasts) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({kBatch, 4, 6});
  const ValueId row = builder.Weight("row", {6});
  const ValueId column = builder.Weight("column", {4, 1});
  MapBuilder map;
  const ValueId sum = builder.Map({row, x, column}, map.Operand(0) + map.Operand(1) * map.Operand(2));
  EXPECT_EQ(builder.ExtentsOf(sum), (Extents{kBatch, 4, 6}));
  const ValueId outer = builder.Map({row, column}, {{2}, {0, 3}}, 5, map.Operand(0) * map.Operand(1));
  EXPECT_EQ(builder.ExtentsOf(outer), (Extents{4, 1, 6, 1, 1}));
  EXPECT_TRUE(builder.ExtentsOf(builder.Map({}, {}, 0, map.Constant(2))).empty());
  Verify(graph);
}

TEST(Builder, DTypes) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({kBatch, 4}, DType::U8);
  EXPECT_EQ(graph.Get(builder.Reshape(x, {kBatch, 2, 2})).dtype, DType::U8);
  EXPECT_EQ(graph.Get(builder.Concat({x, x}, 1)).dtype, DType::U8);
}

TEST(Builder, NothingMoves) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({kBatch, 4, 6});
  EXPECT_EQ(builder.Transpose(x, {0, 1, 2}), x);
  EXPECT_EQ(builder.Reshape(x, {kBatch, 4, 6}), x);
  EXPECT_EQ(graph.operations.size(), 1u);
}

TEST(Builder, Producers) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({kBatch, 4});
  builder.SetOrigin("pool");
  const ValueId y = builder.Reduce(x, Reduce::Kind::Max, {1});
  EXPECT_EQ(graph.Producer(y).origin, "pool");
  EXPECT_EQ(graph.Producer(x).origin, "");
  ASSERT_NE(graph.ProducerAs<Reduce>(y), nullptr);
  EXPECT_EQ(graph.ProducerAs<Reduce>(y)->kind, Reduce::Kind::Max);
  EXPECT_EQ(graph.ProducerAs<Reduce>(x), nullptr);
}

}  // namespace
}  // namespace strata::core
