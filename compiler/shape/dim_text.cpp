// Dim::ToString: finds in the canonical form what a user would write.
#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "compiler/shape/dim.h"
#include "compiler/shape/dim_algebra.h"
#include "compiler/source/check.h"

namespace strata {

using namespace dim_algebra;

namespace {

// The terms that all of `dims` have with the same coefficient.
Dim CommonTerms(const std::vector<Dim>& dims) {
  std::vector<Term> common = dims.front().Terms();
  for (const Dim& dim : dims) {
    std::erase_if(common, [&](const Term& term) {
      return std::ranges::none_of(dim.Terms(), [&](const Term& other) {
        return other.coefficient == term.coefficient && Compare(other.factors, term.factors) == 0;
      });
    });
  }
  return DimAlgebra::FromTerms(std::move(common));
}

// How tightly an expression binds when it stands inside another.
enum class Binding { Sum, Quotient, Product, Operand };

struct Text {
  std::string text;
  Binding binding;
};

std::string Parenthesized(const Text& text, Binding least) {
  return text.binding < least ? "(" + text.text + ")" : text.text;
}

Text Format(const Dim& dim);

Text FormatCall(std::string text, const std::vector<Dim>& operands) {
  for (size_t i = 0; i < operands.size(); ++i) text.append(i > 0 ? ", " : "").append(Format(operands[i]).text);
  return {text + ")", Binding::Operand};
}

Text FormatQuotient(const Dim& left, std::string_view sign, const Dim& right) {
  return {Parenthesized(Format(left), Binding::Product) + std::string(sign) +
              Parenthesized(Format(right), Binding::Operand),
          Binding::Quotient};
}

Text FormatCeil(const Dim& left, const Dim& right) {
  return {std::string("ceil(") + FormatQuotient(left, " / ", right).text + ")", Binding::Operand};
}

Text Format(const Atom& atom) {
  switch (atom.form) {
    case Atom::Form::Symbol: return {atom.symbol, Binding::Operand};
    case Atom::Form::FloorDivide: {
      const auto divisor = atom.right.Constant();
      const Term& last = atom.left.Terms().back();
      if (divisor && last.factors.empty() && last.coefficient == *divisor - 1) {
        return FormatCeil(atom.left - Dim(last.coefficient), atom.right);
      }
      return FormatQuotient(atom.left, " // ", atom.right);
    }
    case Atom::Form::Max: {
      std::vector<Dim> operands;
      AppendOperands(FromAtom(atom.form, "", atom.left, atom.right), operands);
      return FormatCall("max(", operands);
    }
  }
  STRATA_CHECK(false && "an Atom::Form");
}

// The factors of a term, `H ** 2 * (W // 2)`; alone they keep their own binding.
Text Format(const Factors& factors) {
  std::vector<Text> powers;
  for (size_t i = 0; i < factors.size();) {
    size_t end = i;
    while (end < factors.size() && Compare(*factors[i], *factors[end]) == 0) ++end;
    Text text = Format(*factors[i]);
    if (end - i > 1)
      text = {Parenthesized(text, Binding::Operand) + " ** " + std::to_string(end - i), Binding::Operand};
    powers.push_back(std::move(text));
    i = end;
  }
  if (powers.size() == 1) return powers.front();
  std::string text;
  for (const Text& power : powers) {
    if (!text.empty()) text += " * ";
    text += Parenthesized(power, Binding::Operand);
  }
  return {text, Binding::Product};
}

// A part of a sum as it is printed: coefficient * text, or the coefficient alone.
struct Part {
  int64_t coefficient;
  std::optional<Text> text;
};

// Whether `terms` hold k times `dim`: all its terms, with coefficients of the same sign and no less. They are taken
// out.
bool TakeMultiple(std::vector<Term>& terms, const Dim& dim, int64_t k) {
  std::vector<Term> rest = terms;
  for (const Term& wanted : dim.Terms()) {
    const auto found =
        std::ranges::find_if(rest, [&](const Term& term) { return Compare(term.factors, wanted.factors) == 0; });
    int64_t coefficient = 0;
    if (found == rest.end() || __builtin_mul_overflow(wanted.coefficient, k, &coefficient)) return false;
    if ((found->coefficient < 0) != (coefficient < 0)) return false;
    if (coefficient < 0 ? found->coefficient > coefficient : found->coefficient < coefficient) return false;
    found->coefficient -= coefficient;
  }
  std::erase_if(rest, [](const Term& term) { return term.coefficient == 0; });
  terms = std::move(rest);
  return true;
}

// Finds `k * (x - y * (x // y))`, which is how remainders are kept, and takes it out of the terms.
std::vector<Part> TakeRemainders(std::vector<Term>& terms) {
  std::vector<Part> parts;
  for (size_t i = 0; i < terms.size();) {
    const Term term = terms[i];
    bool taken = false;
    for (const auto& factor : term.factors) {
      if (taken || factor->form != Atom::Form::FloorDivide || factor->right.Terms().size() != 1) continue;
      const Term& divisor = factor->right.Terms().front();
      Factors expected = divisor.factors;
      expected.insert(std::ranges::upper_bound(expected, factor, AtomLess()), factor);
      if (Compare(expected, term.factors) != 0 || term.coefficient % divisor.coefficient != 0) continue;
      const int64_t quotient = term.coefficient / divisor.coefficient;
      if (quotient == std::numeric_limits<int64_t>::min()) continue;
      std::vector<Term> rest = terms;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      if (!TakeMultiple(rest, factor->left, -quotient)) continue;
      parts.push_back({-quotient, FormatQuotient(factor->left, " % ", factor->right)});
      terms = std::move(rest);
      taken = true;
    }
    i = taken ? 0 : i + 1;
  }
  return parts;
}

Part FormatTerm(const Term& term) {
  if (term.factors.empty()) return {term.coefficient, std::nullopt};
  // -((-x) // y) is how ceil(x / y) is kept where y is no number.
  const Atom* quotient = SoleAtom(term, Atom::Form::FloorDivide);
  if (quotient != nullptr && !quotient->right.Constant() && quotient->left.Terms().front().coefficient < 0 &&
      term.coefficient < 0 && term.coefficient != std::numeric_limits<int64_t>::min()) {
    return {-term.coefficient, FormatCeil(Negated(quotient->left), quotient->right)};
  }
  return {term.coefficient, Format(term.factors)};
}

// Without its sign.
Text FormatPart(const Part& part) {
  const std::string number = std::to_string(part.coefficient);
  const std::string magnitude = part.coefficient < 0 ? number.substr(1) : number;
  if (!part.text) return {magnitude, Binding::Operand};
  if (magnitude == "1") return *part.text;
  return {magnitude + " * " + Parenthesized(*part.text, Binding::Product), Binding::Product};
}

// A quotient is kept with numbers from 0 up to its divisor: (H + 2) // 4 - 2 is what two convolutions and poolings make,
// and is written `(H - 6) // 4`. A ceiling stays one.
void MoveConstantIntoQuotient(std::vector<Term>& terms) {
  if (terms.size() < 2 || !terms.back().factors.empty() || terms.back().coefficient >= 0) return;
  Term* sole = nullptr;
  for (Term& term : terms) {
    if (SoleAtom(term, Atom::Form::FloorDivide) == nullptr) continue;
    if (sole != nullptr) return;
    sole = &term;
  }
  if (sole == nullptr || terms.back().coefficient % sole->coefficient != 0) return;
  const Atom& quotient = *sole->factors[0];
  const auto divisor = quotient.right.Constant();
  const Term& constant = quotient.left.Terms().back();
  if (!divisor || !constant.factors.empty() || constant.coefficient == *divisor - 1) return;
  const Dim left = quotient.left + Dim(terms.back().coefficient / sole->coefficient) * Dim(*divisor);
  if (!left.IsKnown()) return;
  sole->factors = FromAtom(Atom::Form::FloorDivide, "", left, quotient.right).Terms().front().factors;
  terms.pop_back();
}

// The parts of a sum; a constant comes last.
std::vector<Part> PartsOf(const Dim& dim) {
  std::vector<Term> terms = dim.Terms();
  const std::vector<Part> remainders = TakeRemainders(terms);
  MoveConstantIntoQuotient(terms);
  std::vector<Part> parts;
  parts.reserve(terms.size());
  for (const Term& term : terms) parts.push_back(FormatTerm(term));
  const bool constant_last = !parts.empty() && !parts.back().text;
  parts.insert(parts.end() - (constant_last ? 1 : 0), remainders.begin(), remainders.end());
  return parts;
}

// A maximum is kept as `max(d, 0) + x`. What was written may have been `max(d + x, x)`, or the minimum of the two where
// the maximum is subtracted: that is chosen where it is the shorter one, with what the operands share outside.
std::optional<std::vector<Part>> PartsWithExtreme(const Dim& dim) {
  const Term* term = SoleMax(dim);
  if (term == nullptr) return std::nullopt;
  std::vector<Dim> operands;
  AppendOperands(FromTerm({.coefficient = 1, .factors = term->factors}), operands);
  const Dim others = dim - FromTerm(*term);
  size_t length_kept = others.Terms().size();
  size_t length = 0;
  for (Dim& operand : operands) {
    length_kept += std::max<size_t>(operand.Terms().size(), 1);
    operand = Dim(term->coefficient) * operand + others;
  }
  const Dim common = CommonTerms(operands);
  length += common.Terms().size();
  int64_t content = 0;
  for (Dim& operand : operands) {
    operand = operand - common;
    if (!operand.IsKnown()) return std::nullopt;
    content = Content(operand, content);
    length += std::max<size_t>(operand.Terms().size(), 1);
  }
  if (length >= length_kept) return std::nullopt;
  for (Dim& operand : operands) operand = DividedExactly(operand, content);
  std::ranges::sort(operands, [](const Dim& a, const Dim& b) { return Compare(a, b) < 0; });
  std::vector<Part> parts = PartsOf(common);
  parts.insert(parts.begin(), {content, FormatCall(term->coefficient > 0 ? "max(" : "min(", operands)});
  return parts;
}

Text Format(const Dim& dim) {
  if (dim.IsUnknown()) return {"?", Binding::Operand};
  if (dim.IsOverflow()) return {"(beyond 64 bits)", Binding::Operand};
  auto extreme = PartsWithExtreme(dim);
  std::vector<Part> parts = extreme ? std::move(*extreme) : PartsOf(dim);
  if (parts.empty()) return {"0", Binding::Operand};
  // What is added before what is taken away: `1 - H`.
  std::vector<Part> ordered;
  for (const bool negative : {false, true}) {
    std::ranges::copy_if(parts, std::back_inserter(ordered),
                         [&](const Part& part) { return (part.coefficient < 0) == negative; });
  }
  const Text first = FormatPart(ordered.front());
  const bool minus = ordered.front().coefficient < 0;
  // `-H // 2` would be `(-H) // 2`.
  std::string text = minus ? std::string("-") + Parenthesized(first, Binding::Product) : first.text;
  if (ordered.size() == 1) return {text, minus ? Binding::Sum : first.binding};
  for (size_t i = 1; i < ordered.size(); ++i) {
    text += ordered[i].coefficient < 0 ? " - " : " + ";
    text += FormatPart(ordered[i]).text;
  }
  return {text, Binding::Sum};
}

}  // namespace

std::string Dim::ToString() const { return Format(*this).text; }

}  // namespace strata
