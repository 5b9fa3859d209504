#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "compiler/source/diagnostics.h"
#include "compiler/source/source.h"

namespace strata {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kModel[] = "model m(x: f32[batch, 4]) -> f32[batch, 2] { return x |> Dense(2) }\n";

// What the scan says about a text, or an empty string.
std::string Scan(std::string text) {
  Sources sources;
  Diagnostics diagnostics;
  const FileId id = sources.Add("a.strata", std::move(text));
  const bool accepted = ScanSource(id, sources, diagnostics);
  EXPECT_EQ(accepted, !diagnostics.HasErrors());
  EXPECT_LE(diagnostics.ErrorCount(), 1u);
  return RenderText(diagnostics, sources, {});
}

std::string Repeat(std::string_view text, size_t count) {
  std::string repeated;
  for (size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

TEST(ScanTest, AcceptsPrograms) {
  EXPECT_EQ(Scan(kModel), "");
  EXPECT_EQ(Scan("\xEF\xBB\xBF" + std::string(kModel)), "");  // with a byte order mark
  EXPECT_EQ(Scan("# größe: 日本 😀\r\n" + std::string(kModel)), "");
}

TEST(ScanTest, BracketsInCommentsAndStringsDoNotCount) {
  EXPECT_EQ(Scan("const A = 1 # ((( it's \" [{\n"), "");
  EXPECT_EQ(Scan("const A = \"((( # ' [{\" const B = '((( # \" [{'\n"), "");
  EXPECT_EQ(Scan(R"(const A = "\"(((" const B = '\'(((' const C = "\\")"), "");
  EXPECT_EQ(Scan("# (((\rconst A = (1)"), "");  // the line ends of old
}

TEST(ScanTest, EmptyFile) {
  EXPECT_EQ(Scan(""), R"(error[E0100]: the file has no statement
 --> a.strata:1:1
  |
1 |
  | ^ a model is expected
  = help: declare one: `model name(x: f32[batch, 4]) -> f32[batch, 2] { return x |> Dense(2) }`
)");
  EXPECT_THAT(Scan(" \t\r\n\f\n"), StartsWith("error[E0100]"));
  EXPECT_THAT(Scan("# a comment\n## and another"), HasSubstr("a.strata:2:15"));
  EXPECT_THAT(Scan("\xEF\xBB\xBF"), StartsWith("error[E0100]"));
}

TEST(ScanTest, NotUtf8) {
  EXPECT_EQ(Scan("# one\n# caf\xe9 au lait\n"), R"(error[E0101]: byte 0xe9 at offset 11 is not UTF-8
 --> a.strata:2:6
  |
2 | # caf� au lait
  |      ^
  = help: save the file as UTF-8
)");
  EXPECT_THAT(Scan("const A = \"\xc3\""), StartsWith("error[E0101]: byte 0xc3 at offset 11"));
  EXPECT_THAT(Scan("const A = \"\\\xc3\""), StartsWith("error[E0101]: byte 0xc3 at offset 12"));
  EXPECT_THAT(Scan("\xc0\xaf"), StartsWith("error[E0101]: byte 0xc0 at offset 0"));          // overlong
  EXPECT_THAT(Scan("\xed\xa0\x80"), StartsWith("error[E0101]: byte 0xed at offset 0"));      // a surrogate
  EXPECT_THAT(Scan("\xf4\x90\x80\x80"), StartsWith("error[E0101]: byte 0xf4 at offset 0"));  // beyond the last
}

TEST(ScanTest, BinaryFile) {
  EXPECT_EQ(Scan(std::string("\x7f"
                             "ELF\x02\x01\x01\0\0\xff",
                             10)),
            "error[E0102]: `a.strata` is a binary file: the byte at offset 7 is zero\n");
  EXPECT_EQ(Scan(std::string("\xff\xfem\0o\0", 6)),
            "error[E0102]: `a.strata` is a binary file: the byte at offset 3 is zero\n"
            "  = help: it begins as UTF-16 text does: save it as UTF-8\n");
}

TEST(ScanTest, LineTooLong) {
  const std::string longest = "const A = " + std::string(kMaxLineBytes - 10, '1');
  EXPECT_EQ(Scan(longest + "\n"), "");
  EXPECT_EQ(Scan(longest + "\r\n"), "");
  EXPECT_EQ(Scan("\n" + longest + "1"), R"(error[E0103]: the line has 65537 bytes, at most 65536 are allowed
 --> a.strata:2:1
  |
2 | const A = )" + std::string(104, '1') + R"(...
  | ^
)");
}

TEST(ScanTest, NestedTooDeeply) {
  EXPECT_EQ(Scan("const A = " + Repeat("([{}])", 1000)), "");
  EXPECT_EQ(Scan("const A = " + Repeat("(", 256) + Repeat(")", 256)), "");
  EXPECT_EQ(Scan("const A =\n" + Repeat("(\n", 256) + "  [" + Repeat(")\n", 256)),
            R"(error[E0104]: brackets are nested 257 deep, at most 256 are allowed
   --> a.strata:258:3
    |
258 |   [)
    |   ^
)");
}

// These are for the parser, which places them better and goes on.
TEST(ScanTest, UnpairedBracketsAndQuotesPass) {
  EXPECT_EQ(Scan("model m() {\n  let a = [1]\n\n"), "");
  EXPECT_EQ(Scan("const A = (1))\nconst B = (1]\n"), "");
  EXPECT_EQ(Scan(Repeat(")", 1000)), "");
  EXPECT_EQ(Scan("const A = 'relu\\'"), "");
}

TEST(ScanTest, AnUnclosedStringEndsWithItsLine) {
  const std::string deep = Repeat("(", 257);
  EXPECT_EQ(Scan("const A = \"" + deep), "");
  EXPECT_THAT(Scan("const A = \"relu\n" + deep), StartsWith("error[E0104]"));
  EXPECT_THAT(Scan("const A = 'relu\r" + deep), StartsWith("error[E0104]"));
}

// A closing bracket of whatever kind closes one, and none closes what is not open.
TEST(ScanTest, SurplusBracketsHideNoNesting) {
  EXPECT_THAT(Scan(Repeat(")", 100) + Repeat("(", 257)), StartsWith("error[E0104]"));
  EXPECT_EQ(Scan(Repeat("(", 256) + "]" + "("), "");
}

TEST(ScanTest, BadInputIsRefusedAtOnce) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(Scan(Repeat("(", 100000)), StartsWith("error[E0103]"));
  EXPECT_THAT(Scan(Repeat("(\n", 100000)), StartsWith("error[E0104]"));
  EXPECT_THAT(Scan(std::string(10 << 20, 'x')), StartsWith("error[E0103]"));
  EXPECT_THAT(Scan(std::string(17 << 20, '\n')), StartsWith("error[E0603]"));
  EXPECT_THAT(Scan(Repeat("# comment\n", 1600000)), StartsWith("error[E0100]"));
  // A second each, and sanitizers are slow.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

class LoadTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string Path(const std::string& name) const { return (directory_ / name).string(); }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
  }
  // What loading says, or an empty string.
  std::string Load(const std::string& path) {
    Diagnostics diagnostics;
    id_ = {};
    const bool accepted = LoadSource(path, sources_, diagnostics, &id_);
    EXPECT_EQ(accepted, !diagnostics.HasErrors());
    return RenderText(diagnostics, sources_, {});
  }

  fs::path directory_;
  Sources sources_;
  FileId id_;
};

TEST_F(LoadTest, ReadsAFile) {
  Write("a.strata", kModel);
  EXPECT_EQ(Load(Path("a.strata")), "");
  EXPECT_EQ(sources_.Get(id_).Name(), Path("a.strata"));
  EXPECT_EQ(sources_.Get(id_).Text(), kModel);
}

TEST_F(LoadTest, ScansAFile) {
  Write("a.strata", "# nothing\n");
  EXPECT_THAT(Load(Path("a.strata")), StartsWith("error[E0100]"));
  EXPECT_GE(id_.index, 0);
}

TEST_F(LoadTest, MissingFile) {
  EXPECT_EQ(Load(Path("digits.strata")), "error[E0600]: `" + Path("digits.strata") + "` does not exist\n");
  EXPECT_LT(id_.index, 0);
  EXPECT_EQ(Load(Path("no/such/directory")), "error[E0600]: `" + Path("no/such/directory") + "` does not exist\n");
  EXPECT_EQ(Load(""), "error[E0600]: `` does not exist\n");

  Write("digits.strata", kModel);
  EXPECT_EQ(Load(Path("digit.strata")), "error[E0600]: `" + Path("digit.strata") + "` does not exist\n" +
                                            "  = help: there is `" + Path("digits.strata") + "`\n");
  EXPECT_THAT(Load(Path("digits")), HasSubstr("there is `" + Path("digits.strata") + "`"));
}

TEST_F(LoadTest, Directory) {
  EXPECT_EQ(Load(Path("")), "error[E0601]: `" + Path("") + "` is a directory, a file is expected\n");
}

TEST_F(LoadTest, Unreadable) {
  fs::create_symlink("loop.strata", Path("loop.strata"));
  EXPECT_EQ(Load(Path("loop.strata")),
            "error[E0602]: `" + Path("loop.strata") + "` cannot be read: too many levels of symbolic links\n");
}

TEST_F(LoadTest, TooLarge) {
  const std::string line = std::string(1023, '#') + "\n";
  Write("most.strata", Repeat(line, (kMaxFileBytes - 1024) / 1024) + "const A = 1" + std::string(1013, '\n'));
  ASSERT_EQ(fs::file_size(Path("most.strata")), kMaxFileBytes);
  EXPECT_EQ(Load(Path("most.strata")), "");
  Write("more.strata", Repeat(line, kMaxFileBytes / 1024) + "\n");
  EXPECT_EQ(Load(Path("more.strata")),
            "error[E0603]: `" + Path("more.strata") + "` has more than 16777216 bytes, the most that is allowed\n");
}

TEST_F(LoadTest, EndlessFile) { EXPECT_THAT(Load("/dev/zero"), StartsWith("error[E0603]")); }

}  // namespace
}  // namespace strata
