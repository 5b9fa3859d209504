#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/runtime/npy_bytes.h"
#include "tests/unit/weights/npz_bytes.h"
#include "tests/unit/weights/open_file.h"

namespace strata::testing {
namespace {

std::string Floats(const std::string& shape, const std::vector<float>& values) {
  return NpyFile(Dictionary("<f4", shape), Bytes(values));
}

TEST(NpyFolderTest, NamesArePaths) {
  const TemporaryDirectory directory;
  std::filesystem::create_directories(directory / "dense");
  WriteBytes(directory / "dense/kernel.npy", Floats("(2, 3)", {1, 2, 3, 4, 5, 6}));
  WriteBytes(directory / "dense.bias.npy", Floats("(3,)", {7, 8, 9}));
  WriteBytes(directory / "readme.txt", "not an array");
  Diagnostics diagnostics;
  const auto file = OpenWeightsFile(directory / "", Span{}, diagnostics);
  ASSERT_NE(file, nullptr) << Messages(diagnostics);
  ASSERT_EQ(file->Entries().size(), 2u);
  EXPECT_EQ(file->Entries()[0].name, "dense/kernel");
  EXPECT_EQ(file->Entries()[0].sizes, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(file->Entries()[0].bytes, 24);
  EXPECT_EQ(file->Read(0), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(file->Entries()[1].name, "dense.bias");
  EXPECT_EQ(file->Damage(1), "");
  EXPECT_EQ(file->Read(1), (std::vector<float>{7, 8, 9}));
}

TEST(NpyFolderTest, ArraysThatCannotBeRead) {
  const TemporaryDirectory directory;
  const std::string array = Floats("(3,)", {7, 8, 9});
  WriteBytes(directory / "a.npy", array.substr(0, array.size() - 1));
  Diagnostics diagnostics;
  EXPECT_EQ(OpenWeightsFile(directory / "", Span{}, diagnostics), nullptr);
  EXPECT_TRUE(Messages(diagnostics).starts_with("E0614: `a` in `")) << Messages(diagnostics);
}

TEST(NpyFolderTest, FoldersOfOthers) {
  const TemporaryDirectory directory;
  WriteBytes(directory / "saved_model.pb", "");
  Diagnostics diagnostics;
  EXPECT_EQ(OpenWeightsFile(directory / "", Span{}, diagnostics), nullptr);
  EXPECT_NE(Messages(diagnostics).find("SavedModel"), std::string::npos) << Messages(diagnostics);
}

}  // namespace
}  // namespace strata::testing
