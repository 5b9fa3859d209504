// Programs with parts of other programs put in: types, arguments, layers, sizes. Most parse, few are right.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "compiler/syntax/tokens.h"

namespace strata::testing {

class Recombiner {
 public:
  // Takes its parts from all programs of the repository; runs in its root.
  Recombiner();

  const std::vector<std::string>& Programs() const { return programs_; }
  // The text with one to three parts changed. Equal where nothing was found to change.
  std::string Change(std::string text, std::mt19937& random) const;

 private:
  std::string ChangeOnce(const std::string& text, std::mt19937& random) const;

  std::vector<std::string> programs_;
  std::vector<std::string> types_;      // `f32[batch, height: 8]`
  std::vector<std::string> axes_;       // `height: 8`
  std::vector<std::string> literals_;   // `8`, `"same"`, `(1, 2)`, `None`
  std::vector<std::string> arguments_;  // `padding="same"`
  std::vector<std::string> layers_;     // `Conv2D(8, 3)`
};

}  // namespace strata::testing
