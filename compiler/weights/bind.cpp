// Matching a file's tensors with a network's weights, and what to say of each that has no match.
#include <algorithm>
#include <map>
#include <string_view>

#include "compiler/source/catalogue.h"
#include "compiler/weights/axis_order.h"
#include "compiler/weights/elements.h"
#include "compiler/weights/formats.h"
#include "compiler/weights/layer_match.h"
#include "compiler/weights/suggestions.h"
#include "compiler/weights/weights.h"
#include "compiler/weights/weights_block.h"

namespace strata {
namespace {

using weights::AxisOrder;
using weights::CheckedMapping;
using weights::kMaxReported;
using weights::Shown;
using weights::SizesText;
using weights::Suggestion;
using Entry = WeightsFile::Entry;

class Binder {
 public:
  Binder(const Network& network, std::shared_ptr<const WeightsFile> file, const std::string& path,
         Diagnostics& diagnostics, const BindOptions& options)
      : options_(options),
        network_(network),
        file_(std::move(file)),
        path_(path),
        diagnostics_(diagnostics),
        matches_(network.weights.size()),
        is_settled_(network.weights.size()),
        is_taken_(file_->Entries().size()) {
    const std::optional<WeightsSource>& source = network.weights_source;
    if (source && source->path == path) span_ = source->span;
    for (size_t i = 0; i < file_->Entries().size(); ++i) entry_named_.emplace(file_->Entries()[i].name, i);
  }

  std::optional<BoundWeights> Bind() {
    const size_t errors_before = diagnostics_.ErrorCount();
    MatchByBlock();
    MatchByName();
    CheckShapes();
    CheckEntries();
    ReportMissing();
    ReportExtra();
    OfferMappings();
    if (options_.read_elements && diagnostics_.ErrorCount() == errors_before) CheckElements();
    if (diagnostics_.ErrorCount() != errors_before) return std::nullopt;
    return Loaders();
  }

 private:
  struct Match {
    size_t entry;
    AxisOrder order;                        // the file's
    const WeightsSource::Mapping* mapping;  // null: it was found by its name
  };

  // A line for the `weights` block that would settle an error.
  struct Offer {
    Diagnostic* diagnostic;  // null: one of those that are not shown
    std::string line;
  };

  Span PlaceOf(const Match& match) const { return match.mapping ? match.mapping->span : span_; }
  const Entry& EntryOf(const Match& match) const { return file_->Entries()[match.entry]; }

  std::optional<size_t> FindEntry(const std::string& name) const {
    const auto found = entry_named_.find(name);
    if (found == entry_named_.end()) return std::nullopt;
    return found->second;
  }

  void Take(size_t weight, Match match) {
    is_taken_[match.entry] = true;
    is_settled_[weight] = true;
    if (network_.weights[weight].def->is_read) matches_[weight] = std::move(match);
  }

  // An error about the mapping settles its weight and its tensor: that these have no match follows from it.
  void MatchByBlock() {
    for (const CheckedMapping& checked : weights::CheckMappings(network_, diagnostics_)) {
      const std::optional<size_t> entry = FindEntry(checked.mapping->source);
      if (entry) is_taken_[*entry] = true;
      if (checked.weight) is_settled_[*checked.weight] = true;
      if (!entry) ReportUnknownSource(checked);
      if (entry && checked.order) Take(*checked.weight, {*entry, *checked.order, checked.mapping});
    }
  }

