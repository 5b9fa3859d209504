// Scans: compiled loops equal the interpreter's.
#include <gtest/gtest.h>

#include "tests/numeric/graphs.h"

namespace strata::testing {
namespace {

using core::Apply;
using core::Builder;
using core::Graph;
using core::MapBuilder;
using core::ValueId;
using Function = core::Map::Function;

Dim Batch() { return Dim::Symbol("batch"); }
Dim Time() { return Dim::Symbol("time"); }

const std::vector<Symbols> kSizes = {
    {{"batch", 1}, {"time", 1}}, {{"batch", 2}, {"time", 7}}, {{"batch", 3}, {"time", 0}}, {{"batch", 5}, {"time", 2}}};

// One layer of LSTM as its expansion makes it: the inputs' part of the gates is computed before.
std::vector<ValueId> Lstm(Builder& builder, ValueId x, int64_t units, bool reverse) {
  const int64_t features = *builder.ExtentsOf(x).back().Constant();
  const Dim batch = builder.ExtentsOf(x)[0];
  const ValueId kernel = builder.Constant(RandomWeights({features, 4 * units}, 1));
  const ValueId gates = builder.Contract(x, kernel, {.left = {0, 1, 2}, .right = {2, 3}, .out = {0, 1, 3}});
  auto body = std::make_shared<Graph>();
  {
    Builder inner(*body);
    const ValueId h = inner.Input({batch, units});
    const ValueId c = inner.Input({batch, units});
    const ValueId step = inner.Input({batch, 4 * units});
    core::Literal weights = RandomWeights({units, 4 * units}, 2);
    for (float& weight : weights.data) weight *= 0.2F;
    const ValueId product =
        inner.Contract(h, inner.Constant(std::move(weights)), {.left = {0, 1}, .right = {1, 2}, .out = {0, 2}});
    MapBuilder sum;
    const ValueId z = inner.Map({product, step}, sum.Operand(0) + sum.Operand(1));
    const auto gate = [&](int64_t k) { return inner.Slice(z, {0, k * units}, {batch, units}, {1, 1}); };
    MapBuilder cell;
    const ValueId next_c =
        inner.Map({gate(0), gate(1), gate(2), c},
                  Apply(Function::Sigmoid, cell.Operand(1)) * cell.Operand(3) +
                      Apply(Function::Sigmoid, cell.Operand(0)) * Apply(Function::Tanh, cell.Operand(2)));
    MapBuilder out;
    const ValueId next_h =
        inner.Map({gate(3), next_c}, Apply(Function::Sigmoid, out.Operand(0)) * Apply(Function::Tanh, out.Operand(1)));
    body->outputs = {next_h, next_c, next_h};
  }
  const ValueId zeros = builder.Constant({.sizes = {1, units}, .data = std::vector<float>(static_cast<size_t>(units))});
  // As many rows of zeros as the batch has.
  MapBuilder spread;
  const ValueId column = builder.Reduce(x, core::Reduce::Kind::Sum, {1, 2});
  const ValueId start = builder.Map({column, zeros}, {{0}, {0, 1}}, 2, spread.Operand(0) * 0.0 + spread.Operand(1));
  return builder.Scan(
      {start, start, gates},
      {.body = body, .carries = 2, .sequences = 1, .sequence_axes = {1}, .result_axes = {1}, .reverse = reverse});
}

TEST(Scan, Lstm) {
  for (const int64_t units : {3, 16, 40}) {
    Graph graph;
    Builder builder(graph);
    const ValueId x = builder.Input({Batch(), Time(), 6});
    const std::vector<ValueId> forwards = Lstm(builder, x, units, /*reverse=*/false);
    const std::vector<ValueId> backwards = Lstm(builder, forwards[2], 5, /*reverse=*/true);
    graph.outputs = {forwards[0], forwards[1], forwards[2], backwards[2],
                     builder.Concat({backwards[0], forwards[0]}, 1)};
    ExpectSameAsInterpreter(graph, kSizes);
  }
}

// Its products are large enough to be shared between threads in each round.
TEST(Scan, LargeStepsAreShared) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({Batch(), 3, 40});
  graph.outputs = {Lstm(builder, x, 128, false)[2]};
  ExpectSameAsInterpreter(graph, {{{"batch", 1}}, {{"batch", 9}}}, {.tasks = CompiledGraph::Tasks::Shared});
}

// Carries that change places, are passed on, and are results; sequences and results along several axes and of several
// types; invariants.
TEST(Scan, CarriesOfEveryKind) {
  for (const bool reverse : {false, true}) {
    Graph graph;
    Builder builder(graph);
    const ValueId a = builder.Input({Batch(), 5});
    const ValueId b = builder.Input({Batch(), 5});
    const ValueId count = builder.Input({Batch()}, DType::I32);
    const ValueId first = builder.Input({Time(), Batch(), 5});
    const ValueId second = builder.Input({Batch(), 5, Time()}, DType::I32);
    const ValueId kernel = builder.Input({5, 5});
    auto body = std::make_shared<Graph>();
    {
      Builder inner(*body);
      const ValueId ia = inner.Input({Batch(), 5});
      const ValueId ib = inner.Input({Batch(), 5});
      const ValueId icount = inner.Input({Batch()}, DType::I32);
      const ValueId ifirst = inner.Input({Batch(), 5});
      const ValueId isecond = inner.Input({Batch(), 5}, DType::I32);
      const ValueId ikernel = inner.Input({5, 5});
      const ValueId product = inner.Contract(ib, ikernel, {.left = {0, 1}, .right = {1, 2}, .out = {0, 2}});
      MapBuilder mix;
      const ValueId mixed = inner.Map({product, ifirst, inner.Cast(isecond, DType::F32)},
                                      Apply(Function::Tanh, mix.Operand(0) + mix.Operand(1)) + mix.Operand(2) * 0.1);
      MapBuilder more;
      const ValueId next_count = inner.Map({icount, inner.Reduce(isecond, core::Reduce::Kind::Max, {1})},
                                           more.Operand(0, DType::I32) + more.Operand(1, DType::I32));
      const ValueId best = inner.Reduce(mixed, core::Reduce::Kind::ArgMax, {1});
      // b, then what a is; a is passed on as a result too.
      body->outputs = {ib, mixed, next_count, ia, inner.Transpose(mixed, {1, 0}), best, next_count, ifirst};
    }
    graph.outputs = builder.Scan({a, b, count, first, second, kernel}, {.body = body,
                                                                        .carries = 3,
                                                                        .sequences = 2,
                                                                        .sequence_axes = {0, 2},
                                                                        .result_axes = {1, 2, 0, 1, 0},
                                                                        .reverse = reverse});
    ExpectSameAsInterpreter(graph, kSizes);
  }
}

// A ConvLSTM's kind of step: padded inputs, a gather, steps written into a result that a convolution pads.
TEST(Scan, ConvolutionsAndGathersInside) {
  Graph graph;
  Builder builder(graph);
  const core::Convolve::Axis around{.pad_low = 1, .pad_high = 1};
  const ValueId frames = builder.Input({Batch(), Time(), 6, 7, 4});
  const ValueId words = builder.Input({Batch(), Time()}, DType::I32);
  const ValueId start = builder.Input({Batch(), 6, 7, 4});
  auto body = std::make_shared<Graph>();
  {
    Builder inner(*body);
    const ValueId state = inner.Input({Batch(), 6, 7, 4});
    const ValueId frame = inner.Input({Batch(), 6, 7, 4});
    const ValueId word = inner.Input({Batch()}, DType::I32);
    inner.SetOrigin("embedding");
    const ValueId row = inner.Gather(inner.Constant(RandomWeights({9, 4}, 4)), word);
    const ValueId convolved =
        inner.Convolve(state, inner.Constant(RandomWeights({3, 3, 4, 4}, 5)), {.axes = {around, around}});
    MapBuilder map;
    const ValueId next = inner.Map({convolved, frame, row}, {{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 3}}, 4,
                                   Apply(Function::Tanh, map.Operand(0) * 0.1 + map.Operand(1) + map.Operand(2)));
    body->outputs = {next, next};
  }
  const std::vector<ValueId> results = builder.Scan(
      {start, frames, words},
      {.body = body, .carries = 1, .sequences = 2, .sequence_axes = {1, 1}, .result_axes = {1}, .reverse = false});
  const ValueId merged = builder.Reshape(results[1], {Batch() * Time(), 6, 7, 4});
  graph.outputs = {results[0], builder.Convolve(merged, builder.Constant(RandomWeights({3, 3, 4, 8}, 6)),
                                                {.axes = {around, around}})};
  for (const int64_t bad : {-1, 9, 3}) {
    const auto inputs = [&](const Graph& of, const Symbols& symbols) {
      std::vector<core::Array> arrays = RandomArrays(of, symbols, 3);
      for (int64_t& k : arrays[1].integers) k = (k + 9) % 9;
      if (!arrays[1].integers.empty()) arrays[1].integers.back() = bad;
      return arrays;
    };
    ExpectSameAsInterpreter(graph, kSizes, {.inputs = inputs});
  }
}

}  // namespace
}  // namespace strata::testing
