// Ascriptions, written by the checker.
#pragma once

#include <optional>
#include <string>

#include "compiler/source/diagnostics.h"
#include "compiler/syntax/ast.h"

namespace strata {

// The text of a parsed file, formatted, with the shapes of its pipes ascribed: each step of a model's pipe that changes
// the shape gets an ascription, but for the last one of `return`, which the signature declares; an ascription that does
// not hold is replaced, and keeps the names that it gave; one that holds stays as it is. Nothing else changes: where a
// name that a layer gave an axis cannot be written down, because it is replaced later, the size stands alone. Steps that
// have several shapes, as those of blocks, and of layers that wait for their tensor, get none.
//
// Nothing, and messages, where there is a mistake that is not in an ascription. `sources` gets the new text, and those
// that were tried.
std::optional<std::string> Annotate(const ast::File& file, Sources& sources, Diagnostics& diagnostics);

}  // namespace strata
