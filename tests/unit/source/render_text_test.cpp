#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compiler/source/catalogue.h"
#include "compiler/source/diagnostics.h"

namespace strata {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr Kind<> kProblem{"Problem", "E0999", gravities::Error, "there is a problem"};
constexpr Kind<> kDoubt{"Doubt", "W0101", gravities::Warning, "there is a doubt"};

class RenderTextTest : public testing::Test {
 protected:
  FileId Add(std::string text) { return sources_.Add("a.strata", std::move(text)); }
  // The place of a text in the file, where it comes for the first time.
  Span Find(FileId id, std::string_view text) const {
    const size_t begin = sources_.Get(id).Text().find(text);
    EXPECT_NE(begin, std::string_view::npos) << text;
    return {id, static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + text.size())};
  }
  std::string Render(const RenderOptions& options = {}) const { return RenderText(diagnostics_, sources_, options); }

  Sources sources_;
  Diagnostics diagnostics_;
};

constexpr char kMaps[] = R"(# Where on a map of features the cat is.
model maps(image: f32[batch, height: 7, width: 7, channels: 3])
    -> (probs: f32[batch, classes: 2]) {
  return image
    |> Conv2D(32, 3, padding="same")
    |> ReLU()
    |> Dense(2, activation="softmax")
}
)";

// The example of the design, to the letter.
constexpr char kMapsError[] = R"(error[E0203]: output `probs` has 4 axes, declared with 2
 --> maps.strata:7:8
  |
3 |     -> (probs: f32[batch, classes: 2]) {
  |                ---------------------- declared here
7 |     |> Dense(2, activation="softmax")
  |        ^^^^^ produces f32[batch, height: 7, width: 7, features: 2]
  = note: Dense maps only the last axis: channels 32 -> 2; height and width pass through
  = help: insert `|> Flatten()` before `Dense`
)";

TEST_F(RenderTextTest, Example) {
  const FileId id = sources_.Add("maps.strata", kMaps);
  const Span dense = Find(id, "Dense");
  diagnostics_.Report(kinds::OutputRank, dense, "probs", 4, 2)
      .Primary("produces f32[batch, height: 7, width: 7, features: 2]")
      .Label(Find(id, "f32[batch, classes: 2]"), "declared here")
      .Note("Dense maps only the last axis: channels 32 -> 2; height and width pass through")
      .Help("insert `|> Flatten()` before `Dense`", Applicability::MaybeIncorrect,
            {{{id, dense.begin, dense.begin}, "Flatten() |> "}});
  EXPECT_EQ(Render(), kMapsError);
}

TEST_F(RenderTextTest, Color) {
  const FileId id = sources_.Add("maps.strata", kMaps);
  diagnostics_.Report(kProblem, Find(id, "image")).Primary("here").Label(Find(id, "ReLU"), "there").Note("n").Help("h");
  diagnostics_.Report(kDoubt, Find(id, "Dense"));
  EXPECT_EQ(Render({.color = true}),
            "\x1b[1;31merror[E0999]\x1b[0m\x1b[1m: there is a problem\x1b[0m\n"
            "\x1b[1;34m --> \x1b[0mmaps.strata:2:12\n"
            "\x1b[1;34m  |\x1b[0m\n"
            "\x1b[1;34m2 |\x1b[0m model maps(image: f32[batch, height: 7, width: 7, channels: 3])\n"
            "\x1b[1;34m  |\x1b[0m            \x1b[1;31m^^^^^ here\x1b[0m\n"
            "\x1b[1;34m6 |\x1b[0m     |> ReLU()\n"
            "\x1b[1;34m  |\x1b[0m        \x1b[1;34m---- there\x1b[0m\n"
            "  \x1b[1;34m= \x1b[0m\x1b[1mnote\x1b[0m: n\n"
            "  \x1b[1;34m= \x1b[0m\x1b[1;36mhelp\x1b[0m: h\n"
            "\n"
            "\x1b[1;33mwarning[W0101]\x1b[0m\x1b[1m: there is a doubt\x1b[0m\n"
            "\x1b[1;34m --> \x1b[0mmaps.strata:7:8\n"
            "\x1b[1;34m  |\x1b[0m\n"
            "\x1b[1;34m7 |\x1b[0m     |> Dense(2, activation=\"softmax\")\n"
            "\x1b[1;34m  |\x1b[0m        \x1b[1;33m^^^^^\x1b[0m\n"
            "\n"
            "1 error, 1 warning\n");
}

