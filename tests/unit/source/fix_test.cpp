#include "compiler/source/fix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace strata {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr Kind<> kMistake{"Mistake", "E0001", gravities::Error, "there is a mistake"};
constexpr auto kSure = Applicability::MachineApplicable;
constexpr auto kDoubtful = Applicability::MaybeIncorrect;
constexpr auto kOpen = Applicability::HasPlaceholders;

class FixTest : public testing::Test {
 protected:
  // The span of these bytes of the first file.
  Span At(uint32_t begin, uint32_t end) const { return {first_, begin, end}; }

  Diagnostic& Report(uint32_t begin, uint32_t end) { return diagnostics_.Report(kMistake, At(begin, end)); }

  // The texts of the helps that are chosen.
  std::vector<std::string> Chosen(bool maybe_incorrect) const {
    std::vector<std::string> texts;
    for (const Fix& fix : ChooseFixes(diagnostics_, maybe_incorrect)) texts.push_back(fix.help->text);
    return texts;
  }

  Sources sources_;
  FileId first_ = sources_.Add("a.strata", "one two three four");
  FileId second_ = sources_.Add("b.strata", "five");
  Diagnostics diagnostics_;
};

TEST_F(FixTest, OneHelpForEachDiagnosticSureOnesFirst) {
  Report(0, 3).Help("doubtful", kDoubtful, {{At(0, 3), "1"}}).Help("sure", kSure, {{At(0, 3), "I"}});
  Report(4, 7).Help("other", kDoubtful, {{At(4, 7), "2"}}).Help("yet another", kDoubtful, {{At(4, 7), "II"}});
  EXPECT_THAT(Chosen(false), ElementsAre("sure"));
  EXPECT_THAT(Chosen(true), ElementsAre("sure", "other"));
}

TEST_F(FixTest, WhatCannotBeAppliedIsNotChosen) {
  Report(0, 3).Help("only words", kSure).Help("to be filled in", kOpen, {{At(0, 3), "..."}});
  EXPECT_THAT(Chosen(true), IsEmpty());
}

TEST_F(FixTest, OfTwoThatTouchTheFirstInTheFileIsChosen) {
  Report(4, 7).Help("second", kSure, {{At(3, 6), ""}});
  Report(0, 3).Help("first", kSure, {{At(0, 4), ""}});
  Report(8, 13).Help("third", kSure, {{At(8, 13), ""}});
  EXPECT_THAT(Chosen(false), ElementsAre("first", "third"));
}

TEST_F(FixTest, TwoInsertionsAtOnePlaceTouch) {
  Report(0, 3).Help("first", kSure, {{At(7, 7), "a"}});
  Report(4, 7).Help("second", kSure, {{At(7, 7), "b"}});
  Report(8, 13).Help("third", kSure, {{At(4, 7), "c"}});
  EXPECT_THAT(Chosen(false), ElementsAre("first"));
}

TEST_F(FixTest, OneOfSeveralEditsIsEnoughToTouch) {
  Report(0, 3).Help("first", kSure, {{At(0, 1), "a"}, {At(14, 18), "b"}});
  Report(4, 7).Help("second", kSure, {{At(4, 5), "c"}, {At(15, 16), "d"}});
  EXPECT_THAT(Chosen(false), ElementsAre("first"));
}

TEST_F(FixTest, AppliesToEveryFile) {
  Report(0, 3).Help("first", kSure, {{At(0, 3), "1"}, {{second_, 0, 4}, "5"}});
  Report(4, 7).Help("second", kSure, {{At(4, 7), "2"}});
  EXPECT_THAT(ApplyFixes(ChooseFixes(diagnostics_, false), sources_),
              ElementsAre(Pair("a.strata", "1 2 three four"), Pair("b.strata", "5")));
}

TEST_F(FixTest, EditedTextsReplaceFiles) {
  const std::string text = "model m(x: f32[batch]) -> (y: f32[batch]) { return x }";
  sources_.SetEdited({{"no_such_file.strata", text}});
  FileId id;
  EXPECT_TRUE(LoadSource("no_such_file.strata", sources_, diagnostics_, &id));
  EXPECT_EQ(sources_.Get(id).Text(), text);
  EXPECT_FALSE(LoadSource("neither.strata", sources_, diagnostics_, &id));
}

}  // namespace
}  // namespace strata
