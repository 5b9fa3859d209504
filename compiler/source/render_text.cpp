#include "compiler/source/render_text.h"

#include <algorithm>
#include <tuple>

#include "compiler/source/glyph.h"
#include "compiler/source/line_view.h"

namespace strata {
namespace {

enum class Style { Title, Error, Warning, Secondary, Help, Frame };

std::string_view EscapeOf(Style style) {
  switch (style) {
    case Style::Title: return "\x1b[1m";
    case Style::Error: return "\x1b[1;31m";
    case Style::Warning: return "\x1b[1;33m";
    case Style::Secondary: return "\x1b[1;34m";
    case Style::Help: return "\x1b[1;36m";
    case Style::Frame: return "\x1b[1;34m";
  }
  return "";
}

// A label with the part of it that is drawn: in the line where it begins.
struct Mark {
  const Label* label;
  bool is_primary;
  uint32_t line;
  uint32_t last_line;  // of the whole span
  size_t begin;        // in the line, in bytes
  size_t end;
};

// The last line a span reaches. An end of line belongs to the line it ends.
uint32_t LastLine(const SourceFile& file, const Span& span) {
  return file.Locate(span.end > span.begin ? span.end - 1 : span.end).line;
}

size_t DigitCount(uint32_t number) { return std::to_string(number).size(); }

std::string Count(size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

class Renderer {
 public:
  Renderer(const Diagnostic& diagnostic, const Sources& sources, bool color)
      : diagnostic_(diagnostic), sources_(sources), color_(color) {}

  std::string Render() {
    const bool is_error = diagnostic_.gravity.severity == Severity::Error;
    main_style_ = is_error ? Style::Error : Style::Warning;
    Put(main_style_, std::string(is_error ? "error" : "warning") + "[" + std::string(diagnostic_.code) + "]");
    Put(Style::Title, std::string(": ") + Printable(diagnostic_.message));
    out_ += "\n";

    for (const Label& label : diagnostic_.labels) {
      number_width_ = std::max(number_width_, DigitCount(FileOf(label).Locate(label.span.begin).line));
    }
    PutSnippets();
    for (const std::string& note : diagnostic_.notes) PutRemark("note", Style::Title, note);
    for (const Help& help : diagnostic_.helps) PutRemark("help", Style::Help, help.text);
    return std::move(out_);
  }

 private:
  const SourceFile& FileOf(const Label& label) const { return sources_.Get(label.span.file); }

  void Put(Style style, std::string_view text) {
    if (color_) out_ += EscapeOf(style);
    out_ += text;
    if (color_) out_ += "\x1b[0m";
  }

  // The left edge of a line of a snippet: a line number or blanks, and the bar.
  void PutGutter(std::string_view number) {
    Put(Style::Frame, std::string(number) + std::string(number_width_ - number.size(), ' ') + " |");
  }

  // The file of the primary label, then the others, each with its lines in order.
  void PutSnippets() {
    std::vector<FileId> done;
    for (const Label& first : diagnostic_.labels) {
      const FileId id = first.span.file;
      if (std::find(done.begin(), done.end(), id) != done.end()) continue;
      const LineColumn place = FileOf(first).Locate(first.span.begin);
      if (!done.empty()) {
        PutGutter("");
        out_ += "\n";
      }
      Put(Style::Frame, std::string(number_width_, ' ') + (done.empty() ? "--> " : "::: "));
      out_ += Printable(FileOf(first).Name()) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
      out_ += "\n";
      PutGutter("");
      out_ += "\n";
      PutLines(FileOf(first), MarksIn(id));
      done.push_back(id);
    }
  }

  // The labels of a file in source order.
  std::vector<Mark> MarksIn(FileId id) const {
    std::vector<Mark> marks;
    for (const Label& label : diagnostic_.labels) {
      if (label.span.file != id) continue;
      const SourceFile& file = FileOf(label);
      Mark mark{&label, &label == &diagnostic_.labels[0], 0, 0, 0, 0};
      mark.line = file.Locate(label.span.begin).line;
      mark.last_line = LastLine(file, label.span);
      const size_t line_start = file.LineStart(mark.line);
      mark.begin = std::min<size_t>(label.span.begin - line_start, file.Line(mark.line).size());
      mark.end = std::min<size_t>(label.span.end - line_start, file.Line(mark.line).size());
      marks.push_back(mark);
    }
    std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
      return std::tie(a.label->span.begin, a.label) < std::tie(b.label->span.begin, b.label);
    });
    return marks;
  }

