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
  // Checks the programs of the blocks with this fence, each in a folder with the files of weights that are listed before
  // it. There is one at least, unless golden files show the page's commands.
  template <typename Expect>
  void Check(std::string_view what, const Expect& expect) {
    const TemporaryDirectory folder;
    bool is_shown = false;
    for (const PageBlock& block : GetParam().blocks) {
      const bool is_program = block.fence == "strata " + std::string(what);
      is_shown |= is_program || block.fence == "console " + std::string(what);
      if (is_program) {
        WriteBytes(folder / "page.strata", block.text);
        SCOPED_TRACE(block.text);
        expect(RunProcess({.arguments = {StrataProgram(), "check", "page.strata"}, .directory = folder / ""}));
      }
      if (!block.fence.starts_with("weights ")) continue;
      const std::string file = block.fence.substr(8);
      const size_t space = file.find(' ');
      const std::string fault = space == std::string::npos ? "" : file.substr(space + 1);
      WriteBytes(folder / file.substr(0, space), ListedFile(block.text, fault));
    }
    EXPECT_TRUE(is_shown);
  }
};

TEST_P(ExplainTest, Fails) {
  const std::string& code = GetParam().code;
  Check("fails", [&](const ProcessResult& result) {
    EXPECT_EQ(result.status, code.starts_with("W") ? 0 : 1);
    EXPECT_THAT(CodesIn(result.errors), Contains(code)) << result.errors;
    EXPECT_THAT(CodesIn(result.errors), Each(code)) << result.errors;
  });
}

TEST_P(ExplainTest, Passes) {
  Check("passes", [&](const ProcessResult& result) {
    EXPECT_EQ(result.status, 0) << result.errors;
    EXPECT_THAT(CodesIn(result.errors), Not(Contains(GetParam().code))) << result.errors;
    EXPECT_THAT(CodesIn(result.errors), Each(StartsWith("W"))) << result.errors;
  });
}

std::string CodeOf(const ::testing::TestParamInfo<Page>& page) { return page.param.code; }

INSTANTIATE_TEST_SUITE_P(Pages, ExplainTest, ::testing::ValuesIn(ReadPages()), CodeOf);

}  // namespace
}  // namespace strata::testing
