// What docs/ and the READMEs of examples/ show is true: every command in a ```console block prints what stands below it, and
// every ```cpp block that names a file is that file; every ```strata block of the language's page is accepted.
// UPDATE_GOLDENS=1 rewrites the former.
//
// Commands run by the shell in a copy of examples/, with the compiler on the PATH: a README's beside it, others in digits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {
namespace {

namespace fs = std::filesystem;

std::string Run(const std::string& command, const fs::path& folder) {
  const std::string bin = fs::path(StrataProgram()).parent_path();
  const ProcessResult result =
      RunProcess({.arguments = {"/bin/sh", "-c", "PATH=" + bin + ":$PATH; " + command + " 2>&1"}, .directory = folder});
  return result.output;
}

// The page with what its commands print now.
std::string Rerun(const std::string& page, const fs::path& folder) {
  std::istringstream lines(page);
  std::string now;
  bool in_console = false;
  for (std::string line; std::getline(lines, line);) {
    const bool is_fence = line.starts_with("```");
    if (is_fence) in_console = line == "```console";
    const bool is_command = in_console && line.starts_with("$ ");
    if (is_fence || is_command || !in_console) now += line + "\n";
    if (is_command) now += Run(line.substr(2), folder);
  }
  return now;
}

class DocsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(DocsTest, CommandsPrintWhatThePageShows) {
  const TemporaryDirectory folder;
  fs::copy("examples", folder / "examples", fs::copy_options::recursive);
  const std::string path = GetParam();
  const std::string page = ReadBytes(path);
  const bool is_example = path.starts_with("examples/");
  const std::string now = Rerun(page, folder / (is_example ? fs::path(path).parent_path() : "examples/digits"));
  if (std::getenv("UPDATE_GOLDENS") != nullptr) {
    WriteBytes(path, now);
  } else {
    EXPECT_EQ(page, now) << path << ": tools/update_goldens.sh rewrites it";
  }
}

// And the README of every example that has one.
std::vector<std::string> PagesWithCommands() {
  std::vector<std::string> pages = {"README.md", "docs/architecture.md"};
  for (const fs::directory_entry& entry : fs::directory_iterator("examples")) {
    if (fs::exists(entry.path() / "README.md")) pages.push_back(entry.path() / "README.md");
  }
  std::ranges::sort(pages);
  return pages;
}

INSTANTIATE_TEST_SUITE_P(Pages, DocsTest, ::testing::ValuesIn(PagesWithCommands()), [](const auto& page) {
  const fs::path path = page.param;
  const bool is_example = path.has_parent_path() && path.stem() == "README";
  return (is_example ? path.parent_path() : path).stem().string();
});

// Every folder has a line in one of the tables, which links it or the model in it.
TEST(ExamplesPage, ListsThemAll) {
  const std::string page = ReadBytes("examples/README.md");
  for (const fs::directory_entry& entry : fs::directory_iterator("examples")) {
    if (!fs::is_directory(entry) || entry.path().filename() == "__pycache__") continue;
    EXPECT_NE(page.find("| [" + entry.path().filename().string() + "]("), std::string::npos) << entry.path();
  }
}

// A page is what the compiler prints of its own tables.
void ExpectPrinted(const std::string& path, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), StrataProgram());
  const ProcessResult result = RunProcess({.arguments = arguments, .directory = "."});
  ASSERT_EQ(result.status, 0) << result.errors;
  const std::string& now = result.output;
  if (std::getenv("UPDATE_GOLDENS") != nullptr) {
    WriteBytes(path, now);
  } else {
    EXPECT_EQ(ReadBytes(path), now) << path << ": tools/update_goldens.sh rewrites it";
  }
}

// Each kind of the catalogue and its programs.
TEST(ErrorsPage, IsGenerated) { ExpectPrinted("docs/errors.md", {"explain", "--markdown"}); }

// Each layer and function.
TEST(LayersPage, IsGenerated) { ExpectPrinted("docs/layers.md", {"explain", "--layers", "--markdown"}); }

// Whole programs, which `check` accepts; weights that are not there are only a warning.
TEST(LanguagePage, ProgramsAreAccepted) {
  const TemporaryDirectory folder;
  std::istringstream lines(ReadBytes("docs/language.md"));
  std::string program;
  bool inside = false;
  int count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("```")) {
      if (inside) program += line + "\n";
      continue;
    }
    if (inside) {
      WriteBytes(folder / "page.strata", program);
      const ProcessResult result =
          RunProcess({.arguments = {StrataProgram(), "check", "page.strata"}, .directory = folder / ""});
      EXPECT_EQ(result.status, 0) << program << result.errors;
      ++count;
    }
    inside = line == "```strata";
    program.clear();
  }
  EXPECT_GE(count, 2);
}

TEST(AddingALayer, ShowsTheFileThatIsCompiled) {
  const std::string page = ReadBytes("docs/adding-a-layer.md");
  EXPECT_NE(page.find("```cpp\n" + ReadBytes("compiler/layers/leaky_relu.cpp") + "```\n"), std::string::npos);
}

}  // namespace
}  // namespace strata::testing
