#!/usr/bin/env python3
"""Records what Keras computes for small Strata programs: the numbers the numeric tests compare with.

One compressed .npz a case, in tests/numeric/goldens/:
  program               the Strata source, UTF-8 bytes as uint8
  weights/<Keras path>  float32, e.g. weights/conv2d/kernel
  <i>/in/<input>        i = 0, 1 are two independent inputs, of different batch size
  <i>/out/<output>

A case is one entry of the table CASES: the inputs' axes and the body of the model. A layer call is the same text in
Strata and in Python, so the body goes into the program as it stands and is also what builds the Keras model: there is
one description, not two that can drift apart.

Keras computes in float64, from weights and inputs that are exact in float32, so a recorded value is the right one
rounded once. All weights are seeded by the case's name; running again gives the same bytes. Versions:
tools/requirements.txt. Run by hand when the table changes, never by the tests.
"""

import argparse
import collections
import fnmatch
import math
import os
import pathlib
import re
import warnings
import zlib

os.environ.setdefault("KERAS_BACKEND", "jax")  # TensorFlow on a CPU lacks channels-first and grouped convolutions
os.environ.setdefault("JAX_ENABLE_X64", "1")

import jax
import keras
import numpy as np
from keras.src.backend.common import dtypes

# With JAX, Keras' type promotion turns float64 into float32 (in tanh, both normalizations, every mean). Not here;
# `numbers` holds it to that.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

LAYERS = """Dense Conv1D Conv2D Conv3D DepthwiseConv1D DepthwiseConv2D
            MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
            GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
            GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
            Embedding LSTM GRU SimpleRNN Bidirectional TimeDistributed
            Flatten Reshape Permute RepeatVector Identity Activation ReLU LeakyReLU Softmax
            BatchNormalization LayerNormalization Dropout
            ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D
            UpSampling1D UpSampling2D UpSampling3D
            Add Subtract Multiply Average Maximum Minimum Concatenate""".split()
# Strata reads the order from the axis names; on inputs with the channels first Keras must be told.
ORDERED = """Conv1D Conv2D Conv3D DepthwiseConv1D DepthwiseConv2D
             MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
             GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
             GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
             ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping2D Cropping3D UpSampling2D UpSampling3D""".split()
ACTIVATIONS = """linear relu relu6 sigmoid tanh softmax softplus elu selu gelu silu swish leaky_relu hard_sigmoid
                 exponential""".split()


# --- The table ------------------------------------------------------------------------------------------------------

def hwc(height, width, channels):
    return f"height: {height}, width: {width}, channels: {channels}"


def chw(channels, height, width):
    return f"channels: {channels}, height: {height}, width: {width}"


def tf(time, features):
    return f"time: {time}, features: {features}"


def f(features):
    return f"features: {features}"


def tc(time, channels):
    return f"time: {time}, channels: {channels}"


def ct(channels, time):
    return f"channels: {channels}, time: {time}"


def dhwc(depth, height, width, channels):
    return f"depth: {depth}, " + hwc(height, width, channels)


Case = collections.namedtuple("Case", "name inputs body scale shift", defaults=(1.0, 0.0))

