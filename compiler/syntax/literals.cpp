// Literals: Python's notation, int64 and double values.
#include "compiler/syntax/literals.h"

#include <charconv>
#include <cmath>
#include <system_error>

namespace strata::syntax {
namespace {

std::string WithoutUnderscores(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits += c;
  }
  return digits;
}

// The character that a one-letter escape stands for; nothing for other letters.
std::optional<char> SimpleEscape(char letter) {
  switch (letter) {
    case '\\':
    case '\'':
    case '"': return letter;
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'v': return '\v';
    case '0': return '\0';
    default: return std::nullopt;
  }
}

void AppendCodePoint(int code_point, std::string& out) {
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else {
    out += static_cast<char>(0xC0 | (code_point >> 6));
    out += static_cast<char>(0x80 | (code_point & 0x3F));
  }
}

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text) {
  std::string digits = WithoutUnderscores(text);
  int base = 10;
  if (digits.size() > 2 && digits[0] == '0') {
    const char prefix = static_cast<char>(digits[1] | 0x20);
    base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : prefix == 'b' ? 2 : 10;
    if (base != 10) digits.erase(0, 2);
  }
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::optional<double> ParseReal(std::string_view text) {
  const std::string digits = WithoutUnderscores(text);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  // Out of range at either end: a negative exponent, or digits after nothing but zeros, are the small end.
  const size_t exponent = digits.find_first_of("eE");
  const bool is_small =
      exponent != std::string::npos ? digits[exponent + 1] == '-' : digits[0] == '0' || digits[0] == '.';
  if (is_small) return 0.0;
  return std::nullopt;
}

ParsedString ParseString(std::string_view text) {
  ParsedString result;
  size_t i = 1;
  while (i + 1 < text.size()) {
    if (text[i] != '\\') {
      result.value += text[i++];
      continue;
    }
    const char letter = text[i + 1];
    if (const std::optional<char> simple = SimpleEscape(letter)) {
      result.value += *simple;
      i += 2;
      continue;
    }
    int code_point = 0;
    const char* const hex = text.data() + i + 2;
    if (letter == 'x' && i + 4 < text.size() && std::from_chars(hex, hex + 2, code_point, 16).ptr == hex + 2) {
      AppendCodePoint(code_point, result.value);
      i += 4;
      continue;
    }
    // The whole character after the backslash, which may have several bytes.
    size_t length = 2;
    while (i + length + 1 < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xC0) == 0x80) ++length;
    if (!result.bad_escape) result.bad_escape = ParsedString::BadEscape{i, length};
    i += length;
  }
  return result;
}

}  // namespace strata::syntax
