// Integers, bools, f16 and bf16; running sums, gathers, loops and guards.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compiler/core/builder.h"
#include "compiler/core/interpreter.h"
#include "compiler/core/map_function.h"

namespace strata::core {
namespace {

using Data = std::vector<double>;
using Integers = std::vector<int64_t>;

constexpr int64_t kLeast64 = std::numeric_limits<int64_t>::min();
constexpr int64_t kMost64 = std::numeric_limits<int64_t>::max();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

int64_t Int(Map::Function function, DType type, int64_t a, int64_t b = 0) {
  return Evaluate(function, type, {Scalar::Integer(a, type), Scalar::Integer(b, type)}).integer;
}
double Half(Map::Function function, double a, double b = 0) {
  return Evaluate(function, DType::F16, {Scalar::Real(a, DType::F16), Scalar::Real(b, DType::F16)}).real;
}
int64_t ToInt(double value, DType type) { return Cast(Scalar::Real(value), type).integer; }

TEST(Functions, IntegersWrap) {
  using enum Map::Function;
  EXPECT_EQ(Int(Add, DType::I8, 127, 1), -128);
  EXPECT_EQ(Int(Subtract, DType::U8, 0, 1), 255);
  EXPECT_EQ(Int(Multiply, DType::I32, 65536, 65536), 0);
  EXPECT_EQ(Int(Multiply, DType::I32, 65536, 32768), -2147483648LL);
  EXPECT_EQ(Int(Add, DType::I64, kMost64, 1), kLeast64);
  EXPECT_EQ(Int(Negate, DType::I64, kLeast64), kLeast64);
  EXPECT_EQ(Int(Abs, DType::I8, -128), -128);
}

TEST(Functions, IntegersDivideAsPython) {
  using enum Map::Function;
  EXPECT_EQ(Int(FloorDivide, DType::I32, 7, 2), 3);
  EXPECT_EQ(Int(FloorDivide, DType::I32, -7, 2), -4);
  EXPECT_EQ(Int(FloorDivide, DType::I32, 7, -2), -4);
  EXPECT_EQ(Int(FloorDivide, DType::I32, -7, -2), 3);
  EXPECT_EQ(Int(FloorDivide, DType::I32, -8, 2), -4);
  EXPECT_EQ(Int(Modulo, DType::I32, 7, 3), 1);
  EXPECT_EQ(Int(Modulo, DType::I32, -7, 3), 2);
  EXPECT_EQ(Int(Modulo, DType::I32, 7, -3), -2);
  EXPECT_EQ(Int(Modulo, DType::I32, -7, -3), -1);
  EXPECT_EQ(Int(Modulo, DType::I32, -6, 3), 0);
  EXPECT_EQ(Int(FloorDivide, DType::I32, 7, 0), 0);
  EXPECT_EQ(Int(Modulo, DType::I32, 7, 0), 0);
  EXPECT_EQ(Int(FloorDivide, DType::I64, kLeast64, -1), kLeast64);
  EXPECT_EQ(Int(FloorDivide, DType::I8, -128, -1), -128);
  EXPECT_EQ(Int(Modulo, DType::I64, kLeast64, -1), 0);
}

TEST(Functions, IntegerPowers) {
  using enum Map::Function;
  EXPECT_EQ(Int(Power, DType::I32, 3, 4), 81);
  EXPECT_EQ(Int(Power, DType::I32, 0, 0), 1);
  EXPECT_EQ(Int(Power, DType::I8, 2, 7), -128);
  EXPECT_EQ(Int(Power, DType::I32, 2, -1), 0);
  EXPECT_EQ(Int(Power, DType::I32, 0, -1), 0);
  EXPECT_EQ(Int(Power, DType::I32, -1, -3), -1);
  EXPECT_EQ(Int(Power, DType::I32, -1, -4), 1);
}

TEST(Functions, FloatsDivideAsPython) {
  using enum Map::Function;
  const auto of = [](Map::Function function, double a, double b) { return Evaluate(function, a, b, 0); };
  EXPECT_EQ(of(FloorDivide, -7.5, 2), -4);
  EXPECT_EQ(of(Modulo, -7.5, 2), 0.5);
  EXPECT_EQ(of(Modulo, 7.5, -2), -0.5);
  EXPECT_EQ(of(FloorDivide, 1, 0.1), 9);  // 0.1 is a little more than a tenth
  EXPECT_TRUE(std::signbit(of(Modulo, 4, -2)));
  EXPECT_EQ(of(Modulo, -5, kInfinity), kInfinity);
  EXPECT_EQ(of(FloorDivide, -5, kInfinity), -1);
  EXPECT_EQ(of(FloorDivide, 1, 0), kInfinity);
  EXPECT_EQ(of(FloorDivide, -1, 0), -kInfinity);
  EXPECT_TRUE(std::isnan(of(Modulo, 1, 0)));
  EXPECT_TRUE(std::isnan(of(FloorDivide, NAN, 2)));
  EXPECT_EQ(of(Round, 2.5, 0), 2);
  EXPECT_EQ(of(Round, 3.5, 0), 4);
  EXPECT_EQ(of(Round, -2.5, 0), -2);
  EXPECT_EQ(of(Ceil, -1.5, 0), -1);
  EXPECT_EQ(of(Power, 2, -1), 0.5);
  EXPECT_EQ(of(NotEqual, NAN, NAN), 1);
  EXPECT_DOUBLE_EQ(of(Sin, 1, 0), 0.8414709848078965);
  EXPECT_DOUBLE_EQ(of(Cos, 1, 0), 0.5403023058681398);
}

TEST(Functions, Casts) {
  EXPECT_EQ(ToInt(1.9, DType::I32), 1);
  EXPECT_EQ(ToInt(-1.9, DType::I32), -1);
  EXPECT_EQ(ToInt(NAN, DType::I32), 0);
  EXPECT_EQ(ToInt(1e10, DType::I32), 2147483647);
  EXPECT_EQ(ToInt(-kInfinity, DType::I32), -2147483648LL);
  EXPECT_EQ(ToInt(300, DType::I8), 127);
  EXPECT_EQ(ToInt(-1, DType::U8), 0);
  EXPECT_EQ(ToInt(256, DType::U8), 255);
  EXPECT_EQ(ToInt(1e30, DType::I64), kMost64);
  EXPECT_EQ(ToInt(0.25, DType::Bool), 1);
  EXPECT_EQ(ToInt(-0.0, DType::Bool), 0);
  EXPECT_EQ(ToInt(NAN, DType::Bool), 1);
  EXPECT_EQ(Cast(Scalar::Integer(300, DType::I32), DType::U8).integer, 44);
  EXPECT_EQ(Cast(Scalar::Integer(200, DType::U8), DType::I8).integer, -56);
  EXPECT_EQ(Cast(Scalar::Integer(256, DType::I32), DType::Bool).integer, 1);
  EXPECT_EQ(Cast(Scalar::Integer(1, DType::Bool), DType::F32).real, 1);
}

TEST(Functions, HalvesRound) {
  using enum Map::Function;
  EXPECT_EQ(RoundTo(DType::F16, 2049), 2048);
  EXPECT_EQ(RoundTo(DType::F16, 2051), 2052);
  EXPECT_EQ(RoundTo(DType::F16, 65519), 65504);
  EXPECT_EQ(RoundTo(DType::F16, 65520), kInfinity);
  EXPECT_EQ(RoundTo(DType::F16, -65520), -kInfinity);
  EXPECT_EQ(RoundTo(DType::F16, std::ldexp(1, -24)), std::ldexp(1, -24));
  EXPECT_EQ(RoundTo(DType::F16, std::ldexp(1, -25)), 0);  // half of the least one
  EXPECT_EQ(RoundTo(DType::F16, std::ldexp(3, -25)), std::ldexp(1, -23));
  EXPECT_EQ(RoundTo(DType::BF16, 257), 256);
  EXPECT_EQ(RoundTo(DType::BF16, 259), 260);
  EXPECT_EQ(RoundTo(DType::BF16, 3.4e38), kInfinity);
  EXPECT_EQ(Half(Add, 2048, 1), 2048);
  EXPECT_EQ(Half(Multiply, 256, 256), kInfinity);
  EXPECT_EQ(Half(Divide, 1, 3), 0.333251953125);
}

TEST(MapBuilder, TypedConstantsFold) {
  MapBuilder map;
  const Expr x = map.Operand(0, DType::I8);
  EXPECT_EQ(map.TypeOf(x + 1.0), DType::I8);
  EXPECT_EQ(map.TypeOf(Less(x, map.Constant(3, DType::I8))), DType::Bool);
  const Expr wrapped = map.Constant(127, DType::I8) + 1.0;
  EXPECT_EQ(map.Finish(wrapped)[0].value, -128);
  EXPECT_EQ(map.Finish(map.Constant(1.0 / 3, DType::F16))[0].value, 0.333251953125);
  const Expr large = map.Integer(kMost64, DType::I64) - 1.0;
  EXPECT_EQ(ValueOf(map.Finish(large)[0])->integer, kMost64 - 1);
  EXPECT_EQ(map.Finish(map.Size(7, DType::F32))[0].value, 7);
  const Expr chosen = Select(map.Constant(1, DType::Bool), x, -x);
  EXPECT_EQ(chosen.node, x.node);
}

TEST(MapBuilder, CastsOfCasts) {
  MapBuilder map;
  const auto through = [&](DType from, DType by, DType to) {
    return map.Finish(Cast(Cast(map.Operand(0, from), by), to)).size() - 1;  // casts that are left
  };
  EXPECT_EQ(through(DType::U8, DType::I32, DType::U8), 0u);
  EXPECT_EQ(through(DType::U8, DType::F32, DType::U8), 0u);
  EXPECT_EQ(through(DType::F16, DType::F32, DType::F16), 0u);
  EXPECT_EQ(through(DType::U8, DType::I32, DType::F32), 1u);
  EXPECT_EQ(through(DType::Bool, DType::F32, DType::I32), 1u);
  EXPECT_EQ(through(DType::I8, DType::F32, DType::U8), 2u);  // -1 becomes 0, not 255
  EXPECT_EQ(through(DType::F32, DType::I32, DType::F32), 2u);
  EXPECT_EQ(through(DType::I32, DType::F32, DType::I32), 2u);
  EXPECT_EQ(through(DType::U8, DType::Bool, DType::U8), 2u);
}

// ---- Operations ----

template <typename Build>
Outcome Call(const std::vector<Array>& inputs, Build build, const Environment& environment = {}) {
  Graph graph;
  Builder builder(graph);
  builder.SetOrigin("layer");
  std::vector<ValueId> ids;
  for (const Array& input : inputs) {
    ids.push_back(builder.Input(Extents(input.sizes.begin(), input.sizes.end()), input.dtype));
  }
  graph.outputs = build(builder, ids);
  Verify(graph);
  return TryInterpret(graph, inputs, environment);
}
Array Of(std::vector<int64_t> sizes, DType dtype, Integers integers) {
  return {.sizes = std::move(sizes), .data = {}, .dtype = dtype, .integers = std::move(integers)};
}

TEST(Interpreter, MapsOfSeveralTypes) {
  const Array bytes = Of({3}, DType::U8, {0, 100, 255});
  const Outcome outcome = Call({bytes}, [](Builder& b, const auto& in) -> std::vector<ValueId> {
    MapBuilder scaled;
    const ValueId real = b.Map(in, scaled.Cast(scaled.Operand(0, DType::U8), DType::F32) / 255.0);
    MapBuilder more;
    const ValueId is_more = b.Map(in, Less(more.Constant(99, DType::U8), more.Operand(0, DType::U8)));
    MapBuilder where;
    const ValueId position = b.Map(in, where.Index(0, DType::I64) + Cast(where.Operand(0, DType::U8), DType::I64));
    return {real, is_more, position, b.Pad(in[0], {1}, {0}, 7), b.Cast(in[0], DType::U8)};
  });
  EXPECT_EQ(outcome.outputs[0].data, (Data{0, 100 / 255.0, 1}));
  EXPECT_EQ(outcome.outputs[1].dtype, DType::Bool);
  EXPECT_EQ(outcome.outputs[1].integers, (Integers{0, 1, 1}));
  EXPECT_EQ(outcome.outputs[2].integers, (Integers{0, 101, 257}));
  EXPECT_EQ(outcome.outputs[3].integers, (Integers{7, 0, 100, 255}));
  EXPECT_EQ(outcome.outputs[4].integers, bytes.integers);
}

TEST(Interpreter, ReducesOfEveryType) {
  const auto reduce = [](const Array& input, Reduce::Kind kind) {
    return Call({input},
                [&](Builder& b, const auto& in) -> std::vector<ValueId> { return {b.Reduce(in[0], kind, {0})}; })
        .outputs[0];
  };
  using enum Reduce::Kind;
  EXPECT_EQ(reduce(Of({3}, DType::I8, {100, 100, 1}), Sum).integers, (Integers{-55}));
  EXPECT_EQ(reduce(Of({2}, DType::I64, {kMost64, kMost64 - 1}), Max).integers, (Integers{kMost64}));
  EXPECT_EQ(reduce(Of({2}, DType::I64, {kMost64, kMost64 - 1}), ArgMin).integers, (Integers{1}));
  EXPECT_EQ(reduce(Of({0}, DType::U8, {}), Max).integers, (Integers{0}));
  EXPECT_EQ(reduce(Of({0}, DType::I8, {}), Max).integers, (Integers{-128}));
  EXPECT_EQ(reduce(Of({0}, DType::I64, {}), Min).integers, (Integers{kMost64}));
  EXPECT_EQ(reduce(Of({0}, DType::Bool, {}), Max).integers, (Integers{0}));
  EXPECT_EQ(reduce(Of({0}, DType::Bool, {}), Min).integers, (Integers{1}));
  EXPECT_EQ(reduce(Of({2}, DType::Bool, {0, 1}), Max).integers, (Integers{1}));
  EXPECT_EQ(reduce({.sizes = {4}, .data = {1, 3, 3, 2}}, ArgMax).integers, (Integers{1}));
  EXPECT_EQ(reduce({.sizes = {4}, .data = {1, 3, 1, 2}}, ArgMin).integers, (Integers{0}));
  EXPECT_EQ(reduce({.sizes = {4}, .data = {1, NAN, 9, NAN}}, ArgMax).integers, (Integers{1}));
  EXPECT_EQ(reduce({.sizes = {4}, .data = {1, NAN, -9, NAN}}, ArgMin).integers, (Integers{1}));
  EXPECT_EQ(reduce({.sizes = {2}, .data = {-kInfinity, -kInfinity}}, ArgMax).integers, (Integers{0}));
  EXPECT_EQ(reduce({.sizes = {0}, .data = {}}, ArgMax).integers, (Integers{0}));
  // The sum is exact and rounded once: step by step it would stay 2048.
  EXPECT_EQ(reduce({.sizes = {3}, .data = {2048, 1, 1}, .dtype = DType::F16}, Sum).data, (Data{2050}));
}

TEST(Interpreter, Prefix) {
  const auto prefix = [](const Array& input, Prefix::Kind kind, int axis) {
    return Call({input},
                [&](Builder& b, const auto& in) -> std::vector<ValueId> { return {b.Prefix(in[0], kind, axis)}; })
        .outputs[0];
  };
  const Array table = {.sizes = {2, 3}, .data = {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(prefix(table, Prefix::Kind::Sum, 1).data, (Data{1, 3, 6, 4, 9, 15}));
  EXPECT_EQ(prefix(table, Prefix::Kind::Sum, 0).data, (Data{1, 2, 3, 5, 7, 9}));
  EXPECT_EQ(prefix(table, Prefix::Kind::Product, 1).data, (Data{1, 2, 6, 4, 20, 120}));
  EXPECT_EQ(prefix(Of({3}, DType::I8, {100, 100, 100}), Prefix::Kind::Sum, 0).integers, (Integers{100, -56, 44}));
  EXPECT_TRUE(prefix(Of({0, 2}, DType::I32, {}), Prefix::Kind::Sum, 0).integers.empty());
}

TEST(Interpreter, Resample) {
  using Kind = Resample::Kind;
  const auto resample = [](const std::vector<Array>& inputs, Kind kind, int axis) {
    return Call(inputs,
                [&](Builder& b, const auto& in) -> std::vector<ValueId> {
                  return {b.Resample(in, {.kind = kind, .axis = axis})};
                })
        .outputs[0];
  };
  const Array table = {.sizes = {3, 2}, .data = {1, 2, 3, 9, 5, 7}};
  const Array first = Of({4}, DType::I32, {0, 0, 1, 2});
  const Array count = Of({4}, DType::I32, {1, 3, 2, 1});
  EXPECT_EQ(resample({table, first, count}, Kind::Max, 0).data, (Data{1, 2, 5, 9, 5, 9, 5, 7}));
  EXPECT_EQ(resample({table, first, count}, Kind::Mean, 0).data, (Data{1, 2, 3, 6, 4, 8, 5, 7}));
  // Weights beyond a window's elements take no part.
  const Array weights = {.sizes = {4, 3}, .data = {2, 8, 8, 1, 10, 100, -1, 1, 8, 0.5, 8, 8}};
  EXPECT_EQ(resample({table, first, count, weights}, Kind::Weighted, 0).data, (Data{2, 4, 531, 792, 2, -2, 2.5, 3.5}));
  const Array bytes = Of({1, 3, 1}, DType::I8, {-3, 4, 2});
  EXPECT_EQ(resample({bytes, Of({2}, DType::I32, {0, 2}), Of({2}, DType::I32, {2, 1})}, Kind::Max, 1).integers,
            (Integers{4, 2}));
}

TEST(Interpreter, Gather) {
  const Array table = {.sizes = {3, 2}, .data = {0, 1, 10, 11, 20, 21}};
  const auto gather = [&](const Array& indices) {
    return Call({table, indices},
                [](Builder& b, const auto& in) -> std::vector<ValueId> { return {b.Gather(in[0], in[1])}; });
  };
  const Outcome rows = gather(Of({1, 2}, DType::I32, {2, 0}));
  EXPECT_EQ(rows.outputs[0].sizes, (std::vector<int64_t>{1, 2, 2}));
  EXPECT_EQ(rows.outputs[0].data, (Data{20, 21, 0, 1}));
  EXPECT_EQ(gather(Of({}, DType::U8, {1})).outputs[0].data, (Data{10, 11}));
  EXPECT_TRUE(gather(Of({0}, DType::I64, {})).error.empty());
  EXPECT_EQ(gather(Of({1}, DType::I32, {3})).error, "layer: an index is not in 0 .. 2");
  EXPECT_EQ(gather(Of({1}, DType::I8, {-1})).error, "layer: an index is not in 0 .. 2");
}

// carry = carry * 2 + step; each step adds (carry, 10 * step).
std::shared_ptr<const Graph> Doubling() {
  auto body = std::make_shared<Graph>();
  Builder b(*body);
  const ValueId carry = b.Input({2});
  const ValueId step = b.Input({2});
  const ValueId factor = b.Input({});
  MapBuilder next;
  const ValueId sum = b.Map({carry, step, factor}, next.Operand(0) * next.Operand(2) + next.Operand(1));
  MapBuilder ten;
  body->outputs = {sum, sum, b.Map({step}, ten.Operand(0) * 10.0)};
  return body;
}

Outcome RunDoubling(const Array& sequence, bool reverse, std::vector<int> result_axes) {
  const Array start = {.sizes = {2}, .data = {1, 2}};
  const Array factor = {.sizes = {}, .data = {2}};
  return Call({start, sequence, factor}, [&](Builder& b, const auto& in) {
    return b.Scan(in, {.body = Doubling(),
                       .carries = 1,
                       .sequences = 1,
                       .sequence_axes = {1},
                       .result_axes = result_axes,
                       .reverse = reverse});
  });
}

TEST(Interpreter, Scan) {
  const Array sequence = {.sizes = {2, 3}, .data = {1, 2, 3, 4, 5, 6}};
  const Outcome forward = RunDoubling(sequence, false, {0, 1});
  EXPECT_EQ(forward.outputs[0].data, (Data{19, 48}));
  EXPECT_EQ(forward.outputs[1].sizes, (std::vector<int64_t>{3, 2}));
  EXPECT_EQ(forward.outputs[1].data, (Data{3, 8, 8, 21, 19, 48}));
  EXPECT_EQ(forward.outputs[2].sizes, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(forward.outputs[2].data, (Data{10, 20, 30, 40, 50, 60}));
  const Outcome reverse = RunDoubling(sequence, true, {0, 1});
  EXPECT_EQ(reverse.outputs[0].data, (Data{((1 * 2 + 3) * 2 + 2) * 2 + 1, ((2 * 2 + 6) * 2 + 5) * 2 + 4}));
  EXPECT_EQ(reverse.outputs[1].data, (Data{25, 54, 12, 25, 5, 10}));
  EXPECT_EQ(reverse.outputs[2].data, forward.outputs[2].data);
  const Outcome none = RunDoubling({.sizes = {2, 0}, .data = {}}, false, {0, 1});
  EXPECT_EQ(none.outputs[0].data, (Data{1, 2}));
  EXPECT_TRUE(none.outputs[1].data.empty());
}

TEST(Interpreter, Guards) {
  Graph graph;
  Builder b(graph);
  const Dim h = Dim::Symbol("H");
  const Dim w = Dim::Symbol("W");
  const ValueId x = b.Input({h, w});
  MapBuilder map;
  graph.outputs = {b.Map({x}, map.Operand(0) / map.Size(h * w, DType::F32))};
  b.Guard({.value = Modulo(h, 2), .test = Guard::Test::Zero, .text = "Concatenate needs H % 2 == 0"});
  b.Guard({.value = h + w - 5, .test = Guard::Test::NotNegative, .text = "the window does not fit"});
  Verify(graph);
  const auto call = [&](int64_t height, int64_t width) {
    const Array image = {.sizes = {height, width}, .data = Data(static_cast<size_t>(height * width), 1)};
    return TryInterpret(graph, {image}, {.symbols = {{"H", height}, {"W", width}}, .weight = nullptr});
  };
  EXPECT_EQ(call(4, 1).error, "");
  EXPECT_EQ(call(4, 1).outputs[0].data, (Data{0.25, 0.25, 0.25, 0.25}));
  EXPECT_EQ(call(5, 3).error, "H = 5: Concatenate needs H % 2 == 0");
  EXPECT_EQ(call(2, 2).error, "H = 2, W = 2: the window does not fit");
}

// ---- What Verify refuses ----

template <typename Build>
void BuildTyped(Build build) {
  Graph graph;
  Builder b(graph);
  const ValueId x = b.Input({4}, DType::I32);
  const ValueId y = b.Input({4}, DType::F32);
  build(b, x, y);
  Verify(graph);
}

TEST(VerifyDeathTest, Types) {
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId x, ValueId) {
                 MapBuilder map;
                 b.Map({x}, map.Operand(0));
               }),
               "dtype");
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId x, ValueId y) {
                 MapBuilder map;
                 b.Map({x, y}, map.Operand(0, DType::I32) + map.Operand(1));
               }),
               "type");
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId x, ValueId) {
                 MapBuilder map;
                 b.Map({x}, map.Operand(0, DType::I32) / 2.0);
               }),
               "domain");
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId x, ValueId) { b.Reduce(x, Reduce::Kind::Mean, {0}); }), "IsFloat");
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId, ValueId y) { b.Reduce(y, Reduce::Kind::ArgMax, {}); }), "axes.size");
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId x, ValueId y) { b.Gather(x, y); }), "IsFloat");
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId x, ValueId y) { b.Concat({x, y}, 0); }), "Of");
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId x, ValueId) { b.Pad(x, {1}, {0}, 0.5); }), "value");
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId x, ValueId) { b.Prefix(x, Prefix::Kind::Sum, 1); }), "axis");
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId x, ValueId) { b.Resample({x, x, x}, {.kind = Resample::Kind::Max}); }),
               "axis");
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId x, ValueId) { b.Contract(x, x, {{0}, {0}, {}}); }), "F32");
  EXPECT_DEATH(BuildTyped([](Builder& b, ValueId x, ValueId) {
                 b.Scan({x}, {.body = Doubling(), .carries = 1, .sequences = 1, .sequence_axes = {0}});
               }),
               "inputs");
}