# Case(name, inputs, body, scale=1, shift=0). `inputs` is the axes after `batch` of the one input `x`, or a dict of
# several. `i32<20 ` before the axes makes them integers in [0, 20). A size written `5|9` is a symbol: 5 in the first call,
# 9 in the second. `body` is the returned expression, or statements with `let` and `return`; a line that begins with `|>`
# continues the one before. Inputs are normal values times `scale` plus `shift`. In `axis=`, a name stands for that
# axis of the first input (`features` for the last one where the input has no such axis).
# Sizes are awkward on purpose (1, 3, 5, 7, 17, 20, 33, 40): a vector's tail must be right too.
CASES = [
    # Dense
    Case("dense", f(7), "x |> Dense(5)"),
    Case("dense-units-1", f(33), "x |> Dense(1)"),
    Case("dense-features-1", f(1), "x |> Dense(17)"),
    Case("dense-one-by-one", f(1), "x |> Dense(1)"),
    Case("dense-16-16", f(16), "x |> Dense(16)"),
    Case("dense-40-33", f(40), "x |> Dense(33)"),
    Case("dense-129-20", f(129), "x |> Dense(20)"),
    Case("dense-units-100", f(20), "x |> Dense(100)"),
    Case("dense-no-bias", f(20), "x |> Dense(7, use_bias=False)"),
    Case("dense-keyword-units", f(5), "x |> Dense(units=3, activation=\"relu\", use_bias=True)"),
    Case("dense-positional-activation", f(17), "x |> Dense(9, \"relu\")"),
    Case("dense-positional-bias", f(17), "x |> Dense(9, \"tanh\", False)"),
    Case("dense-activation-none", f(5), "x |> Dense(8, activation=None)"),
    Case("dense-relu-no-bias", f(40), "x |> Dense(17, activation=\"relu\", use_bias=False)"),
    Case("dense-softmax", f(20), "x |> Dense(10, activation=\"softmax\")"),
    Case("dense-sigmoid", f(16), "x |> Dense(1, activation=\"sigmoid\")"),
    Case("dense-gelu", f(16), "x |> Dense(33, activation=\"gelu\")"),
    Case("dense-rank-3", tf(6, 7), "x |> Dense(5)"),
    Case("dense-rank-3-softmax", tf(5, 17), "x |> Dense(3, activation=\"softmax\")"),
    Case("dense-rank-3-time-1", tf(1, 20), "x |> Dense(40, activation=\"silu\")"),
    Case("dense-rank-4", hwc(3, 4, 5), "x |> Dense(7)"),
    Case("dense-rank-4-relu", hwc(5, 2, 17), "x |> Dense(20, activation=\"relu\", use_bias=False)"),
    Case("dense-named", f(5), "x |> Dense(4, name=\"logits\")"),
    Case("dense-shared", {"a": f(5), "b": f(5)}, """
        let enc = Dense(7, activation="tanh")
        return Add()(enc(a), enc(b))"""),

    # Conv1D, Conv3D, DepthwiseConv1D
    Case("conv1d", tc(11, 3), "x |> Conv1D(8, 3)"),
    Case("conv1d-features", tf(11, 3), "x |> Conv1D(8, 3, activation=\"relu\")"),
    Case("conv1d-kernel-1", tc(7, 5), "x |> Conv1D(17, 1)"),
    Case("conv1d-kernel-4-same", tc(7, 3), "x |> Conv1D(5, 4, padding=\"same\")"),
    Case("conv1d-strides-2", tc(10, 3), "x |> Conv1D(7, 3, strides=2)"),
    Case("conv1d-strides-3-same", tc(10, 5), "x |> Conv1D(7, 5, strides=3, padding=\"same\")"),
    Case("conv1d-dilation-2", tc(10, 3), "x |> Conv1D(20, 3, dilation_rate=2)"),
    Case("conv1d-causal", tc(9, 3), "x |> Conv1D(8, 3, padding=\"causal\")"),
    Case("conv1d-causal-dilation-4", tc(9, 5), "x |> Conv1D(7, 2, padding=\"causal\", dilation_rate=4)"),
    Case("conv1d-causal-strides-2", tc(9, 5), "x |> Conv1D(7, 4, padding=\"causal\", strides=2)"),
    Case("conv1d-groups-2", tc(8, 4), "x |> Conv1D(6, 3, groups=2, use_bias=False)"),
    Case("conv1d-channels-first", ct(3, 9), "x |> Conv1D(5, 3, padding=\"same\")"),
    Case("conv1d-softmax", tc(6, 5), "x |> Conv1D(7, 2, activation=\"softmax\")"),
    Case("conv3d", dhwc(4, 5, 6, 3), "x |> Conv3D(7, 3)"),
    Case("conv3d-same-strides", dhwc(5, 4, 7, 2), "x |> Conv3D(5, (2, 3, 1), strides=(1, 2, 3), padding=\"same\")"),
    Case("conv3d-dilation-2", dhwc(5, 6, 5, 2), "x |> Conv3D(3, 2, dilation_rate=2, activation=\"tanh\")"),
    Case("depthwise-conv1d", tc(9, 5), "x |> DepthwiseConv1D(3)"),
    Case("depthwise-conv1d-same-multiplier-2", tc(8, 3), """
        return x |> DepthwiseConv1D(4, padding="same", depth_multiplier=2, activation="relu")"""),

    # Pooling, padding and cropping along one and three axes
    Case("max-pooling1d", tc(9, 5), "x |> MaxPooling1D()"),
    Case("max-pooling1d-3-2-same", tc(10, 17), "x |> MaxPooling1D(3, 2, \"same\")"),
    Case("max-pooling1d-channels-first", ct(5, 8), "x |> MaxPooling1D(3, strides=1)"),
    Case("max-pooling3d", dhwc(5, 4, 6, 3), "x |> MaxPooling3D()"),
    Case("max-pooling3d-same", dhwc(3, 5, 4, 3), "x |> MaxPooling3D((1, 3, 2), strides=2, padding=\"same\")"),
    Case("average-pooling1d", tc(9, 5), "x |> AveragePooling1D(2)"),
    Case("average-pooling1d-same", tc(10, 3), "x |> AveragePooling1D(4, strides=3, padding=\"same\")"),
    Case("average-pooling3d-same", dhwc(3, 5, 4, 3), "x |> AveragePooling3D(2, padding=\"same\")"),
    Case("global-average-pooling1d", tf(7, 5), "x |> GlobalAveragePooling1D()"),
    Case("global-average-pooling1d-keepdims", ct(5, 7), "x |> GlobalAveragePooling1D(keepdims=True)"),
    Case("global-average-pooling3d", dhwc(2, 3, 4, 5), "x |> GlobalAveragePooling3D()"),
    Case("global-max-pooling1d", tf(7, 5), "x |> GlobalMaxPooling1D()"),
    Case("global-max-pooling3d", dhwc(2, 3, 4, 5), "x |> GlobalMaxPooling3D(keepdims=True)"),
    Case("zero-padding1d", tc(5, 3), "x |> ZeroPadding1D()"),
    Case("zero-padding1d-2-0", ct(3, 5), "x |> ZeroPadding1D((2, 0))"),
    Case("zero-padding3d", dhwc(2, 3, 4, 3), "x |> ZeroPadding3D(((0, 1), (1, 0), (0, 2)))"),
    Case("cropping1d", tc(7, 3), "x |> Cropping1D()"),
    Case("cropping1d-0-2", tc(7, 3), "x |> Cropping1D((0, 2))"),
    Case("cropping2d", hwc(7, 6, 3), "x |> Cropping2D((2, 1))"),
    Case("cropping2d-pairs", chw(3, 7, 6), "x |> Cropping2D(((1, 3), (0, 2)))"),
    Case("cropping3d", dhwc(3, 4, 5, 2), "x |> Cropping3D()"),

    # UpSampling
    Case("up-sampling1d", tc(5, 3), "x |> UpSampling1D()"),
    Case("up-sampling1d-3", tf(4, 17), "x |> UpSampling1D(3)"),
    Case("up-sampling2d", hwc(3, 4, 5), "x |> UpSampling2D()"),
    Case("up-sampling2d-3-1", hwc(3, 4, 5), "x |> UpSampling2D((3, 1))"),
    Case("up-sampling2d-channels-first", chw(3, 4, 5), "x |> UpSampling2D(2)"),
    Case("up-sampling2d-bilinear", hwc(3, 4, 5), "x |> UpSampling2D(interpolation=\"bilinear\")"),
    Case("up-sampling2d-bilinear-3-4", hwc(4, 1, 3), "x |> UpSampling2D((3, 4), interpolation=\"bilinear\")"),
    Case("up-sampling3d", dhwc(2, 3, 2, 3), "x |> UpSampling3D((1, 2, 3))"),

    # Permute, RepeatVector, Identity and the merges beside Add, Multiply and Concatenate
    Case("permute", tf(5, 3), "x |> Permute((2, 1))"),
    Case("permute-names", hwc(2, 3, 4), "x |> Permute((channels, height, width))"),
    Case("repeat-vector", f(7), "x |> RepeatVector(3)"),
    Case("identity", f(7), "x |> Identity() |> Dense(3)"),
    Case("subtract", {"a": tf(4, 5), "b": tf(4, 5)}, "Subtract()(a, b)"),
    Case("average", {"a": f(7), "b": f(7), "c": f(7)}, "Average()(a, b, c)"),
    Case("maximum", {"a": f(7), "b": f(7), "c": f(7)}, "Maximum()([a, b, c])"),
    Case("minimum", {"a": tf(4, 5), "b": tf(4, 5)}, "Minimum()(a, b)"),

    # Embedding and recurrence
    Case("embedding", "i32<20 time: 7", "x |> Embedding(20, 5)"),
    Case("embedding-u8", "u8<256 time: 3, n: 2", "x |> Embedding(256, 3) |> Dense(4)"),
    Case("lstm", tf(5, 3), "x |> LSTM(4)"),
    Case("lstm-sequences", tf(6, 5), "x |> LSTM(7, return_sequences=True)"),
    Case("lstm-no-bias-activations", tf(4, 3), """
        return x |> LSTM(5, activation="relu", recurrent_activation="hard_sigmoid", use_bias=False)"""),
    Case("lstm-go-backwards", tf(5, 3), "x |> LSTM(4, return_sequences=True, go_backwards=True)"),
    Case("lstm-states", tf(5, 3), """
        let (y, h, c) = x |> LSTM(4, return_sequences=True, return_state=True)
        let z = LSTM(4)(y, initial_state=(h, c))
        return (z, h, c)"""),
    Case("lstm-one-step", tf(1, 17), "x |> LSTM(20)"),
    Case("gru", tf(5, 3), "x |> GRU(4)"),
    Case("gru-sequences-reset-before", tf(6, 5), "x |> GRU(7, return_sequences=True, reset_after=False)"),
    Case("gru-no-bias", tf(4, 3), "x |> GRU(5, use_bias=False, return_sequences=True)"),
    Case("gru-states", {"x": tf(4, 3), "s": f(5)}, """
        let (y, h) = GRU(5, return_state=True)(x, initial_state=s)
        return (y, h)"""),
    Case("simple-rnn", tf(5, 3), "x |> SimpleRNN(4)"),
    Case("simple-rnn-relu", tf(5, 3), "x |> SimpleRNN(9, activation=\"relu\", return_sequences=True, use_bias=False)"),
    Case("bidirectional", tf(5, 3), "x |> Bidirectional(LSTM(4, return_sequences=True))"),
    Case("bidirectional-last-sum", tf(5, 3), "x |> Bidirectional(LSTM(4), merge_mode=\"sum\")"),
    Case("bidirectional-mul", tf(5, 3), "x |> Bidirectional(GRU(4, return_sequences=True), merge_mode=\"mul\")"),
    Case("bidirectional-ave", tf(5, 3), "x |> Bidirectional(SimpleRNN(4, return_sequences=True), merge_mode=\"ave\")"),
    Case("bidirectional-none", tf(5, 3), """
        let (a, b) = x |> Bidirectional(LSTM(4, return_sequences=True), merge_mode=None)
        return (a, b)"""),
    Case("bidirectional-backward-layer", tf(5, 3), """
        return x |> Bidirectional(LSTM(4), backward_layer=LSTM(4, activation="relu", go_backwards=True))"""),
    Case("bidirectional-states", tf(4, 3), """
        let (y, a, b, c, d) = x |> Bidirectional(LSTM(4, return_sequences=True, return_state=True))
        let z = Bidirectional(LSTM(4))(y, initial_state=(a, b, c, d))
        return z"""),
    Case("time-distributed", tf(4, 5), "x |> TimeDistributed(Dense(3, activation=\"relu\"))"),
    Case("time-distributed-conv2d", "time: 3, height: 5, width: 6, channels: 2", """
        return x |> TimeDistributed(Conv2D(4, 3, padding="same")) |> TimeDistributed(GlobalMaxPooling2D())"""),
    Case("net-tagger", "i32<50 time: 5|9", """
        return x
          |> Embedding(50, 8)
          |> Bidirectional(LSTM(5, return_sequences=True))
          |> LSTM(7, return_sequences=True)
          |> Dense(4, activation="softmax")"""),

    # Conv2D
    Case("conv2d", hwc(9, 8, 3), "x |> Conv2D(8, 3)"),
    Case("conv2d-kernel-1", hwc(5, 6, 7), "x |> Conv2D(17, 1)"),
    Case("conv2d-kernel-1-strides-2", hwc(7, 6, 5), "x |> Conv2D(20, 1, strides=2)"),
    Case("conv2d-kernel-2", hwc(6, 7, 3), "x |> Conv2D(5, 2)"),
    Case("conv2d-kernel-5", hwc(9, 11, 3), "x |> Conv2D(7, 5)"),
    Case("conv2d-kernel-3-1", hwc(8, 5, 3), "x |> Conv2D(16, (3, 1))"),
    Case("conv2d-kernel-1-3", hwc(5, 8, 3), "x |> Conv2D(16, (1, 3))"),
    Case("conv2d-kernel-2-5-same", hwc(6, 7, 5), "x |> Conv2D(3, (2, 5), padding=\"same\")"),
    Case("conv2d-kernel-list", hwc(6, 7, 1), "x |> Conv2D(3, [3, 2])"),
    Case("conv2d-kernel-is-image", hwc(4, 5, 7), "x |> Conv2D(20, (4, 5))"),
    Case("conv2d-filters-1", hwc(6, 6, 16), "x |> Conv2D(1, 3, padding=\"same\")"),
    Case("conv2d-one-channel", hwc(8, 8, 1), "x |> Conv2D(33, 3, padding=\"same\")"),
    Case("conv2d-channels-17-40", hwc(6, 5, 17), "x |> Conv2D(40, 3, padding=\"same\")"),
    Case("conv2d-channels-40-5", hwc(5, 5, 40), "x |> Conv2D(5, 3)"),
    Case("conv2d-wide", hwc(3, 50, 3), "x |> Conv2D(20, 3, padding=\"same\")"),
    Case("conv2d-pixel", hwc(1, 1, 5), "x |> Conv2D(8, 3, padding=\"same\")"),
    Case("conv2d-padding-same", hwc(9, 8, 3), "x |> Conv2D(8, 3, padding=\"same\")"),
    Case("conv2d-padding-same-kernel-2", hwc(5, 6, 3), "x |> Conv2D(5, 2, padding=\"same\")"),
    Case("conv2d-padding-same-kernel-4", hwc(7, 8, 3), "x |> Conv2D(5, 4, padding=\"same\")"),
    Case("conv2d-padding-same-kernel-over-image", hwc(3, 2, 3), "x |> Conv2D(5, 5, padding=\"same\")"),
    Case("conv2d-strides-2", hwc(9, 8, 3), "x |> Conv2D(8, 3, strides=2)"),
    Case("conv2d-strides-2-1", hwc(9, 8, 3), "x |> Conv2D(7, 3, strides=(2, 1))"),
    Case("conv2d-strides-over-kernel", hwc(10, 9, 3), "x |> Conv2D(8, 2, strides=3)"),
    Case("conv2d-padding-same-strides-2", hwc(9, 8, 3), "x |> Conv2D(8, 3, strides=2, padding=\"same\")"),
    Case("conv2d-padding-same-strides-2-even", hwc(8, 8, 3), "x |> Conv2D(8, 3, strides=2, padding=\"same\")"),
    Case("conv2d-padding-same-strides-1-2", hwc(7, 7, 5), "x |> Conv2D(3, 3, strides=(1, 2), padding=\"same\")"),
    Case("conv2d-padding-same-strides-3", hwc(8, 10, 3), "x |> Conv2D(8, 5, strides=3, padding=\"same\")"),
    Case("conv2d-padding-same-strides-over-kernel", hwc(8, 7, 3), "x |> Conv2D(4, 2, strides=3, padding=\"same\")"),
    Case("conv2d-dilation-2", hwc(9, 8, 3), "x |> Conv2D(8, 3, dilation_rate=2)"),
    Case("conv2d-dilation-1-3-same", hwc(6, 9, 3), "x |> Conv2D(5, 3, padding=\"same\", dilation_rate=(1, 3))"),
    Case("conv2d-dilation-2-same", hwc(7, 6, 5), "x |> Conv2D(17, 3, padding=\"same\", dilation_rate=2)"),
    Case("conv2d-dilation-kernel-2-same", hwc(6, 6, 3), "x |> Conv2D(4, 2, padding=\"same\", dilation_rate=2)"),
    Case("conv2d-dilation-3-2-kernel-2", hwc(7, 6, 3), "x |> Conv2D(5, 2, dilation_rate=(3, 2))"),
    Case("conv2d-groups-2", hwc(6, 5, 4), "x |> Conv2D(6, 3, groups=2)"),
    Case("conv2d-groups-3-same", hwc(5, 5, 9), "x |> Conv2D(15, 3, padding=\"same\", groups=3)"),
    Case("conv2d-groups-all", hwc(5, 6, 7), "x |> Conv2D(7, 3, padding=\"same\", groups=7)"),
    Case("conv2d-groups-all-multiplier", hwc(5, 6, 5), "x |> Conv2D(15, 3, groups=5)"),
    Case("conv2d-groups-kernel-1", hwc(4, 5, 16), "x |> Conv2D(8, 1, groups=4)"),
    Case("conv2d-groups-strides-2", hwc(7, 8, 6), "x |> Conv2D(40, 3, strides=2, padding=\"same\", groups=2)"),
    Case("conv2d-groups-dilation", hwc(7, 8, 6), "x |> Conv2D(4, 3, dilation_rate=2, groups=2)"),
    Case("conv2d-no-bias", hwc(6, 6, 3), "x |> Conv2D(16, 3, use_bias=False)"),
    Case("conv2d-relu", hwc(6, 7, 3), "x |> Conv2D(20, 3, padding=\"same\", activation=\"relu\")"),
    Case("conv2d-no-bias-relu", hwc(6, 7, 5), "x |> Conv2D(7, 3, activation=\"relu\", use_bias=False)"),
    Case("conv2d-sigmoid", hwc(5, 5, 3), "x |> Conv2D(1, 1, activation=\"sigmoid\")"),
    Case("conv2d-softmax", hwc(5, 5, 3), "x |> Conv2D(7, 3, padding=\"same\", activation=\"softmax\")"),
    Case("conv2d-leaky-relu", hwc(5, 5, 3), "x |> Conv2D(17, 3, activation=\"leaky_relu\")"),
    Case("conv2d-keywords", hwc(7, 6, 3), "x |> Conv2D(filters=5, kernel_size=(3, 2), strides=(1, 2), "
         "padding=\"same\", dilation_rate=1, groups=1, activation=\"elu\", use_bias=True)"),
    Case("conv2d-channels-first", chw(3, 9, 8), "x |> Conv2D(8, 3)"),
    Case("conv2d-channels-first-same-strides-2", chw(5, 9, 8), "x |> Conv2D(17, 3, strides=2, padding=\"same\")"),
    Case("conv2d-channels-first-groups", chw(4, 6, 7), "x |> Conv2D(6, (3, 1), groups=2, activation=\"relu\")"),
    Case("conv2d-channels-first-dilation", chw(3, 8, 7), "x |> Conv2D(5, 3, padding=\"same\", dilation_rate=2)"),
    Case("conv2d-data-format-first", chw(3, 7, 6), "x |> Conv2D(7, 3, data_format=\"channels_first\")"),
    Case("conv2d-data-format-last", hwc(7, 6, 3), "x |> Conv2D(7, 3, data_format=\"channels_last\")"),
    Case("conv2d-twice", hwc(8, 8, 3), "x |> Conv2D(5, 3, activation=\"relu\") |> Conv2D(7, 3)"),
    Case("conv2d-shared", hwc(6, 6, 3), """
        let conv = Conv2D(3, 3, padding="same", activation="tanh")
        return x |> conv |> conv"""),

    # DepthwiseConv2D
    Case("depthwiseconv2d", hwc(7, 6, 5), "x |> DepthwiseConv2D(3)"),
    Case("depthwiseconv2d-one-channel", hwc(6, 6, 1), "x |> DepthwiseConv2D(3, depth_multiplier=5)"),
    Case("depthwiseconv2d-channels-40", hwc(5, 6, 40), "x |> DepthwiseConv2D(3, padding=\"same\")"),
    Case("depthwiseconv2d-channels-17", hwc(6, 6, 17), "x |> DepthwiseConv2D(5, padding=\"same\")"),
    Case("depthwiseconv2d-kernel-1", hwc(4, 5, 7), "x |> DepthwiseConv2D(1)"),
    Case("depthwiseconv2d-kernel-2-3", hwc(6, 7, 16), "x |> DepthwiseConv2D((2, 3), padding=\"same\")"),
    Case("depthwiseconv2d-multiplier-2", hwc(6, 5, 3), "x |> DepthwiseConv2D(3, depth_multiplier=2)"),
    Case("depthwiseconv2d-multiplier-3-same", hwc(5, 5, 7),
         "x |> DepthwiseConv2D(3, padding=\"same\", depth_multiplier=3, use_bias=False)"),
    Case("depthwiseconv2d-strides-2", hwc(9, 8, 20), "x |> DepthwiseConv2D(3, strides=2)"),
    Case("depthwiseconv2d-strides-2-same", hwc(8, 9, 16), "x |> DepthwiseConv2D(3, strides=(2, 2), padding=\"same\")"),
    Case("depthwiseconv2d-strides-2-1", hwc(8, 5, 3), "x |> DepthwiseConv2D(3, strides=(2, 1), padding=\"same\")"),
    Case("depthwiseconv2d-dilation-2", hwc(8, 7, 5), "x |> DepthwiseConv2D(3, dilation_rate=2)"),
    Case("depthwiseconv2d-dilation-same", hwc(7, 7, 3),
         "x |> DepthwiseConv2D(3, padding=\"same\", dilation_rate=(2, 1))"),
    Case("depthwiseconv2d-no-bias", hwc(6, 6, 33), "x |> DepthwiseConv2D(3, use_bias=False)"),
    Case("depthwiseconv2d-relu6", hwc(6, 6, 16),
         "x |> DepthwiseConv2D(3, padding=\"same\", activation=\"relu6\")", 3.0),
    Case("depthwiseconv2d-channels-first", chw(5, 7, 6), "x |> DepthwiseConv2D(3)"),
    Case("depthwiseconv2d-channels-first-multiplier", chw(3, 7, 8),
         "x |> DepthwiseConv2D(3, strides=2, padding=\"same\", depth_multiplier=2, activation=\"relu\")"),

    # Pooling
    Case("maxpooling2d", hwc(8, 6, 3), "x |> MaxPooling2D()"),
    Case("maxpooling2d-odd", hwc(7, 5, 17), "x |> MaxPooling2D(2)"),
    Case("maxpooling2d-odd-same", hwc(7, 5, 16), "x |> MaxPooling2D(2, padding=\"same\")"),
    Case("maxpooling2d-3-strides-2", hwc(9, 8, 20), "x |> MaxPooling2D(3, strides=2)"),
    Case("maxpooling2d-3-strides-2-same", hwc(9, 8, 5), "x |> MaxPooling2D(3, strides=2, padding=\"same\")"),
    Case("maxpooling2d-3-strides-1-same", hwc(5, 6, 7), "x |> MaxPooling2D(3, 1, \"same\")"),
    Case("maxpooling2d-2-3", hwc(6, 7, 1), "x |> MaxPooling2D((2, 3))"),
    Case("maxpooling2d-strides-1-2", hwc(6, 7, 33), "x |> MaxPooling2D((3, 2), strides=(1, 2))"),
    Case("maxpooling2d-strides-over-pool", hwc(8, 9, 3), "x |> MaxPooling2D(2, strides=3)"),
    Case("maxpooling2d-over-image-same", hwc(3, 4, 5), "x |> MaxPooling2D(5, strides=1, padding=\"same\")"),
    Case("maxpooling2d-negative-same", hwc(5, 5, 7), "x |> MaxPooling2D(3, strides=2, padding=\"same\")", 1.0, -5.0),
    Case("maxpooling2d-channels-first", chw(3, 8, 6), "x |> MaxPooling2D(2)"),
    Case("maxpooling2d-channels-first-same", chw(5, 7, 9), "x |> MaxPooling2D(3, strides=2, padding=\"same\")"),
    Case("maxpooling2d-data-format-first", chw(7, 6, 5),
         "x |> MaxPooling2D((2, 1), data_format=\"channels_first\")"),
    Case("averagepooling2d", hwc(8, 6, 3), "x |> AveragePooling2D(2)"),
    Case("averagepooling2d-odd", hwc(7, 5, 17), "x |> AveragePooling2D(pool_size=(2, 2))"),
    Case("averagepooling2d-odd-same", hwc(7, 5, 16), "x |> AveragePooling2D(2, padding=\"same\")", 1.0, 2.0),
    Case("averagepooling2d-3-strides-2", hwc(9, 8, 20), "x |> AveragePooling2D(3, strides=2)"),
    Case("averagepooling2d-3-strides-1-same", hwc(5, 6, 7), "x |> AveragePooling2D(3, 1, \"same\")", 1.0, 2.0),
    Case("averagepooling2d-3-strides-2-same", hwc(8, 9, 5),
         "x |> AveragePooling2D(3, strides=2, padding=\"same\")", 1.0, 2.0),
    Case("averagepooling2d-1-3-same", hwc(4, 7, 40), "x |> AveragePooling2D((1, 3), padding=\"same\")", 1.0, 2.0),
    Case("averagepooling2d-over-image-same", hwc(3, 4, 5),
         "x |> AveragePooling2D(5, strides=1, padding=\"same\")", 1.0, 2.0),
    Case("averagepooling2d-channels-first", chw(3, 8, 6), "x |> AveragePooling2D(2)"),
    Case("averagepooling2d-channels-first-same", chw(5, 7, 9),
         "x |> AveragePooling2D(3, strides=2, padding=\"same\")", 1.0, 2.0),
    Case("globalaveragepooling2d", hwc(5, 6, 7), "x |> GlobalAveragePooling2D()"),
    Case("globalaveragepooling2d-channels-33", hwc(7, 3, 33), "x |> GlobalAveragePooling2D()"),
    Case("globalaveragepooling2d-pixel", hwc(1, 1, 20), "x |> GlobalAveragePooling2D()"),
    Case("globalaveragepooling2d-keepdims", hwc(5, 6, 5), "x |> GlobalAveragePooling2D(keepdims=True)"),
    Case("globalaveragepooling2d-channels-first", chw(7, 5, 6), "x |> GlobalAveragePooling2D()"),
    Case("globalaveragepooling2d-data-format-first", chw(3, 5, 6),
         "x |> GlobalAveragePooling2D(data_format=\"channels_first\", keepdims=True)"),
    Case("globalmaxpooling2d", hwc(5, 6, 7), "x |> GlobalMaxPooling2D()"),
    Case("globalmaxpooling2d-negative", hwc(3, 4, 17), "x |> GlobalMaxPooling2D()", 1.0, -5.0),
    Case("globalmaxpooling2d-keepdims", hwc(4, 5, 16), "x |> GlobalMaxPooling2D(keepdims=True)"),
    Case("globalmaxpooling2d-channels-first", chw(5, 4, 6), "x |> GlobalMaxPooling2D()"),
    Case("globalmaxpooling2d-channels-first-keepdims", chw(3, 4, 6), "x |> GlobalMaxPooling2D(keepdims=True)"),

    # Flatten, Reshape, ZeroPadding2D, Dropout
    Case("flatten", hwc(3, 4, 5), "x |> Flatten()"),
    Case("flatten-rank-2", f(7), "x |> Flatten()"),
    Case("flatten-rank-3", tf(3, 7), "x |> Flatten()"),
    Case("flatten-stored-order", chw(3, 4, 5), "x |> Flatten()"),
    Case("flatten-data-format-first", chw(3, 4, 5), "x |> Flatten(data_format=\"channels_first\")"),
    Case("flatten-data-format-first-dense", chw(7, 3, 2), "x |> Flatten(data_format=\"channels_first\") |> Dense(5)"),
    Case("flatten-dense", hwc(3, 4, 5), "x |> Flatten() |> Dense(7)"),
    Case("reshape", f(24), "x |> Reshape((4, 6))"),
    Case("reshape-flat", hwc(3, 4, 5), "x |> Reshape((-1,))"),
    Case("reshape-guess-first", hwc(4, 5, 6), "x |> Reshape((-1, 6))"),
    Case("reshape-guess-middle", f(40), "x |> Reshape((2, -1, 5))"),
    Case("reshape-list-dense", f(34), "x |> Reshape([2, 17]) |> Dense(3)"),
    Case("reshape-to-image", f(20), """
        x
        |> Dense(48, activation="relu")
        |> Reshape((4, 4, 3)) : [batch, height: 4, width: 4, channels: 3]
        |> Conv2D(5, 3, padding="same")"""),
    Case("zeropadding2d", hwc(4, 5, 3), "x |> ZeroPadding2D()"),
    Case("zeropadding2d-2", hwc(4, 5, 7), "x |> ZeroPadding2D(2)"),
    Case("zeropadding2d-pair", hwc(4, 5, 17), "x |> ZeroPadding2D((1, 2))"),
    Case("zeropadding2d-nested", hwc(4, 5, 5), "x |> ZeroPadding2D(((0, 1), (2, 3)))"),
    Case("zeropadding2d-channels-first", chw(3, 4, 5), "x |> ZeroPadding2D(((1, 0), (0, 2)))"),
    Case("zeropadding2d-conv2d", hwc(8, 7, 3),
         "x |> ZeroPadding2D(((0, 1), (0, 1))) |> Conv2D(16, 3, strides=2)"),
    Case("zeropadding2d-maxpooling2d", hwc(6, 6, 5), "x |> ZeroPadding2D(1) |> MaxPooling2D(3, strides=2)", 1.0, -1.0),
    Case("dropout", f(17), "x |> Dropout(0.5)"),
    Case("dropout-dense", f(20), "x |> Dense(16, activation=\"relu\") |> Dropout(rate=0.25) |> Dense(3)"),

    # Activations
    *[Case(f"activation-{name.replace('_', '-')}", f(33), f"x |> Activation(\"{name}\")", 3.0)
      for name in ACTIVATIONS],
    *[Case(f"activation-{name}-large", tf(4, 17), f"x |> Activation(\"{name}\")", 40.0)
      for name in ["sigmoid", "tanh", "softmax", "softplus", "elu", "gelu", "silu"]],
    *[Case(f"activation-{name}-small", f(40), f"x |> Activation(\"{name}\")", 0.02)
      for name in ["tanh", "elu", "selu", "gelu"]],
    *[Case(f"conv2d-bias-{name.replace('_', '-')}", hwc(4, 5, 3), f"x |> Conv2D(7, 2, activation=\"{name}\")", 2.0)
      for name in ["tanh", "gelu", "selu", "silu", "hard_sigmoid", "softplus"]],
    Case("activation-rank-4-softmax", hwc(3, 4, 5), "x |> Activation(\"softmax\")", 3.0),
    Case("relu", f(17), "x |> ReLU()"),
    Case("relu-rank-4", hwc(3, 5, 7), "x |> ReLU()"),
    Case("relu-max-value", f(40), "x |> ReLU(max_value=2.5)", 3.0),
    Case("relu-max-value-6", f(40), "x |> ReLU(6)", 5.0),
    Case("relu-negative-slope", f(33), "x |> ReLU(negative_slope=0.1)"),
    Case("relu-threshold", f(33), "x |> ReLU(threshold=0.5)"),
    Case("relu-all", f(100), "x |> ReLU(max_value=2.0, negative_slope=0.25, threshold=0.75)", 2.0),
    Case("relu-slope-max-value", f(40), "x |> ReLU(1.5, 0.2)", 2.0),
    Case("leakyrelu", f(33), "x |> LeakyReLU()"),
    Case("leakyrelu-negative-slope", hwc(3, 5, 7), "x |> LeakyReLU(negative_slope=0.05)"),
    Case("softmax", f(10), "x |> Softmax()", 3.0),
    Case("softmax-rank-3", tf(5, 7), "x |> Softmax(axis=-1)", 3.0),
    Case("softmax-axis-1", tf(5, 7), "x |> Softmax(axis=1)", 3.0),
    Case("softmax-axis-name", tf(7, 3), "x |> Softmax(axis=time)", 3.0),
    Case("softmax-channels-first", chw(5, 3, 4), "x |> Softmax(axis=channels)", 3.0),
    Case("softmax-axis-list", hwc(3, 4, 5), "x |> Softmax(axis=[1, 2])", 3.0),

    # Normalization
    Case("batchnormalization", f(7), "x |> BatchNormalization()"),
    Case("batchnormalization-rank-3", tf(4, 17), "x |> BatchNormalization()"),
    Case("batchnormalization-rank-4", hwc(3, 4, 20), "x |> BatchNormalization(axis=channels)"),
    Case("batchnormalization-axis-1", chw(5, 3, 4), "x |> BatchNormalization(axis=1)"),
    Case("batchnormalization-axis-name", chw(7, 3, 4), "x |> BatchNormalization(axis=channels)"),
    Case("batchnormalization-axis-height", hwc(5, 4, 3), "x |> BatchNormalization(axis=height)"),
    Case("batchnormalization-axis-minus-2", tf(5, 7), "x |> BatchNormalization(axis=-2)"),
    Case("batchnormalization-epsilon", f(16), "x |> BatchNormalization(epsilon=0.1)"),
    Case("batchnormalization-no-center", f(33), "x |> BatchNormalization(center=False)"),
    Case("batchnormalization-no-scale", f(33), "x |> BatchNormalization(scale=False)"),
    Case("batchnormalization-plain", f(5), "x |> BatchNormalization(center=False, scale=False, momentum=0.9)"),
    Case("batchnormalization-after-dense", f(20), "x |> Dense(17) |> BatchNormalization()"),
    Case("batchnormalization-after-dense-no-bias", f(7), """
        x |> Dense(5, use_bias=False) |> BatchNormalization() |> Activation("relu")"""),
    Case("batchnormalization-after-dense-rank-3-time", tf(5, 7), "x |> Dense(3) |> BatchNormalization(axis=time)"),
    Case("batchnormalization-after-conv2d", hwc(6, 7, 3), """
        x |> Conv2D(16, 3, padding="same") |> BatchNormalization()"""),
    Case("batchnormalization-after-conv2d-no-bias", hwc(6, 5, 5), """
        x |> Conv2D(7, 3, strides=2, use_bias=False) |> BatchNormalization() |> ReLU()"""),
    Case("batchnormalization-after-conv2d-relu", hwc(6, 6, 3), """
        x |> Conv2D(20, 3, activation="relu") |> BatchNormalization()"""),
    Case("batchnormalization-after-conv2d-groups", hwc(5, 5, 6), """
        x |> Conv2D(8, 3, padding="same", groups=2) |> BatchNormalization(epsilon=1e-5)"""),
    Case("batchnormalization-after-conv2d-axis-width", hwc(6, 5, 3), """
        x |> Conv2D(4, 3, padding="same") |> BatchNormalization(axis=width)"""),
    Case("batchnormalization-after-depthwiseconv2d", hwc(6, 6, 5), """
        x |> DepthwiseConv2D(3, padding="same", depth_multiplier=2) |> BatchNormalization() |> ReLU(6.0)"""),
    Case("batchnormalization-after-conv2d-channels-first", chw(3, 6, 7), """
        x |> Conv2D(17, 3) |> BatchNormalization(axis=1) |> ReLU()"""),
    Case("batchnormalization-before-conv2d-same", hwc(5, 6, 7), """
        x |> BatchNormalization() |> Conv2D(5, 3, padding="same")"""),
    Case("batchnormalization-before-dense", f(20), "x |> BatchNormalization() |> Dense(7, activation=\"tanh\")"),
    Case("batchnormalization-twice", hwc(5, 5, 3), """
        x |> Conv2D(5, 3) |> BatchNormalization() |> BatchNormalization(scale=False)"""),
    Case("batchnormalization-on-one-use", hwc(6, 6, 3), """
        let a = x |> Conv2D(5, 3, padding="same")
        let b = a |> BatchNormalization()
        return Add()(a, b)"""),
    Case("batchnormalization-shared-conv2d", {"a": hwc(5, 5, 3), "b": hwc(5, 5, 3)}, """
        let conv = Conv2D(7, 3)
        return Add()(conv(a), conv(b) |> BatchNormalization())"""),
    Case("batchnormalization-maxpooling2d", hwc(6, 6, 3), """
        x |> Conv2D(8, 3, padding="same") |> MaxPooling2D(2) |> BatchNormalization()"""),
    Case("layernormalization", f(20), "x |> LayerNormalization()"),
    Case("layernormalization-rank-3", tf(5, 33), "x |> LayerNormalization()"),
    Case("layernormalization-rank-4", hwc(3, 4, 7), "x |> LayerNormalization(axis=-1)"),
    Case("layernormalization-axis-1", tf(7, 5), "x |> LayerNormalization(axis=1)"),
    Case("layernormalization-channels-first", chw(17, 3, 4), "x |> LayerNormalization(axis=channels)"),
    Case("layernormalization-axes-1-2-3", hwc(3, 4, 5), "x |> LayerNormalization(axis=[1, 2, 3])"),
    Case("layernormalization-axes-minus-2-1", hwc(3, 4, 5), "x |> LayerNormalization(axis=(-2, -1))"),
    Case("layernormalization-axes-1-2", hwc(3, 4, 5), "x |> LayerNormalization(axis=[1, 2])"),
    Case("layernormalization-axes-names", hwc(4, 3, 7), "x |> LayerNormalization(axis=[height, channels])"),
    Case("layernormalization-epsilon", f(16), "x |> LayerNormalization(epsilon=0.25)"),
    Case("layernormalization-small-values", f(40), "x |> LayerNormalization(epsilon=1e-6)", 0.01),
    Case("layernormalization-offset", tf(3, 40), "x |> LayerNormalization()", 1.0, 30.0),
    Case("layernormalization-no-center", f(17), "x |> LayerNormalization(center=False)"),
    Case("layernormalization-no-scale", f(17), "x |> LayerNormalization(scale=False)"),
    Case("layernormalization-plain", tf(3, 7), "x |> LayerNormalization(center=False, scale=False)"),
    Case("layernormalization-dense", tf(4, 20), "x |> LayerNormalization() |> Dense(7, activation=\"gelu\")"),

    # Merging
    Case("add", {"a": f(7), "b": f(7)}, "Add()(a, b)"),
    Case("add-list", {"a": hwc(3, 4, 5), "b": hwc(3, 4, 5)}, "Add()([a, b])"),
    Case("add-3", {"a": tf(3, 17), "b": tf(3, 17), "c": tf(3, 17)}, "Add()(a, b, c)"),
    Case("add-itself", f(5), "Add()(x, x)"),
    Case("add-piped", {"a": f(33), "b": f(33)}, "(a, b) |> Add() |> ReLU()"),
    Case("add-conv2d", hwc(6, 5, 3), """
        let a = x |> Conv2D(8, 3, padding="same")
        let b = x |> Conv2D(8, 1)
        return Add()(a, b)"""),
    Case("multiply", {"a": f(33), "b": f(33)}, "Multiply()(a, b)"),
    Case("multiply-3", {"a": hwc(3, 2, 5), "b": hwc(3, 2, 5), "c": hwc(3, 2, 5)}, "Multiply()(a, b, c)"),
    Case("multiply-gate", f(20), """
        let gate = x |> Dense(17, activation="sigmoid")
        return Multiply()(gate, x |> Dense(17))"""),
    Case("multiply-keepdims", hwc(4, 5, 7), "Multiply()(x, x |> GlobalAveragePooling2D(keepdims=True))"),
    Case("concatenate", {"a": f(5), "b": f(7)}, "Concatenate()(a, b)"),
    Case("concatenate-3", {"a": f(1), "b": f(17), "c": f(3)}, "Concatenate(axis=-1)(a, b, c)"),
    Case("concatenate-features", {"a": tf(4, 3), "b": tf(4, 20)}, "Concatenate(axis=features)(a, b)"),
    Case("concatenate-time", {"a": tf(4, 5), "b": tf(2, 5)}, "Concatenate(axis=time)(a, b)"),
    Case("concatenate-channels", {"a": hwc(3, 4, 5), "b": hwc(3, 4, 16)}, "Concatenate(axis=channels)(a, b)"),
    Case("concatenate-axis-1", {"a": hwc(3, 4, 5), "b": hwc(2, 4, 5)}, "Concatenate(axis=1)(a, b)"),
    Case("concatenate-axis-2", {"a": hwc(3, 4, 5), "b": hwc(3, 1, 5), "c": hwc(3, 2, 5)},
         "Concatenate(axis=2)([a, b, c])"),
    Case("concatenate-channels-first", {"a": chw(3, 4, 5), "b": chw(7, 4, 5)}, "Concatenate(axis=channels)(a, b)"),
    Case("concatenate-itself", f(7), "Concatenate()(x, x)"),
    Case("concatenate-conv2d", hwc(6, 5, 3), """
        let a = x |> Conv2D(5, 3, padding="same", activation="relu")
        let b = x |> Conv2D(16, 1)
        let c = x |> MaxPooling2D(3, strides=1, padding="same")
        return Concatenate(axis=channels)(a, b, c)"""),

    # Several outputs
    Case("outputs-2", f(20), """
        let h = x |> Dense(16, activation="relu")
        return (h |> Dense(3, activation="softmax"), h |> Dense(4))"""),
    Case("outputs-inner", hwc(6, 6, 3), """
        let a = x |> Conv2D(5, 3, activation="relu")
        let b = a |> MaxPooling2D(2)
        return (a, b)"""),

    # Functions. An element type before the axes: "i32 time: 3". `scale` and `shift` of integers likewise, rounded.
    Case("fn-add", {"a": tf(3, 5), "b": tf(3, 5)}, "a + b * 2.0 - 1.5"),
    Case("fn-divide", tf(3, 5), "x / (x * x + 0.5) - 1.0 / (2.0 + abs(x))"),
    Case("fn-divide-size", tf(3, 5), "sum(x, axis=time) / x.time"),
    Case("fn-negative-power", f(17), "-x ** 3 + abs(x) ** 1.5 + x ** 2"),
    Case("fn-floor-divide", f(33), "x // 0.75 + x % 0.75", 3.0),
    Case("fn-floor-divide-i32", {"a": "i32 " + tf(5, 7), "b": "i32 " + tf(5, 7)}, """
        let d = 2 * abs(b) + 1
        return (a // d, a % d, -a // d)""", 20.0),
    Case("fn-arithmetic-u8", {"a": "u8 " + tf(3, 7), "b": "u8 " + tf(3, 7)}, "a + b * 3 - 7", 60.0, 100.0),
    Case("fn-power-i32", "i32 " + f(9), "x ** 3 - x ** 2", 9.0),
    Case("fn-abs-exp-log", f(17), "exp(-abs(x)) + log(abs(x) + 0.5) + expm1(x * 0.1) + log1p(abs(x))"),
    Case("fn-roots", f(17), "sqrt(abs(x)) + rsqrt(square(x) + 0.5)"),
    Case("fn-sign", f(17), "sign(x) + x"),
    Case("fn-sign-i32", "i32 " + f(17), "sign(x) * 7 + abs(x) - square(x)", 2.0),
    Case("fn-sin-cos", tf(3, 17), "sin(x) * cos(2 * x)", 4.0),
    Case("fn-sin-large", f(33), "sin(x)", 1000.0),
    Case("fn-cos-large", f(33), "cos(x)", 1000.0),
    Case("fn-tanh-sigmoid-relu-erf", f(33), "tanh(x) + sigmoid(x) - relu(x) + erf(x)", 2.0),
    Case("fn-maximum-minimum", {"a": tf(3, 5), "b": tf(3, 5)}, "maximum(a, b) - minimum(a, 0.25)"),
    Case("fn-clip", f(17), "clip(x, -0.5, 1.0)"),
    Case("fn-clip-i32", "i32 " + f(17), "clip(x, -3, 4)", 5.0),
    Case("fn-rounding", f(33), "floor(x) + 10.0 * ceil(x) + 100.0 * round(x)", 3.0),
    Case("fn-where", {"a": tf(3, 5), "b": tf(3, 5)}, "where(a > b, a * 2.0, -1.0)"),
    Case("fn-comparisons", {"a": tf(3, 5), "b": tf(3, 5)}, "(a < b, a <= 0.5, a > b, a >= -0.5)"),
    Case("fn-logical", {"a": tf(3, 5), "b": tf(3, 5)},
         "where(logical_or(logical_and(a > 0, b > 0), logical_not(a > -0.5)), a, b)"),
    Case("fn-cast-i32", f(33), "i32(x) + 1", 10.0),
    Case("fn-cast-u8", "i32 " + f(33), "u8(x)", 100.0, 120.0),
    Case("fn-cast-bool", "i32 " + f(33), "f32(bool(x)) + 0.5 * f32(x)", 1.0),
    Case("fn-sum", hwc(3, 4, 5), "sum(x, axis=[height, width])"),
    Case("fn-sum-keepdims", hwc(3, 4, 5), "x - sum(x, axis=-1, keepdims=True)"),
    Case("fn-sum-u8", "u8 " + tf(5, 7), "sum(x, axis=time)", 60.0, 100.0),
    Case("fn-sum-bool", tf(5, 7), "sum(x > 0.0, axis=features)"),
    Case("fn-mean", hwc(3, 4, 5), "mean(x, axis=(1, 2), keepdims=True)"),
    Case("fn-mean-i32", "i32 " + tf(5, 7), "mean(x, axis=1)", 20.0),
    Case("fn-max-min", tf(5, 7), "max(x, axis=time) - min(x, axis=1)"),
    Case("fn-max-i32", "i32 " + tf(5, 7), "max(x, axis=-1, keepdims=True) - min(x, axis=features, keepdims=True)", 20.0),
    Case("fn-prod", tf(3, 7), "prod(x, axis=time)"),
    Case("fn-prod-u8", "u8 " + tf(3, 7), "prod(x, axis=time)", 20.0, 30.0),
    Case("fn-var-std", tf(9, 5), "(var(x, axis=time), std(x, axis=-1, keepdims=True))", 2.0, 100.0),
    Case("fn-var-i32", "i32 " + tf(9, 5), "(var(x, axis=time), std(x, axis=time))", 20.0, 5.0),
    Case("fn-argmax", tf(9, 5), "(argmax(x, axis=time), argmin(x, axis=-1))"),
    Case("fn-argmax-i32", "i32 " + tf(9, 5), "argmax(x, axis=1, keepdims=True)", 2.0),
    Case("fn-logsumexp", tf(5, 9), "logsumexp(x, axis=features)", 300.0),
    Case("fn-any-all", tf(3, 5), "(any(x > 0.8, axis=features), all(x > -0.8, axis=features))"),
    Case("fn-cumsum", tf(9, 5), "cumsum(x, axis=time) + cumprod(x, axis=-1)"),
    Case("fn-concatenate", {"a": tf(3, 5), "b": tf(3, 2)}, "concatenate([a, b], axis=-1)"),
    Case("fn-concatenate-i32", {"a": "i32 " + tf(3, 5), "b": "i32 " + tf(2, 5)}, "concatenate([a, b, a], axis=time)", 9.0),
    Case("fn-stack", {"a": tf(3, 5), "b": tf(3, 5)}, "(stack([a, b], axis=1), stack([b, a], axis=-1))"),
    Case("fn-transpose", hwc(3, 4, 5), "transpose(x, axes=[0, channels, height, width])"),
    Case("fn-reshape", "i32 " + tf(3, 8), "reshape(x, (-1, 4, 6)) + 1", 9.0),
    Case("fn-slices", hwc(5, 6, 7), "(x[height: 1..4, width: ..-1], x[channels: -1], x[height: 0, width: 2..])"),
    Case("fn-matmul", {"a": tf(5, 7), "b": tf(7, 3)}, "matmul(a, b)"),
    Case("fn-matmul-i32", {"a": "i32 " + tf(5, 7), "b": "i32 " + tf(7, 3)}, "matmul(a, b)", 9.0),
    Case("fn-einsum-letters", {"a": tf(5, 7), "b": tf(3, 7)}, "einsum(\"bqf,bkf->bqk\", a, b)"),
    Case("fn-einsum-words", {"a": tf(5, 7), "b": tf(3, 7)},
         "einsum(\"batch query features, batch key features -> batch key query\", a, b)"),
    Case("fn-einsum-three", {"a": tf(5, 7), "b": f(7), "c": tf(5, 3)}, "einsum(\"btf,bf,btk->bk\", a, b, c)"),
    Case("fn-einsum-one", hwc(3, 4, 5), "einsum(\"bhwc->bcw\", x)"),
    Case("fn-one-hot", "u8 " + f(7), "one_hot(x, 9)", 4.0, 4.0),
    Case("fn-one-hot-outside", "i32 " + f(7), "one_hot(x, 5, axis=1)", 3.0, 2.0),
    Case("fn-attention", {"q": tf(5, 8), "k": tf(3, 8)}, """
        let scores = einsum("batch query features, batch key features -> batch query key", q, k) / sqrt(8.0)
        let weights = exp(scores - logsumexp(scores, axis=-1, keepdims=True))
        return einsum("bqk,bkf->bqf", weights, k)"""),
    Case("fn-normalize", hwc(5, 6, 3), """
        let mu = mean(x, axis=[1, 2], keepdims=True)
        let sigma = std(x, axis=[1, 2], keepdims=True)
        let normal = (x - mu) * (1.0 / (sigma + 0.001))
        return normal |> Conv2D(4, 3, activation="relu") |> Flatten() |> Dense(3)""", 2.0, 1.0),
    Case("fn-naming", f(7), """
        let h = x |> Dense(5) |> relu()
        return exp(h - max(h, axis=-1, keepdims=True)) |> Dense(3)"""),

    # Small networks
    Case("net-mlp", f(33), """
        x
        |> Dense(40, activation="relu")
        |> Dropout(0.5)
        |> Dense(20, activation="relu")
        |> Dense(10, activation="softmax")"""),
    Case("net-mlp-normalized", f(17), """
        x
        |> BatchNormalization()
        |> Dense(33, use_bias=False)
        |> BatchNormalization()
        |> Activation("elu")
        |> Dense(16, activation="selu")
        |> LayerNormalization()
        |> Dense(1, activation="sigmoid")"""),
    Case("net-autoencoder", f(40), """
        x |> Dense(16, activation="tanh") |> Dense(3) |> Dense(16, activation="tanh") |> Dense(40)"""),
    Case("net-digits", hwc(8, 8, 1), """
        x
        |> Conv2D(16, 3, padding="same", activation="relu")
        |> MaxPooling2D(2)
        |> Flatten()
        |> Dense(10, activation="softmax")"""),
    Case("net-conv-bn-relu", hwc(12, 10, 3), """
        x
        |> Conv2D(8, 3, padding="same", use_bias=False)
        |> BatchNormalization()
        |> ReLU()
        |> MaxPooling2D(2)
        |> Conv2D(20, 3, use_bias=False)
        |> BatchNormalization()
        |> ReLU()
        |> GlobalAveragePooling2D()
        |> Dense(7, activation="softmax")"""),
    Case("net-lenet", hwc(14, 14, 1), """
        x
        |> Conv2D(6, 5, padding="same", activation="tanh")
        |> AveragePooling2D(2)
        |> Conv2D(16, 5, activation="tanh")
        |> Flatten()
        |> Dense(20, activation="tanh")
        |> Dense(10, activation="softmax")"""),
    Case("net-channels-first", chw(3, 10, 9), """
        x
        |> ZeroPadding2D(1)
        |> Conv2D(8, 3, strides=2, use_bias=False)
        |> BatchNormalization(axis=channels)
        |> ReLU()
        |> DepthwiseConv2D(3, padding="same")
        |> AveragePooling2D(2)
        |> Flatten()
        |> Dense(5)"""),
    Case("net-residual", hwc(7, 6, 8), """
        let a = x
          |> Conv2D(8, 3, padding="same", use_bias=False)
          |> BatchNormalization()
          |> ReLU()
          |> Conv2D(8, 3, padding="same", use_bias=False)
          |> BatchNormalization()
        return Add()(a, x) |> ReLU()"""),
    Case("net-residual-strides-2", hwc(9, 8, 5), """
        let a = x
          |> Conv2D(17, 3, strides=2, padding="same")
          |> BatchNormalization()
          |> ReLU()
          |> Conv2D(17, 3, padding="same")
          |> BatchNormalization()
        let b = x |> Conv2D(17, 1, strides=2, padding="same")
        return Add()(a, b) |> ReLU() |> GlobalMaxPooling2D() |> Dense(3)"""),
    Case("net-preactivation", hwc(6, 6, 5), """
        let a = x |> BatchNormalization() |> ReLU()
        let b = a |> Conv2D(7, 3, padding="same", use_bias=False) |> BatchNormalization() |> ReLU()
        let c = Add()(a |> Conv2D(7, 1), b |> Conv2D(7, 3, padding="same"))
        return c |> GlobalAveragePooling2D() |> Softmax()"""),
    Case("net-squeeze-excite", hwc(5, 6, 16), """
        let s = x
          |> GlobalAveragePooling2D(keepdims=True)
          |> Dense(4, activation="relu")
          |> Dense(16, activation="sigmoid")
        return Multiply()(x, s)"""),
    Case("net-squeeze-excite-conv2d", hwc(5, 5, 3), """
        let a = x |> Conv2D(20, 3, padding="same", activation="silu")
        let s = a
          |> GlobalAveragePooling2D()
          |> Reshape((1, 1, 20)) : [batch, height: 1, width: 1, channels: 20]
          |> Conv2D(5, 1, activation="silu")
          |> Conv2D(20, 1, activation="sigmoid")
        return Multiply()(a, s)"""),
    Case("net-mobilenet-v1", hwc(10, 9, 3), """
        x
        |> Conv2D(8, 3, strides=2, padding="same", use_bias=False)
        |> BatchNormalization()
        |> ReLU(6.0)
        |> DepthwiseConv2D(3, padding="same", use_bias=False)
        |> BatchNormalization()
        |> ReLU(6.0)
        |> Conv2D(16, 1, padding="same", use_bias=False)
        |> BatchNormalization()
        |> ReLU(6.0)
        |> GlobalAveragePooling2D(keepdims=True)
        |> Dropout(0.001)
        |> Conv2D(7, 1, padding="same")
        |> Flatten()
        |> Activation("softmax")"""),
    Case("net-mobilenet-v2", hwc(7, 7, 5), """
        let a = x
          |> Conv2D(20, 1, padding="same", use_bias=False)
          |> BatchNormalization(epsilon=1e-3, momentum=0.999)
          |> ReLU(6.0)
          |> DepthwiseConv2D(3, padding="same", use_bias=False)
          |> BatchNormalization(epsilon=1e-3, momentum=0.999)
          |> ReLU(6.0)
          |> Conv2D(5, 1, padding="same", use_bias=False)
          |> BatchNormalization(epsilon=1e-3, momentum=0.999)
        return Add()(x, a)"""),
    Case("net-inception", hwc(6, 6, 7), """
        let a = x |> Conv2D(5, 1, activation="relu")
        let b = x |> Conv2D(3, 1, activation="relu") |> Conv2D(8, 3, padding="same", activation="relu")
        let c = x |> Conv2D(3, 1, activation="relu") |> Conv2D(4, 5, padding="same", activation="relu")
        let d = x |> AveragePooling2D(3, strides=1, padding="same") |> Conv2D(3, 1)
        let merged = Concatenate(axis=channels)(a, b, c, d)
        return merged |> MaxPooling2D(3, strides=2, padding="same") |> Flatten() |> Dense(5)"""),
    Case("net-densenet", hwc(6, 5, 3), """
        let a = x |> BatchNormalization() |> ReLU() |> Conv2D(4, 3, padding="same", use_bias=False)
        let b = Concatenate(axis=channels)(x, a)
        let c = b |> BatchNormalization() |> ReLU() |> Conv2D(4, 3, padding="same", use_bias=False)
        let d = Concatenate(axis=channels)(b, c)
        return d |> Conv2D(5, 1) |> AveragePooling2D(2)"""),
    Case("net-convnext", hwc(7, 8, 16), """
        let a = x
          |> DepthwiseConv2D(7, padding="same")
          |> LayerNormalization(epsilon=1e-6)
          |> Dense(40, activation="gelu")
          |> Dense(16)
        return Add()(x, a)"""),
    Case("net-mixer", tf(5, 17), """
        let a = x |> LayerNormalization(epsilon=1e-6) |> Dense(33, activation="gelu") |> Dense(17)
        let b = Add()(x, a)
        return b |> LayerNormalization(epsilon=1e-6) |> Flatten() |> Dense(3, activation="softmax")"""),
    Case("net-image-and-features", {"image": hwc(8, 8, 3), "meta": f(7)}, """
        let a = image |> Conv2D(8, 3, strides=2, activation="relu") |> Flatten()
        let b = meta |> Dense(5, activation="relu")
        let h = Concatenate(axis=features)(a, b) |> Dense(16, activation="relu")
        return (h |> Dense(5, activation="softmax"), h |> Dense(4))"""),
]


