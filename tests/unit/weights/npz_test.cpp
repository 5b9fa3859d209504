#include <gtest/gtest.h>

#include <random>

#include "tests/unit/runtime/npy_bytes.h"
#include "tests/unit/weights/npz_bytes.h"
#include "tests/unit/weights/open_file.h"

namespace strata::testing {
namespace {

std::string OpenError(const std::vector<ZipEntry>& entries) { return OpenedFile("m.npz", ZipFile(entries)).messages; }

std::string Floats(const std::string& shape, const std::vector<float>& values) {
  return NpyFile(Dictionary("<f4", shape), Bytes(values));
}

std::string SmallArchive() {
  return ZipFile({{.name = "dense/kernel.npy", .bytes = Floats("(2, 3)", {1, 2, 3, 4, 5, 6})},
                  {.name = "dense/bias.npy", .bytes = Floats("(3,)", {7, 8, 9}), .method = 8}});
}

TEST(NpzTest, ReadsStoredAndDeflatedArrays) {
  const OpenedFile opened("weights", SmallArchive());
  ASSERT_NE(opened.file, nullptr) << opened.messages;
  ASSERT_EQ(opened.file->Entries().size(), 2u);
  EXPECT_EQ(opened.file->Entries()[0].name, "dense/kernel");
  EXPECT_EQ(opened.file->Entries()[0].dtype, "float32");
  EXPECT_EQ(opened.file->Entries()[0].sizes, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(opened.file->Damage(0), "");
  EXPECT_EQ(opened.file->Read(0), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(opened.file->Damage(1), "");
  EXPECT_EQ(opened.file->Read(1), (std::vector<float>{7, 8, 9}));
}

TEST(NpzTest, ConvertsElementTypes) {
  const OpenedFile opened(
      "m.npz",
      ZipFile({{.name = "double.npy", .bytes = NpyFile(Dictionary("<f8", "(2,)"), Bytes<double>({0.1, -2}))},
               {.name = "half.npy", .bytes = NpyFile(Dictionary("<f2", "()"), Bytes<uint16_t>({0x3c00}))},
               {.name = "bits.npy", .bytes = NpyFile(Dictionary("<u2", "(1,)"), Bytes<uint16_t>({0x4000}))},
               {.name = "folder/"},
               {.name = "bfloat.npy", .bytes = NpyFile(Dictionary("|V2", "(1,)"), Bytes<uint16_t>({0x3f80}))}}));
  ASSERT_NE(opened.file, nullptr) << opened.messages;
  ASSERT_EQ(opened.file->Entries().size(), 4u);
  EXPECT_EQ(opened.file->Read(0), (std::vector<float>{0.1f, -2}));
  EXPECT_EQ(opened.file->Read(1), (std::vector<float>{1}));
  EXPECT_EQ(opened.file->Read(2), (std::vector<float>{2}));
  EXPECT_EQ(opened.file->Read(3), (std::vector<float>{1}));
}

// Zip's end comes last, so a shorter archive has none.
TEST(NpzTest, EveryShorterFileIsRefused) {
  const std::string bytes = SmallArchive();
  EXPECT_EQ(OpenedFile("m.npz", bytes.substr(0, bytes.size() / 2)).messages,
            "E0612: `m.npz` is cut short: its list of arrays, which comes last, is not there\n");
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(OpenedFile("m.npz", bytes.substr(0, size)).messages.starts_with("E061")) << size;
  }
}

// As numpy.save writes a transposed array.
TEST(NpzTest, FortranOrder) {
  const OpenedFile opened(
      "m.npz",
      ZipFile({{.name = "a.npy", .bytes = NpyFile(Dictionary("<f4", "(2, 3)", true), Bytes<float>({1, 4, 2, 5, 3, 6}))},
               {.name = "b.npy",
                .bytes = NpyFile(Dictionary("<f8", "(2, 1, 2, 2)", true), Bytes<double>({1, 5, 3, 7, 2, 6, 4, 8}))},
               {.name = "c.npy", .bytes = NpyFile(Dictionary("<f4", "(0, 3)", true), "")}}));
  ASSERT_NE(opened.file, nullptr) << opened.messages;
  EXPECT_EQ(opened.file->Read(0), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(opened.file->Read(1), (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(opened.file->Read(2), (std::vector<float>{}));
}

TEST(NpzTest, ArraysThatCannotBeRead) {
  const std::string start = "E0614: `a` in `m.npz` cannot be read: ";
  const std::string array = Floats("(2,)", {1, 2});
  EXPECT_EQ(OpenError({{.name = "a.npy", .bytes = "hello"}}),
            start + "it is not an npy file: it begins with \"hello\", expected \"\\x93NUMPY\"\n");
  EXPECT_EQ(OpenError({{.name = "a.npy", .bytes = array + "x"}}),
            start + "its header promises 8 bytes of data, 9 are there\n");
  EXPECT_EQ(OpenError({{.name = "a.npy", .bytes = array.substr(0, array.size() - 1)}}),
            start + "its header promises 8 bytes of data, 7 are there\n");
  EXPECT_EQ(OpenError({{.name = "a.npy", .bytes = array}, {.name = "a.npy", .bytes = array}}),
            "E0616: `a` is twice in `m.npz`\n");
  EXPECT_EQ(OpenError({{.name = "a.npy", .bytes = array, .method = 12}}),
            start + "it is packed by method 12, expected 0 (stored) or 8 (deflated)\n");
}

// Neither is memory taken for what an archive or an array only says it has.
TEST(NpzTest, AbsurdSizes) {
  const std::string array = Floats("(2,)", {1, 2});
  EXPECT_EQ(OpenError({{.name = "a.npy", .bytes = array, .method = 8, .said_size = 4'000'000'000}}),
            "E0614: `a` in `m.npz` cannot be read: it is said to unpack to 4000000000 bytes, more than the archive's " +
                std::to_string(ZipFile({{.name = "a.npy", .bytes = array, .method = 8}}).size()) + " can hold\n");
  EXPECT_EQ(OpenError({{.name = "a.npy", .bytes = array, .method = 8, .said_size = 100'000}}),
            "E0614: `a` in `m.npz` cannot be read: it unpacks to another length than the archive says\n");
  EXPECT_EQ(OpenError({{.name = "a.npy", .bytes = NpyFile(Dictionary("<f4", "(1000000000000, 1000000000000)"), "")}}),
            "E0614: `a` in `m.npz` cannot be read: it has the absurd shape [1000000000000, 1000000000000]: its bytes "
            "cannot be counted in 64 bits\n");
}

TEST(NpzTest, ListsWhatIsNoFloat) {
  const OpenedFile opened("m.npz", ZipFile({{.name = "a.npy", .bytes = NpyFile(Dictionary("<i4", "(1,)"), "1234")}}));
  ASSERT_NE(opened.file, nullptr) << opened.messages;
  EXPECT_EQ(opened.file->Entries()[0].dtype, "int32");
  EXPECT_FALSE(opened.file->Entries()[0].is_readable);
}

TEST(NpzTest, DamageShowsOnlyWhenTheElementsAreRead) {
  const std::string array = Floats("(5000,)", std::vector<float>(5000, 1.0f));
  const OpenedFile opened("m.npz", ZipFile({{.name = "a.npy", .bytes = array, .method = 8, .said_checksum = 1}}));
  ASSERT_NE(opened.file, nullptr) << opened.messages;
  EXPECT_EQ(opened.file->Damage(0), "it cannot be unpacked: CRC error");
}

TEST(NpzTest, MutatedFiles) {
  std::mt19937 random(2);
  const std::string original = SmallArchive();
  const TemporaryDirectory directory;
  int sound_count = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = original;
    for (unsigned change = 0; change <= random() % 3; ++change) {
      const size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
        case 1: bytes.erase(at, 1); break;
        case 2: bytes.insert(at, 1, static_cast<char>(random())); break;
        default: bytes[at] = static_cast<char>(random() % 2 == 0 ? 0xff : 0); break;
      }
    }
    const std::string path = directory / (std::to_string(round) + ".npz");  // faster than one file over and over
    WriteBytes(path, bytes);
    Diagnostics diagnostics;
    const auto file = OpenWeightsFile(path, Span{}, diagnostics);
    EXPECT_EQ(file == nullptr, diagnostics.HasErrors()) << round;
    for (size_t i = 0; file && i < file->Entries().size(); ++i) {
      if (!file->Entries()[i].is_readable || !file->Damage(i).empty()) continue;
      ++sound_count;
      EXPECT_LE(file->Read(i).size(), bytes.size());
    }
  }
  EXPECT_GT(sound_count, 10);
}

}  // namespace
}  // namespace strata::testing