TEST_F(RenderTextTest, LabelsOfOneLineStandBelowEachOther) {
  const FileId id = Add("return Add()(main, skip) |> ReLU()\n");
  diagnostics_.Report(kProblem, Find(id, "Add"))
      .Primary("joins them")
      .Label(Find(id, "skip"), "32 channels")
      .Label(Find(id, "main"), "64 channels");
  EXPECT_EQ(Render(), R"(error[E0999]: there is a problem
 --> a.strata:1:8
  |
1 | return Add()(main, skip) |> ReLU()
  |        ^^^ joins them
  |              ---- 64 channels
  |                    ---- 32 channels
)");
}

TEST_F(RenderTextTest, OverlappingLabels) {
  const FileId id = Add("a + b * c\n");
  diagnostics_.Report(kProblem, Find(id, "b")).Primary("this").Label(Find(id, "a + b * c"), "in this");
  EXPECT_EQ(Render(), R"(error[E0999]: there is a problem
 --> a.strata:1:5
  |
1 | a + b * c
  | --------- in this
  |     ^ this
)");
}

TEST_F(RenderTextTest, LineNumbersOfSeveralDigits) {
  const FileId id = Add("first\n" + std::string(98, '\n') + "hundredth\n");
  diagnostics_.Report(kProblem, Find(id, "hundredth")).Label(Find(id, "first"), "begun").Note("one\ntwo");
  EXPECT_EQ(Render(), R"(error[E0999]: there is a problem
   --> a.strata:100:1
    |
1   | first
    | ----- begun
100 | hundredth
    | ^^^^^^^^^
    = note: one
            two
)");
}

TEST_F(RenderTextTest, SpanOfSeveralLines) {
  const FileId id = Add("let a = Add(\n  b,\n  c)\nnext\n");
  diagnostics_.Report(kProblem, Find(id, "Add(\n  b,\n  c)")).Primary("never used");
  diagnostics_.Report(kProblem, Find(id, "b,\n"));
  diagnostics_.Report(kProblem, Find(id, "\nnext"));
  diagnostics_.Report(kProblem, Find(id, "\n  c"));
  EXPECT_EQ(Render(), R"(error[E0999]: there is a problem
 --> a.strata:1:9
  |
1 | let a = Add(
  |         ^^^^ never used (up to line 3)

error[E0999]: there is a problem
 --> a.strata:2:3
  |
2 |   b,
  |   ^^

error[E0999]: there is a problem
 --> a.strata:2:5
  |
2 |   b,
  |     ^ (up to line 3)

error[E0999]: there is a problem
 --> a.strata:3:5
  |
3 |   c)
  |     ^ (up to line 4)

4 errors
)");
}

TEST_F(RenderTextTest, TabsWideAndCombiningCharacters) {
  const FileId id = Add("\t日本 = e\u0301te\u0301 \tx\n");
  diagnostics_.Report(kProblem, Find(id, "本")).Label(Find(id, "e\u0301te\u0301"), "summer").Label(Find(id, "x"), "x");
  EXPECT_EQ(Render(),
            "error[E0999]: there is a problem\n"
            " --> a.strata:1:7\n"
            "  |\n"
            "1 |     日本 = e\u0301te\u0301     x\n"
            "  |       ^^\n"
            "  |            --- summer\n"
            "  |                    - x\n");
}

TEST_F(RenderTextTest, WindowsEndsOfLine) {
  const FileId id = Add("one\r\ntwo  \r\nthree");
  diagnostics_.Report(kProblem, Find(id, "two  \r\n")).Primary("here");
  EXPECT_EQ(Render(), R"(error[E0999]: there is a problem
 --> a.strata:2:1
  |
2 | two
  | ^^^^^ here
)");
}