# --- From a case to a Strata program and a Keras model ----------------------------------------------------------------

def lines_of(case):
    """The body's lines, indented as in a program; a lone expression becomes a `return`."""
    lines = [line[8:] if line.startswith("        ") else line for line in case.body.strip("\n").split("\n")]
    if not any(line.startswith("return") for line in lines):
        lines = ["return " + lines[0]] + ["  " + line for line in lines[1:]]
    return lines


DTYPES = {"f32": "float64", "i8": "int8", "u8": "uint8", "i32": "int32", "i64": "int64", "bool": "bool"}
# Of an input: its element type, the limit that its integers stay below (None: none), and the sizes of its axes; two
# sizes where the calls differ and the axis is symbolic.
Input = collections.namedtuple("Input", "dtype limit axes")


def inputs_of(case):
    """Inputs by name, from "height: 9, width: 8", "i32 features: 5" and "i32<20 time: 5|7"."""
    inputs = case.inputs if isinstance(case.inputs, dict) else {"x": case.inputs}
    result = {}
    for name, text in inputs.items():
        typed = re.match(r"(i8|u8|i32|i64|bool|f32)(?:<(\d+))? ", text)
        axes = {axis: tuple(map(int, sizes.split("|"))) for axis, sizes in re.findall(r"(\w+): ([\d|]+)", text)}
        result[name] = Input(typed[1] if typed else "f32", int(typed[2]) if typed and typed[2] else None, axes)
    return result


