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

// The opening of a fenced block.
std::string Opening(std::string_view fence) { return "\n```" + std::string(fence) + "\n"; }

// The text of the first fenced block that begins so; empty if there is none.
std::string_view Block(std::string_view page, std::string_view fence) {
  const std::string opening = Opening(fence);
  const size_t found = page.find(opening);
  if (found == std::string_view::npos) return {};
  const size_t begin = found + opening.size();
  return page.substr(begin, page.find("\n```\n", begin) - begin);
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
    // Programs come in pairs. Where no program text can show a kind, commands do.
    const auto count = [&](const std::string& result) {
      return CountOf(page, Opening("strata " + result)) + CountOf(page, Opening("console " + result));
    };
    EXPECT_GE(count("fails"), 1u) << kind.code;
    EXPECT_EQ(count("fails"), count("passes")) << kind.code;
    // A program may come with files of weights. A block has two fences.
    EXPECT_EQ(CountOf(page, "```"), 2 * (count("fails") + count("passes") + CountOf(page, "\n```weights ")))
        << kind.code;
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