TEST_F(RenderTextTest, EmptySpanIsACaret) {
  const FileId id = Add("Dense()\n");
  diagnostics_.Report(kProblem, {id, 6, 6}).Primary("units are missing");
  EXPECT_EQ(Render(), R"(error[E0999]: there is a problem
 --> a.strata:1:7
  |
1 | Dense()
  |       ^ units are missing
)");
}

TEST_F(RenderTextTest, EndOfFile) {
  const FileId id = Add("model m {\n");
  diagnostics_.Report(kProblem, {id, 10, 10}).Primary("the file ends");
  const FileId other = Add("model m {");
  diagnostics_.Report(kProblem, {other, 9, 9}).Primary("the file ends");
  EXPECT_EQ(Render(), R"(error[E0999]: there is a problem
 --> a.strata:2:1
  |
2 |
  | ^ the file ends

error[E0999]: there is a problem
 --> a.strata:1:10
  |
1 | model m {
  |          ^ the file ends

2 errors
)");
}

TEST_F(RenderTextTest, WithoutAPlace) {
  const FileId id = Add("text");
  diagnostics_.Report(kProblem, Span{}).Primary("as a note").Label({id, 0, 4}, "as one too").Help("do this");
  EXPECT_EQ(Render(), R"(error[E0999]: there is a problem
  = note: as a note
  = note: as one too
  = help: do this
)");
}

TEST_F(RenderTextTest, OtherFiles) {
  const FileId id = Add("import \"blocks.strata\"\nResidual(3)\n");
  const FileId blocks = sources_.Add("blocks.strata", "\n\n\n\n\n\n\n\n\n\nblock Residual() {}\n");
  diagnostics_.Report(kProblem, Find(id, "3"))
      .Primary("too much")
      .Label(Find(blocks, "Residual()"), "declared here")
      .Label(Find(id, "\"blocks.strata\""), "imported here");
  EXPECT_EQ(Render(), R"(error[E0999]: there is a problem
  --> a.strata:2:10
   |
1  | import "blocks.strata"
   |        --------------- imported here
2  | Residual(3)
   |          ^ too much
   |
  ::: blocks.strata:11:7
   |
11 | block Residual() {}
   |       ---------- declared here
)");
}

std::string Numbers(int last) {
  std::string numbers;
  for (int i = 100; i <= last; ++i) numbers += std::to_string(i) + " ";
  return numbers;
}

TEST_F(RenderTextTest, ALineThatJustFitsIsNotCut) {
  const FileId id = Add(std::string(119, 'a') + "b\n");
  diagnostics_.Report(kProblem, Find(id, "b"));
  EXPECT_THAT(Render(), HasSubstr("\n1 | " + std::string(119, 'a') + "b\n  | " + std::string(119, ' ') + "^\n"));
}

TEST_F(RenderTextTest, LongLinesAreCutAroundTheLabels) {
  const FileId id = Add(Numbers(400) + "\n");
  diagnostics_.Report(kProblem, Find(id, "102")).Primary("begin");
  diagnostics_.Report(kProblem, Find(id, "250")).Primary("middle").Label(Find(id, "255"), "near");
  diagnostics_.Report(kProblem, Find(id, "300"))
      .Primary("far")
      .Label(Find(id, "100"), "left")
      .Label(Find(id, "400"), "right");
  diagnostics_.Report(kProblem, Find(id, "400")).Primary("end");
  EXPECT_EQ(Render(), R"(error[E0999]: there is a problem
 --> a.strata:1:9
  |
1 | 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120 121 122 123 124 125 126 127 12...
  |         ^^^ begin

error[E0999]: there is a problem
 --> a.strata:1:601
  |
1 | ... 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 259 260 261 262 263 264 265 266 2...
  |                                                 ^^^ middle
  |                                                                     --- near

error[E0999]: there is a problem
 --> a.strata:1:801
  |
1 | ...86 287 288 289 290 291 292 293 294 295 296 297 298 299 300 301 302 303 304 305 306 307 308 309 310 311 312 313 314...
  | --- left
  |                                                           ^^^ far
  |                                                                                                                      --- right

error[E0999]: there is a problem
 --> a.strata:1:1201
  |
1 | ...2 373 374 375 376 377 378 379 380 381 382 383 384 385 386 387 388 389 390 391 392 393 394 395 396 397 398 399 400
  |                                                                                                                  ^^^ end

4 errors
)");
}

TEST_F(RenderTextTest, LongLinesOfWideCharactersAreCutBetweenThem) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "日";
  const FileId id = Add(text + "x" + text);
  diagnostics_.Report(kProblem, Find(id, "x"));
  const std::string shown = Render();
  std::string half;
  for (int i = 0; i < 28; ++i) half += "日";
  EXPECT_THAT(shown, HasSubstr("\n1 | ..." + half + "x" + half + "...\n  | " + std::string(59, ' ') + "^\n"));
}

