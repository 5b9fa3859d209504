#include "compiler/layers/unsupported.h"

#include <algorithm>

namespace strata {
namespace {

constexpr std::string_view kForeign = "holds code of another framework";
constexpr std::string_view kWriteNetwork = "write the network in Strata";
constexpr std::string_view kLookUpBefore =
    "look the strings up before the call: the model takes their numbers, as in `tokens: i32[batch, time]`";
constexpr std::string_view kSpectrogramBefore =
    "compute it before the call: the model takes it, as in `spectrogram: f32[batch, time, channels: 128]`";
constexpr std::string_view kConfigurations = "is about configurations of layers";
constexpr std::string_view kImport = "`strata import` makes a program of a saved model";

constexpr UnsupportedLayer kLayers[] = {
    {"AutoContrast", "stretches each image by its own darkest and brightest pixel, outside of training too",
     "write it with functions: `min` and `max` over `axis=[height, width]` with `keepdims=True`"},
    {"ContrastLimitedAdaptiveHistogramEqualization", "equalizes histograms, which sorts pixels into bins",
     "prepare the images before the call"},
    {"CuDNNGRU", "is of Keras 2", "`GRU` is the same", "GRU"},
    {"CuDNNLSTM", "is of Keras 2", "`LSTM` is the same", "LSTM"},
    {"FlaxLayer", kForeign, kWriteNetwork},
    {"HashedCrossing", "hashes strings and integers",
     "hash before the call: the model takes the bins, and `CategoryEncoding` makes vectors of them"},
    {"Hashing", "hashes strings and integers",
     "hash before the call: the model takes the bins, and `CategoryEncoding` makes vectors of them"},
    {"Input", "declares an input, which stands in the model's signature",
     "write `model m(x: f32[batch, features: 8])` and use `x`"},
    {"InputLayer", "declares an input, which stands in the model's signature",
     "write `model m(x: f32[batch, features: 8])` and use `x`"},
    {"InputSpec", "says what a layer written in Python takes",
     "leave it out: the shapes stand in the model's signature"},
    {"IntegerLookup", "looks integers up in a vocabulary",
     "look them up before the call: the model takes their places in the vocabulary, as in `items: i32[batch, time]`"},
    {"JaxLayer", kForeign, kWriteNetwork},
    {"Lambda", "holds Python code, which a compiled model does not run",
     "write the formula itself: operators and functions act on tensors, as in `x * 2 + 1` or `|> exp()`"},
    {"Layer", "is the base of layers written in Python", "declare a `block` of layers and functions"},
    {"MaxNumBoundingBoxes", "counts bounding boxes, and only images pass through it", "leave it out"},
    {"MelSpectrogram", "transforms a signal into frequencies", kSpectrogramBefore},
    {"Pipeline", "is a list of layers", "write the layers one after another: `x |> Rescaling(1 / 255.0) |> Flatten()`"},
    {"ReversibleEmbedding", "runs in two directions, each of another shape",
     "write `Embedding(...)`, and `Dense(..., use_bias=False)` for the way back, which has the table as its kernel"},
    {"STFTSpectrogram", "transforms a signal into frequencies", kSpectrogramBefore},
    {"StringLookup", "looks up strings, which tensors do not hold", kLookUpBefore},
    {"SyncBatchNormalization", "is of Keras 2", "`BatchNormalization` is the same", "BatchNormalization"},
    {"TFSMLayer", kForeign, kWriteNetwork},
    {"TextVectorization", "splits text, which tensors do not hold",
     "split and look up before the call: the model takes the words' numbers, as in `tokens: i32[batch, time]`"},
    {"ThresholdedReLU", "is of Keras 2", "write `ReLU(threshold=...)`"},
    {"TorchModuleWrapper", kForeign, kWriteNetwork},
    {"Wrapper", "is the base of layers written in Python", "declare a `block` of layers and functions"},
    {"add", "makes an `Add` and applies it", "write `Add()(a, b)`, or `a + b`"},
    {"average", "makes an `Average` and applies it", "write `Average()(a, b)`"},
    {"deserialize", kConfigurations, kImport},
    {"dot", "makes a `Dot` and applies it", "write `Dot(axes=1)(a, b)`"},
    {"multiply", "makes a `Multiply` and applies it", "write `Multiply()(a, b)`, or `a * b`"},
    {"serialize", kConfigurations, kImport},
    {"subtract", "makes a `Subtract` and applies it", "write `Subtract()(a, b)`, or `a - b`"},
};

}  // namespace

std::span<const UnsupportedLayer> AllUnsupportedLayers() { return kLayers; }

const UnsupportedLayer* FindUnsupportedLayer(std::string_view name) {
  const auto* const found = std::ranges::find(kLayers, name, &UnsupportedLayer::name);
  return found == std::end(kLayers) ? nullptr : found;
}

}  // namespace strata
