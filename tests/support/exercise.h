// Everything that reads a program, over one text: what must hold for any text is held here.
#pragma once

#include <optional>
#include <string>

#include "compiler/check/check.h"
#include "compiler/check/summary.h"
#include "compiler/source/check.h"
#include "compiler/syntax/parse.h"
#include "tests/support/format_property.h"

namespace strata::testing {

// Scans, parses, checks, renders and formats. Ends the process where a check of ours fails.
inline void Exercise(std::string text) {
  Sources sources;
  Diagnostics diagnostics;
  const FileId id = sources.Add("any.strata", std::move(text));
  std::optional<ast::File> file;
  std::optional<Network> network;
  if (ScanSource(id, sources, diagnostics)) file = Parse(id, sources, diagnostics, {.keeps_parts = true});
  const bool is_parsed = !diagnostics.HasErrors();
  if (file) network = Check(*file, sources, diagnostics);
  RenderText(diagnostics, sources, {});
  RenderJson(diagnostics, sources);
  if (is_parsed) STRATA_CHECK(FormatFault(std::string(sources.Get(id).Text())).empty());
  // A network that exists is valid: it can be shown and expanded.
  if (network) {
    Summary(*network);
    core::Verify(Expand(*network));
  }
}

}  // namespace strata::testing
