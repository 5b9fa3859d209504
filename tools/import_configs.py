#!/usr/bin/env python3
"""Writes tests/numeric/imported/layers.json: what Keras saves of one model for each of its layers.

A test imports each of them and then changes every option of every layer: that must change the program, be an error that
names the layer, or be an option of those that concern training alone (docs/import.md). Run by hand when the pinned Keras
changes; nothing is computed, so that this takes seconds.
"""

import json
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
from keras import layers

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

VECTOR, SIGNAL, IMAGE, VOLUME = (6,), (8, 6), (8, 9, 4), (6, 7, 8, 3)
BY_RANK = {"1D": SIGNAL, "2D": IMAGE, "3D": VOLUME}
# What cannot be made without arguments.
ARGUMENTS = {
    "Activation": ("relu",),
    "AveragePooling": (2,),
    "Conv": (4, 3),
    "ConvLSTM": (4, 3),
    "Cropping": (1,),
    "Dense": (4,),
    "DepthwiseConv": (3,),
    "EinsumDense": ("abc,cd->abd", (None, 4)),
    "Embedding": (9, 4),
    "GRU": (4,),
    "GroupNormalization": (2,),
    "GroupQueryAttention": (4, 4, 2),
    "LSTM": (4,),
    "MultiHeadAttention": (2, 3),
    "Permute": ((2, 1),),
    "RepeatVector": (3,),
    "Rescaling": (0.5,),
    "Reshape": ((-1, 3),),
    "Resizing": (4, 5),
    "CenterCrop": (4, 5),
    "SeparableConv": (4, 3),
    "SimpleRNN": (4,),
    "AdaptiveAveragePooling": (2,),
    "AdaptiveMaxPooling": (2,),
    "Dropout": (0.5,),
    "AlphaDropout": (0.5,),
    "GaussianDropout": (0.5,),
    "GaussianNoise": (0.5,),
    "SpatialDropout": (0.5,),
}
OPTIONS = {
    "CategoryEncoding": {"num_tokens": 5, "output_mode": "multi_hot"},
    "Discretization": {"bin_boundaries": [0.0, 0.5, 1.0]},
    "Dot": {"axes": -1},
}
SHAPES = {
    "AdditiveAttention": SIGNAL, "Attention": SIGNAL, "GroupQueryAttention": SIGNAL, "MultiHeadAttention": SIGNAL,
    "EinsumDense": SIGNAL, "GRU": SIGNAL, "LSTM": SIGNAL, "SimpleRNN": SIGNAL, "Masking": SIGNAL, "Permute": SIGNAL,
    "Reshape": SIGNAL, "Flatten": SIGNAL, "Resizing": IMAGE, "CenterCrop": IMAGE, "GroupNormalization": SIGNAL,
    "Softmax": SIGNAL, "PReLU": SIGNAL, "LayerNormalization": SIGNAL, "BatchNormalization": IMAGE,
    "UnitNormalization": SIGNAL, "Concatenate": SIGNAL,
}
MERGES = {"Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract", "Attention",
          "AdditiveAttention"}
NAMES = [
    "Activation", "ActivityRegularization", "AdaptiveAveragePooling2D", "AdaptiveMaxPooling1D", "Add", "AdditiveAttention",
    "AlphaDropout", "Attention", "Average", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D",
    "BatchNormalization", "CategoryEncoding", "CenterCrop", "Concatenate", "Conv1D", "Conv1DTranspose", "Conv2D",
    "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Cropping1D", "Cropping2D",
    "Cropping3D", "Dense", "DepthwiseConv1D", "DepthwiseConv2D", "Discretization", "Dot", "Dropout", "ELU", "EinsumDense",
    "Embedding", "Flatten", "GRU", "GaussianDropout", "GaussianNoise", "GlobalAveragePooling1D", "GlobalAveragePooling2D",
    "GlobalMaxPooling3D", "GroupNormalization", "GroupQueryAttention", "Identity", "LSTM", "LayerNormalization",
    "LeakyReLU", "Masking", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "Maximum", "Minimum", "MultiHeadAttention",
    "Multiply", "Normalization", "PReLU", "Permute", "RMSNormalization", "ReLU", "RepeatVector", "Rescaling", "Reshape",
    "Resizing", "SeparableConv1D", "SeparableConv2D", "SimpleRNN", "Softmax", "SpatialDropout2D", "Subtract",
    "UnitNormalization", "UpSampling1D", "UpSampling2D", "UpSampling3D", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D",
]  # fmt: skip
WRAPPERS = {
    "Bidirectional": lambda: (layers.Bidirectional(layers.LSTM(3)), SIGNAL),
    "RNN": lambda: (layers.RNN([layers.GRUCell(3), layers.LSTMCell(4), layers.SimpleRNNCell(2)]), SIGNAL),
    "SpectralNormalization": lambda: (layers.SpectralNormalization(layers.Conv2D(3, 2)), IMAGE),
    "TimeDistributed": lambda: (layers.TimeDistributed(layers.Dense(3)), SIGNAL),
}


def made(name):
    """The layer and the shape of its input."""
    if name in WRAPPERS:
        return WRAPPERS[name]()
    base = name.removesuffix("Transpose")
    stem = base[:-2] if base[-2:] in BY_RANK else base
    layer = getattr(layers, name)(*ARGUMENTS.get(stem, ()), **OPTIONS.get(name, {}))
    shape = BY_RANK.get(base[-2:], SHAPES.get(name, VECTOR))
    return layer, (5, *shape) if name.startswith("ConvLSTM") else shape


def model_of(name):
    keras.utils.clear_session()
    layer, shape = made(name)
    x = keras.Input(shape, dtype="int32" if name in ("Embedding", "CategoryEncoding") else "float32", name="x")
    if name in MERGES:
        y = keras.Input(shape, name="y")
        return keras.Model([x, y], layer([x, y]))
    return keras.Model(x, layer(x, x) if name in ("MultiHeadAttention", "GroupQueryAttention") else layer(x))


def main():
    models = {name: json.loads(model_of(name).to_json()) for name in NAMES + sorted(WRAPPERS)}
    path = os.path.join(ROOT, "tests/numeric/imported/layers.json")
    with open(path, "w", encoding="utf-8") as file:
        lines = (f"{json.dumps(name)}: {json.dumps(model, separators=(',', ':'))}" for name, model in sorted(models.items()))
        file.write("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{path}: {len(models)} models, {os.path.getsize(path)} bytes, Keras {keras.__version__}")


if __name__ == "__main__":
    main()
