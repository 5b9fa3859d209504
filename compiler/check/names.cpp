#include "compiler/check/names.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "compiler/layers/aliases.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

// Of the vocabulary, Keras' other names too.
std::vector<std::string_view> LayerNames() {
  std::vector<std::string_view> names;
  for (const LayerDef* def : AllLayers()) names.push_back(def->name);
  for (const Alias& alias : AllAliases()) {
    if (FindLayer(alias.name) != nullptr) names.push_back(alias.name);
  }
  return names;
}

std::vector<std::string_view> UnsupportedNames() {
  std::vector<std::string_view> names;
  for (const UnsupportedLayer& layer : AllUnsupportedLayers()) names.push_back(layer.name);
  return names;
}

// Sorted, as the map is not to be printed.
std::vector<std::string_view> FunctionNames(const FileContext& context) {
  std::vector<std::string_view> names;
  for (const auto& [name, function] : context.functions) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

Edit Replace(Span span, std::string_view text) { return {span, std::string(text)}; }

// A name in lower case that is called and is nearer to a function of keras.ops than to a layer or `let`.
bool ReportUnknownFunction(FileContext& context, Span span, std::string_view name,
                           const std::vector<std::string_view>& variables) {
  if (std::islower(static_cast<unsigned char>(name.front())) == 0) return false;
  std::vector<std::string_view> names = variables;
  for (const LayerDef* def : AllFunctions()) names.push_back(def->function_name);
  for (const LayerDef* def : AllLayers()) names.push_back(def->name);
  const std::string_view nearest = NearestName(name, names);
  if (nearest.empty() || FindFunction(nearest) == nullptr || std::ranges::find(variables, nearest) != variables.end()) {
    return false;
  }
  context.diagnostics.Report(kinds::UnknownName, span, name)
      .Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable, {Replace(span, nearest)});
  return true;
}

}  // namespace

void ReportUnsupported(Diagnostics& diagnostics, Span span, const UnsupportedLayer& layer) {
  Diagnostic& diagnostic = diagnostics.Report(kinds::UnsupportedLayer, span, layer.name, layer.why);
  if (layer.replacement.empty()) {
    diagnostic.Help(std::string(layer.instead));
  } else {
    diagnostic.Help(std::string(layer.instead), Applicability::MachineApplicable, {Replace(span, layer.replacement)});
  }
}

namespace {

// What layers, functions and constants of PyTorch, NumPy, Keras and other languages are here.
struct ForeignName {
  std::string_view name;
  std::string_view meant;  // to be written instead; "": the help says what
  std::string_view help = {};
};
constexpr ForeignName kForeignNames[] = {
    {"AdaptiveAvgPool2d", "AdaptiveAveragePooling2D"},
    {"BatchNorm", "BatchNormalization"},
    {"BatchNorm1d", "BatchNormalization"},
    {"BatchNorm2d", "BatchNormalization"},
    {"ConvTranspose2d", "Conv2DTranspose"},
    {"GELU", "", "it is an activation: `Activation(\"gelu\")`"},
    {"GroupNorm", "GroupNormalization"},
    {"Input", "",
     "the inputs stand in the model's signature, as in `image: f32[batch, height: 28, width: 28, channels: 1]`"},
    {"InputLayer", "",
     "the inputs stand in the model's signature, as in `image: f32[batch, height: 28, width: 28, channels: 1]`"},
    {"LayerNorm", "LayerNormalization"},
    {"Linear", "Dense", "`Dense(units)`, which knows the size of its input"},
    {"Model", "",
     "a model is declared: `model name(x: f32[batch, features: 4]) -> (y: f32[batch, features: 2]) { ... }`"},
    {"RMSNorm", "RMSNormalization"},
    {"Sequential", "", "layers follow one another in a pipe: `x |> Dense(4) |> ReLU()`"},
    {"SiLU", "", "it is an activation: `Activation(\"silu\")`"},
    {"Sigmoid", "", "it is an activation: `Activation(\"sigmoid\")`"},
    {"Tanh", "", "it is an activation: `Activation(\"tanh\")`"},
    {"Upsample", "UpSampling2D"},
    {"astype", "", "element types are functions: `f32(x)`"},
    {"bmm", "matmul"},
    {"cast", "", "element types are functions: `f32(x)`"},
    {"cat", "concatenate"},
    {"clamp", "clip"},
    {"expand_dims", "", "a shape adds the axis: `x |> Reshape([time: 8, features: 1])`"},
    {"false", "False"},
    {"float", "f32"},
    {"mm", "matmul"},
    {"nil", "None"},
    {"none", "None"},
    {"null", "None"},
    {"permute", "transpose"},
    {"pi", "3.141592653589793", "write `3.141592653589793`"},
    {"pow", "", "write `x ** 2`"},
    {"squeeze", "", "an index drops the axis: `x[features: 0]`"},
    {"swapaxes", "transpose"},
    {"to", "", "element types are functions: `f32(x)`"},
    {"true", "True"},
    {"unsqueeze", "", "a shape adds the axis: `x |> Reshape([time: 8, features: 1])`"},
    {"view", "", "`Reshape` is the layer: `x |> Reshape([height: 7, width: 7, channels: 32])`"},
};

}  // namespace

