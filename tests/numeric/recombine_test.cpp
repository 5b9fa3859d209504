// Programs put together from parts of others, and examples over integers and bool, as far as they are right: compiled code
// equals the interpreter.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "tests/numeric/support.h"
#include "tests/support/last_words.h"
#include "tests/support/programs.h"
#include "tests/support/recombine.h"
#include "tests/support/seed.h"

namespace strata::testing {
namespace {

constexpr size_t kPrograms = 60;

// The network of a program that is right, whose only symbol is the batch and which cannot fail.
std::optional<Network> NetworkOf(const std::string& text) {
  std::optional<Network> network = TryProgram(text);
  if (network && (network->symbols.size() > 1 || !network->guards.empty())) return std::nullopt;
  return network;
}

// Where rounding decides, both may be right.
bool Decides(const std::string& text) {
  const std::vector<const char*> words = {"floor",       "ceil",   "round",    "sign", "arg",     "//",
                                          "%",           "==",     "<",        ">=",   "one_hot", "Discretization",
                                          "hard_shrink", "sparse", "threshold"};
  return std::ranges::any_of(words, [&](const char* word) { return text.find(word) != std::string::npos; });
}

// Of a program over floats that is soon run.
std::optional<Network> SmallNetworkOf(const std::string& text) {
  if (Decides(text)) return std::nullopt;
  std::optional<Network> network = NetworkOf(text);
  if (!network) return std::nullopt;
  const core::Graph graph = Expand(*network);
  int64_t work = 1;
  for (const core::Value& value : graph.values) {
    if (value.dtype != DType::F32) return std::nullopt;
    int64_t elements = 1;
    for (const Dim& extent : value.extents) elements *= extent.Constant().value_or(1);
    work = std::max(work, elements);
  }
  return work > 20000 ? std::nullopt : std::move(network);
}

TEST(Recombine, CompiledEqualsInterpreter) {
  const Recombiner recombiner;
  const uint32_t seed = Seed();
  std::mt19937 random(seed);
  for (size_t compared = 0; compared < kPrograms;) {
    const std::string& program = recombiner.Programs()[random() % recombiner.Programs().size()];
    const std::string text = recombiner.Change(program, random);
    const LastWords words(text);
    if (text == program) continue;
    const std::optional<Network> network = SmallNetworkOf(text);
    if (!network) continue;
    SCOPED_TRACE(text);
    ExpectCompiledEqualsInterpreter(Expand(*network), VariedWeights(*network, seed + 1), {1, 5}, seed + 1);
    ++compared;
  }
}

class ElementTypes : public ::testing::TestWithParam<const char*> {};

TEST_P(ElementTypes, CompiledEqualsInterpreter) {
  size_t compared = 0;
  for (const std::string& text : ProgramsOfElementTypes()) {
    if (text.find(": " + std::string(GetParam()) + "[") > text.find("->")) continue;
    if (text.find("Resizing") != std::string::npos) continue;  // rounds what it blends
    const LastWords words(text);
    const std::optional<Network> network = NetworkOf(text);
    if (!network) continue;
    SCOPED_TRACE(text);
    ExpectCompiledEqualsInterpreter(Expand(*network), VariedWeights(*network, 1), {3}, Seed());
    ++compared;
  }
  EXPECT_GT(compared, 50U);
}

INSTANTIATE_TEST_SUITE_P(All, ElementTypes, ::testing::Values("i8", "u8", "i32", "i64", "bool"),
                         [](const auto& type) { return std::string(type.param); });

}  // namespace
}  // namespace strata::testing