  void ReportUnknownSource(const CheckedMapping& checked) {
    const WeightsSource::Mapping& mapping = *checked.mapping;
    Diagnostic& diagnostic =
        diagnostics_.Report(kinds::WeightSourceUnknown, mapping.source_span, path_, Shown(mapping.source));
    std::vector<std::string_view> names;
    for (const Entry& entry : file_->Entries()) names.push_back(entry.name);
    const std::string nearest(NearestName(mapping.source, names));
    const std::optional<size_t> entry = FindEntry(nearest);
    if (!entry) return;
    is_taken_[*entry] = true;
    std::vector<Edit> edits;
    if (checked.order) {
      const NetworkWeight& weight = network_.weights[*checked.weight];
      edits.push_back({mapping.span, weights::MappingText(weight, nearest, *checked.order)});
    }
    const auto applicability = checked.order ? Applicability::MachineApplicable : Applicability::HasPlaceholders;
    diagnostic.Help("there is `" + nearest + "`", applicability, std::move(edits));
  }

  // The first component that the names of all tensors without a mapping have in common, with its slash: what Keras calls
  // the model. Not where a layer may be called so, or paths are found with it.
  std::string CommonComponent() const {
    for (size_t i = 0; i < network_.weights.size(); ++i) {
      if (!is_settled_[i] && FindEntry(network_.weights[i].path)) return {};
    }
    std::optional<std::string> common;
    for (size_t i = 0; i < is_taken_.size(); ++i) {
      if (is_taken_[i]) continue;
      const std::string& name = file_->Entries()[i].name;
      const std::string component = name.substr(0, name.find('/') + 1);
      if (component.empty() || (common && *common != component)) return {};
      common = component;
    }
    if (!common) return {};
    const bool helps = std::ranges::any_of(
        network_.weights, [&](const NetworkWeight& weight) { return FindEntry(*common + weight.path).has_value(); });
    const std::string_view stem = weights::WithoutCounter(std::string_view(*common).substr(0, common->size() - 1));
    const bool is_layer = std::ranges::any_of(
        network_.layers, [&](const NetworkLayer& layer) { return stem == SnakeCase(layer.def->name); });
    return helps || !is_layer ? *common : "";
  }

  void MatchByName() {
    common_ = CommonComponent();
    MatchByLayer();
    for (size_t i = 0; i < network_.weights.size(); ++i) {
      const std::optional<size_t> entry = is_settled_[i] ? std::nullopt : FindEntry(common_ + network_.weights[i].path);
      if (entry && !is_taken_[*entry]) TakeAsIs(i, *entry);
    }
    MatchInNestedModels();
  }

  // `encoder/dense/kernel`, as a variable of a nested model is called in Keras, where no other tensor ends so.
  void MatchInNestedModels() {
    std::map<std::string_view, std::vector<size_t>> entries_ending;  // behind any of their slashes
    for (size_t i = 0; i < is_taken_.size(); ++i) {
      if (is_taken_[i]) continue;
      const std::string_view name = file_->Entries()[i].name;
      for (size_t slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/', slash + 1)) {
        entries_ending[name.substr(slash + 1)].push_back(i);
      }
    }
    for (size_t i = 0; i < network_.weights.size(); ++i) {
      if (is_settled_[i]) continue;
      const auto found = entries_ending.find(network_.weights[i].path);
      if (found == entries_ending.end() || found->second.size() > 1) continue;
      if (!is_taken_[found->second.front()]) TakeAsIs(i, found->second.front());
    }
  }

  void TakeAsIs(size_t weight, size_t entry) {
    Take(weight, {entry, weights::LayerOrder(network_.weights[weight].shape.size()), nullptr});
  }

