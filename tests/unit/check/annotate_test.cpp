// `strata fmt --annotate`: which ascriptions it writes, and that it changes nothing else.
#include "compiler/check/annotate.h"

#include <gtest/gtest.h>

#include "compiler/check/check.h"
#include "compiler/syntax/parse.h"
#include "tests/support/format_property.h"
#include "tests/support/programs.h"

namespace strata {
namespace {

struct Annotated {
  explicit Annotated(const std::string& program) {
    Sources sources;
    const FileId id = sources.Add("test.strata", program);
    const std::optional<ast::File> file = Parse(id, sources, diagnostics);
    if (file) text = Annotate(*file, sources, diagnostics);
    messages = RenderText(diagnostics, sources, {});
  }

  Diagnostics diagnostics;
  std::optional<std::string> text;
  std::string messages;
};

std::string Model(const std::string& body) {
  return "model m(x: f32[batch, height: 8, width: 8, channels: 1]) -> (y: f32[batch, classes: 10]) {\n" + body + "}\n";
}

void ExpectAnnotated(const std::string& body, const std::string& annotated) {
  const Annotated result(Model(body));
  ASSERT_TRUE(result.text) << result.messages;
  EXPECT_EQ(*result.text, Model(annotated));
  EXPECT_EQ(Annotated(*result.text).text, result.text) << "another time it is otherwise";
}

TEST(AnnotateTest, StepsThatChangeTheShapeGetOneButForTheLastOfReturn) {
  ExpectAnnotated("  return x |> Conv2D(4, 3) |> ReLU() |> Flatten() |> Dense(10)\n",
                  "  return x\n    |> Conv2D(4, 3)         : [batch, height: 6, width: 6, channels: 4]\n"
                  "    |> ReLU() |> Flatten()  : [batch, 144]\n    |> Dense(10)\n");
}

TEST(AnnotateTest, WhatIsWrongIsReplacedAndKeepsItsNames) {
  ExpectAnnotated(
      "  let a = x |> Flatten() : [batch, pixels: 65]\n  return a |> Dense(3) : f32[batch, 4] |> Dense(10)\n",
      "  let a = x |> Flatten()  : [batch, pixels: 64]\n  return a\n    |> Dense(3)  : f32[batch, 3]\n"
      "    |> Dense(10)\n");
  ExpectAnnotated("  return x |> Flatten() : [batch, 8, 8] |> Dense(10)\n",
                  "  return x\n    |> Flatten()  : [batch, 64]\n    |> Dense(10)\n");
}

TEST(AnnotateTest, WhatHoldsStays) {
  ExpectAnnotated("  return x |> Flatten() : [batch, 8 * 8] |> Dense(10) : [batch, 10]\n",
                  "  return x\n    |> Flatten()  : [batch, 8 * 8]\n    |> Dense(10)  : [batch, 10]\n");
}

TEST(AnnotateTest, ANameThatIsReplacedLaterIsNotWritten) {
  ExpectAnnotated(
      "  let a = x |> Conv2D(4, 3)\n  let b = a |> ReLU() : [batch, 6, 6, filters: 4]\n"
      "  return b |> Flatten() |> Dense(10)\n",
      "  let a = x |> Conv2D(4, 3)  : [batch, height: 6, width: 6, 4]\n"
      "  let b = a |> ReLU()  : [batch, 6, 6, filters: 4]\n"
      "  return b\n    |> Flatten()  : [batch, 144]\n    |> Dense(10)\n");
}

TEST(AnnotateTest, LayersThatWaitForTheirTensorAreOnlyRenewed) {
  ExpectAnnotated("  let head = Flatten() |> Dense(5) : [batch, 6]\n  return x |> head |> Dense(10)\n",
                  "  let head = Flatten() |> Dense(5)  : [batch, 5]\n"
                  "  return x\n    |> head  : [batch, 5]\n    |> Dense(10)\n");
  // Applied twice, it gives two shapes.
  const Annotated result(
      "model m(a: f32[batch, 2], b: f32[batch, 3]) -> (c: f32[batch, 2], d: f32[batch, 3]) {\n"
      "  let f = ReLU() |> ReLU() : [batch, 2]\n  return (f(a), f(b))\n}\n");
  EXPECT_FALSE(result.text);
  EXPECT_TRUE(result.diagnostics.HasErrors());
}

TEST(AnnotateTest, ParenthesesAndCommentsAroundAStep) {
  ExpectAnnotated("  let a = x |> ((Flatten())) # flat\n  return a |> # why\n  Dense(10)\n",
                  "  let a = x |> ((Flatten()))  : [batch, 64]  # flat\n"
                  "  return a\n    |>  # why\n      Dense(10)\n");
}

TEST(AnnotateTest, OtherMistakesAreReported) {
  const Annotated result(Model("  return x |> Flatten() : [batch, 3] |> Dense(11)\n"));
  EXPECT_FALSE(result.text);
  EXPECT_NE(result.messages.find("E0327"), std::string::npos) << result.messages;
  EXPECT_NE(result.messages.find("2 errors"), std::string::npos) << result.messages;
}

TEST(AnnotateTest, EveryValidProgramStaysValid) {
  int count = 0;
  for (const testing::Program& program : testing::AllPrograms()) {
    Sources sources;
    Diagnostics diagnostics;
    const FileId id = sources.Add(program.path, program.text);
    if (!ScanSource(id, sources, diagnostics)) continue;
    const std::optional<ast::File> file = Parse(id, sources, diagnostics);
    if (file) Check(*file, sources, diagnostics, {.needs_network = false});
    if (!file || diagnostics.HasErrors()) continue;
    const std::optional<std::string> annotated = Annotate(*file, sources, diagnostics);
    ASSERT_TRUE(annotated) << program.text << RenderText(diagnostics, sources, {});
    EXPECT_EQ(testing::FormatFault(*annotated), "");
    const FileId again_id = sources.Add(program.path, *annotated);
    const std::optional<ast::File> again = Parse(again_id, sources, diagnostics);
    ASSERT_TRUE(again) << *annotated;
    EXPECT_EQ(Annotate(*again, sources, diagnostics), annotated);
    ++count;
  }
  EXPECT_GE(count, 150);
}

}  // namespace
}  // namespace strata
