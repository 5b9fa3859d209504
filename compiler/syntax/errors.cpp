// Syntax errors. The parser says where it stopped and in which rules; what to tell the author is decided here, from the
// tokens around that place: first what nothing can be (a stray character), then brackets, then separators between
// entries, then what the innermost rule still needed.
#include "compiler/syntax/errors.h"

#include <optional>
#include <string>

#include "compiler/source/catalogue.h"
#include "compiler/syntax/foreign.h"

namespace strata::syntax {
namespace {

bool IsOpener(const Token& token) { return token.Is("(") || token.Is("[") || token.Is("{"); }
bool IsCloser(const Token& token) { return token.Is(")") || token.Is("]") || token.Is("}"); }

std::string_view CloserOf(const Token& opener) { return opener.Is("(") ? ")" : opener.Is("[") ? "]" : "}"; }
std::string_view OpenerOf(const Token& closer) { return closer.Is(")") ? "(" : closer.Is("]") ? "[" : "{"; }

bool IsWordLiteral(const Token& token) { return token.Is("None") || token.Is("True") || token.Is("False"); }

bool StartsOperand(const Token& token) {
  return token.sort == TokenSort::Name || token.sort == TokenSort::Number || token.sort == TokenSort::String ||
         IsWordLiteral(token) || token.Is("not");
}

bool EndsOperand(const Token& token) {
  return token.sort == TokenSort::Name || token.sort == TokenSort::Number || token.sort == TokenSort::String ||
         IsWordLiteral(token) || IsCloser(token);
}

std::string Quoted(std::string_view text) { return std::string("`").append(text).append("`"); }

std::string Shown(const Token& token) {
  return token.sort == TokenSort::End ? "the end of the file" : Quoted(token.text);
}

Span Before(const Token& token) { return {token.span.file, token.span.begin, token.span.begin}; }
Span After(const Token& token) { return {token.span.file, token.span.end, token.span.end}; }

// What a list holds, by the rule that reads it: "two arguments stand side by side".
struct ListRule {
  std::string_view rule;
  std::string_view entries;
  std::string_view entry;
};

constexpr ListRule kLists[] = {
    {"arguments", "arguments", "an argument"},
    {"parameters", "parameters", "a parameter"},
    {"shape", "axes", "an axis"},
    {"list", "entries of a list", "an entry"},
    {"tuple", "values", "a value"},
    {"index", "entries of an index", "an entry"},
    {"results", "results", "a result"},
    {"branch", "branches", "a branch"},
    {"target", "names", "a name"},
    {"order", "axes", "an axis"},
};

class Reporter {
 public:
  Reporter(const Tokens& tokens, const Failure& failure, Diagnostics& diagnostics)
      : tokens_(tokens),
        failure_(failure),
        found_(tokens[failure.token]),
        before_(tokens[failure.token == 0 ? 0 : failure.token - 1]),
        diagnostics_(diagnostics) {}

  void Report() {
    if (ReportBadToken(tokens_, failure_.token, diagnostics_)) return;
    if (ReportPythonExpression(tokens_, failure_.token, diagnostics_)) return;
    if (ReportPythonImport()) return;
    if (ReportBracket()) return;
    if (ReportSeparator()) return;
    ReportExpected();
  }

 private:
  // The rule `depth` levels out from where the parser stopped; `identifier` is left out: what it names is what matters.
  std::string_view Rule(size_t depth = 0) const {
    size_t count = failure_.rules.size();
    if (count > 0 && failure_.rules[count - 1] == "identifier") --count;
    return depth < count ? failure_.rules[count - 1 - depth] : std::string_view();
  }

  bool IsInside(std::string_view rule) const {
    for (const std::string_view r : failure_.rules) {
      if (r == rule) return true;
    }
    return false;
  }

  // The innermost bracket that the piece has open.
  std::optional<size_t> OpenBracket() const {
    std::vector<size_t> open;
    for (size_t i = failure_.piece; i < failure_.token; ++i) {
      if (IsOpener(tokens_[i])) open.push_back(i);
      if (IsCloser(tokens_[i]) && !open.empty()) open.pop_back();
    }
    if (open.empty()) return std::nullopt;
    return open.back();
  }

  Diagnostic& Expected(std::string_view after, std::string_view what, std::string_view example) {
    return diagnostics_.Report(kinds::Expected, before_.span, after, what, Quoted(example))
        .Primary("followed by " + Shown(found_));
  }

