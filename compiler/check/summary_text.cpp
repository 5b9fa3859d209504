// model.summary() of Keras 3.15, byte for byte. rich draws its table there: columns of fixed widths, narrowed evenly to
// the length of a line; cells wrap at blanks, what is still too long ends in an ellipsis.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "compiler/check/summary.h"

namespace strata {
namespace {

// The characters of a line of the frame: left end, filling, between columns, right end.
using Frame = std::array<std::string_view, 4>;
constexpr Frame kTop = {"┏", "━", "┳", "┓"};
constexpr Frame kUnderHeader = {"┡", "━", "╇", "┩"};
constexpr Frame kBetweenRows = {"├", "─", "┼", "┤"};
constexpr Frame kBottom = {"└", "─", "┴", "┘"};

// "1,234,567"
std::string Thousands(int64_t number) {
  std::string text = std::to_string(number);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

// keras.utils.summary_utils.readable_memory_size
std::string ReadableBytes(int64_t bytes) {
  auto size = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* larger : {"KB", "MB", "GB", "TB", "PB"}) {
    if (size < 1024) break;
    size /= 1024;
    unit = larger;
  }
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), "%.2f %s", size, unit);
  return buffer;
}

// ---- Cells ----

std::string SizeText(const Dim& size, const SummaryOptions& options) {
  return size.Constant() || options.names_symbols ? size.ToString() : "None";
}

std::string ShapeText(const Shape& shape, const SummaryOptions& options) {
  std::string text;
  for (const Axis& axis : shape) text += (text.empty() ? "" : ", ") + SizeText(axis.size, options);
  return "(" + text + ")";
}

std::string OutputText(const SummaryRow& row, const SummaryOptions& options) {
  if (row.outputs.empty()) return "?";
  std::string text;
  for (const Shape* shape : row.outputs) text += (text.empty() ? "" : ", ") + ShapeText(*shape, options);
  return row.outputs.size() == 1 ? text : "[" + text + "]";
}

// "conv2d[0][0], add[0][0]"
std::string ConnectionText(const SummaryRow& row) {
  std::string text;
  for (const SummaryRow::Connection& from : row.connections) {
    text += (text.empty() ? "" : ", ") + from.name + "[" + std::to_string(from.application) + "][" +
            std::to_string(from.result) + "]";
  }
  return text.empty() ? "-" : text;
}

using Row = std::vector<std::string>;

Row HeaderOf(const SummaryTable& table, const SummaryOptions& options) {
  Row header = {"Layer (type)", "Output Shape", "Param #"};
  if (!table.is_chain) header.emplace_back("Connected to");
  if (options.shows_trainable) header.emplace_back("Trainable");
  return header;
}

// The row of a layer, and of each that it holds one level deeper.
void AppendRows(const SummaryTable& table, const SummaryRow& row, const SummaryOptions& options, size_t level,
                std::vector<Row>& rows) {
  std::string prefix;
  for (size_t i = 0; i < level; ++i) prefix += "   ";
  if (level > 0) prefix += "└ ";
  Row& cells = rows.emplace_back(
      Row{prefix + row.name + " (" + row.type + ")", OutputText(row, options), Thousands(row.parameters)});
  if (!table.is_chain) cells.push_back(ConnectionText(row));
  if (options.shows_trainable) cells.emplace_back(!row.trainable ? "-" : *row.trainable ? "Y" : "N");
  if (!options.expands) return;
  for (const SummaryRow& inner : row.wrapped) AppendRows(table, inner, options, level + 1, rows);
}

std::vector<Row> RowsOf(const SummaryTable& table, const SummaryOptions& options) {
  std::vector<Row> rows;
  for (const SummaryRow& row : table.rows) AppendRows(table, row, options, 0, rows);
  return rows;
}

// " Total params: 3,328 (13.00 KB)" and so on, as (what, how many).
std::vector<std::pair<std::string, std::string>> Totals(const SummaryTable& table) {
  std::vector<std::pair<std::string, std::string>> totals;
  const auto add = [&](const char* what, int64_t count) {
    totals.emplace_back(what, Thousands(count) + " (" + ReadableBytes(count * Bytes(DType::F32)) + ")");
  };
  add("Total params", table.trainable + table.fixed);
  add("Trainable params", table.trainable);
  add("Non-trainable params", table.fixed);
  return totals;
}

// ---- The table as text ----

// What the text of each column may be wide.
std::vector<size_t> ColumnWidths(const SummaryTable& table, const SummaryOptions& options) {
  std::vector<double> places =
      table.is_chain ? std::vector<double>{0.45, 0.80, 1.0} : std::vector<double>{0.3, 0.56, 0.74, 1.0};
  size_t longest = table.is_chain ? 88 : 108;
  if (options.shows_trainable) {
    longest += 12;
    for (double& place : places) place *= 0.90;
    places.push_back(1.0);
  }
  const size_t chosen = std::min(longest, std::max<size_t>(options.columns, kMinSummaryLine + 4) - 4);
  const size_t length = options.line_length.value_or(chosen);
  std::vector<size_t> widths;
  size_t begin = 0;
  for (const double place : places) {
    widths.push_back(static_cast<size_t>(place * static_cast<double>(length)) - begin);
    begin += widths.back();
  }
  // With a blank on both sides of each cell and the lines between them, all that is too long by 3 for each column and 1:
  // it is taken off them in turn, an even share of what is left, halves rounded to even.
  size_t excess = 3 * widths.size() + 1;
  for (size_t i = 0; i < widths.size(); ++i) {
    const double share = static_cast<double>(excess) / static_cast<double>(widths.size() - i);
    const auto taken = std::min(static_cast<size_t>(std::nearbyint(share)), widths[i] + 2);
    widths[i] = widths[i] + 2 - taken - 2;
    excess -= taken;
  }
  return widths;
}

