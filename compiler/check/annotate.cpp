#include "compiler/check/annotate.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/layers/aliases.h"
#include "compiler/syntax/format.h"
#include "compiler/syntax/parse.h"

namespace strata {
namespace {

// Which of the names that layers gave are written; they are names that the user gave then.
enum class MadeNames {
  AllButFeatures,  // what has but features is known by its size, and often named otherwise later
  None,
};

// The ascription of a type, with an element type if the one that it replaces has one; empty if a size is in doubt.
std::string AscriptionOf(TensorType type, const ast::TypeExpr* replaced, MadeNames made_names) {
  for (Axis& axis : type.shape) {
    if (!axis.size.IsKnown()) return "";
    const bool is_written = made_names == MadeNames::AllButFeatures && axis.name != "features";
    if (axis.provisional && !is_written) axis.name.clear();
  }
  return replaced != nullptr && replaced->dtype ? ToString(type) : ToString(type.shape);
}

class Annotator {
 public:
  Annotator(const ast::File& file, Sources& sources) : file_(file), sources_(sources) {}

  std::optional<std::string> Run(Diagnostics& diagnostics) {
    Diagnostics found;
    Check(file_, sources_, found, {.needs_network = false, .step_types = &steps_});
    for (const Diagnostic* diagnostic : found.Sorted()) {
      if (diagnostic->gravity.severity == Severity::Error && !MarkWrong(*diagnostic)) return Refuse(found, diagnostics);
    }
    for (const MadeNames made_names : {MadeNames::AllButFeatures, MadeNames::None}) {
      if (std::optional<std::string> text = Try(made_names)) return text;
    }
    if (found.HasErrors()) return Refuse(found, diagnostics);
    return Format(file_, sources_, MainName);
  }

 private:
  static std::nullopt_t Refuse(const Diagnostics& found, Diagnostics& diagnostics) {
    for (const Diagnostic* diagnostic : found.Sorted()) diagnostics.Adopt(*diagnostic);
    return std::nullopt;
  }

  // Finds the ascription that an error is about.
  bool MarkWrong(const Diagnostic& diagnostic) {
    for (const StepType& step : steps_) {
      if (step.ascription == nullptr || diagnostic.labels.empty()) continue;
      if (!Contains(step.ascription->span, diagnostic.labels[0].span)) continue;
      wrong_.insert(step.ascription);
      return true;
    }
    return false;
  }

  // Whether the step is to have an ascription that it has not.
  bool IsWanted(const StepType& step) const {
    if (step.step == nullptr || !step.is_changed) return false;
    for (const ast::Item& item : file_.items) {
      const auto* function = std::get_if<ast::Function>(&item);
      if (function == nullptr || !Contains(function->span, step.step->op_span)) continue;
      if (function->form != ast::Function::Form::Model || function->body.empty()) return false;
      const auto* result = std::get_if<ast::Return>(&function->body.back());
      const auto* pipe = result == nullptr ? nullptr : result->value->As<ast::Pipe>();
      return pipe == nullptr || step.step != &pipe->steps.back();
    }
    return false;  // of another file
  }

  // The annotated text, if it is right and means the same.
  std::optional<std::string> Try(MadeNames made_names) {
    // By their places; an empty text where several types disagree.
    std::map<uint32_t, Edit> edits;
    for (const StepType& step : steps_) {
      Span place;
      std::string text = AscriptionOf(step.type, step.ascription, made_names);
      if (step.ascription != nullptr) {
        if (!wrong_.contains(step.ascription)) continue;
        place = step.ascription->span;
      } else {
        if (!IsWanted(step)) continue;
        const uint32_t end = step.step->layer_span.end;
        place = {file_.id, end, end};
        if (!text.empty()) text.insert(0, " : ");
      }
      const auto [earlier, is_new] = edits.try_emplace(place.begin, Edit{place, text});
      if (!is_new && earlier->second.text != text) earlier->second.text.clear();
    }
    std::vector<Edit> list;
    for (auto& [begin, edit] : edits) {
      if (!edit.text.empty()) list.push_back(std::move(edit));
    }
    const SourceFile& source = sources_.Get(file_.id);
    const FileId id = sources_.Add(source.Name(), ApplyEdits(source.Text(), std::move(list)));
    Diagnostics ignored;
    const std::optional<ast::File> file =
        ScanSource(id, sources_, ignored) ? Parse(id, sources_, ignored) : std::nullopt;
    if (!file) return std::nullopt;
    std::vector<StepType> steps;
    Check(*file, sources_, ignored, {.needs_network = false, .step_types = &steps});
    if (ignored.HasErrors() || !IsSame(steps)) return std::nullopt;
    return Format(*file, sources_, MainName);
  }

  // Whether every step gives what it gave, but for names that it now gives an axis.
  bool IsSame(const std::vector<StepType>& steps) const {
    return std::ranges::equal(steps, steps_, [](const StepType& now, const StepType& before) {
      return now.type.dtype == before.type.dtype && Sizes(now.type.shape) == Sizes(before.type.shape);
    });
  }

  const ast::File& file_;
  Sources& sources_;
  std::vector<StepType> steps_;
  std::set<const ast::TypeExpr*> wrong_;
};

}  // namespace

std::optional<std::string> Annotate(const ast::File& file, Sources& sources, Diagnostics& diagnostics) {
  return Annotator(file, sources).Run(diagnostics);
}

}  // namespace strata
