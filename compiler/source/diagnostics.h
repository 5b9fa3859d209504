// What the compiler tells its user: errors, warnings and lints with places, notes and fixes.
//
//   diagnostics.Report(kinds::OutputRank, layer_span, name, 4, 2)
//       .Primary("produces f32[batch, ...]")
//       .Label(declaration_span, "declared here")
//       .Note("Dense maps only the last axis: channels 32 -> 2; height and width pass through")
//       .Help("insert `|> Flatten()` before `Dense`", Applicability::MaybeIncorrect, {{span, "Flatten() |> "}});
//
// The rules for wording are in catalogue.def's header comment.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "compiler/source/source.h"

namespace strata {

enum class Severity { Error, Warning };

// How grave a kind is, and what it leaves beyond doubt where the shape rule of a layer reports it.
struct Gravity {
  Severity severity;
  bool keeps_shape = false;      // the result has the shape that the rule returns
  bool about_arguments = false;  // it stands whatever the operands' shapes are
};

// Whether a help's edits can be applied without asking.
enum class Applicability {
  MachineApplicable,  // surely what was meant: a spelling, a redundant layer
  MaybeIncorrect,     // gives a program without this error, perhaps not the one that was meant
  HasPlaceholders,    // the user must fill something in
};

// As the catalogue calls them.
namespace gravities {
inline constexpr Gravity Error{Severity::Error};
inline constexpr Gravity ValueError{.severity = Severity::Error, .keeps_shape = true};
inline constexpr Gravity ArgumentError{.severity = Severity::Error, .keeps_shape = true, .about_arguments = true};
inline constexpr Gravity Warning{.severity = Severity::Warning, .keeps_shape = true};
}  // namespace gravities

struct Edit {
  Span span;
  std::string text;
};

struct Label {
  Span span;
  std::string text;
};

struct Help {
  std::string text;
  Applicability applicability = Applicability::HasPlaceholders;
  std::vector<Edit> edits;
};

// One entry of the catalogue: a stable code and a message text with one `{}` for each argument. The number of places is
// checked against Args when the catalogue is compiled, so a Report with a wrong number of arguments does not compile.
template <typename... Args>
struct Kind {
  std::string_view name;
  std::string_view code;
  Gravity gravity;
  std::string_view text;

  consteval Kind(std::string_view kind_name, std::string_view kind_code, Gravity kind_gravity,
                 std::string_view kind_text)
      : name(kind_name), code(kind_code), gravity(kind_gravity), text(kind_text) {
    size_t places = 0;
    for (size_t i = 0; i + 1 < text.size(); ++i) places += text[i] == '{' && text[i + 1] == '}';
    if (places != sizeof...(Args)) throw "the text of a diagnostic needs one {} for each of its arguments";
  }
};

// A catalogue entry without its argument types, to list.
struct KindInfo {
  std::string_view name;
  std::string_view code;
  Severity severity;
  std::string_view text;
};

// Every kind, in the catalogue's order (which is that of the codes).
const std::vector<KindInfo>& AllKinds();

// "error", "machine-applicable", ...: as JSON and SARIF name them.
std::string_view NameOf(Severity severity);
std::string_view NameOf(Applicability applicability);

// The page `strata explain CODE` shows (Markdown), or an empty view for a code that does not exist.
std::string_view ExplainPage(std::string_view code);
// Its title: "an output has another number of axes than declared".
std::string_view ExplainTitle(std::string_view code);

// One message. At most three labels, the primary one included; the first one is primary, further ones than three are
// left out. Where the message or the label has no place (an invalid span), the label's text becomes a note.
struct Diagnostic {
  std::string_view code;
  Gravity gravity;
  std::string message;
  std::vector<strata::Label> labels;  // labels[0] is the primary one; its text may be empty; none if it has no place
  std::vector<std::string> notes;
  std::vector<strata::Help> helps;

  Diagnostic& Primary(std::string text);
  Diagnostic& Label(Span span, std::string text);
  Diagnostic& Note(std::string text);
  Diagnostic& Help(std::string text, Applicability applicability = Applicability::HasPlaceholders,
                   std::vector<Edit> edits = {});
};

// Collects what is reported. A reference that Report returns stays valid until the Diagnostics is destroyed.
class Diagnostics {
 public:
  template <typename... Args>
  Diagnostic& Report(const Kind<Args...>& kind, Span span, const std::type_identity_t<Args>&... args) {
    return Add(kind.code, kind.gravity, span, Substitute(kind.text, {ToText(args)...}));
  }

  // Takes over what was reported elsewhere.
  void Adopt(Diagnostic diagnostic);

  // A place in the order of reports, and what was reported since, taken out. References to those become invalid.
  size_t Mark() const { return all_.size(); }
  std::vector<Diagnostic> TakeSince(size_t mark);

  bool HasErrors() const { return error_count_ > 0; }
  size_t ErrorCount() const { return error_count_; }
  size_t WarningCount() const { return all_.size() - error_count_; }

  // In source order: by the place of the primary label; those without a place come first, equals as reported.
  std::vector<const Diagnostic*> Sorted() const;

 private:
  static std::string ToText(std::string_view text) { return std::string(text); }
  static std::string ToText(int64_t number) { return std::to_string(number); }
  static std::string Substitute(std::string_view text, std::vector<std::string> args);
  Diagnostic& Add(std::string_view code, Gravity gravity, Span span, std::string message);

  std::deque<Diagnostic> all_;
  size_t error_count_ = 0;
};

struct RenderOptions {
  bool color = false;
  size_t limit = 100;  // errors and warnings shown, 0 for all of them; all are counted
};

// As a terminal shows them, ending with a line that counts them where there are several.
std::string RenderText(const Diagnostics& diagnostics, const Sources& sources, const RenderOptions& options);
// One object a line; schema in docs/diagnostics-json.md. Spans are byte offsets, lines and columns count from 1.
std::string RenderJson(const Diagnostics& diagnostics, const Sources& sources);
// A log in SARIF 2.1.0, for code scanners, as one line; what it holds of a message is in docs/diagnostics-json.md.
std::string RenderSarif(const Diagnostics& diagnostics, const Sources& sources, std::string_view strata_version);

// The text with the edits made, whose spans are places in it and do not overlap. What is inserted at one place comes
// out in the order given.
std::string ApplyEdits(std::string_view text, std::vector<Edit> edits);

// The candidate nearest to `word` by edit distance, if near enough to be what was meant (a third of its letters, at
// least one); an empty view otherwise. Case does not count as a difference of more than half a letter.
std::string_view NearestName(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace strata
