// MoveMaps: a Map over what is put together of parts joins what makes the parts.
#include <algorithm>

#include "compiler/optimize/passes.h"
#include "tests/unit/optimize/optimizing.h"

namespace strata::optimize {
namespace {

using core::ValueId;

core::Graph Moved(Model& m) { return MoveMaps(FuseMaps(FoldConstants(BindWeights(m.graph, m.Loader())))); }

// Two convolutions of an image one after the other along an axis, as those of a transposed convolution lie.
ValueId Halves(Model& m, int axis) {
  const ValueId x = m.b.Input({kBatch, 4, 5, 3});
  return m.b.Concat({m.Conv(x, m.Constant({2, 2, 3, 6})), m.Conv(x, m.Constant({2, 2, 3, 6}))}, axis);
}

TEST(MoveMaps, JoinsTheConvolutionsBelow) {
  Model m;
  const ValueId whole = m.b.Reshape(Halves(m, 1), {kBatch, 24, 6});
  const ValueId cut = m.b.Slice(whole, {0, 1, 0}, {kBatch, 22, 6}, {1, 1, 1});
  m.graph.outputs = {m.Relu(m.BatchNormalization(cut, 2, "norm"))};
  const core::Graph moved = Moved(m);
  EXPECT_TRUE(std::holds_alternative<core::Slice>(Last(moved).op));
  EXPECT_EQ(Count<core::Map>(moved), 2);
  for (const core::Operation& operation : moved.operations) {
    if (!std::holds_alternative<core::Map>(operation.op)) continue;
    EXPECT_TRUE(std::ranges::any_of(
        operation.operands, [&](ValueId operand) { return moved.ProducerAs<core::Convolve>(operand) != nullptr; }));
  }
  m.ExpectSame(moved);
  m.ExpectSame(Optimize(m.graph, m.Loader()));
}

TEST(MoveMaps, StaysWherePartsAreReadTwiceOrSplitTheLastAxis) {
  Model m;
  const ValueId whole = Halves(m, 1);
  const ValueId along = Halves(m, 3);
  const ValueId turned = m.b.Reshape(Halves(m, 2), {kBatch, 3, 6, 8});
  const ValueId other = m.b.Input({kBatch, 3, 8, 6});
  m.graph.outputs = {m.Relu(whole), whole, m.Relu(along), m.Relu(turned), m.Add(Halves(m, 2), other)};
  const core::Graph moved = Moved(m);
  for (const size_t output : {0, 2, 3, 4}) {
    EXPECT_TRUE(std::holds_alternative<core::Map>(moved.Producer(moved.outputs[output]).op)) << output;
  }
  m.ExpectSame(moved);
}

}  // namespace
}  // namespace strata::optimize
