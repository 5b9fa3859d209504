// The tokens of a file as its error messages need them: what was written, where, and of what sort. No ANTLR here.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/source/source.h"

namespace strata::syntax {

enum class TokenSort { Name, Keyword, Number, String, Symbol, BadNumber, BadString, BadCharacter, End };

struct Token {
  TokenSort sort;
  Span span;
  std::string_view text;     // empty at the end of the file
  bool starts_line = false;  // the first token of its line

  // Contextual keywords are names.
  bool Is(std::string_view other) const { return sort != TokenSort::String && text == other; }
};

// Comments are left out; the last token is End.
using Tokens = std::vector<Token>;

// `let`, `assert`, `return`.
inline bool StartsStatement(const Token& token) { return token.Is("let") || token.Is("assert") || token.Is("return"); }

// Whether an item starts there, wherever that is: `const`, `import`, or `model`, `block`, `weights` before a name,
// which as names they never are.
inline bool StartsItem(const Tokens& tokens, size_t at) {
  const Token& token = tokens[at];
  if (token.Is("const")) return true;
  if (token.Is("import")) return token.starts_line;
  if (!token.Is("model") && !token.Is("block") && !token.Is("weights")) return false;
  return token.starts_line && tokens[at + 1].sort == TokenSort::Name;
}

}  // namespace strata::syntax
