// Messages for what does not parse: what was being read, what could follow, and what the author may have meant.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/source/diagnostics.h"
#include "compiler/syntax/tokens.h"

namespace strata::syntax {

// Where the parser stopped.
struct Failure {
  size_t piece = 0;                     // the first token of the statement, signature or item that was being read
  size_t token = 0;                     // the token that could not follow
  std::vector<std::string_view> rules;  // the grammar's rules that were being read, innermost last
};

// A piece that does not parse. Reports exactly one message.
void ReportFailure(const Tokens& tokens, const Failure& failure, Diagnostics& diagnostics);

// A token after a whole statement that starts no other one, and does not end the body either. `piece` is the
// statement's first token, or `at` itself at the start of a body.
void ReportNoStatement(const Tokens& tokens, size_t piece, size_t at, Diagnostics& diagnostics);

// A token that starts no item, after a whole one or at the start of the file. `piece` as above.
void ReportNoItem(const Tokens& tokens, size_t piece, size_t at, Diagnostics& diagnostics);

// The body that `opener` opened is not closed before `at`.
void ReportNotClosed(const Tokens& tokens, size_t opener, size_t at, Diagnostics& diagnostics);

}  // namespace strata::syntax
