#include "compiler/source/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compiler/source/catalogue.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Kind<> kDoubt{"Doubt", "W0101", gravities::Warning, "there is a doubt"};
constexpr Kind<kinds::Text, kinds::Int> kProblem{"Problem", "E0999", gravities::Error, "{}{} there"};

TEST(DiagnosticsTest, ReportFillsInTheText) {
  Diagnostics diagnostics;
  EXPECT_EQ(diagnostics.Report(kProblem, Span{}, "{}", -7).message, "{}-7 there");
  const Diagnostic& diagnostic = diagnostics.Report(kinds::OutputRank, Span{FileId{0}, 1, 2}, "probs", 4, 2);
  EXPECT_EQ(diagnostic.message, "output `probs` has 4 axes, declared with 2");
  EXPECT_EQ(diagnostic.code, "E0203");
  EXPECT_EQ(diagnostic.gravity.severity, Severity::Error);
}

TEST(DiagnosticsTest, Counts) {
  Diagnostics diagnostics;
  EXPECT_FALSE(diagnostics.HasErrors());
  diagnostics.Report(kDoubt, Span{});
  EXPECT_FALSE(diagnostics.HasErrors());
  diagnostics.Report(kProblem, Span{}, "", 0);
  EXPECT_TRUE(diagnostics.HasErrors());
  EXPECT_EQ(diagnostics.ErrorCount(), 1u);
  EXPECT_EQ(diagnostics.WarningCount(), 1u);
}

TEST(DiagnosticsTest, SortedByPlace) {
  Diagnostics diagnostics;
  const FileId first{0}, second{1};
  for (const Span span : {Span{second, 0, 1}, Span{first, 8, 9}, Span{first, 3, 9}, Span{}, Span{first, 8, 8}}) {
    diagnostics.Report(kProblem, span, "", static_cast<int64_t>(diagnostics.ErrorCount()));
  }
  std::vector<std::string> messages;
  for (const Diagnostic* diagnostic : diagnostics.Sorted()) messages.push_back(diagnostic->message);
  EXPECT_THAT(messages, ElementsAre("3 there", "2 there", "1 there", "4 there", "0 there"));
}

TEST(DiagnosticsTest, AtMostThreeLabels) {
  Diagnostics diagnostics;
  const Span span{FileId{0}, 0, 1};
  Diagnostic& diagnostic = diagnostics.Report(kDoubt, span);
  diagnostic.Label(span, "second").Label(span, "third").Label(span, "fourth").Primary("first");
  ASSERT_EQ(diagnostic.labels.size(), 3u);
  EXPECT_EQ(diagnostic.labels[0].text, "first");
  EXPECT_EQ(diagnostic.labels[1].text, "second");
  EXPECT_EQ(diagnostic.labels[2].text, "third");
  EXPECT_THAT(diagnostic.notes, IsEmpty());
}

TEST(DiagnosticsTest, ALabelWithoutAPlaceIsANote) {
  Diagnostics diagnostics;
  Diagnostic& diagnostic = diagnostics.Report(kDoubt, Span{FileId{0}, 0, 1});
  diagnostic.Label(Span{}, "somewhere");
  EXPECT_EQ(diagnostic.labels.size(), 1u);
  EXPECT_THAT(diagnostic.notes, ElementsAre("somewhere"));
}

std::string Apply(std::string_view text, std::vector<Edit> edits) { return ApplyEdits(text, std::move(edits)); }

TEST(ApplyEditsTest, InsertsReplacesAndDeletes) {
  const FileId file{0};
  EXPECT_EQ(Apply("text", {}), "text");
  EXPECT_EQ(Apply("one two three", {{{file, 8, 13}, "3"}, {{file, 0, 3}, "1"}, {{file, 3, 4}, ""}}), "1two 3");
  EXPECT_EQ(Apply("ab", {{{file, 1, 1}, "1"}, {{file, 1, 1}, "2"}, {{file, 2, 2}, "3"}, {{file, 0, 0}, "0"}}),
            "0a12b3");
}

TEST(ApplyEditsDeathTest, OverlappingEditsAreAFaultOfOurs) {
  const FileId file{0};
  EXPECT_EXIT(Apply("text", {{{file, 0, 2}, ""}, {{file, 1, 3}, ""}}), testing::ExitedWithCode(70), "internal error");
  EXPECT_EXIT(Apply("text", {{{file, 0, 5}, ""}}), testing::ExitedWithCode(70), "internal error");
}

}  // namespace
}  // namespace strata
