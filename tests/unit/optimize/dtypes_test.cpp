// Operations of other dtypes than f32, loops, guards, and sizes that are symbols.
#include "tests/unit/optimize/optimizing.h"

namespace strata::optimize {
namespace {

using core::ValueId;

const Dim kHeight = Dim::Symbol("H");
const Dim kWidth = Dim::Symbol("W");

TEST(DTypes, ConstantsOfEveryTypeFold) {
  Model m;
  const ValueId bytes = m.b.Constant({.sizes = {3}, .dtype = DType::U8, .integers = {1, 2, 255}});
  core::MapBuilder map;
  const ValueId sum = m.b.Map({bytes}, map.Operand(0, DType::U8) + 1.0);
  const ValueId index = m.b.Constant({.sizes = {2}, .dtype = DType::I64, .integers = {2, 0}});
  m.graph.outputs = {m.b.Gather(m.b.Cast(sum, DType::F16), index), m.b.Prefix(sum, core::Prefix::Kind::Sum, 0),
                     m.b.Reduce(bytes, core::Reduce::Kind::ArgMax, {0})};
  const core::Graph optimized = Optimize(m.graph, m.Loader());
  EXPECT_EQ(optimized.operations.size(), 3u);
  EXPECT_EQ(Count<core::Constant>(optimized), 3);
  EXPECT_EQ(Last(optimized).operands.size(), 0u);
  EXPECT_EQ(optimized.ProducerAs<core::Constant>(optimized.outputs[0])->literal->data, (std::vector<float>{0, 2}));
  m.ExpectSame(optimized);
}

TEST(DTypes, AGatherThatFailsStays) {
  Model m;
  const ValueId index = m.b.Constant({.sizes = {1}, .dtype = DType::I32, .integers = {-1}});
  m.graph.outputs = {m.b.Gather(m.Constant({3, 2}), index)};
  EXPECT_EQ(Count<core::Gather>(Optimize(m.graph, m.Loader())), 1);
}

TEST(DTypes, WhatDependsOnASymbolStays) {
  Model m;
  m.b.Input({kTime});
  core::MapBuilder map;
  m.graph.outputs = {m.b.Map({m.Constant({2})}, map.Operand(0) * map.Size(kTime, DType::F32))};
  const core::Graph optimized = Optimize(m.graph, m.Loader());
  EXPECT_EQ(Count<core::Map>(optimized), 1);
  m.ExpectSame(optimized);
}

TEST(DTypes, CastsFuse) {
  Model m;
  const ValueId image = m.b.Input({kBatch, 4, 4, 3}, DType::U8);
  core::MapBuilder scale;
  const ValueId scaled = m.b.Map({m.b.Cast(image, DType::F32)}, scale.Operand(0) / 255.0);
  m.graph.outputs = {m.b.Cast(m.Relu(scaled), DType::F16)};
  const core::Graph optimized = Optimize(m.graph, m.Loader());
  EXPECT_EQ(optimized.operations.size(), 2u);
  m.ExpectSame(optimized);
}

TEST(DTypes, GroupsAreOfF32) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 6});
  const ValueId dense = m.Dense(x, m.Weight("w", {6, 4}));
  const ValueId halves = m.b.Input({kBatch, 4}, DType::F16);
  core::MapBuilder map;
  const core::Expr h = map.Operand(0, DType::F16);
  const ValueId sum = m.b.Reduce(m.b.Map({halves}, h * h), core::Reduce::Kind::Sum, {1});
  core::MapBuilder row;
  m.graph.outputs = {m.b.Cast(dense, DType::F16), m.b.Map({sum}, -row.Operand(0, DType::F16)),
                     m.b.Reduce(m.Relu(x), core::Reduce::Kind::ArgMax, {1})};
  const core::Graph optimized = Optimize(m.graph, m.Loader());
  EXPECT_EQ(Count<core::Group>(optimized), 0);
}

