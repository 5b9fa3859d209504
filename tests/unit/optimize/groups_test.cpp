// GroupRows, GroupAnchors, and the whole of Optimize.
#include "compiler/optimize/passes.h"
#include "tests/unit/optimize/optimizing.h"

namespace strata::optimize {
namespace {

using core::ValueId;

TEST(GroupRows, Softmax) {
  Model m;
  m.b.SetOrigin("softmax");
  m.graph.outputs = {m.Softmax(m.b.Input({kBatch, 4}), 1)};
  const core::Graph grouped = GroupRows(m.graph);
  EXPECT_EQ(Print(grouped),
            "%0: f32[batch, 4] = Input 0                            # softmax\n"
            "%1: f32[batch, 4] = Group(%0) {                        # softmax\n"
            "    %0: f32[batch, 4] = Input 0\n"
            "    %1: f32[batch]    = Reduce(%0) max axes=[1]        # softmax\n"
            "    %2: f32[batch, 4] = Map(%0, %1[0]) = exp($0 - $1)  # softmax\n"
            "    %3: f32[batch]    = Reduce(%2) sum axes=[1]        # softmax\n"
            "    %4: f32[batch, 4] = Map(%2, %3[0]) = $0 / $1       # softmax\n"
            "    return %4\n"
            "}\n"
            "return %1\n");
  m.ExpectSame(grouped);
}

TEST(GroupRows, LayerNormalization) {
  Model m;
  m.graph.outputs = {m.LayerNormalization(m.b.Input({kBatch, 3, 4}), 1, "norm")};
  const core::Graph grouped = GroupRows(m.graph);
  const auto* group = std::get_if<core::Group>(&Last(grouped).op);
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(Count<core::Reduce>(*group->body), 2);
  EXPECT_EQ(Count<core::Map>(*group->body), 3);
  EXPECT_EQ(Count<core::Group>(grouped), 1);
  m.ExpectSame(grouped);
}

TEST(GroupRows, APoolTakesTheMapsAround) {
  Model m;
  core::MapBuilder map;
  const ValueId x = m.b.Map({m.b.Input({kBatch, 4, 4, 3})}, Apply(core::Map::Function::Tanh, map.Operand(0)));
  m.graph.outputs = {m.Relu(m.b.Reduce(x, core::Reduce::Kind::Mean, {1, 2}))};
  const core::Graph grouped = GroupRows(m.graph);
  EXPECT_EQ(Count<core::Group>(grouped), 1);
  EXPECT_EQ(grouped.operations.size(), 2u);
  m.ExpectSame(grouped);
}

TEST(GroupRows, AResultThatIsReadElsewhereStaysOutside) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 4});
  const ValueId y = m.Relu(x);
  m.graph.outputs = {m.Softmax(y, 1), y};
  const core::Graph grouped = GroupRows(m.graph);
  EXPECT_EQ(grouped.operations.size(), 3u);
  EXPECT_EQ(Last(grouped).operands[0], grouped.outputs[1]);
  m.ExpectSame(grouped);
}

TEST(GroupRows, AReduceOverOtherAxesIsAnotherGroup) {
  Model m;
  const ValueId x = m.Softmax(m.Softmax(m.b.Input({kBatch, 3, 4}), 1), 2);
  m.graph.outputs = {x};
  const core::Graph grouped = GroupRows(m.graph);
  EXPECT_EQ(Count<core::Group>(grouped), 2);
  m.ExpectSame(grouped);
}

TEST(GroupRows, RowsAlongOtherAxesAreNoRows) {
  // [3] of [3, 3] along the last axis, while the first one is kept.
  Model m;
  const ValueId x = m.b.Input({3, 3});
  const ValueId sum = m.b.Reduce(x, core::Reduce::Kind::Sum, {1});
  m.graph.outputs = {m.Add(x, sum)};
  const core::Graph grouped = GroupRows(m.graph);
  EXPECT_EQ(Count<core::Group>(grouped), 0);
  m.ExpectSame(grouped);
}

TEST(GroupRows, AnExpensiveMapIsNotComputedForEachReduce) {
  Model m;
  core::MapBuilder map;
  const ValueId x = m.b.Map({m.b.Input({kBatch, 4})}, Apply(core::Map::Function::Tanh, map.Operand(0)));
  m.graph.outputs = {m.Softmax(x, 1)};
  const core::Graph grouped = GroupRows(m.graph);
  EXPECT_EQ(grouped.operations.size(), 3u);
  m.ExpectSame(grouped);
}

