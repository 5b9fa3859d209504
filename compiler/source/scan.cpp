// The scan over a file's bytes before it is parsed. Line by line, so that a line that is too long is not looked into.
#include <utf8proc.h>

#include <array>
#include <cstdio>

#include "compiler/source/catalogue.h"
#include "compiler/source/diagnostics.h"
#include "compiler/source/source.h"

namespace strata {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool LooksLikeUtf16(std::string_view text) { return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"); }

class Scanner {
 public:
  Scanner(FileId id, const SourceFile& file, Diagnostics& diagnostics)
      : id_(id), file_(file), text_(file.Text()), diagnostics_(diagnostics) {}

  bool Scan() {
    if (text_.size() > kMaxFileBytes) {
      diagnostics_.Report(kinds::FileTooLarge, Span{}, file_.Name(), Int{kMaxFileBytes});
      return false;
    }
    if (!IsText()) return false;
    for (uint32_t line = 1; line <= file_.LineCount(); ++line) {
      if (!ScanLine(line)) return false;
    }
    if (!has_statement_) {
      diagnostics_.Report(kinds::EmptyFile, At(text_.size(), 0))
          .Primary("a model is expected")
          .Help("declare one: `model name(x: f32[batch, 4]) -> f32[batch, 2] { return x |> Dense(2) }`");
      return false;
    }
    return true;
  }

 private:
  using Int = kinds::Int;

  Span At(size_t offset, size_t length) const {
    return {id_, static_cast<uint32_t>(offset), static_cast<uint32_t>(offset + length)};
  }

  bool IsText() {
    const size_t zero = text_.find('\0');
    if (zero == std::string_view::npos) return true;
    Diagnostic& diagnostic = diagnostics_.Report(kinds::BinaryFile, Span{}, file_.Name(), static_cast<Int>(zero));
    if (LooksLikeUtf16(text_)) diagnostic.Help("it begins as UTF-16 text does: save it as UTF-8");
    return false;
  }

  bool ScanLine(uint32_t line) {
    const size_t begin = file_.LineStart(line);
    const size_t end = begin + file_.Line(line).size();
    if (end - begin > kMaxLineBytes) {
      diagnostics_.Report(kinds::LineTooLong, At(begin, 0), static_cast<Int>(end - begin), Int{kMaxLineBytes});
      return false;
    }

    bool in_comment = false;
    char quote = 0;  // of the string that is open
    for (size_t i = begin; i < end; ++i) {
      const char c = text_[i];
      if (static_cast<unsigned char>(c) >= 0x80) {
        const size_t length = CharacterLength(i);
        if (length == 0) return false;
        const bool is_mark = i == 0 && text_.starts_with(kByteOrderMark);
        if (!in_comment && !is_mark) has_statement_ = true;
        i += length - 1;
      } else if (c == '\r') {
        // On its own it ends a line too, as old as that is.
        in_comment = false;
        quote = 0;
      } else if (in_comment) {
        continue;
      } else if (quote != 0) {
        if (c == '\\' && i + 1 < end && (text_[i + 1] == '\\' || text_[i + 1] == quote)) {
          ++i;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '#') {
        in_comment = true;
      } else if (c != ' ' && c != '\t' && c != '\f') {
        has_statement_ = true;
        if (c == '"' || c == '\'') quote = c;
        if (!CountBracket(i)) return false;
      }
    }
    return true;
  }

  // The bytes of the character there; 0, and a message, if it is not UTF-8.
  size_t CharacterLength(size_t offset) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text_.data() + offset),
                                                     static_cast<utf8proc_ssize_t>(text_.size() - offset), &code_point);
    if (length > 0) return static_cast<size_t>(length);
    std::array<char, 8> byte{};
    std::snprintf(byte.data(), byte.size(), "0x%02x", static_cast<unsigned>(static_cast<unsigned char>(text_[offset])));
    diagnostics_.Report(kinds::NotUtf8, At(offset, 1), byte.data(), static_cast<Int>(offset))
        .Help("save the file as UTF-8");
    return 0;
  }

  // Which bracket closes which is for the parser to say; this counts at least as many open ones as it will have.
  bool CountBracket(size_t offset) {
    const char c = text_[offset];
    if (c == '(' || c == '[' || c == '{') {
      if (++nesting_ <= kMaxNesting) return true;
      diagnostics_.Report(kinds::NestedTooDeeply, At(offset, 1), Int{nesting_}, Int{kMaxNesting});
      return false;
    }
    if ((c == ')' || c == ']' || c == '}') && nesting_ > 0) --nesting_;
    return true;
  }

  FileId id_;
  const SourceFile& file_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  int nesting_ = 0;  // the brackets that are open
  bool has_statement_ = false;
};

}  // namespace

bool ScanSource(FileId id, const Sources& sources, Diagnostics& diagnostics) {
  return Scanner(id, sources.Get(id), diagnostics).Scan();
}

}  // namespace strata