TEST(Scans, TheBodyIsOptimizedAndHoldsItsConstants) {
  auto body = std::make_shared<core::Graph>();
  core::Builder b(*body);
  const ValueId state = b.Input({kBatch, 4});
  const ValueId step = b.Input({kBatch, 3});
  const ValueId kernel = b.Input({7, 4});
  const ValueId bias = b.Input({4});
  const ValueId scale = b.Input({kBatch, 4});
  const ValueId unread = b.Input({kBatch, 4});
  static_cast<void>(unread);
  const ValueId product =
      b.Contract(b.Concat({state, step}, 1), kernel, {.left = {0, 1}, .right = {1, 2}, .out = {0, 2}});
  core::MapBuilder add;
  const ValueId sum = b.Map({product, bias}, add.Operand(0) + add.Operand(1));
  core::MapBuilder map;
  const ValueId next = b.Map({sum, scale}, Apply(core::Map::Function::Tanh, map.Operand(0) * map.Operand(1)));
  body->outputs = {next, next};

  Model m;
  const ValueId sequence = m.b.Input({kBatch, kTime, 3});
  const ValueId first = m.b.Input({kBatch, 4});
  const ValueId factor = m.b.Input({kBatch, 4});
  const auto results =
      m.b.Scan({first, sequence, m.Weight("kernel", {7, 4}), m.Weight("bias", {4}), factor, first},
               {.body = body, .carries = 1, .sequences = 1, .sequence_axes = {1}, .result_axes = {1}, .reverse = true});
  m.graph.outputs = results;
  m.b.Guard({.value = kTime - 1, .test = core::Guard::Test::NotNegative, .text = "a step at least"});
  const core::Graph optimized = Optimize(m.graph, m.Loader());
  m.ExpectSame(optimized);
  const auto* scan = optimized.ProducerAs<core::Scan>(optimized.outputs[1]);
  ASSERT_NE(scan, nullptr);
  EXPECT_EQ(optimized.Producer(optimized.outputs[1]).operands.size(), 3u);
  EXPECT_EQ(Count<core::Constant>(*scan->body), 2);
  EXPECT_EQ(Count<core::Group>(*scan->body), 1);
  EXPECT_EQ(Count<core::Constant>(optimized), 2);
  ASSERT_EQ(optimized.guards.size(), 1u);
  EXPECT_EQ(optimized.guards[0].text, "a step at least");
}

TEST(Symbols, ChannelsFirstOfAnySize) {
  Model m;
  const ValueId image = m.b.Input({kBatch, 3, kHeight, kWidth});
  const Dim total = Max((CeilDivide(kHeight, 2) - 1) * 2 + 3 - kHeight, 0);
  const Dim low = FloorDivide(total, 2);
  ValueId x = m.b.Transpose(image, {0, 2, 3, 1});
  x = m.b.Pad(x, {0, Modulo(kHeight, 2), 0, 0}, {0, 0, kWidth, 0}, 0);
  x = m.Conv(x, m.Weight("k", {1, 1, 3, 4}));
  x = m.BatchNormalization(x, 3, "norm");
  x = m.b.Transpose(m.Relu(x), {0, 3, 1, 2});
  const Dim rows = kHeight + Modulo(kHeight, 2);
  x = m.b.Slice(x, {0, 0, Modulo(kHeight, 2), kWidth}, {kBatch, 4, rows - Modulo(kHeight, 2), kWidth}, {1, 1, 1, 1});
  x = m.b.Transpose(x, {0, 2, 3, 1});
  x = m.Conv(x, m.Weight("k2", {3, 1, 4, 2}), {.axes = {{.stride = 2, .pad_low = low, .pad_high = total - low}, {}}});
  x = m.b.Window(x, {.kind = core::Window::Kind::Mean, .axes = {{}, {.size = 2}, {.size = 2}, {}}});
  x = m.b.Transpose(x, {0, 3, 1, 2});
  const core::Extents extents = m.b.ExtentsOf(x);
  const ValueId flat = m.b.Reshape(x, {kBatch, 2, extents[2] * extents[3]});
  m.graph.outputs = {x, m.b.Reduce(m.b.Reshape(flat, extents), core::Reduce::Kind::Mean, {2, 3}), m.Softmax(flat, 2)};
  core::Verify(m.graph);
  const core::Graph optimized = Optimize(m.graph, m.Loader());
  m.ExpectSame(optimized);
  EXPECT_EQ(Count<core::Pad>(optimized), 0);
  EXPECT_EQ(Count<core::Transpose>(optimized), 2) << Print(optimized);
}

}  // namespace
}  // namespace strata::optimize
