#include "compiler/source/glyph.h"

#include <utf8proc.h>

namespace strata {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The pictures of the 32 ASCII control characters, U+2400 to U+241F, and of the one after the letters.
constexpr std::string_view kControlPictures =
    "\u2400\u2401\u2402\u2403\u2404\u2405\u2406\u2407\u2408\u2409\u240A\u240B\u240C\u240D\u240E\u240F"
    "\u2410\u2411\u2412\u2413\u2414\u2415\u2416\u2417\u2418\u2419\u241A\u241B\u241C\u241D\u241E\u241F";
constexpr std::string_view kDeletePicture = "\u2421";
constexpr size_t kPictureBytes = 3;

bool TurnsDirection(utf8proc_int32_t code_point) {
  return (code_point >= 0x202A && code_point <= 0x202E) || (code_point >= 0x2066 && code_point <= 0x2069);
}

}  // namespace

Glyph FirstGlyph(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first == '\t') return {1, 4, "    "};
  if (first < 0x20) return {1, 1, kControlPictures.substr(first * kPictureBytes, kPictureBytes)};
  if (first < 0x7F) return {1, 1, text.substr(0, 1)};
  if (first == 0x7F) return {1, 1, kDeletePicture};

  utf8proc_int32_t code_point = 0;
  const utf8proc_ssize_t length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                   static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  if (length <= 0) return {1, 1, kReplacement};
  const auto bytes = static_cast<size_t>(length);
  if (utf8proc_category(code_point) == UTF8PROC_CATEGORY_CC || TurnsDirection(code_point)) {
    return {bytes, 1, kReplacement};
  }
  return {bytes, utf8proc_charwidth(code_point), text.substr(0, bytes)};
}

std::string Printable(std::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  while (!text.empty()) {
    const Glyph glyph = FirstGlyph(text);
    printable += glyph.shown;
    text.remove_prefix(glyph.bytes);
  }
  return printable;
}

}  // namespace strata