def split(text, separator):
    """`text` at each `separator` outside parentheses and brackets, stripped."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if depth == 0 and text.startswith(separator, i):
            parts.append(text[start:i].strip())
            start = i + len(separator)
    return parts + [text[start:].strip()]


def evaluate(expression, scope):
    """Builds Keras layers for a Strata expression, in its textual order: that order numbers the layers."""
    first, *steps = split(expression, "|>")
    if steps:
        value = evaluate(first, scope)
        for step in steps:
            value = eval(step, scope)(value)
        return value
    if re.fullmatch(r"\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)", first):  # one pair around all
        return tuple(evaluate(part, scope) for part in split(first[1:-1], ","))
    call = re.fullmatch(r"(.*?\))\((.*)\)|(\w+)\((.*)\)", first)
    if call and "|>" in first:  # a pipe inside call arguments: Add()(a, b |> ReLU())
        callee = eval(call[1] or call[3], scope)
        return callee(*(evaluate(part, scope) for part in split(call[2] or call[4], ",")))
    return eval(first, scope)


def layer_maker(name, channels_first):
    """The Strata name `name`: called with a configuration, gives a function from tensors to a tensor."""
    def make(*args, **kwargs):
        if channels_first and name in ORDERED:
            kwargs.setdefault("data_format", "channels_first")
        inner = lambda value: getattr(value, "layer", value)
        layer = getattr(keras.layers, name)(*map(inner, args), **{key: inner(value) for key, value in kwargs.items()})

        def apply(*tensors, **call):
            if len(tensors) == 1:
                tensors = tensors[0]
            result = layer(list(tensors) if isinstance(tensors, tuple) else tensors, **call)
            return tuple(result) if isinstance(result, (list, tuple)) else result
        apply.layer = layer  # as an argument of another layer
        return apply
    return make


def sliced(tensor, axes, text):
    """`x[time: 1..3, height: 0]`, the brackets' text given."""
    key = [slice(None)] * len(tensor.shape)
    for item in text.split(","):
        axis, place = (part.strip() for part in item.split(":"))
        low, dots, high = place.partition("..")
        bounds = slice(int(low) if low else None, int(high) if high else None)
        key[list(axes).index(axis) + 1] = bounds if dots else int(place)
    return tensor[tuple(key)]


