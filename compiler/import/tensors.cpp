// Which tensor of Keras' file is which weight of the imported program.
#include <algorithm>
#include <map>
#include <utility>

#include "compiler/import/bind_by_structure.h"
#include "compiler/import/graph.h"
#include "compiler/import/import.h"
#include "compiler/source/catalogue.h"
#include "compiler/weights/axis_order.h"
#include "compiler/weights/elements.h"

namespace strata::import {
namespace {

class TensorFinder {
 public:
  TensorFinder(const Network& network, const KerasModel& file, const std::string& path, Diagnostics& diagnostics)
      : network_(network), file_(file), path_(path), diagnostics_(diagnostics) {
    for (size_t i = 0; i < file.paths.size(); ++i) places_.emplace(file.paths[i], i);
  }

  void Add(const MatchedLayer& matched) {
    const NetworkLayer& layer = network_.layers[static_cast<size_t>(matched.layer)];
    std::string prefix;
    for (const std::string& name : matched.path) prefix += name + "/";
    if (HasAll(layer, prefix)) {
      for (const int weight : layer.weights) {
        if (IsRead(weight)) Take(weight, places_.at(prefix + SuffixOf(weight)), matched);
      }
      return;
    }
    // A wrapped layer may have a name of its own in the file; the order of its weights is the same.
    std::vector<size_t> stored;
    for (size_t i = 0; i < file_.paths.size(); ++i) {
      if (file_.paths[i].starts_with(prefix)) stored.push_back(i);
    }
    if (stored.size() != layer.weights.size()) {
      for (const int weight : layer.weights) {
        if (IsRead(weight) && !places_.contains(prefix + SuffixOf(weight))) Report(weight, matched, "is missing");
      }
      return;
    }
    for (size_t i = 0; i < stored.size(); ++i) Take(layer.weights[i], stored[i], matched);
  }

  std::vector<NamedTensor> tensors;

 private:
  const std::string& SuffixOf(int weight) const { return network_.weights[static_cast<size_t>(weight)].suffix; }

  bool IsRead(int weight) const { return network_.weights[static_cast<size_t>(weight)].def->is_read; }

  // Whether the file has all that are read under their names.
  bool HasAll(const NetworkLayer& layer, const std::string& prefix) const {
    return std::ranges::all_of(
        layer.weights, [&](int weight) { return !IsRead(weight) || places_.contains(prefix + SuffixOf(weight)); });
  }

  void Take(int weight, size_t entry, const MatchedLayer& matched) {
    const NetworkWeight& needed = network_.weights[static_cast<size_t>(weight)];
    const WeightsFile::Entry& found = file_.weights->Entries()[entry];
    const std::vector<int64_t> sizes = weights::ConstantSizes(needed.shape);
    if (found.sizes != sizes) {
      Report(weight, matched, "is " + weights::SizesText(found.sizes) + ", expected " + weights::SizesText(sizes));
    } else if (!found.is_readable || !found.fault.empty()) {
      Report(weight, matched, found.fault.empty() ? "is of type " + found.dtype : "cannot be read: " + found.fault);
    } else if (std::string damage = file_.weights->Damage(entry); !damage.empty()) {
      Report(weight, matched, "is damaged: " + damage);
    } else {
      tensors.push_back({needed.path, entry});
    }
  }

  void Report(int weight, const MatchedLayer& matched, const std::string& what) {
    diagnostics_.Report(kinds::ImportWeights, {}, SuffixOf(weight), matched.path.back(), matched.class_name, path_,
                        what);
  }

  const Network& network_;
  const KerasModel& file_;
  const std::string& path_;
  Diagnostics& diagnostics_;
  std::map<std::string, size_t> places_;
};

}  // namespace

std::optional<std::vector<NamedTensor>> FindTensors(const Network& network, const std::vector<MatchedLayer>& layers,
                                                    const KerasModel& file, const std::string& path,
                                                    Diagnostics& diagnostics) {
  TensorFinder finder(network, file, path, diagnostics);
  for (const MatchedLayer& layer : layers) finder.Add(layer);
  if (diagnostics.HasErrors()) return std::nullopt;
  return std::move(finder.tensors);
}

std::optional<BoundWeights> BindByStructure(const Network& network, const std::string& path,
                                            const BindOptions& options) {
  Diagnostics ignored;  // where this fails, names are tried, and what is wrong with the file or with them is reported
  const std::optional<KerasModel> file = ReadKerasModel(path, ignored);
  if (!file || file->weights == nullptr) return std::nullopt;
  std::optional<Graph> graph = ReadGraph(*file, path, ignored);
  if (!graph) return std::nullopt;
  std::string difference;
  std::optional<std::vector<MatchedLayer>> layers = MatchNetwork(*graph, network, &difference);
  if (!layers && DropTravellingMasks(*graph)) layers = MatchNetwork(*graph, network, &difference);
  if (!layers) return std::nullopt;
  BoundWeights bound;
  if (!options.read_elements) return bound;
  const auto tensors = FindTensors(network, *layers, *file, path, ignored);
  if (!tensors) return std::nullopt;
  for (const NamedTensor& tensor : *tensors) {
    bound.Bind(tensor.name, [weights = file->weights, entry = tensor.entry] { return weights->Read(entry); });
  }
  return bound;
}

}  // namespace strata::import
