// Kernels over sizes that meet every tile, tail and mask: compiled code equals the interpreter.
#include <gtest/gtest.h>

#include <random>

#include "compiler/core/builder.h"
#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

using core::Builder;
using core::Graph;
using core::ValueId;

core::Literal RandomLiteral(std::vector<int64_t> sizes, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  int64_t count = 1;
  for (int64_t size : sizes) count *= size;
  core::Literal literal{.sizes = std::move(sizes), .data = {}};
  for (int64_t k = 0; k < count; ++k) literal.data.push_back(normal(generator));
  return literal;
}

Graph WithBatch() {
  Graph graph;
  graph.symbols = {"batch"};
  return graph;
}

Dim Batch() { return Dim::Symbol("batch"); }

ValueId AddBiasAndRelu(Builder& builder, ValueId value, int64_t channels) {
  // Far from 0: where there is one result, it must not be what cancellation leaves.
  core::Literal values = RandomLiteral({channels}, 11);
  for (float& element : values.data) element += 50;
  const ValueId bias = builder.Constant(std::move(values));
  core::MapBuilder map;
  return builder.Map({value, bias}, Maximum(map.Operand(0) + map.Operand(1), 0.0));
}

// Batches around every tail of the register tiles: 14, 8, 4, 2, 1 and 6, 4, 2, 1.
TEST(DenseKernel, EveryTailOfBatchAndUnits) {
  for (int64_t units : {1, 3, 8, 10, 16, 17, 31, 32, 33, 64, 70, 128, 130, 300}) {
    for (int64_t inputs : {1, 7, 64}) {
      SCOPED_TRACE(std::to_string(inputs) + " -> " + std::to_string(units));
      Graph graph = WithBatch();
      Builder builder(graph);
      const ValueId x = builder.Input({Batch(), inputs});
      const ValueId kernel = builder.Constant(RandomLiteral({inputs, units}, 3));
      const ValueId y = builder.Contract(x, kernel, {.left = {0, 1}, .right = {1, 2}, .out = {0, 2}});
      graph.outputs = {AddBiasAndRelu(builder, y, units)};
      ExpectCompiledEqualsInterpreter(graph, {}, {0, 1, 2, 3, 5, 6, 7, 11, 13, 14, 15, 27, 29}, 5);
    }
  }
}

TEST(DenseKernel, LongReductionInFewUnits) {
  Graph graph = WithBatch();
  Builder builder(graph);
  const ValueId x = builder.Input({Batch(), 1000});
  const ValueId kernel = builder.Constant(RandomLiteral({1000, 5}, 3));
  graph.outputs = {builder.Contract(x, kernel, {.left = {0, 1}, .right = {1, 2}, .out = {0, 2}})};
  ExpectCompiledEqualsInterpreter(graph, {}, {1, 4, 20}, 5);
}

struct Convolution {
  int64_t height, width, channels, filters, kernel, stride, dilation, groups, pad;
};

class ConvolutionKernel : public ::testing::TestWithParam<Convolution> {};

TEST_P(ConvolutionKernel, EqualsInterpreter) {
  const Convolution& c = GetParam();
  Graph graph = WithBatch();
  Builder builder(graph);
  const ValueId x = builder.Input({Batch(), c.height, c.width, c.channels});
  const ValueId kernel = builder.Constant(RandomLiteral({c.kernel, c.kernel, c.channels / c.groups, c.filters}, 3));
  const core::Convolve::Axis axis{
      .stride = c.stride, .dilation = c.dilation, .pad_low = c.pad, .pad_high = c.pad + (c.pad > 0 ? 1 : 0)};
  const ValueId y = builder.Convolve(x, kernel, {.axes = {axis, axis}, .groups = c.groups});
  graph.outputs = {AddBiasAndRelu(builder, y, c.filters)};
  ExpectCompiledEqualsInterpreter(graph, {}, {1, 2}, 7);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, ConvolutionKernel,
    ::testing::Values(Convolution{5, 29, 3, 10, 3, 1, 1, 1, 1}, Convolution{15, 15, 17, 33, 3, 1, 1, 1, 1},
                      Convolution{4, 14, 32, 64, 1, 1, 1, 1, 0}, Convolution{7, 7, 16, 40, 1, 1, 1, 1, 0},
                      Convolution{13, 17, 8, 16, 3, 2, 1, 1, 1}, Convolution{13, 17, 8, 16, 2, 2, 1, 1, 0},
                      Convolution{12, 12, 5, 20, 3, 1, 2, 1, 2}, Convolution{9, 9, 12, 24, 3, 1, 1, 3, 1},
                      Convolution{9, 9, 64, 128, 3, 1, 1, 2, 1}, Convolution{9, 10, 33, 33, 3, 1, 1, 33, 1},
                      Convolution{9, 10, 5, 15, 3, 2, 1, 5, 1}, Convolution{9, 30, 16, 16, 5, 1, 1, 16, 2},
                      Convolution{1, 1, 64, 64, 1, 1, 1, 1, 0}, Convolution{3, 3, 600, 130, 3, 1, 1, 1, 0},
                      Convolution{2, 100, 1, 1, 2, 1, 1, 1, 0}));

