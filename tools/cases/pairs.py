"""Every two values of two arguments of a layer together, in as few cases as a greedy search finds.

Which values are asked for, the test RecordedArguments says from the table of layers."""

import itertools
import math
import random
import re

from cases.case import Case, f, hwc, tf

FLAG = ["False", "True"]


def rows(values, is_possible=lambda row: True):
    """Rows, each a value of every argument, that together have every two values that some possible row has."""
    rng = random.Random(1)
    draw = lambda fixed: {name: fixed.get(name) or rng.choice(choices) for name, choices in values.items()}
    pairs = lambda row: {(a, row[a], b, row[b]) for a, b in itertools.combinations(values, 2)}
    found, left = [], []
    for (a, of_a), (b, of_b) in itertools.combinations(values.items(), 2):
        left += [(a, x, b, y) for x in of_a for y in of_b]
    left = dict.fromkeys(left)
    while left:
        a, x, b, y = next(iter(left))
        candidates = [row for row in (draw({a: x, b: y}) for _ in range(60)) if is_possible(row)]
        if not candidates:
            del left[a, x, b, y]
            continue
        found.append(max(candidates, key=lambda row: len(pairs(row) & left.keys())))
        for pair in pairs(found[-1]):
            left.pop(pair, None)
    return found


DEFAULT = "-"  # the argument is not written


def text(row, skip=()):
    return ", ".join(f"{name}={value}" for name, value in row.items() if value != DEFAULT and name not in skip)


def cases(name, values, build, is_possible=lambda row: True):
    """`build` makes inputs and body of a row, and what else a Case has."""
    return [Case(f"pairs-{name}-{i}", *build(row)) for i, row in enumerate(rows(values, is_possible))]


# --- Where the channels stand -----------------------------------------------------------------------------------------

# The names may say it, or data_format as well.
ORDERS = ["last", "last named", "first", "first named"]
SPACES = {1: {"time": 9}, 2: {"height": 7, "width": 8}, 3: {"depth": 5, "height": 4, "width": 6}}
LONG_NAMES = {1: {"width": 9}, 2: SPACES[2], 3: SPACES[3]}  # of ConvLSTM, where `time` is another axis


def axes_of(order, spaces, channels):
    spatial = [f"{name}: {size}" for name, size in spaces.items()]
    return ", ".join([f"channels: {channels}"] + spatial if "first" in order else spatial + [f"channels: {channels}"])


def order_text(order):
    return {"last": "", "first": "", "last named": ', data_format="channels_last"',
            "first named": ', data_format="channels_first"'}[order]


def image_layer(dims, begin, channels=4, spread=(1.0, 0.0)):
    """A layer over a signal, an image or a volume; `begin` are its first arguments."""
    def build(row):
        more = text(row, ["order", "call"])
        call = f"{row.get('call', begin)}{', ' if more and not row.get('call', begin).endswith('(') else ''}{more}"
        written = order_text(row["order"])
        call += written if not call.endswith("(") else written.removeprefix(", ")
        return axes_of(row["order"], SPACES[dims], channels), f"x |> {call})", *spread
    return build


def is_plain(*sizes):
    return all(size == DEFAULT for size in sizes)


def convolution(dims, layer):
    other = {1: "(2,)", 2: "(1, 2)", 3: "(2, 1, 2)"}[dims]
    padding = ['"valid"', '"same"'] + (['"causal"'] if dims == 1 else [])
    values = {"order": ORDERS, "strides": [DEFAULT, other], "padding": padding, "dilation_rate": [DEFAULT, other],
              "groups": [DEFAULT, "2"], "activation": [DEFAULT, '"relu"'], "use_bias": FLAG}
    return cases(layer.lower(), values, image_layer(dims, f"{layer}(6, 2"),
                 lambda row: is_plain(row["strides"]) or is_plain(row["dilation_rate"]))


