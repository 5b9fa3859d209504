#include "compiler/syntax/layout.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "compiler/source/check.h"
#include "compiler/source/glyph.h"

namespace strata::syntax {
namespace {

using Tokens = std::vector<CommentedToken>;

// How far a line goes on that is broken where no place for it was foreseen, because a comment ends it.
constexpr size_t kContinuation = 2;

// Fills in what Render wants to know of a part, of those within first.
void Measure(Part& part, const Tokens& tokens) {
  switch (part.form) {
    case Part::Form::Token:
      part.width = part.lead = CellsOf(tokens[part.token].text);
      part.begins_above = !tokens[part.token].above.empty();
      part.ends_beside = !tokens[part.token].beside.empty();
      return;
    case Part::Form::Above: part.begins_above = part.ends_beside = true; return;
    case Part::Form::Text: part.width = part.lead = part.text.size(); return;
    case Part::Form::LineEnd:
      part.width = part.text.size();
      part.can_end = true;
      return;
    case Part::Form::Comma: return;
    case Part::Form::Block: break;
  }
  bool is_first = true;
  bool was_beside = false;
  for (Part& inner : part.parts) {
    Measure(inner, tokens);
    part.width += inner.width;
    if (!part.can_end) part.lead += inner.lead;
    part.can_end |= inner.can_end;
    part.is_forced |= inner.is_forced || was_beside || (inner.begins_above && !is_first);
    if (is_first) part.begins_above = inner.begins_above;
    is_first = false;
    was_beside = inner.ends_beside;
  }
  part.ends_beside = was_beside;
}

struct Line {
  size_t indent = 0;
  std::string text;
  size_t cells = 0;  // of the text
  bool is_comment = false;
  std::optional<size_t> ascription;  // where it begins
  size_t pipe = 0;                   // which one the ascription belongs to
  std::string_view comment;          // after the text
};

class Renderer {
 public:
  explicit Renderer(const Tokens& tokens) : tokens_(tokens) {}

  std::vector<Line> Run(const Part& root) {
    RenderPart(root, /*is_flat=*/false, 0, 0);
    if (IsAtStart()) lines_.pop_back();
    return std::move(lines_);
  }

 private:
  Line& Last() { return lines_.back(); }
  bool IsAtStart() { return Last().text.empty(); }
  // Whether the line ends with a comment.
  bool IsOver() { return Last().is_comment || !Last().comment.empty(); }

  // `base` is the indentation of the line where the block around begins; `tail` the width of what follows on the line
  // whatever happens.
  void RenderPart(const Part& part, bool is_flat, size_t base, size_t tail) {
    switch (part.form) {
      case Part::Form::Token: PutToken(part.token, base); return;
      case Part::Form::Text: PutText(part.text); return;
      case Part::Form::Above: PutAbove(part.token); return;
      case Part::Form::Comma:
        if (!is_flat) PutComma();
        return;
      case Part::Form::LineEnd:
        if (!is_flat) {
          EndLine(base + part.offset, part.blanks);
        } else {
          if (part.is_ascription) {
            Last().ascription = Last().text.size();
            Last().pipe = part.token;
          }
          PutText(part.text);
        }
        return;
      case Part::Form::Block: break;
    }
    const bool fits = is_flat || (!part.is_forced && Last().indent + Last().cells + part.width + tail <= kLineWidth);
    if (!fits) base = Last().indent;
    for (size_t i = 0; i < part.parts.size(); ++i) {
      const Part& inner = part.parts[i];
      RenderPart(inner, fits, base, inner.form == Part::Form::Block && !fits ? TailAfter(part, i, tail) : 0);
    }
  }

  static size_t TailAfter(const Part& block, size_t at, size_t tail) {
    size_t width = 0;
    for (size_t i = at + 1; i < block.parts.size(); ++i) {
      width += block.parts[i].lead;
      if (block.parts[i].can_end) return width;
    }
    return width + tail;
  }

  void Append(std::string_view text) {
    Last().text += text;
    Last().cells += CellsOf(text);
  }

  void PutText(std::string_view text) {
    if (!IsOver() && !IsAtStart()) Append(text);
  }

  void PutToken(size_t index, size_t base) {
    const CommentedToken& token = tokens_[index];
    if (token.text == ",") {
      PutComma();
    } else {
      if (IsOver()) EndLine(base + kContinuation, Blanks::None);
      if (!token.above.empty() && above_put_ != index) {
        if (!IsAtStart()) EndLine(base + kContinuation, Blanks::None);
        const Blanks blanks = blanks_;
        PutAbove(index);
        EndLine(Last().indent, AfterFirst(blanks));
      }
      if (IsAtStart()) PutBlank(token.blank_before);
      Append(token.text);
    }
    if (token.beside.empty()) return;
    STRATA_CHECK(!IsOver());
    Last().comment = token.beside;
  }

