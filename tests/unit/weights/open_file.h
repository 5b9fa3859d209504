// Opening a weights file of given bytes, with the messages literally.
#pragma once

#include <memory>
#include <string>

#include "compiler/weights/weights.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {

// All diagnostics as "E0612: message", one a line, with notes and helps indented behind.
inline std::string Messages(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic* diagnostic : diagnostics.Sorted()) {
    text += std::string(diagnostic->code) + ": " + diagnostic->message + "\n";
    for (const std::string& note : diagnostic->notes) text += "  note: " + note + "\n";
    for (const Help& help : diagnostic->helps) text += "  help: " + help.text + "\n";
  }
  return text;
}

inline void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// A file of these bytes, opened. Messages leave its directory out.
struct OpenedFile {
  OpenedFile(const std::string& name, const std::string& bytes) {
    const TemporaryDirectory directory;
    WriteBytes(directory / name, bytes);
    Diagnostics diagnostics;
    file = OpenWeightsFile(directory / name, Span{}, diagnostics);
    messages = Messages(diagnostics);
    ReplaceAll(messages, directory / "", "");
  }

  std::shared_ptr<const WeightsFile> file;  // null where there are messages
  std::string messages;
};

}  // namespace strata::testing
