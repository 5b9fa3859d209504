// The elementary functions of compiled code against float64, over all of their range.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compiler/core/builder.h"
#include "compiler/core/map_function.h"
#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

using Function = core::Map::Function;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Case {
  const char* name;
  Function function;
  double (*exact)(double);
  double low, high;  // where the result is a normal number
  double ulp;        // as compiler/codegen/math.h states it
};

std::vector<float> Evaluate(Function function, const Target& target, const std::vector<float>& x) {
  core::Graph graph;
  graph.symbols = {"batch"};
  core::Builder builder(graph);
  core::MapBuilder map;
  const core::ValueId input = builder.Input({Dim::Symbol("batch")});
  graph.outputs = {builder.Map({input}, Apply(function, map.Operand(0)))};
  return Compiled(graph, target).Run({{.sizes = {static_cast<int64_t>(x.size())}, .data = x}})[0].data;
}

// Evenly spaced, and at every scale near 0 on both sides.
std::vector<float> Samples(double low, double high) {
  std::vector<float> samples;
  constexpr int kCount = 200'000;
  for (int k = 0; k <= kCount; ++k) samples.push_back(static_cast<float>(low + (high - low) * k / kCount));
  for (double x = 1e-37; x < high; x *= 1.001) {
    samples.push_back(static_cast<float>(x));
    if (-x >= low) samples.push_back(static_cast<float>(-x));
  }
  return samples;
}

double ErrorInUlp(float value, double exact) {
  const float nearest = static_cast<float>(exact);
  const double spacing = std::abs(static_cast<double>(std::nextafter(nearest, kInfinity)) - nearest);
  return std::abs(value - exact) / spacing;
}

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

class MathTest : public ::testing::TestWithParam<Case> {};

TEST_P(MathTest, ErrorIsAsStated) {
  const Case& c = GetParam();
  const std::vector<float> x = Samples(c.low, c.high);
  for (const Target* target : RunnableTargets()) {
    const std::vector<float> y = Evaluate(c.function, *target, x);
    double worst = 0;
    float where = 0;
    for (size_t k = 0; k < x.size(); ++k) {
      const double exact = c.exact(x[k]);
      if (std::abs(exact) < 1.2e-38) continue;  // denormal results are 0
      const double error = ErrorInUlp(y[k], exact);
      if (!(error <= worst)) {
        worst = error;
        where = x[k];
      }
    }
    EXPECT_LE(worst, c.ulp) << target->name << " at " << where;
    RecordProperty("ulp_" + std::string(target->name), std::to_string(worst));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Functions, MathTest,
    ::testing::Values(Case{"exp", Function::Exp, [](double x) { return std::exp(x); }, -87.3, 88.72, 2},
                      Case{"expm1", Function::Expm1, [](double x) { return std::expm1(x); }, -80, 88.7, 4},
                      Case{"log", Function::Log, [](double x) { return std::log(x); }, 1.2e-38, 1e30, 2},
                      Case{"log_near_1", Function::Log, [](double x) { return std::log(x); }, 0.5, 2, 2},
                      Case{"log1p", Function::Log1p, [](double x) { return std::log1p(x); }, -0.999, 1e6, 4},
                      Case{"tanh", Function::Tanh, [](double x) { return std::tanh(x); }, -20, 20, 5},
                      Case{"sigmoid", Function::Sigmoid, Sigmoid, -80, 80, 4},
                      Case{"erf", Function::Erf, [](double x) { return std::erf(x); }, -6, 6, 6},
                      Case{"sin", Function::Sin, [](double x) { return std::sin(x); }, -20, 20, 2},
                      Case{"sin_far", Function::Sin, [](double x) { return std::sin(x); }, -1e9, 1e9, 2},
                      Case{"cos", Function::Cos, [](double x) { return std::cos(x); }, -20, 20, 2},
                      Case{"cos_far", Function::Cos, [](double x) { return std::cos(x); }, -1e9, 1e9, 2}),
    [](const auto& test) { return std::string(test.param.name); });

// Of two arguments: x ** y, x // y and x % y for all pairs of some numbers, against the same in float64.
std::vector<float> EvaluatePairs(Function function, const Target& target, const std::vector<float>& x,
                                 const std::vector<float>& y) {
  core::Graph graph;
  graph.symbols = {"batch"};
  core::Builder builder(graph);
  core::MapBuilder map;
  const core::ValueId a = builder.Input({Dim::Symbol("batch")});
  const core::ValueId b = builder.Input({Dim::Symbol("batch")});
  graph.outputs = {builder.Map({a, b}, map.Make(function, {map.Operand(0), map.Operand(1)}))};
  const std::vector<int64_t> sizes = {static_cast<int64_t>(x.size())};
  return Compiled(graph, target).Run({{.sizes = sizes, .data = x}, {.sizes = sizes, .data = y}})[0].data;
}

TEST(MathPairs, PowersAndDivisionsWithRest) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> numbers = {0,    -0.0F, 1,         -1,         2,   -2,    3,      -3,
                                0.5F, -0.5F, kInfinity, -kInfinity, nan, 10,    -10,    0.1F,
                                1e6F, 1e-6F, 1e30F,     16777216,   7,   -7.5F, 1e-30F, 1.0000001F};
  for (int k = 0; k < 400; ++k) numbers.push_back(std::exp(static_cast<float>(k - 200) * 0.07F));
  std::vector<float> x;
  std::vector<float> y;
  for (float a : numbers) {
    for (float b : numbers) {
      x.push_back(a);
      y.push_back(b);
    }
  }
  for (const Target* target : RunnableTargets()) {
    const std::vector<float> powers = EvaluatePairs(Function::Power, *target, x, y);
    const std::vector<float> quotients = EvaluatePairs(Function::FloorDivide, *target, x, y);
    const std::vector<float> rests = EvaluatePairs(Function::Modulo, *target, x, y);
    double worst = 0;
    for (size_t k = 0; k < x.size(); ++k) {
      const auto expect = [&](double found, double exact, const char* name) {
        const float nearest = static_cast<float>(exact);
        if (std::isnan(nearest)) {
          EXPECT_TRUE(std::isnan(found)) << name << " of " << x[k] << ", " << y[k];
        } else if (std::isinf(nearest)) {
          EXPECT_EQ(found, nearest) << name << " of " << x[k] << ", " << y[k];
        } else if (std::abs(exact) > 1.2e-38) {
          worst = std::max(worst, ErrorInUlp(static_cast<float>(found), exact));
          EXPECT_LE(ErrorInUlp(static_cast<float>(found), exact), 1) << name << " of " << x[k] << ", " << y[k];
        } else {
          EXPECT_LE(std::abs(found), 1.2e-38) << name << " of " << x[k] << ", " << y[k];
        }
      };
      expect(powers[k], core::Evaluate(Function::Power, x[k], y[k], 0), "power");
      if (std::abs(static_cast<double>(x[k]) / y[k]) >= 0x1p29) continue;
      expect(quotients[k], core::Evaluate(Function::FloorDivide, x[k], y[k], 0), "floor of quotient");
      expect(rests[k], core::Evaluate(Function::Modulo, x[k], y[k], 0), "rest");
    }
    RecordProperty("ulp_" + std::string(target->name), std::to_string(worst));
  }
}