  void PutLines(const SourceFile& file, const std::vector<Mark>& marks) {
    for (auto first = marks.begin(); first != marks.end();) {
      const auto last = std::find_if(first, marks.end(), [&](const Mark& mark) { return mark.line != first->line; });
      PutLine(file, {first, last});
      first = last;
    }
  }

  // A line of the source, and under it one line for each of its labels.
  void PutLine(const SourceFile& file, const std::vector<Mark>& marks) {
    const std::string_view text = file.Line(marks[0].line);
    size_t needed = 0;
    for (const Mark& mark : marks) needed = std::max(needed, mark.end);
    LineView view(text, needed);
    view.Cut(Focus(view, marks));

    PutGutter(std::to_string(marks[0].line));
    const std::string shown = view.Shown();
    if (!shown.empty()) out_ += ' ';
    out_ += shown;
    out_ += "\n";
    for (const Mark& mark : marks) PutMark(mark, view.Place(view.Cells(mark.begin, mark.end)));
  }

  // What must be seen of a line: all that is marked if it fits, else what is marked as primary, else what is first.
  static CellRange Focus(const LineView& view, const std::vector<Mark>& marks) {
    CellRange all = view.Cells(marks[0].begin, marks[0].end);
    CellRange main = all;
    for (const Mark& mark : marks) {
      const CellRange cells = view.Cells(mark.begin, mark.end);
      if (mark.is_primary) main = cells;
      all = {std::min(all.begin, cells.begin), std::max(all.end, cells.end)};
    }
    return all.end - all.begin < kMaxShownCells - 2 * kContext ? all : main;
  }

  void PutMark(const Mark& mark, CellRange cells) {
    std::string drawn(cells.end - cells.begin, mark.is_primary ? '^' : '-');
    if (!mark.label->text.empty()) drawn += ' ';
    drawn += Printable(mark.label->text);
    if (mark.last_line > mark.line) drawn += " (up to line " + std::to_string(mark.last_line) + ")";
    PutGutter("");
    out_ += std::string(cells.begin + 1, ' ');
    Put(mark.is_primary ? main_style_ : Style::Secondary, drawn);
    out_ += "\n";
  }

  // A note or a help; further lines of its text begin under the first one.
  void PutRemark(std::string_view what, Style style, std::string_view text) {
    out_ += std::string(number_width_ + 1, ' ');
    Put(Style::Frame, "= ");
    Put(style, what);
    out_ += ": ";
    const std::string margin(number_width_ + 1 + std::string_view("= note: ").size(), ' ');
    for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      out_ += Printable(text.substr(0, end)) + "\n" + margin;
      text.remove_prefix(end + 1);
    }
    out_ += Printable(text) + "\n";
  }

  // How many cells should be seen on either side of what is marked in a line that is cut.
  static constexpr size_t kContext = 10;

  const Diagnostic& diagnostic_;
  const Sources& sources_;
  const bool color_;
  Style main_style_ = Style::Error;
  size_t number_width_ = 1;
  std::string out_;
};

// What is shown of too many: errors before warnings, in the order given.
std::vector<const Diagnostic*> Shown(const Diagnostics& diagnostics, size_t limit) {
  if (limit == 0) return diagnostics.Sorted();
  size_t errors_left = std::min(limit, diagnostics.ErrorCount());
  size_t warnings_left = limit - errors_left;
  std::vector<const Diagnostic*> shown;
  for (const Diagnostic* diagnostic : diagnostics.Sorted()) {
    size_t& left = diagnostic->gravity.severity == Severity::Error ? errors_left : warnings_left;
    if (left == 0) continue;
    --left;
    shown.push_back(diagnostic);
  }
  return shown;
}

}  // namespace

std::string RenderOne(const Diagnostic& diagnostic, const Sources& sources, bool color) {
  return Renderer(diagnostic, sources, color).Render();
}

std::string RenderText(const Diagnostics& diagnostics, const Sources& sources, const RenderOptions& options) {
  const std::vector<const Diagnostic*> shown = Shown(diagnostics, options.limit);
  std::string out;
  for (const Diagnostic* diagnostic : shown) {
    if (!out.empty()) out += "\n";
    out += RenderOne(*diagnostic, sources, options.color);
  }
  const size_t errors = diagnostics.ErrorCount();
  const size_t warnings = diagnostics.WarningCount();
  if (errors + warnings < 2) return out;
  if (!out.empty()) out += "\n";
  if (errors > 0) out += Count(errors, "error");
  if (errors > 0 && warnings > 0) out += ", ";
  if (warnings > 0) out += Count(warnings, "warning");
  if (shown.size() < errors + warnings) {
    out += ", the first " + std::to_string(shown.size()) + " shown (`--max-errors=0` shows all)";
  }
  return out + "\n";
}

}  // namespace strata
