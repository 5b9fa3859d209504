// The fixes that diagnostics offer: which of them go together, and what the files are with them.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "compiler/source/diagnostics.h"

namespace strata {

// A help with edits, of a diagnostic that outlives it.
struct Fix {
  const Diagnostic* diagnostic;
  const Help* help;
};

// The fixes that can be made together, in source order, at most one for each diagnostic: its first help with edits that
// is machine-applicable, or, with `maybe_incorrect`, else its first that is maybe-incorrect. Where the edits of two
// touch, the first is taken. Helps with placeholders never are.
std::vector<Fix> ChooseFixes(const Diagnostics& diagnostics, bool maybe_incorrect);

// The files that the fixes change, by name, with their new text. The fixes are some of those that one ChooseFixes returned.
std::map<std::string, std::string> ApplyFixes(std::span<const Fix> fixes, const Sources& sources);

}  // namespace strata
