// A source line as a terminal shows it, and the part of it that is shown where it is too long.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

// The cells [begin, end) of a line.
struct CellRange {
  size_t begin = 0;
  size_t end = 0;
};

class LineView {
 public:
  // Measures a line up to some way behind `needed` bytes, however long it is.
  LineView(std::string_view line, size_t needed);

  // The cells of the bytes [begin, end) of the line, of at least one cell.
  CellRange Cells(size_t begin, size_t end) const;

  // Cuts what is shown to the width of a terminal line, around `focus`.
  void Cut(CellRange focus);

  // What is shown, and where in it those cells are: the dots if they were cut off.
  std::string Shown() const;
  CellRange Place(CellRange cells) const;

 private:
  struct Position {
    size_t byte;
    size_t cell;
    size_t cells;
    std::string_view shown;
  };

  size_t CellAt(size_t byte) const;
  bool IsCutAtEnd() const { return window_.end < cells_ || !is_whole_; }

  std::vector<Position> positions_;
  size_t bytes_ = 0;      // measured
  size_t cells_ = 0;      // of those
  bool is_whole_ = true;  // all was measured
  CellRange window_;
};

// The cells of a source line that are shown at most.
inline constexpr size_t kMaxShownCells = 120;

}  // namespace strata
