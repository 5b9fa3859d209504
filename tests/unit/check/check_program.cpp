#include "tests/unit/check/check_program.h"

#include <gtest/gtest.h>

#include "compiler/syntax/parse.h"

namespace strata {
namespace {

struct Run {
  Sources sources;
  Diagnostics diagnostics;
  std::optional<Network> network;
};

void CheckText(const std::string& text, const CheckOptions& options, const std::string& path, Run& run) {
  const FileId id = run.sources.Add(path, text);
  if (!ScanSource(id, run.sources, run.diagnostics)) return;
  const std::optional<ast::File> file = Parse(id, run.sources, run.diagnostics, {.keeps_parts = true});
  if (file) run.network = Check(*file, run.sources, run.diagnostics, options);
}

size_t CountOf(const Diagnostics& diagnostics, std::string_view code) {
  size_t count = 0;
  for (const Diagnostic* diagnostic : diagnostics.Sorted()) count += diagnostic->code == code;
  return count;
}

}  // namespace

CheckedProgram CheckProgram(const std::string& text, const CheckOptions& options, const std::string& path) {
  Run run;
  CheckText(text, options, path, run);
  return {std::move(run.network), RenderText(run.diagnostics, run.sources, {})};
}

std::string Report(const std::string& text) {
  Run run;
  CheckText(text, {}, "tiny.strata", run);
  EXPECT_EQ(run.network.has_value(), !run.diagnostics.HasErrors());
  for (const Diagnostic* diagnostic : run.diagnostics.Sorted()) {
    for (const Help& help : diagnostic->helps) {
      if (help.edits.empty() || help.applicability == Applicability::HasPlaceholders) continue;
      Run fixed;
      CheckText(ApplyEdits(text, help.edits), {}, "tiny.strata", fixed);
      EXPECT_LT(CountOf(fixed.diagnostics, diagnostic->code), CountOf(run.diagnostics, diagnostic->code))
          << help.text << "\n"
          << ApplyEdits(text, help.edits) << RenderText(fixed.diagnostics, fixed.sources, {});
    }
  }
  return RenderText(run.diagnostics, run.sources, {});
}

}  // namespace strata
