// The examples of every layer and function with each element type for each of their inputs: checked or refused, and what is
// checked can be lowered.
#include <gtest/gtest.h>

#include "tests/support/exercise.h"
#include "tests/support/last_words.h"
#include "tests/support/programs.h"

namespace strata::testing {
namespace {

TEST(ElementTypes, OfEveryInputOfEveryExample) {
  const std::vector<std::string> programs = ProgramsOfElementTypes();
  for (const std::string& text : programs) {
    const LastWords words(text);
    Exercise(text);
  }
  EXPECT_GT(programs.size(), 2000U);
}

}  // namespace
}  // namespace strata::testing