TEST_F(RenderTextTest, ALongSpanIsCut) {
  const FileId id = Add(std::string(20, 'a') + std::string(500, 'b'));
  diagnostics_.Report(kProblem, Find(id, std::string(500, 'b'))).Primary("all this");
  EXPECT_EQ(Render(),
            "error[E0999]: there is a problem\n"
            " --> a.strata:1:21\n"
            "  |\n"
            "1 | ..." +
                std::string(114, 'b') +
                "...\n"
                "  |    " +
                std::string(114, '^') + " all this\n");
}

TEST_F(RenderTextTest, SourceTextCannotActOnTheTerminal) {
  const FileId id = Add("a \x1b[2J b\n");
  diagnostics_.Report(kinds::OutputRank, Find(id, "b"), "\x1b[2J", 1, 2).Primary("\x1b").Note("\x1b").Help("\x1b");
  EXPECT_EQ(Render(), R"(error[E0203]: output `␛[2J` has 1 axes, declared with 2
 --> a.strata:1:8
  |
1 | a ␛[2J b
  |        ^ ␛
  = note: ␛
  = help: ␛
)");
}

TEST_F(RenderTextTest, Nothing) { EXPECT_EQ(Render(), ""); }

TEST_F(RenderTextTest, Summary) {
  diagnostics_.Report(kDoubt, Span{});
  EXPECT_EQ(Render(), "warning[W0101]: there is a doubt\n");
  diagnostics_.Report(kDoubt, Span{});
  EXPECT_THAT(Render(), EndsWith("\n\n2 warnings\n"));
  diagnostics_.Report(kProblem, Span{});
  EXPECT_THAT(Render(), EndsWith("\n\n1 error, 2 warnings\n"));
  diagnostics_.Report(kProblem, Span{});
  EXPECT_THAT(Render(), EndsWith("\n\n2 errors, 2 warnings\n"));
}

TEST_F(RenderTextTest, LimitShowsErrorsBeforeWarnings) {
  for (int i = 0; i < 3; ++i) diagnostics_.Report(kDoubt, Span{});
  for (int i = 0; i < 2; ++i) diagnostics_.Report(kProblem, Span{});
  EXPECT_EQ(Render({.limit = 3}), R"(warning[W0101]: there is a doubt

error[E0999]: there is a problem

error[E0999]: there is a problem

2 errors, 3 warnings, the first 3 shown (`--max-errors=0` shows all)
)");
  EXPECT_EQ(Render({.limit = 1}), R"(error[E0999]: there is a problem

2 errors, 3 warnings, the first 1 shown (`--max-errors=0` shows all)
)");
  for (int i = 0; i < 248; ++i) diagnostics_.Report(kProblem, Span{});
  EXPECT_THAT(Render(), EndsWith("\n\n250 errors, 3 warnings, the first 100 shown (`--max-errors=0` shows all)\n"));
  EXPECT_THAT(Render({.limit = 0}), EndsWith("\n\n250 errors, 3 warnings\n"));
}

}  // namespace
}  // namespace strata
