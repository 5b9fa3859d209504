#include <algorithm>
#include <cstdio>
#include <memory>

#include "compiler/driver/commands.h"

namespace strata {

namespace {

void List() {
  for (const KindInfo& kind : AllKinds()) {
    std::printf("%s: %s\n", std::string(kind.code).c_str(), std::string(ExplainTitle(kind.code)).c_str());
  }
}

// The families of codes, by how they begin.
struct Family {
  std::string_view prefix;
  std::string_view title;
};
constexpr Family kFamilies[] = {
    {"E01", "Syntax and names"},
    {"E02", "Ranks and axes"},
    {"E03", "Sizes"},
    {"E04", "Merges"},
    {"E05", "Arguments"},
    {"E06", "Weights and files"},
    {"E09", "Not yet supported"},
    {"W", "Warnings and lints"},
};

// A page's text behind its title, with a line before each block that says what it is.
std::string MarkdownOf(std::string_view page, Severity severity) {
  std::string text;
  page.remove_prefix(std::min(page.find('\n'), page.size()));
  for (size_t fence = page.find("\n```"); fence != std::string_view::npos; fence = page.find("\n```")) {
    text += page.substr(0, fence + 1);
    page.remove_prefix(fence + 4);
    const size_t end = page.find('\n');
    const std::string info(page.substr(0, end));
    page.remove_prefix(end);
    const size_t space = info.find(' ');
    const std::string what = space == std::string::npos ? "" : info.substr(space + 1);
    const std::string language = info.substr(0, space);
    if (language == "weights") {
      text += "The file `" + what.substr(0, what.find(' ')) + "`:\n\n```";
    } else {
      const bool is_error = severity == Severity::Error;
      if (what == "fails") text += is_error ? "This fails:\n\n" : "With the warning:\n\n";
      if (what == "passes") text += is_error ? "This passes:\n\n" : "Without it:\n\n";
      text += "```" + language;
    }
  }
  text += page;
  return text;
}

// All pages, as docs/errors.md.
void PrintMarkdown() {
  std::string text =
      "# Errors and warnings\n\n"
      "What each code means, with a program that fails and one that passes; `strata explain CODE` shows one of them.\n"
      "Written by `strata explain --markdown`, from compiler/source/catalogue.def and compiler/source/explain/.\n";
  const Family* family = nullptr;
  for (const KindInfo& kind : AllKinds()) {
    const Family* const own = std::ranges::find_if(
        kFamilies, [&](const Family& candidate) { return kind.code.starts_with(candidate.prefix); });
    if (own != family) text += "\n## " + std::string(own->title) + "\n";
    family = own;
    // Each place for an argument, `{}`, is an ellipsis.
    std::string message(kind.text);
    for (size_t place = message.find("{}"); place != std::string::npos; place = message.find("{}")) {
      message.replace(place, 2, "\u2026");
    }
    text += "\n### " + std::string(kind.code) + ": " + std::string(ExplainTitle(kind.code)) + "\n\n";
    text += "> " + std::string(NameOf(kind.severity)) + ": " + message;
    text += MarkdownOf(ExplainPage(kind.code), kind.severity);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

int Explain(const std::string& code) {
  if (code.empty()) {
    List();
    return kExitFine;
  }
  std::string upper = code;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::string_view page = ExplainPage(upper);
  if (!page.empty()) {
    std::fwrite(page.data(), 1, page.size(), stdout);
    return kExitFine;
  }
  std::vector<std::string_view> codes;
  for (const KindInfo& kind : AllKinds()) codes.push_back(kind.code);
  return FailUsage("there is no code `" + code + "`" + DidYouMean(upper, codes), "`strata explain` lists all codes");
}

}  // namespace

void AddExplain(CLI::App& app, int& status) {
  auto code = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("explain", "Explain an error code, with a program that fails and one that passes");
  command->add_option("CODE", *code, "The code, as in error[E0203]; without it, all are listed");
  auto markdown = std::make_shared<bool>(false);
  command->add_flag("--markdown", *markdown, "Print the pages of all codes, in Markdown");
  command->footer("Example:\n  strata explain E0203");
  command->callback([code, markdown, &status] {
    if (*markdown) {
      PrintMarkdown();
      status = kExitFine;
    } else {
      status = Explain(*code);
    }
  });
}

}  // namespace strata
