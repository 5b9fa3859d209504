"""Records the files of tests/unit/weights/files: models and weights as Keras and others save them.

Needs the packages of tools/requirements.txt. `python tools/weights_files.py` writes all of them anew; each has with it
what is in it, `NAME.txt`: a line for each tensor, its name in Strata, shape, first element and sum.
"""

import os
import pathlib
import shutil
import sys
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "unit" / "weights" / "files"
layers = keras.layers


def seeded(model):
    """Gives every variable numbers of its own."""
    for number, variable in enumerate(model.variables):
        if variable.path.endswith("seed_generator_state"):
            continue
        shape = variable.shape
        values = np.arange(np.prod(shape, dtype=int)).reshape(shape) / 1024 + number
        variable.assign(values.astype(variable.dtype))
    return model


def describe(path, tensors):
    """Writes what a file holds."""
    lines = []
    for name, values in tensors:
        values = np.asarray(values, dtype=np.float64)
        shape = "[" + ", ".join(map(str, values.shape)) + "]"
        lines.append(f"{name} {shape} {values.ravel()[0]:.8g} {values.sum():.8g}\n")
    path.write_text("".join(lines))


def is_weight(path):
    return not path.endswith(("seed_generator_state", "/count"))


def weights_of(model, *models):
    """The names of Strata: nested models (`models`) leave no component."""
    tensors = []
    for variable in model.variables:
        name = variable.path
        for prefix in models:
            name = name.removeprefix(prefix + "/")
        if is_weight(name):
            tensors.append((name, variable.value))
    return tensors


def many_layers():
    """One of each kind of structure that Keras' files have."""
    image = keras.Input((8, 8, 3), name="image")
    tokens = keras.Input((6,), dtype="int32", name="tokens")
    x = layers.Conv2D(4, 3, name="stem")(image)
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.Conv2D(4, 1, use_bias=False)(x)
    x = layers.SeparableConv2D(3, 2)(x)
    x = layers.DepthwiseConv2D(2, depth_multiplier=2)(x)
    x = layers.PReLU(shared_axes=[1, 2])(x)
    x = layers.SpectralNormalization(layers.Conv2D(2, 1, name="inner"))(x)
    x = layers.GlobalAveragePooling2D()(x)
    t = layers.Embedding(9, 5)(tokens)
    t = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(t)
    t = layers.MultiHeadAttention(2, 3)(t, t)
    t = layers.LayerNormalization(center=False)(t)
    t = layers.TimeDistributed(layers.Dense(3))(t)
    t = layers.GRU(2, return_sequences=True)(t)
    t = layers.RNN([layers.LSTMCell(2), layers.SimpleRNNCell(3)])(t)
    t = layers.Normalization()(t)
    encoder = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.Dense(2, name="code")], name="encoder")
    x = layers.Concatenate()([x, encoder(t)])
    return keras.Model([image, tokens], layers.Dense(2, name="out")(x), name="many")


def without_names(path):
    """As Keras 3 wrote files before it gave groups the names of layers."""
    with h5py.File(path, "r+") as file:
        groups = []
        file.visititems(lambda name, item: groups.append(name) if "name" in item.attrs else None)
        for name in groups:
            del file[name].attrs["name"]
    with h5py.File(path) as file, h5py.File(path.with_suffix(".new"), "w") as new:
        for name in file:
            file.copy(name, new)
    path.with_suffix(".new").replace(path)


def rezip(source, target, compression, weights=None):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", compression) as new:
        for name in old.namelist():
            data = old.read(name)
            if weights is not None and name == "model.weights.h5":
                data = weights.read_bytes()
            info = zipfile.ZipInfo(name)  # without the time of day
            new.writestr(info, data, compress_type=compression)


def keras_3():
    keras.backend.clear_session()
    model = seeded(many_layers())
    tensors = weights_of(model, "encoder")
    model.save(FOLDER / "many.keras")
    model.save_weights(FOLDER / "many.weights.h5")
    model.save(FOLDER / "many.h5")
    rezip(FOLDER / "many.keras", FOLDER / "stored.keras", zipfile.ZIP_STORED)
    (FOLDER / "stored.keras").replace(FOLDER / "many.keras")
    rezip(FOLDER / "many.keras", FOLDER / "deflated.keras", zipfile.ZIP_DEFLATED)
    describe(FOLDER / "many.txt", tensors)

    old = FOLDER / "unnamed.weights.h5"
    shutil.copy(FOLDER / "many.weights.h5", old)
    without_names(old)
    rezip(FOLDER / "many.keras", FOLDER / "unnamed.keras", zipfile.ZIP_STORED, old)


def order_of_layers():
    """Two branches: the order of model.layers is not that of construction."""
    keras.backend.clear_session()
    x = keras.Input((4,))
    late = layers.Dense(3, activation="tanh")(x)
    hidden = layers.Dense(5)(x)
    early = layers.Dense(3, activation="relu")(hidden)
    model = seeded(keras.Model(x, layers.Dense(2)(layers.Add()([late, early]))))
    path = FOLDER / "branches.weights.h5"
    model.save_weights(path)
    without_names(path)
    describe(FOLDER / "branches.txt", weights_of(model))


