// From what stands together to lines: the formatter's layout, which knows nothing of the language.
//
// A Part is a token, a text, a place where a line may end, or a block of parts. A block stands on one line if it fits
// there; otherwise a line ends at each of its own places, and the blocks in it are asked in turn.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace strata::syntax {

// The cells that a line may take, a comment at its end not counted.
inline constexpr size_t kLineWidth = 120;

struct Comment {
  std::string_view text;  // from the `#`, without blanks at its end
  bool blank_before = false;
};

// A token with the comments that belong to it.
struct CommentedToken {
  std::string text;
  std::vector<Comment> above;  // on lines of their own
  std::string_view beside;     // after it, at the end of the line; empty: none
  bool starts_line = false;    // in the source
  bool blank_before = false;   // a blank line stood before it
};

// Which blank lines of the source are kept where a line ends. There is never more than one.
enum class Blanks {
  None,
  BetweenComments,  // but none before the first of what follows
  Kept,
  One,  // there is one, whether the source had it or not
};

struct Part {
  enum class Form {
    Token,
    Text,
    Above,    // the comments above a token, which then stands without them
    LineEnd,  // where the block is on one line: `text`
    Comma,    // where the block is on several lines
    Block,
  };
  Form form;
  size_t token = 0;              // Token, Above; LineEnd before an ascription: what is the same in all of a column
  std::string_view text = {};    // Text, LineEnd
  size_t offset = 0;             // LineEnd: the next line's indentation, beyond that of the line where the block begins
  bool is_ascription = false;    // LineEnd: what follows on the same line is aligned with that of the lines around
  Blanks blanks = Blanks::None;  // LineEnd
  bool is_forced = false;        // LineEnd: always; Block: on several lines
  bool is_bracket = false;       // Block: brackets and what is in them
  std::vector<Part> parts = {};  // Block

  // Filled in by Render.
  size_t width = 0;  // of the whole on one line
  size_t lead = 0;   // up to where the line may end first
  bool can_end = false;
  bool begins_above = false;  // with a comment
  bool ends_beside = false;
};

// The display cells of a text without line ends.
size_t CellsOf(std::string_view text);

// The width of a part on one line.
size_t FlatWidth(const Part& part, const std::vector<CommentedToken>& tokens);
// Whether it stands on several lines even if one would do: a comment is between its first and its last token, or a line
// end in it is forced.
bool IsOnSeveralLines(const Part& part, const std::vector<CommentedToken>& tokens);

// The lines, each ended by `line_end`. The root is a block on several lines.
std::string Render(Part root, const std::vector<CommentedToken>& tokens, std::string_view line_end);

}  // namespace strata::syntax