  void MatchByLayer() {
    std::vector<size_t> wanted;
    for (size_t i = 0; i < network_.weights.size(); ++i) {
      if (!is_settled_[i]) wanted.push_back(i);
    }
    std::vector<weights::NamedEntry> entries;
    for (size_t i = 0; i < is_taken_.size(); ++i) {
      if (!is_taken_[i]) entries.push_back({i, std::string_view(file_->Entries()[i].name).substr(common_.size())});
    }
    const weights::LayerMatches matches = weights::MatchLayers(network_, wanted, entries, file_->CallsLayersByClass());
    for (const auto& [weight, entry] : matches.weights) TakeAsIs(weight, entry);
    if (matches.renamed_layers.empty()) return;
    constexpr size_t kShown = 4;
    std::string pairs;
    for (size_t i = 0; i < std::min(matches.renamed_layers.size(), kShown); ++i) {
      const auto& [mine, other] = matches.renamed_layers[i];
      pairs += (i > 0 ? ", `" : "`") + mine + "` is `" + Shown(other) + "`";
    }
    diagnostics_.Report(kinds::WeightsByRank, span_, path_, static_cast<int64_t>(matches.renamed_layers.size()))
        .Note(pairs + (matches.renamed_layers.size() > kShown ? " ..." : ""))
        .Help(
            "Keras counts on from model to model: `keras.backend.clear_session()` before the model is built makes the "
            "names those of a fresh process");
  }

  // Where the error has a place, the layer is a second one.
  void LabelLayer(Diagnostic& diagnostic, const NetworkWeight& weight) const {
    if (diagnostic.labels.empty()) return;
    diagnostic.Label(network_.layers[static_cast<size_t>(weight.layer)].name_span, "needs `" + weight.path + "`");
  }

  // Says which mapping would settle the error; OfferMappings makes it an edit.
  void OfferMapping(Diagnostic* diagnostic, const NetworkWeight& weight, const std::string& source,
                    const std::vector<AxisOrder>& orders) {
    const std::string line = weights::MappingText(weight, source, orders.front());
    offers_.push_back({diagnostic, line});
    if (diagnostic == nullptr) return;
    const bool is_sure = orders.size() == 1;
    if (!is_sure) diagnostic->Note("its sizes fit several orders of axes: " + OrdersText(weight, orders));
    diagnostic->Help("write `" + line + "` in the `weights` block" + (is_sure ? "" : ", if that is the order"));
  }

  static std::string OrdersText(const NetworkWeight& weight, const std::vector<AxisOrder>& orders) {
    constexpr size_t kShown = 4;
    std::string text;
    for (size_t i = 0; i < std::min(orders.size(), kShown); ++i) {
      text += (i > 0 ? ", " : "") + weights::OrderText(weight.shape, orders[i]);
    }
    return orders.size() > kShown ? text + " ..." : text;
  }

  static void NoteRest(Diagnostic& diagnostic, size_t reported, size_t all, const std::string& what) {
    if (reported == kMaxReported && all > reported) {
      diagnostic.Note("and " + std::to_string(all - reported) + " more " + what);
    }
  }

  void CheckShapes() {
    std::vector<size_t> wrong;
    for (size_t i = 0; i < matches_.size(); ++i) {
      if (!matches_[i]) continue;
      const Shape stored = weights::InOrder(network_.weights[i].shape, matches_[i]->order);
      const std::vector<int64_t>& sizes = EntryOf(*matches_[i]).sizes;
      const bool is_scalar = stored.empty() && sizes == std::vector<int64_t>{1};  // numpy.ascontiguousarray makes it so
      if (!is_scalar && weights::ConstantSizes(stored) != sizes) wrong.push_back(i);
    }
    for (size_t n = 0; n < wrong.size(); ++n) {
      Diagnostic* diagnostic = n < kMaxReported ? &ReportShape(wrong[n]) : nullptr;
      if (diagnostic != nullptr) NoteRest(*diagnostic, n + 1, wrong.size(), "tensors are of another shape");
      OfferOrder(diagnostic, wrong[n]);
    }
  }

  Diagnostic& ReportShape(size_t index) {
    const NetworkWeight& weight = network_.weights[index];
    const Match& match = *matches_[index];
    const Entry& entry = EntryOf(match);
    Diagnostic& diagnostic =
        diagnostics_.Report(kinds::WeightShape, PlaceOf(match), Shown(entry.name), SizesText(entry.sizes), path_,
                            ToString(weights::InOrder(weight.shape, match.order)));
    LabelLayer(diagnostic, weight);
    return diagnostic;
  }

