// How a terminal shows text, one character at a time, in cells: the unit of columns and of the marks under a line.
#pragma once

#include <string>
#include <string_view>

namespace strata {

struct Glyph {
  size_t bytes = 0;        // of the text it stands for
  int cells = 0;           // 0: drawn over the character before it
  std::string_view shown;  // what to print, which differs from the text where that would not show or would do harm
};

// The glyph at the start of a text that is not empty. A tab is four blanks; a control character and what turns the
// direction of writing are shown by a replacement, so that no source text can act on the terminal; so is each byte that
// is not UTF-8.
Glyph FirstGlyph(std::string_view text);

// The text as it can be printed.
std::string Printable(std::string_view text);

}  // namespace strata
