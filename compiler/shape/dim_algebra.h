// What the files of Dim share; nobody else includes this.
#pragma once

#include <compare>
#include <memory>
#include <string>
#include <vector>

#include "compiler/shape/dim.h"

namespace strata {

// Builds Dims from their parts.
struct DimAlgebra {
  // Sorts the terms and their factors and adds up what is alike.
  static Dim FromTerms(std::vector<Dim::Term> terms);
};

namespace dim_algebra {

using Atom = Dim::Atom;
using Term = Dim::Term;
using Factors = std::vector<std::shared_ptr<const Atom>>;

std::strong_ordering Compare(const Atom& a, const Atom& b);
// Higher degrees come first, so that a constant is the last term. This is a monomial order (graded lexicographic): it
// is kept when both sides are multiplied by the same atom, which long division relies on.
std::strong_ordering Compare(const Factors& a, const Factors& b);
// Of two Dims whose first terms agree the longer one comes first: constants, and last of all 0, end a list.
std::strong_ordering Compare(const Dim& a, const Dim& b);

struct AtomLess {
  bool operator()(const std::shared_ptr<const Atom>& a, const std::shared_ptr<const Atom>& b) const {
    return Compare(*a, *b) < 0;
  }
};

Dim FromTerm(Term term);
Dim FromAtom(Atom::Form form, std::string symbol, const Dim& left, const Dim& right);
Dim Negated(const Dim& dim);

// The atom of a term that is a number times one atom, if that is of the given form.
const Atom* SoleAtom(const Term& term, Atom::Form form);
// The term that is a number times a maximum, if the Dim has exactly one.
const Term* SoleMax(const Dim& dim);
// The operands of the maximum that `dim` is, be it scaled or with something added: `2 * max(a, b) + c` has `2 * a + c`
// and `2 * b + c`.
void AppendOperands(const Dim& dim, std::vector<Dim>& operands);

// The greatest number that divides every coefficient and `with`.
int64_t Content(const Dim& dim, int64_t with = 0);
Dim DividedExactly(const Dim& dim, int64_t divisor);

}  // namespace dim_algebra
}  // namespace strata
