"""Merges."""

from cases.case import Case, hwc, chw, tf, f

CASES = [
    # Merging
    Case("add", {"a": f(7), "b": f(7)}, "Add()(a, b)"),
    Case("add-list", {"a": hwc(3, 4, 5), "b": hwc(3, 4, 5)}, "Add()([a, b])"),
    Case("add-3", {"a": tf(3, 17), "b": tf(3, 17), "c": tf(3, 17)}, "Add()(a, b, c)"),
    Case("add-itself", f(5), "Add()(x, x)"),
    Case("add-piped", {"a": f(33), "b": f(33)}, "(a, b) |> Add() |> ReLU()"),
    Case("add-conv2d", hwc(6, 5, 3), """
        let a = x |> Conv2D(8, 3, padding="same")
        let b = x |> Conv2D(8, 1)
        return Add()(a, b)"""),
    Case("multiply", {"a": f(33), "b": f(33)}, "Multiply()(a, b)"),
    Case("multiply-3", {"a": hwc(3, 2, 5), "b": hwc(3, 2, 5), "c": hwc(3, 2, 5)}, "Multiply()(a, b, c)"),
    Case("multiply-gate", f(20), """
        let gate = x |> Dense(17, activation="sigmoid")
        return Multiply()(gate, x |> Dense(17))"""),
    Case("multiply-keepdims", hwc(4, 5, 7), "Multiply()(x, x |> GlobalAveragePooling2D(keepdims=True))"),
    Case("concatenate", {"a": f(5), "b": f(7)}, "Concatenate()(a, b)"),
    Case("concatenate-3", {"a": f(1), "b": f(17), "c": f(3)}, "Concatenate(axis=-1)(a, b, c)"),
    Case("concatenate-features", {"a": tf(4, 3), "b": tf(4, 20)}, "Concatenate(axis=features)(a, b)"),
    Case("concatenate-time", {"a": tf(4, 5), "b": tf(2, 5)}, "Concatenate(axis=time)(a, b)"),
    Case("concatenate-channels", {"a": hwc(3, 4, 5), "b": hwc(3, 4, 16)}, "Concatenate(axis=channels)(a, b)"),
    Case("concatenate-axis-1", {"a": hwc(3, 4, 5), "b": hwc(2, 4, 5)}, "Concatenate(axis=1)(a, b)"),
    Case("concatenate-axis-2", {"a": hwc(3, 4, 5), "b": hwc(3, 1, 5), "c": hwc(3, 2, 5)},
         "Concatenate(axis=2)([a, b, c])"),
    Case("concatenate-channels-first", {"a": chw(3, 4, 5), "b": chw(7, 4, 5)}, "Concatenate(axis=channels)(a, b)"),
    Case("concatenate-itself", f(7), "Concatenate()(x, x)"),
    Case("concatenate-conv2d", hwc(6, 5, 3), """
        let a = x |> Conv2D(5, 3, padding="same", activation="relu")
        let b = x |> Conv2D(16, 1)
        let c = x |> MaxPooling2D(3, strides=1, padding="same")
        return Concatenate(axis=channels)(a, b, c)"""),
]
