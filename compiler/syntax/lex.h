// Text to tokens.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/syntax/tokens.h"

namespace strata::syntax {

// The tokens of a file that ScanSource accepted. Whatever it holds becomes tokens.
Tokens Lex(FileId id, const Sources& sources);

// ---- For the files that see ANTLR ----

// The byte offset of each character as ANTLR counts them (code points, without a byte order mark), and of the end.
std::vector<uint32_t> CharacterOffsets(std::string_view text);

// Of one of the lexer's token types.
TokenSort SortOf(size_t type, std::string_view text);

// How many lines end in `text`: at LF, CRLF, or a CR alone, as old as that is.
size_t CountLineEnds(std::string_view text);

}  // namespace strata::syntax
