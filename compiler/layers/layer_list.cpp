#include "compiler/layers/layer_list.h"

#include <algorithm>

#include "compiler/layers/aliases.h"
#include "compiler/layers/cells.h"
#include "compiler/layers/functions.h"
#include "compiler/layers/params.h"
#include "compiler/layers/recurrence.h"

namespace strata {
namespace {

constexpr LayerDef (*kDefinitions[])() = {
    layers::Activation,
    layers::AdaptiveAveragePooling1D,
    layers::AdaptiveAveragePooling2D,
    layers::AdaptiveAveragePooling3D,
    layers::AdaptiveMaxPooling1D,
    layers::AdaptiveMaxPooling2D,
    layers::AdaptiveMaxPooling3D,
    layers::Add,
    layers::AdditiveAttention,
    layers::Attention,
    layers::Average,
    layers::AveragePooling1D,
    layers::AveragePooling2D,
    layers::AveragePooling3D,
    layers::BatchNormalization,
    layers::Bidirectional,
    layers::CategoryEncoding,
    layers::CenterCrop,
    layers::Concatenate,
    layers::Conv1D,
    layers::Conv1DTranspose,
    layers::Conv2D,
    layers::Conv2DTranspose,
    layers::Conv3D,
    layers::Conv3DTranspose,
    layers::ConvLSTM1D,
    layers::ConvLSTM2D,
    layers::ConvLSTM3D,
    layers::Cropping1D,
    layers::Cropping2D,
    layers::Cropping3D,
    layers::Dense,
    layers::DepthwiseConv1D,
    layers::DepthwiseConv2D,
    layers::Discretization,
    layers::Dot,
    layers::ELU,
    layers::EinsumDense,
    layers::Embedding,
    layers::Flatten,
    layers::GRU,
    layers::GRUCell,
    layers::GlobalAveragePooling1D,
    layers::GlobalAveragePooling2D,
    layers::GlobalAveragePooling3D,
    layers::GlobalMaxPooling1D,
    layers::GlobalMaxPooling2D,
    layers::GlobalMaxPooling3D,
    layers::GroupNormalization,
    layers::GroupQueryAttention,
    layers::LSTM,
    layers::LSTMCell,
    layers::LayerNormalization,
    layers::LeakyReLU,
    layers::Masking,
    layers::MaxPooling1D,
    layers::MaxPooling2D,
    layers::MaxPooling3D,
    layers::Maximum,
    layers::Minimum,
    layers::MultiHeadAttention,
    layers::Multiply,
    layers::Normalization,
    layers::PReLU,
    layers::Permute,
    layers::RMSNormalization,
    layers::RNN,
    layers::ReLU,
    layers::RepeatVector,
    layers::Rescaling,
    layers::Reshape,
    layers::Resizing,
    layers::SeparableConv1D,
    layers::SeparableConv2D,
    layers::SimpleRNN,
    layers::SimpleRNNCell,
    layers::Softmax,
    layers::SpectralNormalization,
    layers::StackedRNNCells,
    layers::Subtract,
    layers::TimeDistributed,
    layers::UnitNormalization,
    layers::UpSampling1D,
    layers::UpSampling2D,
    layers::UpSampling3D,
    layers::ZeroPadding1D,
    layers::ZeroPadding2D,
    layers::ZeroPadding3D,
};

// The definition with the parameters that every layer has and it does not list itself.
LayerDef Complete(LayerDef def) {
  for (Param& param : CommonParams()) {
    const bool is_listed = std::ranges::find(def.params, param.name, &Param::name) != def.params.end();
    if (!is_listed) def.params.push_back(std::move(param));
  }
  return def;
}

}  // namespace

const std::vector<const LayerDef*>& AllLayers() {
  static const std::vector<LayerDef> definitions = [] {
    std::vector<LayerDef> list;
    for (const auto& definition : kDefinitions) list.push_back(Complete(definition()));
    for (LayerDef& def : layers::TrainingOnlyLayers()) list.push_back(Complete(std::move(def)));
    std::ranges::sort(list, {}, &LayerDef::name);
    return list;
  }();
  static const std::vector<const LayerDef*> pointers = [] {
    std::vector<const LayerDef*> list;
    for (const LayerDef& def : definitions) list.push_back(&def);
    return list;
  }();
  return pointers;
}

const std::vector<const LayerDef*>& AllFunctions() {
  static const std::vector<LayerDef> definitions = [] {
    std::vector<LayerDef> all = {layers::ConcatenateFunction(), layers::ReshapeFunction(), layers::StackFunction()};
    for (const auto& table : {layers::ActivationFunctions, layers::CastFunctions, layers::ElementwiseFunctions,
                              layers::ProductFunctions, layers::ReductionFunctions, layers::ShapeFunctions}) {
      for (LayerDef& def : table()) all.push_back(std::move(def));
    }
    std::ranges::sort(all, {}, &LayerDef::function_name);
    return all;
  }();
  static const std::vector<const LayerDef*> pointers = [] {
    std::vector<const LayerDef*> list;
    for (const LayerDef& def : definitions) list.push_back(&def);
    return list;
  }();
  return pointers;
}

const LayerDef* FindFunction(std::string_view function_name) {
  const std::vector<const LayerDef*>& all = AllFunctions();
  const auto found = std::ranges::find(all, MainName(function_name), &LayerDef::function_name);
  return found == all.end() ? nullptr : *found;
}

const LayerDef* FindLayer(std::string_view name) {
  const std::vector<const LayerDef*>& all = AllLayers();
  const auto found = std::ranges::find(all, MainName(name), &LayerDef::name);
  return found == all.end() ? nullptr : *found;
}

}  // namespace strata