  bool ReportPythonImport() {
    if (Rule() != "importItem" || found_.sort != TokenSort::Name) return false;
    const Token& word = tokens_[failure_.piece];
    diagnostics_
        .Report(kinds::PythonSyntax, Join(word.span, found_.span),
                std::string(word.text) + " " + std::string(found_.text))
        .Help("delete it: the layers of Keras are there without an import");
    return true;
  }

  bool ReportBracket() {
    const std::optional<size_t> open = OpenBracket();
    const bool is_end = found_.sort == TokenSort::End || StartsStatement(found_) || StartsItem(tokens_, failure_.token);
    const bool can_close = EndsOperand(before_) || IsOpener(before_) || before_.Is(",");
    if (!open) {
      // A `}` ends the body, so only the others are too many.
      if (!IsCloser(found_) || found_.Is("}") || !EndsOperand(before_)) return false;
      diagnostics_.Report(kinds::UnopenedBracket, found_.span, found_.text, OpenerOf(found_))
          .Help("delete it, or open it before", Applicability::MaybeIncorrect, {{found_.span, ""}});
      return true;
    }
    const bool is_wrong_closer = IsCloser(found_) && !found_.Is(CloserOf(tokens_[*open]));
    const bool is_body = found_.Is("{") && IsInside("signature");
    const bool is_arrow = found_.Is("->");
    if (!can_close || !(is_end || is_wrong_closer || is_body || is_arrow)) return false;
    ReportNotClosed(tokens_, *open, failure_.token, diagnostics_);
    return true;
  }

  bool ReportSeparator() {
    if (Rule() == "indexItem" && found_.Is(":")) {
      ReportSlice();
      return true;
    }
    if (Rule() == "index" && found_.Is("..")) {
      Expected("the end of a slice", "`,` or `]`", "x[time: 1..3]")
          .Note("a slice holds every element from its begin to its end: it has no step");
      return true;
    }
    const ListRule* list = nullptr;
    for (const ListRule& entry : kLists) {
      if (entry.rule == Rule()) list = &entry;
    }
    if (list == nullptr || !EndsOperand(before_)) return false;
    if (found_.Is("{") || found_.sort == TokenSort::End) return false;
    const Token& before_name = tokens_[failure_.token < 2 ? 0 : failure_.token - 2];
    const bool is_name = before_.sort == TokenSort::Name && (IsOpener(before_name) || before_name.Is(","));
    const std::string name(before_.text);
    if (Rule() == "arguments" && is_name && found_.Is(":")) {
      diagnostics_.Report(kinds::ColonArgument, found_.span, name)
          .Help("write `" + name + "=...`", Applicability::MachineApplicable,
                {{{found_.span.file, found_.span.begin, tokens_[failure_.token + 1].span.begin}, "="}});
    } else if (Rule() == "index" && found_.Is(":")) {
      ReportSlice();
    } else if ((Rule() == "shape" || Rule() == "list" || Rule() == "index") && is_name && found_.Is("=")) {
      diagnostics_.Report(kinds::EqualsAxis, found_.span, name)
          .Help("write `" + name + ": ...`", Applicability::MachineApplicable, {{found_.span, ": "}});
    } else if (Rule() == "parameters" && is_name && (StartsOperand(found_) || found_.Is("["))) {
      Expected("parameter " + Quoted(name), "`:`", "image: f32[batch, height: 8]")
          .Help("insert `:`", Applicability::MaybeIncorrect, {{After(before_), ":"}});
    } else if (Rule() == "shape" && is_name && before_name.Is(",") && found_.sort == TokenSort::Number) {
      Expected("axis " + Quoted(name), "`:` or `,`", "height: 8")
          .Help("insert `:`", Applicability::MaybeIncorrect, {{After(before_), ":"}});
    } else if (StartsOperand(found_)) {
      diagnostics_.Report(kinds::MissingComma, before_.span, list->entries)
          .Primary("followed by " + Shown(found_))
          .Help("insert `,`", Applicability::MaybeIncorrect, {{After(before_), ","}});
    } else {
      Expected(list->entry, "`,` or a closing bracket", "f(a, b)");
    }
    return true;
  }

  void ReportSlice() {
    diagnostics_.Report(kinds::ColonSlice, found_.span)
        .Help("write `a..b` for what Python writes `a:b`", Applicability::MaybeIncorrect, {{found_.span, ".."}})
        .Note("an index names its axis, and leaves those alone that it does not name: `x[time: -1]`, `x[time: 1..3]`");
  }

