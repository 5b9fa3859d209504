#include "compiler/source/source.h"

#include <algorithm>

#include "compiler/source/check.h"
#include "compiler/source/glyph.h"

namespace strata {

bool Contains(Span outer, Span inner) {
  return inner.file == outer.file && outer.begin <= inner.begin && inner.end <= outer.end;
}

Span Join(Span a, Span b) {
  if (!a.IsValid()) return b;
  if (!b.IsValid()) return a;
  STRATA_CHECK(a.file == b.file);
  return {a.file, std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

SourceFile::SourceFile(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
  STRATA_CHECK(text_.size() < UINT32_MAX);
  line_starts_.push_back(0);
  for (size_t end = text_.find('\n'); end != std::string::npos; end = text_.find('\n', end + 1)) {
    line_starts_.push_back(static_cast<uint32_t>(end + 1));
  }
}

std::string_view SourceFile::Line(uint32_t line) const {
  std::string_view text = Text().substr(LineStart(line));
  if (line < LineCount()) text = text.substr(0, LineStart(line + 1) - LineStart(line) - 1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

LineColumn SourceFile::Locate(uint32_t offset) const {
  const auto next_line = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<uint32_t>(next_line - line_starts_.begin());
  std::string_view text = Line(line);
  size_t bytes_before = offset - LineStart(line);
  uint32_t cells_before = 0;
  while (!text.empty()) {
    const Glyph glyph = FirstGlyph(text);
    if (glyph.bytes > bytes_before) break;
    bytes_before -= glyph.bytes;
    cells_before += static_cast<uint32_t>(glyph.cells);
    text.remove_prefix(glyph.bytes);
  }
  return {line, cells_before + 1};
}

FileId Sources::Add(std::string name, std::string text) {
  files_.emplace_back(std::move(name), std::move(text));
  return {static_cast<int32_t>(files_.size() - 1)};
}

const std::string* Sources::Edited(const std::string& name) const {
  const auto found = edited_.find(name);
  return found == edited_.end() ? nullptr : &found->second;
}

std::string_view Sources::Text(Span span) const {
  return Get(span.file).Text().substr(span.begin, span.end - span.begin);
}

}  // namespace strata