// At the ends of the range, and beyond.
TEST(MathEdges, AreThoseOfTheFunction) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {0, -0.0F, kInfinity, -kInfinity, nan, 1000, -1000, 1, -1};
  for (const Target* target : RunnableTargets()) {
    const auto expect = [&](Function function, const std::vector<float>& expected, const char* name) {
      const std::vector<float> y = Evaluate(function, *target, x);
      for (size_t k = 0; k < x.size(); ++k) {
        if (std::isnan(expected[k])) {
          EXPECT_TRUE(std::isnan(y[k])) << name << " of " << x[k] << " is " << y[k];
        } else if (std::isinf(expected[k]) || expected[k] == 0) {
          EXPECT_EQ(y[k], expected[k]) << name << " of " << x[k];
        } else {
          EXPECT_NEAR(y[k], expected[k], 1e-6 * std::abs(expected[k])) << name << " of " << x[k];
        }
      }
    };
    const float e = 2.7182818F;
    expect(Function::Exp, {1, 1, kInfinity, 0, nan, kInfinity, 0, e, 1 / e}, "exp");
    expect(Function::Expm1, {0, 0, kInfinity, -1, nan, kInfinity, -1, e - 1, 1 / e - 1}, "expm1");
    expect(Function::Log, {-kInfinity, -kInfinity, kInfinity, nan, nan, 6.9077553F, nan, 0, nan}, "log");
    expect(Function::Log1p, {0, 0, kInfinity, nan, nan, 6.9087548F, nan, 0.6931472F, -kInfinity}, "log1p");
    expect(Function::Tanh, {0, 0, 1, -1, nan, 1, -1, 0.7615942F, -0.7615942F}, "tanh");
    expect(Function::Sigmoid, {0.5F, 0.5F, 1, 0, nan, 1, 0, 0.7310586F, 0.2689414F}, "sigmoid");
    expect(Function::Erf, {0, 0, 1, -1, nan, 1, -1, 0.8427008F, -0.8427008F}, "erf");
  }
}

// NaN goes through comparisons as NumPy's maximum and minimum let it.
TEST(MathEdges, NanPassesMaximumAndMinimum) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  core::Graph graph;
  graph.symbols = {"batch"};
  core::Builder builder(graph);
  const core::ValueId a = builder.Input({Dim::Symbol("batch")});
  const core::ValueId b = builder.Input({Dim::Symbol("batch")});
  core::MapBuilder map;
  graph.outputs = {builder.Map({a, b}, Maximum(map.Operand(0), map.Operand(1))),
                   builder.Map({a, b}, Minimum(map.Operand(0), map.Operand(1))),
                   builder.Map({a}, Maximum(map.Operand(0), 0.0))};
  for (const Target* target : RunnableTargets()) {
    const auto y = Compiled(graph, *target).Run({{{3}, {nan, 1, 2}}, {{3}, {1, nan, 3}}});
    for (size_t k : {0U, 1U}) {
      EXPECT_TRUE(std::isnan(y[0].data[k]));
      EXPECT_TRUE(std::isnan(y[1].data[k]));
    }
    EXPECT_TRUE(std::isnan(y[2].data[0]));
    EXPECT_EQ(y[0].data[2], 3);
    EXPECT_EQ(y[1].data[2], 2);
  }
}

}  // namespace
}  // namespace strata::testing
