#!/usr/bin/env python3
"""Writes the small models of Keras 2 in tests/numeric/imported: keras2_*.h5 and .keras, with what Keras 2 gives for them.

Run by hand, in an environment of its own, for the package of Keras 2 (tf-keras 2.21 with TensorFlow 2.21) needs TensorFlow
and Keras 3 takes its name: python -m venv KERAS2 && KERAS2/bin/pip install tf-keras==2.21.* h5py
"""

import argparse
import os
import re
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tf_keras as keras  # noqa: E402
from tf_keras import layers  # noqa: E402
from tf_keras.src.engine.base_layer import TensorFlowOpLayer  # noqa: E402

warnings.filterwarnings("ignore", message=".*HDF5 file via.*")  # the form is what is tested

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def convolutions():
    """Options that Keras 3 has not or calls otherwise."""
    return keras.Sequential(
        [
            layers.Conv2D(6, 3, padding="same", input_shape=(12, 12, 3)),
            layers.BatchNormalization(fused=True),
            layers.LeakyReLU(alpha=0.2),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.BatchNormalization(axis=3),
            layers.ReLU(6.0),
            layers.SeparableConv2D(8, 3, strides=2, padding="same"),
            layers.PReLU(shared_axes=[1, 2]),
            layers.Conv2DTranspose(4, 3, strides=2, padding="same"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(5, activation="softmax"),
        ],
        name="convolutions",
    )


def tagger():
    """Recurrent layers of both kinds of GRU, and a mask; both directions are one layer in the configuration."""
    tokens = keras.Input((None,), name="tokens")
    x = layers.Embedding(20, 6, mask_zero=True)(tokens)
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(x)
    x = layers.GRU(5, return_sequences=True)(x)
    x = layers.GRU(5, return_sequences=True, reset_after=False)(x)
    x = layers.Bidirectional(layers.SimpleRNN(4, return_sequences=True), merge_mode="sum")(x)
    return keras.Model(tokens, layers.TimeDistributed(layers.Dense(3))(x), name="tagger")


def states():
    series = keras.Input((5, 3), name="series")
    x, h, c = layers.LSTM(4, return_sequences=True, return_state=True)(series)
    y, last, _ = layers.LSTM(4, return_sequences=True, return_state=True)(x, initial_state=[h, c])
    z = layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)])(y)
    return keras.Model(series, [z, last], name="states")


def nested():
    """Nested models, one of them applied twice: Keras 2 counts the calls that made them."""
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    twin = keras.Sequential([keras.Input((4,)), layers.Dense(6, "relu"), layers.BatchNormalization()], name="twin")
    inner = keras.Input((4,))
    skip = keras.Model(inner, layers.Add()([layers.Dense(4)(inner), inner]), name="skip")
    x = layers.Concatenate()([twin(a), twin(b), skip(a)])
    return keras.Model([a, b], [layers.Dense(2)(x), layers.Dense(3)(twin(skip(b)))], name="nested")


def attention():
    tokens = keras.Input((6,), dtype="int32", name="tokens")
    x = layers.Embedding(20, 8, mask_zero=True)(tokens)
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, x)]))
    y = layers.Dense(16, activation="gelu")(x)
    x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dense(8)(y))
    return keras.Model(tokens, layers.GlobalAveragePooling1D()(x), name="attention")


def operations():
    """Functions of TensorFlow in place of layers."""
    x, t = keras.Input((8, 4), name="x"), keras.Input((8, 4), name="t")
    y, u = layers.Dense(4)(x), layers.Dense(4)(t)
    scores = tf.nn.softmax(tf.matmul(y, u, transpose_b=True) / 2.0, axis=-1)
    first, second = tf.split(tf.concat([y, u], axis=-1), 2, axis=-1)
    centred = y - tf.reduce_mean(y, axis=-1, keepdims=True)
    normal = centred * tf.math.rsqrt(tf.math.reduce_variance(y, axis=-1, keepdims=True) + 1e-3)
    image = tf.pad(tf.expand_dims(tf.nn.swish(y), -1), [[0, 0], [1, 1], [2, 0], [0, 0]])
    outputs = [
        scores @ u,
        tf.where(first > 0.0, second, 1.0 - tf.abs(u)),
        normal,
        tf.squeeze(tf.image.resize(image, [5, 6]), -1),
        tf.reshape(tf.transpose(tf.nn.leaky_relu(y, 0.1), [0, 2, 1]), [-1, 32]),
        tf.clip_by_value(y[:, 1, 1:3], -0.5, 0.5) ** 2,
        tf.math.add_n([tf.nn.relu(y), tf.nn.gelu(u)]) + tf.math.squared_difference(y, u),
        tf.one_hot(tf.argmax(y, axis=-1), 4) * tf.cumsum(u, axis=1),
        tf.stack(tf.unstack(tf.nn.l2_normalize(y, axis=-1), axis=1)[2:4], axis=1)[:, tf.newaxis],
        tf.math.reciprocal(1.0 + tf.exp(-tf.reduce_max(u, axis=[1, 2]))) + tf.reduce_sum(tf.cast(y > u, tf.float32), [1, 2]),
    ]
    return keras.Model([x, t], outputs, name="operations")