def einsum(subscripts, *tensors):
    """Axis names become letters."""
    words = sorted(set(re.findall(r"\w+", subscripts)))
    if " " in subscripts:
        for word in words:
            subscripts = re.sub(rf"\b{word}\b", chr(ord("a") + words.index(word)), subscripts)
    return keras.ops.einsum(subscripts.replace(" ", ""), *tensors)


FUNCTIONS = """abs exp expm1 log log1p sqrt rsqrt square sign sin cos tanh sigmoid relu maximum minimum clip floor ceil
               round erf where sum mean max min prod var std argmax argmin logsumexp any all cumsum cumprod concatenate
               stack transpose reshape matmul one_hot logical_and logical_or logical_not""".split()


def functions(axes):
    """keras.ops by Strata's names; without a tensor, as a step of a pipe."""
    def make(function):
        def apply(*args, **kwargs):
            flat = [item for arg in args for item in (arg if isinstance(arg, (list, tuple)) else [arg])]
            if any(isinstance(item, keras.KerasTensor) for item in flat):
                return function(*args, **kwargs)
            if flat and all(isinstance(item, (int, float)) for item in flat):
                return float(function(*map(float, args)))
            return lambda tensor: function(tensor, *args, **kwargs)
        return apply
    made = {name: make(getattr(keras.ops, name)) for name in FUNCTIONS}
    made |= {name: make(lambda x, dtype=dtype: keras.ops.cast(x, dtype)) for name, dtype in DTYPES.items()}
    return made | {"einsum": einsum, "sliced": lambda tensor, text: sliced(tensor, axes, text)}


