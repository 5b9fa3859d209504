#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "compiler/source/catalogue.h"
#include "tests/support/safetensors_writer.h"
#include "tests/unit/weights/open_file.h"

namespace strata::testing {
namespace {

TEST(OpenWeightsFileTest, MissingFile) {
  const TemporaryDirectory directory;
  Diagnostics diagnostics;
  EXPECT_EQ(OpenWeightsFile(directory / "digits.safetensors", Span{}, diagnostics), nullptr);
  EXPECT_EQ(Messages(diagnostics),
            "E0610: `" + (directory / "digits.safetensors") +
                "` does not exist\n"
                "  help: to try the model out before it is trained, build or run it with `--random-weights=SEED`\n");
}

TEST(OpenWeightsFileTest, MissingFileIsAWarningToCheck) {
  const TemporaryDirectory directory;
  WriteBytes(directory / "digit.safetensors", "");
  Diagnostics diagnostics;
  EXPECT_EQ(OpenWeightsFile(directory / "digits.safetensors", Span{}, diagnostics, {.if_missing = Severity::Warning}),
            nullptr);
  EXPECT_FALSE(diagnostics.HasErrors());
  EXPECT_EQ(Messages(diagnostics), "W0610: `" + (directory / "digits.safetensors") + "` does not exist\n" +
                                       "  help: there is `" + (directory / "digit.safetensors") + "`\n");
}

TEST(OpenWeightsFileTest, WhatIsNoFile) {
  const TemporaryDirectory directory;
  Diagnostics diagnostics;
  EXPECT_EQ(OpenWeightsFile(directory / "", Span{}, diagnostics, {.if_missing = Severity::Warning}), nullptr);
  EXPECT_EQ(Messages(diagnostics), "E0617: `" + (directory / "") + "` is a folder without .npy files\n");
  ASSERT_EQ(mkfifo((directory / "pipe").c_str(), 0600), 0);
  Diagnostics of_pipe;
  EXPECT_EQ(OpenWeightsFile(directory / "pipe", Span{}, of_pipe), nullptr);
  EXPECT_EQ(Messages(of_pipe), "E0602: `" + (directory / "pipe") + "` cannot be read: it is not a regular file\n");
}

TEST(OpenWeightsFileTest, OtherFormats) {
  EXPECT_EQ(OpenedFile("m.npy", "\x93NUMPY\x01 and more").messages,
            "E0611: `m.npy` is no weights file: it begins with `\\x93NUM`\n"
            "  help: this is a single array; in Python, `numpy.savez` writes several, each with its name\n");
  EXPECT_EQ(OpenedFile("m.txt", "12345678{not ours}").messages,
            "E0611: `m.txt` is no weights file: it begins with `12345678{not ours}`\n");
}

TEST(OpenWeightsFileTest, TextUnderTheNameOfAWeightsFile) {
  EXPECT_EQ(OpenedFile("m.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n").messages,
            "E0611: `m.safetensors` is no weights file: it begins with "
            "`version https://git-lfs.github.com/spec/...`\n"
            "  help: this is what Git LFS leaves in the file's place: `git lfs pull` fetches the file\n");
  EXPECT_EQ(OpenedFile("m.safetensors", "<!DOCTYPE html>\n<html>").messages,
            "E0611: `m.safetensors` is no weights file: it begins with `<!DOCTYPE html>`\n");
}

TEST(OpenWeightsFileTest, MessagesHaveThePlaceOfTheDeclaration) {
  Sources sources;
  const FileId id = sources.Add("m.strata", "weights m from \"none.npz\"");
  Diagnostics diagnostics;
  OpenWeightsFile("none.npz", Span{id, 15, 25}, diagnostics);
  ASSERT_EQ(diagnostics.ErrorCount(), 1u);
  ASSERT_EQ(diagnostics.Sorted()[0]->labels.size(), 1u);
  EXPECT_EQ(sources.Text(diagnostics.Sorted()[0]->labels[0].span), "\"none.npz\"");
}

// The files that the pages of `strata explain` list: the first of a page about files fails to open with its code.
TEST(OpenWeightsFileTest, FilesOfThePages) {
  for (const KindInfo& kind : AllKinds()) {
    const std::string page(ExplainPage(kind.code));
    size_t at = page.find("\n```weights ");
    if (at == std::string::npos) continue;
    for (bool is_first = true; at != std::string::npos; at = page.find("\n```weights ", at + 1), is_first = false) {
      std::istringstream fence(page.substr(at, page.find('\n', at + 1) - at));
      std::string ticks, name, fault;
      fence >> ticks >> name >> fault;
      const size_t begin = page.find('\n', at + 1) + 1;
      const OpenedFile opened(name, ListedFile(page.substr(begin, page.find("\n```", begin) - begin), fault));
      const bool fails = is_first && kind.code >= "E0611" && kind.code <= "E0616" &&
                         kind.code != "E0615";  // E0615: where it is a weight
      EXPECT_TRUE(fails ? opened.messages.starts_with(kind.code) : opened.messages.empty())
          << kind.code << " " << opened.messages;
    }
  }
}

}  // namespace
}  // namespace strata::testing
