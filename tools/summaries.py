#!/usr/bin/env python3
"""Records model.summary() of Keras for small Strata programs: the texts that tests/unit/check/summary_test.cpp compares.

One file a case in tests/unit/check/summaries/: the options, the program and the table, each after a line `---`. The models
are built as tools/goldens.py builds them: from the text of the program. Versions: tools/requirements.txt.
"""

import os
import pathlib
import shutil

import goldens
from cases.case import Case, hwc, tf, f

# Case, then the options of summary().
SUMMARIES = [
    # The known figures: 3,328, 19,752 and 2,788.
    (Case("figures-conv2d", hwc(15, 15, 20), "x |> Conv2D(12, 3) |> Conv2D(10, 3) |> Dense(6)"), {}),
    (Case("figures-conv1d", tf(1287, 69), "x |> Conv1D(64, 3) |> Conv1D(32, 3) |> Dense(8)"), {}),
    (Case("figures-conv2d-turned", hwc(20, 15, 15), "x |> Conv2D(12, 3) |> Conv2D(10, 3) |> Dense(6)"), {}),
    (Case("figures-dense", tf(9, 5), "x |> Dense(7)"), {}),
    (Case("figures-time-distributed", tf(9, 5), "x |> TimeDistributed(Dense(7))"), {}),

    *[(Case(f"chain-{name}", hwc(28, 28, 1), """
        return x |> Conv2D(32, 3, activation="relu", name="a_convolution_with_a_rather_long_name")
          |> BatchNormalization() |> MaxPooling2D(2) |> GlobalAveragePooling2D(name="pool") |> Dropout(0.5)
          |> Dense(1000, trainable=False) |> Dense(10, name="d", activation="softmax")"""), options)
      for name, options in {"40": {"line_length": 40}, "60": {"line_length": 60}, "61": {"line_length": 61},
                            "79": {"line_length": 79}, "80": {}, "100": {"line_length": 100}, "wide": {"columns": 200},
                            "71-columns": {"columns": 71}, "trainable": {"show_trainable": True},
                            "trainable-60": {"line_length": 60, "show_trainable": True},
                            "trainable-wide": {"columns": 200, "show_trainable": True}}.items()],
    *[(Case(f"graph-{name}", {"image": hwc(32, 32, 3), "meta": f(7)}, """
        let a = image |> Conv2D(8, 3, padding="same", name="stem") |> BatchNormalization(trainable=False) |> ReLU()
        let b = a |> Conv2D(8, 1, use_bias=False)
        let c = Add()(a, b) |> GlobalAveragePooling2D()
        let shared = Dense(8, activation="relu", name="shared")
        let z = Concatenate(axis=1)(shared(c), shared(meta |> Dense(8)))
        return (Dense(5, name="classes")(z), z |> Dense(4, name="box", trainable=False))"""), options)
      for name, options in {"60": {"line_length": 60}, "80": {}, "93": {"line_length": 93}, "120": {"line_length": 120},
                            "wide": {"columns": 200}, "trainable": {"show_trainable": True},
                            "trainable-77": {"line_length": 77, "show_trainable": True},
                            "trainable-wide": {"columns": 200, "show_trainable": True}}.items()],
    (Case("states", tf(7, 3), """
        let (y, h, c) = LSTM(4, return_sequences=True, return_state=True)(x)
        let (z, s) = GRU(4, return_state=True)(y)
        return (z, Add()(h, s), c)"""), {"columns": 120}),
    (Case("wrappers", tf(7, 3), """
        return x |> Bidirectional(LSTM(4, return_sequences=True)) |> TimeDistributed(Dense(5, trainable=False))
          |> Bidirectional(GRU(3), merge_mode="sum", trainable=False) |> Dense(2)"""), {"show_trainable": True}),
    (Case("any-time", "time: 5|9, features: 4", "x |> Conv1D(8, 3, padding=\"same\") |> GRU(6, return_sequences=True)"), {}),
    (Case("recurrent", tf(7, 3), "x |> SimpleRNN(4, return_sequences=True) |> GRU(4, reset_after=False)"), {}),
    (Case("embedding", "i32 " + "time: 9", "x |> Embedding(20000, 64) |> GlobalAveragePooling1D() |> Dense(2)"), {}),
    (Case("normalizations", f(6), "x |> Normalization(mean=0.5, variance=2.0) |> LayerNormalization() |> PReLU() |> ELU()"),
     {"show_trainable": True}),
    (Case("frozen", f(6), "x |> Dense(4, trainable=False) |> BatchNormalization(trainable=False) |> Dense(3)"),
     {"show_trainable": True}),
    (Case("preprocessing", hwc(9, 9, 3), "x |> Rescaling(0.1) |> RandomFlip() |> SpatialDropout2D(0.1) |> Flatten()"), {}),
    (Case("cells", {"x": f(3), "g": f(5), "h": f(4), "c": f(4)}, """
        let (y, s) = LSTMCell(4)(x, (h, c))
        let z = GRUCell(5)(y, g)
        return (z, Add()(s))"""), {"columns": 120}),
    (Case("stacked-cells", {"x": f(3), "g": f(5), "h": f(4), "c": f(4)}, """
        let (y, s) = StackedRNNCells([GRUCell(5), LSTMCell(4)])(x, (g, (h, c)))
        return (y, Dense(2)(y))"""), {"columns": 120, "show_trainable": True}),
    (Case("rnn", tf(7, 3), """
        return x |> RNN(LSTMCell(4), return_sequences=True)
          |> RNN([GRUCell(3), LSTMCell(4, name="second")], return_sequences=True, name="stack")
          |> RNN(StackedRNNCells([SimpleRNNCell(3), GRUCell(2)], trainable=False))"""), {"show_trainable": True}),
    (Case("rnn-states", tf(7, 3), """
        let (y, s, p) = x |> RNN([GRUCell(5), LSTMCell(4)], return_sequences=True, return_state=True)
        return RNN([GRUCell(5), LSTMCell(4)])(y, initial_state=(s, p))"""), {"columns": 120}),
    (Case("conv-lstm", "time: 4, " + hwc(12, 11, 2), """
        return x |> ConvLSTM2D(4, 3, return_sequences=True) |> TimeDistributed(MaxPooling2D(2))
          |> Bidirectional(ConvLSTM2D(3, 2, return_sequences=True)) |> ConvLSTM2D(2, 2, use_bias=False, return_state=True)"""),
     {}),
    (Case("bidirectional", tf(7, 3), """
        let (y, a, b, c, d) = x |> Bidirectional(LSTM(4, return_sequences=True, return_state=True))
        let (p, q) = Bidirectional(RNN(GRUCell(2)), merge_mode=None)(y)
        let z = Bidirectional(GRU(4), backward_layer=SimpleRNN(4, go_backwards=True))(y)
        return Concatenate()(p, q, z, b)"""), {"columns": 140, "show_trainable": True}),
    (Case("time-distributed", "time: 4, steps: 5, features: 3", """
        return x |> TimeDistributed(Bidirectional(LSTM(4, return_sequences=True))) |> TimeDistributed(TimeDistributed(Dense(2)))
          |> TimeDistributed(LSTM(3)) |> TimeDistributed(Dense(2), trainable=False)"""), {"show_trainable": True}),
    (Case("attention", {"x": tf(7, 8), "v": "steps: 7, features: 8"}, """
        let (y, s) = MultiHeadAttention(2, 4)(x, v, return_attention_scores=True)
        let z = GroupQueryAttention(4, 4, 2, use_gate=True)(y, v)
        return (Attention(use_scale=True)([z, v]), AdditiveAttention()([z, v, v]), s)"""), {"columns": 140}),
    (Case("spectral-normalization", hwc(9, 9, 3), """
        return x |> SpectralNormalization(Conv2D(4, 3)) |> SeparableConv2D(5, 3, trainable=False) |> GroupNormalization(5)
          |> BatchNormalization(renorm=True)"""), {"show_trainable": True}),
    (Case("pieces", {"x": hwc(8, 8, 3), "y": hwc(4, 4, 6)}, """
        let a = x |> Conv2D(6, 3, strides=2, padding="same")
        let b = Conv2D(6, 1, name="shared")
        let c = Maximum()(b(a), b(y), a)
        let d = Dot(axes=(3, 3), normalize=True)(c |> Flatten() |> Reshape((4, 4, 6)), y)
        return (Subtract()(a, y), d)"""), {"columns": 140}),
    (Case("large", f(3000), "x |> Dense(100000, name=\"big\") |> Dense(2)"), {}),
]