// A kernel of weights larger than half the second-level cache runs with the channels outermost.
TEST(ConvolutionKernel, LargeWeights) {
  Graph graph = WithBatch();
  Builder builder(graph);
  const ValueId x = builder.Input({Batch(), 5, 6, 256});
  const ValueId kernel = builder.Constant(RandomLiteral({3, 3, 256, 160}, 3));
  const core::Convolve::Axis axis{.pad_low = 1, .pad_high = 1};
  graph.outputs = {builder.Convolve(x, kernel, {.axes = {axis, axis}})};
  ExpectCompiledEqualsInterpreter(graph, {}, {1, 2}, 7);
}

// A convolution along one axis, and over three.
TEST(ConvolutionKernel, OneAndThreeAxes) {
  Graph graph = WithBatch();
  Builder builder(graph);
  const core::Convolve::Axis axis{.stride = 1, .dilation = 2, .pad_low = 3, .pad_high = 1};
  const ValueId x = builder.Input({Batch(), 23, 6});
  const ValueId one = builder.Convolve(x, builder.Constant(RandomLiteral({3, 6, 20}, 3)), {.axes = {axis}});
  const ValueId z = builder.Input({Batch(), 5, 6, 7, 3});
  const ValueId three =
      builder.Convolve(z, builder.Constant(RandomLiteral({2, 2, 2, 3, 9}, 4)), {.axes = {axis, axis, axis}});
  graph.outputs = {one, three};
  ExpectCompiledEqualsInterpreter(graph, {}, {1, 3}, 7);
}

TEST(PoolKernel, EveryKindWithPadsStridesAndDilation) {
  for (const auto kind : {core::Window::Kind::Max, core::Window::Kind::Sum, core::Window::Kind::Mean}) {
    for (int64_t channels : {1, 8, 21}) {
      Graph graph = WithBatch();
      Builder builder(graph);
      const ValueId x = builder.Input({Batch(), 11, 13, channels});
      const core::Window::Axis none{};
      const core::Window::Axis plain{.size = 2, .stride = 2};
      const core::Window::Axis padded{.size = 3, .stride = 2, .dilation = 1, .pad_low = 1, .pad_high = 1};
      const core::Window::Axis dilated{.size = 3, .stride = 1, .dilation = 2, .pad_low = 2, .pad_high = 3};
      const core::Window::Axis large{.size = 6, .stride = 1};
      graph.outputs = {builder.Window(x, {.kind = kind, .axes = {none, plain, plain, none}}),
                       builder.Window(x, {.kind = kind, .axes = {none, padded, dilated, none}}),
                       builder.Window(x, {.kind = kind, .axes = {none, large, padded, none}})};
      ExpectCompiledEqualsInterpreter(graph, {}, {1, 2}, 9);
    }
  }
}

TEST(NestKernel, ReductionsOverEveryChoiceOfAxes) {
  using Kind = core::Reduce::Kind;
  for (const Kind kind : {Kind::Sum, Kind::Mean, Kind::Product, Kind::Max, Kind::Min}) {
    for (const std::vector<int>& axes :
         std::vector<std::vector<int>>{{1}, {2}, {3}, {1, 2}, {2, 3}, {1, 3}, {1, 2, 3}}) {
      Graph graph = WithBatch();
      Builder builder(graph);
      const ValueId x = builder.Input({Batch(), 3, 5, 19});
      graph.outputs = {builder.Reduce(x, kind, axes)};
      ExpectCompiledEqualsInterpreter(graph, {}, {1, 4}, 13);
    }
  }
}

TEST(NestKernel, TransposesSlicesPadsAndConcats) {
  Graph graph = WithBatch();
  Builder builder(graph);
  const ValueId x = builder.Input({Batch(), 6, 7, 20});
  const ValueId turned = builder.Transpose(x, {0, 3, 1, 2});
  const ValueId back = builder.Transpose(turned, {0, 2, 3, 1});
  const ValueId cut = builder.Slice(x, {0, 1, 0, 3}, {Batch(), 2, 7, 9}, {1, 2, 1, 1});
  const ValueId padded = builder.Pad(cut, {0, 1, 0, 2}, {0, 3, 0, 0}, 2.5);
  core::MapBuilder map;
  const ValueId mapped = builder.Map({x}, Apply(core::Map::Function::Tanh, map.Operand(0)));
  const ValueId joined = builder.Concat({x, mapped, back}, 3);
  const ValueId tall = builder.Concat({padded, padded}, 1);
  const ValueId flat = builder.Reshape(turned, {Batch(), 840});
  graph.outputs = {turned, cut, padded, joined, tall, flat, x, x};
  ExpectCompiledEqualsInterpreter(graph, {}, {1, 3}, 17);
}

// What lies in a buffer before a call, or beside it, must not show: padded values that are reused and joined.
TEST(Arena, PaddedValuesShareMemory) {
  Graph graph = WithBatch();
  Builder builder(graph);
  const core::Convolve::Axis axis{.pad_low = 1, .pad_high = 1};
  ValueId value = builder.Input({Batch(), 9, 9, 12});
  for (uint32_t round = 0; round < 6; ++round) {
    const ValueId kernel = builder.Constant(RandomLiteral({3, 3, 12, 12}, round));
    const ValueId next = builder.Convolve(value, kernel, {.axes = {axis, axis}});
    core::MapBuilder map;
    value = builder.Map({next, value}, Apply(core::Map::Function::Sigmoid, map.Operand(0) + map.Operand(1)));
  }
  graph.outputs = {value};
  ExpectCompiledEqualsInterpreter(graph, {}, {1, 2, 5}, 19);
}

}  // namespace
}  // namespace strata::testing
