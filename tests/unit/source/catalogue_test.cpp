// What holds for every kind of the catalogue. Whether the programs of a page fail and pass is tested with the checker.
#include "compiler/source/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

#include "compiler/source/diagnostics.h"

namespace strata {
namespace {

using testing::MatchesRegex;
using testing::StartsWith;

size_t CountOf(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

// The text of the only fenced block that begins so; empty if there is none or there are several.
std::string_view Block(std::string_view page, std::string_view fence) {
  const std::string opening = "\n```" + std::string(fence) + "\n";
  if (CountOf(page, opening) != 1) return {};
  const size_t begin = page.find(opening) + opening.size();
  const size_t end = page.find("\n```\n", begin);
  return end == std::string_view::npos ? std::string_view() : page.substr(begin, end - begin);
}

TEST(CatalogueTest, CodesAreInOrderAndSayTheSeverity) {
  std::string_view last;
  std::set<std::string_view> names;
  for (const KindInfo& kind : AllKinds()) {
    EXPECT_GT(kind.code, last);
    last = kind.code;
    EXPECT_THAT(std::string(kind.code), MatchesRegex("[EW][0-9][0-9][0-9][0-9]"));
    EXPECT_EQ(kind.code[0] == 'E', kind.severity == Severity::Error) << kind.code;
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
  }
}

TEST(CatalogueTest, TextsAreInLowerCaseWithoutAFullStop) {
  for (const KindInfo& kind : AllKinds()) {
    ASSERT_FALSE(kind.text.empty()) << kind.code;
    EXPECT_FALSE(kind.text.ends_with('.')) << kind.code;
    const bool is_upper = std::isupper(static_cast<unsigned char>(kind.text[0])) != 0;
    EXPECT_FALSE(is_upper) << kind.code;
  }
}

TEST(CatalogueTest, EveryKindHasAPageWithAProgramThatFailsAndOneThatPasses) {
  for (const KindInfo& kind : AllKinds()) {
    const std::string_view page = ExplainPage(kind.code);
    EXPECT_THAT(std::string(page), StartsWith("# " + std::string(kind.code) + ": "));
    // Where no program text can show it, a command does.
    const bool fails = !Block(page, "strata fails").empty() || !Block(page, "console fails").empty();
    EXPECT_TRUE(fails) << kind.code;
    const bool passes = !Block(page, "strata passes").empty() || !Block(page, "console passes").empty();
    EXPECT_TRUE(passes) << kind.code;
    // A program may come with a file of weights.
    EXPECT_EQ(CountOf(page, "```"), 4u + 2 * CountOf(page, "\n```weights ")) << kind.code;
  }
}

// These are seen by the scan alone.
TEST(CatalogueTest, ProgramsOfTheScansPages) {
  for (const std::string_view code : {"E0100", "E0104"}) {
    Sources sources;
    Diagnostics diagnostics;
    const std::string_view page = ExplainPage(code);
    EXPECT_TRUE(ScanSource(sources.Add("passes", std::string(Block(page, "strata passes"))), sources, diagnostics));
    EXPECT_FALSE(ScanSource(sources.Add("fails", std::string(Block(page, "strata fails"))), sources, diagnostics));
    ASSERT_EQ(diagnostics.ErrorCount(), 1u) << code;
    EXPECT_EQ(diagnostics.Sorted()[0]->code, code);
  }
}

TEST(CatalogueTest, NoPageForAnUnknownCode) {
  EXPECT_EQ(ExplainPage("E9999"), "");
  EXPECT_EQ(ExplainPage(""), "");
}

}  // namespace
}  // namespace strata
