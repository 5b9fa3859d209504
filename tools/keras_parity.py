"""Compares imported models with Keras: builds each, saves it, imports, compiles and runs it, and writes docs/parity.md.

With Keras' own initial weights such nets give nearly the same output for any input, so every weight and statistic is
replaced by seeded values, scaled layer by layer so that outputs have unit variance. Nothing is downloaded.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_ENABLE_X64", "1")
import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402
from keras.src.backend.common import dtypes  # noqa: E402

# Keras computes in float64, so that the differences are Strata's alone. See tools/goldens.py.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
keras.config.set_floatx("float64")


class WideNumpy:
    """numpy, but float64 wherever float32 is asked for: JAX's attention rounds to that before its softmax."""

    def __getattr__(self, name):
        return getattr(np, "float64" if name == "float32" else name)


jax._src.nn.functions.np = WideNumpy()

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INNER = 10  # layers looked at between input and output
SAMPLES = 3  # inputs of each model
TOLERANCE = 1e-4


# All weights are replaced: what Keras draws for them first would only cost time.
keras.initializers.GlorotUniform.__call__ = lambda self, shape, dtype=None, **_: np.zeros(shape, "float32")


# ---- Models ----


def application(name, size):
    def build():
        make = getattr(keras.applications, name)
        return make(weights=None, classifier_activation=None, input_shape=(size, size, 3))

    return build


# With `depth` 0 they are small enough to be recorded for the tests; deeper ones have ten layers to look at.


def sequential(depth=0):
    more = [layer for _ in range(depth) for layer in (layers.Conv2D(32, 3, padding="same"), layers.ELU())]
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.1),
            *more,
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10),
        ],
        name="digits",
    )


def two_in_two_out(depth=0):
    image = keras.Input((32, 32, 3), name="image")
    meta = keras.Input((7,), name="meta")
    shared = layers.Dense(24, activation="tanh", name="shared")
    x = layers.Conv2D(16, 3, strides=2, activation="relu")(image)
    x = layers.SeparableConv2D(24, 3, padding="same")(x)
    x = layers.GlobalAveragePooling2D()(x)
    m = layers.Dense(24, activation="relu")(meta)
    z = layers.Concatenate()([shared(x), shared(m), m * 0.5 + 1.0])
    for _ in range(depth + 1):
        z = layers.Dense(32, activation="relu")(z)
    return keras.Model([image, meta], [layers.Dense(5, name="kind")(z), layers.Dense(4, name="box")(z)], name="two_in")


def tagger(depth=0):
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    x = layers.Embedding(500, 32)(tokens)
    x = layers.Bidirectional(layers.LSTM(24, return_sequences=True))(x)
    x = layers.Bidirectional(layers.LSTM(16, return_sequences=True), merge_mode="sum")(x)
    for _ in range(depth):
        x = layers.LayerNormalization()(x)
        x = layers.Dropout(0.1)(x)
        x = layers.Bidirectional(layers.LSTM(16, return_sequences=True), merge_mode="ave")(x)
    return keras.Model(tokens, layers.TimeDistributed(layers.Dense(17))(x), name="tagger")


def conv_lstm(depth=0):
    more = [
        layer
        for _ in range(depth)
        for layer in (layers.ConvLSTM2D(8, 3, padding="same", return_sequences=True), layers.BatchNormalization())
    ]
    return keras.Sequential(
        [
            keras.Input((6, 16, 16, 2)),
            layers.ConvLSTM2D(8, 3, padding="same", return_sequences=True),
            layers.BatchNormalization(),
            *more,
            layers.ConvLSTM2D(8, 3, padding="same"),
            layers.Conv2D(1, 3, padding="same"),
        ],
        name="conv_lstm",
    )


