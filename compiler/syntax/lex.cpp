#include "compiler/syntax/lex.h"

#include <string>

#include "StrataLexer.h"

namespace strata::syntax {

using grammar::StrataLexer;

std::vector<uint32_t> CharacterOffsets(std::string_view text) {
  std::vector<uint32_t> offsets;
  offsets.reserve(text.size() + 1);
  const uint32_t begin = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (uint32_t i = begin; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) offsets.push_back(i);
  }
  offsets.push_back(static_cast<uint32_t>(text.size()));
  return offsets;
}

TokenSort SortOf(size_t type, std::string_view text) {
  switch (type) {
    case antlr4::Token::EOF: return TokenSort::End;
    case StrataLexer::NAME: return TokenSort::Name;
    case StrataLexer::INTEGER:
    case StrataLexer::REAL: return TokenSort::Number;
    case StrataLexer::STRING: return TokenSort::String;
    case StrataLexer::BAD_NUMBER: return TokenSort::BadNumber;
    case StrataLexer::BAD_STRING: return TokenSort::BadString;
    case StrataLexer::BAD_CHARACTER: return TokenSort::BadCharacter;
    default: break;
  }
  for (const std::string_view name : {"model", "block", "weights", "where", "repeat", "branch", "as", "from", "in"}) {
    if (text == name) return TokenSort::Name;
  }
  const bool is_word = (text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z';
  return is_word ? TokenSort::Keyword : TokenSort::Symbol;
}

size_t CountLineEnds(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_alone = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (text[i] == '\n' || is_alone) ++count;
  }
  return count;
}

Tokens Lex(FileId id, const Sources& sources) {
  const std::string_view text = sources.Get(id).Text();
  const std::vector<uint32_t> offsets = CharacterOffsets(text);
  antlr4::ANTLRInputStream input{std::string(text)};
  StrataLexer lexer(&input);
  lexer.removeErrorListeners();
  antlr4::CommonTokenStream stream(&lexer);
  stream.fill();
  Tokens tokens;
  uint32_t end = 0;
  for (const antlr4::Token* token : stream.getTokens()) {
    if (token->getChannel() != antlr4::Token::DEFAULT_CHANNEL) continue;
    const bool is_end = token->getType() == antlr4::Token::EOF;
    const auto size = static_cast<uint32_t>(text.size());
    const Span span =
        is_end ? Span{id, size, size} : Span{id, offsets[token->getStartIndex()], offsets[token->getStopIndex() + 1]};
    const bool starts_line = tokens.empty() || CountLineEnds(text.substr(end, span.begin - end)) > 0;
    tokens.push_back({SortOf(token->getType(), sources.Text(span)), span, sources.Text(span), starts_line});
    end = span.end;
  }
  return tokens;
}

}  // namespace strata::syntax
