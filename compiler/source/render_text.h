// One diagnostic as a terminal shows it, for the renderers of whole runs.
#pragma once

#include <string>

#include "compiler/source/diagnostics.h"

namespace strata {

std::string RenderOne(const Diagnostic& diagnostic, const Sources& sources, bool color);

}  // namespace strata
