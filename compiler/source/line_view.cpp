#include "compiler/source/line_view.h"

#include <algorithm>

#include "compiler/source/glyph.h"

namespace strata {
namespace {

constexpr std::string_view kDots = "...";
// Of a line that is cut at both ends.
constexpr size_t kMaxWindow = kMaxShownCells - 2 * kDots.size();

}  // namespace

LineView::LineView(std::string_view line, size_t needed) {
  // A character has at most four bytes.
  const size_t measured = needed + 4 * kMaxShownCells;
  while (bytes_ < line.size() && bytes_ < measured) {
    const Glyph glyph = FirstGlyph(line.substr(bytes_));
    const auto cells = static_cast<size_t>(glyph.cells);
    positions_.push_back({bytes_, cells_, cells, glyph.shown});
    bytes_ += glyph.bytes;
    cells_ += cells;
  }
  is_whole_ = bytes_ == line.size();
  window_ = {0, cells_};
  if (cells_ > kMaxShownCells || !is_whole_) Cut({0, 0});
}

size_t LineView::CellAt(size_t byte) const {
  const auto position = std::lower_bound(positions_.begin(), positions_.end(), byte,
                                         [](const Position& a, size_t wanted) { return a.byte < wanted; });
  return position == positions_.end() ? cells_ : position->cell;
}

CellRange LineView::Cells(size_t begin, size_t end) const {
  const size_t first = CellAt(begin);
  return {first, std::max(CellAt(end), first + 1)};
}

void LineView::Cut(CellRange focus) {
  if (is_whole_ && cells_ <= kMaxShownCells) return;
  const size_t width = std::min(focus.end - focus.begin, kMaxWindow);
  const size_t before = (kMaxWindow - width) / 2;
  window_.begin = focus.begin > before ? focus.begin - before : 0;
  window_.end = std::min(window_.begin + kMaxWindow, cells_);
  if (is_whole_ && window_.end == cells_) window_.begin = std::min(window_.begin, cells_ - kMaxWindow);

  // From the first character that is wholly inside to the last one.
  const auto first = std::find_if(positions_.begin(), positions_.end(), [&](const Position& position) {
    return position.cell >= window_.begin && position.cells > 0;
  });
  window_.begin = first == positions_.end() ? cells_ : first->cell;
  size_t end = window_.begin;
  for (auto position = first; position != positions_.end(); ++position) {
    if (position->cell + position->cells > window_.end) break;
    end = position->cell + position->cells;
  }
  window_.end = end;
}

std::string LineView::Shown() const {
  std::string shown(window_.begin > 0 ? kDots : "");
  bool in_window = false;
  for (const Position& position : positions_) {
    if (position.cell + position.cells > window_.end) break;
    // What is drawn over the character before the window stays out of it.
    if (position.cell >= window_.begin && (position.cells > 0 || window_.begin == 0)) in_window = true;
    if (in_window) shown += position.shown;
  }
  if (IsCutAtEnd()) return shown + std::string(kDots);
  shown.erase(shown.find_last_not_of(' ') + 1);
  return shown;
}

CellRange LineView::Place(CellRange cells) const {
  const size_t shift = window_.begin > 0 ? kDots.size() : 0;
  const size_t shown_end = window_.end - window_.begin + shift;
  if (cells.end <= window_.begin) return {0, kDots.size()};
  if (cells.begin >= window_.end && IsCutAtEnd()) return {shown_end, shown_end + kDots.size()};
  const size_t begin = std::max(cells.begin, window_.begin) - window_.begin + shift;
  const size_t end = IsCutAtEnd() ? std::min(cells.end, window_.end) : cells.end;
  return {begin, end - window_.begin + shift};
}

}  // namespace strata
