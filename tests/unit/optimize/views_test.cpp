// BindWeights, FoldConstants, Simplify, KeepLastAxisWhole, MoveTransposes, DropTransposesOfOnes.
#include "compiler/optimize/passes.h"
#include "tests/unit/optimize/optimizing.h"

namespace strata::optimize {
namespace {

using core::ValueId;

TEST(BindWeights, OneConstantForEachPath) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 2});
  m.graph.outputs = {m.Bias(m.Bias(x, m.Weight("a", {2})), m.Weight("b", {2})), m.Bias(x, m.Weight("a", {2}))};
  const core::Graph bound = BindWeights(m.graph, m.Loader());
  EXPECT_EQ(Count<core::Weight>(bound), 0);
  EXPECT_EQ(Count<core::Constant>(bound), 2);
  m.ExpectSame(bound);
}

TEST(FoldConstants, ComputesWhatIsKnown) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 2});
  const ValueId known = m.b.Constant({.sizes = {2, 2}, .data = {1, 2, 3, 4}});
  m.graph.outputs = {m.Dense(x, m.b.Transpose(known, {1, 0}))};
  const core::Graph folded = FoldConstants(m.graph);
  EXPECT_EQ(Print(folded),
            "%0: f32[batch, 2] = Input 0\n"
            "%1: f32[2, 2]     = Constant {1, 3, 2, 4}\n"
            "%2: f32[batch, 2] = Contract(%0, %1) [a b] * [b c] -> [a c]\n"
            "return %2\n");
  m.ExpectSame(folded);
}

TEST(FoldConstants, LeavesWhatDependsOnASymbol) {
  Model m;
  m.b.Input({kBatch});
  const ValueId known = m.b.Constant({.sizes = {2}, .data = {1, 2}});
  m.graph.outputs = {m.b.Pad(known, {kBatch}, {0}, 0)};
  EXPECT_EQ(Count<core::Pad>(FoldConstants(m.graph)), 1);
}

TEST(Simplify, TransposesAndReshapesJoin) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 2, 3, 4});
  const ValueId there = m.b.Transpose(x, {0, 2, 3, 1});
  const ValueId again = m.b.Transpose(there, {0, 2, 3, 1});
  const ValueId flat = m.b.Reshape(m.b.Reshape(x, {kBatch, 6, 4}), {kBatch, 24});
  m.graph.outputs = {again, m.b.Transpose(there, {0, 3, 1, 2}), flat};
  const core::Graph simple = Simplify(m.graph);
  EXPECT_EQ(Print(simple),
            "%0: f32[batch, 2, 3, 4] = Input 0\n"
            "%1: f32[batch, 4, 2, 3] = Transpose(%0) permutation=[0, 3, 1, 2]\n"
            "%2: f32[batch, 24]      = Reshape(%0)\n"
            "return %1, %0, %2\n");
  m.ExpectSame(simple);
}

TEST(Simplify, RemovesWhatChangesNothing) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 1, 3});
  ValueId y = m.b.Slice(x, {0, 0, 0}, {kBatch, 1, 3}, {1, 1, 1});
  y = m.b.Pad(y, {0, 0, 0}, {0, 0, 0}, 7);
  y = m.b.Window(y, {.axes = {{}, {}, {}}});
  y = m.b.Concat({y}, 1);
  core::MapBuilder map;
  y = m.b.Map({y}, map.Operand(0));
  m.graph.outputs = {y, m.b.Reduce(y, core::Reduce::Kind::Mean, {1})};
  const core::Graph simple = Simplify(m.graph);
  EXPECT_EQ(Print(simple),
            "%0: f32[batch, 1, 3] = Input 0\n"
            "%1: f32[batch, 3]    = Reshape(%0)\n"
            "return %0, %1\n");
  m.ExpectSame(simple);
}

TEST(Simplify, KeepsWhatLooksSimilar) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 4});
  core::MapBuilder zero;
  core::MapBuilder index;
  m.graph.outputs = {m.b.Slice(x, {0, 1}, {kBatch, 3}, {1, 1}), m.b.Slice(x, {0, 0}, {kBatch, 2}, {1, 2}),
                     m.b.Window(x, {.axes = {{}, {.stride = 2}}}), m.b.Reduce(x, core::Reduce::Kind::Max, {1}),
                     // Its operand only gives it its extents.
                     m.b.Map({x}, zero.Constant(2)), m.b.Map({x}, {{0, 1}}, 2, index.Index(1))};
  const core::Graph simple = Simplify(m.graph);
  EXPECT_EQ(simple.operations.size(), m.graph.operations.size());
  m.ExpectSame(simple);
}

