// Coverage-guided fuzzing of everything that reads a program: scan, parse, check, render, format (libFuzzer; tools/fuzz.sh).
// The input is a program's text. What must hold: no fault, no leak, no check of ours that fails, no input over a second.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "compiler/check/check.h"
#include "compiler/check/summary.h"
#include "compiler/source/check.h"
#include "compiler/syntax/parse.h"
#include "tests/support/format_property.h"

// libFuzzer names this function.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace strata;
  Sources sources;
  Diagnostics diagnostics;
  const FileId id = sources.Add("fuzz.strata", std::string(reinterpret_cast<const char*>(data), size));
  std::optional<ast::File> file;
  std::optional<Network> network;
  if (ScanSource(id, sources, diagnostics)) file = Parse(id, sources, diagnostics, {.keeps_parts = true});
  const bool is_parsed = !diagnostics.HasErrors();
  if (file) network = Check(*file, sources, diagnostics);
  RenderText(diagnostics, sources, {});
  RenderJson(diagnostics, sources);
  if (is_parsed) STRATA_CHECK(testing::FormatFault(std::string(sources.Get(id).Text())).empty());
  // A network that exists is valid: it can be shown and expanded.
  if (network) {
    Summary(*network);
    core::Verify(Expand(*network));
  }
  return 0;
}
