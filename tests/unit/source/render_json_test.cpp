#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "compiler/source/catalogue.h"
#include "compiler/source/diagnostics.h"

namespace strata {
namespace {

TEST(RenderJsonTest, EveryMember) {
  Sources sources;
  const FileId id = sources.Add("a.strata", "one\n\"日\" + two\nthree\n");
  Diagnostics diagnostics;
  diagnostics.Report(kinds::OutputRank, {id, 12, 15}, "probs", 4, 2)
      .Primary("produces that")
      .Label({id, 0, 3}, "declared here")
      .Note("a note")
      .Help("put it here", Applicability::MaybeIncorrect, {{{id, 12, 12}, "\"x\" + "}, {{id, 16, 21}, ""}})
      .Help("or there", Applicability::MachineApplicable)
      .Help("or nowhere");
  EXPECT_EQ(RenderJson(diagnostics, sources),
            R"({"code":"E0203","severity":"error","message":"output `probs` has 4 axes, declared with 2",)"
            R"("file":"a.strata","labels":[)"
            R"({"file":"a.strata","begin":12,"end":15,"line":2,"column":8,"end_line":2,"end_column":11,)"
            R"("text":"produces that","primary":true},)"
            R"({"file":"a.strata","begin":0,"end":3,"line":1,"column":1,"end_line":1,"end_column":4,)"
            R"("text":"declared here","primary":false}],)"
            R"("notes":["a note"],"helps":[)"
            R"({"text":"put it here","applicability":"maybe-incorrect","edits":[)"
            R"({"file":"a.strata","begin":12,"end":12,"text":"\"x\" + "},)"
            R"({"file":"a.strata","begin":16,"end":21,"text":""}]},)"
            R"({"text":"or there","applicability":"machine-applicable","edits":[]},)"
            R"({"text":"or nowhere","applicability":"has-placeholders","edits":[]}],)"
            R"("rendered":"error[E0203]: output `probs` has 4 axes, declared with 2\n --> a.strata:2:8\n  |\n)"
            R"(1 | one\n  | --- declared here\n2 | \"日\" + two\n  |        ^^^ produces that\n)"
            R"(  = note: a note\n  = help: put it here\n  = help: or there\n  = help: or nowhere\n"})"
            "\n");
}

TEST(RenderJsonTest, OneObjectALineInSourceOrder) {
  constexpr Kind<> kDoubt{"Doubt", "W0101", gravities::Warning, "there is a doubt"};
  Sources sources;
  const FileId id = sources.Add("a.strata", "\xff x\n");
  Diagnostics diagnostics;
  diagnostics.Report(kDoubt, {id, 0, 1});
  diagnostics.Report(kDoubt, Span{}).Note("not UTF-8: \xff");
  EXPECT_EQ(RenderJson(diagnostics, sources),
            R"({"code":"W0101","severity":"warning","message":"there is a doubt","file":null,"labels":[],)"
            R"("notes":["not UTF-8: �"],"helps":[],)"
            R"("rendered":"warning[W0101]: there is a doubt\n  = note: not UTF-8: �\n"})"
            "\n"
            R"({"code":"W0101","severity":"warning","message":"there is a doubt","file":"a.strata","labels":[)"
            R"({"file":"a.strata","begin":0,"end":1,"line":1,"column":1,"end_line":1,"end_column":2,)"
            R"("text":"","primary":true}],"notes":[],"helps":[],)"
            R"("rendered":"warning[W0101]: there is a doubt\n --> a.strata:1:1\n  |\n1 | � x\n  | ^\n"})"
            "\n");
}

// The example of docs/diagnostics-json.md is what is written.
TEST(RenderJsonTest, Documentation) {
  Sources sources;
  const FileId id = sources.Add("maps.strata",
                                "model maps(image: f32[batch, height: 7, width: 7, channels: 3])\n"
                                "    -> (probs: f32[batch, classes: 2]) {\n"
                                "  return image |> Dense(2)\n"
                                "}\n");
  Diagnostics diagnostics;
  diagnostics.Report(kinds::OutputRank, {id, 121, 126}, "probs", 4, 2)
      .Primary("produces f32[batch, height: 7, width: 7, features: 2]")
      .Label({id, 79, 101}, "declared here")
      .Help("insert `|> Flatten()` before `Dense`", Applicability::MaybeIncorrect, {{{id, 121, 121}, "Flatten() |> "}});
  std::stringstream page;
  page << std::ifstream("docs/diagnostics-json.md").rdbuf();
  EXPECT_THAT(page.str(), testing::HasSubstr("```json\n" + RenderJson(diagnostics, sources) + "```\n"));
}

TEST(RenderJsonTest, Nothing) { EXPECT_EQ(RenderJson(Diagnostics(), Sources()), ""); }

}  // namespace
}  // namespace strata
