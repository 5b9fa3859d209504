// Programs put together from parts of others: no fault in what reads them, whatever the parts. The sanitizers see more.
#include <gtest/gtest.h>

#include "tests/support/exercise.h"
#include "tests/support/last_words.h"
#include "tests/support/recombine.h"
#include "tests/support/seed.h"

namespace strata::testing {
namespace {

constexpr size_t kPrograms = 1500;

TEST(Recombine, PartsOfOtherProgramsAreNoFault) {
  const Recombiner recombiner;
  std::mt19937 random(Seed());
  size_t changed = 0;
  for (size_t i = 0; i < kPrograms; ++i) {
    const std::string& program = recombiner.Programs()[random() % recombiner.Programs().size()];
    const std::string text = recombiner.Change(program, random);
    changed += text != program;
    const LastWords words(text);
    Exercise(text);
  }
  EXPECT_GT(changed, kPrograms / 2);
}

}  // namespace
}  // namespace strata::testing
