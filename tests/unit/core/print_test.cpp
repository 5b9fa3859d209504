#include <gtest/gtest.h>

#include "compiler/core/builder.h"

namespace strata::core {
namespace {

const Dim kBatch = Dim::Symbol("batch");

// The text of a Map with this expression over two operands.
template <typename Make>
std::string MapText(Make make) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({2, 3, 4});
  const ValueId y = builder.Input({2, 3, 4});
  MapBuilder map;
  builder.Map({x, y}, make(map.Operand(0), map.Operand(1)));
  const std::string text = Print(graph);
  const size_t begin = text.find("Map(%0, %1) = ") + 14;
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(Print, Name) {
  EXPECT_EQ(Name(Op(Convolve())), "Convolve");
  EXPECT_EQ(Name(Op(Group())), "Group");
}

TEST(Print, Expressions) {
  EXPECT_EQ(MapText([](Expr x, Expr y) { return Maximum(x + y, 0.0); }), "max($0 + $1, 0)");
  EXPECT_EQ(MapText([](Expr x, Expr y) { return (x + y) * (x - y); }), "($0 + $1) * ($0 - $1)");
  EXPECT_EQ(MapText([](Expr x, Expr y) { return x - (y - 1.5); }), "$0 - ($1 - 1.5)");
  EXPECT_EQ(MapText([](Expr x, Expr y) { return x / (y * 2.0); }), "$0 / ($1 * 2)");
  EXPECT_EQ(MapText([](Expr x, Expr y) { return -(x + y) * -3.0; }), "(-($0 + $1)) * (-3)");
  EXPECT_EQ(MapText([](Expr x, Expr y) { return Select(Less(x, y), x, -y); }), "select($0 < $1, $0, -$1)");
  EXPECT_EQ(MapText([](Expr x, Expr) { return Apply(Map::Function::Rsqrt, x + 0.001); }), "rsqrt($0 + 0.001)");
  EXPECT_EQ(MapText([](Expr x, Expr) { return x * x.builder->Index(2); }), "$0 * index(2)");
}

TEST(Print, SharedExpressionsGetNames) {
  EXPECT_EQ(MapText([](Expr x, Expr) {
              const Expr t = Apply(Map::Function::Exp, x);
              return t / (t + 1.0);
            }),
            "t0 / (t0 + 1) where t0 = exp($0)");
  // Without names this would have a thousand million operands.
  EXPECT_EQ(MapText([](Expr x, Expr) {
              for (int i = 0; i < 30; ++i) x = x + x;
              return x;
            }).substr(0, 47),
            "t28 + t28 where t0 = $0 + $0, t1 = t0 + t0, t2 ");
}

TEST(Print, Graph) {
  Graph graph;
  Builder builder(graph);
  const ValueId image = builder.Input({kBatch, 8, 8, 1});
  builder.SetOrigin("conv2d");
  const ValueId kernel = builder.Weight("conv2d/kernel", {3, 3, 1, 16});
  const ValueId bias = builder.Weight("conv2d/bias", {16});
  const Convolve::Axis same = {.pad_low = 1, .pad_high = 1};
  const ValueId convolved = builder.Convolve(image, kernel, {.axes = {same, same}});
  MapBuilder map;
  const ValueId activated = builder.Map({convolved, bias}, Maximum(map.Operand(0) + map.Operand(1), 0.0));
  builder.SetOrigin("max_pooling2d");
  const ValueId pooled =
      builder.Window(activated, {.axes = {{}, {.size = 2, .stride = 2}, {.size = 2, .stride = 2}, {}}});
  builder.SetOrigin("flatten");
  const ValueId flat = builder.Reshape(pooled, {kBatch, 256});
  builder.SetOrigin("dense");
  const ValueId weights = builder.Weight("dense/kernel", {256, 10});
  const ValueId dense = builder.Contract(flat, weights, {.left = {0, 1}, .right = {1, 2}, .out = {0, 2}});
  const ValueId largest = builder.Reduce(dense, Reduce::Kind::Max, {1});
  const ValueId scores =
      builder.Map({dense, largest}, {{0, 1}, {0}}, 2, Apply(Map::Function::Exp, map.Operand(0) - map.Operand(1)));
  graph.outputs = {scores};
  Verify(graph);
  EXPECT_EQ(Print(graph), R"(%0:  f32[batch, 8, 8, 1]  = Input 0
%1:  f32[3, 3, 1, 16]     = Weight "conv2d/kernel"                                # conv2d
%2:  f32[16]              = Weight "conv2d/bias"                                  # conv2d
%3:  f32[batch, 8, 8, 16] = Convolve(%0, %1) pad=[1:1, 1:1]                       # conv2d
%4:  f32[batch, 8, 8, 16] = Map(%3, %2) = max($0 + $1, 0)                         # conv2d
%5:  f32[batch, 4, 4, 16] = Window(%4) max size=[1, 2, 2, 1] stride=[1, 2, 2, 1]  # max_pooling2d
%6:  f32[batch, 256]      = Reshape(%5)                                           # flatten
%7:  f32[256, 10]         = Weight "dense/kernel"                                 # dense
%8:  f32[batch, 10]       = Contract(%6, %7) [a b] * [b c] -> [a c]               # dense
%9:  f32[batch]           = Reduce(%8) max axes=[1]                               # dense
%10: f32[batch, 10]       = Map(%8, %9[0]) = exp($0 - $1)                         # dense
return %10
)");
}

TEST(Print, AttributesAndGroups) {
  Graph body;
  {
    Builder builder(body);
    builder.SetOrigin("dense");
    const ValueId x = builder.Input({kBatch, 3});
    MapBuilder map;
    body.outputs = {builder.Map({x}, -map.Operand(0))};
  }
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({kBatch, 6}, DType::F32);
  const ValueId part = builder.Slice(x, {0, 1}, {kBatch, 3}, {1, 2});
  const ValueId first = builder.Slice(x, {0, 0}, {kBatch, 3}, {1, 1});
  builder.SetOrigin("fused");
  const ValueId group = builder.Group({part}, std::make_shared<const Graph>(body));
  builder.SetOrigin("");
  const ValueId joined = builder.Concat({group, first}, 1);
  const ValueId padded = builder.Pad(joined, {0, 1}, {0, 2}, -1.5);
  const ValueId turned = builder.Transpose(padded, {1, 0});
  const ValueId five = builder.Constant({.sizes = {2}, .data = {0.1f, 5}});
  const ValueId many = builder.Constant({.sizes = {12}, .data = std::vector<float>(12, 1)});
  const ValueId image = builder.Input({kBatch, 9, 4});
  const ValueId kernel = builder.Weight("k", {3, 2, 4});
  const ValueId convolved = builder.Convolve(
      image, kernel, {.axes = {{.stride = 2, .dilation = 3, .pad_low = 0, .pad_high = 1}}, .groups = 2});
  graph.outputs = {turned, five, many, convolved};
  Verify(graph);
  EXPECT_EQ(Print(graph), R"(%0:  f32[batch, 6]    = Input 0
%1:  f32[batch, 3]    = Slice(%0) begin=[0, 1] step=[1, 2]
%2:  f32[batch, 3]    = Slice(%0) begin=[0, 0]
%3:  f32[batch, 3]    = Group(%1) {    # fused
    %0: f32[batch, 3] = Input 0        # dense
    %1: f32[batch, 3] = Map(%0) = -$0  # dense
    return %1
}
%4:  f32[batch, 6]    = Concat(%3, %2) axis=1
%5:  f32[batch, 9]    = Pad(%4) pad=[0:0, 1:2] value=-1.5
%6:  f32[9, batch]    = Transpose(%5) permutation=[1, 0]
%7:  f32[2]           = Constant {0.1, 5}
%8:  f32[12]          = Constant {1, 1, 1, 1, ... 8 more}
%9:  f32[batch, 9, 4] = Input 1
%10: f32[3, 2, 4]     = Weight "k"
%11: f32[batch, 2, 4] = Convolve(%9, %10) stride=[2] dilation=[3] pad=[0:1] groups=2
return %6, %7, %8, %11
)");
}

}  // namespace
}  // namespace strata::core
