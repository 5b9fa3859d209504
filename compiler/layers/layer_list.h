// The layers' definitions, one function each, and the only place that lists them all.
#pragma once

#include "compiler/layers/layer.h"

namespace strata::layers {

LayerDef Activation();
LayerDef AdaptiveAveragePooling1D();
LayerDef AdaptiveAveragePooling2D();
LayerDef AdaptiveAveragePooling3D();
LayerDef AdaptiveMaxPooling1D();
LayerDef AdaptiveMaxPooling2D();
LayerDef AdaptiveMaxPooling3D();
LayerDef Add();
LayerDef AdditiveAttention();
LayerDef Attention();
LayerDef Average();
LayerDef AveragePooling1D();
LayerDef AveragePooling2D();
LayerDef AveragePooling3D();
LayerDef BatchNormalization();
LayerDef Bidirectional();
LayerDef CategoryEncoding();
LayerDef CenterCrop();
LayerDef Concatenate();
LayerDef Conv1D();
LayerDef Conv1DTranspose();
LayerDef Conv2D();
LayerDef Conv2DTranspose();
LayerDef Conv3D();
LayerDef Conv3DTranspose();
LayerDef ConvLSTM1D();
LayerDef ConvLSTM2D();
LayerDef ConvLSTM3D();
LayerDef Cropping1D();
LayerDef Cropping2D();
LayerDef Cropping3D();
LayerDef Dense();
LayerDef DepthwiseConv1D();
LayerDef DepthwiseConv2D();
LayerDef Discretization();
LayerDef Dot();
LayerDef ELU();
LayerDef EinsumDense();
LayerDef Embedding();
LayerDef Flatten();
LayerDef GRU();
LayerDef GlobalAveragePooling1D();
LayerDef GlobalAveragePooling2D();
LayerDef GlobalAveragePooling3D();
LayerDef GlobalMaxPooling1D();
LayerDef GlobalMaxPooling2D();
LayerDef GlobalMaxPooling3D();
LayerDef GroupNormalization();
LayerDef GroupQueryAttention();
LayerDef LSTM();
LayerDef LayerNormalization();
LayerDef LeakyReLU();
LayerDef Masking();
LayerDef MaxPooling1D();
LayerDef MaxPooling2D();
LayerDef MaxPooling3D();
LayerDef Maximum();
LayerDef Minimum();
LayerDef MultiHeadAttention();
LayerDef Multiply();
LayerDef Normalization();
LayerDef PReLU();
LayerDef Permute();
LayerDef RMSNormalization();
LayerDef ReLU();
LayerDef RepeatVector();
LayerDef Rescaling();
LayerDef Reshape();
LayerDef Resizing();
LayerDef SeparableConv1D();
LayerDef SeparableConv2D();
LayerDef SimpleRNN();
LayerDef Softmax();
LayerDef SpectralNormalization();
LayerDef Subtract();
LayerDef TimeDistributed();
LayerDef UnitNormalization();
LayerDef UpSampling1D();
LayerDef UpSampling2D();
LayerDef UpSampling3D();
LayerDef ZeroPadding1D();
LayerDef ZeroPadding2D();
LayerDef ZeroPadding3D();

// Identity, Dropout, RandomFlip ...: what only training does something with.
std::vector<LayerDef> TrainingOnlyLayers();

}  // namespace strata::layers
