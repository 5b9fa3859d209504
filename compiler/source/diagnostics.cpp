#include "compiler/source/diagnostics.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata {
namespace {

constexpr size_t kMaxLabels = 3;

}  // namespace

const std::vector<KindInfo>& AllKinds() {
  static const std::vector<KindInfo> all = {
#define STRATA_KIND(name, code, gravity, text, ...) {#name, code, gravities::gravity.severity, text},
#include "compiler/source/catalogue.def"
#undef STRATA_KIND
  };
  return all;
}

std::string_view NameOf(Severity severity) {
  switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
  }
  return "";
}

std::string_view NameOf(Applicability applicability) {
  switch (applicability) {
    case Applicability::MachineApplicable: return "machine-applicable";
    case Applicability::MaybeIncorrect: return "maybe-incorrect";
    case Applicability::HasPlaceholders: return "has-placeholders";
  }
  return "";
}

std::string_view ExplainTitle(std::string_view code) {
  // "# E0203: ..."
  std::string_view title = ExplainPage(code);
  title = title.substr(0, title.find('\n'));
  title.remove_prefix(std::min(title.find(": ") + 2, title.size()));
  return title;
}

Diagnostic& Diagnostic::Primary(std::string text) {
  if (labels.empty()) {
    notes.push_back(std::move(text));
  } else {
    labels[0].text = std::move(text);
  }
  return *this;
}

Diagnostic& Diagnostic::Label(Span span, std::string text) {
  if (labels.empty() || !span.IsValid()) {
    notes.push_back(std::move(text));
  } else if (labels.size() < kMaxLabels) {
    labels.push_back({span, std::move(text)});
  }
  return *this;
}

Diagnostic& Diagnostic::Note(std::string text) {
  notes.push_back(std::move(text));
  return *this;
}

Diagnostic& Diagnostic::Help(std::string text, Applicability applicability, std::vector<Edit> edits) {
  helps.push_back({std::move(text), applicability, std::move(edits)});
  return *this;
}

std::vector<const Diagnostic*> Diagnostics::Sorted() const {
  // The file, the offset, the number among all.
  std::vector<std::tuple<int32_t, uint32_t, size_t>> places;
  places.reserve(all_.size());
  for (size_t i = 0; i < all_.size(); ++i) {
    const Span span = all_[i].labels.empty() ? Span{} : all_[i].labels[0].span;
    places.emplace_back(span.file.index, span.begin, i);
  }
  std::sort(places.begin(), places.end());
  std::vector<const Diagnostic*> sorted;
  sorted.reserve(all_.size());
  for (const auto& [file, offset, number] : places) sorted.push_back(&all_[number]);
  return sorted;
}

std::string Diagnostics::Substitute(std::string_view text, std::vector<std::string> args) {
  std::string message;
  for (const std::string& arg : args) {
    const size_t place = text.find("{}");
    message += text.substr(0, place);
    message += arg;
    text.remove_prefix(place + 2);
  }
  message += text;
  return message;
}

void Diagnostics::Adopt(Diagnostic diagnostic) {
  if (diagnostic.gravity.severity == Severity::Error) ++error_count_;
  all_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::TakeSince(size_t mark) {
  std::vector<Diagnostic> taken;
  for (size_t i = mark; i < all_.size(); ++i) {
    if (all_[i].gravity.severity == Severity::Error) --error_count_;
    taken.push_back(std::move(all_[i]));
  }
  while (all_.size() > mark) all_.pop_back();
  return taken;
}

Diagnostic& Diagnostics::Add(std::string_view code, Gravity gravity, Span span, std::string message) {
  Diagnostic& diagnostic = all_.emplace_back();
  diagnostic.code = code;
  diagnostic.gravity = gravity;
  diagnostic.message = std::move(message);
  if (span.IsValid()) diagnostic.labels.push_back({span, ""});
  if (gravity.severity == Severity::Error) ++error_count_;
  return diagnostic;
}

std::string ApplyEdits(std::string_view text, std::vector<Edit> edits) {
  std::vector<const Edit*> sorted;
  for (const Edit& edit : edits) sorted.push_back(&edit);
  // Those of one place are in their order in `edits`.
  std::sort(sorted.begin(), sorted.end(),
            [](const Edit* a, const Edit* b) { return std::tie(a->span.begin, a) < std::tie(b->span.begin, b); });
  std::string result;
  size_t copied = 0;
  for (const Edit* edit : sorted) {
    STRATA_CHECK(copied <= edit->span.begin && edit->span.begin <= edit->span.end && edit->span.end <= text.size());
    result += text.substr(copied, edit->span.begin - copied);
    result += edit->text;
    copied = edit->span.end;
  }
  result += text.substr(copied);
  return result;
}

}  // namespace strata