TEST(Simplify, EqualOperandsOfAMapBecomeOne) {
  Model m;
  const ValueId x = m.b.Input({3, 3});
  core::MapBuilder map;
  const core::Expr sum = map.Operand(0) + map.Operand(1);
  // The same value along the same axes, and not.
  const ValueId row = m.b.Reduce(x, core::Reduce::Kind::Sum, {1});
  core::MapBuilder rows;
  const core::Expr both = rows.Operand(0) + rows.Operand(1);
  m.graph.outputs = {m.b.Map({x, x}, sum), m.b.Map({row, row}, {{0}, {1}}, 2, both)};
  const core::Graph simple = Simplify(m.graph);
  EXPECT_EQ(simple.Producer(simple.outputs[0]).operands.size(), 1u);
  EXPECT_EQ(simple.Producer(simple.outputs[1]).operands.size(), 2u);
  m.ExpectSame(simple);
}

// A zero Pad of two rows before the only reader of x.
core::Graph PaddedConvolve(Model& m, std::vector<Dim> low, double value, bool is_output) {
  const ValueId x = m.b.Input({kBatch, 4, 4, 2});
  const ValueId pad = m.b.Pad(x, std::move(low), {0, 0, 0, 0}, value);
  const int64_t channels = *m.b.ExtentsOf(pad)[3].Constant();
  const ValueId kernel = m.Weight("kernel", {2, 2, channels, 3});
  m.graph.outputs = {m.Conv(pad, kernel, {.axes = {{.pad_low = 1}, {}}})};
  if (is_output) m.graph.outputs.push_back(pad);
  core::Graph simple = Simplify(m.graph);
  m.ExpectSame(simple);
  return simple;
}

TEST(Simplify, PadJoinsTheConvolve) {
  Model m;
  const core::Graph simple = PaddedConvolve(m, {0, 2, 0, 0}, 0, false);
  EXPECT_EQ(Count<core::Pad>(simple), 0);
  const auto& convolve = std::get<core::Convolve>(Last(simple).op);
  EXPECT_TRUE(convolve.axes[0].pad_low.Is(3));
  EXPECT_TRUE(convolve.axes[1].pad_low.Is(0));
}

TEST(Simplify, PadStaysWhereItIsNotZeroOrNotSpatialOrReadElsewhere) {
  Model value, channel, batch, output;
  EXPECT_EQ(Count<core::Pad>(PaddedConvolve(value, {0, 2, 0, 0}, 1, false)), 1);
  EXPECT_EQ(Count<core::Pad>(PaddedConvolve(channel, {0, 2, 0, 1}, 0, false)), 1);
  EXPECT_EQ(Count<core::Pad>(PaddedConvolve(batch, {1, 2, 0, 0}, 0, false)), 1);
  const core::Graph simple = PaddedConvolve(output, {0, 2, 0, 0}, 0, true);
  EXPECT_TRUE(std::get<core::Convolve>(Last(simple).op).axes[0].pad_low.Is(1));
}

TEST(Simplify, PadJoinsTheConvolveUnderATranspose) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 2, 4, 5});
  const ValueId pad = m.b.Pad(x, {0, 0, 1, 0}, {0, 0, 0, 3}, 0);
  m.graph.outputs = {m.Conv(m.b.Transpose(pad, {0, 2, 3, 1}), m.Weight("kernel", {2, 2, 2, 3}))};
  const core::Graph simple = Simplify(m.graph);
  EXPECT_EQ(Print(simple),
            "%0: f32[batch, 2, 4, 5] = Input 0\n"
            "%1: f32[2, 2, 2, 3]     = Weight \"kernel\"\n"
            "%2: f32[batch, 4, 5, 2] = Transpose(%0) permutation=[0, 2, 3, 1]\n"
            "%3: f32[batch, 4, 7, 3] = Convolve(%2, %1) pad=[1:0, 0:3]\n"
            "return %3\n");
  m.ExpectSame(simple);
}

TEST(KeepLastAxisWhole, MovesTheChannelsLast) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 3, 4, 4});
  m.graph.outputs = {m.b.Window(x, {.axes = {{}, {}, {.size = 2}, {.size = 2, .stride = 2, .pad_high = 1}}})};
  const core::Graph moved = KeepLastAxisWhole(m.graph);
  EXPECT_EQ(Print(moved),
            "%0: f32[batch, 3, 4, 4] = Input 0\n"
            "%1: f32[batch, 4, 4, 3] = Transpose(%0) permutation=[0, 2, 3, 1]\n"
            "%2: f32[batch, 3, 2, 3] = Window(%1) max size=[1, 2, 2, 1] stride=[1, 1, 2, 1] pad=[0:0, 0:0, 0:1, 0:0]\n"
            "%3: f32[batch, 3, 3, 2] = Transpose(%2) permutation=[0, 3, 1, 2]\n"
            "return %3\n");
  m.ExpectSame(moved);
}

TEST(KeepLastAxisWhole, AddsAnAxisWhereAllHaveAWindow) {
  Model m;
  const ValueId x = m.b.Input({4, 5});
  m.graph.outputs = {m.b.Window(x, {.kind = core::Window::Kind::Mean, .axes = {{.size = 2}, {.size = 3}}})};
  const core::Graph moved = KeepLastAxisWhole(m.graph);
  EXPECT_EQ(Count<core::Reshape>(moved), 2);
  m.ExpectSame(moved);
}

