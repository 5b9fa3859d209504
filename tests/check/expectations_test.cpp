// Every program under tests/check gets the messages that it expects, and no others.
#include "tests/check/expectations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/syntax/parse.h"
#include "tests/support/programs.h"

namespace strata::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Programs() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("tests/check")) {
    if (entry.path().extension() == ".strata") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

// "tests/check/names/layers.strata": names_layers
std::string NameOf(const ::testing::TestParamInfo<std::string>& path) {
  const std::filesystem::path file(path.param);
  return file.parent_path().filename().string() + "_" + file.stem().string();
}

class ExpectationTest : public ::testing::TestWithParam<std::string> {};

// `sources` may hold a text for the file in place of what is on the disk.
void ExpectNoDifferences(const std::string& path, Sources& sources) {
  Diagnostics diagnostics;
  FileId id;
  if (LoadSource(path, sources, diagnostics, &id)) {
    const std::optional<ast::File> file = Parse(id, sources, diagnostics, {.keeps_parts = true});
    if (file) Check(*file, sources, diagnostics, {.needs_network = false});
  }
  ASSERT_TRUE(id.index >= 0);
  EXPECT_THAT(Differences(sources.Get(id).Text(), diagnostics, sources), IsEmpty())
      << RenderText(diagnostics, sources, {.limit = 0});
}

TEST_P(ExpectationTest, Program) {
  Sources sources;
  ExpectNoDifferences(GetParam(), sources);
}

// The example of docs/testing.md.
TEST(ExpectationPage, Example) {
  const std::string page = ReadText("docs/testing.md");
  const std::string fence = "```strata\n";
  const size_t begin = page.find(fence);
  ASSERT_NE(begin, std::string::npos);
  const std::string program = page.substr(begin + fence.size(), page.find("```\n", begin + 1) - begin - fence.size());
  Sources sources;
  sources.SetEdited({{"page.strata", program}});
  ExpectNoDifferences("page.strata", sources);
}

INSTANTIATE_TEST_SUITE_P(Programs, ExpectationTest, ::testing::ValuesIn(Programs()), NameOf);

constexpr Kind<> kMistake{"Mistake", "E0001", gravities::Error, "there is a mistake"};
constexpr Kind<> kDoubt{"Doubt", "W0001", gravities::Warning, "there is a doubt"};

// The differences for a file with an error in its second line.
std::vector<std::string> WithMistakeInLine2(const std::string& text) {
  Sources sources;
  const FileId id = sources.Add("a.strata", text);
  Diagnostics diagnostics;
  const uint32_t begin = sources.Get(id).LineStart(2);
  diagnostics.Report(kMistake, {id, begin, begin + 1});
  return Differences(text, diagnostics, sources);
}

TEST(DifferencesTest, ExpectationsOfThisLineAndOthers) {
  EXPECT_THAT(WithMistakeInLine2("a\nb  # expect-error[E0001] {{there is a mistake}}\n"), IsEmpty());
  EXPECT_THAT(WithMistakeInLine2("# expect-error[E0001]@+1 {{mistake}}\nb\n"), IsEmpty());
  EXPECT_THAT(WithMistakeInLine2("a\nb\n\n# expect-error[E0001]@-2 {{a mistake}}\n"), IsEmpty());
}

TEST(DifferencesTest, WhatDoesNotComeAndWhatIsNotExpected) {
  const std::string surplus = "line 2: not expected: error[E0001]: there is a mistake";
  EXPECT_THAT(WithMistakeInLine2("a\nb\n"), ElementsAre(surplus));
  EXPECT_THAT(WithMistakeInLine2("a\nb  # expect-error[E0002] {{mistake}}\n"),
              ElementsAre(surplus, "line 2: did not come: expect-error[E0002] {{mistake}}"));
  EXPECT_THAT(WithMistakeInLine2("a\nb  # expect-error[E0001] {{accident}}\n"),
              ElementsAre(surplus, "line 2: did not come: expect-error[E0001] {{accident}}"));
  EXPECT_THAT(WithMistakeInLine2("a  # expect-error[E0001] {{mistake}}\nb\n"),
              ElementsAre(surplus, "line 1: did not come: expect-error[E0001] {{mistake}}"));
  EXPECT_THAT(WithMistakeInLine2("a\nb  # expect-warning[E0001] {{mistake}}\n"),
              ElementsAre(surplus, "line 2: did not come: expect-warning[E0001] {{mistake}}"));
  // One message meets one expectation.
  EXPECT_THAT(WithMistakeInLine2("# expect-error[E0001]@+1 {{mistake}}\nb  # expect-error[E0001] {{mistake}}\n"),
              ElementsAre("line 2: did not come: expect-error[E0001] {{mistake}}"));
}

TEST(DifferencesTest, MisspelledExpectations) {
  EXPECT_THAT(WithMistakeInLine2("# expect-eror[E0001]@+1 {{mistake}}\nb  # expect-error[E0001] {{mistake}}\n"),
              ElementsAre("line 1: not of the form `expect-error[E0000]@+1 {{text}}`"));
}

TEST(DifferencesTest, WarningsAreExpectedToo) {
  Sources sources;
  sources.Add("a.strata", "a\n");
  Diagnostics diagnostics;
  diagnostics.Report(kDoubt, Span());
  EXPECT_THAT(Differences("a\n", diagnostics, sources),
              ElementsAre("line 0: not expected: warning[W0001]: there is a doubt"));
}

}  // namespace
}  // namespace strata::testing