def transposed(dims, layer):
    other = {1: "(2,)", 2: "(1, 2)", 3: "(2, 1, 2)"}[dims]
    one = {1: "1", 2: "(0, 1)", 3: "(1, 0, 1)"}[dims]
    values = {"order": ORDERS, "strides": [DEFAULT, other], "padding": ['"valid"', '"same"'],
              "output_padding": [DEFAULT, "0", one], "dilation_rate": [DEFAULT, other],
              "activation": [DEFAULT, '"relu"'], "use_bias": FLAG}
    return cases(layer.lower(), values, image_layer(dims, f"{layer}(3, {3 if dims < 3 else 2}", 3),
                 lambda row: (is_plain(row["strides"]) or is_plain(row["dilation_rate"]))
                 and (row["output_padding"] != one or not is_plain(row["strides"])))


def by_depth(dims, layer, begin):
    other = {1: "(2,)", 2: "(1, 2)"}[dims]
    values = {"order": ORDERS, "strides": [DEFAULT, "2"], "padding": ['"valid"', '"same"'],
              "dilation_rate": [DEFAULT, other], "depth_multiplier": [DEFAULT, "2"], "activation": [DEFAULT, '"relu"'],
              "use_bias": FLAG}
    return cases(layer.lower(), values, image_layer(dims, begin, 3))


def pooling(dims, layer):
    sizes = [{1: "3", 2: "(3, 2)", 3: "(2, 1, 3)"}[dims], DEFAULT if layer.startswith("Max") else "2"]
    values = {"order": ORDERS, "pool_size": sizes,
              "strides": [DEFAULT, {1: "1", 2: "(1, 3)", 3: "(1, 2, 1)"}[dims]], "padding": ['"valid"', '"same"']}
    return cases(layer.lower(), values, image_layer(dims, f"{layer}(", 3, (1.0, 2.0)))


IMAGES = [
    *(case for dims in (1, 2, 3) for case in convolution(dims, f"Conv{dims}D")),
    *(case for dims in (1, 2, 3) for case in transposed(dims, f"Conv{dims}DTranspose")),
    *(case for dims in (1, 2) for case in by_depth(dims, f"DepthwiseConv{dims}D", f"DepthwiseConv{dims}D(3")),
    *(case for dims in (1, 2) for case in by_depth(dims, f"SeparableConv{dims}D", f"SeparableConv{dims}D(5, 3")),
    *(case for dims in (1, 2, 3) for kind in ("Max", "Average") for case in pooling(dims, f"{kind}Pooling{dims}D")),
    *(case for dims in (1, 2, 3) for kind in ("Max", "Average")
      for case in cases(f"global{kind.lower()}pooling{dims}d", {"order": ORDERS, "keepdims": FLAG},
                        image_layer(dims, f"Global{kind}Pooling{dims}D("))),
    *(case for dims in (1, 2, 3) for kind in ("Max", "Average")
      for case in cases(f"adaptive{kind.lower()}pooling{dims}d",
                        {"order": ORDERS, "call": [f"Adaptive{kind}Pooling{dims}D(3", f"Adaptive{kind}Pooling{dims}D(5"]},
                        image_layer(dims, ""))),
    *cases("zeropadding1d", {"order": ORDERS, "padding": [DEFAULT, "(0, 2)"]}, image_layer(1, "ZeroPadding1D(")),
    *cases("zeropadding2d", {"order": ORDERS, "padding": [DEFAULT, "((0, 2), (1, 3))"]}, image_layer(2, "ZeroPadding2D(")),
    *cases("zeropadding3d", {"order": ORDERS, "padding": [DEFAULT, "(0, 1, 2)"]}, image_layer(3, "ZeroPadding3D(")),
    *cases("cropping2d", {"order": ORDERS, "cropping": [DEFAULT, "((0, 2), (1, 3))"]}, image_layer(2, "Cropping2D(")),
    *cases("cropping3d", {"order": ORDERS, "cropping": [DEFAULT, "(0, 1, 2)"]}, image_layer(3, "Cropping3D(")),
    *cases("upsampling2d", {"order": ORDERS, "size": [DEFAULT, "(1, 3)"],
                            "interpolation": ['"nearest"', '"bilinear"', '"bicubic"', '"lanczos3"', '"lanczos5"']},
           image_layer(2, "UpSampling2D(", 2)),
    *cases("upsampling3d", {"order": ORDERS, "size": [DEFAULT, "(1, 3, 2)"]}, image_layer(3, "UpSampling3D(", 2)),
    *cases("centercrop", {"order": ORDERS, "call": ["CenterCrop(4, 5", "CenterCrop(9, 5"]}, image_layer(2, "")),
    *cases("resizing", {"order": ORDERS, "call": ["Resizing(5, 4", "Resizing(10, 9"],
                        "interpolation": ['"nearest"', '"bilinear"', '"bicubic"', '"lanczos3"', '"lanczos5"'],
                        "crop_to_aspect_ratio": FLAG, "pad_to_aspect_ratio": FLAG, "fill_value": [DEFAULT, "0.5"],
                        "antialias": FLAG}, image_layer(2, "", 3),
           lambda row: "True" not in row["crop_to_aspect_ratio"] or "True" not in row["pad_to_aspect_ratio"]),
    *cases("flatten", {"order": ["last", "last named", "first named"], "call": ["Flatten("]}, image_layer(2, "")),
]