def build(case):
    """The Keras model of a case, its layers numbered as in a fresh process, and its outputs."""
    keras.backend.clear_session()
    inputs = inputs_of(case)
    axes = list(next(iter(inputs.values())).axes)
    channels_first = axes[0] == "channels"
    scope = {name: layer_maker(name, channels_first) for name in LAYERS}
    scope |= {"features": -1} | {axis: i + 1 for i, axis in enumerate(axes)} | functions(axes)
    tensors = {name: keras.Input(tuple(sizes[0] if len(sizes) == 1 else None for sizes in entry.axes.values()), name=name,
                                 dtype=DTYPES[entry.dtype])
               for name, entry in inputs.items()}
    scope |= tensors

    body = re.sub(r"\n\s*\|>", " |>", "\n".join(lines_of(case)))  # one line a statement
    body = re.sub(r" : \[batch[^]]*\]", "", body)                 # an ascription is a checked comment
    body = re.sub(r"(\w+)\[(\w+: [^]]*)\]", r"sliced(\1, '\2')", body)
    body = re.sub(r"\bx\.(\w+)", lambda m: str(inputs["x"].axes[m[1]][0]), body)
    for line in body.split("\n"):
        let = re.fullmatch(r"let (\w+|\(.*?\)) = (.*)", line)
        if let and let[1].startswith("("):
            scope |= dict(zip(let[1].strip("()").split(", "), evaluate(let[2], scope)))
        elif let:
            scope[let[1]] = evaluate(let[2], scope)
        else:
            result = evaluate(line.removeprefix("return "), scope)
    outputs = result if isinstance(result, tuple) else (result,)
    return keras.Model(list(tensors.values()), list(outputs)), dict(zip("yzuvw", outputs))


