// Messages for what belongs to another language. Tables of what was written and what to write in Strata.
#include "compiler/syntax/foreign.h"

#include <algorithm>
#include <string>
#include <utility>

#include "compiler/source/catalogue.h"

namespace strata::syntax {
namespace {

struct Replacement {
  std::string_view written;
  std::string_view meant;  // empty: nothing can be put in its place
  std::string_view help;   // empty: "write `meant`"
};

constexpr Replacement kCharacters[] = {
    {"|", "|>", ""},
    {"\u201C", "\"", ""},
    {"\u201D", "\"", ""},
    {"\u2018", "'", ""},
    {"\u2019", "'", ""},
    {"\u00D7", "*", ""},
    {"\u00B7", "*", ""},
    {"\u00F7", "/", ""},
    {"\u2212", "-", ""},
    {"\u2013", "-", ""},
    {"\u2192", "->", ""},
    {"\u2264", "<=", ""},
    {"\u2265", ">=", ""},
    {"\u2260", "!=", ""},
    {"\u2026", "..", ""},
    {"\u00A0", " ", "write an ordinary space: this one does not break lines"},
    {"\\", "", "delete it: lines end nothing, so none needs to be continued"},
    {"^", "**", ""},
    {"!", "not ", ""},
    {"&", "and", ""},
    {"@", "", "a matrix product is `matmul(a, b)`, with weights `Dense`; there are no decorators"},
    {"?", "", "an axis of open size is written by its name alone, as in `f32[batch, time]`"},
};

struct PythonWord {
  std::string_view word;
  std::string_view help;
};

constexpr PythonWord kStatements[] = {
    {"def", "declare a reusable part as `block Name(config)(x: f32[batch, 4]) -> f32[batch, 8] { ... }`"},
    {"class", "declare a reusable part as `block Name(config)(x: f32[batch, 4]) -> f32[batch, 8] { ... }`"},
    {"for", "layers are repeated in a pipe: `|> repeat 3 { Dense(8) |> ReLU() }`"},
    {"while", "layers are repeated in a pipe: `|> repeat 3 { Dense(8) |> ReLU() }`"},
    {"if", "choose with an expression: `let y = a if n > 1 else b`"},
    {"from", "delete it: the layers of Keras are there without an import"},
    {"with", "delete it: a program describes a network and has nothing to enter or to leave"},
    {"print", "delete it: `strata summary` prints the layers with their shapes"},
    {"try", "delete it: what a compiled model refuses is an error code of its entry point"},
    {"fn", "declare a reusable part with `block`"},
    {"function", "declare a reusable part with `block`"},
    {"var", "bind a name with `let`"},
};

bool IsQuote(const Token& token) {
  return token.Is("\u201C") || token.Is("\u201D") || token.Is("\u2018") || token.Is("\u2019");
}

// `a = ...`, `a, b = ...`, `a += ...`
bool IsAssignment(const Tokens& tokens, size_t at) {
  if (tokens[at].sort != TokenSort::Name) return false;
  while (tokens[at + 1].Is(",") && tokens[at + 2].sort == TokenSort::Name) at += 2;
  if (tokens[at + 1].Is("=")) return true;
  const bool is_arithmetic =
      tokens[at + 1].Is("+") || tokens[at + 1].Is("-") || tokens[at + 1].Is("*") || tokens[at + 1].Is("/");
  return is_arithmetic && tokens[at + 2].Is("=");
}

bool IsTripleQuote(const Tokens& tokens, size_t at) {
  const Token& next = tokens[at + 1];
  return tokens[at].sort == TokenSort::String && tokens[at].text.size() == 2 &&
         next.span.begin == tokens[at].span.end && next.text.starts_with(tokens[at].text[0]);
}

void ReportPython(const Token& token, std::string_view help, Diagnostics& diagnostics) {
  diagnostics.Report(kinds::PythonSyntax, token.span, token.text).Help(std::string(help));
}

}  // namespace

bool ReportBadToken(const Tokens& tokens, size_t at, Diagnostics& diagnostics) {
  const Token& token = tokens[at];
  if (token.sort == TokenSort::BadString) {
    diagnostics.Report(kinds::UnclosedString, token.span)
        .Primary("opened here")
        .Help("end it with `" + std::string(token.text.substr(0, 1)) + "`");
    return true;
  }
  if (token.sort == TokenSort::BadNumber) {
    diagnostics.Report(kinds::MalformedNumber, token.span, token.text)
        .Help("numbers are Python's: `28`, `1_000`, `.5`, `1e-3`; a name starts with a letter");
    return true;
  }
  if (token.sort != TokenSort::BadCharacter) return false;
  if (token.Is(";")) {
    diagnostics.Report(kinds::Semicolon, token.span)
        .Help("delete it", Applicability::MachineApplicable, {{token.span, ""}});
    return true;
  }
  Diagnostic& diagnostic =
      diagnostics.Report(kinds::StrayCharacter, token.span, token.text == "\u00A0" ? "U+00A0" : token.text);
  const bool is_replaced = std::ranges::find(kCharacters, token.text, &Replacement::written) != std::end(kCharacters);
  if (!is_replaced && static_cast<unsigned char>(token.text.front()) >= 0x80) {
    diagnostic.Note("names are of the letters A to Z, digits and `_`; strings and comments may hold any character");
  }
  for (const Replacement& entry : kCharacters) {
    if (entry.written != token.text) continue;
    Span span = token.span;
    // `||` and `&&` are one mistake.
    const Token& next = tokens[at + 1];
    const bool is_double = next.text == token.text && next.span.begin == span.end;
    if (is_double) span.end = next.span.end;
    const std::string meant(is_double && token.Is("|") ? "or" : entry.meant);
    const std::string help = entry.help.empty() ? "write `" + meant + "`" : std::string(entry.help);
    if (entry.meant.empty()) {
      diagnostic.Help(help);
      continue;
    }
    std::vector<Edit> edits = {{span, meant}};
    // The other one of a pair of quotes.
    for (size_t i = at + 1; IsQuote(token) && !tokens[i].starts_line && tokens[i].sort != TokenSort::End; ++i) {
      if (!IsQuote(tokens[i])) continue;
      edits.push_back({tokens[i].span, meant});
      break;
    }
    diagnostic.Help(help, Applicability::MaybeIncorrect, std::move(edits));
  }
  return true;
}

bool ReportPythonStatement(const Tokens& tokens, size_t at, bool in_body, Diagnostics& diagnostics) {
  const Token& token = tokens[at];
  for (const PythonWord& entry : kStatements) {
    if (!token.Is(entry.word) || tokens[at + 1].Is("=")) continue;
    ReportPython(token, entry.help, diagnostics);
    return true;
  }
  if (IsTripleQuote(tokens, at)) {
    const Span span{token.span.file, token.span.begin, token.span.end + 1};
    diagnostics.Report(kinds::PythonSyntax, span, std::string(token.text) + token.text[0])
        .Help("write documentation in lines that start with `##`, above the item");
    return true;
  }
  if (!IsAssignment(tokens, at)) return false;
  Diagnostic& diagnostic = diagnostics.Report(kinds::MissingLet, token.span, token.text);
  if (!tokens[at + 1].Is("=") && !tokens[at + 1].Is(",")) {
    const std::string name(token.text);
    diagnostic.Help("bind the name again: `let " + name + " = " + name + " " + std::string(tokens[at + 1].text) +
                    " ...`");
  } else if (in_body) {
    const Span before{token.span.file, token.span.begin, token.span.begin};
    diagnostic.Help("bind the name: `let " + std::string(token.text) + " = ...`", Applicability::MaybeIncorrect,
                    {{before, "let "}});
  } else if (tokens[at + 2].sort == TokenSort::Number || tokens[at + 2].sort == TokenSort::String) {
    const Span before{token.span.file, token.span.begin, token.span.begin};
    diagnostic.Help("a value outside of a model is a constant: `const " + std::string(token.text) + " = ...`",
                    Applicability::MaybeIncorrect, {{before, "const "}});
  } else {
    diagnostic.Help(
        "declare a model with what goes in and what comes out: "
        "`model name(x: f32[batch, features: 8]) -> f32[batch, 2] { return x |> Dense(2) }`");
  }
  return true;
}

bool ReportPythonExpression(const Tokens& tokens, size_t at, Diagnostics& diagnostics) {
  const Token& token = tokens[at];
  const Token& before = tokens[at == 0 ? 0 : at - 1];
  if (before.Is("lambda")) {
    ReportPython(before, "write the arithmetic itself: `x / 255.0 - 0.5`, `exp(x)`, `sum(x, axis=time)`", diagnostics);
  } else if (token.Is("for")) {
    ReportPython(token, "layers are repeated in a pipe: `|> repeat 3 { Dense(8) |> ReLU() }`", diagnostics);
  } else if ((token.Is("*") || token.Is("**")) && (before.Is("(") || before.Is(","))) {
    ReportPython(token, "write each argument out: nothing spreads a list or a dictionary", diagnostics);
  } else if (token.Is("is")) {
    ReportPython(token, "compare with `==`", diagnostics);
  } else if (token.sort == TokenSort::String && before.sort == TokenSort::Name && before.text.size() == 1 &&
             before.span.end == token.span.begin) {
    ReportPython(before, "write a plain string; inside `repeat` a `name=` may contain `{i}`", diagnostics);
  } else {
    return false;
  }
  return true;
}

}  // namespace strata::syntax
