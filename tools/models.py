#!/usr/bin/env python3
"""Records what Keras computes for the models in examples/ at several sizes: what the model tests compare with.

One compressed .npz a model, in tests/numeric/models/:
  <i>/in/<input>        of the input's element type; i = 0, 1, ... are calls with different sizes
  <i>/out/<output>      float32

The weights are not recorded: a formula that both sides know gives them (`weight` here, FormulaWeights in
tests/numeric/models_test.cpp), so a model may be as large as it likes. Only examples/resnet gets them as a file, since
its program reads one. Keras computes in float64. Run by hand when a model changes. Versions: tools/requirements.txt.
"""

import argparse
import math
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_ENABLE_X64", "1")

import keras
import numpy as np
import safetensors.numpy
from keras import layers
from keras.src.backend.common import dtypes

dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"  # see tools/goldens.py

ROOT = pathlib.Path(__file__).resolve().parent.parent


# --- Weights by formula -----------------------------------------------------------------------------------------------

def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def weight(path, shape):
    """SplitMix64 from the hash of the path, evenly from [-1, 1), scaled by what the last part of the path says."""
    count = math.prod(shape)
    with np.errstate(over="ignore"):
        bits = np.uint64(fnv1a(path)) + np.uint64(0x9E3779B97F4A7C15) * np.arange(1, count + 1, dtype=np.uint64)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits ^= bits >> np.uint64(31)
    values = (bits >> np.uint64(40)).astype(np.float64) * 2.0**-23 - 1
    kind = path.split("/")[-1]
    if kind in ("kernel", "recurrent_kernel"):
        inputs = math.prod(shape[:2]) if path.startswith("depthwise") else math.prod(shape[:-1])
        values *= math.sqrt(3 / inputs)  # outputs of unit variance for inputs of unit variance
    elif kind in ("gamma", "moving_variance"):
        values = 1 + values / 2
    elif kind != "embeddings":
        values /= 4
    return values.astype(np.float32).reshape(shape)


# --- The models of examples/, in the order in which Strata numbers their layers ---------------------------------------

def resnet(n=3):
    mean = np.array([0.4914, 0.4822, 0.4465], np.float32)

    def residual(x, filters, strides=1):
        main = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
        main = layers.ReLU()(layers.BatchNormalization()(main))
        main = layers.Conv2D(filters, 3, padding="same", use_bias=False)(main)
        main = layers.BatchNormalization()(main)
        same = strides == 1 and x.shape[-1] == filters
        skip = x if same else layers.Conv2D(filters, 1, strides=strides, padding="same")(x)
        return layers.ReLU()(layers.Add()([main, skip]))

    image = keras.Input((None, None, 3), name="image", dtype="uint8")
    x = keras.ops.cast(image, "float64") / 255.0 - mean
    x = layers.Conv2D(16, 3, padding="same", name="stem")(x)
    for _ in range(n):
        x = residual(x, 16)
    x = residual(x, 32, 2)
    for _ in range(n - 1):
        x = residual(x, 32)
    probs = layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(image, {"probs": probs})


def tagger():
    tokens = keras.Input((None,), name="tokens", dtype="int32")
    x = layers.Embedding(20000, 64)(tokens)
    x = layers.Bidirectional(layers.LSTM(32, return_sequences=True))(x)
    x = layers.LSTM(48, return_sequences=True)(x)
    return keras.Model(tokens, {"tags": layers.Dense(17, activation="softmax")(x)})