  void ReportExpected() {
    const std::string_view rule = Rule();
    const std::string form(tokens_[failure_.piece].text);
    if (found_.Is("if") && !EndsOperand(before_)) {
      Expected(Quoted(before_.text), before_.Is("|>") ? "a layer" : "a value", "a if n > 1 else b")
          .Help("the condition stands between the two: `LSTM(8) if n > 1 else GRU(8)`");
    } else if (before_.Is("|>")) {
      Expected("`|>`", "a layer", "|> Dense(10)");
    } else if (rule == "function") {
      Expected("the results of the " + form, "`{`", "-> f32[batch, 10] { return x |> Dense(10) }");
    } else if (rule == "signature" && before_.Is(form)) {
      Expected(Quoted(form), "its name", form == "model" ? "model digits(...)" : "block Residual(...)");
    } else if (rule == "parameters" && !IsOpener(before_) && !before_.Is(",")) {
      Expected("the name of the " + form, "`(`", "(image: f32[batch, height: 8])");
    } else if (rule == "signature") {
      Expected("the inputs of the " + form, "`->`", "-> (probs: f32[batch, classes: 10])");
    } else if (rule == "parameter" || rule == "parameters") {
      Expected(Quoted(before_.text), before_.Is(":") ? "a type" : "a parameter", "image: f32[batch, height: 8]");
    } else if (rule == "type" || rule == "results" || rule == "result" || rule == "shape") {
      Expected(Quoted(before_.text), "a type", "f32[batch, classes: 10]");
    } else if (rule == "let" || rule == "target" || rule == "constant") {
      ReportBinding();
    } else if (rule == "importItem") {
      Expected("`import`", "the path of a file in quotes", "import \"blocks.strata\"");
    } else if (rule == "weights") {
      ReportWeights();
    } else if (rule == "mapping" || rule == "weightPath" || rule == "order") {
      Expected(Quoted(before_.text), "the rest of the entry", "stem/kernel = \"conv1.weight\" as [filters, channels]");
    } else if ((rule == "repeat" || rule == "branch") && !before_.Is("{") && !before_.Is(",")) {
      ReportBraces();
    } else if (rule == "expr" && EndsOperand(before_)) {
      Expected("the condition of `if`", "`else`", "a if n > 1 else b");
    } else if (rule == "trailer") {
      Expected("`.`", "a name", "x.height");
    } else {
      ReportOperand();
    }
  }

  void ReportBinding() {
    const std::string word(tokens_[failure_.piece].text);
    if (before_.Is(word) || before_.Is("(") || before_.Is(",")) {
      Expected(Quoted(before_.text), "a name", word == "let" ? "let x = ..." : "const CLASSES = 10");
      return;
    }
    Diagnostic& diagnostic = Expected("the name that `" + word + "` binds", "`=`",
                                      word == "let" ? "let x = image |> Flatten()" : "const CLASSES = 10");
    if (word == "let" && found_.Is(",")) {
      OfferParentheses(diagnostic);
    } else if (StartsOperand(found_)) {
      diagnostic.Help("insert `=`", Applicability::MaybeIncorrect, {{Before(found_), "= "}});
    }
  }

  // `let a, b = ...`
  void OfferParentheses(Diagnostic& diagnostic) const {
    size_t end = failure_.token;
    while (tokens_[end].Is(",") && tokens_[end + 1].sort == TokenSort::Name) end += 2;
    std::vector<Edit> edits;
    if (tokens_[end].Is("=")) edits = {{Before(tokens_[failure_.piece + 1]), "("}, {After(tokens_[end - 1]), ")"}};
    diagnostic.Help("several names stand in parentheses: `let (a, b) = ...`", Applicability::MaybeIncorrect,
                    std::move(edits));
  }

  void ReportWeights() {
    if (before_.Is("weights")) {
      Expected("`weights`", "the name of a model", "weights digits from \"digits.safetensors\"");
    } else if (before_.Is("from")) {
      Expected("`from`", "the path of a file in quotes", "from \"digits.safetensors\"");
    } else if (failure_.token == failure_.piece + 2) {
      Expected("the name of the model", "`from`", "weights digits from \"digits.safetensors\"");
    } else {
      Expected("an entry of `weights`", "the next one or `}`", "stem/kernel = \"conv1.weight\"");
    }
  }

