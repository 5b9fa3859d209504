#!/usr/bin/env python3
"""Records what Keras computes for small Strata programs: the numbers the numeric tests compare with.

One compressed .npz a case, in tests/numeric/goldens/:
  program               the Strata source, UTF-8 bytes as uint8
  weights/<Keras path>  float32, e.g. weights/conv2d/kernel
  <i>/in/<input>        i = 0, 1 are two independent inputs, of different batch size
  <i>/out/<output>

A case is one entry of a table in tools/cases/: the inputs' axes and the body of the model. A layer call is the same text in
Strata and in Python, so the body goes into the program as it stands and is also what builds the Keras model: there is
one description, not two that can drift apart.

Keras computes in float64, from weights and inputs that are exact in float32, so a recorded value is the right one
rounded once. All weights are seeded by the case's name; running again gives the same bytes. Versions:
tools/requirements.txt. Run by hand when the table changes, never by the tests.

KERAS_BACKEND=numpy computes the same numbers without compiling each model, which is quicker by far where there are loops. Keras
then finds masks by the addresses of arrays, which are used again once an array is freed: a mask may be lost, or another
tensor's. So cases with masks are recorded with JAX alone, which is the default also for the assurance that nothing is computed
in float32.
"""

import argparse
import collections
import fnmatch
import inspect
import math
import os
import pathlib
import re
import sys
import warnings
import zlib

os.environ.setdefault("KERAS_BACKEND", "jax")  # TensorFlow on a CPU lacks channels-first and grouped convolutions
os.environ.setdefault("JAX_ENABLE_X64", "1")

import jax
import keras
import numpy as np
from keras.src.backend.common import dtypes

from cases import CASES

# With JAX, Keras' type promotion turns float64 into float32 (in tanh, both normalizations, every mean). Not here;
# `numbers` holds it to that.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"


class WideNumpy:
    """numpy, but float64 wherever float32 is asked for: attention rounds to that before its softmax."""
    def __getattr__(self, name):
        return getattr(np, "float64" if name == "float32" else name)


jax._src.nn.functions.np = WideNumpy()
if keras.backend.backend() == "numpy":
    sys.modules["keras.src.backend.numpy.nn"].np = WideNumpy()

LAYERS = sorted(name for name, layer in vars(keras.layers).items() if isinstance(layer, type))
# Strata reads the order from the axis names; on inputs with the channels first Keras must be told. Flatten keeps the
# stored order unless it is told.
ORDERED = {name for name in LAYERS
           if name != "Flatten" and "data_format" in inspect.signature(getattr(keras.layers, name)).parameters}
# Layers that take their tensors one by one, not as a list.
TENSOR_BY_TENSOR = {"MultiHeadAttention", "GroupQueryAttention"}


# --- From a case to a Strata program and a Keras model ----------------------------------------------------------------

def lines_of(case):
    """The body's lines, indented as in a program; a lone expression becomes a `return`."""
    lines = [line[8:] if line.startswith("        ") else line for line in case.body.strip("\n").split("\n")]
    if not any(line.startswith("return") for line in lines):
        lines = ["return " + lines[0]] + ["  " + line for line in lines[1:]]
    return lines


DTYPES = {"f32": "float64", "i8": "int8", "u8": "uint8", "i32": "int32", "i64": "int64", "bool": "bool"}
# Of an input: its element type, the limit that its integers stay below (None: none), the sizes of its axes (two where the
# calls differ and the axis is symbolic), and which steps of each sample are padding (None: none), of which value.
Input = collections.namedtuple("Input", "dtype limit axes padding fill")


