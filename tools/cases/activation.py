"""Activations."""

from cases.case import Case, hwc, chw, tf, f

ACTIVATIONS = """linear relu relu6 sigmoid tanh softmax softplus elu selu gelu silu swish leaky_relu hard_sigmoid
                 exponential""".split()

CASES = [
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
]
