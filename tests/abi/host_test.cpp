// The C program of the digits example, built as its README says.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/abi/support.h"
#include "tests/support/process.h"

namespace strata::testing {
namespace {

class Host : public ::testing::Test {
 protected:
  void SetUp() override {
    Build(kDigits, "obj", folder_ / "digits.o");
    Build(kDigits, "header", folder_ / "digits.h");
    Succeed({"cc", "-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic", "examples/digits/host.c",
             folder_ / "digits.o", "-I" + folder_.Path(), "-o", folder_ / "host"});
  }

  Folder folder_;
};

TEST_F(Host, PrintsTheAccuracyKerasReports) {
  EXPECT_EQ(Succeed({folder_ / "host"}, "examples/digits"), "accuracy: 358 of 360 (99.4 %)\n");
}

TEST_F(Host, SaysWhatIsWrongWithAFile) {
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

TEST_F(Host, IsShort) {
  const std::string source = ReadFile("examples/digits/host.c");
  EXPECT_LT(std::count(source.begin(), source.end(), '\n'), 40);
}

}  // namespace
}  // namespace strata::testing