def raw_operations():
    """As TensorFlow before 2.4 wrote them down."""

    def operation(op, inputs, constants=None, **attributes):
        constants = {i: np.asarray(value) for i, value in (constants or {}).items()}
        count = len(inputs) + len(constants)
        node = {"name": op, "op": op, "input": [f"input_{i}" for i in range(count)], "attr": attributes}
        return TensorFlowOpLayer(node, f"{op}_{len(made)}", constants)(inputs if len(inputs) > 1 else inputs[0])

    made = []
    floats, integers = {"type": "DT_FLOAT"}, {"type": "DT_INT32"}
    x = keras.Input((6, 4), name="x")
    y = layers.Dense(4)(x)
    made.append(operation("Mul", [y], {1: np.float32(2.0)}, T=floats))
    made.append(operation("Sub", [made[0]], {0: np.float32(1.0)}, T=floats))
    made.append(operation("AddV2", [made[1], y], T=floats))
    made.append(operation("Relu", [made[2]], T=floats))
    made.append(operation("Mean", [made[3]], {1: np.int32([1])}, T=floats, Tidx=integers, keep_dims={"b": True}))
    made.append(operation("RealDiv", [made[3], operation("AddV2", [made[4]], {1: np.float32(1.5)}, T=floats)], T=floats))
    made.append(operation("ConcatV2", [made[5], y], {2: np.int32(-1)}, T=floats, Tidx=integers, N={"i": "2"}))
    made.append(
        operation(
            "StridedSlice", [made[6]], {1: np.int32([0, 1, 2]), 2: np.int32([0, 2, 7]), 3: np.int32([1, 1, 1])}, T=floats,
            Index=integers, begin_mask={"i": "1"}, end_mask={"i": "1"}, shrink_axis_mask={"i": "2"},
            ellipsis_mask={"i": "0"}, new_axis_mask={"i": "0"},
        )
    )  # fmt: skip
    return keras.Model(x, layers.Dense(3)(made[-1]), name="raw_operations")


# The forms in which each is saved.
MODELS = {
    "convolutions": (convolutions, ("h5", "keras")),
    "tagger": (tagger, ("h5", "keras")),
    "states": (states, ("h5", "keras")),
    "nested": (nested, ("h5", "keras")),
    "attention": (attention, ("h5",)),
    "operations": (operations, ("h5", "keras")),
    "raw_operations": (raw_operations, ("h5",)),
}


def randomize(model, random):
    for weight in model.weights:
        value = random.standard_normal(weight.shape)
        if "variance" in weight.name:
            value = random.uniform(0.5, 1.5, weight.shape)
        elif len(weight.shape) > 1 and "embeddings" not in weight.name:
            value *= 1.2 / np.sqrt(np.prod(weight.shape[:-1]))
        elif len(weight.shape) == 1:
            value = value * 0.3 + ("gamma" in weight.name)
        weight.assign(value.astype("float32"))


def example_inputs(model, random, samples=3):
    arrays = []
    for tensor in model.inputs:
        shape = [samples] + [7 if size is None else size for size in tensor.shape[1:]]
        if tensor.name.startswith("tokens"):
            array = random.integers(1, 20, shape).astype("int32")
            for i in range(1, samples):  # padding
                array[i, shape[1] - 2 * i :] = 0
            arrays.append(array)
        else:
            arrays.append(random.standard_normal(shape).astype("float32"))
    return arrays


def record(name, folder):
    keras.backend.clear_session()
    random = np.random.default_rng(1)
    build, forms = MODELS[name]
    model = build()
    randomize(model, random)
    arrays = example_inputs(model, random)
    outputs = tf.nest.flatten(model(arrays if len(arrays) > 1 else arrays[0], training=False))
    stem = os.path.join(folder, "keras2_" + name)
    for form in forms:
        model.save(f"{stem}.{form}")
    results = {f"in/{i}": array for i, array in enumerate(arrays)}
    results |= {f"out/{i}": np.float32(output) for i, output in enumerate(outputs)}
    np.savez_compressed(stem + ".npz", **results)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="regular expression: the models to save")
    parser.add_argument("--folder", default=os.path.join(ROOT, "tests/numeric/imported"), help="where they go")
    options = parser.parse_args()
    for name in MODELS:
        if re.search(options.only, name):
            record(name, options.folder)
            print(name, flush=True)


if __name__ == "__main__":
    main()
