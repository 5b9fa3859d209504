#include "compiler/driver/reference.h"

#include <algorithm>
#include <cctype>

#include "compiler/check/check.h"
#include "compiler/check/parameter.h"
#include "compiler/layers/activations.h"
#include "compiler/layers/aliases.h"
#include "compiler/layers/example.h"
#include "compiler/layers/layer.h"
#include "compiler/layers/params.h"
#include "compiler/layers/unsupported.h"
#include "compiler/source/check.h"
#include "compiler/syntax/parse.h"

namespace strata {
namespace {

bool IsFunction(const LayerDef& def) { return def.form == LayerDef::Form::Function; }

bool IsWord(std::string_view name) { return std::isalpha(static_cast<unsigned char>(name.front())) != 0; }

// As a program writes it: "Conv2D", "sum", "+".
std::string_view NameOf(const LayerDef& def) { return IsFunction(def) ? def.function_name : def.name; }

std::string Code(std::string_view text) { return "`" + std::string(text) + "`"; }

// A value as a program writes it: strings in double quotes.
std::string ValueText(const ConfigValue& value) {
  std::string text = ToString(value);
  std::ranges::replace(text, '\'', '"');
  return text;
}

// What every layer takes; its own list leaves it out.
bool IsCommon(const Param& param) {
  static const std::vector<Param> common = CommonParams();
  return std::ranges::find(common, param.name, &Param::name) != common.end();
}

std::vector<const Param*> OwnParams(const LayerDef& def) {
  std::vector<const Param*> own;
  for (const Param& param : def.params) {
    if (!IsCommon(param)) own.push_back(&param);
  }
  return own;
}

// ---- Signatures ----

std::string ParamsText(const std::vector<const Param*>& params) {
  std::string text;
  bool has_keywords = false;
  for (const Param* param : params) {
    if (!text.empty()) text += ", ";
    if (param->keyword_only && !has_keywords) text += "*, ";
    has_keywords = has_keywords || param->keyword_only;
    text += param->name;
    if (param->default_value) text += "=" + ValueText(*param->default_value);
  }
  return "(" + text + ")";
}

std::string SignatureOf(const LayerDef& def) {
  if (IsFunction(def) && !IsWord(def.function_name)) {
    if (def.params.size() == 2 && TakesTensors(def.params[1])) {
      return std::string(def.params[0].name) + " " + std::string(def.function_name) + " " +
             std::string(def.params[1].name);
    }
    return std::string(def.examples.front().call);  // a slice
  }
  std::string text = std::string(NameOf(def)) + ParamsText(OwnParams(def));
  if (def.call_params.empty()) return text;
  std::vector<const Param*> call;
  for (const Param& param : def.call_params) call.push_back(&param);
  return text + ParamsText(call);
}

// ---- Arguments ----

std::string DocOf(const Param& param) {
  std::string text(param.doc);
  if (param.min && (*param.min > 0 || param.type == ParamType::Int)) {
    text += " At least " + std::to_string(*param.min) + ".";
  }
  return text;
}

std::string ArgumentRows(const std::vector<const Param*>& params) {
  std::string rows;
  for (const Param* param : params) {
    rows += "| " + Code(param->name) + " | " + check::Expected(*param) + " | " +
            (param->default_value ? Code(ValueText(*param->default_value)) : "") + " | " + DocOf(*param) + " |\n";
  }
  return rows;
}

std::string Arguments(const LayerDef& def) {
  std::vector<const Param*> own, call;
  std::string training;
  for (const Param* param : OwnParams(def)) {
    if (param->type == ParamType::Training) {
      training += (training.empty() ? "" : ", ") + Code(param->name);
    } else {
      own.push_back(param);
    }
  }
  for (const Param& param : def.call_params) call.push_back(&param);
  std::string text;
  if (!own.empty()) text += "\n| argument | takes | default | |\n|---|---|---|---|\n" + ArgumentRows(own);
  if (!training.empty()) text += "\nFor training, accepted and ignored: " + training + ".\n";
  if (!call.empty())
    text += "\n| given when it is called | takes | default | |\n|---|---|---|---|\n" + ArgumentRows(call);
  return text;
}

// ---- Examples ----

// The checked program of an example.
Network NetworkOf(const LayerDef& def, const LayerExample& example) {
  Sources sources;
  Diagnostics diagnostics;
  const FileId id = sources.Add("example", ProgramOf(def, example));
  const std::optional<ast::File> file = Parse(id, sources, diagnostics);
  STRATA_CHECK(file.has_value());
  std::optional<Network> network = Check(*file, sources, diagnostics);
  STRATA_CHECK(network.has_value());  // the tests run every example
  return std::move(*network);
}

std::string Weights(const LayerDef& def) {
  if (def.weights.empty() && !def.make_weights) return "";
  // Each weight with its shape in the first example that has it.
  std::vector<std::string> seen;
  std::string rows;
  for (const LayerExample& example : def.examples) {
    for (const NetworkWeight& weight : NetworkOf(def, example).weights) {
      if (std::ranges::find(seen, weight.suffix) != seen.end()) continue;
      seen.push_back(weight.suffix);
      rows += "| " + Code(weight.suffix) + " | " + Code(ToString(weight.shape)) + " in " + Code(example.call) + " | " +
              Code(weight.def->initializer) + " | " + std::string(weight.def->doc) +
              (weight.def->trainable ? "" : " Not trainable.") + " |\n";
    }
  }
  return rows.empty() ? "" : "\n| weight | shape | initializer | |\n|---|---|---|---|\n" + rows;
}

std::string Examples(const LayerDef& def) {
  std::string rows;
  for (const LayerExample& example : def.examples) {
    std::string inputs;
    for (const std::string_view input : example.inputs) inputs += (inputs.empty() ? "" : ", ") + Code(input);
    rows += "| " + inputs + " | " + Code(example.call) + " | " + Code(example.output) + " |\n";
  }
  return "\n| given | example | gives |\n|---|---|---|\n" + rows;
}

// ---- Pages ----

std::string OtherNames(std::string_view main) {
  std::string names;
  for (const Alias& alias : AllAliases()) {
    if (alias.main == main) names += (names.empty() ? "" : ", ") + Code(alias.name);
  }
  return names.empty() ? "" : "\nAlso written " + names + ".\n";
}

std::string Axes(const LayerDef& def) {
  return def.axes_note.empty() ? "" : "\nIt " + std::string(def.axes_note) + ".\n";
}

std::string Masks(const LayerDef& def) {
  if (IsFunction(def)) return "";
  const bool gives = static_cast<bool>(def.mask.of_results);
  if (def.mask.is_read) {
    return gives ? "\nMasks: it reads them, and its result has one.\n"
                 : "\nMasks: it reads them; its result has none.\n";
  }
  return gives ? "\nMasks: its result has one.\n" : "\nMasks: its result has none.\n";
}

// `level`: the number signs of the heading.
std::string PageOf(const LayerDef& def, const std::string& level) {
  return level + " " + std::string(NameOf(def)) + "\n\n" + std::string(def.summary) + "\n\n```\n" + SignatureOf(def) +
         "\n```\n" + OtherNames(NameOf(def)) + Axes(def) + Masks(def) + Arguments(def) + Weights(def) + Examples(def);
}

std::string PageOf(const UnsupportedLayer& layer, const std::string& level) {
  return level + " " + std::string(layer.name) + "\n\nStrata does not have this layer of Keras: it " +
         std::string(layer.why) + ".\n\nInstead: " + std::string(layer.instead) + ".\n";
}

std::string PageOf(const ActivationDef& activation, const std::string& level) {
  return level + " " + std::string(activation.name) + "\n\n" + std::string(activation.summary) +
         "\n\nAn activation: " + Code("Activation(\"" + std::string(activation.name) + "\")") + ", " +
         Code("Dense(8, activation=\"" + std::string(activation.name) + "\")") + ".\n";
}

constexpr std::string_view kBeginning =
    "# Layers and functions\n\n"
    "Every layer and function that programs can use, as Keras 3 has them: names, arguments, defaults and weights are "
    "Keras'.\n"
    "`strata explain NAME` shows one of them. Written by `strata explain --layers --markdown`, from the table in\n"
    "compiler/layers/; a test compares.\n\n"
    "[Layers](#layers) · [Functions](#functions) · [Activations](#activations) · [Other names](#other-names) ·\n"
    "[Not in Strata](#not-in-strata)\n\n"
    "## Layers\n\n"
    "Beside its own arguments each layer takes, by keyword:\n\n"
    "| argument | takes | default | |\n|---|---|---|---|\n";

}  // namespace

std::optional<std::string> ReferencePage(std::string_view name) {
  if (const LayerDef* def = FindLayer(name)) return PageOf(*def, "#");
  if (const LayerDef* def = FindFunction(name)) return PageOf(*def, "#");
  if (const ActivationDef* activation = FindActivation(name)) return PageOf(*activation, "#");
  if (const UnsupportedLayer* layer = FindUnsupportedLayer(name)) return PageOf(*layer, "#");
  return std::nullopt;
}

std::vector<std::string_view> ReferenceNames() {
  std::vector<std::string_view> names;
  for (const LayerDef* def : AllLayers()) names.push_back(def->name);
  for (const LayerDef* def : AllFunctions()) names.push_back(def->function_name);
  for (const ActivationDef& activation : AllActivations()) names.push_back(activation.name);
  for (const UnsupportedLayer& layer : AllUnsupportedLayers()) names.push_back(layer.name);
  for (const Alias& alias : AllAliases()) {
    if (FindLayer(alias.name) != nullptr) names.push_back(alias.name);
  }
  return names;
}

std::string ReferenceList() {
  std::string text;
  for (const std::vector<const LayerDef*>* table : {&AllLayers(), &AllFunctions()}) {
    for (const LayerDef* def : *table) text += std::string(NameOf(*def)) + ": " + std::string(def->summary) + "\n";
  }
  return text;
}

std::string ReferenceMarkdown() {
  std::string text(kBeginning);
  const std::vector<Param> common = CommonParams();
  std::vector<const Param*> params;
  for (const Param& param : common) params.push_back(&param);
  text += ArgumentRows(params);
  for (const LayerDef* def : AllLayers()) text += "\n" + PageOf(*def, "###");
  text +=
      "\n## Functions\n\nThose of `keras.ops`, and operators. They take tensors, and some of them numbers in their "
      "place.\n";
  for (const LayerDef* def : AllFunctions()) text += "\n" + PageOf(*def, "###");
  text += "\n## Activations\n\nWhat `activation=` and `Activation(...)` take.\n\n| name | |\n|---|---|\n";
  for (const std::string_view name : ActivationNames()) {
    text += "| " + Code("\"" + std::string(name) + "\"") + " | " + std::string(FindActivation(name)->summary) + " |\n";
  }
  text +=
      "\n## Other names\n\nKeras' other names are accepted; `strata fmt` writes the main one.\n\n| name | is "
      "|\n|---|---|\n";
  for (const Alias& alias : AllAliases()) {
    const bool is_there = FindLayer(alias.name) != nullptr || FindFunction(alias.name) != nullptr;
    if (is_there) text += "| " + Code(alias.name) + " | " + Code(alias.main) + " |\n";
  }
  text += "\n## Not in Strata\n\n| layer of Keras | | instead |\n|---|---|---|\n";
  for (const UnsupportedLayer& layer : AllUnsupportedLayers()) {
    text += "| " + Code(layer.name) + " | " + std::string(layer.why) + " | " + std::string(layer.instead) + " |\n";
  }
  return text;
}

}  // namespace strata
