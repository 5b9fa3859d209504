#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "compiler/source/diagnostics.h"

namespace strata {
namespace {

const std::vector<std::string_view> kLayers = {
    "Dense",         "Conv1D",  "Conv2D",  "Conv3D", "DepthwiseConv2D",    "MaxPooling2D", "AveragePooling2D",
    "Flatten",       "Reshape", "Dropout", "ReLU",   "BatchNormalization", "Softmax",      "Activation",
    "ZeroPadding2D", "Add",     "LSTM",    "GRU",    "Concatenate",        "Multiply",     "LayerNormalization"};
const std::vector<std::string_view> kArguments = {"filters",    "kernel_size", "strides",     "padding",
                                                  "activation", "use_bias",    "data_format", "dilation_rate"};

TEST(NearestNameTest, Layers) {
  EXPECT_EQ(NearestName("Dens", kLayers), "Dense");
  EXPECT_EQ(NearestName("dense", kLayers), "Dense");
  EXPECT_EQ(NearestName("Conv2d", kLayers), "Conv2D");
  EXPECT_EQ(NearestName("Con2D", kLayers), "Conv2D");
  EXPECT_EQ(NearestName("Covn3D", kLayers), "Conv3D");
  EXPECT_EQ(NearestName("SOFTMAX", kLayers), "Softmax");
  EXPECT_EQ(NearestName("max_pooling_2d", kLayers), "MaxPooling2D");
  EXPECT_EQ(NearestName("BatchNormalisation", kLayers), "BatchNormalization");
  EXPECT_EQ(NearestName("Relu", kLayers), "ReLU");
  EXPECT_EQ(NearestName("lstm", kLayers), "LSTM");
}

TEST(NearestNameTest, Arguments) {
  EXPECT_EQ(NearestName("stride", kArguments), "strides");
  EXPECT_EQ(NearestName("kernal_size", kArguments), "kernel_size");
  EXPECT_EQ(NearestName("kernelsize", kArguments), "kernel_size");
  EXPECT_EQ(NearestName("filter", kArguments), "filters");
}

TEST(NearestNameTest, NothingIsNear) {
  EXPECT_EQ(NearestName("foo", kLayers), "");
  EXPECT_EQ(NearestName("foo", kArguments), "");
  EXPECT_EQ(NearestName("Linear", kLayers), "");
  EXPECT_EQ(NearestName("", kLayers), "");
  EXPECT_EQ(NearestName("Dense", {}), "");
  EXPECT_EQ(NearestName("x", {"y", "xy", ""}), "");
  EXPECT_EQ(NearestName(std::string(101, 'a'), {std::string_view("a")}), "");
}

TEST(NearestNameTest, TheNearestAndThenTheFirst) {
  EXPECT_EQ(NearestName("heigth", {"weight", "height", "eighth"}), "height");
  EXPECT_EQ(NearestName("Conv4D", kLayers), "Conv1D");
  EXPECT_EQ(NearestName("h", {"w", "H"}), "H");
  EXPECT_EQ(NearestName("relu", {"ReLU", "relu", "RELU"}), "relu");
  EXPECT_EQ(NearestName("batc", {"Batch", "batch"}), "batch");
}

TEST(NearestNameTest, Fast) {
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("a_rather_long_name_of_layer_" + std::to_string(i));
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(NearestName("a_rather_long_nmae_of_layer_777", candidates), "a_rather_long_name_of_layer_777");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST(NearestNameTest, OfTheSameFirstLetterRather) {
  EXPECT_EQ(NearestName("rlu", {"elu", "relu"}), "relu");
  EXPECT_EQ(NearestName("rlu", {"relu", "elu"}), "relu");
}

TEST(NearestNameTest, BeginningOfOneName) {
  EXPECT_EQ(NearestName("activ", {"units", "activation"}), "activation");
  EXPECT_EQ(NearestName("Embed", {"Embedding", "Dense"}), "Embedding");
  EXPECT_EQ(NearestName("pool", {"pool_size", "pool_type"}), "");
  EXPECT_EQ(NearestName("act", {"units", "activation"}), "");
}

}  // namespace
}  // namespace strata
