// What decides which layers there are: blocks, repetitions, branches, conditions, configuration; and symbolic sizes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Network Checked(const std::string& text, const CheckOptions& options = {}) {
  CheckedProgram program = CheckProgram(text, options);
  EXPECT_TRUE(program.network.has_value()) << program.rendered;
  return program.network.value_or(Network());
}

// The layers' names in the order in which they are applied.
std::vector<std::string> Applied(const Network& network) {
  std::vector<std::string> names;
  for (const NetworkNode& node : network.nodes) names.push_back(network.layers[static_cast<size_t>(node.layer)].name);
  return names;
}

std::vector<std::string> Guards(const Network& network) {
  std::vector<std::string> texts;
  for (const NetworkGuard& guard : network.guards) texts.push_back(guard.text);
  return texts;
}

// A model over `features: 8`.
std::string Model(const std::string& body) {
  return "model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 8]) {\n" + body + "}\n";
}

TEST(LanguageTest, RepeatMakesALayerEachTime) {
  EXPECT_THAT(Applied(Checked(Model("return x |> repeat 3 as i { Dense(8 * 2 ** i) |> ReLU() } |> Dense(8)\n"))),
              ElementsAre("dense", "re_lu", "dense_1", "re_lu_1", "dense_2", "re_lu_2", "dense_3"));
}

TEST(LanguageTest, RepeatOfALayerValueSharesIt) {
  const Network network = Checked(Model("let d = Dense(8)\nreturn x |> repeat 3 { d }\n"));
  EXPECT_THAT(Applied(network), ElementsAre("dense", "dense", "dense"));
  EXPECT_EQ(network.weights.size(), 2u);
}

TEST(LanguageTest, RepeatZeroIsTheIdentity) {
  EXPECT_THAT(Applied(Checked(Model("return x |> repeat 0 { Flatten() } |> ReLU()\n"))), ElementsAre("re_lu"));
}

TEST(LanguageTest, NamesInRepeatAreNumbered) {
  EXPECT_THAT(Applied(Checked(Model("return x |> repeat 2 as i { Dense(8, name=\"d{i}\") }\n"))),
              ElementsAre("d0", "d1"));
}

TEST(LanguageTest, BranchGivesATuple) {
  EXPECT_THAT(Applied(Checked(Model("let (a, b) = x |> branch { Dense(8), ReLU() }\nreturn Add()(a, b)\n"))),
              ElementsAre("dense", "re_lu", "add"));
}

// rule 16
TEST(LanguageTest, TheBranchNotTakenNumbersNothing) {
  EXPECT_THAT(Applied(Checked(Model("let a = Dense(4)(x) if x.features == 4 else x\nreturn a |> Dense(8)\n"))),
              ElementsAre("dense"));
}

TEST(LanguageTest, NamesInTheBranchNotTakenAreResolved) {
  EXPECT_THAT(Report(Model("return x if 1 == 1 else x |> Dens(8)\n")), HasSubstr("there is no layer `Dens`"));
  EXPECT_THAT(Report(Model("return x if 1 == 1 else z\n")), HasSubstr("nothing is named `z`"));
}

TEST(LanguageTest, TuplesOfLayersAreIndexed) {
  EXPECT_THAT(Applied(Checked(Model("let t = (ReLU(), Dense(8))\nreturn x |> t[-1] |> t[0]\n"))),
              ElementsAre("dense", "re_lu"));
}

constexpr const char* kBlock = R"(block B(n: int)(x: f32[batch, features: F]) -> f32[batch, features: n] {
  return x |> Dense(n) |> ReLU()
}
)";

TEST(LanguageTest, EachCallOfABlockIsAnInstance) {
  const Network network = Checked(kBlock + Model("return x |> B(8) |> B(8)\n"));
  EXPECT_THAT(Applied(network), ElementsAre("dense", "re_lu", "dense_1", "re_lu_1"));
}

TEST(LanguageTest, ABlocksValueIsOneInstance) {
  const Network network = Checked(kBlock + Model("let b = B(8)\nreturn x |> b |> b\n"));
  EXPECT_THAT(Applied(network), ElementsAre("dense", "re_lu", "dense", "re_lu"));
  EXPECT_EQ(network.weights.size(), 2u);
}

TEST(LanguageTest, ABlockTakesALayer) {
  EXPECT_THAT(Applied(Checked("block T(f: layer)(x: f32[batch, features: F]) -> f32[batch, features: F] {\n"
                              "  return x |> f |> f\n}\n" +
                              Model("return x |> T(Dense(8))\n"))),
              ElementsAre("dense", "dense"));
}

TEST(LanguageTest, ABlocksSignatureNamesAxes) {
  const Network network = Checked(
      "block S(x: f32[batch, steps: T, channels: C]) -> f32[batch, steps: T, channels: C] {\n  return x\n}\n"
      "model m(x: f32[batch, features: 12]) -> (y: f32[batch, steps: 3, channels: 4]) {\n"
      "  return x |> Reshape([3, 4]) |> S()\n}\n");
  EXPECT_EQ(ToString(network.outputs.front().type), "f32[batch, steps: 3, channels: 4]");
}

