#include "tests/golden/page.h"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>

#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {

namespace {

std::vector<PageBlock> Blocks(const std::string& page) {
  std::vector<PageBlock> blocks;
  bool is_inside = false;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      is_inside = !is_inside;
      if (is_inside) blocks.push_back({.fence = line.substr(3), .text = ""});
    } else if (is_inside) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

}  // namespace

std::vector<Page> ReadPages() {
  std::vector<Page> pages;
  for (const auto& entry : std::filesystem::directory_iterator("compiler/source/explain")) {
    if (entry.path().extension() != ".md") continue;
    pages.push_back({.code = entry.path().stem(), .blocks = Blocks(ReadBytes(entry.path()))});
  }
  std::sort(pages.begin(), pages.end(), [](const Page& a, const Page& b) { return a.code < b.code; });
  return pages;
}

std::vector<std::string> CodesIn(const std::string& errors) {
  static const std::regex code(R"re((?:^|\n)(?:(?:error|warning)\[|\{"code":")([EW][0-9]{4})["\]])re");
  std::vector<std::string> codes;
  for (std::sregex_iterator i(errors.begin(), errors.end(), code); i != std::sregex_iterator(); ++i) {
    codes.push_back((*i)[1]);
  }
  return codes;
}

}  // namespace strata::testing