// How many characters a text has; none that occurs here is wide or combining, but in names.
size_t Length(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// The first `count` characters.
std::string FirstOf(std::string_view text, size_t count) {
  size_t end = 0;
  while (end < text.size() && (count > 0 || (text[end] & 0xC0) == 0x80)) {
    if ((text[end] & 0xC0) != 0x80) --count;
    ++end;
  }
  while (end < text.size() && (text[end] & 0xC0) == 0x80) ++end;
  return std::string(text.substr(0, end));
}

enum class Align { Left, Right, Center };

// A line of a cell, as wide as the column.
std::string Aligned(std::string line, size_t width, Align align) {
  while (!line.empty() && line.back() == ' ') line.pop_back();
  if (Length(line) > width) return FirstOf(line, width - 1) + "…";
  const size_t rest = width - Length(line);
  const size_t before = align == Align::Left ? 0 : align == Align::Right ? rest : rest / 2;
  return std::string(before, ' ') + line + std::string(rest - before, ' ');
}

// Breaks at blanks, those within a word's beginning belonging to it; a word that is longer stands alone on its line.
std::vector<std::string> Wrap(const std::string& text, size_t width) {
  std::vector<std::string> lines = {""};
  for (size_t begin = 0; begin < text.size();) {
    size_t word_end = text.find_first_not_of(' ', begin);
    if (word_end == std::string::npos) word_end = begin;
    word_end = std::min(text.find(' ', word_end), text.size());
    const size_t end = std::min(text.find_first_not_of(' ', word_end), text.size());
    const std::string_view word = std::string_view(text).substr(begin, word_end - begin);
    if (begin > 0 && Length(lines.back()) + Length(word) > width) lines.emplace_back();
    lines.back() += text.substr(begin, end - begin);
    begin = end;
  }
  return lines;
}

class TextTable {
 public:
  TextTable(std::vector<size_t> widths, std::vector<Align> aligns)
      : widths_(std::move(widths)), aligns_(std::move(aligns)) {}

  void Header(const Row& row) {
    Line(kTop);
    Cells(row, "┃", true);
    Line(kUnderHeader);
  }
  void Add(const Row& row) {
    if (has_rows_) Line(kBetweenRows);
    has_rows_ = true;
    Cells(row, "│", false);
  }
  std::string Finish() {
    Line(kBottom);
    return std::move(text_);
  }

 private:
  void Line(const Frame& frame) {
    for (size_t c = 0; c < widths_.size(); ++c) {
      text_ += c == 0 ? frame[0] : frame[2];
      for (size_t i = 0; i < widths_[c] + 2; ++i) text_ += frame[1];
    }
    text_ += frame[3];
    text_ += "\n";
  }

  // The last lines of a header's cells are side by side, the first ones of others.
  void Cells(const Row& row, std::string_view bar, bool is_header) {
    std::vector<std::vector<std::string>> cells;
    size_t height = 0;
    for (size_t c = 0; c < row.size(); ++c) {
      cells.push_back(Wrap(row[c], widths_[c]));
      height = std::max(height, cells.back().size());
    }
    for (size_t line = 0; line < height; ++line) {
      for (size_t c = 0; c < row.size(); ++c) {
        const size_t above = is_header ? height - cells[c].size() : 0;
        const bool is_there = line >= above && line - above < cells[c].size();
        text_ += std::string(bar) + " " + Aligned(is_there ? cells[c][line - above] : "", widths_[c], aligns_[c]) + " ";
      }
      text_ += bar;
      text_ += "\n";
    }
  }

  std::vector<size_t> widths_;
  std::vector<Align> aligns_;
  std::string text_;
  bool has_rows_ = false;
};

}  // namespace

std::string Summary(const Network& network, const SummaryOptions& options) {
  const SummaryTable table = Summarize(network);
  std::vector<Align> aligns = {Align::Left, Align::Left, Align::Right};
  if (!table.is_chain) aligns.push_back(Align::Left);
  if (options.shows_trainable) aligns.push_back(Align::Center);
  TextTable text(ColumnWidths(table, options), std::move(aligns));
  text.Header(HeaderOf(table, options));
  for (const Row& row : RowsOf(table, options)) text.Add(row);
  std::string result = "Model: \"" + table.name + "\"\n" + text.Finish();
  for (const auto& [what, count] : Totals(table)) result += " " + what + ": " + count + "\n";
  return result;
}

std::string SummaryMarkdown(const Network& network, const SummaryOptions& options) {
  const SummaryTable table = Summarize(network);
  std::string text = "# " + table.name + "\n\n" + (network.doc.empty() ? "" : network.doc + "\n\n");
  const auto add = [&](const Row& row) {
    text += "|";
    for (const std::string& cell : row) text += " " + cell + " |";
    text += "\n";
  };
  const Row header = HeaderOf(table, options);
  add(header);
  text += "|---|---|---:|";
  for (size_t i = 3; i < header.size(); ++i) text += "---|";
  text += "\n";
  for (const Row& row : RowsOf(table, options)) add(row);
  text += "\n";
  for (const auto& [what, count] : Totals(table)) text += "- " + what + ": " + count + "\n";
  return text;
}

}  // namespace strata
