"""Activations."""

from cases.case import Case, hwc, chw, dhwc, tf, f

ACTIVATIONS = """linear relu relu6 sigmoid tanh softmax softplus elu selu gelu silu swish leaky_relu hard_sigmoid
                 exponential celu hard_shrink hard_silu hard_swish hard_tanh log_sigmoid log_softmax mish soft_shrink
                 softsign sparse_plus sparse_sigmoid squareplus tanh_shrink""".split()

# The functions that take their tensor alone, and those with more.
PLAIN = """hard_sigmoid hard_silu hard_tanh log_sigmoid relu6 selu silu softplus softsign sparse_plus sparse_sigmoid
           tanh_shrink celu elu gelu hard_shrink leaky_relu soft_shrink squareplus""".split()

# Every layer with an activation, with each of them side by side: the layer up to the argument, and its inputs.
ACTIVATED = {
    "dense": ("Dense(3", f(7)),
    "einsum-dense": ('EinsumDense("ab,bc->ac", 3, bias_axes="c"', f(7)),
    "conv1d": ("Conv1D(3, 2", tf(4, 3)),
    "conv2d": ("Conv2D(3, 2", hwc(3, 3, 2)),
    "conv3d": ("Conv3D(3, 2", dhwc(2, 3, 2, 2)),
    "conv1d-transpose": ("Conv1DTranspose(3, 2", tf(3, 3)),
    "conv2d-transpose": ("Conv2DTranspose(3, 2", hwc(2, 2, 2)),
    "conv3d-transpose": ("Conv3DTranspose(3, 2", dhwc(1, 2, 1, 2)),
    "depthwise-conv1d": ("DepthwiseConv1D(2", tf(4, 3)),
    "depthwise-conv2d": ("DepthwiseConv2D(2", hwc(3, 3, 3)),
    "separable-conv1d": ("SeparableConv1D(3, 2", tf(4, 3)),
    "separable-conv2d": ("SeparableConv2D(3, 2", hwc(3, 3, 3)),
    "lstm": ("LSTM(3", tf(3, 2)),
    "lstm-recurrent": ("LSTM(3, recurrent", tf(3, 2)),
    "gru": ("GRU(3", tf(3, 2)),
    "gru-recurrent": ("GRU(3, recurrent", tf(3, 2)),
    "simple-rnn": ("SimpleRNN(3", tf(3, 2)),
    "conv-lstm1d": ("ConvLSTM1D(2, 2", "time: 2, width: 3, channels: 2"),
    "conv-lstm1d-recurrent": ("ConvLSTM1D(2, 2, recurrent", "time: 2, width: 3, channels: 2"),
    "conv-lstm2d": ("ConvLSTM2D(2, 2", "time: 2, " + hwc(3, 2, 2)),
    "conv-lstm2d-recurrent": ("ConvLSTM2D(2, 2, recurrent", "time: 2, " + hwc(3, 2, 2)),
    "conv-lstm3d": ("ConvLSTM3D(2, 2", "time: 2, " + dhwc(2, 3, 2, 1)),
    "conv-lstm3d-recurrent": ("ConvLSTM3D(2, 2, recurrent", "time: 2, " + dhwc(2, 3, 2, 1)),
    "lstm-cell": ("LSTMCell(3", {"x": f(3), "h": f(3), "c": f(3)}),
    "lstm-cell-recurrent": ("LSTMCell(3, recurrent", {"x": f(3), "h": f(3), "c": f(3)}),
    "gru-cell": ("GRUCell(3", {"x": f(3), "h": f(3)}),
    "gru-cell-recurrent": ("GRUCell(3, recurrent", {"x": f(3), "h": f(3)}),
    "simple-rnn-cell": ("SimpleRNNCell(3", {"x": f(3), "h": f(3)}),
}


def activated(name, begin, inputs):
    states = ", ".join(inputs)[3:] if isinstance(inputs, dict) else ""
    argument = "_activation" if begin.endswith("recurrent") else ", activation"
    lines = []
    for i, activation in enumerate([*ACTIVATIONS, "sparsemax"]):
        call = f'{begin}{argument}="{activation}")'
        lines += [f"let (a{i}, s{i}) = {call}(x, [{states}])" if states else f"let a{i} = x |> {call}"]
    lines += [f"return Concatenate()({', '.join(f'a{i}' for i in range(len(ACTIVATIONS) + 1))})"]
    return Case(f"activated-{name}", inputs, "\n        " + "\n        ".join(lines), 0.7)


