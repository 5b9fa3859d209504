// The layers' definitions, one function each, and the only place that lists them all.
#pragma once

#include "compiler/layers/layer.h"

namespace strata::layers {

LayerDef Activation();
LayerDef Add();
LayerDef AveragePooling2D();
LayerDef BatchNormalization();
LayerDef Concatenate();
LayerDef Conv2D();
LayerDef Dense();
LayerDef DepthwiseConv2D();
LayerDef Dropout();
LayerDef Flatten();
LayerDef GlobalAveragePooling2D();
LayerDef GlobalMaxPooling2D();
LayerDef LayerNormalization();
LayerDef LeakyReLU();
LayerDef MaxPooling2D();
LayerDef Multiply();
LayerDef ReLU();
LayerDef Reshape();
LayerDef Softmax();
LayerDef ZeroPadding2D();

}  // namespace strata::layers
