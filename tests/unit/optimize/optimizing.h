// What the tests of the passes share: graphs under construction with random weights, and comparing two graphs' results.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "compiler/core/builder.h"
#include "compiler/core/interpreter.h"
#include "compiler/core/map_function.h"
#include "compiler/optimize/optimize.h"

namespace strata::optimize {

inline const Dim kBatch = Dim::Symbol("batch");
inline const Dim kTime = Dim::Symbol("time");
// What the symbols are in a run.
inline const std::map<std::string, int64_t, std::less<>> kSizes = {{"batch", 2}, {"time", 3}, {"H", 5}, {"W", 4}};

// A graph with a builder for it, and the elements of its weights: seeded, around `center`.
class Model {
 public:
  explicit Model(unsigned seed = 1) : random_(seed) {}

  core::Graph graph;
  core::Builder b{graph};

  core::ValueId Weight(const std::string& path, const std::vector<int64_t>& sizes, double center = 0) {
    int64_t count = 1;
    for (int64_t size : sizes) count *= size;
    std::vector<float>& data = weights_[path];
    if (data.empty()) {
      for (int64_t i = 0; i < count; ++i) data.push_back(static_cast<float>(center + Number() / 2));
    }
    return b.Weight(path, sizes);
  }
  core::ValueId Constant(const std::vector<int64_t>& sizes, double center = 0) {
    core::Literal literal{.sizes = sizes, .data = {}};
    int64_t count = 1;
    for (int64_t size : sizes) count *= size;
    for (int64_t i = 0; i < count; ++i) literal.data.push_back(static_cast<float>(center + Number() / 2));
    return b.Constant(std::move(literal));
  }

  // ---- Layers, as compiler/layers expands them ----

  core::ValueId Conv(core::ValueId input, core::ValueId kernel, core::Convolve op = {.axes = {{}, {}}}) {
    return b.Convolve(input, kernel, std::move(op));
  }
  core::ValueId Relu(core::ValueId input) {
    core::MapBuilder map;
    return b.Map({input}, Maximum(map.Operand(0), 0));
  }
  core::ValueId Bias(core::ValueId input, core::ValueId bias) {
    core::MapBuilder map;
    const core::Expr x = map.Operand(0);
    return b.Map({input, bias}, x + map.Operand(1));
  }
  core::ValueId Add(core::ValueId left, core::ValueId right) { return Bias(left, right); }
  core::ValueId BatchNormalization(core::ValueId input, int axis, const std::string& name) {
    const size_t rank = b.ExtentsOf(input).size();
    const int64_t channels = *b.ExtentsOf(input)[static_cast<size_t>(axis)].Constant();
    const std::vector<core::ValueId> operands = {
        input, Weight(name + "/mean", {channels}), Weight(name + "/variance", {channels}, 1),
        Weight(name + "/gamma", {channels}, 1), Weight(name + "/beta", {channels})};
    core::MapBuilder map;
    const core::Expr difference = map.Operand(0) - map.Operand(1);
    const core::Expr y =
        difference * Apply(core::Map::Function::Rsqrt, map.Operand(2) + 1e-3) * map.Operand(3) + map.Operand(4);
    return b.Map(operands, {All(rank), {axis}, {axis}, {axis}, {axis}}, rank, y);
  }
  core::ValueId Softmax(core::ValueId input, int axis) {
    const size_t rank = b.ExtentsOf(input).size();
    const core::ValueId largest = b.Reduce(input, core::Reduce::Kind::Max, {axis});
    core::MapBuilder shifted;
    const core::ValueId powers = b.Map({input, largest}, {All(rank), Without(rank, axis)}, rank,
                                       Apply(core::Map::Function::Exp, shifted.Operand(0) - shifted.Operand(1)));
    const core::ValueId sum = b.Reduce(powers, core::Reduce::Kind::Sum, {axis});
    core::MapBuilder ratio;
    return b.Map({powers, sum}, {All(rank), Without(rank, axis)}, rank, ratio.Operand(0) / ratio.Operand(1));
  }
  core::ValueId LayerNormalization(core::ValueId input, int axis, const std::string& name) {
    const size_t rank = b.ExtentsOf(input).size();
    const int64_t size = *b.ExtentsOf(input)[static_cast<size_t>(axis)].Constant();
    const core::ValueId mean = b.Reduce(input, core::Reduce::Kind::Mean, {axis});
    core::MapBuilder difference;
    const core::Expr x = difference.Operand(0);
    const core::ValueId centered =
        b.Map({input, mean}, {All(rank), Without(rank, axis)}, rank, x - difference.Operand(1));
    core::MapBuilder product;
    const core::Expr distance = product.Operand(0);
    const core::ValueId variance = b.Reduce(b.Map({centered}, distance * distance), core::Reduce::Kind::Mean, {axis});
    core::MapBuilder map;
    const core::Expr scatter = map.Operand(1) + 1e-3;
    const core::Expr y = map.Operand(0) * Apply(core::Map::Function::Rsqrt, scatter) * map.Operand(2) + map.Operand(3);
    return b.Map({centered, variance, Weight(name + "/gamma", {size}, 1), Weight(name + "/beta", {size})},
                 {All(rank), Without(rank, axis), {axis}, {axis}}, rank, y);
  }
  core::ValueId Dense(core::ValueId input, core::ValueId kernel) {
    const int rank = static_cast<int>(b.ExtentsOf(input).size());
    core::Contract op{.left = All(b.ExtentsOf(input).size()), .right = {rank - 1, rank}, .out = {}};
    op.out = op.left;
    op.out.back() = rank;
    return b.Contract(input, kernel, op);
  }

