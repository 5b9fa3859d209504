// The formatter's style, and what must hold of it for every program there is.
#include "compiler/syntax/format.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "parse_test.h"
#include "tests/support/format_property.h"

namespace strata {
namespace {

namespace fs = std::filesystem;
using testing::FormatFault;

std::string Formatted(const std::string& text) {
  Parsed parsed(text);
  EXPECT_TRUE(parsed.file) << text;
  return parsed.file ? Format(*parsed.file, parsed.sources) : "";
}

// The value of a constant, formatted.
std::string FormattedValue(const std::string& value) {
  const std::string text = Formatted("const V = " + value + "\n");
  EXPECT_TRUE(text.starts_with("const V = ") && text.ends_with("\n")) << text;
  return text.substr(10, text.size() - 11);
}

// A body of a model, formatted, without its indentation of two.
std::string FormattedBody(const std::string& body) {
  std::istringstream lines(Formatted("model m(x: f32[batch, 4]) -> f32[batch, 4] {\n" + body + "\n}\n"));
  std::string result;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line != "}") result += (line.empty() ? line : line.substr(2)) + "\n";
  return result;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Every program of the repository, or piece of a golden file or page that begins like one.
std::vector<std::string> AllTexts() {
  std::vector<fs::path> files;
  for (const char* folder : {"examples", "tests", "compiler/source/explain", "docs"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const fs::path ending = entry.path().extension();
      if (ending == ".strata" || ending == ".golden" || ending == ".md") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> programs;
  for (const fs::path& file : files) {
    if (file.extension() == ".strata") {
      programs.push_back(ReadFile(file));
      continue;
    }
    std::istringstream lines(ReadFile(file));
    std::string piece;
    for (std::string line; std::getline(lines, line);) {
      const bool is_edge = line.starts_with("```") || line.starts_with("--- ") || line.starts_with("$ ");
      if (!is_edge) {
        piece += line + "\n";
      } else if (!piece.empty()) {
        programs.push_back(std::exchange(piece, {}));
      }
    }
  }
  return programs;
}

bool Parses(const std::string& text) {
  Sources sources;
  Diagnostics diagnostics;
  const FileId id = sources.Add("test.strata", text);
  return ScanSource(id, sources, diagnostics) && Parse(id, sources, diagnostics).has_value();
}

TEST(FormatPropertyTest, HoldsForEveryProgram) {
  int count = 0;
  for (const std::string& program : AllTexts()) {
    if (!Parses(program)) continue;
    ++count;
    const std::string fault = FormatFault(program);
    ASSERT_EQ(fault, "") << program;
  }
  EXPECT_GE(count, 150);
}

// Line ends, blanks and comments at any place where one may stand, and texts of any length between them.
TEST(FormatPropertyTest, HoldsWhateverStandsBetweenTokens) {
  const int rounds = 40;
  std::mt19937 random(5);
  const auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  const std::string kBetween[] = {" ",
                                  " ",
                                  " ",
                                  "\n",
                                  "\n\n\n",
                                  "  # c\n",
                                  "\n# own\n",
                                  "\n\n## doc\n",
                                  "\n## a\n## b\n",
                                  "\r\n",
                                  " # \"x\n\n# y\n\n\n"};
  for (const char* name : kPrograms) {
    const std::string original = ReadProgram(name);
    for (int round = 0; round < rounds; ++round) {
      std::string text;
      char quote = '\0';
      const size_t rarity = 1 + below(12);
      for (size_t i = 0; i < original.size(); ++i) {
        const char c = original[i];
        if (quote == '\0' && c == '#') i = original.find('\n', i);
        if (quote == '\0' && (c == ' ' || c == '\n' || c == '#')) {
          text += below(rarity) == 0 ? kBetween[below(std::size(kBetween))] : c == ' ' ? " " : "\n";
          continue;
        }
        const bool is_bracket = std::string_view("()[]{},").find(c) != std::string_view::npos;
        if (quote == '\0' && is_bracket && below(rarity) == 0) text += kBetween[below(std::size(kBetween))];
        if (c == '"') quote = quote == '\0' ? '"' : '\0';
        const bool is_longer = below(rarity) == 0 && below(2) == 0;
        if (is_longer && c == '"' && quote == '\0') text.append(below(80), 'x');
        text += c;
        if (is_longer && quote == '\0' && c >= '1' && c <= '9') text.append(below(12), '7');
        if (is_longer && quote == '\0' && c == '.') text += "layers.";
      }
      if (!Parses(text)) continue;
      const std::string fault = FormatFault(text);
      ASSERT_EQ(fault, "") << text;
    }
  }
}

// ---- Style ----

TEST(FormatTest, SpacesAroundOperatorsAndNoneAroundArguments) {
  EXPECT_EQ(FormattedValue("a+b *-c// d**- 2"), "a + b * -c // d ** -2");
  EXPECT_EQ(FormattedValue("not  a and b==c or( d )"), "not a and b == c or (d)");
  EXPECT_EQ(FormattedValue("f ( a , units = 3 ) ( b )"), "f(a, units=3)(b)");
  EXPECT_EQ(FormattedValue("x [ time : 1 .. -1 , height:0 ] . width"), "x[time: 1..-1, height: 0].width");
  EXPECT_EQ(FormattedValue("x[..n]+y[a+1 ..]"), "x[..n] + y[a + 1..]");
  EXPECT_EQ(FormattedValue("[height:7,width:-1]"), "[height: 7, width: -1]");
  EXPECT_EQ(FormattedValue("a   if c else b"), "a if c else b");
}

TEST(FormatTest, TokensThatWouldBecomeOneStayApart) {
  EXPECT_EQ(FormattedValue("x[1. ..4]"), "x[1. ..4]");
  EXPECT_EQ(FormattedValue("x[1.. .5]"), "x[1.. .5]");
  EXPECT_EQ(FormattedValue("1 .real"), "1 .real");
  EXPECT_EQ(FormattedValue("- - 1"), "--1");
}

TEST(FormatTest, ParenthesesStayAndCommasThatSayNothingGo) {
  EXPECT_EQ(FormattedValue("((a))"), "((a))");
  EXPECT_EQ(FormattedValue("(a,)"), "(a,)");
  EXPECT_EQ(FormattedValue("(a,b,)"), "(a, b)");
  EXPECT_EQ(FormattedValue("[a,]"), "[a]");
  EXPECT_EQ(FormattedValue("f(a,)(b=1,)"), "f(a)(b=1)");
  EXPECT_EQ(FormattedValue("[time:(time)]"), "[time: (time)]");
  EXPECT_EQ(FormattedValue("()"), "()");
  EXPECT_EQ(FormattedBody("let (a,)=x let (b)=x let (c,d,)=x return a"),
            "let (a,) = x\nlet (b) = x\nlet (c, d) = x\nreturn a\n");
}

TEST(FormatTest, DoubleQuotesUnlessTheyNeedEscapes) {
  EXPECT_EQ(FormattedValue("'same'"), "\"same\"");
  EXPECT_EQ(FormattedValue("'it\\'s \\\\ \\n'"), "\"it's \\\\ \\n\"");
  EXPECT_EQ(FormattedValue("'a \"b\"'"), "'a \"b\"'");
  EXPECT_EQ(FormattedValue("'# no comment'"), "\"# no comment\"");
}

TEST(FormatTest, PrefixesGoWhereTheyMeanNothing) {
  EXPECT_EQ(FormattedValue("keras.layers.Dense(4)"), "Dense(4)");
  EXPECT_EQ(FormattedValue("[layers . Dense(4)]"), "[Dense(4)]");
  EXPECT_EQ(FormattedValue("a.layers.Dense"), "a.layers.Dense");
  EXPECT_EQ(FormattedValue("layers.dense"), "layers.dense");
  EXPECT_EQ(FormattedBody("let layers = x return layers.Dense"), "let layers = x\nreturn layers.Dense\n");
  EXPECT_EQ(FormattedBody("let Dense = x return layers.Dense(4)"), "let Dense = x\nreturn layers.Dense(4)\n");
}

TEST(FormatTest, KeywordsAreNamesElsewhere) {
  EXPECT_EQ(FormattedValue("repeat (3)"), "repeat(3)");
  EXPECT_EQ(FormattedValue("repeat (3) {A()}"), "repeat (3) { A() }");
  EXPECT_EQ(FormattedValue("repeat repeat{A()}"), "repeat repeat { A() }");
  EXPECT_EQ(FormattedValue("branch+where"), "branch + where");
  EXPECT_EQ(Formatted("weights m from 'w'{as='a' as=\"b\"as[as] weights / b='c'}"),
            "weights m from \"w\" {\n  as = \"a\"\n  as = \"b\" as [as]\n  weights/b = \"c\"\n}\n");
}

TEST(FormatTest, APipeKeepsItsLines) {
  EXPECT_EQ(FormattedBody("return x|>A()|>B()"), "return x |> A() |> B()\n");
  EXPECT_EQ(FormattedBody("return x |> A()\n|> B() |> C()"), "return x\n  |> A()\n  |> B() |> C()\n");
  EXPECT_EQ(FormattedBody("return x |> A() : [batch,2] |> LongerLayer() : [batch, 3]"),
            "return x\n  |> A()            : [batch, 2]\n  |> LongerLayer()  : [batch, 3]\n");
  EXPECT_EQ(FormattedBody("return x |> A() : [batch,2]"), "return x |> A()  : [batch, 2]\n");
  EXPECT_EQ(FormattedBody("return x |> repeat 3 as i {\nA() }"), "return x\n  |> repeat 3 as i {\n    A()\n  }\n");
  EXPECT_EQ(FormattedBody("return x |> branch {A(),B(),}"), "return x |> branch { A(), B() }\n");
  EXPECT_EQ(FormattedBody("let s = x if a\nelse y |> B()\n|> C() return s"),
            "let s = x if a\n  else y\n    |> B()\n    |> C()\nreturn s\n");
}

TEST(FormatTest, WhatDoesNotFitIsBroken) {
  const std::string name(50, 'a');
  EXPECT_EQ(FormattedBody("return x |> " + name + "() |> " + name + "() |> B()"),
            "return x\n  |> " + name + "()\n  |> " + name + "()\n  |> B()\n");
  EXPECT_EQ(FormattedBody("return f(" + name + ", " + name + ", units=3)"),
            "return f(\n  " + name + ",\n  " + name + ",\n  units=3,\n)\n");
  EXPECT_EQ(FormattedBody("return f([" + name + ", " + name + ", 30000])"),
            "return f([\n  " + name + ",\n  " + name + ",\n  30000,\n])\n");
  EXPECT_EQ(FormattedBody("return " + name + " + " + name + " * " + name),
            "return " + name + "\n  + " + name + " * " + name + "\n");
  EXPECT_EQ(FormattedBody("return " + name + " if " + name + " else " + name),
            "return " + name + " if " + name + "\n  else " + name + "\n");
}

TEST(FormatTest, ALineHas120Columns) {
  const std::string name(120 - std::string("const V = f(, b)").size(), 'a');
  EXPECT_EQ(FormattedValue("f(" + name + ", b)"), "f(" + name + ", b)");
  EXPECT_EQ(FormattedValue("f(a" + name + ", b)"), "f(\n  a" + name + ",\n  b,\n)");
  // Counted as a terminal shows them.
  std::string wide = "\"";
  for (int i = 0; i < 52; ++i) wide += "\u5c42";
  wide += "\"";
  EXPECT_EQ(FormattedValue("f(" + wide + ")"), "f(" + wide + ")");
  EXPECT_EQ(FormattedValue("f(ab, " + wide + ")"), "f(\n  ab,\n  " + wide + ",\n)");
}

TEST(FormatTest, Signatures) {
  EXPECT_EQ(Formatted("block B(f:int,s:int=1)(x:f32[batch,4])->f32[batch,f]where f>1,s>0,{return x}"),
            "block B(f: int, s: int = 1)(x: f32[batch, 4]) -> f32[batch, f] where f > 1, s > 0 {\n  return x\n}\n");
  const std::string type = "f32[batch, height: 32, width: 32, channels: 3]";
  EXPECT_EQ(Formatted("model m(a: " + type + ", b: " + type + ") -> (y: f32[batch, 4]) { return a }"),
            "model m(a: " + type + ", b: " + type + ")\n    -> (y: f32[batch, 4]) {\n  return a\n}\n");
  EXPECT_EQ(Formatted("model m(a: " + type + ", b: " + type + ", c: " + type + ") -> " + type + " { return a }"),
            "model m(\n    a: " + type + ",\n    b: " + type + ",\n    c: " + type + ",\n) -> " + type +
                " {\n  return a\n}\n");
}

TEST(FormatTest, BlankLines) {
  EXPECT_EQ(FormattedBody("\n\nlet a = x\n\n\n\nlet b = a\nreturn b\n\n"), "let a = x\n\nlet b = a\nreturn b\n");
  EXPECT_EQ(Formatted("\n\nconst A = 1\nconst B = 2\n\n\n\nconst C = 3"), "const A = 1\nconst B = 2\n\nconst C = 3\n");
  EXPECT_EQ(Formatted("model m(x: f32[b]) -> f32[b] { return x } model n(x: f32[b]) -> f32[b] { return x }"
                      "weights n from \"n\""),
            "model m(x: f32[b]) -> f32[b] {\n  return x\n}\n\nmodel n(x: f32[b]) -> f32[b] {\n  return x\n}"
            "\nweights n from \"n\"\n");
}

TEST(FormatTest, Comments) {
  EXPECT_EQ(Formatted("# one\n\n## two   \nconst A = 1#three\n\n\n# four"),
            "# one\n\n## two\nconst A = 1  #three\n\n# four\n");
  EXPECT_EQ(FormattedValue("f(a, # one\n b # two\n )"), "f(\n  a,  # one\n  b,  # two\n)");
  EXPECT_EQ(FormattedValue("f(\n# one\na\n# two\n)"), "f(\n  # one\n  a,\n  # two\n)");
  EXPECT_EQ(FormattedValue("a # one\n + b"), "a  # one\n  + b");
  EXPECT_EQ(FormattedBody("# zero\nlet a = x # one\nlet abc = x # two\n\nreturn x # three\n# four"),
            "# zero\nlet a = x    # one\nlet abc = x  # two\n\nreturn x  # three\n# four\n");
  EXPECT_EQ(FormattedBody("return x\n# one\n|> A() # two\n\n# three\n|> B()"),
            "return x\n  # one\n  |> A()  # two\n\n  # three\n  |> B()\n");
}

TEST(FormatTest, EndsOfLinesStayAndAByteOrderMarkGoes) {
  EXPECT_EQ(Formatted("\xEF\xBB\xBF"
                      "const A=1 # x\r\nconst B=2\r\n"),
            "const A = 1  # x\r\nconst B = 2\r\n");
  EXPECT_EQ(Formatted("const A=1\rconst B=2 # x\r## y\rconst C=3"),
            "const A = 1\nconst B = 2  # x\n## y\nconst C = 3\n");
}

TEST(FormatTest, TheExamplesAreFormatted) {
  int count = 0;
  for (const char* folder : {"examples", "tests/abi"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".strata") continue;
      const std::string text = ReadFile(entry.path());
      EXPECT_EQ(Formatted(text), text) << entry.path() << ": `strata fmt` formats it";
      ++count;
    }
  }
  EXPECT_GE(count, 6);
}

}  // namespace
}  // namespace strata