def inputs_of(case):
    """Inputs by name, from "height: 9, width: 8", "i32 features: 5" and "i32<20 [tlm] time: 5|7"."""
    inputs = case.inputs if isinstance(case.inputs, dict) else {"x": case.inputs}
    result = {}
    for name, text in inputs.items():
        typed = re.match(r"(i8|u8|i32|i64|bool|f32)(?:<(\d+))? ", text)
        padded = re.search(r"\[([tlmsan]+)(?:=([-.\d]+))?\] ", text)
        axes = {axis: tuple(map(int, sizes.split("|"))) for axis, sizes in re.findall(r"(\w+): ([\d|]+)", text)}
        result[name] = Input(typed[1] if typed else "f32", int(typed[2]) if typed and typed[2] else None, axes,
                             padded[1] if padded else None, float(padded[2] or 0) if padded else None)
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
        inner = lambda value: [inner(item) for item in value] if isinstance(value, list) else getattr(value, "layer", value)
        layer = getattr(keras.layers, name)(*map(inner, args), **{key: inner(value) for key, value in kwargs.items()})

        def apply(*tensors, **call):
            if "Cell" in name:  # a step and its states
                return layer(*tensors, **call)
            if name in TENSOR_BY_TENSOR:
                result = layer(*tensors, **call)
            else:
                given = tensors[0] if len(tensors) == 1 else tensors
                result = layer(list(given) if isinstance(given, tuple) else given, **call)
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
               stack transpose reshape matmul one_hot logical_and logical_or logical_not celu elu gelu glu hard_shrink
               hard_sigmoid hard_silu hard_tanh leaky_relu log_sigmoid log_softmax relu6 selu silu soft_shrink softmax
               softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus tanh_shrink threshold""".split()


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
    channels_first = "channels" in axes[:-1]
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
    outputs = keras.tree.flatten(result)
    return keras.Model(list(tensors.values()), outputs), dict(zip("yzuvwpqrs", outputs))


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
    # As computed: Keras' own record of a type can differ (SpectralNormalization around an Embedding).
    result_types = {name: names.get(str(arrays[f"0/out/{name}"].dtype), "i32") for name in outputs}
    result_types = {name: "i32" if dtype == "i64" else dtype for name, dtype in result_types.items()}
    shapes = {name: list(zip(*(arrays[f"{i}/out/{name}"].shape[1:] for i in (0, 1)))) for name in outputs}
    results = ", ".join(f"{name}: {result_types[name]}[" + ", ".join(["batch", *(size_text(case, sizes) for sizes in shape)]) + "]"
                        for name, shape in shapes.items())
    body = "".join(f"  {line}\n" for line in lines_of(case))
    where = f" where {case.where}" if case.where else ""
    return f"model m({inputs}) -> ({results}){where} {{\n{body}}}\n"


# --- Numbers ----------------------------------------------------------------------------------------------------------

def weight_value(rng, path, shape):
    """Seeded values for a weight, of a size that keeps activations near one; never a value that hides a mistake."""
    kind = path.split("/")[-1]
    if kind in ("moving_variance", "variance", "renorm_stddev", "moving_stddev"):
        value = rng.uniform(0.25, 2.0, shape)
    elif kind in ("gamma", "scale", "concat_score_weight"):
        value = rng.normal(1.0, 0.5, shape)  # some negative: folding must not assume a sign
    elif kind == "embeddings":
        value = rng.normal(0.0, 1.0, shape)
    elif kind in ("kernel", "recurrent_kernel", "depthwise_kernel", "pointwise_kernel"):
        depthwise = "depthwise" in path
        value = rng.normal(0.0, 1.2 / math.sqrt(math.prod(shape[:2] if depthwise else shape[:-1])), shape)
    elif kind == "count":
        value = np.array(7.0)
    else:
        assert kind in ("bias", "beta", "moving_mean", "mean", "renorm_mean", "alpha", "vector_u"), path
        value = rng.normal(0.0, 0.5, shape)
    return value.astype(np.float32)


def record(case):
    """All arrays of a case, by their names in the file."""
    if keras.backend.backend() == "numpy" and re.search(r"mask_zero|Masking\(|mask=", case.body):
        raise SystemExit(f"{case.name} has masks, which KERAS_BACKEND=numpy may lose: record it with JAX")
    model, outputs = build(case)
    for attempt in range(10):
        rng = np.random.default_rng([zlib.crc32(case.name.encode()), attempt])
        arrays = numbers(case, model, outputs, rng)
        program = program_of(case, arrays, outputs)
        arrays = {"program": np.frombuffer(program.encode(), np.uint8)} | arrays
        fault = fault_of(case, outputs, arrays)
        if not fault:
            return program, arrays
    raise SystemExit(f"{case.name}: {fault}")


def steps_of_padding(rng, padding, shape):
    """Which steps of [batch, time, ...] are padding; see cases/case.py for the letters, one a sample."""
    batch, time = shape[:2]
    steps = np.zeros((batch, time), bool)
    for sample in range(batch):
        kind = padding[sample % len(padding)]
        length = 1 + int(rng.integers(0, max(1, time // 2)))
        begin = {"t": time - length, "l": 0, "m": (time - length + 1) // 2, "a": 0, "s": 0, "n": 0}[kind]
        if kind == "s":
            steps[sample, rng.permutation(time)[:length]] = True
        elif kind != "n":
            steps[sample, begin:time if kind == "a" else begin + length] = True
    return steps


def numbers(case, model, outputs, rng):
    """Seeded weights and inputs, and what Keras makes of them."""
    arrays = {}
    for weight in model.weights:
        value = weight_value(rng, weight.path, tuple(weight.shape))
        weight.assign(value.astype(np.float64))
        arrays[f"weights/{weight.path}"] = value
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # what it computes with is made from its weights

    paddings = [entry.padding for entry in inputs_of(case).values() if entry.padding]
    batches = (len(paddings[0]), len(paddings[0]) + 1) if paddings else rng.permutation([1, 2, 3, 5])[:2]
    for i, batch in enumerate(batches):
        values = []
        for name, (dtype, limit, axes, padding, fill) in inputs_of(case).items():
            shape = (batch, *(sizes[i % len(sizes)] for sizes in axes.values()))
            if limit:
                value = rng.integers(1 if padding else 0, limit, shape).astype(DTYPES[dtype])
            elif dtype == "bool" and padding:
                value = np.ones(shape, bool)
            else:
                value = rng.normal(case.shift, case.scale, shape).astype(np.float32)
            if dtype != "f32" and not limit and value.dtype != bool:
                ends = (0, 1) if dtype == "bool" else (np.iinfo(DTYPES[dtype]).min, np.iinfo(DTYPES[dtype]).max)
                value = np.clip(np.rint(value), *ends).astype(DTYPES[dtype])
            if padding:
                value[steps_of_padding(rng, padding, shape)] = fill
            arrays[f"{i}/in/{name}"] = value
            values.append(value.astype(DTYPES[dtype]))
        # Stateless: Keras draws seeds for dropout masks even where it does not use them.
        variables = [[v.value for v in vs] for vs in (model.trainable_variables, model.non_trainable_variables)]
        run = lambda tensors: model.stateless_call(*variables, tensors, training=False)[0]
        if keras.backend.backend() == "jax":
            run = jax.jit(run)
            # Of integers Keras computes a mean in float32, as Strata does.
            is_float = all(entry.dtype == "f32" for entry in inputs_of(case).values())
            # JAX finds nearest elements with positions in float32, on purpose.
            in_float32 = "f32[" in str(run.trace(values).jaxpr) and '"nearest"' not in case.body
            assert not is_float or not in_float32, f"{case.name}: computed in float32 somewhere"
        results = run(values)
        for name, result in zip(outputs, results if isinstance(results, (list, tuple)) else [results]):
            result = np.asarray(result)
            is_float = np.issubdtype(result.dtype, np.floating)
            wide = result.dtype in (np.int64, np.uint32, np.uint64, np.int16, np.uint16)
            arrays[f"{i}/out/{name}"] = result.astype(np.float32 if is_float else np.int32 if wide else result.dtype)
    return arrays


def fault_of(case, outputs, arrays):
    """Why these numbers would let a wrong compiler pass (constant, mostly zero, not of the input), or None."""
    for name, tensor in outputs.items():
        first, second = (arrays[f"{i}/out/{name}"] for i in (0, 1))
        for out in (first, second):
            # Keras' own record of Activation("glu") has the shape of the input.
            is_same = all(a == b or b is None for a, b in zip(out.shape[1:], tensor.shape[1:], strict=True))
            assert is_same or '"glu"' in case.body, out.shape
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
    for layer in sorted(uses):
        print(f"{layer:24}{uses[layer]:6}{sizes[layer]:10}")
    print(f"{'all cases':24}{count:6}{total:10}")
    for path in sorted(args.out.glob("*.npz")):
        if path.stem not in names:
            print(f"no case of the table made {path.name}: delete it?")


if __name__ == "__main__":
    main()