CASES = [
    *(activated(name, *row) for name, row in ACTIVATED.items()),
    Case("activation-glu", hwc(3, 4, 6), "x |> Activation(\"glu\")", 2.0),

    # Activations
    *[Case(f"activation-{name.replace('_', '-')}", f(33), f"x |> Activation(\"{name}\")", 3.0)
      for name in ACTIVATIONS],
    # All but a few results are 0 where elements differ by more.
    Case("activation-sparsemax", f(5), "x |> Activation(\"sparsemax\")", 0.15),
    *[Case(f"activation-{name.replace('_', '-')}-large", tf(4, 17), f"x |> Activation(\"{name}\")", 40.0)
      for name in ["sigmoid", "tanh", "softmax", "softplus", "elu", "gelu", "silu", "celu", "log_sigmoid", "log_softmax",
                   "mish", "softsign", "squareplus"]],
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
    Case("dense-log-softmax", f(20), "x |> Dense(10, activation=\"log_softmax\")", 2.0),
    Case("dense-sparsemax", f(7), "x |> Dense(5, activation=\"sparsemax\") |> Dense(3)", 0.3),
    Case("lstm-hard-silu", tf(5, 7), "x |> LSTM(6, activation=\"hard_silu\", recurrent_activation=\"hard_sigmoid\")"),

    Case("elu", f(33), "x |> ELU()", 2.0),
    Case("elu-alpha", hwc(3, 5, 7), "x |> ELU(alpha=0.3)", 2.0),
    Case("elu-alpha-negative", f(17), "x |> ELU(-0.5)", 2.0),
    Case("prelu", f(33), "x |> PReLU()"),
    Case("prelu-rank-4", hwc(3, 5, 7), "x |> PReLU()"),
    Case("prelu-shared", hwc(3, 5, 7), "x |> PReLU(shared_axes=[height, width])"),
    Case("prelu-shared-one", hwc(3, 5, 7), "x |> PReLU(shared_axes=[2])"),
    Case("prelu-shared-int", tf(5, 7), "x |> PReLU(shared_axes=2)"),
    Case("prelu-shared-all", chw(3, 5, 4), "x |> PReLU(shared_axes=[1, 2, 3])"),
    Case("prelu-any-time", "time: 5|9, features: 7", "x |> PReLU(shared_axes=[time])"),
    Case("prelu-conv", hwc(6, 5, 3), "x |> Conv2D(7, 3) |> PReLU(shared_axes=[1, 2])"),

    # The functions of keras.ops
    *[Case(f"fn-{name.replace('_', '-')}", tf(3, 11), f"{name}(x)", 3.0) for name in PLAIN],
    Case("fn-celu-alpha", f(33), "celu(x, alpha=0.4)", 2.0),
    Case("fn-elu-alpha", f(33), "elu(x, alpha=1.7)", 2.0),
    Case("fn-gelu-exact", f(33), "gelu(x, approximate=False)", 2.0),
    Case("fn-gelu-approximate", f(33), "gelu(x, True)", 2.0),
    Case("fn-glu", f(18), "glu(x)", 2.0),
    Case("fn-glu-axis", hwc(4, 5, 3), "glu(x, axis=1)", 2.0),
    Case("fn-glu-any-time", "time: 4|6, features: 3", "glu(x, axis=time)", 2.0),
    Case("fn-hard-shrink-threshold", f(33), "hard_shrink(x, threshold=1.5)", 2.0),
    Case("fn-leaky-relu-slope", f(33), "leaky_relu(x, negative_slope=1.5)", 2.0),
    Case("fn-log-softmax", f(33), "log_softmax(x)", 2.0),
    Case("fn-log-softmax-axis", hwc(4, 5, 3), "log_softmax(x, axis=1)", 2.0),
    Case("fn-log-softmax-axes", hwc(4, 5, 3), "log_softmax(x, axis=(1, 2))", 2.0),
    Case("fn-soft-shrink-threshold", f(33), "soft_shrink(x, 1.0)", 2.0),
    Case("fn-softmax", f(33), "softmax(x)", 2.0),
    Case("fn-softmax-axes", hwc(4, 5, 3), "softmax(x, axis=(2, 3))", 2.0),
    Case("fn-sparsemax", tf(3, 5), "sparsemax(x)", 0.15),
    Case("fn-sparsemax-axis", hwc(5, 3, 4), "sparsemax(x, axis=1)", 0.15),
    Case("fn-sparsemax-large", tf(3, 11), "sparsemax(x) + x", 5.0),
    Case("fn-squareplus-b", f(33), "squareplus(x, b=0.5)", 2.0),
    Case("fn-threshold", f(33), "threshold(x, 0.25, -3.0)", 2.0),
]