  // The order of axes in which the tensor would fit.
  void OfferOrder(Diagnostic* diagnostic, size_t index) {
    const NetworkWeight& weight = network_.weights[index];
    const Match& match = *matches_[index];
    const std::vector<AxisOrder> orders = weights::FittingOrders(weight.shape, EntryOf(match).sizes);
    if (orders.empty()) return;
    if (match.mapping == nullptr) {
      OfferMapping(diagnostic, weight, EntryOf(match).name, orders);
    } else if (diagnostic != nullptr) {
      const std::string line = weights::MappingText(weight, match.mapping->source, orders.front());
      if (orders.size() > 1) diagnostic->Note("its sizes fit several orders of axes: " + OrdersText(weight, orders));
      diagnostic->Help("write `" + line + "`", Applicability::MaybeIncorrect, {{match.mapping->span, line}});
    }
  }

  void ReportMissing() {
    std::vector<const NetworkWeight*> missing;
    for (size_t i = 0; i < network_.weights.size(); ++i) {
      if (!is_settled_[i] && network_.weights[i].def->is_read) missing.push_back(&network_.weights[i]);
    }
    std::vector<weights::FreeEntry> free;
    for (size_t i = 0; i < is_taken_.size(); ++i) {
      const Entry& entry = file_->Entries()[i];
      if (!is_taken_[i]) free.push_back({i, std::string_view(entry.name).substr(common_.size()), &entry.sizes});
    }
    const std::vector<std::optional<Suggestion>> suggestions = weights::Suggest(missing, std::move(free));
    for (size_t n = 0; n < missing.size(); ++n) {
      Diagnostic* diagnostic = n < kMaxReported ? &ReportMissing(*missing[n]) : nullptr;
      if (diagnostic != nullptr) NoteRest(*diagnostic, n + 1, missing.size(), "weights are missing");
      if (suggestions[n]) ShowSuggestion(diagnostic, *missing[n], *suggestions[n]);
    }
  }

  Diagnostic& ReportMissing(const NetworkWeight& weight) {
    Diagnostic& diagnostic =
        diagnostics_.Report(kinds::WeightMissing, span_, weight.path, ToString(weight.shape), path_);
    LabelLayer(diagnostic, weight);
    return diagnostic;
  }

  // That the tensor belongs to no layer follows from the weight's being missing.
  void ShowSuggestion(Diagnostic* diagnostic, const NetworkWeight& weight, const Suggestion& suggestion) {
    is_taken_[suggestion.entry] = true;
    const Entry& entry = file_->Entries()[suggestion.entry];
    const bool fits = !suggestion.orders.empty();
    if (diagnostic != nullptr) {
      diagnostic->Note((fits ? "`" : "the nearest name is `") + Shown(entry.name) + "`, " + SizesText(entry.sizes) +
                       (fits ? ", is there and fits" : ""));
    }
    if (fits) OfferMapping(diagnostic, weight, entry.name, suggestion.orders);
  }

  void ReportExtra() {
    std::vector<std::string_view> paths;
    paths.reserve(network_.weights.size());
    for (const NetworkWeight& weight : network_.weights) paths.push_back(weight.path);
    // A single whole number is a counter, as PyTorch's normalizations have it.
    for (size_t i = 0; i < is_taken_.size(); ++i) {
      const Entry& entry = file_->Entries()[i];
      if (entry.sizes.empty() && !entry.is_readable) is_taken_[i] = true;
    }
    const auto extra = static_cast<size_t>(std::count(is_taken_.begin(), is_taken_.end(), false));
    size_t reported = 0;
    for (size_t i = 0; i < is_taken_.size() && reported < kMaxReported; ++i) {
      if (is_taken_[i]) continue;
      const Entry& entry = file_->Entries()[i];
      Diagnostic& diagnostic =
          diagnostics_.Report(kinds::WeightExtra, span_, Shown(entry.name), SizesText(entry.sizes), path_);
      const std::string_view nearest = NearestName(std::string_view(entry.name).substr(common_.size()), paths);
      if (!nearest.empty()) diagnostic.Note("the model's nearest weight is `" + std::string(nearest) + "`");
      ++reported;
      NoteRest(diagnostic, reported, extra, "tensors belong to no layer");
    }
  }

