#include <gtest/gtest.h>

#include "compiler/core/builder.h"

namespace strata::core {
namespace {

const Dim kBatch = Dim::Symbol("batch");

// x: [batch, 4, 6]; w: the weight [6, 5]; y = x * w: [batch, 4, 5]; z = max(y, 0); total = sum of z over the last axis.
struct Model {
  Graph graph;
  ValueId x, w, y, z, total;

  Model() {
    Builder builder(graph);
    x = builder.Input({kBatch, 4, 6});
    w = builder.Weight("w", {6, 5});
    y = builder.Contract(x, w, {.left = {0, 1, 2}, .right = {2, 3}, .out = {0, 1, 3}});
    MapBuilder map;
    z = builder.Map({y}, Maximum(map.Operand(0), 0.0));
    total = builder.Reduce(z, Reduce::Kind::Sum, {2});
    graph.outputs = {total};
  }

  Operation& Of(ValueId id) { return graph.operations[static_cast<size_t>(graph.Get(id).producer)]; }
  Value& At(ValueId id) { return graph.values[static_cast<size_t>(id.index)]; }
  template <typename T>
  T& OpOf(ValueId id) {
    return std::get<T>(Of(id).op);
  }
};

// A graph of one operation over f32[batch, 9, 8].
template <typename Build>
void BuildAndVerify(Build build) {
  Graph graph;
  Builder builder(graph);
  build(builder, builder.Input({kBatch, 9, 8}));
  Verify(graph);
}

TEST(Verify, AcceptsTheModel) { Verify(Model().graph); }

TEST(VerifyDeathTest, Values) {
  Model model;
  model.At(model.y).extents[1] = 3;
  EXPECT_DEATH(Verify(model.graph), "result.extents, expected");
  model = Model();
  model.At(model.y).extents[0] = Dim::Symbol("other");
  EXPECT_DEATH(Verify(model.graph), "graph.symbols");
  model = Model();
  model.At(model.x).extents[0] = Dim::Unknown();
  EXPECT_DEATH(Verify(model.graph), "IsKnown");
  model = Model();
  model.At(model.x).extents[0] = -1;
  EXPECT_DEATH(Verify(model.graph), "extent.Constant");
  model = Model();
  model.At(model.y).dtype = DType::I32;
  EXPECT_DEATH(Verify(model.graph), "dtype");
  model = Model();
  model.graph.values.emplace_back();
  EXPECT_DEATH(Verify(model.graph), "made");
}

TEST(VerifyDeathTest, Order) {
  Model model;
  std::swap(model.graph.operations[2], model.graph.operations[3]);
  EXPECT_DEATH(Verify(model.graph), "producer");
  model = Model();
  model.Of(model.z).operands = {model.total};
  EXPECT_DEATH(Verify(model.graph), "producer");
  model = Model();
  model.Of(model.z).operands = {ValueId{77}};
  EXPECT_DEATH(Verify(model.graph), "operand.index");
  model = Model();
  model.Of(model.z).results = {};
  EXPECT_DEATH(Verify(model.graph), "results");
  model = Model();
  model.Of(model.z).results = {model.y};
  EXPECT_DEATH(Verify(model.graph), "producer");
  model = Model();
  model.Of(model.z).results = {model.z, model.z};
  EXPECT_DEATH(Verify(model.graph), "results");
  model = Model();
  model.graph.outputs = {ValueId{}};
  EXPECT_DEATH(Verify(model.graph), "output.index");
}

TEST(VerifyDeathTest, Leaves) {
  Model model;
  model.OpOf<Input>(model.x).index = 1;
  EXPECT_DEATH(Verify(model.graph), "inputs");
  model = Model();
  model.graph.inputs = {model.w};
  EXPECT_DEATH(Verify(model.graph), "inputs");
  model = Model();
  model.graph.inputs.push_back(model.x);
  EXPECT_DEATH(Verify(model.graph), "inputs");
  model = Model();
  model.OpOf<Weight>(model.w).path = "";
  EXPECT_DEATH(Verify(model.graph), "path");
  model = Model();
  model.At(model.w).extents[0] = kBatch;
  EXPECT_DEATH(Verify(model.graph), "extent.Constant");
  EXPECT_DEATH(BuildAndVerify([](Builder& b, ValueId) { b.Constant({.sizes = {2}, .data = {1, 2, 3}}); }), "data.size");
}

TEST(VerifyDeathTest, Contract) {
  Model model;
  model.OpOf<Contract>(model.y).left = {0, 1};
  EXPECT_DEATH(Verify(model.graph), "left.size");
  model = Model();
  model.OpOf<Contract>(model.y).left = {0, 2, 2};
  EXPECT_DEATH(Verify(model.graph), "HasDuplicates");
  model = Model();
  model.OpOf<Contract>(model.y).left = {0, 2, 1};
  EXPECT_DEATH(Verify(model.graph), "entry->second");
  model = Model();
  model.OpOf<Contract>(model.y).out = {0, 1, 4};
  EXPECT_DEATH(Verify(model.graph), "contains");
  model = Model();
  model.Of(model.y).operands.pop_back();
  EXPECT_DEATH(Verify(model.graph), "operands.size");
}

TEST(VerifyDeathTest, ConvolveAndWindow) {
  const auto convolve = [](std::vector<int64_t> kernel, Convolve op) {
    BuildAndVerify([&](Builder& b, ValueId x) { b.Convolve(x, b.Weight("k", kernel), op); });
  };
  convolve({3, 4, 6}, {.axes = {{}}, .groups = 2});
  EXPECT_DEATH(convolve({3, 4, 6}, {.axes = {{}}}), "input");
  EXPECT_DEATH(convolve({3, 4, 5}, {.axes = {{}}, .groups = 2}), "groups");
  EXPECT_DEATH(convolve({3, 8, 5}, {.axes = {{}, {}}}), "rank");
  EXPECT_DEATH(convolve({3, 8, 5}, {.axes = {{.stride = 0}}}), "stride");
  EXPECT_DEATH(convolve({12, 8, 5}, {.axes = {{}}}), "out.Constant");
  const auto window = [](Window op) { BuildAndVerify([&](Builder& b, ValueId x) { b.Window(x, op); }); };
  window({.axes = {{}, {.size = 3, .pad_low = 2}, {}}});
  EXPECT_DEATH(window({.axes = {{}, {.size = 3, .pad_low = 3}, {}}}), "reach");
  EXPECT_DEATH(window({.axes = {{}, {.size = 3, .pad_high = 3}, {}}}), "reach");
  EXPECT_DEATH(window({.axes = {{}, {}}}), "axes.size");
}

TEST(VerifyDeathTest, Map) {
  Model model;
  model.OpOf<Map>(model.z).nodes.back().args[0] = 7;
  EXPECT_DEATH(Verify(model.graph), "arg");
  model = Model();
  model.OpOf<Map>(model.z).nodes.back().args.pop_back();
  EXPECT_DEATH(Verify(model.graph), "ArgumentCount");
  model = Model();
  model.OpOf<Map>(model.z).nodes.front().index = 1;
  EXPECT_DEATH(Verify(model.graph), "node.index");
  model = Model();
  model.OpOf<Map>(model.z).nodes.clear();
  EXPECT_DEATH(Verify(model.graph), "nodes.empty");
  model = Model();
  model.OpOf<Map>(model.z).axes = {{0, 2, 1}};
  EXPECT_DEATH(Verify(model.graph), "IsIncreasingBelow");
  model = Model();
  model.OpOf<Map>(model.z).axes = {};
  EXPECT_DEATH(Verify(model.graph), "axes.size");
  model = Model();
  model.At(model.z).extents = {kBatch, 4, 7};
  EXPECT_DEATH(Verify(model.graph), "result.extents, expected");
  EXPECT_DEATH(BuildAndVerify([](Builder& b, ValueId x) {
                 MapBuilder map;
                 b.Map({x, b.Weight("w", {7})}, map.Operand(0) + map.Operand(1));
               }),
               "size.Is");
}

TEST(VerifyDeathTest, Views) {
  EXPECT_DEATH(BuildAndVerify([](Builder& b, ValueId x) { b.Reduce(x, Reduce::Kind::Sum, {2, 1}); }), "Increasing");
  EXPECT_DEATH(BuildAndVerify([](Builder& b, ValueId x) { b.Transpose(x, {2, 0, 0}); }), "Increasing");
  EXPECT_DEATH(BuildAndVerify([](Builder& b, ValueId x) { b.Reshape(x, {kBatch, 71}); }), "Count");
  EXPECT_DEATH(BuildAndVerify([](Builder& b, ValueId x) { b.Pad(x, {0, -1, 0}, {0, 0, 0}, 0); }), "low");
  EXPECT_DEATH(BuildAndVerify([](Builder& b, ValueId x) { b.Pad(x, {0}, {0}, 0); }), "low.size");
  EXPECT_DEATH(BuildAndVerify([](Builder& b, ValueId x) { b.Concat({x, x}, 3); }), "axis");
  EXPECT_DEATH(BuildAndVerify([](Builder& b, ValueId x) { b.Concat({x, b.Weight("w", {1, 2, 8})}, 1); }), "operand");
  const auto slice = [](int64_t begin, int64_t extent, int64_t step) {
    BuildAndVerify([&](Builder& b, ValueId x) { b.Slice(x, {0, begin, 0}, {kBatch, extent, 8}, {1, step, 1}); });
  };
  slice(0, 9, 1);
  slice(0, 5, 2);
  slice(9, 0, 1);
  EXPECT_DEATH(slice(1, 9, 1), "room");
  EXPECT_DEATH(slice(1, 5, 2), "room");
  EXPECT_DEATH(slice(-1, 2, 1), "begin");
  EXPECT_DEATH(slice(0, 2, 0), "step");
}

TEST(VerifyDeathTest, Group) {
  const auto group = [](Extents extents, bool symbols) {
    Graph body;
    Builder inner(body);
    body.outputs = {inner.Reduce(inner.Input(std::move(extents)), Reduce::Kind::Sum, {1})};
    if (!symbols) body.symbols.clear();
    BuildAndVerify([&](Builder& b, ValueId x) { b.Group({x}, std::make_shared<const Graph>(body)); });
  };
  group({kBatch, 9, 8}, true);
  EXPECT_DEATH(group({kBatch, 9, 7}, true), "extents");
  EXPECT_DEATH(group({kBatch, 9, 8}, false), "symbols");
  EXPECT_DEATH(BuildAndVerify([](Builder& b, ValueId x) { b.Group({x}, nullptr); }), "body");
}

}  // namespace
}  // namespace strata::core
