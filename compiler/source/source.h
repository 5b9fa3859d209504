// Source files and places in them. Everything a user wrote is named by a Span; everything a user reads about it is
// found through Sources.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata {

class Diagnostics;

// A file of a Sources.
struct FileId {
  int32_t index = -1;
  friend bool operator==(FileId, FileId) = default;
};

// The bytes [begin, end) of a file.
struct Span {
  FileId file;
  uint32_t begin = 0;
  uint32_t end = 0;

  bool IsValid() const { return file.index >= 0; }
  friend bool operator==(const Span&, const Span&) = default;
};

// The smallest span that covers both. One of them may be invalid.
Span Join(Span a, Span b);
// Whether `inner` is a part of `outer`, or all of it.
bool Contains(Span outer, Span inner);

// A place as people count it: from 1. The column counts display cells up to the place, as a terminal shows them.
struct LineColumn {
  uint32_t line = 1;
  uint32_t column = 1;
};

class SourceFile {
 public:
  SourceFile(std::string name, std::string text);

  const std::string& Name() const { return name_; }
  std::string_view Text() const { return text_; }
  uint32_t LineCount() const { return static_cast<uint32_t>(line_starts_.size()); }
  // The text of a line (from 1), without its end of line (LF or CRLF).
  std::string_view Line(uint32_t line) const;
  // The offset of a line's first byte (from 1).
  uint32_t LineStart(uint32_t line) const { return line_starts_[line - 1]; }
  LineColumn Locate(uint32_t offset) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<uint32_t> line_starts_;
};

// The files of one compilation. References to a file stay valid as files are added.
class Sources {
 public:
  FileId Add(std::string name, std::string text);
  const SourceFile& Get(FileId id) const { return files_[static_cast<size_t>(id.index)]; }
  std::string_view Text(Span span) const;

  // LoadSource takes these texts for files of these names, whatever lies on the disk.
  void SetEdited(std::map<std::string, std::string> edited) { edited_ = std::move(edited); }
  // The text set for the file of this name; null if there is none.
  const std::string* Edited(const std::string& name) const;

 private:
  std::deque<SourceFile> files_;
  std::map<std::string, std::string> edited_;
};

// What one scan over a file's bytes accepts, so that the parser never meets input it could choke on.
inline constexpr size_t kMaxFileBytes = size_t{16} << 20;
inline constexpr size_t kMaxLineBytes = size_t{64} << 10;
inline constexpr int kMaxNesting = 256;

// The name that standard input has in messages.
inline constexpr std::string_view kStandardInput = "<stdin>";

// Reads a file (`-`: standard input), adds it, and scans it: at most 16 MB, lines of at most 64 KB, brackets nested at
// most 256 deep, valid UTF-8 without NUL bytes, at least one statement. Reports the first thing that is wrong and
// returns false. `id` is set whenever the file could be read at all.
bool LoadSource(const std::string& path, Sources& sources, Diagnostics& diagnostics, FileId* id);

// The scan alone, for text that is in memory.
bool ScanSource(FileId id, const Sources& sources, Diagnostics& diagnostics);

}  // namespace strata
