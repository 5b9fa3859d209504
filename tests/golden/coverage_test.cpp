// Every kind of diagnostic is shown by a test: by the golden file errors/CODE.golden, or, where the input is none that
// a text could hold, by bad_input_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "tests/golden/page.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {
namespace {

// Kinds that no command line can show, and why. A kind that is shown after all is to leave the list.
const std::map<std::string, std::string> kNotShown = {
    {"E0653", "the processor that runs the tests may run every target"},
};

std::set<std::string> CatalogueCodes() {
  const std::string catalogue = ReadBytes("compiler/source/catalogue.def");
  static const std::regex code("STRATA_KIND\\(\\w+, \"(\\w+)\"");
  std::set<std::string> codes;
  for (std::sregex_iterator i(catalogue.begin(), catalogue.end(), code); i != std::sregex_iterator(); ++i) {
    codes.insert((*i)[1]);
  }
  return codes;
}

std::set<std::string> ShownCodes() {
  std::set<std::string> codes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("tests/golden")) {
    if (entry.path().extension() != ".golden") continue;
    for (const std::string& code : CodesIn(ReadBytes(entry.path()))) codes.insert(code);
  }
  // The codes that its tests expect.
  const std::string bad_input = ReadBytes("tests/golden/bad_input_test.cpp");
  static const std::regex expected("\"([EW][0-9]{4})\"");
  for (std::sregex_iterator i(bad_input.begin(), bad_input.end(), expected); i != std::sregex_iterator(); ++i) {
    codes.insert((*i)[1]);
  }
  return codes;
}

TEST(CoverageTest, EveryKindIsShown) {
  const std::set<std::string> shown = ShownCodes();
  ASSERT_GT(CatalogueCodes().size(), 100u);
  for (const std::string& code : CatalogueCodes()) {
    const auto reason = kNotShown.find(code);
    if (reason == kNotShown.end()) {
      EXPECT_TRUE(shown.contains(code)) << code << ": add tests/golden/errors/" << code << ".golden";
    } else {
      EXPECT_FALSE(shown.contains(code)) << code << " is shown: " << reason->second;
    }
  }
}

TEST(CoverageTest, GoldenFilesOfErrorsAreNamedAfterACodeTheyShow) {
  for (const auto& entry : std::filesystem::directory_iterator("tests/golden/errors")) {
    const std::string code = entry.path().stem().string().substr(0, 5);
    EXPECT_THAT(CodesIn(ReadBytes(entry.path())), ::testing::Contains(code)) << entry.path();
  }
}

// A mistake is shown as text and as JSON and, where a help has edits, with the program they make, which is compiled.
TEST(CoverageTest, MistakesAreShownWithTheirFixes) {
  for (const auto& entry : std::filesystem::directory_iterator("tests/golden/mistakes")) {
    const std::string golden = ReadBytes(entry.path());
    EXPECT_THAT(golden, ::testing::HasSubstr("\n$ strata check --format=json ")) << entry.path();
    static const std::regex edits("\"applicability\":\"ma[a-z-]*\",\"edits\":\\[\\{");
    if (!std::regex_search(golden, edits)) continue;
    const size_t fix = golden.find("\n$ strata check --fix=all ");
    ASSERT_NE(fix, std::string::npos) << entry.path();
    EXPECT_THAT(golden.substr(fix), ::testing::ContainsRegex("\nfixed [1-9]")) << entry.path();
    EXPECT_THAT(golden.substr(fix), ::testing::HasSubstr("\n$ cat ")) << entry.path();
    EXPECT_THAT(golden.substr(fix), ::testing::HasSubstr("\n$ strata build ")) << entry.path();
    EXPECT_THAT(golden.substr(fix), ::testing::Not(::testing::HasSubstr("[exit"))) << entry.path();
  }
}

// What was promised to the letter, so that an update of the golden files cannot change it.
TEST(CoverageTest, PromisedMessages) {
  EXPECT_THAT(ReadBytes("tests/golden/errors/E0203.golden"), ::testing::HasSubstr(R"(
error[E0203]: output `probs` has 4 axes, declared with 2
 --> maps.strata:7:8
  |
3 |     -> (probs: f32[batch, classes: 2]) {
  |                ---------------------- declared here
7 |     |> Dense(2, activation="softmax")
  |        ^^^^^ produces f32[batch, height: 7, width: 7, features: 2]
  = note: Dense maps only the last axis: channels 32 -> 2; height and width pass through
  = help: insert `|> Flatten()` before `Dense`
)"));
  EXPECT_THAT(ReadBytes("tests/golden/digits/executable.golden"),
              ::testing::HasSubstr("`image` has no batch axis: got [8, 8, 1], expected [batch, 8, 8, 1]\n[exit 1]\n"));
  EXPECT_THAT(ReadBytes("tests/golden/errors/E0650.golden"), ::testing::HasSubstr("--random-weights=SEED"));
}

}  // namespace
}  // namespace strata::testing