  // 0, 1, ... below rank; without `axis`.
  static std::vector<int> All(size_t rank) { return Without(rank, -1); }
  static std::vector<int> Without(size_t rank, int axis) {
    std::vector<int> axes;
    for (int i = 0; i < static_cast<int>(rank); ++i) {
      if (i != axis) axes.push_back(i);
    }
    return axes;
  }

  // ---- Results ----

  WeightLoader Loader() const {
    return [this](const std::string& path) { return weights_.at(path); };
  }

  std::vector<core::Array> Run(const core::Graph& some, const std::vector<core::Array>& inputs) const {
    const core::Environment environment{.symbols = kSizes, .weight = [&](const std::string& path) {
                                          const std::vector<float>& data = weights_.at(path);
                                          core::Array array{.sizes = {}, .data = {data.begin(), data.end()}};
                                          for (const core::Operation& operation : some.operations) {
                                            const auto* weight = std::get_if<core::Weight>(&operation.op);
                                            if (weight == nullptr || weight->path != path) continue;
                                            array.sizes.clear();
                                            for (const Dim& extent : some.Get(operation.Result()).extents)
                                              array.sizes.push_back(*extent.Constant());
                                          }
                                          return array;
                                        }};
    return core::Interpret(some, inputs, environment);
  }

  // Random elements for each input of the graph.
  std::vector<core::Array> Inputs() {
    std::vector<core::Array> inputs;
    for (core::ValueId input : graph.inputs) {
      core::Array array;
      int64_t count = 1;
      for (const Dim& extent : b.ExtentsOf(input)) {
        array.sizes.push_back(*extent.Evaluate([](std::string_view name) { return kSizes.find(name)->second; }));
        count *= array.sizes.back();
      }
      array.dtype = graph.Get(input).dtype;
      for (int64_t i = 0; i < count; ++i) {
        if (IsFloat(array.dtype)) {
          array.data.push_back(core::RoundTo(array.dtype, Number()));
        } else {
          array.integers.push_back(core::WrapTo(array.dtype, static_cast<int64_t>(Number() * 300)));
        }
      }
      inputs.push_back(std::move(array));
    }
    return inputs;
  }

  // That `other` computes what the model's graph does, but for the rounding of constants.
  void ExpectSame(const core::Graph& other) {
    core::Verify(other);
    const std::vector<core::Array> inputs = Inputs();
    const std::vector<core::Array> expected = Run(graph, inputs);
    const std::vector<core::Array> actual = Run(other, inputs);
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t k = 0; k < expected.size(); ++k) {
      ASSERT_EQ(actual[k].sizes, expected[k].sizes);
      ASSERT_EQ(actual[k].dtype, expected[k].dtype);
      EXPECT_EQ(actual[k].integers, expected[k].integers) << "output " << k << " of\n"
                                                          << Print(graph) << "became\n"
                                                          << Print(other);
      double largest = 0;
      double error = 0;
      for (size_t i = 0; i < expected[k].data.size(); ++i) {
        // Infinite, or NaN, alike.
        if (!std::isfinite(expected[k].data[i])) {
          const double value = actual[k].data[i];
          EXPECT_TRUE(std::isnan(expected[k].data[i]) ? std::isnan(value) : value == expected[k].data[i]);
          continue;
        }
        largest = std::max(largest, std::fabs(expected[k].data[i]));
        error = std::max(error, std::fabs(expected[k].data[i] - actual[k].data[i]));
      }
      EXPECT_LE(error, 1e-5 * largest) << "output " << k << " of\n" << Print(graph) << "became\n" << Print(other);
    }
  }

  double Number() { return std::uniform_real_distribution<double>(-1, 1)(random_); }

 private:
  std::mt19937 random_;
  std::map<std::string, std::vector<float>> weights_;
};

// How many operations of a kind stand in a graph, those inside of Groups and Scans included.
template <typename T>
int Count(const core::Graph& graph) {
  int count = 0;
  for (const core::Operation& operation : graph.operations) {
    count += std::holds_alternative<T>(operation.op) ? 1 : 0;
    if (const core::Graph* body = core::BodyOf(operation.op)) count += Count<T>(*body);
  }
  return count;
}

// The operation that makes output 0.
inline const core::Operation& Last(const core::Graph& graph) { return graph.Producer(graph.outputs[0]); }

}  // namespace strata::optimize
