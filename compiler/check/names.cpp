#include "compiler/check/names.h"

#include <algorithm>

#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

// Keras 3's layers, sorted. Those of the vocabulary are found there first.
constexpr std::string_view kKerasLayers[] = {
    "Activation",
    "ActivityRegularization",
    "Add",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalization",
    "Bidirectional",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "Convolution1D",
    "Convolution2D",
    "Convolution3D",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Discretization",
    "Dot",
    "Dropout",
    "ELU",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GRU",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "GroupQueryAttention",
    "Hashing",
    "HashedCrossing",
    "Identity",
    "IntegerLookup",
    "LSTM",
    "LSTMCell",
    "Lambda",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Maximum",
    "MelSpectrogram",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "RNN",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "STFTSpectrogram",
    "SeparableConv1D",
    "SeparableConv2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "StackedRNNCells",
    "StringLookup",
    "Subtract",
    "TextVectorization",
    "ThresholdedReLU",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
};

std::vector<std::string_view> LayerNames() {
  std::vector<std::string_view> names;
  for (const LayerDef* def : AllLayers()) names.push_back(def->name);
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

}  // namespace

bool IsFutureLayer(std::string_view name) {
  return FindLayer(name) == nullptr && std::ranges::find(kKerasLayers, name) != std::end(kKerasLayers);
}

void ReportUnknownLayer(FileContext& context, Span span, std::string_view name,
                        const std::vector<std::string_view>& variables) {
  if (context.misses_import) return;  // it may be one of those
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::UnknownLayer, span, name);
  // The nearest of the vocabulary, then a layer of Keras still to come, then a block, then a `let` that may hold a layer.
  std::string_view nearest = NearestName(name, LayerNames());
  const std::string_view nearest_future = NearestName(name, {std::begin(kKerasLayers), std::end(kKerasLayers)});
  if (nearest.empty() && !nearest_future.empty() && NearestName(name, FunctionNames(context)).empty()) {
    diagnostic.Note("the layer `" + std::string(nearest_future) + "` of Keras is not supported yet");
    return;
  }
  if (nearest.empty()) nearest = NearestName(name, FunctionNames(context));
  if (nearest.empty()) nearest = NearestName(name, variables);
  if (nearest.empty()) return;
  diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable, {Replace(span, nearest)});
}

void ReportUnknownName(Diagnostics& diagnostics, Span span, std::string_view name,
                       const std::vector<std::string_view>& scope_names) {
  Diagnostic& diagnostic = diagnostics.Report(kinds::UnknownName, span, name);
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
    name = SnakeCase(def.name);
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