def text_of(case, options):
    """The program, and Keras' table for it."""
    model, outputs = goldens.build(case)
    model.name = "m"
    options = dict(options)
    os.environ["COLUMNS"] = str(options.pop("columns", 80))
    # Keras chooses by the terminal's width; what draws the table is not to cut it there.
    chosen = shutil.get_terminal_size().columns
    parts = []
    if "line_length" not in options:
        terminal_size = shutil.get_terminal_size
        shutil.get_terminal_size = lambda *_: os.terminal_size((chosen, 24))
    os.environ["COLUMNS"] = "250"
    model.summary(print_fn=parts.append, **options)
    if "line_length" not in options:
        shutil.get_terminal_size = terminal_size
    symbol = next((axis for entry in goldens.inputs_of(case).values() for axis, sizes in entry.axes.items()
                   if len(sizes) == 2), None)
    size = lambda n: str(n) if n is not None else f"({symbol})"
    results = ", ".join(f"{name}: f32[" + ", ".join(["batch", *(size(n) for n in tensor.shape[1:])]) + "]"
                        for name, tensor in outputs.items())
    axis_text = lambda axis, sizes: f"{axis}: {sizes[0]}" if len(sizes) == 1 else axis
    inputs = ", ".join(f"{name}: {entry.dtype}[batch, " + ", ".join(axis_text(*axis) for axis in entry.axes.items()) + "]"
                       for name, entry in goldens.inputs_of(case).items())
    body = "".join(f"  {line}\n" for line in goldens.lines_of(case))
    return f"model m({inputs}) -> ({results}) {{\n{body}}}\n", "".join(parts)


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / "tests" / "unit" / "check" / "summaries"
    folder.mkdir(exist_ok=True)
    for case, options in SUMMARIES:
        program, table = text_of(case, options)
        given = " ".join(name if value is True else f"{name}={value}" for name, value in options.items())
        (folder / f"{case.name}.txt").write_text(f"{given}\n---\n{program}---\n{table.rstrip(chr(10))}\n")


if __name__ == "__main__":
    main()