  // Makes the offered lines edits of the program: of a single error its own, of several one for all of them.
  void OfferMappings() {
    const auto shown = std::ranges::find_if(offers_, [](const Offer& offer) { return offer.diagnostic != nullptr; });
    if (shown == offers_.end() || !network_.weights_source) return;
    const WeightsSource& source = *network_.weights_source;
    const bool has_block = !source.mappings.empty();
    std::string text = has_block ? "" : " {";
    for (const Offer& offer : offers_) text += "\n  " + offer.line;
    if (!has_block) text += "\n}";
    Span place = has_block ? source.mappings.back().span : source.span;
    place.begin = place.end;
    Diagnostic& first = *shown->diagnostic;
    if (offers_.size() > 1) {
      first.Help("write all " + std::to_string(offers_.size()) + " such mappings", Applicability::MaybeIncorrect,
                 {{place, text}});
    } else {
      first.helps.back().applicability = Applicability::MaybeIncorrect;
      first.helps.back().edits = {{place, text}};
    }
  }

  // What a header tells of the elements.
  void CheckEntries() {
    for (const std::optional<Match>& match : matches_) {
      if (!match) continue;
      const Entry& entry = EntryOf(*match);
      if (!entry.is_readable) {
        diagnostics_.Report(kinds::WeightsElementType, PlaceOf(*match), Shown(entry.name), path_, Shown(entry.dtype));
      } else if (!entry.fault.empty()) {
        diagnostics_.Report(kinds::TensorUnreadable, PlaceOf(*match), Shown(entry.name), path_, entry.fault);
      }
    }
  }

  void CheckElements() {
    for (const std::optional<Match>& match : matches_) {
      if (!match) continue;
      const std::string damage = file_->Damage(match->entry);
      if (damage.empty()) continue;
      diagnostics_.Report(kinds::TensorUnreadable, span_, Shown(EntryOf(*match).name), path_, damage);
    }
  }

  BoundWeights Loaders() const {
    BoundWeights bound;
    for (size_t i = 0; i < matches_.size(); ++i) {
      const NetworkWeight& weight = network_.weights[i];
      if (!matches_[i]) continue;  // not read
      bound.Bind(weight.path,
                 [file = file_, entry = matches_[i]->entry, shape = weight.shape,
                  order = matches_[i]->order]() -> std::vector<float> {
                   if (weights::IsLayerOrder(order)) return file->Read(entry);
                   return weights::ToLayerOrder(file->Read(entry), shape, order);
                 });
    }
    return bound;
  }

  const BindOptions options_;
  const Network& network_;
  const std::shared_ptr<const WeightsFile> file_;
  const std::string& path_;
  Diagnostics& diagnostics_;
  Span span_;  // of the file's path in the program; invalid where the command line names the file
  std::map<std::string, size_t> entry_named_;
  std::string common_;                         // what a tensor's name has before the weight's path
  std::vector<std::optional<Match>> matches_;  // by weight; nothing for those that are not read
  std::vector<bool> is_settled_;               // by weight: it has a match, or an error has been reported
  std::vector<bool> is_taken_;                 // by tensor, likewise
  std::vector<Offer> offers_;
};

}  // namespace

std::optional<BoundWeights> BindWeights(const Network& network, std::shared_ptr<const WeightsFile> file,
                                        const std::string& path, Diagnostics& diagnostics, const BindOptions& options) {
  return Binder(network, std::move(file), path, diagnostics, options).Bind();
}

}  // namespace strata
