#include "tests/support/recombine.h"

#include <algorithm>
#include <array>
#include <optional>

#include "compiler/shape/dtype.h"
#include "compiler/syntax/lex.h"
#include "tests/support/programs.h"

namespace strata::testing {
namespace {

using syntax::Token;
using syntax::Tokens;
using syntax::TokenSort;

struct Range {
  uint32_t begin;
  uint32_t end;
};

// The token that closes the bracket at `opener`; nothing where none does.
std::optional<size_t> CloserOf(const Tokens& tokens, size_t opener) {
  size_t depth = 0;
  for (size_t i = opener; i < tokens.size(); ++i) {
    if (tokens[i].Is("(") || tokens[i].Is("[") || tokens[i].Is("{")) ++depth;
    if (tokens[i].Is(")") || tokens[i].Is("]") || tokens[i].Is("}")) --depth;
    if (depth == 0) return i;
  }
  return std::nullopt;
}

// Where the parts of a program stand, by what they are.
struct Parts {
  std::vector<Range> types, axes, literals, arguments, layers, steps;
};

bool IsLiteral(const Token& token) {
  return token.sort == TokenSort::Number || token.sort == TokenSort::String || token.Is("True") || token.Is("False") ||
         token.Is("None");
}

Parts PartsOf(const Tokens& tokens) {
  Parts parts;
  const auto range = [&](size_t first, size_t last) { return Range{tokens[first].span.begin, tokens[last].span.end}; };
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (IsLiteral(token)) parts.literals.push_back(range(i, i));
    if (token.Is("|>")) parts.steps.push_back(range(i, i));
    if (token.sort != TokenSort::Name && !token.Is("(")) continue;
    const bool opens = tokens[i + 1].Is("(") || tokens[i + 1].Is("[");
    const std::optional<size_t> end = opens ? CloserOf(tokens, i + 1) : std::nullopt;
    if (end && tokens[i + 1].Is("[") && ParseDType(token.text)) {
      parts.types.push_back(range(i, *end));
      size_t first = i + 2;
      for (size_t k = first; k <= *end; ++k) {
        if (!tokens[k].Is(",") && k != *end) continue;
        if (k > first) parts.axes.push_back(range(first, k - 1));
        first = k + 1;
      }
    }
    if (end && tokens[i + 1].Is("(") && token.sort == TokenSort::Name) {
      if (token.text.front() >= 'A' && token.text.front() <= 'Z') parts.layers.push_back(range(i, *end));
    }
    if (token.sort == TokenSort::Name && tokens[i + 1].Is("=") && i + 2 < tokens.size()) {
      if (IsLiteral(tokens[i + 2])) parts.arguments.push_back(range(i, i + 2));
      const std::optional<size_t> close =
          tokens[i + 2].Is("(") || tokens[i + 2].Is("[") ? CloserOf(tokens, i + 2) : std::nullopt;
      if (close) parts.arguments.push_back(range(i, *close));
    }
  }
  return parts;
}

Parts PartsOf(const std::string& text) {
  Sources sources;
  Diagnostics diagnostics;
  const FileId id = sources.Add("any.strata", text);
  return ScanSource(id, sources, diagnostics) ? PartsOf(syntax::Lex(id, sources)) : Parts();
}

template <typename T>
const T* Any(const std::vector<T>& items, std::mt19937& random) {
  return items.empty() ? nullptr : &items[random() % items.size()];
}

}  // namespace

Recombiner::Recombiner() {
  for (const Program& program : AllPrograms()) {
    const Parts parts = PartsOf(program.text);
    const auto take = [&](const std::vector<Range>& ranges, std::vector<std::string>& to) {
      for (const Range& range : ranges) to.push_back(program.text.substr(range.begin, range.end - range.begin));
    };
    take(parts.types, types_);
    take(parts.axes, axes_);
    take(parts.literals, literals_);
    take(parts.arguments, arguments_);
    take(parts.layers, layers_);
    programs_.push_back(program.text);
  }
}

std::string Recombiner::Change(std::string text, std::mt19937& random) const {
  for (size_t changes = 1 + random() % 3; changes > 0; --changes) text = ChangeOnce(text, random);
  return text;
}

std::string Recombiner::ChangeOnce(const std::string& text, std::mt19937& random) const {
  const Parts parts = PartsOf(text);
  const auto replaced = [&](const Range& range, const std::string& by) {
    return text.substr(0, range.begin) + by + text.substr(range.end);
  };
  // In place of one of `ranges` one of `pool`; where `before`, in front of it.
  const auto put = [&](const std::vector<Range>& ranges, const std::vector<std::string>& pool) {
    const Range* range = Any(ranges, random);
    const std::string* part = Any(pool, random);
    return range == nullptr || part == nullptr ? text : replaced(*range, *part);
  };
  const auto insert = [&](const std::vector<Range>& ranges, const std::vector<std::string>& pool,
                          const std::string& before, const std::string& after) {
    const Range* range = Any(ranges, random);
    const std::string* part = Any(pool, random);
    return range == nullptr || part == nullptr ? text : replaced({range->begin, range->begin}, before + *part + after);
  };
  switch (random() % 10) {
    case 0:
    case 1: return put(parts.types, types_);
    case 2: return put(parts.axes, axes_);
    case 3: return insert(parts.axes, axes_, "", ", ");
    case 4: {
      const Range* axis = Any(parts.axes, random);  // and with it the comma behind
      if (axis == nullptr) return text;
      const size_t comma = text.find_first_not_of(" \n", axis->end);
      const bool has_comma = comma != std::string::npos && text[comma] == ',';
      return replaced({axis->begin, has_comma ? static_cast<uint32_t>(comma) + 1 : axis->end}, "");
    }
    case 5: return put(parts.literals, literals_);
    case 6: {
      const Range* layer = Any(parts.layers, random);
      const std::string* argument = Any(arguments_, random);
      if (layer == nullptr || argument == nullptr) return text;
      const bool is_empty = text.substr(layer->begin, layer->end - layer->begin).ends_with("()");
      return replaced({layer->end - 1, layer->end - 1}, (is_empty ? "" : ", ") + *argument);
    }
    case 7: return put(parts.layers, layers_);
    case 8: return insert(parts.steps, layers_, "|> ", " ");
    default: return put(parts.arguments, arguments_);
  }
}

}  // namespace strata::testing
