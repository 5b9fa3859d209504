// The trained examples on their real data: what Keras answers, and the quality they were trained to.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "compiler/weights/weights.h"
#include "runtime/array_file.h"
#include "tests/numeric/keras_case.h"
#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

// ---- Qualities ----

// The share of the rows whose largest element stands at their label.
double Accuracy(const Array& output, const Array& labels) {
  const size_t classes = static_cast<size_t>(output.sizes.back());
  EXPECT_EQ(output.data.size(), classes * labels.data.size());
  size_t right = 0;
  for (size_t k = 0; k < labels.data.size(); ++k) {
    const auto row = output.data.begin() + static_cast<std::ptrdiff_t>(classes * k);
    const auto largest = std::max_element(row, row + static_cast<std::ptrdiff_t>(classes)) - row;
    right += largest == static_cast<std::ptrdiff_t>(labels.data[k]);
  }
  return static_cast<double>(right) / static_cast<double>(labels.data.size());
}

double MeanSquaredError(const Array& output, const Array& truth) {
  double sum = 0;
  for (size_t k = 0; k < truth.data.size(); ++k) sum += std::pow(output.data[k] - truth.data[k], 2);
  return sum / static_cast<double>(truth.data.size());
}

double MinusRootMeanSquaredError(const Array& output, const Array& truth) {
  return -std::sqrt(MeanSquaredError(output, truth));
}

// In decibels, of 8-bit images.
double PeakSignalToNoise(const Array& output, const Array& truth) {
  return 10 * std::log10(255.0 * 255.0 / MeanSquaredError(output, truth));
}

// ---- The examples ----

struct Example {
  const char* name;  // of the folder, the program and the weights
  const char* input;
  const char* output;
  const char* truth;
  double (*quality)(const Array& output, const Array& truth);
  double at_least;
  double tolerance = kCompiledTolerance;
};

const Example kExamples[] = {
    {"digits", "images.npy", "probs.npy", "labels.npy", Accuracy, 0.97},
    {"classifier", "../digits/images.npy", "probs.npy", "../digits/labels.npy", Accuracy, 0.98},
    {"highlight", "text.npy", "kinds.npy", "labels.npy", Accuracy, 0.95},
    {"sunspots", "history.npy", "next.npy", "truth.npy", MinusRootMeanSquaredError, -20},
    {"wine", "analysis.npy", "probs.npy", "labels.npy", Accuracy, 0.95},
    {"languages", "letters.npy", "probs.npy", "labels.npy", Accuracy, 0.8},
    // Its bytes are rounded: two sums that differ in their last bits may fall on either side of a half.
    {"denoise", "noisy.npy", "clean.npy", "truth.npy", PeakSignalToNoise, 26, 1.0 / 255},
};

Array ReadArray(const std::string& path) {
  strata_array array;
  char error[512];
  if (!strata_array_read(path.c_str(), &array, error, sizeof error)) throw std::runtime_error(error);
  Array result = ToArray(array, path);
  strata_array_free(&array);
  return result;
}

class Trained : public ::testing::TestWithParam<Example> {};

TEST_P(Trained, GivesWhatKerasGivesAndIsAsGoodAsItWasTrained) {
  const Example& example = GetParam();
  const std::string folder = std::string("examples/") + example.name + "/";
  std::ifstream file(folder + example.name + ".strata");
  const Network network = CheckProgram({std::istreambuf_iterator<char>(file), {}});
  Diagnostics diagnostics;
  const std::string weights = folder + example.name + ".safetensors";
  const auto opened = OpenWeightsFile(weights, {}, diagnostics);
  ASSERT_NE(opened, nullptr) << weights;
  const auto bound = BindWeights(network, opened, weights, diagnostics);
  ASSERT_TRUE(bound.has_value());

  const Array input = ReadArray(folder + example.input);
  const Array expected = ReadArray(folder + example.output);
  const Array truth = ReadArray(folder + example.truth);

  const core::Graph graph = Optimize(Expand(network), [&](const std::string& name) { return bound->Load(name); });
  for (const Target* target : RunnableTargets()) {
    const Array output = Compiled(graph, *target).Run({input})[0];
    EXPECT_LE(RelativeError(output, expected), example.tolerance) << target->name;
    EXPECT_GE(example.quality(output, truth), example.at_least) << target->name;
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, Trained, ::testing::ValuesIn(kExamples),
                         [](const auto& example) { return std::string(example.param.name); });

}  // namespace
}  // namespace strata::testing