  void ReportBraces() {
    const std::string word(Rule());
    const std::string example =
        word == "repeat" ? "repeat 3 { Dense(8) |> ReLU() }" : "branch { Identity(), Dense(8) }";
    if (before_.Is("as")) {
      Expected("`as`", "the name of the counter", "repeat 3 as i { Dense(2 ** i) }");
    } else if (EndsOperand(before_) && !before_.Is(word)) {
      Expected("the count of `repeat`", "`{`", example);
    } else {
      Expected(Quoted(word), word == "repeat" ? "a count" : "`{`", example);
    }
  }

  void ReportOperand() {
    if (EndsOperand(before_)) {
      Expected(Quoted(before_.text), "an operator, `|>` or the end of the statement", "x |> Dense(10)");
    } else if (before_.Is("{")) {
      Expected("`{`", "a layer", "{ Dense(8) }");
    } else if (before_.Is("(") || before_.Is("[") || before_.Is(",")) {
      const bool is_shape = IsInside("shape");
      Expected(Quoted(before_.text), is_shape ? "an axis" : "a value", is_shape ? "f32[batch, height: 8]" : "(a, b)");
    } else if (before_.Is(":")) {
      Expected("`:`", "a size", "[height: 8]");
    } else if (before_.Is("return") || before_.Is("assert")) {
      Expected(Quoted(before_.text), before_.Is("return") ? "a value" : "a condition",
               before_.Is("return") ? "return x |> Dense(10)" : "assert x.height == 8");
    } else if (before_.Is("=")) {
      const Token& word = tokens_[failure_.piece];
      const bool binds = failure_.token < failure_.piece + 4;
      Expected("`=`", "a value",
               binds && word.Is("let")     ? "let x = image |> Flatten()"
               : binds && word.Is("const") ? "const CLASSES = 10"
                                           : "units=10");
    } else if (before_.Is("if") || before_.Is("else")) {
      Expected(Quoted(before_.text), before_.Is("if") ? "a condition" : "a value", "a if n > 1 else b");
    } else {
      Expected(Quoted(before_.text), "a value", "a " + std::string(before_.text) + " b");
    }
  }