def notebook():
    """The third model of a session, compiled and trained."""
    keras.backend.clear_session()
    for _ in range(3):
        model = keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                layers.Conv2D(2, 3),
                layers.Dropout(0.5),
                layers.Conv2D(3, 3),
                layers.Flatten(),
                layers.Dense(2),
            ]
        )
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.ones((2, 8, 8, 1)), np.ones((2, 2)), verbose=0)
    seeded(model)
    model.save(FOLDER / "notebook.keras")
    rezip(FOLDER / "notebook.keras", FOLDER / "stored.keras", zipfile.ZIP_STORED)
    (FOLDER / "stored.keras").replace(FOLDER / "notebook.keras")
    describe(FOLDER / "notebook.txt", weights_of(model, "sequential_2"))


def keras_2():
    """What tf.keras 2 writes, without the weight of TensorFlow: names end in `:0`, cells are counted through."""
    weights = {
        "conv2d": ["conv2d/kernel:0 3,3,1,2", "conv2d/bias:0 2"],
        "depthwise_conv2d": ["depthwise_conv2d/depthwise_kernel:0 3,3,2,1", "depthwise_conv2d/bias:0 2"],
        "flatten": [],
        "lstm": [
            "lstm/lstm_cell_4/kernel:0 5,8",
            "lstm/lstm_cell_4/recurrent_kernel:0 2,8",
            "lstm/lstm_cell_4/bias:0 8",
        ],
        "dense": ["dense/kernel:0 8,3", "dense/bias:0 3"],
    }
    tensors = []
    with h5py.File(FOLDER / "keras2.h5", "w") as file:
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = '{"class_name": "Functional", "config": {"name": "model", "layers": []}}'
        root = file.create_group("model_weights")
        root.attrs["layer_names"] = [name.encode() for name in weights]
        for layer, variables in weights.items():
            group = root.create_group(layer)
            group.attrs["weight_names"] = [text.split()[0].encode() for text in variables]
            for text in variables:
                name, sizes = text.split()
                shape = tuple(map(int, sizes.split(",")))
                values = (np.arange(np.prod(shape)).reshape(shape) / 64 + len(tensors)).astype(np.float32)
                group.create_dataset(name, data=values)
                tensors.append((name.removesuffix(":0"), values))
        split = file.create_group("optimizer_weights")
        split.create_dataset("iteration:0", data=np.int64(3))
    describe(FOLDER / "keras2.txt", tensors)


def element_types():
    """One tensor of each element type, and those that are stored otherwise."""
    numbers = np.array([[0.0, -1.5, 3.25], [65504.0, 2.0**-14, 1.0]])
    with h5py.File(FOLDER / "types.h5", "w") as file:
        for dtype in ("<f2", "<f4", "<f8", ">f4", "<i4", "?"):
            file.create_dataset(dtype.strip("<").replace(">", "big_"), data=numbers.astype(dtype))
        bfloat = h5py.h5t.IEEE_F32LE.copy()
        bfloat.set_fields(15, 7, 8, 0, 7)
        bfloat.set_size(2)
        bfloat.set_precision(16)
        bfloat.set_ebias(127)
        space = h5py.h5s.create_simple(numbers.shape)
        stored = h5py.h5d.create(file.id, b"bf16", bfloat, space)
        stored.write(h5py.h5s.ALL, h5py.h5s.ALL, numbers.astype(np.float32))
        file.create_dataset("chunked", data=numbers.astype("<f4"), chunks=(1, 3))
        file.create_dataset("compressed", data=numbers.astype("<f4"), compression="gzip")
        file.create_dataset("never_written", (2, 3), dtype="<f4")
        file.create_dataset("text", data="a text")
        file.create_dataset("scalar", data=np.float32(7))
        file.create_dataset("empty", data=np.zeros((0, 3), "<f4"))


def hostile():
    """Files that lead elsewhere."""
    with h5py.File(FOLDER / "external_link.h5", "w") as file:
        file["dense"] = h5py.ExternalLink("/etc/passwd", "/dense")
    with h5py.File(FOLDER / "soft_link.h5", "w") as file:
        file["dense"] = h5py.SoftLink("/dense")
    with h5py.File(FOLDER / "external_data.h5", "w") as file:
        file.create_dataset("dense", (4,), dtype="<f4", external=[("/etc/passwd", 0, 16)])
    with h5py.File(FOLDER / "cycle.h5", "w") as file:
        file.create_group("layers/dense")
        file["layers/dense/layers"] = file["layers"]
    # A chunk of 2^31 bytes of which nothing is stored.
    with h5py.File(FOLDER / "huge_chunk.h5", "w") as file:
        file.create_dataset("dense", (2**40,), dtype="<f4", chunks=(2**29,), compression="gzip")
    with zipfile.ZipFile(FOLDER / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("config.json"), "{}", zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("model.weights.h5"), bytes(100 * 2**20), zipfile.ZIP_DEFLATED)


def main():
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    keras_3()
    order_of_layers()
    notebook()
    keras_2()
    element_types()
    hostile()


if __name__ == "__main__":
    main()
