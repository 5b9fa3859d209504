#include "compiler/syntax/literals.h"

#include <gtest/gtest.h>

#include "parse_test.h"

namespace strata {
namespace {

using syntax::ParseInteger;
using syntax::ParseReal;
using syntax::ParseString;

TEST(LiteralTest, Integers) {
  EXPECT_EQ(ParseInteger("0"), 0);
  EXPECT_EQ(ParseInteger("00"), 0);
  EXPECT_EQ(ParseInteger("1_000"), 1000);
  EXPECT_EQ(ParseInteger("0xfF"), 255);
  EXPECT_EQ(ParseInteger("0O17"), 15);
  EXPECT_EQ(ParseInteger("0b1_01"), 5);
  EXPECT_EQ(ParseInteger("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ParseInteger("9223372036854775808"), std::nullopt);
  EXPECT_EQ(ParseInteger("0xFFFFFFFFFFFFFFFF"), std::nullopt);
}

TEST(LiteralTest, Reals) {
  EXPECT_EQ(ParseReal(".5"), 0.5);
  EXPECT_EQ(ParseReal("1."), 1.0);
  EXPECT_EQ(ParseReal("1e-3"), 1e-3);
  EXPECT_EQ(ParseReal("1_0.2_5E+1"), 102.5);
  EXPECT_EQ(ParseReal("1.7976931348623157e308"), 1.7976931348623157e308);
  EXPECT_EQ(ParseReal("1e309"), std::nullopt);
  EXPECT_EQ(ParseReal("1e-400"), 0.0);
  EXPECT_EQ(ParseReal("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(ParseReal(std::string(400, '1') + "."), std::nullopt);
}

TEST(LiteralTest, Strings) {
  EXPECT_EQ(ParseString("'a\"b'").value, "a\"b");
  EXPECT_EQ(ParseString(R"("\\ \' \" \n\r\t\a\b\f\v")").value, "\\ ' \" \n\r\t\a\b\f\v");
  EXPECT_EQ(ParseString(R"("a\0b")").value, std::string("a\0b", 3));
  EXPECT_EQ(ParseString(R"("\x41\xe9")").value, "A\u00E9");
  EXPECT_FALSE(ParseString(R"("\n")").bad_escape);
}

TEST(LiteralTest, BadEscapes) {
  const auto bad = [](std::string_view text) {
    const auto escape = ParseString(text).bad_escape;
    return escape ? std::string(text.substr(escape->offset, escape->length)) : std::string();
  };
  EXPECT_EQ(bad(R"("ab\q")"), "\\q");
  EXPECT_EQ(bad(R"("\x4")"), "\\x");
  EXPECT_EQ(bad(R"("\xg1")"), "\\x");
  EXPECT_EQ(bad("'\\\u00E9'"), "\\\u00E9");
}

// What the lexer takes for one number, and that `..` is not part of one.
TEST(LiteralTest, NumbersInAProgram) {
  Parsed parsed("const V = [.5, 1e-3, 1_000, 1., 0x1F, 1.e3, x[1..2], x[1 .. 2], 007.5]");
  ASSERT_TRUE(parsed.file);
  EXPECT_EQ(PrintAst(*parsed.file),
            "file\n  const V\n    list\n      0.5\n      0.001\n      1000\n      1.0\n      31\n      1000.0\n"
            "      index\n        name x\n        range\n          from\n            1\n          to\n            2\n"
            "      index\n        name x\n        range\n          from\n            1\n          to\n            2\n"
            "      7.5\n");
}

}  // namespace
}  // namespace strata
