#include "compiler/source/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compiler/source/check.h"
#include "compiler/source/glyph.h"

namespace strata {
namespace {

TEST(SourceFileTest, LinesHaveNoEndOfLine) {
  const SourceFile file("a.strata", "one\ntwo\r\n\nfour");
  ASSERT_EQ(file.LineCount(), 4u);
  EXPECT_EQ(file.Line(1), "one");
  EXPECT_EQ(file.Line(2), "two");
  EXPECT_EQ(file.Line(3), "");
  EXPECT_EQ(file.Line(4), "four");
  EXPECT_EQ(file.LineStart(1), 0u);
  EXPECT_EQ(file.LineStart(2), 4u);
  EXPECT_EQ(file.LineStart(3), 9u);
  EXPECT_EQ(file.LineStart(4), 10u);
}

TEST(SourceFileTest, AnEndOfLineAtTheEndBeginsAnEmptyLine) {
  EXPECT_EQ(SourceFile("a.strata", "").LineCount(), 1u);
  EXPECT_EQ(SourceFile("a.strata", "").Line(1), "");
  EXPECT_EQ(SourceFile("a.strata", "one\n").LineCount(), 2u);
  EXPECT_EQ(SourceFile("a.strata", "one\n").Line(2), "");
}

std::string Place(const SourceFile& file, uint32_t offset) {
  const LineColumn place = file.Locate(offset);
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

TEST(SourceFileTest, LocateCountsFromOne) {
  const SourceFile file("a.strata", "one\ntwo\n");
  EXPECT_EQ(Place(file, 0), "1:1");
  EXPECT_EQ(Place(file, 2), "1:3");
  EXPECT_EQ(Place(file, 3), "1:4");  // the end of line
  EXPECT_EQ(Place(file, 4), "2:1");
  EXPECT_EQ(Place(file, 8), "3:1");  // the end of the file
}

TEST(SourceFileTest, ColumnsAreCells) {
  EXPECT_EQ(Place(SourceFile("tab", "\tx"), 1), "1:5");
  EXPECT_EQ(Place(SourceFile("wide", "日本x"), 6), "1:5");
  EXPECT_EQ(Place(SourceFile("combining", "e\u0301x"), 3), "1:2");
  EXPECT_EQ(Place(SourceFile("accent", "éx"), 2), "1:2");
  EXPECT_EQ(Place(SourceFile("inside a character", "日本x"), 4), "1:3");
  EXPECT_EQ(Place(SourceFile("not UTF-8", "\xff\xfex"), 2), "1:3");
  EXPECT_EQ(Place(SourceFile("windows", "one\r\ntwo"), 4), "1:4");
}

TEST(SpanTest, JoinCoversBoth) {
  const FileId file{0};
  EXPECT_EQ(Join({file, 4, 6}, {file, 1, 2}), (Span{file, 1, 6}));
  EXPECT_EQ(Join({file, 1, 9}, {file, 2, 3}), (Span{file, 1, 9}));
  EXPECT_EQ(Join({}, {file, 2, 3}), (Span{file, 2, 3}));
  EXPECT_EQ(Join({file, 2, 3}, {}), (Span{file, 2, 3}));
  EXPECT_FALSE(Join({}, {}).IsValid());
}

TEST(SpanDeathTest, JoinAcrossFilesIsAFaultOfOurs) {
  EXPECT_EXIT(Join({FileId{0}, 0, 1}, {FileId{1}, 0, 1}), testing::ExitedWithCode(70),
              "internal error at .*source.cpp:[0-9]+: expected a.file == b.file");
}

TEST(SourcesTest, FilesStayWhereTheyAre) {
  Sources sources;
  const FileId first = sources.Add("first", "text of the first");
  const SourceFile& file = sources.Get(first);
  for (int i = 0; i < 100; ++i) sources.Add("other", "text");
  EXPECT_EQ(&file, &sources.Get(first));
  EXPECT_EQ(file.Name(), "first");
  EXPECT_EQ(sources.Text({first, 8, 11}), "the");
}

TEST(GlyphTest, WhatWouldActOnTheTerminalIsReplaced) {
  EXPECT_EQ(Printable("a\x1b[31mb"), "a\u241b[31mb");
  EXPECT_EQ(Printable("a\tb"), "a    b");
  EXPECT_EQ(Printable("a\x7f"), "a\u2421");
  EXPECT_EQ(Printable("a\u202eb"), "a\ufffdb");  // right-to-left override
  EXPECT_EQ(Printable("a\u0085b"), "a\ufffdb");
  EXPECT_EQ(Printable("a\xff\xc3"), "a\ufffd\ufffd");
  EXPECT_EQ(Printable("größe 日本"), "größe 日本");
}

}  // namespace
}  // namespace strata
