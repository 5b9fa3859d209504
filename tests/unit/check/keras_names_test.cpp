// Every name of Keras is known.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "compiler/check/names.h"
#include "compiler/layers/activations.h"
#include "compiler/layers/aliases.h"
#include "compiler/layers/unsupported.h"

namespace strata {
namespace {

// keras_names.txt: every name of keras.layers and keras.activations, with that of its class or function
// (tools/keras_names.py). Each is here, under its name, or said not to be.
struct KerasName {
  std::string kind, name, main;
};
std::vector<KerasName> KerasNames() {
  std::ifstream file("tests/unit/check/keras_names.txt");
  std::vector<KerasName> names;
  for (KerasName name; file >> name.kind >> name.name >> name.main;) names.push_back(name);
  return names;
}

TEST(KerasNamesTest, EachIsALayerAnAliasOrUnsupported) {
  size_t count = 0;
  for (const auto& [kind, name, main] : KerasNames()) {
    if (kind != "layer") continue;
    ++count;
    const bool is_here = FindLayer(name) != nullptr;
    EXPECT_NE(is_here, FindUnsupportedLayer(name) != nullptr) << name;
    // The class of GroupQueryAttention is the one that has a name of its own.
    if (name != "GroupQueryAttention") {
      EXPECT_EQ(MainName(name), main);
    }
  }
  EXPECT_GT(count, 150u);
}

// Add()(a, b) as add([a, b]), and what concerns layers written in Python.
TEST(KerasNamesTest, WhatIsBesideTheLayersIsKnown) {
  size_t count = 0;
  for (const auto& [kind, name, main] : KerasNames()) {
    if (kind != "other") continue;
    ++count;
    EXPECT_TRUE(FindFunction(name) != nullptr || FindUnsupportedLayer(name) != nullptr) << name;
  }
  EXPECT_EQ(count, 12u);
}

TEST(KerasNamesTest, EachActivationIsHere) {
  size_t count = 0;
  for (const auto& [kind, name, main] : KerasNames()) {
    if (kind != "activation") continue;
    ++count;
    EXPECT_NE(FindActivation(name), nullptr) << name;
  }
  EXPECT_EQ(count, AllActivations().size());
}

TEST(KerasNamesTest, TablesAreSortedAndOtherNamesNoMainOnes) {
  EXPECT_TRUE(std::ranges::is_sorted(AllAliases(), {}, &Alias::name));
  EXPECT_TRUE(std::ranges::is_sorted(AllUnsupportedLayers(), {}, &UnsupportedLayer::name));
  for (const Alias& alias : AllAliases()) EXPECT_EQ(MainName(alias.main), alias.main);
  for (const UnsupportedLayer& layer : AllUnsupportedLayers()) {
    EXPECT_TRUE(layer.replacement.empty() || FindLayer(layer.replacement) != nullptr) << layer.name;
  }
}

}  // namespace
}  // namespace strata