TEST(GroupAnchors, TheLaterConvolveOfASumTakesIt) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 4, 4, 2});
  const ValueId left = m.Conv(x, m.Weight("left", {1, 1, 2, 3}));
  const ValueId right = m.Conv(x, m.Weight("right", {1, 1, 2, 3}));
  m.graph.outputs = {m.Add(left, right)};
  const core::Graph grouped = GroupAnchors(m.graph);
  EXPECT_EQ(Print(grouped),
            "%0: f32[batch, 4, 4, 2] = Input 0\n"
            "%1: f32[1, 1, 2, 3]     = Weight \"left\"\n"
            "%2: f32[batch, 4, 4, 3] = Convolve(%0, %1)\n"
            "%3: f32[1, 1, 2, 3]     = Weight \"right\"\n"
            "%4: f32[batch, 4, 4, 3] = Group(%0, %3, %2) {\n"
            "    %0: f32[batch, 4, 4, 2] = Input 0\n"
            "    %1: f32[1, 1, 2, 3]     = Input 1\n"
            "    %2: f32[batch, 4, 4, 3] = Input 2\n"
            "    %3: f32[batch, 4, 4, 3] = Convolve(%0, %1)\n"
            "    %4: f32[batch, 4, 4, 3] = Map(%3, %2) = $1 + $0\n"
            "    return %4\n"
            "}\n"
            "return %4\n");
  m.ExpectSame(grouped);
}

TEST(GroupAnchors, NotWhereItIsReadElsewhereOrRepeated) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 2});
  const ValueId y = m.Dense(x, m.Weight("a", {2, 3}));
  const ValueId row = m.Dense(m.b.Input({1, 2}), m.Weight("b", {2, 3}));
  m.graph.outputs = {y, m.Relu(y), m.Add(m.b.Input({kBatch, 3}), row)};
  const core::Graph grouped = GroupAnchors(m.graph);
  EXPECT_EQ(Count<core::Group>(grouped), 0);
  m.ExpectSame(grouped);
}

TEST(GroupAnchors, AWindowAndItsOwnInput) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 4, 2});
  const ValueId pool = m.b.Window(x, {.axes = {{}, {.size = 3, .pad_low = 1, .pad_high = 1}, {}}});
  m.graph.outputs = {m.Add(x, pool)};
  const core::Graph grouped = GroupAnchors(m.graph);
  ASSERT_EQ(Count<core::Group>(grouped), 1);
  EXPECT_EQ(Last(grouped).operands.size(), 1u);
  m.ExpectSame(grouped);
}

// ---- The whole ----

TEST(Optimize, ConvolutionBatchNormalizationReluIsOneGroup) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 8, 8, 3});
  m.b.SetOrigin("conv2d");
  ValueId y = m.Bias(m.Conv(x, m.Weight("kernel", {3, 3, 3, 16})), m.Weight("bias", {16}));
  m.b.SetOrigin("batch_normalization");
  y = m.BatchNormalization(y, 3, "norm");
  m.b.SetOrigin("re_lu");
  m.graph.outputs = {m.Relu(y)};
  const core::Graph optimized = Optimize(m.graph, m.Loader());
  EXPECT_EQ(optimized.operations.size(), 4u);  // input, kernel, bias, group
  EXPECT_EQ(Last(optimized).origin, "conv2d+batch_normalization+re_lu");
  const core::Graph& body = *std::get<core::Group>(Last(optimized).op).body;
  EXPECT_EQ(std::get<core::Map>(Last(body).op).nodes.size(), 5u);  // max($0 + $1, 0)
  m.ExpectSame(optimized);
}

TEST(Optimize, AnEpilogueIsNotTakenIntoTheRowsAfterIt) {
  Model m;
  const ValueId y = m.Bias(m.Dense(m.b.Input({kBatch, 5}), m.Weight("kernel", {5, 4})), m.Weight("bias", {4}));
  m.graph.outputs = {m.Softmax(y, 1)};
  const core::Graph optimized = Optimize(m.graph, m.Loader());
  EXPECT_EQ(Count<core::Group>(optimized), 2);
  EXPECT_EQ(optimized.operations.size(), 5u);
  m.ExpectSame(optimized);
}

TEST(Optimize, OutputsKeepTheirNumberAndOrder) {
  Model m;
  const ValueId unused = m.b.Input({kBatch});
  const ValueId x = m.b.Input({kBatch, 2});
  const ValueId known = m.Weight("known", {2});
  const ValueId y = m.Relu(x);
  m.graph.outputs = {y, x, known, m.b.Reshape(y, {kBatch, 2}), unused, m.b.Reshape(x, {kBatch, 2, 1})};
  const core::Graph optimized = Optimize(m.graph, m.Loader());
  ASSERT_EQ(optimized.outputs.size(), 6u);
  ASSERT_EQ(optimized.inputs.size(), 2u);
  EXPECT_EQ(optimized.outputs[0], optimized.outputs[3]);
  m.ExpectSame(optimized);
}

TEST(Optimize, LeavesTheGivenGraphAndItsLiteralsAlone) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 2});
  const ValueId kernel = m.Constant({2, 2});
  m.graph.outputs = {m.BatchNormalization(m.Dense(x, kernel), 1, "norm")};
  const std::vector<float> before = m.graph.ProducerAs<core::Constant>(kernel)->literal->data;
  const std::string printed = Print(m.graph);
  Optimize(m.graph, m.Loader());
  EXPECT_EQ(m.graph.ProducerAs<core::Constant>(kernel)->literal->data, before);
  EXPECT_EQ(Print(m.graph), printed);
}

}  // namespace
}  // namespace strata::optimize
