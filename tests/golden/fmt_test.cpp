// What `strata fmt` leaves of a file that it rewrites, or does not.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/process.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {
namespace {

namespace fs = std::filesystem;

int Fmt(const TemporaryDirectory& folder, const std::string& file) {
  return RunProcess({.arguments = {StrataProgram(), "fmt", file}, .directory = folder / ""}).status;
}

TEST(FmtTest, AFileThatIsFormattedIsNotTouched) {
  const TemporaryDirectory folder;
  WriteBytes(folder / "a.strata", "const A = 1\n");
  const auto past = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(folder / "a.strata", past);
  EXPECT_EQ(Fmt(folder, "a.strata"), 0);
  EXPECT_EQ(fs::last_write_time(folder / "a.strata"), past);
}

TEST(FmtTest, PermissionsAndLinksStay) {
  const TemporaryDirectory folder;
  WriteBytes(folder / "a.strata", "const A=1\r\n");
  const fs::perms permissions = fs::perms::owner_all | fs::perms::group_write;
  fs::permissions(folder / "a.strata", permissions);
  fs::create_symlink("a.strata", folder / "link.strata");
  EXPECT_EQ(Fmt(folder, "link.strata"), 0);
  EXPECT_TRUE(fs::is_symlink(folder / "link.strata"));
  EXPECT_EQ(ReadBytes(folder / "a.strata"), "const A = 1\r\n");
  EXPECT_EQ(fs::status(folder / "a.strata").permissions(), permissions);
  // Nothing is left beside it.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / ""), fs::directory_iterator()), 2);
}

TEST(FmtTest, AFileWithAMistakeIsNotTouched) {
  const TemporaryDirectory folder;
  WriteBytes(folder / "a.strata", "const   A=\n");
  EXPECT_EQ(Fmt(folder, "a.strata"), 1);
  EXPECT_EQ(ReadBytes(folder / "a.strata"), "const   A=\n");
}

}  // namespace
}  // namespace strata::testing
