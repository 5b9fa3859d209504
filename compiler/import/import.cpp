#include "compiler/import/import.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "compiler/check/check.h"
#include "compiler/check/elaboration.h"
#include "compiler/import/fold.h"
#include "compiler/import/graph.h"
#include "compiler/import/types.h"
#include "compiler/import/write.h"
#include "compiler/source/catalogue.h"
#include "compiler/syntax/format.h"
#include "compiler/syntax/parse.h"

namespace strata::import {
namespace {

// How a program is written. What checks and means the same is taken, the first that does.
struct Style {
  bool folds;          // `repeat` and `block`
  bool folds_chains;   // ... of runs in chains
  bool is_one_symbol;  // sizes left open under one name are equal
};
constexpr Style kStyles[] = {{true, true, false}, {true, true, true},    {true, false, false},
                             {true, false, true}, {false, false, false}, {false, false, true}};

std::string ModelName(const Function& model) {
  std::string name = Names().Take(model.name);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

class Importer {
 public:
  Importer(const Graph& graph, const ImportOptions& options, Sources& sources)
      : graph_(graph), options_(options), sources_(sources) {}

  // The program in one style, if it is right. Where names in nested models are taken, those there are left to Strata.
  std::optional<Imported> Try(const Style& style, Diagnostics& diagnostics) {
    keeps_nested_names_ = true;
    Diagnostics ignored;
    std::optional<Imported> imported = TryNames(style, ignored);
    if (imported) return imported;
    keeps_nested_names_ = false;
    return TryNames(style, diagnostics);
  }

  // Where a program that checked means something else: that is a fault of the importer.
  const std::string& Difference() const { return difference_; }

 private:
  std::optional<Imported> TryNames(const Style& style, Diagnostics& diagnostics) {
    std::string text = Write(style);
    constexpr int kMostRounds = 8;  // of conditions on sizes
    for (int round = 0;; ++round) {
      const FileId id = sources_.Add(options_.output, text);
      if (!ScanSource(id, sources_, diagnostics)) return std::nullopt;
      const std::optional<ast::File> file = Parse(id, sources_, diagnostics);
      if (!file) return std::nullopt;
      Diagnostics found;
      std::optional<Network> network = Check(*file, sources_, found, {.model = name_});
      if (network) return Compare(Format(*file, sources_), std::move(*network));
      std::vector<Edit> conditions = Conditions(found);
      if (conditions.empty() || round == kMostRounds) {
        for (const Diagnostic* diagnostic : found.Sorted()) diagnostics.Adopt(*diagnostic);
        return std::nullopt;
      }
      text = ApplyEdits(text, std::move(conditions));
    }
  }

  std::string Write(const Style& style) {
    Graph graph = graph_;
    std::string text;
    std::vector<std::string> blocks;
    Names names;
    for (size_t i = 0; i < graph.functions.size(); ++i) {
      const bool is_model = i + 1 == graph.functions.size();
      Function& function = graph.functions[i];
      FindTypes(graph, i, blocks, text, {.is_one_symbol = style.is_one_symbol});
      name_ = is_model ? ModelName(function) : names.Take(CamelCase(function.name));
      const bool keeps_names = is_model || keeps_nested_names_;
      WriteOptions options{
          .is_model = is_model, .name = name_, .doc = "", .keeps_names = keeps_names, .blocks = &blocks};
      options.doc = is_model ? Doc(function) : "";
      NameResults(function, is_model);
      if (style.folds) {
        Folded folded = Fold(function, {.folds_chains = style.folds_chains}, names, blocks);
        text += folded.blocks + WriteFunction(folded.function, options);
      } else {
        text += WriteFunction(function, options);
      }
      text += "\n";
      blocks.push_back(name_);
    }
    if (!options_.weights.empty()) text += "weights " + name_ + " from \"" + options_.weights + "\"\n";
    return text;
  }

  std::string Doc(const Function& model) const {
    return model.name + ", imported from " + std::filesystem::path(options_.path).filename().string() + " (Keras " +
           std::to_string(graph_.keras_major) + ").";
  }

  // What a softmax gives are the probabilities of classes.
  static void NameResults(Function& function, bool is_model) {
    if (!is_model) return;
    for (const Output& output : function.outputs) {
      Value& value = function.values[static_cast<size_t>(output.value)];
      if (value.node < 0 || value.type.shape.empty()) continue;
      const Layer& layer = function.layers[static_cast<size_t>(function.nodes[static_cast<size_t>(value.node)].layer)];
      if (layer.def == nullptr || layer.def->name != "Dense") continue;
      const bool is_softmax = std::ranges::any_of(layer.arguments, [](const Argument& argument) {
        return argument.param->name == "activation" && ToString(argument.value) == "'softmax'";
      });
      Axis& last = value.type.shape.back();
      if (is_softmax && last.provisional && value.uses.empty()) last.name = "classes";
    }
  }

  // The conditions on sizes that messages offer to state.
  static std::vector<Edit> Conditions(const Diagnostics& found) {
    std::vector<Edit> edits;
    for (const Diagnostic* diagnostic : found.Sorted()) {
      for (const Help& help : diagnostic->helps) {
        const bool is_condition = help.edits.size() == 1 &&
                                  help.edits.front().span.begin == help.edits.front().span.end &&
                                  help.text.starts_with("state it in the signature");
        if (!is_condition) continue;
        return {help.edits.front()};
      }
    }
    return edits;
  }

  std::optional<Imported> Compare(std::string text, Network network) {
    std::optional<std::vector<MatchedLayer>> layers = MatchNetwork(graph_, network, &difference_);
    if (!layers) return std::nullopt;
    return Imported{std::move(text), std::move(network), std::move(*layers)};
  }

  const Graph& graph_;
  const ImportOptions& options_;
  Sources& sources_;
  std::string name_;  // of the model
  bool keeps_nested_names_ = true;
  std::string difference_;  // from the model, where the program means something else
};

}  // namespace

std::optional<Imported> ImportKeras(const KerasModel& file, const ImportOptions& options, Sources& sources,
                                    Diagnostics& diagnostics) {
  const std::optional<Graph> graph = ReadGraph(file, options.path, diagnostics);
  if (!graph) return std::nullopt;
  std::vector<Graph> graphs = {*graph};
  if (DropTravellingMasks(graphs.front())) graphs.push_back(*graph);
  Diagnostics plain;  // what is wrong with the plainest style
  std::string difference;
  for (const Graph& candidate : graphs) {
    for (const Style& style : kStyles) {
      if (style.folds && !options.folds) continue;
      Diagnostics found;
      Importer importer(candidate, options, sources);
      if (std::optional<Imported> imported = importer.Try(style, found)) return imported;
      if (!importer.Difference().empty()) difference = importer.Difference();
      if (!style.folds && !style.is_one_symbol) plain = std::move(found);
    }
  }
  if (!plain.HasErrors()) throw std::logic_error("the imported program means something else: " + difference);
  for (const Diagnostic* diagnostic : plain.Sorted()) diagnostics.Adopt(*diagnostic);
  return std::nullopt;
}

}  // namespace strata::import
