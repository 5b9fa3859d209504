// The example on its real images: Keras' probabilities, and the accuracy it was trained to.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "compiler/weights/weights.h"
#include "runtime/array_file.h"
#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

constexpr const char* kFolder = "examples/digits/";

template <typename T>
std::vector<T> ReadArray(const std::string& name, std::vector<int64_t>* sizes) {
  strata_array array;
  char error[512];
  EXPECT_TRUE(strata_array_read((kFolder + name).c_str(), &array, error, sizeof error)) << error;
  std::vector<T> elements(static_cast<size_t>(array.bytes) / sizeof(T));
  std::memcpy(elements.data(), array.data, elements.size() * sizeof(T));
  if (sizes != nullptr) sizes->assign(array.sizes, array.sizes + array.rank);
  strata_array_free(&array);
  return elements;
}

TEST(Digits, GivesKerasProbabilitiesAndItsAccuracy) {
  std::ifstream file(std::string(kFolder) + "digits.strata");
  const Network network = CheckProgram({std::istreambuf_iterator<char>(file), {}});
  Diagnostics diagnostics;
  const std::string path = std::string(kFolder) + "digits.safetensors";
  const auto bound = BindWeights(network, OpenWeightsFile(path, {}, diagnostics), path, diagnostics);
  ASSERT_TRUE(bound.has_value());

  Array images;
  images.data = ReadArray<float>("images.npy", &images.sizes);
  Array probabilities;
  probabilities.data = ReadArray<float>("probs.npy", &probabilities.sizes);
  const std::vector<int32_t> labels = ReadArray<int32_t>("labels.npy", nullptr);
  ASSERT_EQ(labels.size(), 360U);

  const core::Graph graph = Optimize(Expand(network), [&](const std::string& name) { return bound->Load(name); });
  for (const Target* target : RunnableTargets()) {
    const Array output = Compiled(graph, *target).Run({images})[0];
    EXPECT_LE(RelativeError(output, probabilities), kCompiledTolerance) << target->name;
    size_t right = 0;
    for (size_t k = 0; k < labels.size(); ++k) {
      const auto* row = output.data.data() + 10 * k;
      right += std::max_element(row, row + 10) - row == labels[k];
    }
    EXPECT_GE(right, 350U) << target->name;  // 0.97 of 360
  }
}

}  // namespace
}  // namespace strata::testing
