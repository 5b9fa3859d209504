#include "compiler/source/fix.h"

#include <algorithm>
#include <utility>

namespace strata {
namespace {

// The help to apply; null if there is none.
const Help* ChooseHelp(const Diagnostic& diagnostic, bool maybe_incorrect) {
  const auto first = [&](Applicability applicability) -> const Help* {
    const auto found = std::find_if(diagnostic.helps.begin(), diagnostic.helps.end(), [&](const Help& help) {
      return help.applicability == applicability && !help.edits.empty();
    });
    return found == diagnostic.helps.end() ? nullptr : &*found;
  };
  const Help* help = first(Applicability::MachineApplicable);
  return help == nullptr && maybe_incorrect ? first(Applicability::MaybeIncorrect) : help;
}

// Places that are taken, of all files. Two that touch are taken for one: what is inserted between could go to either.
class TakenPlaces {
 public:
  bool Touches(const Span& span) const {
    // The first place that does not end before the span; places do not touch, so their ends are in order too.
    const auto& places = PlacesOf(span.file);
    auto place = places.upper_bound(span.begin);
    if (place != places.begin() && std::prev(place)->second >= span.begin) return true;
    return place != places.end() && place->first <= span.end;
  }

  void Take(const Span& span) {
    uint32_t& end = files_[span.file.index][span.begin];
    end = std::max(end, span.end);
  }

 private:
  using Places = std::map<uint32_t, uint32_t>;  // from begin to end

  const Places& PlacesOf(FileId file) const {
    static const Places none;
    const auto found = files_.find(file.index);
    return found == files_.end() ? none : found->second;
  }

  std::map<int32_t, Places> files_;
};

}  // namespace

std::vector<Fix> ChooseFixes(const Diagnostics& diagnostics, bool maybe_incorrect) {
  TakenPlaces taken;
  std::vector<Fix> fixes;
  for (const Diagnostic* diagnostic : diagnostics.Sorted()) {
    const Help* help = ChooseHelp(*diagnostic, maybe_incorrect);
    if (help == nullptr) continue;
    const bool waits =
        std::any_of(help->edits.begin(), help->edits.end(), [&](const Edit& edit) { return taken.Touches(edit.span); });
    if (waits) continue;
    for (const Edit& edit : help->edits) taken.Take(edit.span);
    fixes.push_back({diagnostic, help});
  }
  return fixes;
}

std::map<std::string, std::string> ApplyFixes(std::span<const Fix> fixes, const Sources& sources) {
  std::map<int32_t, std::vector<Edit>> edits;
  for (const Fix& fix : fixes) {
    for (const Edit& edit : fix.help->edits) edits[edit.span.file.index].push_back(edit);
  }
  std::map<std::string, std::string> texts;
  for (auto& [index, edits_of_file] : edits) {
    const SourceFile& file = sources.Get({index});
    texts[file.Name()] = ApplyEdits(file.Text(), std::move(edits_of_file));
  }
  return texts;
}

}  // namespace strata
