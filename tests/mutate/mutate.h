// Mistakes made on purpose: a valid program with one thing wrong, as people get it wrong.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/syntax/ast.h"

namespace strata::testing {

enum class Mutation {
  DropLayer,
  SwapLayers,
  ChangeSize,
  Misspell,
  DropArgument,
  AddArgument,
  SwapAxes,
  WrongReturnType,
  WrongRank,
};
inline constexpr std::array<std::string_view, 9> kMutationNames = {
    "drop a layer",    "swap two layers", "change a size", "misspell a name", "drop an argument",
    "add an argument", "swap two axes",   "wrong result",  "wrong rank"};

struct Mutant {
  Mutation kind;
  std::string text;
  // The lines (from 1, both included) of `text` that hold the mistake; around a layer that was dropped, its neighbours.
  uint32_t first_line;
  uint32_t last_line;
};

// The places in a program where each kind of mistake can be made, each once, in source order.
class Mutator {
 public:
  Mutator(const ast::File& file, std::string text);

  size_t Count(Mutation kind) const { return sites_[static_cast<size_t>(kind)].size(); }
  // The mistake at place `site`; what else is open is drawn from `random`. Its text may equal the program's.
  Mutant Make(Mutation kind, size_t site, std::mt19937& random) const;

 private:
  // The bytes that a mistake concerns; `second` where it concerns two things.
  struct Site {
    Span span;
    Span second = {};
  };
  friend class SiteCollector;

  std::string text_;
  std::array<std::vector<Site>, kMutationNames.size()> sites_;
};

}  // namespace strata::testing