  // Before the comment, if the line ends with one already.
  void PutComma() { Append(","); }

  void PutComment(std::string_view comment) {
    Append(comment);
    Last().is_comment = true;
  }

  void PutAbove(size_t index) {
    above_put_ = index;
    const Blanks blanks = blanks_;
    const std::vector<Comment>& comments = tokens_[index].above;
    for (size_t i = 0; i < comments.size(); ++i) {
      if (i > 0) EndLine(Last().indent, AfterFirst(blanks));
      PutBlank(comments[i].blank_before);
      PutComment(comments[i].text);
    }
  }

  static Blanks AfterFirst(Blanks blanks) { return blanks == Blanks::None ? Blanks::None : Blanks::Kept; }

  // At the start of a line, whose first thing had a blank line before it in the source or not.
  void PutBlank(bool had_blank) {
    const bool is_wanted = blanks_ == Blanks::One || (blanks_ == Blanks::Kept && had_blank);
    if (is_wanted && lines_.size() > 1) lines_.insert(lines_.end() - 1, Line());
  }

  // A line that holds nothing yet only changes its indentation.
  void EndLine(size_t indent, Blanks blanks) {
    // A space before a token that did not fit behind it.
    if (Last().text.ends_with(' ') && !Last().is_comment) Last().text.pop_back();
    if (!IsAtStart()) lines_.emplace_back();
    Last().indent = indent;
    blanks_ = blanks;
  }

  const Tokens& tokens_;
  std::vector<Line> lines_ = std::vector<Line>(1);
  Blanks blanks_ = Blanks::BetweenComments;  // before the line that is at its start
  std::optional<size_t> above_put_;
};

// Brings `place` of the lines [begin, end) to one column.
template <typename Place>
void Align(std::vector<Line>& lines, size_t begin, size_t end, const Place& place) {
  size_t column = 0;
  for (size_t i = begin; i < end; ++i) {
    column = std::max(column, CellsOf(std::string_view(lines[i].text).substr(0, place(lines[i]))));
  }
  for (size_t i = begin; i < end; ++i) {
    const size_t at = place(lines[i]);
    lines[i].text.insert(at, column - CellsOf(std::string_view(lines[i].text).substr(0, at)), ' ');
  }
}

// Aligns each run of lines that belong together.
template <typename Belongs, typename Place>
void AlignRuns(std::vector<Line>& lines, const Belongs& belongs, const Place& place) {
  for (size_t begin = 0; begin < lines.size();) {
    size_t end = begin + 1;
    while (end < lines.size() && belongs(lines[begin], lines[end])) ++end;
    if (belongs(lines[begin], lines[begin])) Align(lines, begin, end, place);
    begin = end;
  }
}

}  // namespace

size_t CellsOf(std::string_view text) {
  size_t cells = 0;
  while (!text.empty()) {
    const Glyph glyph = FirstGlyph(text);
    cells += static_cast<size_t>(glyph.cells);
    text.remove_prefix(glyph.bytes);
  }
  return cells;
}

size_t FlatWidth(const Part& part, const Tokens& tokens) {
  Part copy = part;
  Measure(copy, tokens);
  return copy.width;
}

bool IsOnSeveralLines(const Part& part, const Tokens& tokens) {
  Part copy = part;
  Measure(copy, tokens);
  return copy.is_forced;
}

std::string Render(Part root, const Tokens& tokens, std::string_view line_end) {
  root.is_forced = true;
  Measure(root, tokens);
  std::vector<Line> lines = Renderer(tokens).Run(root);
  AlignRuns(
      lines,
      [](const Line& a, const Line& b) {
        return a.ascription && b.ascription && a.pipe == b.pipe && a.indent == b.indent;
      },
      [](const Line& line) { return *line.ascription; });
  AlignRuns(
      lines,
      [](const Line& a, const Line& b) { return !a.comment.empty() && !b.comment.empty() && a.indent == b.indent; },
      [](const Line& line) { return line.text.size(); });
  std::string text;
  for (const Line& line : lines) {
    if (!line.text.empty()) text.append(line.indent, ' ');
    text += line.text;
    if (!line.comment.empty()) text.append("  ").append(line.comment);
    text += line_end;
  }
  return text;
}

}  // namespace strata::syntax
