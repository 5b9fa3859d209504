// `import "blocks.strata"`: the files that a file names.
#pragma once

#include "compiler/source/diagnostics.h"
#include "compiler/syntax/ast.h"

namespace strata {

// Reads and parses what the file imports, and what that imports, each file once; a path is relative to the file that
// names it. Reports files that cannot be read, their syntax errors, and cycles; such an import is left without a file.
void LoadImports(ast::File& file, Sources& sources, Diagnostics& diagnostics);

}  // namespace strata
