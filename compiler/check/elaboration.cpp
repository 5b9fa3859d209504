#include "compiler/check/elaboration.h"

#include <utility>

#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

// How many elements one sample has: all sizes that do not depend on a symbol. Nothing where they are too many to count.
std::optional<int64_t> SampleElements(const Shape& shape) {
  int64_t count = 1;
  for (const Axis& axis : shape) {
    if (axis.size.IsOverflow()) return std::nullopt;
    const std::optional<int64_t> size = axis.size.Constant();
    if (!size || *size <= 0) continue;
    if (*size > kMaxElements / count) return std::nullopt;
    count *= *size;
  }
  return count;
}

}  // namespace

std::string Elaboration::NameOf(int value) const {
  const std::string& name = value_names[static_cast<size_t>(value)];
  const int node = network.values[static_cast<size_t>(value)].node;
  return name.empty() && node >= 0 ? LayerOfNode(node).name : name;
}

std::string Count(size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string Quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string ListOf(const std::vector<std::string_view>& names, std::string_view last) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 < names.size() ? ", " : " " + std::string(last) + " ";
    text += Quoted(names[i]);
  }
  return text;
}

bool ReportTooLarge(const Shape& shape, const std::string& owner, Span span, Diagnostics& diagnostics) {
  if (SampleElements(shape)) return false;
  diagnostics.Report(kinds::TensorTooLarge, span, owner, kMaxElements).Primary("is " + ToString(shape));
  return true;
}

void PointAtDeclaration(Diagnostic& diagnostic, Span declaration) {
  const auto is_within = [](Span inner, Span outer) {
    return inner.file == outer.file && outer.begin <= inner.begin && inner.end <= outer.end;
  };
  if (!declaration.IsValid() || diagnostic.helps.empty() || diagnostic.helps.front().edits.empty()) return;
  for (const Edit& edit : diagnostic.helps.front().edits) {
    if (!is_within(edit.span, declaration)) return;
  }
  for (size_t i = 1; i < diagnostic.labels.size(); ++i) {
    if (!is_within(diagnostic.labels[i].span, declaration)) continue;
    std::swap(diagnostic.labels[0], diagnostic.labels[i]);
    return;
  }
}

void ReportNotSupported(Diagnostics& diagnostics, Span span, std::string_view what) {
  diagnostics.Report(kinds::NotSupported, span, what);
}

}  // namespace strata::check