# --- What only training does something with: calls one after another, over axes with names of their own ----------------

# Without Equalization: Keras gives the input itself, not a tensor of its own, and then finds a cycle in the model.

TRAINING = {
    "AugMix": ("", {"interpolation": ["bilinear", "nearest"]}),
    "CutMix": ("", {}),
    "MixUp": ("", {}),
    "RandAugment": ("", {"interpolation": ["bilinear", "nearest"]}),
    "RandomBrightness": ("0.2", {}),
    "RandomColorDegeneration": ("0.2", {}),
    "RandomColorJitter": ("", {}),
    "RandomContrast": ("0.2", {}),
    "RandomElasticTransform": ("", {"interpolation": ["bilinear", "nearest"],
                                    "fill_mode": ["constant", "nearest", "reflect", "wrap"]}),
    "RandomErasing": ("", {}),
    "RandomFlip": ("", {"mode": ["horizontal", "vertical", "horizontal_and_vertical"]}),
    "RandomGaussianBlur": ("", {}),
    "RandomGrayscale": ("", {}),
    "RandomHue": ("0.2", {}),
    "RandomInvert": ("", {}),
    "RandomPerspective": ("", {"interpolation": ["bilinear", "nearest"]}),
    "RandomPosterization": ("4", {}),
    "RandomRotation": ("0.2", {"fill_mode": ["constant", "nearest", "reflect", "wrap"],
                               "interpolation": ["bilinear", "nearest"]}),
    "RandomSaturation": ("0.2", {}),
    "RandomSharpness": ("0.2", {}),
    "RandomShear": ("0.2", {"interpolation": ["bilinear", "nearest"],
                            "fill_mode": ["constant", "nearest", "reflect", "wrap"]}),
    "RandomTranslation": ("0.2, 0.1", {"fill_mode": ["constant", "nearest", "reflect", "wrap"],
                                       "interpolation": ["bilinear", "nearest"]}),
    "RandomZoom": ("0.2", {"fill_mode": ["constant", "nearest", "reflect", "wrap"],
                           "interpolation": ["bilinear", "nearest"]}),
    "Solarization": ("", {}),
    "SpatialDropout2D": ("0.2", {}),
}


def training(layer, begin, values):
    values = values | {"data_format": [DEFAULT, "channels_last", "channels_first"]}
    calls = [", ".join(filter(None, [begin, *(f'{name}="{value}"' for name, value in row.items() if value != DEFAULT)]))
             for row in (rows(values) if len(values) > 1 else [{"data_format": each} for each in values["data_format"]])]
    return Case(f"pairs-{layer.lower()}", "rows: 3, columns: 3, kinds: 3",
                "x" + "".join(f"\n          |> {layer}({call})" for call in calls))


TRAINING_ONLY = [training(layer, *arguments) for layer, arguments in TRAINING.items()] + [
    training("SpatialDropout3D", "0.2", {})._replace(inputs="rows: 3, columns: 2, sheets: 3, kinds: 3"),
    Case("pairs-randomcrop", "rows: 3, columns: 4, kinds: 3", """
        x |> RandomCrop(3, 4) |> RandomCrop(3, 4, data_format="channels_last")"""),
    Case("pairs-randomcrop-first", "kinds: 3, rows: 3, columns: 4", 'x |> RandomCrop(3, 4, data_format="channels_first")'),
]

