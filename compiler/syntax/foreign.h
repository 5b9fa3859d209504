// What is no Strata at all: stray characters, and what a Python user writes out of habit.
#pragma once

#include "compiler/source/diagnostics.h"
#include "compiler/syntax/tokens.h"

namespace strata::syntax {

// Each returns false, without a message, where the token at `at` is nothing that it knows.

// Half-written strings and numbers, `;`, `|`, typographic quotes, `×` and the like.
bool ReportBadToken(const Tokens& tokens, size_t at, Diagnostics& diagnostics);

// A token where a statement or an item should start: `def`, `class`, `for`, `import keras`, `print(...)`, `x = ...`.
bool ReportPythonStatement(const Tokens& tokens, size_t at, bool in_body, Diagnostics& diagnostics);

// The same habits inside an expression: `lambda`, `[f(i) for i in ...]`, `**kwargs`, an f-string.
bool ReportPythonExpression(const Tokens& tokens, size_t at, Diagnostics& diagnostics);

}  // namespace strata::syntax
