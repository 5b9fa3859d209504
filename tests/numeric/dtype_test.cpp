// Every element type, at the border, in constants and in every function.
#include <gtest/gtest.h>

#include <limits>

#include "compiler/core/map_function.h"
#include "tests/numeric/graphs.h"

namespace strata::testing {
namespace {

using core::Builder;
using core::Expr;
using core::Graph;
using core::MapBuilder;
using core::ValueId;
using Function = core::Map::Function;

constexpr DType kTypes[] = {DType::F32, DType::F16, DType::BF16, DType::I8,
                            DType::U8,  DType::I32, DType::I64,  DType::Bool};

Dim N() { return Dim::Symbol("N"); }

const std::vector<Symbols> kSizes = {{{"N", 1}}, {{"N", 2}}, {{"N", 5}}};

double ToleranceOf(DType dtype) { return dtype == DType::F16 ? 2e-3 : dtype == DType::BF16 ? 1.6e-2 : 1e-5; }

// Numbers at which a type's arithmetic shows: its limits, 0, small ones of both signs.
core::Array Edges(DType dtype, int64_t count, size_t shift) {
  core::Array array{.sizes = {count, 37}, .data = {}, .dtype = dtype, .integers = {}};
  const std::vector<double> reals = {0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.25, 100, -7, 0.1, 2, -3};
  for (int64_t k = 0; k < count * 37; ++k) {
    const size_t at = static_cast<size_t>(k) * 7 + shift + static_cast<size_t>(k) / 15;
    if (IsFloat(dtype)) {
      array.data.push_back(core::RoundTo(dtype, static_cast<float>(reals[at % reals.size()])));
      continue;
    }
    const int64_t least = core::Least(dtype);
    const int64_t greatest = core::Greatest(dtype);
    const std::vector<int64_t> integers = {0,  1,  least,        greatest,  2,  7, 3, -1,
                                           -2, -7, greatest - 1, least + 1, 64, 5, -3};
    array.integers.push_back(core::WrapTo(dtype, integers[at % integers.size()]));
  }
  return array;
}

std::vector<core::Array> EdgesFor(const Graph& graph, const Symbols& symbols) {
  std::vector<core::Array> arrays;
  for (ValueId input : graph.inputs) {
    arrays.push_back(Edges(graph.Get(input).dtype, symbols.begin()->second, arrays.size() * 11));
  }
  return arrays;
}

class DTypes : public ::testing::TestWithParam<DType> {};

// Copies, views and constants, through every way to move elements.
TEST_P(DTypes, MoveUnchanged) {
  const DType dtype = GetParam();
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({N(), 37}, dtype);
  core::Literal literal{.sizes = {37, 2}, .dtype = dtype};
  const core::Array values = RandomArray({37, 2}, dtype, 5);
  literal.data.assign(values.data.begin(), values.data.end());
  literal.integers = values.integers;
  const ValueId constant = builder.Constant(std::move(literal));
  const ValueId turned = builder.Transpose(x, {1, 0});
  graph.outputs = {x,
                   turned,
                   constant,
                   builder.Concat({turned, constant}, 1),
                   builder.Pad(x, {1, 0}, {0, 2}, 1),
                   builder.Slice(x, {0, 3}, {N(), 11}, {1, 3}),
                   builder.Reshape(turned, {N() * 37})};
  ExpectSameAsInterpreter(graph, kSizes);
}

TEST_P(DTypes, ComputeEveryFunction) {
  const DType dtype = GetParam();
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({N(), 37}, dtype);
  const ValueId y = builder.Input({N(), 37}, dtype);
  const auto add = [&](auto make) {
    MapBuilder map;
    graph.outputs.push_back(builder.Map({x, y}, make(map, map.Operand(0, dtype), map.Operand(1, dtype))));
  };
  for (int number = 0; number <= static_cast<int>(Function::Not); ++number) {
    const auto function = static_cast<Function>(number);
    const core::FunctionInfo& info = core::InfoOf(function);
    if (!core::Contains(info.domain, dtype) || function == Function::Cast || function == Function::Select) continue;
    // Their domain is another; math_test measures them.
    if (function == Function::Log || function == Function::Log1p || function == Function::Sqrt ||
        function == Function::Rsqrt || function == Function::Exp || function == Function::Expm1) {
      continue;
    }
    if (info.arguments == 1) add([&](MapBuilder& map, Expr a, Expr) { return map.Make(function, {a}); });
    if (info.arguments == 2) add([&](MapBuilder& map, Expr a, Expr b) { return map.Make(function, {a, b}); });
  }
  add([](MapBuilder&, Expr a, Expr b) { return Select(Less(a, b), a, b); });
  add([&](MapBuilder& map, Expr a, Expr) { return map.Make(Function::Maximum, {a, map.Index(1, dtype)}); });
  add([&](MapBuilder& map, Expr, Expr b) { return Equal(b, map.Size(N() * 3, dtype)); });
  ExpectSameAsInterpreter(graph, kSizes, {.tolerance = ToleranceOf(dtype), .inputs = &EdgesFor});
}

TEST_P(DTypes, CastToEveryOther) {
  const DType dtype = GetParam();
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({N(), 37}, dtype);
  for (DType to : kTypes) graph.outputs.push_back(builder.Cast(x, to));
  ExpectSameAsInterpreter(graph, kSizes, {.tolerance = 0, .inputs = &EdgesFor});
}

TEST_P(DTypes, ReduceAlongEveryAxis) {
  using Kind = core::Reduce::Kind;
  const DType dtype = GetParam();
  for (const std::vector<int>& axes : std::vector<std::vector<int>>{{0}, {1}, {2}, {0, 1}, {1, 2}, {0, 2}, {0, 1, 2}}) {
    Graph graph;
    Builder builder(graph);
    const ValueId x = builder.Input({N(), 3, 19}, dtype);
    for (const Kind kind : {Kind::Sum, Kind::Mean, Kind::Product, Kind::Max, Kind::Min, Kind::ArgMax, Kind::ArgMin}) {
      const bool is_arg = kind == Kind::ArgMax || kind == Kind::ArgMin;
      if (dtype == DType::Bool && (kind == Kind::Sum || kind == Kind::Product)) continue;
      if (!IsFloat(dtype) && kind == Kind::Mean) continue;
      if (is_arg && axes.size() > 1) continue;
      graph.outputs.push_back(builder.Reduce(x, kind, axes));
    }
    ExpectSameAsInterpreter(graph, {{{"N", 1}}, {{"N", 4}}, {{"N", 0}}, {{"N", 40}}},
                            {.tolerance = ToleranceOf(dtype)});
  }
}

TEST_P(DTypes, RunningSumsAndProducts) {
  const DType dtype = GetParam();
  if (dtype == DType::Bool) return;
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({N(), 5, 19}, dtype);
  for (const int axis : {0, 1, 2}) {
    graph.outputs.push_back(builder.Prefix(x, core::Prefix::Kind::Sum, axis));
    graph.outputs.push_back(builder.Prefix(x, core::Prefix::Kind::Product, axis));
  }
  ExpectSameAsInterpreter(graph, {{{"N", 1}}, {{"N", 6}}, {{"N", 0}}}, {.tolerance = ToleranceOf(dtype)});
}

TEST_P(DTypes, GatherRows) {
  const DType dtype = GetParam();
  for (const DType index : {DType::I8, DType::U8, DType::I32, DType::I64}) {
    Graph graph;
    Builder builder(graph);
    const ValueId table = builder.Input({N(), 2, 21}, dtype);
    const ValueId numbers = builder.Input({N(), 3}, dtype);
    const ValueId indices = builder.Input({4, 3}, index);
    const ValueId one = builder.Input({}, index);
    builder.SetOrigin("embedding");
    graph.outputs = {builder.Gather(table, indices), builder.Gather(builder.Transpose(numbers, {1, 0}), one),
                     builder.Gather(builder.Reshape(numbers, {N() * 3}), indices)};
    const auto inputs = [&](const Graph& of, const Symbols& symbols) {
      std::vector<core::Array> arrays = RandomArrays(of, symbols, 3);
      for (int64_t& k : arrays[2].integers) k = (k + 16) % 5;
      for (int64_t& k : arrays[3].integers) k = (k + 16) % 3;
      return arrays;
    };
    ExpectSameAsInterpreter(graph, {{{"N", 5}}, {{"N", 9}}}, {.tolerance = 0, .inputs = inputs});
  }
}

INSTANTIATE_TEST_SUITE_P(All, DTypes, ::testing::ValuesIn(kTypes),
                         [](const auto& test) { return std::string(Name(test.param)); });

// Nothing outside the table is read, and the call says which layer it was.
TEST(Gather, IndexOutsideTheTableIsAnError) {
  for (const int64_t bad : {-1, 7, 100, -128}) {
    Graph graph;
    Builder builder(graph);
    const ValueId indices = builder.Input({Dim::Symbol("batch"), 5}, DType::I8);
    const ValueId table = builder.Constant(RandomWeights({7, 8}, 1));
    builder.SetOrigin("first");
    const ValueId first =
        builder.Gather(table, builder.Constant({.sizes = {1}, .dtype = DType::I32, .data = {}, .integers = {6}}));
    builder.SetOrigin("second");
    const ValueId second = builder.Gather(table, indices);
    MapBuilder map;
    graph.outputs = {builder.Map({first, second}, map.Operand(0) + map.Operand(1)), indices};
    for (const int64_t at : {-1, 0, 9}) {
      const auto inputs = [&](const Graph&, const Symbols&) {
        core::Array array = RandomArray({2, 5}, DType::I8, 1);
        for (int64_t& k : array.integers) k = (k + 14) % 7;
        if (at >= 0) array.integers[static_cast<size_t>(at)] = bad;
        return std::vector<core::Array>{array};
      };
      ExpectSameAsInterpreter(graph, {{{"batch", 2}}}, {.inputs = inputs});
    }
  }
}

TEST(Floats, InfinitiesAndNansCastAndCompareAsTheInterpreterHasThem) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const DType dtype : {DType::F32, DType::F16, DType::BF16}) {
    Graph graph;
    Builder builder(graph);
    const ValueId x = builder.Input({N(), 6}, dtype);
    for (DType to : kTypes) graph.outputs.push_back(builder.Cast(x, to));
    for (const auto kind : {core::Reduce::Kind::ArgMax, core::Reduce::Kind::ArgMin, core::Reduce::Kind::Max}) {
      for (const int axis : {0, 1}) graph.outputs.push_back(builder.Reduce(x, kind, {axis}));
    }
    const double large = core::RoundTo(dtype, 3e4);
    const auto inputs = [&](const Graph&, const Symbols&) {
      return std::vector<core::Array>{{.sizes = {3, 6},
                                       .data = {nan, kInfinity, -kInfinity, large, -large, 0,  // of each kind
                                                1, nan, 2, nan, -kInfinity, -0.0,              // NaN more than once
                                                -kInfinity, -kInfinity, -kInfinity, -kInfinity, -5, kInfinity},
                                       .dtype = dtype,
                                       .integers = {}}};
    };
    ExpectSameAsInterpreter(graph, {{{"N", 3}}}, {.tolerance = ToleranceOf(dtype), .inputs = inputs});
  }
}

}  // namespace
}  // namespace strata::testing