# --- Recurrence -------------------------------------------------------------------------------------------------------

STATES = {"LSTM": ["h", "c"], "GRU": ["h"], "SimpleRNN": ["h"], "ConvLSTM": ["h", "c"]}
# Of the steps: by a mask given to the call, by one that travels, by both (the one given counts).
MASKS = {"mask": ["-", "given"], "travels": ["-", "yes"]}


def applied(row, layer, inputs, states):
    """A call of a recurrent layer with masks and states as the row says."""
    given = []
    inputs = dict(inputs)
    if row["initial_state"] == "given":
        given.append(f"initial_state=[{', '.join(states)}]")
    else:
        inputs = {"x": inputs["x"]}
    if row["mask"] == "given":
        given.append("mask=m")
        inputs["m"] = "bool [mtl] time: 4"
    tensor = "x"
    if row["travels"] == "yes":
        inputs["x"] = "[mls] " + inputs["x"]
        tensor = "Masking()(x)"
    return inputs, f"{layer}({', '.join([tensor, *given])})"


def returned(row, call, states):
    if row["return_state"] != "True":
        return f"return {call}"
    names = ", ".join(["y", *"pq"[:len(states)]])
    return f"let ({names}) = {call}\n        return ({names})"


FLAGS = {"return_sequences": FLAG, "return_state": FLAG, "go_backwards": FLAG, "zero_output_for_mask": FLAG}
GATED = {"activation": [DEFAULT, '"relu"'], "recurrent_activation": [DEFAULT, '"hard_sigmoid"'], "use_bias": FLAG}
CALL = ["initial_state", *MASKS]


def recurrent(layer, values, kind=None, begin="4"):
    states = STATES[kind or layer]
    def build(row):
        call = f"{layer}({begin}, {text(row, CALL)})"
        inputs, call = applied(row, call, {"x": tf(4, 3)} | {state: f(4) for state in states}, states)
        return inputs, "\n        " + returned(row, call, states)
    return cases(layer.lower(), values | FLAGS | {"initial_state": ["-", "given"]} | MASKS, build)


def bidirectional(kind):
    def build(row):
        own = f"return_sequences={row['return_sequences']}, return_state={row['return_state']}"
        backward = f', backward_layer={kind}(4, activation="relu", go_backwards=True, {own})' if row["backward"] == "given" else ""
        layer = f"Bidirectional({kind}(4, {own}), merge_mode={row['merge_mode']}{backward})"
        names = [way + state for way in "ab" for state in STATES[kind]]
        inputs, call = applied(row, layer, {"x": tf(4, 3)} | {name: f(4) for name in names}, names)
        results = ["y"] + (["z"] if row["merge_mode"] == "None" else [])
        results += list("pqrs"[:len(names)]) if row["return_state"] == "True" else []
        names = ", ".join(results)
        return inputs, "\n        " + (f"let ({names}) = {call}\n        return ({names})" if len(results) > 1 else f"return {call}")
    values = {"merge_mode": ['"concat"', '"sum"', '"mul"', '"ave"', "None"], "backward": ["-", "given"],
              "return_sequences": FLAG, "return_state": FLAG, "initial_state": ["-", "given"]} | MASKS
    return cases(f"bidirectional-{kind.lower()}", values, build)


