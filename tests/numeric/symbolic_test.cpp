// Graphs whose height, width, depth or time vary: one object at several sizes.
#include <gtest/gtest.h>

#include "tests/numeric/graphs.h"

namespace strata::testing {
namespace {

using core::Builder;
using core::Graph;
using core::ValueId;

Dim Symbol(const char* name) { return Dim::Symbol(name); }

ValueId Convolve(Builder& builder, ValueId x, int64_t filters, const std::vector<core::Convolve::Axis>& axes,
                 int64_t kernel, int64_t groups = 1) {
  const int64_t channels = *builder.ExtentsOf(x).back().Constant();
  std::vector<int64_t> sizes(axes.size(), kernel);
  sizes.push_back(channels / groups);
  sizes.push_back(filters);
  const ValueId y = builder.Convolve(x, builder.Constant(RandomWeights(sizes, 3)), {.axes = axes, .groups = groups});
  core::MapBuilder map;
  const ValueId bias = builder.Constant(RandomWeights({filters}, 5));
  return builder.Map({y, bias}, Maximum(map.Operand(0) + map.Operand(1), 0.0));
}

// As padding="same" has it: ceil(extent / stride) places.
core::Convolve::Axis Same(const Dim& extent, int64_t kernel, int64_t stride) {
  const Dim places = CeilDivide(extent, stride);
  const Dim total = Max((places - 1) * stride + kernel - extent, 0);
  return {.stride = stride, .pad_low = FloorDivide(total, 2), .pad_high = total - FloorDivide(total, 2)};
}

TEST(SymbolicSizes, ImageConvolutions) {
  for (const int64_t stride : {1, 2, 3}) {
    Graph graph;
    Builder builder(graph);
    const Dim h = Symbol("H");
    const Dim w = Symbol("W");
    const ValueId x = builder.Input({Symbol("batch"), h, w, 5});
    const ValueId same = Convolve(builder, x, 20, {Same(h, 3, stride), Same(w, 3, stride)}, 3);
    const ValueId valid = Convolve(builder, x, 9, {{.stride = stride}, {.stride = stride, .dilation = 2}}, 3);
    const ValueId depthwise =
        Convolve(builder, same, 20, {{.pad_low = 1, .pad_high = 1}, {.pad_low = 1, .pad_high = 1}}, 3, /*groups=*/20);
    graph.outputs = {same, valid, depthwise};
    ExpectSameAsInterpreter(graph, {{{"batch", 1}, {"H", 5}, {"W", 5}},
                                    {{"batch", 2}, {"H", 7}, {"W", 19}},
                                    {{"batch", 1}, {"H", 16}, {"W", 8}},
                                    {{"batch", 3}, {"H", 9}, {"W", 6}},
                                    {{"batch", 0}, {"H", 9}, {"W", 6}}});
  }
}

// A U-Net in little: what is halved twice is doubled again and joined with what it was.
TEST(SymbolicSizes, Unet) {
  Graph graph;
  Builder builder(graph);
  const Dim h = Symbol("H");
  const Dim w = Symbol("W");
  const core::Convolve::Axis around{.pad_low = 1, .pad_high = 1};
  const core::Window::Axis one;
  const core::Window::Axis two{.size = 2, .stride = 2};
  const auto halve = [&](ValueId x) { return builder.Window(x, {.axes = {one, two, two, one}}); };
  const auto twice = [&](ValueId x) {
    const core::Extents extents = builder.ExtentsOf(x);
    core::MapBuilder map;
    const ValueId ones = builder.Constant({.sizes = {1, 1, 2, 1, 2, 1}, .data = {1, 1, 1, 1}});
    const ValueId wide = builder.Map({x, ones}, {{0, 1, 3, 5}, {0, 1, 2, 3, 4, 5}}, 6, map.Operand(0) * map.Operand(1));
    return builder.Reshape(wide, {extents[0], extents[1] * 2, extents[2] * 2, extents[3]});
  };
  const ValueId x = builder.Input({Symbol("batch"), h * 4, w * 4, 3});
  const ValueId top = Convolve(builder, x, 8, {around, around}, 3);
  const ValueId middle = Convolve(builder, halve(top), 16, {around, around}, 3);
  const ValueId bottom = Convolve(builder, halve(middle), 24, {around, around}, 3);
  const ValueId up = Convolve(builder, builder.Concat({middle, twice(bottom)}, 3), 16, {around, around}, 3);
  graph.outputs = {Convolve(builder, builder.Concat({top, twice(up)}, 3), 4, {around, around}, 3)};
  ExpectSameAsInterpreter(graph, {{{"batch", 1}, {"H", 1}, {"W", 1}},
                                  {{"batch", 2}, {"H", 2}, {"W", 5}},
                                  {{"batch", 1}, {"H", 7}, {"W", 3}},
                                  {{"batch", 1}, {"H", 0}, {"W", 3}}});
}

TEST(SymbolicSizes, CausalConvolutionsOverTime) {
  Graph graph;
  Builder builder(graph);
  ValueId value = builder.Input({Symbol("batch"), Symbol("time"), 6});
  for (const int64_t dilation : {1, 2, 4}) {
    const ValueId next = Convolve(builder, value, 6, {{.dilation = dilation, .pad_low = dilation}}, 2);
    core::MapBuilder map;
    value = builder.Map({next, value}, map.Operand(0) + map.Operand(1));
  }
  graph.outputs = {value, Convolve(builder, value, 33, {{.stride = 2, .pad_low = 1}}, 2)};
  ExpectSameAsInterpreter(graph, {{{"batch", 1}, {"time", 1}},
                                  {{"batch", 2}, {"time", 2}},
                                  {{"batch", 1}, {"time", 31}},
                                  {{"batch", 3}, {"time", 40}},
                                  {{"batch", 2}, {"time", 0}}});
}

TEST(SymbolicSizes, VolumesAndTheirPools) {
  Graph graph;
  Builder builder(graph);
  const core::Convolve::Axis around{.pad_low = 1, .pad_high = 1};
  const core::Window::Axis one;
  const core::Window::Axis padded{.size = 3, .stride = 2, .dilation = 1, .pad_low = 1, .pad_high = 1};
  const ValueId x = builder.Input({Symbol("batch"), Symbol("D"), Symbol("H"), Symbol("W"), 3});
  const ValueId y = Convolve(builder, x, 10, {around, around, around}, 3);
  graph.outputs = {builder.Window(y, {.kind = core::Window::Kind::Max, .axes = {one, padded, padded, padded, one}}),
                   builder.Window(y, {.kind = core::Window::Kind::Mean, .axes = {one, padded, one, padded, one}})};
  ExpectSameAsInterpreter(graph, {{{"batch", 1}, {"D", 3}, {"H", 4}, {"W", 5}},
                                  {{"batch", 2}, {"D", 1}, {"H", 2}, {"W", 9}},
                                  {{"batch", 1}, {"D", 6}, {"H", 1}, {"W", 1}}});
}

TEST(SymbolicSizes, GlobalPoolingAndViews) {
  Graph graph;
  Builder builder(graph);
  const Dim h = Symbol("H");
  const Dim w = Symbol("W");
  const ValueId x = builder.Input({Symbol("batch"), h, w, 12});
  const ValueId turned = builder.Transpose(x, {0, 3, 2, 1});
  const ValueId mean = builder.Reduce(x, core::Reduce::Kind::Mean, {1, 2});
  const ValueId kernel = builder.Constant(RandomWeights({12, 7}, 9));
  const ValueId rows = builder.Reshape(x, {Symbol("batch"), h * w, 12});
  graph.outputs = {builder.Contract(mean, kernel, {.left = {0, 1}, .right = {1, 2}, .out = {0, 2}}),
                   builder.Contract(rows, kernel, {.left = {0, 1, 2}, .right = {2, 3}, .out = {0, 1, 3}}),
                   builder.Contract(turned, builder.Constant(RandomWeights({12, 5}, 9)),
                                    {.left = {0, 1, 2, 3}, .right = {1, 4}, .out = {0, 2, 3, 4}}),
                   builder.Reshape(turned, {Symbol("batch"), w * h * 12}),
                   builder.Slice(x, {0, 1, 0, 2}, {Symbol("batch"), h - 1, FloorDivide(w + 1, 2), 3}, {1, 1, 2, 3}),
                   builder.Pad(x, {0, 2, 0, 0}, {0, h, 1, 0}, 3),
                   builder.Concat({turned, turned}, 2)};
  ExpectSameAsInterpreter(
      graph,
      {{{"batch", 1}, {"H", 1}, {"W", 1}}, {{"batch", 2}, {"H", 6}, {"W", 5}}, {{"batch", 1}, {"H", 17}, {"W", 16}}});
}

// Sizes that a graph has no meaning for are refused, with nothing read or written.
TEST(SymbolicSizes, OnesThatDoNotFitAreRefused) {
  Graph graph;
  Builder builder(graph);
  const Dim h = Symbol("H");
  const ValueId x = builder.Input({h, 4});
  graph.outputs = {builder.Slice(x, {5, 0}, {h - 5, 4}, {1, 1}), builder.Slice(x, {2, 0}, {7, 4}, {1, 1})};
  const CompiledGraph compiled(graph, *HostTarget(), CompiledGraph::Tasks::Alone);
  for (const int64_t height : {0, 4, 5, 8, 9, 20}) {
    const Symbols symbols = {{"H", height}};
    const CallResult result = compiled.Run(RandomArrays(graph, symbols, 1), symbols);
    EXPECT_EQ(result.code, height < 9 ? STRATA_BAD_SIZE : STRATA_OK) << height;
  }
}

TEST(SymbolicSizes, DivisorOfZeroIsRefused) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({Symbol("N"), Symbol("H")});
  graph.outputs = {builder.Slice(x, {0, 0}, {FloorDivide(Symbol("N"), Symbol("H")), 1}, {1, 1})};
  const CompiledGraph compiled(graph, *HostTarget(), CompiledGraph::Tasks::Alone);
  const auto code = [&](int64_t n, int64_t h) {
    const Symbols symbols = {{"N", n}, {"H", h}};
    return compiled.Run(RandomArrays(graph, symbols, 1), symbols).code;
  };
  EXPECT_EQ(code(6, 2), STRATA_OK);
  EXPECT_EQ(code(6, 0), STRATA_BAD_SIZE);
}

TEST(Guards, AreTestedInOrderWithTheirTexts) {
  Graph graph;
  Builder builder(graph);
  const Dim h = Symbol("H");
  const Dim w = Symbol("W");
  const ValueId x = builder.Input({h, w});
  builder.Guard({.value = Modulo(h, 2), .test = core::Guard::Test::Zero, .text = "Concatenate needs H % 2 == 0"});
  builder.Guard({.value = w - h * 3, .test = core::Guard::Test::NotNegative, .text = "Crop needs W >= 3 * H"});
  graph.outputs = {builder.Slice(x, {0, 0}, {FloorDivide(h, 2), w - h * 3}, {2, 1})};
  ExpectSameAsInterpreter(graph,
                          {{{"H", 2}, {"W", 9}}, {{"H", 35}, {"W", 200}}, {{"H", 4}, {"W", 11}}, {{"H", 1}, {"W", 0}}});

  const CompiledGraph compiled(graph, *HostTarget(), CompiledGraph::Tasks::Alone);
  const strata_model& model = compiled.Model();
  const auto text = [&](int32_t code, const int64_t* values, int64_t size) {
    std::string buffer(64, '?');
    EXPECT_EQ(model.error_text_for(code, values, buffer.data(), size), values == nullptr ? 31 : 36);
    return std::string(buffer.c_str());
  };
  const int64_t symbols[] = {35, 0};
  const int64_t large[] = {int64_t{1} << 62, 0};
  int64_t sizes[4];
  EXPECT_EQ(model.sizes(symbols, sizes), STRATA_FIRST_GUARD);
  EXPECT_EQ(model.workspace_size(symbols), -STRATA_FIRST_GUARD);
  EXPECT_EQ(text(STRATA_FIRST_GUARD, symbols, 64), "H = 35: Concatenate needs H % 2 == 0");
  EXPECT_EQ(text(STRATA_FIRST_GUARD, symbols, 7), "H = 35");
  EXPECT_EQ(text(STRATA_FIRST_GUARD, symbols, 5), "H = ");
  EXPECT_EQ(text(STRATA_FIRST_GUARD, nullptr, 64), "H: Concatenate needs H % 2 == 0");
  // What 64 bits do not hold is too large, whatever the guard says.
  EXPECT_LT(model.workspace_size(large), 0);
}

}  // namespace
}  // namespace strata::testing