TEST(LanguageTest, AnErrorInABlockIsReportedOnce) {
  const std::string report =
      Report("block B(x: f32[batch, features: F]) -> f32[batch, features: 9] {\n  return x |> Dense(7)\n}\n" +
             Model("return x |> B() |> B() |> Dense(8)\n"));
  EXPECT_THAT(report, HasSubstr("= note: in `B` as used at tiny.strata:5:13, with F = 8\n"));
  EXPECT_EQ(report.find("E0327"), report.rfind("E0327"));
}

TEST(LanguageTest, AnUnusedBlockIsChecked) {
  EXPECT_THAT(Report("block B(n: int)(x: f32[batch, features: F]) -> f32[batch, features: n] {\n"
                     "  return x |> Dense(m)\n}\n" +
                     Model("return x\n")),
              HasSubstr("nothing is named `m`"));
}

TEST(LanguageTest, AModelIsUsedLikeABlock) {
  const Network network = Checked(
      "model half(n: int = 4)(x: f32[batch, features: 8]) -> (y: f32[batch, features: n]) where n % 2 == 0 {\n"
      "  return x |> Dense(n)\n}\n" +
          Model("return x |> half(n=8)\n"),
      {.model = "tiny"});
  EXPECT_THAT(Applied(network), ElementsAre("dense"));
}

// rule 12
TEST(LanguageTest, SettingsChangeTheConfiguration) {
  const std::string text =
      "model tiny(n: int = 2, act: str = \"relu\")(x: f32[batch, features: 8])"
      " -> (y: f32[batch, features: 8]) {\n  return x |> repeat n { Dense(8, act) }\n}\n";
  EXPECT_EQ(Checked(text).nodes.size(), 2u);
  EXPECT_EQ(Checked(text, {.settings = {"n=5", "act=tanh"}}).nodes.size(), 5u);
  EXPECT_THAT(CheckProgram(text, {.settings = {"n=many"}}).rendered, HasSubstr("`n` of tiny is the string `many`"));
  EXPECT_THAT(CheckProgram(text, {.settings = {"m=1"}}).rendered, HasSubstr("model `tiny` has no parameter `m`"));
}

constexpr const char* kUnet = R"(model unet(x: f32[batch, height: H, width: 8, channels: 3])
    -> (y: f32[batch, height: H, width: 8, channels: 3])%WHERE% {
  let down = x |> MaxPooling2D((2, 1))
  return Add()(x, Concatenate(axis=height)(down, down))
}
)";

std::string Unet(const std::string& where) {
  std::string text = kUnet;
  return text.replace(text.find("%WHERE%"), 7, where);
}

TEST(LanguageTest, SizesThatMayDifferNeedAWhere) {
  const std::string report = Report(Unet(""));
  EXPECT_THAT(report, HasSubstr("is rounded from H to H // 2 here"));
  EXPECT_THAT(report, HasSubstr("`where H % 2 == 0`"));
}

// rule 8: guards.
TEST(LanguageTest, WhatWhereStatesIsTested) {
  EXPECT_THAT(Guards(Checked(Unet(" where H % 8 == 0"))),
              ElementsAre("Add at tiny.strata:4 needs H % 8 == 0, as MaxPooling2D at tiny.strata:3 floors",
                          "MaxPooling2D at tiny.strata:3 needs H >= 2"));
  EXPECT_THAT(Guards(Checked(Unet(" where H % 8 == 0, H >= 64"))),
              ElementsAre(HasSubstr("Add at tiny.strata:4 needs"), "unet needs H >= 64"));
}

std::string Symbolic(const std::string& body, const std::string& result) {
  return "model tiny(x: f32[batch, height: H, width: 8, channels: 3]) -> (y: " + result + ") {\n" + body + "}\n";
}

TEST(LanguageTest, AWindowThatMayNotFitIsTested) {
  const Network network = Checked(
      Symbolic("return x |> Conv2D(4, 3) |> Conv2D(4, 3)\n", "f32[batch, height: H - 4, width: 4, channels: 4]"));
  EXPECT_THAT(Guards(network),
              ElementsAre("Conv2D at tiny.strata:2 needs H >= 3", HasSubstr("Conv2D at tiny.strata:2")));
  EXPECT_THAT(Guards(Checked(Symbolic("return x |> Conv2D(4, 3, padding=\"same\")\n",
                                      "f32[batch, height: H, width: 8, channels: 4]"))),
              IsEmpty());
}