def conv_lstm(dims):
    other = {1: "(2,)", 2: "(1, 2)", 3: "(2, 1, 2)"}[dims]
    def size_of(size, row, axis):
        step = lambda name: 1 if row[name] == DEFAULT else eval(other)[axis]
        covered = size if row["padding"] == '"same"' else size - step("dilation_rate")
        return -(-covered // step("strides"))
    def build(row):
        spaces = LONG_NAMES[dims]
        # With JAX and NumPy, Keras spreads a mask over an image only where the steps are written out; there it forgets
        # zero_output_for_mask, and that a step before the first one is the initial state: no mask is over that.
        unrolled = ", unroll=True" if "given" in row["mask"] or row["travels"] == "yes" else ""
        call = f"ConvLSTM{dims}D(2, 2, {text(row, [*CALL, 'order'])}{order_text(row['order'])}{unrolled})"
        results = {name: size_of(size, row, axis) for axis, (name, size) in enumerate(spaces.items())}
        inputs, call = applied(row, call, {"x": "time: 4, " + axes_of(row["order"], spaces, 2)}
                               | {state: axes_of(row["order"], results, 2) for state in "hc"}, "hc")
        inputs = {name: axes.replace("[mtl]", "[mmm]") for name, axes in inputs.items()}
        if row["travels"] == "yes":  # a mask over the steps alone
            sizes = re.findall(r"\d+", axes_of(row["order"], spaces, 2))
            inputs["x"] = f"[mmm] steps: 4, features: {math.prod(map(int, sizes))}"
            call = call.replace("Masking()(x)", f"TimeDistributed(Reshape(({', '.join(sizes)})))(Masking()(x))")
        return inputs, "\n        " + returned(row, call, "hc")
    values = {"order": ORDERS, "strides": [DEFAULT, other], "padding": ['"valid"', '"same"'], "dilation_rate": [DEFAULT, other],
              **GATED, **FLAGS, "initial_state": ["-", "given"], **MASKS}
    return cases(f"convlstm{dims}d", values, build, lambda row: (row["travels"] == "-" or row["order"] in ("last", "first named"))
                 and (row["zero_output_for_mask"] == "False" or row["mask"] == row["travels"] == "-")
                 and (is_plain(row["strides"]) or is_plain(row["dilation_rate"])))


def cell(layer, values):
    states = STATES[layer]
    def build(row):
        return ({"x": f(3)} | {state: f(4) for state in states},
                f"{layer}Cell(4, {text(row)})(x, [{', '.join(states)}])")
    return cases(f"{layer.lower()}cell", values, build)


RECURRENCE = [
    *recurrent("LSTM", GATED),
    *recurrent("GRU", GATED | {"reset_after": FLAG}),
    *recurrent("SimpleRNN", {"activation": [DEFAULT, '"relu"'], "use_bias": FLAG}),
    *recurrent("RNN", {}, "GRU", "GRUCell(4)"),
    *(case for kind in ("LSTM", "GRU", "SimpleRNN") for case in bidirectional(kind)),
    *(case for dims in (1, 2, 3) for case in conv_lstm(dims)),
    *cell("LSTM", GATED),
    *cell("GRU", GATED | {"reset_after": FLAG}),
    *cell("SimpleRNN", {"activation": [DEFAULT, '"relu"'], "use_bias": FLAG}),
]

# --- Attention --------------------------------------------------------------------------------------------------------

# The first key always counts: of nothing but masked scores, rounding would decide.
def attention(layer, values):
    def build(row):
        inputs = {"q": "query: 3, features: 8", "v": "key: 5, features: 8"}
        lines, given = [], []
        if row["travels"] == "yes":
            inputs = {"q": "[tn] query: 3, features: 8", "v": "[tt] key: 5, features: 8"}
            lines += ["let (q, v) = (Masking()(q), Masking()(v))"]
        if row["mask"] == "given":
            inputs |= {"a": "bool [tt] query: 3", "b": "bool [tn] key: 5"}
            given += ["mask=[a, b]"]
        given += [f"{name}={row[name]}" for name in ("return_attention_scores", "use_causal_mask")]
        own = text(row, [*MASKS, "return_attention_scores", "use_causal_mask"])
        call = f"{layer}({own})([q, v], {', '.join(given)})"
        names = "(y, s)" if row["return_attention_scores"] == "True" else "y"
        lines += [f"let {names} = {call}", f"return {names}"]
        return inputs, "\n        " + "\n        ".join(lines)
    return cases(layer.lower(), values | MASKS | {"return_attention_scores": FLAG, "use_causal_mask": FLAG}, build)


def heads(layer, begin, values):
    """MultiHeadAttention and GroupQueryAttention, each with a key of its own or without."""
    masks = ["query_mask", "value_mask", "key_mask"]
    call_names = ["key", *masks, "attention_mask", "return_attention_scores", "use_causal_mask", "travels"]
    def build(row):
        inputs = {"q": "time: 5, features: 8", "v": "steps: 5, features: 8"}
        lines = []
        given = ["q", "v"]
        if row["key"] == "given":
            inputs["k"] = "steps: 5, features: 7"
            given += ["k"]
        if row["travels"] == "yes":
            for name in list(inputs):
                inputs[name] = "[tn] " + inputs[name]
                lines += [f"let {name} = Masking()({name})"]
        for name in masks:
            if row[name] == "given":
                inputs[name[0] + "m"] = "bool [tt] " + ("time: 5" if name == "query_mask" else "steps: 5")
                given += [f"{name}={name[0]}m"]
        if row["attention_mask"] == "given":
            inputs["a"] = "i32<4 time: 5, steps: 5"
            given += ["attention_mask=cumsum(a, axis=2) < 8"]
        given += [f"{name}={row[name]}" for name in ("return_attention_scores", "use_causal_mask")]
        names = "(y, s)" if row["return_attention_scores"] == "True" else "y"
        lines += [f"let {names} = {layer}({begin}, {text(row, call_names)})({', '.join(given)})", f"return {names}"]
        return inputs, "\n        " + "\n        ".join(lines)
    values = values | {"dropout": [DEFAULT, "0.1"], "use_bias": FLAG, "flash_attention": ["None", "False"],
                       "sliding_window": [DEFAULT, "2"], "use_gate": FLAG}
    values |= {name: ["-", "given"] for name in ["key", *masks, "attention_mask"]}
    values |= {"return_attention_scores": FLAG, "use_causal_mask": FLAG, "travels": ["-", "yes"]}
    # With JAX, Keras takes a `value_dim` of its own only in the way that has dropout.
    return cases(layer.lower(), values, build, lambda row: row.get("value_dim", DEFAULT) == DEFAULT or row["dropout"] != DEFAULT)


ATTENTION = [
    *attention("Attention", {"use_scale": FLAG, "score_mode": ['"dot"', '"concat"']}),
    *attention("AdditiveAttention", {"use_scale": FLAG}),
    *heads("MultiHeadAttention", "2, 3", {"value_dim": [DEFAULT, "4"], "output_shape": [DEFAULT, "6"],
                                          "attention_axes": [DEFAULT, "1"]}),
    *heads("GroupQueryAttention", "3, 4, 2", {}),
]

# --- Layers that pass a mask on: the mean over the steps that count shows it ------------------------------------------

def passing(layer, values, begin="", time=4, features=3):
    """A layer over a sequence whose mask may travel or be given."""
    def build(row):
        inputs = {"x": tf(time, features)}
        tensor = "x"
        if row["travels"] == "yes":
            inputs["x"] = "[mls] " + inputs["x"]
            tensor = "Masking()(x)"
        given = ""
        if row.get("mask") == "given":
            inputs["m"] = f"bool [mtl] time: {time}" + (f", features: {features}" if layer == "Softmax" else "")
            given = ", mask=m"
        call = f"{layer}({', '.join(filter(None, [begin, text(row, MASKS)]))})({tensor}{given})"
        if layer in ("Softmax", "RMSNormalization", "GlobalAveragePooling1D"):  # drop it, or are the mean
            return inputs, call
        return inputs, f"""
        let y = {call}
        return (y, y |> ReLU() |> GlobalAveragePooling1D())"""
    # The mask of a Softmax is over all axes, and none that travels is.
    return cases(f"passing-{layer.lower()}", {"travels": ["-"] if layer == "Softmax" else ["-", "yes"]} | values, build)


GIVEN = {"mask": ["-", "given"]}
NORMALIZED = {"axis": [DEFAULT, "1"], "epsilon": [DEFAULT, "0.1"], "center": FLAG, "scale": FLAG}

PASSING = [
    *passing("BatchNormalization", NORMALIZED | {"renorm": FLAG} | GIVEN),
    *passing("LayerNormalization", NORMALIZED | {"rms_scaling": FLAG}),
    *passing("GroupNormalization", NORMALIZED | {"groups": [DEFAULT, "2"]}, time=32, features=32),
    *passing("UnitNormalization", {"axis": [DEFAULT, "1"]}),
    *passing("RMSNormalization", {"axis": [DEFAULT, "[1, 2]"], "epsilon": [DEFAULT, "0.1"]}),
    *passing("ELU", {"alpha": [DEFAULT, "0.3"]}),
    *passing("LeakyReLU", {"negative_slope": [DEFAULT, "0.1"]}),
    *passing("ReLU", {"max_value": [DEFAULT, "1.0"], "negative_slope": [DEFAULT, "0.1"], "threshold": [DEFAULT, "0.2"]}),
    *passing("PReLU", {"shared_axes": [DEFAULT, "[1]"]}),
    *passing("Softmax", {"axis": [DEFAULT, "1"]} | GIVEN),
    *passing("Rescaling", {"offset": [DEFAULT, "0.5"]}, "2.0"),
    *passing("Masking", {"mask_value": [DEFAULT, "0.5"]}),
    *passing("SpectralNormalization", {"power_iterations": [DEFAULT, "2"]}, "Dense(4)"),
    *passing("Dense", {"use_bias": FLAG}, "4"),
    *passing("TimeDistributed", GIVEN, "Dense(4)"),
    *passing("GlobalAveragePooling1D", {"keepdims": FLAG} | GIVEN),
    *cases("globalaveragepooling1d-first", {"keepdims": FLAG, "written": ORDERS[2:]}, lambda row: (
        {"x": "channels: 3, time: 5", "m": "bool [mtl] time: 5"},
        f"GlobalAveragePooling1D(keepdims={row['keepdims']}{order_text(row['written'])})(x, mask=m)")),
    *passing("Normalization", {"invert": FLAG, "axis": [DEFAULT, "1"]}),
    Case("pairs-normalization-numbers", "[mls] " + tf(4, 3), """
        let y = x |> Masking() |> Normalization(mean=0.5, variance=2.0) |> Normalization(axis=1, mean=[0.5], variance=[2.0])
          |> Normalization(axis=1, mean=0.5, variance=2.0, invert=True)
        return (y, y |> GlobalAveragePooling1D())"""),
    Case("pairs-passing", "[mls] " + tf(4, 3), """
        let y = x |> Masking() |> ActivityRegularization(l1=0.1) |> AlphaDropout(0.2) |> GaussianDropout(0.3)
          |> GaussianNoise(0.1) |> SpatialDropout1D(0.2)
        return (y, y |> GlobalAveragePooling1D())"""),
    Case("pairs-passing-image", "[mls] " + hwc(3, 4, 2), """
        x |> Masking() |> SpatialDropout2D(0.2) |> SpatialDropout2D(0.5, data_format="channels_last") |> Dense(3)"""),
    Case("pairs-passing-image-first", "[mls] channels: 2, height: 3, width: 4", """
        x |> Masking() |> SpatialDropout2D(0.2) |> SpatialDropout2D(0.5, data_format="channels_first") |> ELU()"""),
    Case("pairs-passing-volume", "[mls] depth: 2, " + hwc(3, 4, 2), """
        x |> Masking() |> SpatialDropout3D(0.2) |> SpatialDropout3D(0.5, data_format="channels_last") |> Dense(3)"""),
    Case("pairs-passing-volume-first", "[mls] channels: 2, depth: 2, height: 3, width: 4", """
        x |> Masking() |> SpatialDropout3D(0.2) |> SpatialDropout3D(0.5, data_format="channels_first") |> ELU()"""),
    Case("pairs-categoryencoding-binary", "i32<9 " + f(5), "x |> CategoryEncoding(num_tokens=9, output_mode=\"binary\")"),
    Case("pairs-flashless", tf(5, 8), """
        MultiHeadAttention(2, 3, flash_attention=False)(x, GroupQueryAttention(3, 4, 2, flash_attention=False)(x, x))"""),
]

CASES = IMAGES + TRAINING_ONLY + RECURRENCE + ATTENTION + PASSING
