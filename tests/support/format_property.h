// What must hold of the formatter for any text that parses.
#pragma once

#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/diagnostics.h"
#include "compiler/source/source.h"
#include "compiler/syntax/format.h"
#include "compiler/syntax/parse.h"

namespace strata::testing {

// The comments of a program that parses, in their order, without blanks at their ends.
inline std::vector<std::string> CommentsIn(std::string_view text) {
  std::vector<std::string> comments;
  char quote = '\0';  // of the string that is open
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0') {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == quote) {
        quote = '\0';
      }
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text[i] == '#') {
      const size_t end = std::min(text.find_first_of("\r\n", i), text.size());
      std::string comment(text.substr(i, end - i));
      comment.erase(comment.find_last_not_of(" \t") + 1);
      comments.push_back(std::move(comment));
      i = end;
    }
  }
  return comments;
}

// The printed tree without the prefixes `keras.layers.` and `layers.`, which the formatter may drop.
inline std::string WithoutPrefixes(const std::string& tree) {
  if (tree.find("layers") == std::string::npos) return tree;
  static const std::regex prefix(R"((\n *)member (\w+)\n *(name layers|member layers\n *name keras)(?=\n))");
  return std::regex_replace(tree, prefix, "$1name $2");
}

// What is wrong with the format of a text; empty where nothing is, or where the text does not parse.
inline std::string FormatFault(const std::string& text) {
  Sources sources;
  Diagnostics diagnostics;
  const FileId before = sources.Add("before.strata", text);
  if (!ScanSource(before, sources, diagnostics)) return "";
  const std::optional<ast::File> file = Parse(before, sources, diagnostics);
  if (!file) return "";
  const std::string formatted = Format(*file, sources);
  const FileId after = sources.Add("after.strata", formatted);
  const bool is_scanned = ScanSource(after, sources, diagnostics);
  const std::optional<ast::File> again = is_scanned ? Parse(after, sources, diagnostics) : std::nullopt;
  if (!again) return "does not parse: " + RenderText(diagnostics, sources, {}) + formatted;
  if (Format(*again, sources) != formatted) {
    return "is formatted otherwise the second time:\n" + formatted + "----\n" + Format(*again, sources);
  }
  if (WithoutPrefixes(PrintAst(*again)) != WithoutPrefixes(PrintAst(*file))) {
    return "means something else:\n" + formatted + "----\n" + PrintAst(*file) + "----\n" + PrintAst(*again);
  }
  if (formatted.find(" \n") != std::string::npos) return "has blanks at the end of a line:\n" + formatted;
  if (CommentsIn(formatted) != CommentsIn(text)) return "has other comments:\n" + formatted;
  return "";
}

}  // namespace strata::testing