def unet(size=64, stages=(16, 32, 64, 128)):
    def level(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.ReLU()(x)
        return x

    image = keras.Input((size, size, 3), name="image")
    skips, x = [], image
    for filters in stages[:-1]:
        x = level(x, filters)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = level(x, stages[-1])
    for filters, skip in zip(stages[-2::-1], reversed(skips)):
        x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
        x = level(layers.Concatenate()([x, skip]), filters)
    return keras.Model(image, layers.Conv2D(2, 1)(x), name="unet")


def transformer(blocks=3, width=48):
    tokens = keras.Input((20,), dtype="int32", name="tokens")
    x = layers.Embedding(300, width, mask_zero=True)(tokens)
    for _ in range(blocks):
        a = layers.MultiHeadAttention(4, width // 4)(x, x)
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, a]))
        f = layers.Dense(2 * width, activation="gelu")(x)
        f = layers.Dense(width)(f)
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, f]))
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(tokens, layers.Dense(6)(x), name="transformer")


def wavenet():
    series = keras.Input((None, 4), name="series")
    x = layers.Conv1D(24, 1)(series)
    skips = []
    for i in range(6):
        gate = layers.Conv1D(24, 2, padding="causal", dilation_rate=2**i, activation="sigmoid")(x)
        value = layers.Conv1D(24, 2, padding="causal", dilation_rate=2**i, activation="tanh")(x)
        z = layers.Multiply()([value, gate])
        skips.append(layers.Conv1D(24, 1)(z))
        x = layers.Add()([x, layers.Conv1D(24, 1)(z)])
    y = layers.ReLU()(layers.Add()(skips))
    return keras.Model(series, layers.Conv1D(8, 1)(y), name="wavenet")


def characters(kernels=(3, 4, 5)):
    text = keras.Input((120,), dtype="int32", name="text")
    x = layers.Embedding(70, 16)(text)
    branches = [layers.GlobalMaxPooling1D()(layers.Conv1D(32, k, activation="relu")(x)) for k in kernels]
    x = layers.Dropout(0.5)(layers.Concatenate()(branches))
    return keras.Model(text, layers.Dense(4)(x), name="characters")


def residual():
    """Blocks that differ in their filters alone, a nested model, a shared layer, operations."""
    image = keras.Input((16, 16, 3), name="image")
    x = layers.Conv2D(8, 3, padding="same", name="stem")(image)
    for filters in (8, 16, 16, 24):
        y = layers.Conv2D(filters, 1, activation="relu")(x)
        y = layers.Conv2D(8, 3, padding="same")(y)
        x = layers.ReLU()(layers.BatchNormalization()(layers.Add()([x, y])))
    head = keras.Sequential([keras.Input((8,)), layers.Dense(12, activation="tanh"), layers.Dense(6)], name="head")
    both = layers.Dense(6, name="both")
    pooled = layers.GlobalAveragePooling2D()(x)
    corner = x[:, 0, 0, :] * 0.5
    return keras.Model(image, layers.Concatenate()([head(pooled), both(pooled), both(corner)]), name="residual")


def crossed():
    """Layers of one shape, counted in another order than they are read."""
    vector = keras.Input((8,), name="vector")
    first, second, third = layers.Dense(8), layers.Dense(8), layers.Dense(8)
    taken = layers.Activation("relu")(first(vector))
    return keras.Model(vector, third(layers.Subtract()([second(vector), taken])), name="crossed")


# Small enough to be recorded for the tests.
RECORDED = {
    "characters": characters,
    "conv_lstm": conv_lstm,
    "crossed": crossed,
    "digits": sequential,
    "residual": residual,
    "tagger": tagger,
    "transformer": lambda: transformer(3, 16),
    "two_in": two_in_two_out,
    "unet": lambda: unet(16, (4, 6, 8)),
    "wavenet": wavenet,
}

