// FuseMaps, FoldIntoWeights, FoldMapConstants.
#include "compiler/optimize/passes.h"
#include "tests/unit/optimize/optimizing.h"

namespace strata::optimize {
namespace {

using core::ValueId;

TEST(FuseMaps, ComposesAndSharesOperands) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 2});
  const ValueId y = m.b.Input({2});
  m.b.SetOrigin("add");
  const ValueId sum = m.Bias(x, y);
  m.b.SetOrigin("re_lu");
  const ValueId relu = m.Relu(sum);
  m.b.SetOrigin("add_1");
  m.graph.outputs = {m.Bias(relu, y)};
  const core::Graph fused = FuseMaps(m.graph);
  EXPECT_EQ(Print(fused),
            "%0: f32[batch, 2] = Input 0\n"
            "%1: f32[2]        = Input 1\n"
            "%2: f32[batch, 2] = Map(%0, %1) = max($0 + $1, 0) + $1  # add+re_lu+add_1\n"
            "return %2\n");
  m.ExpectSame(fused);
}

TEST(FuseMaps, NotWhereTheResultIsReadTwiceOrRepeatedOrAnOutput) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 2});
  const ValueId row = m.b.Input({1, 2});
  const ValueId twice = m.Relu(x);
  const ValueId output = m.Relu(m.b.Input({kBatch, 2}));
  m.graph.outputs = {m.Add(twice, twice), m.Add(x, m.Relu(row)), output, m.Relu(output)};
  const core::Graph fused = FuseMaps(m.graph);
  EXPECT_EQ(Count<core::Map>(fused), Count<core::Map>(m.graph));
  m.ExpectSame(fused);
}

TEST(FuseMaps, ALongChainStaysInPieces) {
  Model m;
  ValueId x = m.b.Input({kBatch, 2});
  for (int i = 0; i < 500; ++i) x = m.Add(x, m.b.Input({kBatch, 2}));
  m.graph.outputs = {x};
  const core::Graph fused = FuseMaps(m.graph);
  EXPECT_GT(Count<core::Map>(fused), 1);
  EXPECT_LT(Count<core::Map>(fused), 10);
  m.ExpectSame(fused);
}

core::Graph BeforeFolding(Model& m) { return FuseMaps(FoldConstants(BindWeights(m.graph, m.Loader()))); }

TEST(FoldIntoWeights, ScaleAndBias) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 2});
  const ValueId kernel = m.b.Constant({.sizes = {2, 2}, .data = {1, 2, 3, 4}});
  const ValueId scale = m.b.Constant({.sizes = {2}, .data = {2, -4}});
  const ValueId shift = m.b.Constant({.sizes = {2}, .data = {0.5, 1}});
  core::MapBuilder map;
  const core::Expr y = (1 - (map.Operand(0) + map.Operand(2)) * map.Operand(1)) / 2;
  m.graph.outputs = {m.b.Map({m.Dense(x, kernel), scale, shift}, Maximum(-y, 0))};
  const core::Graph folded = FoldIntoWeights(m.graph);
  EXPECT_EQ(Print(folded),
            "%0: f32[batch, 2] = Input 0\n"
            "%1: f32[2, 2]     = Constant {1, -4, 3, -8}\n"
            "%2: f32[batch, 2] = Contract(%0, %1) [a b] * [b c] -> [a c]\n"
            "%3: f32[2]        = Constant {0, -2.5}\n"
            "%4: f32[batch, 2] = Map(%2, %3) = max($0 + $1, 0)\n"
            "return %4\n");
  m.ExpectSame(folded);
}

TEST(FoldIntoWeights, WithoutABiasTheMapGoes) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 2});
  m.b.SetOrigin("dense");
  const ValueId y = m.Dense(x, m.Constant({2, 3}));
  m.b.SetOrigin("scale");
  core::MapBuilder map;
  m.graph.outputs = {m.b.Map({y}, map.Operand(0) / 3)};
  const core::Graph folded = FoldIntoWeights(m.graph);
  EXPECT_TRUE(std::holds_alternative<core::Contract>(Last(folded).op));
  EXPECT_EQ(Last(folded).origin, "dense+scale");
  m.ExpectSame(folded);
}

