// A test for each golden file under tests/golden. `strata_golden --update`, or UPDATE_GOLDENS=1, rewrites the files
// instead (tools/update_goldens.sh).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/golden/golden.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {
namespace {

bool is_updating = false;

class GoldenTest : public ::testing::Test {
 public:
  explicit GoldenTest(std::string path) : path_(std::move(path)) {}

  void TestBody() override {
    const std::string golden = ReadBytes(path_);
    ASSERT_NE(golden.find("\n$ "), std::string::npos) << path_ << " runs nothing";
    const std::string now = Rerun(golden);
    if (!is_updating) {
      EXPECT_EQ(golden, now) << path_ << ": tools/update_goldens.sh rewrites it";
    } else if (golden != now) {
      WriteBytes(path_, now);
      std::printf("rewritten: %s\n", path_.c_str());
    }
  }

 private:
  std::string path_;
};

TEST(GoldenFormatTest, ShowsBothStreamsAndTheStatus) {
  EXPECT_EQ(
      Rerun("Usage.\n$ strata explain E9999\n"),
      "Usage.\n$ strata explain E9999\n[stderr]\nstrata: error: there is no code, layer or function `E9999`\n"
      "strata: help: `strata explain` lists all codes, `strata explain --layers` all layers and functions\n[exit 2]\n");
  EXPECT_THROW(Rerun("$ rm -r x\n"), std::runtime_error);
  EXPECT_THROW(Rerun("--- frob x\n"), std::runtime_error);
  EXPECT_THROW(Rerun("$ strata check 'a.strata\n"), std::runtime_error);
}

TEST(GoldenFormatTest, ShowsFiles) {
  EXPECT_EQ(Rerun("--- a.txt\none\n\n$ cat a.txt\n"), "--- a.txt\none\n\n$ cat a.txt\none\n");
}

TEST(GoldenFormatTest, ABlankLineBetweenSectionsBelongsToNeither) {
  // Three blank lines: two of them are the file.
  const std::string now = Rerun("--- a.strata\n\n\n\n$ strata check a.strata\nwhatever\n\n$ strata check a.strata\n");
  EXPECT_NE(now.find("a.strata:3:1"), std::string::npos) << now;
  EXPECT_NE(now.find("[exit 1]\n\n$ strata"), std::string::npos) << now;
  EXPECT_EQ(now.find("whatever"), std::string::npos) << now;
}

void RegisterGoldens() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("tests/golden")) {
    if (entry.path().extension() == ".golden") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::filesystem::path& path : paths) {
    const std::string folder = path.parent_path().filename();
    const std::string name = path.stem();
    ::testing::RegisterTest(("Golden_" + folder).c_str(), name.c_str(), nullptr, nullptr, path.c_str(), 1,
                            [path]() -> GoldenTest* { return new GoldenTest(path); });
  }
}

}  // namespace
}  // namespace strata::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  // What `cc` says does not depend on the user's language.
  setenv("LC_ALL", "C", 1);
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--update") setenv("UPDATE_GOLDENS", "1", 1);
  }
  strata::testing::is_updating = std::getenv("UPDATE_GOLDENS") != nullptr;
  strata::testing::RegisterGoldens();
  return RUN_ALL_TESTS();
}
