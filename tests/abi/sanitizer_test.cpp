// Generated code under AddressSanitizer: it reads and writes nothing but the arrays and the workspace of a call.
#include <gtest/gtest.h>

#include "tests/abi/support.h"
#include "tests/support/process.h"

namespace strata::testing {
namespace {

// Runs a model on a batch; the outputs are shorter than they should be by some elements.
constexpr const char* kProgram = R"(
#include "digits.h"
#include "layers.h"

#include <stdlib.h>

static float *array(int64_t batch, int64_t elements) { return (float *)calloc((size_t)(batch * elements), 4); }

int main(int count, char **arguments) {
  const int64_t batch = count == 3 ? atoi(arguments[1]) : 0;
  const int64_t missing = count == 3 ? atoi(arguments[2]) : 0;
  int32_t code = digits_run(batch, array(batch, 64), array(1, batch * 10 - missing),
                            aligned_alloc(64, (size_t)digits_workspace_size(batch)), NULL);
  if (code != STRATA_OK) return code;
  return layers_run(batch, array(batch, 13 * 11 * 5), array(batch, 7), array(batch, 9), array(batch, 7 * 6 * 19),
                    aligned_alloc(64, (size_t)layers_workspace_size(batch)), NULL);
}
)";

class Sanitizer : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!ProcessorRuns(GetParam())) GTEST_SKIP() << "this processor does not run " << GetParam();
    folder_.Write("empty.c", "int main(void) { return 0; }\n");
    const ProcessResult probe =
        RunProcess({.arguments = {"/usr/bin/env", "cc", "-fsanitize=address", "empty.c"}, .directory = folder_.Path()});
    if (probe.status != 0) GTEST_SKIP() << "cc has no AddressSanitizer: " << probe.errors;
  }

  Folder folder_;
};

INSTANTIATE_TEST_SUITE_P(Targets, Sanitizer, ::testing::ValuesIn(kTargets),
                         [](const auto& test) { return test.param; });

TEST_P(Sanitizer, FindsNothingInAnExecutableAndChangesNoResult) {
  const std::string target = "--target=" + GetParam();
  Build(kDigits, "exe", folder_ / "digits", {target});
  Build(kDigits, "exe", folder_ / "sanitized", {target, "--sanitize=address"});
  for (const std::string program : {"digits", "sanitized"}) {
    Succeed({folder_ / program, "--input", "image=examples/digits/images.npy", "--output",
             "probs=" + (folder_ / (program + ".npy"))});
  }
  EXPECT_TRUE(ReadFile(folder_ / "digits.npy") == ReadFile(folder_ / "sanitized.npy"));
  EXPECT_NE(ReadFile(folder_ / "sanitized").find("__asan_report_store"), std::string::npos);
}

TEST_P(Sanitizer, FindsAnOutputThatIsTooShortAndNothingElse) {
  folder_.Write("host.c", kProgram);
  for (const std::string& file : {kDigits, kLayers}) {
    const std::string name = folder_ / (file == kDigits ? "digits" : "layers");
    Build(file, "header", name + ".h");
    Build(file, "obj", name + ".o", {"--target=" + GetParam(), "--sanitize=address"});
  }
  Succeed({"cc", "-fsanitize=address", "host.c", "digits.o", "layers.o", "-o", "host"}, folder_.Path());
  // The program leaks, which is no matter here.
  const auto run = [&](const std::string& batch, const std::string& missing) {
    return RunProcess({.arguments = {"/usr/bin/env", "ASAN_OPTIONS=detect_leaks=0", folder_ / "host", batch, missing},
                       .directory = folder_.Path()});
  };
  for (const char* batch : {"0", "1", "2", "13", "14", "15", "31"}) {
    const ProcessResult result = run(batch, "0");
    EXPECT_EQ(result.status, 0) << "batch " << batch << "\n" << result.errors;
  }
  const ProcessResult result = run("3", "1");
  EXPECT_NE(result.status, 0);
  EXPECT_NE(result.errors.find("heap-buffer-overflow"), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("digits.step"), std::string::npos) << result.errors;
}

}  // namespace
}  // namespace strata::testing
