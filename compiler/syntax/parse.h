// Text to syntax tree. The only users of ANTLR are behind this header.
#pragma once

#include <optional>
#include <string>

#include "compiler/source/diagnostics.h"
#include "compiler/syntax/ast.h"

namespace strata {

struct ParseOptions {
  // For tests: how many decisions of the grammar were ambiguous for this text.
  int* ambiguities = nullptr;
  // Returns a tree also where there were syntax errors: of what has none.
  bool keeps_parts = false;
};

// Parses a file that ScanSource accepted. Reports every syntax error, one message for each; where there was one, a
// tree is returned only if `keeps_parts` asks for it.
std::optional<ast::File> Parse(FileId id, const Sources& sources, Diagnostics& diagnostics,
                               const ParseOptions& options = {});

// The tree as indented text, one node a line: what `--emit=ast` prints.
std::string PrintAst(const ast::File& file);

}  // namespace strata
