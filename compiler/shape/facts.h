// What is known of the symbols of a signature, and what follows from it: `H % 8 == 0` makes `8 * (H // 8)` be `H`.
//
// Every answer is a proof: True and False hold for all values of the symbols that the facts admit (and for which the
// sizes asked about have a value: no divisor in them is 0). Not everything that is true is found; the work is bounded.
//
// How: an equality is solved for a symbol, which is replaced ever after; `H % 8 == 3` so makes H be 8 * h + 3 for a
// symbol h of ours, and the canonical form of Dim does the rest. Inequalities give each symbol a range, and are
// combined by elimination (linear.h) where ranges do not decide.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/shape/condition.h"
#include "compiler/shape/dim.h"

namespace strata {

enum class Truth { True, False, Unknown };

// Both ends are included; an end is absent where nothing is known.
struct Range {
  std::optional<int64_t> low, high;
};

// A value: copies are independent, and equal histories give equal answers.
class Facts {
 public:
  // The size of a tensor's axis is 0 or more: a compiled model accepts empty batches (and refuses negative sizes). False
  // where that contradicts the facts, as Assume.
  bool AssumeSize(const Dim& size) { return Assume({0, Relation::LessEqual, size}); }
  // A `where` condition, or a guard once it is made. False where it is found to contradict the facts; nothing is assumed
  // then. What is Unknown or Overflow tells nothing.
  bool Assume(const Condition& condition);

  // Unknown too where a side is Unknown or Overflow.
  Truth Decide(const Condition& condition) const;
  bool Proves(const Condition& condition) const { return Decide(condition) == Truth::True; }
  bool ProvesEqual(const Dim& a, const Dim& b) const { return Proves({a, Relation::Equal, b}); }

  // An equal Dim over the user's symbols, shorter where the facts make it so: `H` for `8 * (H // 8)`.
  Dim Simplify(const Dim& dim) const;
  // Bounds of the Dim's value, not always the tightest.
  Range RangeOf(const Dim& dim) const;

  // Conditions that together make `condition` provable where they are assumed too, for a message to offer in a `where`;
  // the simplest and weakest found: `H % 8 == 0` for `8 * (H // 8) == H`. The last resort is the condition itself, where
  // Facts can make use of it. Empty where the condition is proven already, where it contradicts the facts, and where
  // nothing is found.
  std::vector<Condition> WhatWouldProve(const Condition& condition) const;

 private:
  // Of the Dims here those marked "theirs" are over the user's symbols; all others are "ours": over symbols that are not
  // replaced, with our own among them.
  struct Replacement {
    std::shared_ptr<const Dim::Atom> atom;  // a symbol, or the quotient or maximum itself
    Dim by;
  };
  class Bounds;
  // What our own symbol `name` stands for: whole == scale * name + rest.
  struct Own {
    std::string name;
    Dim whole;  // theirs
    Dim scale;  // one term
    int64_t rest;
  };

  Dim Replaced(const Dim& theirs) const;
  Dim InTheirSymbols(const Dim& ours) const;
  Dim TermInTheirSymbols(const Dim::Term& term) const;
  Dim QuotientInTheirSymbols(const Dim::Atom& quotient) const;
  Dim WithoutDecidedParts(const Dim& ours) const;
  // Both for Dims of ours.
  Truth IsZero(const Dim& dim) const;
  bool IsNeverNegative(const Dim& dim) const;
  // Whether no values satisfy all facts and `dim` >= 0.
  bool Excludes(const Dim& dim) const;

  // What Assume is made of; false is a contradiction.
  bool AddEqualities(std::vector<Dim> zeros);
  bool AddEquality(const Dim& zero, std::vector<Dim>& zeros);
  bool AddAtLeastZero(const Dim& dim, std::vector<Dim>& zeros);
  bool AddNotZero(const Dim& dim, std::vector<Dim>& zeros);
  bool Replace(const std::shared_ptr<const Dim::Atom>& atom, const Dim& by, std::vector<Dim>& zeros);
  bool ReplaceByOwn(const std::shared_ptr<const Dim::Atom>& symbol, const Dim::Term& scaled_own, const Dim& rest,
                    std::vector<Dim>& zeros);
  bool SolveWithQuotient(const Dim& zero, std::vector<Dim>& zeros, bool& solved);
  bool SolveTwoUnknowns(const Dim& zero, std::vector<Dim>& zeros, bool& solved);

  std::vector<Replacement> replacements_;
  std::vector<Own> own_;
  int own_count_ = 0;
  std::vector<Dim> at_least_zero_;
  std::vector<Dim> not_zero_;
  std::map<std::string, Range, std::less<>> ranges_;  // of symbols
};

}  // namespace strata