bool ReportForeign(FileContext& context, Span span, std::string_view name) {
  const auto* foreign = std::ranges::find(kForeignNames, name, &ForeignName::name);
  if (foreign == std::end(kForeignNames)) return false;
  const bool is_layer = std::isupper(static_cast<unsigned char>(name.front())) != 0;
  Diagnostic& diagnostic = is_layer ? context.diagnostics.Report(kinds::UnknownLayer, span, name)
                                    : context.diagnostics.Report(kinds::UnknownName, span, name);
  const std::string help =
      !foreign->help.empty() ? std::string(foreign->help) : "it is called " + Quoted(foreign->meant);
  if (foreign->meant.empty()) {
    diagnostic.Help(help);
  } else {
    diagnostic.Help(help, Applicability::MaybeIncorrect, {Replace(span, foreign->meant)});
  }
  return true;
}

bool Declares(const ast::File& file, std::string_view name) {
  return std::ranges::any_of(file.items, [&](const ast::Item& item) {
    const auto* function = std::get_if<ast::Function>(&item);
    if (function != nullptr) return function->form == ast::Function::Form::Block && function->name.text == name;
    const auto* constant = std::get_if<ast::Const>(&item);
    return constant != nullptr && constant->name.text == name;
  });
}

bool OfferImport(const FileContext& context, Diagnostic& diagnostic, std::string_view name) {
  for (const ast::Item& item : context.file.items) {
    const auto* import = std::get_if<ast::Import>(&item);
    if (import == nullptr || import->file == nullptr) continue;
    for (const ast::Item& inner : import->file->items) {
      const auto* nested = std::get_if<ast::Import>(&inner);
      if (nested == nullptr || nested->file == nullptr || !Declares(*nested->file, name)) continue;
      const std::filesystem::path path = std::filesystem::path(import->path).parent_path() / nested->path;
      const std::string line = "import \"" + path.lexically_normal().string() + "\"";
      diagnostic.Help(Quoted(import->path) + " imports it for itself alone: write " + Quoted(line),
                      Applicability::MaybeIncorrect,
                      {{{import->span.file, import->span.end, import->span.end}, "\n" + line}});
      return true;
    }
  }
  return false;
}

void ReportUnknownLayer(FileContext& context, Span span, std::string_view name,
                        const std::vector<std::string_view>& variables) {
  if (context.misses_names) return;  // it may be one of those
  if (ReportForeign(context, span, name) || ReportUnknownFunction(context, span, name, variables)) return;
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::UnknownLayer, span, name);
  if (OfferImport(context, diagnostic, name)) return;
  // The nearest of the vocabulary, then a block, then a layer of Keras that is not here, then a `let` that may hold one.
  std::string_view nearest = MainName(NearestName(name, LayerNames()));
  if (nearest.empty()) nearest = NearestName(name, FunctionNames(context));
  if (nearest.empty()) {
    if (const UnsupportedLayer* layer = FindUnsupportedLayer(NearestName(name, UnsupportedNames()))) {
      diagnostic.Note("Keras' layer " + Quoted(layer->name) + " " + std::string(layer->why))
          .Help(std::string(layer->instead));
      return;
    }
  }
  if (nearest.empty()) nearest = NearestName(name, variables);
  if (nearest.empty()) return;
  diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable, {Replace(span, nearest)});
}

void ReportUnknownName(FileContext& context, Span span, std::string_view name,
                       const std::vector<std::string_view>& scope_names) {
  if (ReportForeign(context, span, name)) return;
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::UnknownName, span, name);
  if (OfferImport(context, diagnostic, name)) return;
  const std::string_view nearest = NearestName(name, scope_names);
  if (nearest.empty()) return;
  diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable, {Replace(span, nearest)});
}

std::string NameLayer(Elaboration& model, const LayerDef& def, const std::optional<std::string>& given, Span given_span,
                      Span name_span, Diagnostics& diagnostics) {
  std::string name;
  if (given) {
    name = *given;
  } else {
    name = def.instance_name.empty() ? SnakeCase(def.name) : std::string(def.instance_name);
    const int number = model.name_counters[name]++;
    if (number > 0) name += "_" + std::to_string(number);
  }
  const Span span = given ? given_span : name_span;
  const auto [earlier, is_new] = model.layer_names.emplace(name, span);
  if (!is_new) {
    diagnostics.Report(kinds::DuplicateLayerName, span, name)
        .Primary(given ? "named here" : "gets this name by counting")
        .Label(earlier->second, "the other one")
        .Help("give one of them another name", Applicability::HasPlaceholders);
  }
  return name;
}

}  // namespace strata::check
