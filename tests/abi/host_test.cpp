// The C programs of examples/, built as their READMEs say.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <utility>

#include "tests/abi/support.h"
#include "tests/support/process.h"

namespace strata::testing {
namespace {

class Host : public ::testing::Test {
 protected:
  // `host` in the folder, of an example that has its weights.
  void BuildHost(const std::string& name) {
    const std::string example = "examples/" + name + "/";
    for (const auto& [emit, ending] : {std::pair("obj", ".o"), std::pair("header", ".h")}) {
      Succeed({StrataProgram(), "build", example + name + ".strata", std::string("--emit=") + emit, "-o",
               folder_ / (name + ending)});
    }
    Succeed({"cc", "-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic", example + "host.c",
             folder_ / (name + ".o"), "-I" + folder_.Path(), "-o", folder_ / "host"});
  }

  Folder folder_;
};

class DigitsHost : public Host {
 protected:
  void SetUp() override { BuildHost("digits"); }
};

TEST_F(DigitsHost, PrintsTheAccuracyKerasReports) {
  EXPECT_EQ(Succeed({folder_ / "host"}, "examples/digits"), "accuracy: 358 of 360 (99.4 %)\n");
}

TEST_F(DigitsHost, SaysWhatIsWrongWithAFile) {
  const auto run = [&] { return RunProcess({.arguments = {folder_ / "host"}, .directory = folder_.Path()}); };
  ProcessResult result = run();
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.errors, "images.npy: not an array of 92160 bytes\n");

  const std::string images = ReadFile("examples/digits/images.npy");
  folder_.Write("images.npy", images.substr(0, images.size() - 1));
  result = run();
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.errors, "images.npy: not an array of 92160 bytes\n");

  folder_.Write("images.npy", images);
  folder_.Write("labels.npy", images);
  result = run();
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.errors, "labels.npy: not an array of 1440 bytes\n");
}

TEST(DigitsSource, IsShort) {
  const std::string source = ReadFile("examples/digits/host.c");
  EXPECT_LT(std::count(source.begin(), source.end(), '\n'), 40);
}

class HighlightHost : public Host {
 protected:
  void SetUp() override { BuildHost("highlight"); }

  ProcessResult Run(const std::string& source) const {
    folder_.Write("source.py", source);
    return RunProcess({.arguments = {folder_ / "host"}, .directory = folder_.Path(), .input = folder_ / "source.py"});
  }
};

TEST_F(HighlightHost, ColoursSource) {
  const ProcessResult result = Run(R"(import sys

for line in sys.stdin:
    if line.strip() != "":  # not empty
        print(len(line), 12)
)");
  EXPECT_EQ(result.status, 0) << result.errors;
  // Each change of colour as its number in brackets.
  EXPECT_EQ(std::regex_replace(result.output, std::regex("\033\\[(0;)?(1;|2;)?(\\d+)m"), "<$3>"),
            R"(<35>import<0> <0>sys<0>

<35>for<0> <0>line<0> <35>in<0> <0>sys<33>.<0>stdin<33>:<0>
    <35>if<0> <0>line<33>.<0>strip<33>()<0> <33>!=<0> <32>""<33>:<0>  <37># not empty<0>
        <36>print<33>(<36>len<33>(<0>line<33>),<0> <34>12<33>)<0>
<0>)");
}

TEST_F(HighlightHost, TakesUpToAMegabyte) {
  EXPECT_EQ(Run("").output, "");
  const std::string letters(1 << 20, 'a');
  const ProcessResult result = Run(letters + "a");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.errors, "highlight: more than 1048576 bytes\n");
}

}  // namespace
}  // namespace strata::testing
