// What the tests of the parser share: text in, tree or messages out.
#pragma once

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "compiler/source/diagnostics.h"
#include "compiler/source/source.h"
#include "compiler/syntax/parse.h"

namespace strata {

struct Parsed {
  explicit Parsed(std::string text, const ParseOptions& options = {}) {
    id = sources.Add("test.strata", std::move(text));
    file = Parse(id, sources, diagnostics, options);
  }

  // "E0110 [|>] after `|>` a layer is expected ..." for each message: code, text of the primary label, message.
  std::vector<std::string> Messages() const {
    std::vector<std::string> messages;
    for (const Diagnostic* diagnostic : diagnostics.Sorted()) {
      messages.push_back(std::string(diagnostic->code) + " [" + std::string(sources.Text(diagnostic->labels[0].span)) +
                         "] " + diagnostic->message);
    }
    return messages;
  }

  Sources sources;
  Diagnostics diagnostics;
  FileId id;
  std::optional<ast::File> file;
};

inline std::string ReadProgram(const std::string& name) {
  std::ifstream in("examples/" + std::string(name) + "/" + name + ".strata", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline const char* const kPrograms[] = {"digits", "resnet", "tagger", "two_in"};

}  // namespace strata
