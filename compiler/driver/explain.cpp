#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <memory>

#include "compiler/driver/commands.h"
#include "compiler/driver/reference.h"

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

// A page for a terminal: headings and code stand out.
std::string Coloured(std::string_view page) {
  constexpr std::string_view kBold = "\x1b[1m", kCode = "\x1b[36m", kEnd = "\x1b[0m";
  std::string text;
  bool in_block = false;
  while (!page.empty()) {
    const std::string_view line = page.substr(0, std::min(page.find('\n'), page.size()));
    page.remove_prefix(std::min(line.size() + 1, page.size()));
    const bool is_fence = line.starts_with("```");
    if (is_fence) in_block = !in_block;
    const bool is_heading = line.starts_with("#") && !in_block;
    if (is_heading || in_block) text += is_heading ? kBold : is_fence ? "" : kCode;
    bool in_code = false;
    for (const char c : line) {
      if (c == '`' && !in_block && !is_heading && !is_fence) {
        in_code = !in_code;
        if (in_code) text += kCode;
        text += c;
        if (!in_code) text += kEnd;
      } else {
        text += c;
      }
    }
    if (is_heading || in_block || in_code) text += kEnd;
    text += "\n";
  }
  return text;
}

struct ExplainOptions {
  std::string name;
  bool markdown = false;
  bool layers = false;
  std::string color = "auto";
};

void Print(std::string_view page, const ExplainOptions& options) {
  const std::string text = UsesColor(options.color, STDOUT_FILENO) ? Coloured(page) : std::string(page);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

// The one name that differs from `name` in its case alone; "" where there is none.
std::string_view IgnoringCase(std::string_view name, const std::vector<std::string_view>& names) {
  const auto is_equal = [&](std::string_view other) {
    return std::ranges::equal(
        name, other, {}, [](unsigned char c) { return std::tolower(c); },
        [](unsigned char c) { return std::tolower(c); });
  };
  const auto found = std::ranges::find_if(names, is_equal);
  return found == names.end() ? "" : *found;
}

int Explain(const ExplainOptions& options) {
  if (options.layers) {
    const std::string text = options.markdown ? ReferenceMarkdown() : ReferenceList();
    std::fwrite(text.data(), 1, text.size(), stdout);
    return kExitFine;
  }
  if (options.markdown) {
    PrintMarkdown();
    return kExitFine;
  }
  if (options.name.empty()) {
    List();
    return kExitFine;
  }
  std::vector<std::string_view> codes;
  for (const KindInfo& kind : AllKinds()) codes.push_back(kind.code);
  if (const std::string_view code = IgnoringCase(options.name, codes); !code.empty()) {
    Print(ExplainPage(code), options);
    return kExitFine;
  }
  std::vector<std::string_view> names = ReferenceNames();
  std::optional<std::string> page = ReferencePage(options.name);
  if (!page) page = ReferencePage(IgnoringCase(options.name, names));
  if (page) {
    Print(*page, options);
    return kExitFine;
  }
  std::string upper = options.name;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string meant = DidYouMean(options.name, names);
  if (meant.empty()) meant = DidYouMean(upper, codes);
  return FailUsage("there is no code, layer or function `" + options.name + "`" + meant,
                   "`strata explain` lists all codes, `strata explain --layers` all layers and functions");
}

}  // namespace

void AddExplain(CLI::App& app, int& status) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand("explain", "Explain an error code, a layer or a function, with examples");
  command->add_option("NAME", options->name,
                      "A code, as in error[E0203], or a layer or function; without it, all codes are listed");
  command->add_flag("--layers", options->layers, "List all layers and functions");
  command->add_flag("--markdown", options->markdown, "Print the pages of all codes, or with --layers of all layers");
  command->add_option("--color", options->color, "Colours: auto (on terminals), always, never")
      ->check(OneOf({"auto", "always", "never"}))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  strata explain E0203\n"
      "  strata explain Conv2D");
  command->callback([options, &status] { status = Explain(*options); });
}

}  // namespace strata