TEST(LanguageTest, AGuardIsPutSimply) {
  const std::string body = "return x |> Conv2D(4, 3, strides=(4, 1), padding=\"same\") |> Conv2D(4, 1)\n";
  EXPECT_THAT(Guards(Checked(Symbolic(body, "f32[batch, height: ceil(H / 4), width: 8, channels: 4]"))),
              ElementsAre("Conv2D at tiny.strata:2 needs H >= 1"));
}

TEST(LanguageTest, OneOfSeveralConditionsIsTested) {
  const Network network = Checked(
      "model m(x: f32[batch, time, features: F]) -> (y: f32[batch, time, features: F]) where time == 3 or F >= 4 {\n"
      "  return x |> ReLU()\n}\n");
  EXPECT_THAT(Guards(network), ElementsAre("m needs time == 3 or F >= 4"));
  const core::Graph graph = Expand(network);
  ASSERT_EQ(graph.guards.size(), 1u);
  const auto holds = [&](int64_t time, int64_t features) {
    const auto value = graph.guards.front().value.Evaluate([&](std::string_view symbol) -> std::optional<int64_t> {
      return symbol == "time" ? time : symbol == "F" ? features : 1;
    });
    return *value >= 0;
  };
  EXPECT_TRUE(holds(3, 1));
  EXPECT_TRUE(holds(9, 4));
  EXPECT_TRUE(holds(3, 5));
  EXPECT_FALSE(holds(2, 3));
  EXPECT_FALSE(holds(4, 3));
}

TEST(LanguageTest, ABareQuotientIsTested) {
  EXPECT_THAT(Guards(Checked(
                  Symbolic("return x |> MaxPooling2D((2, 1))\n", "f32[batch, height: H / 2, width: 8, channels: 3]"))),
              ElementsAre("`H / 2` at tiny.strata:1 needs H % 2 == 0", "MaxPooling2D at tiny.strata:2 needs H >= 2"));
}

TEST(LanguageTest, AWeightOfSymbolicSize) {
  EXPECT_THAT(Report(Symbolic("return x |> Flatten() |> Dense(4)\n", "f32[batch, features: 4]")), HasSubstr("E0303"));
}

TEST(LanguageTest, RenameChangesAName) {
  const Network network = Checked(
      "model m(x: f32[batch, time, features: 4]) -> (y: f32[batch, steps: time, features: 4]) {\n"
      "  return x |> rename(time=steps)\n}\n");
  EXPECT_EQ(ToString(network.outputs.front().type), "f32[batch, steps: time, features: 4]");
  EXPECT_THAT(Report("model m(x: f32[batch, time, features: 4]) -> (y: f32[batch, steps: time, features: 4]) {\n"
                     "  return x |> rename(tim=steps)\n}\n"),
              HasSubstr("has no `tim` axis"));
}

TEST(LanguageTest, ABareAxisOfAParametersName) {
  EXPECT_THAT(Report("block B(n: int)(x: f32[batch, features: F]) -> f32[batch, n] {\n  return x |> Dense(n)\n}\n" +
                     Model("return x |> B(8)\n")),
              HasSubstr("the bare axis `n` has the name of a configuration parameter"));
}

// A remainder alone is no condition; the help's edit makes it one (Report applies it).
TEST(LanguageTest, WhereWithoutComparison) {
  EXPECT_EQ(Report(R"(model tiny(x: f32[batch, time: T, features: 4]) -> (y: f32[batch, features: 4]) where T % 4 {
  return x |> GlobalAveragePooling1D()
}
)"),
            R"(error[E0332]: a condition of `where` is the symbolic size T % 4, True or False is expected
 --> tiny.strata:1:87
  |
1 | model tiny(x: f32[batch, time: T, features: 4]) -> (y: f32[batch, features: 4]) where T % 4 {
  |                                                                                       ^^^^^
  = help: compare it: `T % 4 == 0`
)");
}

// What a syntax error leaves unread says nothing more: one mistake, one message.
TEST(LanguageTest, SyntaxErrorsHaveNoFollowers) {
  const std::string signature = "model tiny(x: f32[batch, features: 4]) -> (y: f32[batch, features: 2]) {\n";
  for (const std::string body : {
           "  let a = x |> Dense(3)\n  (b, c) = a |> branch { Identity(), Dense(8) }\n  return Add()(b, c)\n",
           "  h = x |> Dense(8)\n  return h |> Dense(2)\n",
           "  let h, g = x |> Dense(8)\n  return Add()(h, g)\n",
           "  let h = x |> Dense(8\n  return h |> Conv2D(2, 3)\n",
           "  return x\n    return |> Dense(2)\n",
           "  return x |> Dense(8)\n    Dense(2)\n",
           "  assert x.features == \n  return x |> Dense(2)\n",
       }) {
    const std::string report = Report(signature + body + "}\n");
    size_t errors = 0;
    for (size_t at = report.find("error["); at != std::string::npos; at = report.find("error[", at + 1)) ++errors;
    EXPECT_EQ(errors, 1U) << report;
  }
}

}  // namespace
}  // namespace strata