TEST(MoveTransposes, AChannelsFirstChainComputesChannelsLast) {
  Model m;
  ValueId x = m.b.Input({kBatch, 3, 8, 8});
  for (const std::string name : {"one", "two"}) {
    const int64_t channels = *m.b.ExtentsOf(x)[1].Constant();
    x = m.Conv(m.b.Transpose(x, {0, 2, 3, 1}), m.Weight(name, {2, 2, channels, 4}));
    x = m.b.Transpose(m.Bias(x, m.Weight(name + "/bias", {4})), {0, 3, 1, 2});
    x = m.Relu(m.BatchNormalization(x, 1, name + "/norm"));
    x = m.b.Window(x, {.axes = {{}, {}, {.size = 2}, {.size = 2}}});
    x = m.Softmax(x, 1);
    x = m.b.Pad(x, {0, 0, 1, 0}, {0, 1, 0, 0}, 0);
    core::Extents part = m.b.ExtentsOf(x);
    part[1] = 3;
    x = m.b.Slice(x, {0, 1, 0, 0}, part, {1, 1, 1, 1});
    x = m.b.Concat({x, m.Relu(x)}, 1);
  }
  m.graph.outputs = {x};
  const core::Graph moved = MoveTransposes(KeepLastAxisWhole(m.graph));
  EXPECT_EQ(Count<core::Transpose>(moved), 2);
  EXPECT_TRUE(std::holds_alternative<core::Transpose>(Last(moved).op));
  m.ExpectSame(moved);
}

TEST(MoveTransposes, OverAReduce) {
  Model m;
  const ValueId x = m.b.Transpose(m.b.Input({kBatch, 2, 3, 4}), {3, 0, 2, 1});
  m.graph.outputs = {m.b.Reduce(x, core::Reduce::Kind::Sum, {2}), m.b.Reduce(x, core::Reduce::Kind::Max, {0, 3})};
  const core::Graph moved = MoveTransposes(m.graph);
  EXPECT_EQ(Print(moved),
            "%0: f32[batch, 2, 3, 4] = Input 0\n"
            "%1: f32[batch, 2, 4]    = Reduce(%0) sum axes=[2]\n"
            "%2: f32[4, batch, 2]    = Transpose(%1) permutation=[2, 0, 1]\n"
            "%3: f32[batch, 3]       = Reduce(%0) max axes=[1, 3]\n"
            "return %2, %3\n");
  m.ExpectSame(moved);
}

TEST(MoveTransposes, IndicesAndConstantsFollow) {
  Model m;
  const ValueId x = m.b.Transpose(m.b.Input({kBatch, 2, 3}), {0, 2, 1});
  core::MapBuilder map;
  const core::Expr sum = map.Operand(0) * map.Index(1) + map.Operand(1) * map.Index(2);
  m.graph.outputs = {m.b.Map({x, m.Constant({3, 2})}, sum)};
  const core::Graph moved = FoldConstants(MoveTransposes(m.graph));
  EXPECT_TRUE(std::holds_alternative<core::Transpose>(Last(moved).op));
  EXPECT_EQ(Count<core::Transpose>(moved), 1);
  m.ExpectSame(moved);
}

TEST(MoveTransposes, StaysWhereAnotherOperandWouldNeedOne) {
  Model m;
  const ValueId x = m.b.Transpose(m.b.Input({kBatch, 2, 3}), {0, 2, 1});
  m.graph.outputs = {m.Add(x, m.b.Input({kBatch, 3, 2})), m.Add(x, m.b.Input({3, 2}))};
  const core::Graph moved = MoveTransposes(m.graph);
  EXPECT_EQ(Print(moved), Print(m.graph));
}

TEST(MoveTransposes, NoWindowComesToTheLastAxis) {
  Model m;
  const ValueId x = m.b.Transpose(m.b.Input({kBatch, 3, 4, 4}), {0, 2, 3, 1});
  m.graph.outputs = {m.b.Window(x, {.axes = {{}, {.size = 2}, {.size = 2}, {}}})};
  EXPECT_EQ(Print(MoveTransposes(m.graph)), Print(m.graph));
}

TEST(DropTransposesOfOnes, BecomesAReshape) {
  Model m;
  const ValueId x = m.b.Input({kBatch, 1, 4, 5});
  m.graph.outputs = {m.b.Transpose(x, {0, 2, 3, 1}), m.b.Transpose(x, {0, 1, 3, 2})};
  const core::Graph dropped = DropTransposesOfOnes(m.graph);
  EXPECT_EQ(Print(dropped),
            "%0: f32[batch, 1, 4, 5] = Input 0\n"
            "%1: f32[batch, 4, 5, 1] = Reshape(%0)\n"
            "%2: f32[batch, 1, 5, 4] = Transpose(%0) permutation=[0, 1, 3, 2]\n"
            "return %1, %2\n");
  m.ExpectSame(dropped);
}

}  // namespace
}  // namespace strata::optimize