TEST(FoldIntoWeights, BatchNormalizationInGroupsAndBoth) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 4, 4, 4});
  const core::Convolve depthwise{.axes = {{}, {}}, .groups = 4};
  const ValueId left = m.BatchNormalization(m.Conv(x, m.Weight("a", {2, 2, 1, 8}), depthwise), 3, "a");
  const ValueId right = m.BatchNormalization(m.Conv(x, m.Weight("b", {2, 2, 4, 8})), 3, "b");
  m.graph.outputs = {m.Relu(m.Add(left, right))};
  const core::Graph folded = FoldIntoWeights(BeforeFolding(m));
  // What is left: two kernels, two biases.
  EXPECT_EQ(Count<core::Constant>(folded), 4);
  EXPECT_EQ(std::get<core::Map>(Last(folded).op).nodes.size(), 9u);
  m.ExpectSame(folded);
}

TEST(FoldIntoWeights, ASharedKernelStaysForTheOther) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 4});
  const ValueId kernel = m.Weight("kernel", {4, 4});
  const ValueId plain = m.Dense(x, kernel);
  m.graph.outputs = {plain, m.BatchNormalization(m.Dense(m.Relu(x), kernel), 1, "norm")};
  const core::Graph before = BeforeFolding(m);
  const core::Graph folded = FoldIntoWeights(before);
  EXPECT_EQ(Count<core::Constant>(folded), 3);
  m.ExpectSame(folded);
  m.ExpectSame(before);
}

TEST(FoldIntoWeights, NotWhereTheResultIsReadElsewhere) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 4});
  const ValueId y = m.Dense(x, m.Weight("kernel", {4, 4}));
  m.graph.outputs = {m.BatchNormalization(y, 1, "norm"), y};
  const core::Graph before = BeforeFolding(m);
  const core::Graph folded = FoldIntoWeights(before);
  EXPECT_EQ(Print(folded), Print(before));
}

TEST(FoldIntoWeights, NotWhereItIsReadTwiceOrAlongAnotherAxis) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 5, 4});
  const ValueId y = m.Dense(x, m.Weight("a", {4, 4}));
  core::MapBuilder map;
  const core::Expr e = map.Operand(0);
  const ValueId swish = m.b.Map({y}, e * Apply(core::Map::Function::Sigmoid, e * 2));
  const ValueId rows = m.Bias(m.Dense(x, m.Weight("b", {4, 4})), m.Weight("rows", {5, 1}));
  m.graph.outputs = {swish, rows};
  const core::Graph before = BeforeFolding(m);
  const core::Graph folded = FoldIntoWeights(before);
  EXPECT_EQ(Print(folded), Print(before));
}

TEST(FoldIntoWeights, NotWhereTheKernelWouldOverflow) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 1});
  const ValueId kernel = m.b.Constant({.sizes = {1, 1}, .data = {1e30F}});
  core::MapBuilder map;
  m.graph.outputs = {m.b.Map({m.Dense(x, kernel)}, map.Operand(0) * 1e20 + 1)};
  const core::Graph folded = FoldIntoWeights(m.graph);
  EXPECT_EQ(Print(folded), Print(m.graph));
}

TEST(FoldMapConstants, GathersFactorsAndTerms) {
  Model m;
  m.graph.outputs = {m.Relu(m.BatchNormalization(m.b.Input({kBatch, 4, 2}), 1, "norm"))};
  const core::Graph folded = FoldMapConstants(BeforeFolding(m));
  // The mean, the scale and the shift. The mean is taken off first: it may be far larger than what is left.
  EXPECT_EQ(Count<core::Constant>(folded), 3);
  EXPECT_NE(Print(folded).find("max(($0 + $2) * $3 + $1, 0)"), std::string::npos) << Print(folded);
  m.ExpectSame(folded);
}

TEST(FoldMapConstants, NumbersAndSeveralAxes) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 3, 3});
  core::MapBuilder map;
  const core::Expr e = map.Operand(0);
  const core::Expr y = 1 - (e * 2 / 4 + map.Operand(1) * 2) - map.Operand(2) / 2 + map.Operand(3) * map.Operand(3);
  m.graph.outputs = {m.b.Map({x, m.Constant({3}), m.Constant({3}), m.Constant({1})}, {{0, 1, 2}, {1}, {2}, {2}}, 3, y)};
  const core::Graph folded = FoldMapConstants(m.graph);
  EXPECT_EQ(Count<core::Constant>(folded), 2);
  m.ExpectSame(folded);
}

TEST(FoldMapConstants, LeavesInfinities) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 2});
  const float infinity = std::numeric_limits<float>::infinity();
  const ValueId mask = m.b.Constant({.sizes = {2}, .data = {0, infinity}});
  core::MapBuilder map;
  const core::Expr e = map.Operand(0);
  m.graph.outputs = {m.b.Map({x, mask}, Minimum(-(e - map.Operand(1)), 5))};
  const core::Graph folded = FoldMapConstants(m.graph);
  m.ExpectSame(folded);
}

}  // namespace
}  // namespace strata::optimize