  const Tokens& tokens_;
  const Failure& failure_;
  const Token& found_;
  const Token& before_;
  Diagnostics& diagnostics_;
};

// Offers the keyword that a word was meant to be. A name before an operator is none: it begins an expression.
bool OfferKeyword(const Tokens& tokens, size_t at, const std::vector<std::string_view>& keywords,
                  Diagnostic& diagnostic) {
  const Token& word = tokens[at];
  const Token& next = tokens[at + 1];
  if (word.sort != TokenSort::Name || next.starts_line || !StartsOperand(next)) return false;
  const std::string keyword(NearestName(word.text, keywords));
  if (keyword.empty()) return false;
  diagnostic.Help("did you mean `" + keyword + "`?", Applicability::MaybeIncorrect, {{word.span, keyword}});
  return true;
}

// A stray token after the whole statement or item that starts at `piece`. False if it starts something of its own.
bool ReportLeftOver(const Tokens& tokens, size_t piece, size_t at, Diagnostics& diagnostics) {
  const Token& token = tokens[at];
  if (IsCloser(token)) {
    diagnostics.Report(kinds::UnopenedBracket, token.span, token.text, OpenerOf(token))
        .Help("delete it", Applicability::MaybeIncorrect, {{token.span, ""}});
    return true;
  }
  if (piece == at || token.starts_line) return false;
  if (token.Is("{") && tokens[at - 1].Is("repeat")) {
    diagnostics.Report(kinds::Expected, tokens[at - 1].span, "`repeat`", "a count", "`repeat 3 { Dense(8) }`")
        .Primary("followed by `{`");
    return true;
  }
  // Of an `if` statement of Python or C, which has been reported.
  if (token.Is("else") && tokens[at - 1].Is("}") && diagnostics.HasErrors()) return true;
  Diagnostic& diagnostic = diagnostics.Report(kinds::LeftOver, token.span, token.text);
  if (token.sort == TokenSort::Name) {
    diagnostic.Help("join layers with `|>`", Applicability::MaybeIncorrect, {{Before(token), "|> "}});
  } else if (token.Is("->")) {
    diagnostic.Help("join layers with `|>`", Applicability::MaybeIncorrect, {{token.span, "|>"}});
  } else if (token.Is(",") && tokens[piece].Is("assert")) {
    diagnostic.Help("an `assert` says what it tests; more stands in a comment");
  } else if (token.Is(",") && tokens[piece].Is("return")) {
    diagnostic.Help("several results stand in parentheses: `return (a, b)`");
  } else if (token.Is(":")) {
    diagnostic.Help("a shape is stated after a step of a pipe: `|> Dense(10) : [batch, 10]`");
  }
  return true;
}

// Whether a pipe that begins a line at `pipe` cannot belong inside the bracket: what would be piped is an argument that
// is no tensor, or the bracket's own line is a step of that pipe.
bool EndsBracket(const Tokens& tokens, size_t opener, size_t pipe) {
  const Token& before = tokens[pipe - 1];
  const bool is_value = before.sort == TokenSort::Number || before.sort == TokenSort::String || before.Is("True") ||
                        before.Is("False") || before.Is("None");
  if (is_value) return true;
  size_t line = opener;
  while (line > 0 && !tokens[line].starts_line) --line;
  return tokens[line].Is("|>");
}

// The last token that stands in a bracket which nothing closes before `at`.
size_t LastWithin(const Tokens& tokens, size_t opener, size_t at) {
  if (tokens[opener].Is("{")) return at - 1;
  int depth = 0;
  for (size_t i = opener + 1; i < at; ++i) {
    if (depth == 0 && i > opener + 1 && tokens[i].starts_line && tokens[i].Is("|>") && EndsBracket(tokens, opener, i)) {
      return i - 1;
    }
    if (IsOpener(tokens[i])) ++depth;
    if (IsCloser(tokens[i])) --depth;
  }
  return at - 1;
}

}  // namespace

void ReportFailure(const Tokens& tokens, const Failure& failure, Diagnostics& diagnostics) {
  Reporter(tokens, failure, diagnostics).Report();
}

void ReportNoStatement(const Tokens& tokens, size_t piece, size_t at, Diagnostics& diagnostics) {
  if (ReportBadToken(tokens, at, diagnostics) || ReportPythonStatement(tokens, at, true, diagnostics)) return;
  if (ReportPythonExpression(tokens, at, diagnostics)) return;
  if (ReportLeftOver(tokens, piece, at, diagnostics)) return;
  const Token& token = tokens[at];
  Diagnostic& diagnostic = diagnostics.Report(kinds::StartsNothing, token.span, token.text, "statement");
  if (OfferKeyword(tokens, at, {"let", "assert", "return"}, diagnostic)) return;
  const bool is_layer = token.sort == TokenSort::Name && token.text.front() >= 'A' && token.text.front() <= 'Z' &&
                        tokens[at + 1].Is("(") && at > 0 && EndsOperand(tokens[at - 1]);
  if (is_layer) {
    diagnostic.Help("a layer continues the pipe: " + Quoted("|> " + std::string(token.text) + "(...)"),
                    Applicability::MaybeIncorrect, {{Before(token), "|> "}});
  } else if (StartsOperand(token)) {
    diagnostic.Help("a statement starts with `let`, `assert` or `return`; give the result back with `return`",
                    Applicability::MaybeIncorrect, {{Before(token), "return "}});
  } else {
    diagnostic.Help("a statement starts with `let`, `assert` or `return`");
  }
}

void ReportNoItem(const Tokens& tokens, size_t piece, size_t at, Diagnostics& diagnostics) {
  const Token& token = tokens[at];
  if (StartsStatement(token)) {
    Diagnostic& diagnostic = diagnostics.Report(kinds::OutsideFunction, token.span, token.text);
    if (token.Is("let")) diagnostic.Help("a value outside of a model is a constant: `const CLASSES = 10`");
    return;
  }
  if (ReportBadToken(tokens, at, diagnostics) || ReportPythonStatement(tokens, at, false, diagnostics)) return;
  if (ReportPythonExpression(tokens, at, diagnostics)) return;
  if (ReportLeftOver(tokens, piece, at, diagnostics)) return;
  Diagnostic& diagnostic = diagnostics.Report(kinds::StartsNothing, token.span, token.text, "declaration");
  if (OfferKeyword(tokens, at, {"model", "block", "const", "weights", "import"}, diagnostic)) return;
  diagnostic.Help("a file holds `model`, `block`, `const`, `weights` and `import`");
}

void ReportNotClosed(const Tokens& tokens, size_t opener, size_t at, Diagnostics& diagnostics) {
  const Token& last = tokens[LastWithin(tokens, opener, at)];
  const std::string closer(CloserOf(tokens[opener]));
  diagnostics.Report(kinds::UnclosedBracket, last.span, tokens[opener].text)
      .Primary("`" + closer + "` is expected after this")
      .Label(tokens[opener].span, "opened here")
      .Help("insert `" + closer + "`", Applicability::MaybeIncorrect, {{After(last), closer}});
}

}  // namespace strata::syntax
