// Contract with operands of every kind and order: compiled code equals the interpreter.
#include <gtest/gtest.h>

#include <algorithm>

#include "compiler/schedule/schedule.h"
#include "tests/numeric/graphs.h"

namespace strata::testing {
namespace {

using core::Builder;
using core::Graph;
using core::ValueId;

struct Product {
  const char* name;
  core::Contract op;  // labels: 0 batch, 1 heads, 2 and 3 rows of the operands, 4 and 5 what is summed
  std::vector<int> symbolic;
};

class ProductTest : public ::testing::TestWithParam<Product> {};

TEST_P(ProductTest, EqualsInterpreter) {
  const Product& product = GetParam();
  const int64_t sizes[] = {2, 3, 9, 21, 8, 5};
  const char* names[] = {"B", "H", "Q", "K", "D", "E"};
  Symbols symbols;
  Graph graph;
  Builder builder(graph);
  const auto extents = [&](const std::vector<int>& labels) {
    core::Extents result;
    for (int label : labels) {
      const bool is_symbolic = std::ranges::find(product.symbolic, label) != product.symbolic.end();
      if (is_symbolic) symbols[names[label]] = sizes[label];
      result.push_back(is_symbolic ? Dim::Symbol(names[label]) : Dim(sizes[label]));
    }
    return result;
  };
  const ValueId left = builder.Input(extents(product.op.left));
  const ValueId right = builder.Input(extents(product.op.right));
  const ValueId y = builder.Contract(left, right, product.op);
  core::MapBuilder map;
  const ValueId scaled = builder.Map({y, y}, map.Operand(0) * 0.5 + 1.0);
  // Once alone, once with an epilogue that reads something as large as the result.
  const ValueId again = builder.Contract(left, right, product.op);
  core::MapBuilder sum;
  graph.outputs = {scaled, builder.Map({again, scaled}, Maximum(sum.Operand(0), 0.0) - sum.Operand(1))};
  std::vector<Symbols> at = {symbols};
  for (const int64_t size : {1, 4, 17}) {
    for (auto& [name, value] : symbols) value = size;
    if (!symbols.empty()) at.push_back(symbols);
  }
  ExpectSameAsInterpreter(graph, at);
}

INSTANTIATE_TEST_SUITE_P(
    Orders, ProductTest,
    ::testing::Values(Product{"matmul", {{2, 4}, {4, 3}, {2, 3}}, {}},
                      Product{"matmul_of_any_size", {{2, 4}, {4, 3}, {2, 3}}, {2, 3, 4}},
                      Product{"batched", {{0, 2, 4}, {0, 4, 3}, {0, 2, 3}}, {0}},
                      Product{"batched_rows", {{0, 2, 4}, {0, 4, 3}, {0, 2, 3}}, {0, 2}},
                      Product{"scores", {{0, 2, 1, 4}, {0, 3, 1, 4}, {0, 1, 2, 3}}, {0}},
                      Product{"scores_over_time", {{0, 2, 1, 4}, {0, 3, 1, 4}, {0, 1, 2, 3}}, {0, 2, 3}},
                      Product{"mixed", {{0, 1, 2, 3}, {0, 3, 1, 4}, {0, 2, 1, 4}}, {0}},
                      Product{"mixed_over_time", {{0, 1, 2, 3}, {0, 3, 1, 4}, {0, 2, 1, 4}}, {0, 2, 3}},
                      Product{"two_summed", {{0, 4, 2, 5}, {4, 5, 3}, {0, 2, 3}}, {0}},
                      Product{"two_summed_apart", {{4, 0, 5, 2}, {5, 3, 4}, {0, 2, 3}}, {0, 2}},
                      Product{"summed_first", {{4, 2}, {4, 3}, {2, 3}}, {2}},
                      Product{"transposed_result", {{0, 2, 4}, {0, 3, 4}, {0, 3, 2}}, {0}},
                      Product{"outer", {{0, 2}, {3}, {0, 2, 3}}, {0}}, Product{"inner", {{2, 4}, {4, 2}, {}}, {4}},
                      Product{"diagonal", {{0, 4}, {0, 4}, {0}}, {0}},
                      Product{"left_alone_summed", {{0, 2, 5}, {0, 3}, {0, 2, 3}}, {0}},
                      Product{"vector", {{0, 4}, {0, 4, 3}, {0, 3}}, {0}},
                      Product{"scattered_right", {{0, 2, 4}, {3, 4}, {0, 2, 3}}, {0, 2, 3}}),
    [](const auto& test) { return std::string(test.param.name); });

// Known weights whose axes are not [summed, channels].
TEST(Contract, WeightsInAnyOrder) {
  Graph graph;
  Builder builder(graph);
  const ValueId x = builder.Input({Dim::Symbol("batch"), 6, 3, 10});
  const auto with = [&](std::vector<int64_t> sizes, core::Contract op) {
    return builder.Contract(x, builder.Constant(RandomWeights(std::move(sizes), 7)), std::move(op));
  };
  graph.outputs = {with({10, 33}, {{0, 1, 2, 3}, {3, 4}, {0, 1, 2, 4}}),
                   with({33, 10}, {{0, 1, 2, 3}, {4, 3}, {0, 1, 2, 4}}),
                   with({3, 10, 18}, {{0, 1, 2, 3}, {2, 3, 4}, {0, 1, 4}}),
                   with({10, 18, 3}, {{0, 1, 2, 3}, {3, 4, 2}, {0, 1, 4}}),
                   with({6, 18}, {{0, 1, 2, 3}, {1, 4}, {0, 2, 3, 4}}),
                   with({3, 10, 40}, {{0, 1, 2, 3}, {2, 3, 4}, {0, 1, 2, 4}}),
                   with({40, 10}, {{0, 1, 2, 3}, {4, 3}, {4, 0, 1, 2}})};
  ExpectSameAsInterpreter(graph, {{{"batch", 1}}, {{"batch", 3}}, {{"batch", 0}}});
}

std::string KernelsOf(const core::Graph& graph) {
  std::string kernels;
  const Schedule schedule = MakeSchedule(graph, AllTargets().front());
  for (const Step& step : schedule.steps) {
    kernels += (kernels.empty() ? "" : " ") + std::string(KernelName(step));
  }
  return kernels;
}

// The product of attention's weights and values, with a group of one head between the heads and the rows.
TEST(Contract, RowsBehindAnAxisOfOneAreTiled) {
  Graph graph;
  Builder builder(graph);
  const ValueId weights = builder.Input({Dim::Symbol("B"), 4, 1, 12, 16});
  const ValueId values = builder.Input({Dim::Symbol("B"), 16, 4, 32});
  graph.outputs = {builder.Contract(weights, values, {{0, 1, 2, 3, 4}, {0, 4, 1, 5}, {0, 3, 1, 2, 5}})};
  EXPECT_EQ(KernelsOf(graph), "nest tile");  // what packs the values, and the product
}

// Scores over symbolic time: vectors of them are computed from neighbours, not gathered.
TEST(Contract, ScatteredOperandsAreCopiedWhereTheyAreUsedAgain) {
  Graph graph;
  Builder builder(graph);
  const ValueId query = builder.Input({Dim::Symbol("B"), Dim::Symbol("T"), 32});
  const ValueId key = builder.Input({Dim::Symbol("B"), Dim::Symbol("S"), 32});
  graph.outputs = {builder.Contract(query, key, {{0, 1, 3}, {0, 2, 3}, {0, 1, 2}})};
  EXPECT_EQ(KernelsOf(graph), "nest nest");
  Graph once;
  Builder other(once);
  const ValueId vector = other.Input({Dim::Symbol("B"), 32});
  const ValueId rows = other.Input({Dim::Symbol("B"), Dim::Symbol("S"), 32});
  once.outputs = {other.Contract(vector, rows, {{0, 3}, {0, 2, 3}, {0, 2}})};
  EXPECT_EQ(KernelsOf(once), "nest");
}

}  // namespace
}  // namespace strata::testing
