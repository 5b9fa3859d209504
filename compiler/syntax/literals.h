// The value of a literal from its text. The grammar has seen to the form; what is left is what does not fit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strata::syntax {

// `28`, `1_000`, `0xff`, `0o17`, `0b101`; nothing where it is beyond int64.
std::optional<int64_t> ParseInteger(std::string_view text);

// `.5`, `1e-3`, `1.`; nothing where it is beyond the largest double. One too small to be told from zero is zero.
std::optional<double> ParseReal(std::string_view text);

struct ParsedString {
  std::string value;
  // The escapes that Python does not have or Strata does not take: offset and length in the literal's text.
  struct BadEscape {
    size_t offset;
    size_t length;
  };
  std::optional<BadEscape> bad_escape;
};

// A literal with its quotes: `"a\n"`. Escapes are Python's simple ones: \\ \' \" \n \r \t \a \b \f \v \0 \xHH.
// \xHH is the code point, as in Python, and becomes UTF-8.
ParsedString ParseString(std::string_view text);

}  // namespace strata::syntax
