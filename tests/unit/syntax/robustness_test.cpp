// Whatever comes in, the parser ends, with a tree or with messages; and a place in a message lies in the file.
#include <gtest/gtest.h>

#include <cctype>
#include <random>

#include "parse_test.h"

namespace strata {
namespace {

void ExpectSane(const std::string& text) {
  Sources sources;
  Diagnostics diagnostics;
  const FileId id = sources.Add("test.strata", text);
  const std::optional<ast::File> file = Parse(id, sources, diagnostics);
  ASSERT_EQ(file.has_value(), !diagnostics.HasErrors()) << text;
  for (const Diagnostic* diagnostic : diagnostics.Sorted()) {
    ASSERT_FALSE(diagnostic->labels.empty()) << text;
    for (const Label& label : diagnostic->labels) {
      ASSERT_LE(label.span.begin, label.span.end) << text;
      ASSERT_LE(label.span.end, text.size()) << text;
    }
  }
  if (file) PrintAst(*file);
}

class RobustnessTest : public testing::TestWithParam<const char*> {};

TEST_P(RobustnessTest, EveryPrefix) {
  const std::string text = ReadProgram(GetParam());
  ASSERT_FALSE(text.empty());
  for (size_t length = 0; length <= text.size(); ++length) ExpectSane(text.substr(0, length));
}

TEST_P(RobustnessTest, MutatedBytes) {
  const std::string original = ReadProgram(GetParam());
  std::mt19937 random(17);
  const auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  for (int i = 0; i < 500; ++i) {
    std::string text = original;
    for (size_t count = 1 + below(3); count > 0; --count) {
      const size_t at = below(text.size());
      const char byte = static_cast<char>(32 + below(95));
      switch (below(3)) {
        case 0: text[at] = byte; break;
        case 1: text.insert(at, 1, byte); break;
        default: text.erase(at, 1 + below(5)); break;
      }
    }
    ExpectSane(text);
  }
}

std::vector<std::string> Pieces(const std::string& text) {
  std::vector<std::string> pieces;
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (const char c : text) {
    if (!pieces.empty() && is_word(c) && is_word(pieces.back().back())) {
      pieces.back() += c;
    } else {
      pieces.emplace_back(1, c);
    }
  }
  return pieces;
}

TEST_P(RobustnessTest, MutatedWords) {
  const std::vector<std::string> original = Pieces(ReadProgram(GetParam()));
  std::mt19937 random(4);
  const auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  for (int i = 0; i < 500; ++i) {
    std::vector<std::string> pieces = original;
    for (size_t count = 1 + below(3); count > 0; --count) {
      const size_t at = below(pieces.size());
      switch (below(4)) {
        case 0: pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(at)); break;
        case 1:
          pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(at), original[below(original.size())]);
          break;
        case 2: std::swap(pieces[at], pieces[below(pieces.size())]); break;
        default: pieces[at] = original[below(original.size())]; break;
      }
    }
    std::string text;
    for (const std::string& piece : pieces) text += piece;
    ExpectSane(text);
  }
}

INSTANTIATE_TEST_SUITE_P(Programs, RobustnessTest, testing::ValuesIn(kPrograms),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace strata
