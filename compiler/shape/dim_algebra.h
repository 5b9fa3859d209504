// What the files of Dim share; nobody else includes this.
#pragma once

#include <compare>
#include <memory>
#include <optional>
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

// Parts of the whole expression.
int64_t SizeOf(const Dim& dim);
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

Factors FactorsWithout(const Factors& factors, const Factors& removed);
// Atoms that every term of the Dim has in common with `factors`.
Factors CommonFactors(Factors factors, const Dim& dim);
// `removed` must be factors of every term.
Dim WithoutFactors(const Dim& dim, const Factors& removed);

// The least number whose multiples, added to the symbols, leave every remainder by a number as it is; nothing where it is
// beyond the number of cases that equality is tried by.
std::optional<int64_t> Period(const Dim& dim);

// Calls `visit` for every atom of the Dim, those inside others included.
template <typename Visit>
void ForEachAtom(const Dim& dim, const Visit& visit) {
  for (const Term& term : dim.Terms()) {
    for (const auto& factor : term.factors) {
      visit(factor);
      ForEachAtom(factor->left, visit);
      ForEachAtom(factor->right, visit);
    }
  }
}

}  // namespace dim_algebra
}  // namespace strata