MODELS = {
    "ResNet50": application("ResNet50", 224),
    "ResNet50V2": application("ResNet50V2", 224),
    "MobileNet": application("MobileNet", 224),
    "MobileNetV2": application("MobileNetV2", 224),
    "VGG16": application("VGG16", 224),
    "DenseNet121": application("DenseNet121", 224),
    "EfficientNetB0": application("EfficientNetB0", 224),
    "InceptionV3": application("InceptionV3", 299),
    "Xception": application("Xception", 299),
    "Sequential": lambda: sequential(2),
    "two inputs, two outputs": lambda: two_in_two_out(5),
    "BiLSTM tagger": lambda: tagger(3),
    "ConvLSTM": lambda: conv_lstm(4),
    "U-Net": unet,
    "transformer encoder": transformer,
    "WaveNet": wavenet,
    "character CNN": lambda: characters((2, 3, 4, 5, 6)),
}


# ---- Weights ----


def randomize(model, inputs, seed):
    """Gives every weight a seeded value, layer by layer, so that each layer's output has unit variance.

    Its mean is 1: with 0, each ReLU cuts off half, and a net of many amplifies what rounding differs in, whoever computes.
    """
    random = np.random.default_rng(seed)
    done = set()

    def values(shape, scale=1.0):
        return random.standard_normal(shape).astype("float32") * scale

    def prepare(layer, args):
        statistics = {}
        if isinstance(layer, layers.BatchNormalization):
            x = np.asarray(args[0])
            axes = tuple(i for i in range(x.ndim) if i != layer.axis % x.ndim)
            statistics = {"moving_mean": x.mean(axes), "moving_variance": x.var(axes) + 0.01}
        elif isinstance(layer, layers.Normalization):
            statistics = {"mean": 0.5, "variance": 0.09}
        for weight in layer.weights:
            shape, name = weight.shape, weight.name
            if name in statistics:
                value = np.broadcast_to(statistics[name], shape).astype("float32")
            elif name == "gamma":
                value = 1.0 + values(shape, 0.2)
            elif name == "embeddings":
                value = values(shape)
            elif name in ("beta", "bias"):
                value = 1.0 + values(shape, 0.2)
            elif name == "count":
                continue
            elif len(shape) > 1:
                value = values(shape, 1.0 / np.sqrt(np.prod(shape[:-1])))
            else:
                value = values(shape, 0.5)
            weight.assign(np.float32(value))
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()  # it computes with what it made of its weights when it was built

    def calibrate(layer, args, kwargs):
        """What is linear in its last kernel gets mean 1 by its bias and variance 1 by the kernel, before its activation."""
        kernels = [w for w in layer.weights if "kernel" in w.name and len(w.shape) > 1]
        # Recurrences stay as they are: with larger kernels they amplify what rounding differs in.
        if not kernels or any("recurrent" in w.path for w in layer.weights):
            return
        biases = [w for w in layer.weights if w.name == "bias"]
        activation = getattr(layer, "activation", None)
        if activation is not None:
            layer.activation = keras.activations.linear
        result = np.asarray(layer(*args, **kwargs))
        if activation is not None:
            layer.activation = activation
        mean = result.mean(tuple(range(result.ndim - 1)))
        # A gate reads one position of each image: made to differ as much as features do, the few images would amplify
        # what rounding differs in, in each block again.
        is_gate = result.ndim > 2 and result.size == result.shape[0] * result.shape[-1]
        if is_gate and activation is not keras.activations.linear:
            mean = result.mean()
        scale = float(np.std(result - mean if biases else result))
        if not 1e-6 < scale < 1e6:
            return
        kernels[-1].assign(np.float32(np.asarray(kernels[-1]) / scale))
        if biases:
            bias = np.asarray(biases[-1])
            biases[-1].assign(np.float32(1.0 + (bias - mean) / scale + values(bias.shape, 0.2)))

    def run(operation):
        def call(*args, **kwargs):
            if isinstance(operation, layers.Layer) and operation.weights and id(operation) not in done:
                done.add(id(operation))
                if isinstance(operation, keras.Model):  # nested
                    randomize(operation, args[0] if len(args) == 1 else list(args), seed + len(done))
                else:
                    prepare(operation, args)
                    calibrate(operation, args, kwargs)
            return operation(*args, **kwargs)

        return call

    functional = model._functional if isinstance(model, keras.Sequential) else model
    functional._run_through_graph(inputs, operation_fn=run)