TEST(Print, NewOperations) {
  Graph graph;
  Builder b(graph);
  const Dim time = Dim::Symbol("time");
  const ValueId x = b.Input({time, 2}, DType::I32);
  MapBuilder map;
  const Expr e = map.Operand(0, DType::I32);
  const ValueId y = b.Map({x}, Cast(FloorDivide(e, map.Size(time, DType::I32)), DType::F32));
  const ValueId sum = b.Prefix(y, Prefix::Kind::Sum, 0);
  MapBuilder logic;
  const Expr z = logic.Operand(0);
  b.Map({sum}, And(Not(Less(z, logic.Constant(1))), Or(Equal(z, z), Less(Power(z, z), z))));
  b.Reduce(sum, Reduce::Kind::ArgMax, {1});
  b.Constant({.sizes = {2}, .dtype = DType::I64, .integers = {1, -2}});
  const ValueId window = b.Constant({.sizes = {2}, .dtype = DType::I32, .integers = {1, 1}});
  b.Resample({sum, window, window}, {.kind = Resample::Kind::Mean, .axis = 0});
  b.Guard({.value = Modulo(time, 2), .test = Guard::Test::Zero, .text = "time % 2 == 0"});
  Verify(graph);
  EXPECT_EQ(Print(graph), R"(guard time % 2 == 0  # time % 2 == 0
%0: i32[time, 2]  = Input 0
%1: f32[time, 2]  = Map(%0) = f32($0 // (time))
%2: f32[time, 2]  = Prefix(%1) sum axis=0
%3: bool[time, 2] = Map(%2) = not $0 < 1 and ($0 == $0 or $0 ** $0 < $0)
%4: i32[time]     = Reduce(%2) argmax axes=[1]
%5: i64[2]        = Constant {1, -2}
%6: i32[2]        = Constant {1, 1}
%7: f32[2, 2]     = Resample(%2, %6, %6) mean axis=0
return
)");
}

}  // namespace
}  // namespace strata::core