def two_in():
    image = keras.Input((32, 32, 3), name="img")
    meta = keras.Input((7,), name="meta")
    encoder = layers.Dense(16, activation="relu")
    both = layers.Concatenate()([layers.Identity()(image), layers.Conv2D(8, 3, padding="same")(image)])
    z = layers.Concatenate()([layers.Flatten()(both), encoder(meta)])
    for i in range(3):
        z = layers.ReLU()(layers.Dense(64 // 2**i)(z))
    return keras.Model([image, meta], {"cls": layers.Dense(5)(z), "box": layers.Dense(4)(z)})


def unet():
    def level(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        return x

    def up(low, skip, filters):
        low = layers.Conv2D(filters, 2, padding="same")(layers.UpSampling2D(2)(low))
        return level(layers.Concatenate()([low, skip]), filters)

    image = keras.Input((None, None, 3), name="image")
    a = level(image, 8)
    b = level(layers.MaxPooling2D(2)(a), 16)
    c = level(layers.MaxPooling2D(2)(b), 24)
    d = level(layers.MaxPooling2D(2)(c), 32)
    top = up(up(up(d, c, 24), b, 16), a, 8)
    return keras.Model(image, {"mask": layers.Conv2D(2, 1, activation="softmax")(top)})


def wavenet():
    series = keras.Input((None, 4), name="series")
    x = layers.Conv1D(16, 2, padding="causal", activation="relu")(series)
    for i in range(4):
        x = layers.Conv1D(16, 2, padding="causal", dilation_rate=2 ** (i + 1), activation="relu")(x)
    return keras.Model(series, {"next": layers.Dense(1)(x)})


def any_size():
    image = keras.Input((None, None, 3), name="image")
    x = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(image)
    x = layers.MaxPooling2D(2, padding="same")(x)
    x = layers.ReLU()(layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same")(x)))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(32, 1)(x))
    return keras.Model(image, {"probs": layers.Dense(3, activation="softmax")(x)})


# The model, and for each call the sizes of its inputs' axes.
MODELS = [
    (resnet, [[(2, 16, 16, 3)], [(1, 10, 24, 3)], [(1, 2, 2, 3)]]),
    (tagger, [[(1, 7)], [(3, 1)], [(2, 19)]]),
    (two_in, [[(1, 32, 32, 3), (1, 7)], [(3, 32, 32, 3), (3, 7)]]),
    (unet, [[(1, 8, 8, 3)], [(2, 24, 16, 3)], [(1, 40, 56, 3)]]),
    (wavenet, [[(1, 1, 4)], [(2, 5, 4)], [(1, 100, 4)]]),
    (any_size, [[(1, 1, 1, 3)], [(2, 13, 30, 3)], [(1, 64, 47, 3)]]),
]


def values_of(rng, tensor, shape):
    dtype = str(tensor.dtype)
    if dtype == "uint8":
        return rng.integers(0, 256, shape).astype(np.uint8)
    if dtype == "int32":
        return rng.integers(0, 20000, shape).astype(np.int32)
    return rng.normal(0, 1, shape).astype(np.float32)


def record(build, calls):
    keras.backend.clear_session()
    model = build()
    for variable in model.weights:
        variable.assign(weight(variable.path, tuple(variable.shape)))
    rng = np.random.default_rng(len(calls) + fnv1a(build.__name__) % 2**32)
    arrays = {}
    for i, shapes in enumerate(calls):
        inputs = [values_of(rng, tensor, shape) for tensor, shape in zip(model.inputs, shapes)]
        values = [x.astype(np.float64) if x.dtype == np.float32 else x for x in inputs]
        results = model(values if len(values) > 1 else values[0], training=False)
        for tensor, value in zip(model.inputs, inputs):
            arrays[f"{i}/in/{tensor.name}"] = value
        for name, value in results.items():
            value = np.asarray(value)
            assert value.dtype == np.float64 and np.isfinite(value).all() and (value.size == 1 or np.std(value) > 1e-3), (name, value)
            arrays[f"{i}/out/{name}"] = value.astype(np.float32)
    return model, arrays


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    keras.config.set_floatx("float64")
    folder = ROOT / "tests" / "numeric" / "models"
    folder.mkdir(parents=True, exist_ok=True)
    for build, calls in MODELS:
        model, arrays = record(build, calls)
        path = folder / f"{build.__name__}.npz"
        np.savez_compressed(path, **arrays)
        print(f"{build.__name__:10}{model.count_params():10} parameters{path.stat().st_size:10} bytes")
        for variable in model.weights if build is tagger else []:
            print(f"  {variable.path} {tuple(variable.shape)}")
        if build is resnet:
            weights = {v.path: weight(v.path, tuple(v.shape)) for v in model.weights}
            # As a PyTorch file would hold it: [filters, channels, height, width] under another name.
            kernel = weights.pop("stem/kernel")
            weights["conv1.weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
            safetensors.numpy.save_file(weights, ROOT / "examples" / "resnet" / "resnet.safetensors")


if __name__ == "__main__":
    main()