def images(random, shape):
    """Between 0 and 1: waves with some noise, each image with a brightness and contrast of its own."""
    batch, *sizes, channels = shape
    result = np.zeros(shape)
    for image in result:
        for _ in range(6):
            angle = random.uniform(0, 2 * np.pi)
            for axis, size in enumerate(sizes):
                wave = np.linspace(0, random.uniform(0.5, 4) * 2 * np.pi, size)
                angle = angle + wave.reshape([-1 if i == axis else 1 for i in range(len(sizes))])
            image += np.cos(angle)[..., None] * random.uniform(-1, 1, channels)
        image += random.standard_normal(image.shape) * 0.3
        low, high = np.sort(random.uniform(0, 1, 2))
        image -= image.min()
        image *= (0.2 + 0.8 * (high - low)) / image.max()
        image += low * (1 - image.max())
    return result.astype("float32")


def example_inputs(model, seed, samples=SAMPLES):
    random = np.random.default_rng(seed)
    arrays = []
    for tensor in model.inputs:
        shape = [samples] + [25 if size is None else size for size in tensor.shape[1:]]
        if tensor.dtype == "int32":
            array = random.integers(1, 60, shape).astype("int32")
            for i in range(1, samples):  # padding, where a mask makes something of it
                array[i, shape[1] - i * shape[1] // (samples + 1) :] = 0
            arrays.append(array)
        elif len(shape) > 3:
            arrays.append(images(random, shape) * (np.float32(255) if model.name.startswith("efficient") else 1))
        else:
            arrays.append(random.standard_normal(shape).astype("float32"))
    return arrays


def prepared(build, seed):
    """A model with seeded weights, inputs for it, and these as the model takes them."""
    keras.utils.clear_session()
    model = build()
    arrays = example_inputs(model, seed)
    given = arrays if len(arrays) > 1 else arrays[0]
    randomize(model, given, seed)
    return model, arrays, given


def inner_tensors(model):
    """Up to ten tensors of floats spread over the layers."""
    functional = model._functional if isinstance(model, keras.Sequential) else model
    outputs = {id(t) for t in functional.outputs} | {id(t) for t in functional.inputs}
    tensors = []
    for layer in functional.layers:
        tensor = layer.output if len(layer._inbound_nodes) == 1 else None
        if isinstance(tensor, keras.KerasTensor) and id(tensor) not in outputs and "float" in tensor.dtype:
            tensors.append((layer.name, tensor))
    places = np.unique(np.linspace(0, len(tensors) - 1, INNER).astype(int))
    return [tensors[i] for i in places]


# ---- Strata ----


class Failed(Exception):
    pass


def strata(*command):
    """Runs the compiler; its output, seconds and peak memory in MB."""
    begin = time.time()
    process = subprocess.Popen([STRATA, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.communicate()
    seconds = time.time() - begin
    if process.returncode != 0:
        raise Failed(f"strata {' '.join(command)}\n{err[-2000:]}")
    return out, seconds


def peak(*command):
    """As strata, measured in a process of its own."""
    code = "import resource,subprocess,sys; p=subprocess.run(sys.argv[1:],capture_output=True,text=True);" \
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, p.returncode); sys.stderr.write(p.stderr[-2000:])"
    begin = time.time()
    process = subprocess.run([sys.executable, "-c", code, STRATA, *command], capture_output=True, text=True)
    memory, status = process.stdout.split()
    if status != "0":
        raise Failed(f"strata {' '.join(command)}\n{process.stderr}")
    return time.time() - begin, int(memory) / 1024


def signature(path):
    """Names of the inputs and outputs of the model in a file."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    header = text[text.index("model ") :]
    header = header[: header.index("{\n")]
    inputs, outputs = header.split("->")
    names = lambda part: re.findall(r"(\w+): (?:f32|i32|i64|u8|bool)\[", part)
    return names(inputs), names(outputs)


def run_imported(stem, arrays):
    """What the imported model gives, with seconds and memory of compiling and running."""
    inputs, outputs = signature(stem + ".strata")
    command = ["run", stem + ".strata"]
    for name, array in zip(inputs, arrays):
        np.save(f"{stem}.{name}.npy", array)
        command += ["--input", f"{name}={stem}.{name}.npy"]
    for name in outputs:
        command += ["--output", f"{name}={stem}.{name}.npy"]
    cost = peak(*command)
    return [np.load(f"{stem}.{name}.npy") for name in outputs], cost


def totals(stem):
    """Total, trainable and non-trainable parameters."""
    out, _ = strata("summary", stem + ".strata")
    return [int(re.search(kind + r" params: ([\d,]+)", out).group(1).replace(",", ""))
            for kind in ("Total", "Trainable", "Non-trainable")]


def difference(ours, theirs):
    theirs = np.asarray(theirs)
    return float(np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs)))


def variation(output):
    """By how much of the largest the outputs for any two inputs differ, at least."""
    pairs = [(i, j) for i in range(SAMPLES) for j in range(i)]
    return float(min(np.max(np.abs(output[i] - output[j])) for i, j in pairs) / np.max(np.abs(output)))


def compare(title, folder, seed):
    """A row of the table: everything that is measured of one model."""
    model, arrays, given = prepared(MODELS[title], seed)
    inner = inner_tensors(model)
    tensors = list(model.outputs) + [tensor for _, tensor in inner]
    probe = keras.Model(model.inputs, tensors, name="probe")
    expected = [np.asarray(t) for t in probe(given)]
    results = expected[: len(model.outputs)]
    row = {"title": title, "layers": count_layers(model), "input": input_sizes(model)}
    row["varies"] = min(variation(output) for output in results)
    if row["varies"] <= 0.1:
        raise Failed(f"{title}: two inputs give nearly the same output, so that the comparison would show nothing")
    stem = os.path.join(folder, stem_of(title))
    model.save(stem + ".keras")
    row["import"] = peak("import", stem + ".keras", "-o", stem + ".strata")
    count = lambda weights: int(sum(np.prod(w.shape) for w in weights))
    trainable = count(model.trainable_weights)
    row["params"] = [model.count_params(), trainable, model.count_params() - trainable]
    if totals(stem) != row["params"]:
        raise Failed(f"{title}: {totals(stem)} parameters, Keras has {row['params']}")
    outputs, row["run"] = run_imported(stem, arrays)
    row["output"] = max(difference(a, b) for a, b in zip(outputs, results))
    with open(stem + ".strata", encoding="utf-8") as file:
        row["lines"] = sum(1 for _ in file)
    probe.save(stem + "_probe.keras")
    strata("import", stem + "_probe.keras", "-o", stem + "_probe.strata")
    outputs, _ = run_imported(stem + "_probe", arrays)
    row["inner"] = {
        name: difference(a, b)
        for (name, _), a, b in zip(inner, outputs[len(results) :], expected[len(results) :])
    }
    for path in (stem + ".safetensors", stem + "_probe.safetensors", stem + "_probe.keras"):
        os.remove(path)
    return row


def stem_of(title):
    return re.sub(r"\W+", "_", title.lower())


def count_layers(model):
    """With those of nested models in place of the models."""
    return sum(count_layers(layer) if isinstance(layer, keras.Model) else 1 for layer in model.layers)


def input_sizes(model):
    axes = lambda tensor: "x".join("n" if size is None else str(size) for size in tensor.shape[1:])
    return ", ".join(axes(tensor) for tensor in model.inputs)


HEADER = f"""# Parity with Keras

Written by `tools/keras_parity.sh` (Keras {keras.__version__}, backend {keras.backend.backend()}, in float64). Each model is
built in Keras without its classifier's activation; every weight and statistic is replaced by seeded values scaled layer by
layer to unit output variance; and the model is saved, imported by `strata import`, compiled, and run on {SAMPLES} inputs of
which any two must differ in what Keras gives for them by more than a tenth of the largest ("varies": by how much they do).
Totals of parameters (all, trainable, not trainable) are equal. Differences are `max|a - b| / max|b|`, at the outputs and at
up to {INNER} layers between: the largest of them, and where. At most {TOLERANCE:.0e} is accepted. "import" is `strata import`,
"compile and run" one `strata run` on the {SAMPLES} inputs, the weights read; times are of two shared cores.

| model | input | layers | parameters | lines of Strata | varies | output | inner layers | import | compile and run |
|---|---|---:|---:|---:|---:|---:|---|---:|---:|
"""


def record(name, folder, seed):
    """Saves a small model with what it gives: in/<place> and out/<place>."""
    model, arrays, given = prepared(RECORDED[name], seed)
    outputs = model(given)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    model.save(os.path.join(folder, name + ".keras"))
    if name == "residual":  # nested models, shared layers and operations, as Keras 3 writes them in the old form
        model.save(os.path.join(folder, name + ".h5"))
    results = {f"in/{i}": array for i, array in enumerate(arrays)}
    results |= {f"out/{i}": np.float32(output) for i, output in enumerate(outputs)}
    np.savez_compressed(os.path.join(folder, name + ".npz"), **results)


def line(row):
    cost = lambda pair: f"{pair[0]:.1f} s, {pair[1]:.0f} MB"
    worst = max(row["inner"], key=row["inner"].get)
    return (
        f"| {row['title']} | {row['input']} | {row['layers']} | {row['params'][0]:,} | {row['lines']} | {row['varies']:.2f} | "
        f"{row['output']:.1e} | {row['inner'][worst]:.1e} of {len(row['inner'])} (`{worst}`) | {cost(row['import'])} | "
        f"{cost(row['run'])} |\n"
    )


def write_table(path, folder):
    """From the rows of this and earlier runs; nothing while one is missing or too far off."""
    rows = []
    for title in MODELS:
        try:
            with open(os.path.join(folder, stem_of(title) + ".json"), encoding="utf-8") as file:
                rows.append(json.load(file))
        except FileNotFoundError:
            print(f"{path} is not written: {title} has not been compared")
            return
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEADER + "".join(line(row) for row in rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strata", default=os.path.join(ROOT, "build/release/bin/strata"), help="the compiler")
    parser.add_argument("--only", default="", help="regular expression: the models to compare")
    parser.add_argument("--folder", default=os.path.join(tempfile.gettempdir(), "strata-parity"),
                        help="where models, arrays and rows of the table go")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", help="write the table to this file (docs/parity.md)")
    parser.add_argument("--record", metavar="FOLDER", help="only save the small models (tests/numeric/imported)")
    options = parser.parse_args()
    if options.record:
        os.makedirs(options.record, exist_ok=True)
        for name in RECORDED:
            if re.search(options.only, name):
                record(name, options.record, options.seed)
                print(name, flush=True)
        return 0
    global STRATA
    STRATA = options.strata
    os.makedirs(options.folder, exist_ok=True)
    status = 0
    for title in MODELS:
        if not re.search(options.only, title):
            continue
        kept = os.path.join(options.folder, stem_of(title) + ".json")
        if os.path.exists(kept):
            os.remove(kept)
        try:
            row = compare(title, options.folder, options.seed)
            print(line(row), end="", flush=True)
            if not max(row["output"], *row["inner"].values()) <= TOLERANCE:
                raise Failed(f"{title} differs by more than {TOLERANCE}: {row['inner']}")
        except Failed as failure:
            print(f"FAILED {failure}", flush=True)
            status = 1
            continue
        with open(kept, "w", encoding="utf-8") as file:
            json.dump(row, file)
    if options.table:
        write_table(options.table, options.folder)
    return status


if __name__ == "__main__":
    sys.exit(main())