def size_text(case, sizes):
    """A size of a result: its number, or an expression over the symbols that gives it in both calls."""
    if sizes[0] == sizes[1]:
        return str(sizes[0])
    for symbol, values in ((axis, sizes) for entry in inputs_of(case).values() for axis, sizes in entry.axes.items()):
        for text, of in (("({})", lambda n: n), ("({} // 2)", lambda n: n // 2), ("(ceil({} / 2))", lambda n: -(-n // 2)),
                         ("(2 * {})", lambda n: 2 * n), ("({} - 2)", lambda n: n - 2)):
            if len(values) == 2 and tuple(map(of, values)) == tuple(sizes):
                return text.format(symbol)
    raise SystemExit(f"{case.name}: no expression gives a size of {sizes}")


def program_of(case, arrays, outputs):
    """The Strata source. Unnamed axes in the return type check the sizes and leave the names."""
    axis_text = lambda axis, sizes: f"{axis}: {sizes[0]}" if len(sizes) == 1 else axis
    inputs = ", ".join(f"{name}: {entry.dtype}[batch, " + ", ".join(axis_text(*axis) for axis in entry.axes.items()) + "]"
                       for name, entry in inputs_of(case).items())
    names = {keras_name: name for name, keras_name in DTYPES.items()} | {"float32": "f32"}
    # Keras' integers are 64 bits wide here, and its positions and sums are i32 in Strata.
    result_types = {name: names.get(str(tensor.dtype), "i32") for name, tensor in outputs.items()}
    result_types = {name: "i32" if dtype == "i64" else dtype for name, dtype in result_types.items()}
    shapes = {name: list(zip(*(arrays[f"{i}/out/{name}"].shape[1:] for i in (0, 1)))) for name in outputs}
    results = ", ".join(f"{name}: {result_types[name]}[" + ", ".join(["batch", *(size_text(case, sizes) for sizes in shape)]) + "]"
                        for name, shape in shapes.items())
    body = "".join(f"  {line}\n" for line in lines_of(case))
    return f"model m({inputs}) -> ({results}) {{\n{body}}}\n"


# --- Numbers ----------------------------------------------------------------------------------------------------------

def weight_value(rng, path, shape):
    """Seeded values for a weight, of a size that keeps activations near one; never a value that hides a mistake."""
    kind = path.split("/")[-1]
    if kind == "moving_variance":
        value = rng.uniform(0.25, 2.0, shape)
    elif kind == "gamma":
        value = rng.normal(1.0, 0.5, shape)  # some negative: folding must not assume a sign
    elif kind == "embeddings":
        value = rng.normal(0.0, 1.0, shape)
    elif kind in ("kernel", "recurrent_kernel"):
        depthwise = path.startswith("depthwise")
        value = rng.normal(0.0, 1.2 / math.sqrt(math.prod(shape[:2] if depthwise else shape[:-1])), shape)
    else:
        assert kind in ("bias", "beta", "moving_mean"), path
        value = rng.normal(0.0, 0.5, shape)
    return value.astype(np.float32)


def record(case):
    """All arrays of a case, by their names in the file."""
    model, outputs = build(case)
    for attempt in range(10):
        rng = np.random.default_rng([zlib.crc32(case.name.encode()), attempt])
        arrays = numbers(case, model, outputs, rng)
        program = program_of(case, arrays, outputs)
        arrays = {"program": np.frombuffer(program.encode(), np.uint8)} | arrays
        fault = fault_of(outputs, arrays)
        if not fault:
            return program, arrays
    raise SystemExit(f"{case.name}: {fault}")


def numbers(case, model, outputs, rng):
    """Seeded weights and inputs, and what Keras makes of them."""
    arrays = {}
    for weight in model.weights:
        value = weight_value(rng, weight.path, tuple(weight.shape))
        weight.assign(value.astype(np.float64))
        arrays[f"weights/{weight.path}"] = value

    for i, batch in enumerate(rng.permutation([1, 2, 3, 5])[:2]):
        values = []
        for name, (dtype, limit, axes) in inputs_of(case).items():
            shape = (batch, *(sizes[i % len(sizes)] for sizes in axes.values()))
            if limit:
                value = rng.integers(0, limit, shape).astype(DTYPES[dtype])
            else:
                value = rng.normal(case.shift, case.scale, shape).astype(np.float32)
            if dtype != "f32" and not limit:
                ends = (0, 1) if dtype == "bool" else (np.iinfo(DTYPES[dtype]).min, np.iinfo(DTYPES[dtype]).max)
                value = np.clip(np.rint(value), *ends).astype(DTYPES[dtype])
            arrays[f"{i}/in/{name}"] = value
            values.append(value.astype(DTYPES[dtype]))
        trace = jax.jit(lambda tensors: model(tensors, training=False)).trace(values)
        # Of integers Keras computes a mean in float32, as Strata does.
        is_float = all(entry.dtype == "f32" for entry in inputs_of(case).values())
        assert not is_float or "f32[" not in str(trace.jaxpr), f"{case.name}: computed in float32 somewhere"
        results = trace.lower().compile()(values)
        for name, result in zip(outputs, results if isinstance(results, (list, tuple)) else [results]):
            result = np.asarray(result)
            is_float = np.issubdtype(result.dtype, np.floating)
            wide = result.dtype in (np.int64, np.uint32, np.uint64, np.int16, np.uint16)
            arrays[f"{i}/out/{name}"] = result.astype(np.float32 if is_float else np.int32 if wide else result.dtype)
    return arrays


def fault_of(outputs, arrays):
    """Why these numbers would let a wrong compiler pass (constant, mostly zero, not of the input), or None."""
    for name, tensor in outputs.items():
        first, second = (arrays[f"{i}/out/{name}"] for i in (0, 1))
        for out in (first, second):
            assert all(a == b or b is None for a, b in zip(out.shape[1:], tensor.shape[1:], strict=True)), out.shape
            if not np.isfinite(out).all():
                return f"{name} is not finite"
            if np.mean(out != 0) < 0.1:
                return f"{name} is mostly zero"
            if out.size > 1 and np.std(out) < 1e-2:
                return f"{name} is nearly constant, deviation {np.std(out)}"
        if first.shape[1:] == second.shape[1:] and np.max(np.abs(first[0].astype(float) - second[0].astype(float))) < 2e-2:
            return f"{name} hardly depends on the input"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--out", type=pathlib.Path, default=root / "tests" / "numeric" / "goldens", metavar="DIR",
                        help="folder for the files (default: tests/numeric/goldens)")
    parser.add_argument("--only", default="*", metavar="PATTERN",
                        help="record only the cases whose name matches, e.g. 'conv2d-*'")
    parser.add_argument("--print", action="store_true", help="print each program too")
    args = parser.parse_args()

    names = [case.name for case in CASES]
    assert len(names) == len(set(names)), "two cases have one name"
    keras.config.set_floatx("float64")
    args.out.mkdir(parents=True, exist_ok=True)

    uses, sizes = collections.Counter(), collections.Counter()
    count = total = 0
    for case in CASES:
        if not fnmatch.fnmatchcase(case.name, args.only):
            continue
        program, arrays = record(case)
        path = args.out / f"{case.name}.npz"
        np.savez_compressed(path, **arrays)
        if args.print:
            print(f"# {case.name}\n{program}")
        count += 1
        total += path.stat().st_size
        for layer in set(re.findall(r"(\w+)\(", program)) & set(LAYERS):
            uses[layer] += 1
            sizes[layer] += path.stat().st_size

    print(f"{'layer':24}{'cases':>6}{'bytes':>10}")
    for layer in LAYERS:
        print(f"{layer:24}{uses[layer]:6}{sizes[layer]:10}")
    print(f"{'all cases':24}{count:6}{total:10}")
    for path in sorted(args.out.glob("*.npz")):
        if path.stem not in names:
            print(f"no case of the table made {path.name}: delete it?")


if __name__ == "__main__":
    main()
