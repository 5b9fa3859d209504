#include "compiler/core/interpreter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "compiler/core/builder.h"
#include "compiler/core/map_function.h"

namespace strata::core {
namespace {

using Data = std::vector<double>;

const Dim kBatch = Dim::Symbol("batch");
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// first, first + 1, ...
Array Counting(std::vector<int64_t> sizes, double first = 0) {
  Array array{.sizes = std::move(sizes), .data = {}};
  array.data.resize(static_cast<size_t>(
      std::accumulate(array.sizes.begin(), array.sizes.end(), int64_t{1}, std::multiplies<int64_t>())));
  std::iota(array.data.begin(), array.data.end(), first);
  return array;
}

// Builds a graph over inputs of these sizes, verifies it and gives its only output.
template <typename Build>
Array RunGraph(const std::vector<Array>& inputs, Build build) {
  Graph graph;
  Builder builder(graph);
  std::vector<ValueId> ids;
  for (const Array& input : inputs) ids.push_back(builder.Input(Extents(input.sizes.begin(), input.sizes.end())));
  graph.outputs = {build(builder, ids)};
  Verify(graph);
  return Interpret(graph, inputs, {}).front();
}

TEST(Interpreter, Contract) {
  const Array product =
      RunGraph({{.sizes = {2, 3}, .data = {1, 2, 3, 4, 5, 6}}, {.sizes = {3, 2}, .data = {1, 0, 0, 1, 2, 2}}},
               [](Builder& b, const auto& in) {
                 return b.Contract(in[0], in[1], {.left = {0, 1}, .right = {1, 2}, .out = {0, 2}});
               });
  EXPECT_EQ(product.sizes, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(product.data, (Data{7, 8, 16, 17}));
  // A label on one side alone is summed there; a shared one that stays is a batch.
  const Array rows = RunGraph({{.sizes = {2, 2}, .data = {1, 2, 3, 4}}, {.sizes = {2, 3}, .data = {1, 1, 1, 1, 2, 3}}},
                              [](Builder& b, const auto& in) {
                                return b.Contract(in[0], in[1], {.left = {0, 1}, .right = {0, 2}, .out = {0}});
                              });
  EXPECT_EQ(rows.data, (Data{3 * 3, 7 * 6}));
  const Array outer = RunGraph(
      {{.sizes = {2}, .data = {1, 2}}, {.sizes = {3}, .data = {1, 10, 100}}},
      [](Builder& b, const auto& in) { return b.Contract(in[0], in[1], {.left = {0}, .right = {1}, .out = {1, 0}}); });
  EXPECT_EQ(outer.data, (Data{1, 2, 10, 20, 100, 200}));
}

TEST(Interpreter, Convolve1D) {
  const auto convolve = [](Convolve::Axis axis) {
    return RunGraph({{.sizes = {1, 5, 1}, .data = {1, 2, 3, 4, 5}}, {.sizes = {2, 1, 1}, .data = {1, 10}}},
                    [&](Builder& b, const auto& in) { return b.Convolve(in[0], in[1], {.axes = {axis}}); })
        .data;
  };
  EXPECT_EQ(convolve({}), (Data{21, 32, 43, 54}));
  EXPECT_EQ(convolve({.stride = 2}), (Data{21, 43}));
  EXPECT_EQ(convolve({.dilation = 3}), (Data{41, 52}));
  EXPECT_EQ(convolve({.pad_low = 1, .pad_high = 1}), (Data{10, 21, 32, 43, 54, 5}));
  EXPECT_EQ(convolve({.stride = 2, .dilation = 2, .pad_low = 2, .pad_high = 1}), (Data{10, 31, 53}));
}

TEST(Interpreter, Convolve2DWithChannels) {
  // Each tap picks one element: 1 for the tap (ky, kx), input channel i, output channel c.
  const Array input = Counting({2, 3, 4, 2});
  Array kernel{.sizes = {2, 2, 2, 3}, .data = Data(24, 0)};
  kernel.data[((1 * 2 + 0) * 2 + 1) * 3 + 2] = 1;
  const Array result = RunGraph({input, kernel}, [](Builder& b, const auto& in) {
    return b.Convolve(in[0], in[1], {.axes = {{.pad_high = 1}, {.stride = 2}}});
  });
  ASSERT_EQ(result.sizes, (std::vector<int64_t>{2, 3, 2, 3}));
  for (size_t n = 0; n < 2; ++n) {
    for (size_t y = 0; y < 3; ++y) {
      for (size_t x = 0; x < 2; ++x) {
        const double* pixel = result.data.data() + ((n * 3 + y) * 2 + x) * 3;
        const double expected = y + 1 < 3 ? input.data[((n * 3 + y + 1) * 4 + 2 * x) * 2 + 1] : 0;
        EXPECT_EQ(pixel[0], 0);
        EXPECT_EQ(pixel[1], 0);
        EXPECT_EQ(pixel[2], expected);
      }
    }
  }
}

TEST(Interpreter, ConvolveGroups) {
  // Two groups of two channels each; three outputs each.
  const Array result = RunGraph(
      {{.sizes = {1, 1, 4}, .data = {1, 2, 3, 4}}, {.sizes = {1, 2, 6}, .data = {1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1}}},
      [](Builder& b, const auto& in) { return b.Convolve(in[0], in[1], {.axes = {{}}, .groups = 2}); });
  EXPECT_EQ(result.data, (Data{1, 2, 3, 3, 4, 7}));
}

TEST(Interpreter, Window) {
  const auto window = [](Window::Kind kind, Window::Axis axis) {
    return RunGraph({{.sizes = {1, 5, 1}, .data = {1, -2, 3, 4, -5}}},
                    [&](Builder& b, const auto& in) { return b.Window(in[0], {.kind = kind, .axes = {{}, axis, {}}}); })
        .data;
  };
  EXPECT_EQ(window(Window::Kind::Max, {.size = 2}), (Data{1, 3, 4, 4}));
  EXPECT_EQ(window(Window::Kind::Max, {.size = 2, .stride = 2}), (Data{1, 4}));
  EXPECT_EQ(window(Window::Kind::Max, {.size = 2, .dilation = 3}), (Data{4, -2}));
  EXPECT_EQ(window(Window::Kind::Sum, {.size = 3, .pad_low = 1, .pad_high = 1}), (Data{-1, 2, 5, 2, -1}));
  EXPECT_EQ(window(Window::Kind::Mean, {.size = 2, .stride = 2, .pad_high = 1}), (Data{-0.5, 3.5, -5}));
  EXPECT_EQ(window(Window::Kind::Max, {.size = 2, .stride = 2, .pad_high = 1}), (Data{1, 4, -5}));
  EXPECT_EQ(window(Window::Kind::Sum, {.size = 1, .stride = 6, .pad_low = 1, .pad_high = 2}), (Data{0, 0}));
}

TEST(InterpreterDeathTest, WindowOfPaddingAlone) {
  // Size 2 with dilation 3 over one element: the first window steps over it.
  EXPECT_DEATH(RunGraph({Counting({1})},
                        [](Builder& b, const auto& in) {
                          return b.Window(in[0], {.axes = {{.size = 2, .dilation = 3, .pad_low = 1, .pad_high = 2}}});
                        }),
               "inside > 0");
}

TEST(Interpreter, MapBroadcasts) {
  const Array sum =
      RunGraph({Counting({2, 3}), {.sizes = {3}, .data = {10, 20, 30}}, {.sizes = {2, 1}, .data = {100, 200}}},
               [](Builder& b, const auto& in) {
                 MapBuilder map;
                 return b.Map(in, map.Operand(0) + map.Operand(1) + map.Operand(2));
               });
  EXPECT_EQ(sum.data, (Data{110, 121, 132, 213, 224, 235}));
  const Array leading = RunGraph({Counting({2, 3}), {.sizes = {2}, .data = {1, 2}}}, [](Builder& b, const auto& in) {
    MapBuilder map;
    return b.Map(in, {{0, 1}, {0}}, 2, map.Operand(0) * map.Operand(1));
  });
  EXPECT_EQ(leading.data, (Data{0, 1, 2, 6, 8, 10}));
  const Array index = RunGraph({Counting({2, 3})}, [](Builder& b, const auto& in) {
    MapBuilder map;
    return b.Map(in, map.Index(0) * 10.0 + map.Index(1));
  });
  EXPECT_EQ(index.data, (Data{0, 1, 2, 10, 11, 12}));
  const Array scalar = RunGraph({}, [](Builder& b, const auto&) {
    MapBuilder map;
    return b.Map({}, map.Constant(7));
  });
  EXPECT_TRUE(scalar.sizes.empty());
  EXPECT_EQ(scalar.data, (Data{7}));
}

TEST(Interpreter, Functions) {
  using enum Map::Function;
  const auto of = [](Map::Function function, double a, double b = 0, double c = 0) {
    return Evaluate(function, a, b, c);
  };
  EXPECT_EQ(of(Add, 1, 2), 3);
  EXPECT_EQ(of(Subtract, 1, 2), -1);
  EXPECT_EQ(of(Multiply, 3, 2), 6);
  EXPECT_EQ(of(Divide, 3, 2), 1.5);
  EXPECT_EQ(of(Maximum, 3, 2), 3);
  EXPECT_EQ(of(Minimum, 3, 2), 2);
  EXPECT_EQ(of(Negate, 3), -3);
  EXPECT_EQ(of(Abs, -3), 3);
  EXPECT_DOUBLE_EQ(of(Exp, 1), 2.718281828459045);
  EXPECT_DOUBLE_EQ(of(Expm1, 1e-20), 1e-20);
  EXPECT_DOUBLE_EQ(of(Log, 2.718281828459045), 1);
  EXPECT_DOUBLE_EQ(of(Log1p, 1e-20), 1e-20);
  EXPECT_EQ(of(Sqrt, 16), 4);
  EXPECT_EQ(of(Rsqrt, 16), 0.25);
  EXPECT_DOUBLE_EQ(of(Tanh, 0.5), 0.46211715726000973);
  EXPECT_EQ(of(Sigmoid, 0), 0.5);
  EXPECT_EQ(of(Sigmoid, -1000), 0);
  EXPECT_DOUBLE_EQ(of(Erf, 0.5), 0.5204998778130465);
  EXPECT_EQ(of(Floor, -1.5), -2);
  EXPECT_EQ(of(Less, 1, 2), 1);
  EXPECT_EQ(of(Less, 2, 2), 0);
  EXPECT_EQ(of(LessEqual, 2, 2), 1);
  EXPECT_EQ(of(LessEqual, 3, 2), 0);
  EXPECT_EQ(of(Equal, 2, 2), 1);
  EXPECT_EQ(of(Equal, 2, 3), 0);
  EXPECT_EQ(of(Select, 1, 2, 3), 2);
  EXPECT_EQ(of(Select, 0, 2, 3), 3);
  for (Map::Function function : {Maximum, Minimum}) {
    EXPECT_TRUE(std::isnan(of(function, NAN, 1)));
    EXPECT_TRUE(std::isnan(of(function, 1, NAN)));
  }
}

TEST(Interpreter, Reduce) {
  const auto reduce = [](const Array& input, Reduce::Kind kind, const std::vector<int>& axes) {
    return RunGraph({input}, [&](Builder& b, const auto& in) { return b.Reduce(in[0], kind, axes); });
  };
  const Array input = Counting({2, 3, 2}, 1);
  EXPECT_EQ(reduce(input, Reduce::Kind::Sum, {1}).data, (Data{9, 12, 27, 30}));
  EXPECT_EQ(reduce(input, Reduce::Kind::Sum, {0, 2}).data, (Data{18, 26, 34}));
  EXPECT_EQ(reduce(input, Reduce::Kind::Mean, {1}).data, (Data{3, 4, 9, 10}));
  EXPECT_EQ(reduce(input, Reduce::Kind::Product, {1, 2}).data, (Data{720, 665280}));
  EXPECT_EQ(reduce(input, Reduce::Kind::Max, {0}).data, (Data{7, 8, 9, 10, 11, 12}));
  EXPECT_EQ(reduce(input, Reduce::Kind::Min, {0, 1, 2}).data, (Data{1}));
  EXPECT_EQ(reduce(input, Reduce::Kind::Sum, {}).data, input.data);
  EXPECT_TRUE(reduce(input, Reduce::Kind::Sum, {0, 1, 2}).sizes.empty());
  const Array none = Counting({2, 0});
  EXPECT_EQ(reduce(none, Reduce::Kind::Sum, {1}).data, (Data{0, 0}));
  EXPECT_EQ(reduce(none, Reduce::Kind::Product, {1}).data, (Data{1, 1}));
  EXPECT_EQ(reduce(none, Reduce::Kind::Max, {1}).data, (Data{-kInfinity, -kInfinity}));
  EXPECT_EQ(reduce(none, Reduce::Kind::Min, {1}).data, (Data{kInfinity, kInfinity}));
  EXPECT_TRUE(std::isnan(reduce(none, Reduce::Kind::Mean, {1}).data[0]));
  EXPECT_TRUE(reduce(none, Reduce::Kind::Sum, {0}).data.empty());
  const Array with_nan = {.sizes = {3}, .data = {1, NAN, 3}};
  EXPECT_TRUE(std::isnan(reduce(with_nan, Reduce::Kind::Max, {0}).data[0]));
  EXPECT_TRUE(std::isnan(reduce(with_nan, Reduce::Kind::Min, {0}).data[0]));
}

TEST(Interpreter, Views) {
  const Array input = Counting({2, 3});
  EXPECT_EQ(RunGraph({input}, [](Builder& b, const auto& in) { return b.Transpose(in[0], {1, 0}); }).data,
            (Data{0, 3, 1, 4, 2, 5}));
  const Array cube =
      RunGraph({Counting({2, 3, 2})}, [](Builder& b, const auto& in) { return b.Transpose(in[0], {2, 0, 1}); });
  EXPECT_EQ(cube.sizes, (std::vector<int64_t>{2, 2, 3}));
  EXPECT_EQ(cube.data, (Data{0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11}));
  const Array reshaped = RunGraph({input}, [](Builder& b, const auto& in) { return b.Reshape(in[0], {3, 2}); });
  EXPECT_EQ(reshaped.sizes, (std::vector<int64_t>{3, 2}));
  EXPECT_EQ(reshaped.data, input.data);
  EXPECT_EQ(
      RunGraph({Counting({3, 5})}, [](Builder& b, const auto& in) { return b.Slice(in[0], {1, 0}, {2, 3}, {1, 2}); })
          .data,
      (Data{5, 7, 9, 10, 12, 14}));
  EXPECT_EQ(RunGraph({input}, [](Builder& b, const auto& in) { return b.Pad(in[0], {0, 1}, {1, 2}, -1); }).data,
            (Data{-1, 0, 1, 2, -1, -1, -1, 3, 4, 5, -1, -1, -1, -1, -1, -1, -1, -1}));
  EXPECT_EQ(RunGraph({input, {.sizes = {2, 1}, .data = {7, 8}}},
                     [](Builder& b, const auto& in) { return b.Concat({in[0], in[1], in[0]}, 1); })
                .data,
            (Data{0, 1, 2, 7, 0, 1, 2, 3, 4, 5, 8, 3, 4, 5}));
  EXPECT_EQ(RunGraph({input, Counting({1, 3}, 6)}, [](Builder& b, const auto& in) { return b.Concat(in, 0); }).data,
            (Data{0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Interpreter, ConstantsWeightsAndSymbols) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({kBatch, 2});
  const ValueId constant = builder.Constant({.sizes = {2}, .data = {0.5f, 2}});
  const ValueId weight = builder.Weight("layer/weight", {2});
  MapBuilder map;
  const ValueId y = builder.Map({x, constant, weight}, map.Operand(0) * map.Operand(1) + map.Operand(2));
  graph.outputs = {y, x};
  Verify(graph);
  std::vector<std::string> asked;
  const Environment environment = {.symbols = {{"batch", 2}}, .weight = [&](const std::string& path) {
                                     asked.push_back(path);
                                     return Array{.sizes = {2}, .data = {10, 20}};
                                   }};
  const std::vector<Array> outputs = Interpret(graph, {Counting({2, 2})}, environment);
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].sizes, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(outputs[0].data, (Data{10, 22, 11, 26}));
  EXPECT_EQ(outputs[1].data, (Data{0, 1, 2, 3}));
  EXPECT_EQ(asked, (std::vector<std::string>{"layer/weight"}));
  const std::vector<Array> all = InterpretAll(graph, {Counting({2, 2})}, environment);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1].data, (Data{0.5, 2}));
  EXPECT_EQ(all[2].data, (Data{10, 20}));
  EXPECT_EQ(all[3].data, outputs[0].data);
}

TEST(Interpreter, SymbolicPaddingAndSlices) {
  Graph graph;
  Builder builder(graph);
  const Dim h = Dim::Symbol("H");
  const ValueId x = builder.Input({h});
  const ValueId padded = builder.Pad(x, {Modulo(h, 2)}, {0}, 9);
  graph.outputs = {builder.Slice(padded, {FloorDivide(h, 2)}, {CeilDivide(h, 2)}, {1})};
  Verify(graph);
  EXPECT_EQ(Interpret(graph, {Counting({5})}, {.symbols = {{"H", 5}}, .weight = nullptr}).front().data,
            (Data{1, 2, 3}));
  EXPECT_EQ(Interpret(graph, {Counting({4})}, {.symbols = {{"H", 4}}, .weight = nullptr}).front().data, (Data{2, 3}));
}

TEST(InterpreterDeathTest, WrongSizes) {
  Graph graph;
  Builder builder(graph);
  graph.outputs = {builder.Input({kBatch, 2})};
  EXPECT_DEATH(Interpret(graph, {Counting({3, 2})}, {.symbols = {{"batch", 2}}, .weight = nullptr}), "sizes");
  EXPECT_DEATH(Interpret(graph, {Counting({3, 2})}, {}), "has_value");
  EXPECT_DEATH(Interpret(graph, {}, {.symbols = {{"batch", 2}}, .weight = nullptr}), "inputs");
}

TEST(Interpreter, GroupMeansItsBody) {
  Graph body;
  {
    Builder builder(body);
    const ValueId a = builder.Input({kBatch, 2});
    const ValueId b = builder.Input({2});
    const ValueId w = builder.Weight("w", {2});
    MapBuilder map;
    body.outputs = {builder.Map({a, b, w}, map.Operand(0) - map.Operand(1) * map.Operand(2)),
                    builder.Reduce(a, Reduce::Kind::Sum, {1})};
  }
  Graph graph;
  Builder builder(graph);
  const ValueId y = builder.Constant({.sizes = {2}, .data = {1, 2}});
  const ValueId x = builder.Input({kBatch, 2});
  // Two results: the builder makes groups of one.
  const ValueId first{2};
  const ValueId second{3};
  graph.values.push_back({.extents = {kBatch, 2}, .producer = 2});
  graph.values.push_back({.extents = {kBatch}, .producer = 2});
  graph.operations.push_back(
      {.op = Group{.body = std::make_shared<const Graph>(body)}, .operands = {x, y}, .results = {first, second}});
  graph.outputs = {second, first};
  Verify(graph);
  const Environment environment = {.symbols = {{"batch", 2}},
                                   .weight = [](const std::string&) { return Array{.sizes = {2}, .data = {10, 100}}; }};
  const std::vector<Array> outputs = Interpret(graph, {Counting({2, 2})}, environment);
  EXPECT_EQ(outputs[0].data, (Data{1, 5}));
  EXPECT_EQ(outputs[1].data, (Data{-10, -199, -8, -197}));
}

// Seconds here would make the comparison of whole models with the interpreter impractical.
TEST(Interpreter, LargeConvolution) {
  const Array image = {.sizes = {1, 56, 56, 64}, .data = Data(56 * 56 * 64, 1)};
  const Array kernel = {.sizes = {3, 3, 64, 64}, .data = Data(3 * 3 * 64 * 64, 2)};
  const Array result = RunGraph({image, kernel}, [](Builder& b, const auto& in) {
    const Convolve::Axis same = {.pad_low = 1, .pad_high = 1};
    return b.Convolve(in[0], in[1], {.axes = {same, same}});
  });
  EXPECT_EQ(result.sizes, (std::vector<int64_t>{1, 56, 56, 64}));
  EXPECT_EQ(result.data.front(), 4 * 64 * 2);
  EXPECT_EQ(result.data[(56 + 1) * 64], 9 * 64 * 2);
}

}  // namespace
}  // namespace strata::core
