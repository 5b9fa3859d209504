// The one style of Strata programs.
//
// Two columns a level, lines of at most 120 columns, one statement a line, double quotes. A pipe, a conditional and what
// stands in the braces of `repeat` and `branch` are on one line where the author wrote them so and they fit; otherwise
// each step begins a line, or the steps that the author put on one line share it. Ascriptions of one pipe and comments
// on lines that follow each other are aligned. Everything else has one form: arguments are on one line, or one a line.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "compiler/source/source.h"
#include "compiler/syntax/ast.h"

namespace strata {

// The main name of a layer or function: "AveragePooling2D" of "AvgPool2D", the name itself of others.
using MainNames = std::function<std::string_view(std::string_view)>;

// The text of a parsed file in that style. It parses to the same tree, but for the prefixes `keras.layers.` and
// `layers.`, which go where they change nothing, and for layers and functions under another name, which get their main
// one; and has the same comments in the same order. Its own format is itself. Lines end as the first line of the file
// does.
std::string Format(const ast::File& file, const Sources& sources, const MainNames& main_name = {});

}  // namespace strata
