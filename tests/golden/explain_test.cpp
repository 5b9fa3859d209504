// The programs in the pages of `strata explain` do what the page says. Where a page shows commands (```console), golden
// files do in its place; coverage_test.cpp sees to that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/golden/page.h"
#include "tests/support/process.h"
#include "tests/support/safetensors_writer.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Not;
using ::testing::StartsWith;

class ExplainTest : public ::testing::TestWithParam<Page> {
 protected:
  // Checks the program of the block with this fence. The files of weights that it reads are listed before it.
  ProcessResult Check(std::string_view fence) {
    const TemporaryDirectory folder;
    for (const PageBlock& block : GetParam().blocks) {
      if (block.fence == fence) {
        WriteBytes(folder / "page.strata", block.text);
        break;
      }
      if (!block.fence.starts_with("weights ")) continue;
      const std::string file = block.fence.substr(8);
      const size_t space = file.find(' ');
      const std::string fault = space == std::string::npos ? "" : file.substr(space + 1);
      WriteBytes(folder / file.substr(0, space), ListedFile(block.text, fault));
    }
    return RunProcess({.arguments = {StrataProgram(), "check", "page.strata"}, .directory = folder / ""});
  }
};

TEST_P(ExplainTest, Fails) {
  const std::string& code = GetParam().code;
  if (GetParam().Find("strata fails") == nullptr) {
    EXPECT_NE(GetParam().Find("console fails"), nullptr);
    return;
  }
  const ProcessResult result = Check("strata fails");
  EXPECT_EQ(result.status, code.starts_with("W") ? 0 : 1);
  EXPECT_THAT(CodesIn(result.errors), Contains(code)) << result.errors;
  EXPECT_THAT(CodesIn(result.errors), Each(code)) << result.errors;
}

TEST_P(ExplainTest, Passes) {
  if (GetParam().Find("strata passes") == nullptr) {
    EXPECT_NE(GetParam().Find("console passes"), nullptr);
    return;
  }
  const ProcessResult result = Check("strata passes");
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_THAT(CodesIn(result.errors), Not(Contains(GetParam().code))) << result.errors;
  EXPECT_THAT(CodesIn(result.errors), Each(StartsWith("W"))) << result.errors;
}

std::string CodeOf(const ::testing::TestParamInfo<Page>& page) { return page.param.code; }

INSTANTIATE_TEST_SUITE_P(Pages, ExplainTest, ::testing::ValuesIn(ReadPages()), CodeOf);

}  // namespace
}  // namespace strata::testing
