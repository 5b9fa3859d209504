"""Dense and the layers that only move elements."""

from cases.case import Case, hwc, chw, tf, f

CASES = [
    # Dense
    Case("dense", f(7), "x |> Dense(5)"),
    Case("dense-units-1", f(33), "x |> Dense(1)"),
    Case("dense-features-1", f(1), "x |> Dense(17)"),
    Case("dense-one-by-one", f(1), "x |> Dense(1)"),
    Case("dense-16-16", f(16), "x |> Dense(16)"),
    Case("dense-40-33", f(40), "x |> Dense(33)"),
    Case("dense-129-20", f(129), "x |> Dense(20)"),
    Case("dense-units-100", f(20), "x |> Dense(100)"),
    Case("dense-no-bias", f(20), "x |> Dense(7, use_bias=False)"),
    Case("dense-keyword-units", f(5), "x |> Dense(units=3, activation=\"relu\", use_bias=True)"),
    Case("dense-positional-activation", f(17), "x |> Dense(9, \"relu\")"),
    Case("dense-positional-bias", f(17), "x |> Dense(9, \"tanh\", False)"),
    Case("dense-activation-none", f(5), "x |> Dense(8, activation=None)"),
    Case("dense-relu-no-bias", f(40), "x |> Dense(17, activation=\"relu\", use_bias=False)"),
    Case("dense-softmax", f(20), "x |> Dense(10, activation=\"softmax\")"),
    Case("dense-sigmoid", f(16), "x |> Dense(1, activation=\"sigmoid\")"),
    Case("dense-gelu", f(16), "x |> Dense(33, activation=\"gelu\")"),
    Case("dense-rank-3", tf(6, 7), "x |> Dense(5)"),
    Case("dense-rank-3-softmax", tf(5, 17), "x |> Dense(3, activation=\"softmax\")"),
    Case("dense-rank-3-time-1", tf(1, 20), "x |> Dense(40, activation=\"silu\")"),
    Case("dense-rank-4", hwc(3, 4, 5), "x |> Dense(7)"),
    Case("dense-rank-4-relu", hwc(5, 2, 17), "x |> Dense(20, activation=\"relu\", use_bias=False)"),
    Case("dense-named", f(5), "x |> Dense(4, name=\"logits\")"),
    Case("dense-shared", {"a": f(5), "b": f(5)}, """
        let enc = Dense(7, activation="tanh")
        return Add()(enc(a), enc(b))"""),

    # Permute, RepeatVector, Identity and the merges beside Add, Multiply and Concatenate
    Case("permute", tf(5, 3), "x |> Permute((2, 1))"),
    Case("permute-names", hwc(2, 3, 4), "x |> Permute((channels, height, width))"),
    Case("repeat-vector", f(7), "x |> RepeatVector(3)"),
    Case("identity", f(7), "x |> Identity() |> Dense(3)"),
    Case("subtract", {"a": tf(4, 5), "b": tf(4, 5)}, "Subtract()(a, b)"),
    Case("average", {"a": f(7), "b": f(7), "c": f(7)}, "Average()(a, b, c)"),
    Case("maximum", {"a": f(7), "b": f(7), "c": f(7)}, "Maximum()([a, b, c])"),
    Case("minimum", {"a": tf(4, 5), "b": tf(4, 5)}, "Minimum()(a, b)"),

    # Flatten, Reshape, ZeroPadding2D, Dropout
    Case("flatten", hwc(3, 4, 5), "x |> Flatten()"),
    Case("flatten-rank-2", f(7), "x |> Flatten()"),
    Case("flatten-rank-3", tf(3, 7), "x |> Flatten()"),
    Case("flatten-stored-order", chw(3, 4, 5), "x |> Flatten()"),
    Case("flatten-data-format-first", chw(3, 4, 5), "x |> Flatten(data_format=\"channels_first\")"),
    Case("flatten-data-format-first-dense", chw(7, 3, 2), "x |> Flatten(data_format=\"channels_first\") |> Dense(5)"),
    Case("flatten-dense", hwc(3, 4, 5), "x |> Flatten() |> Dense(7)"),
    Case("reshape", f(24), "x |> Reshape((4, 6))"),
    Case("reshape-flat", hwc(3, 4, 5), "x |> Reshape((-1,))"),
    Case("reshape-guess-first", hwc(4, 5, 6), "x |> Reshape((-1, 6))"),
    Case("reshape-guess-middle", f(40), "x |> Reshape((2, -1, 5))"),
    Case("reshape-list-dense", f(34), "x |> Reshape([2, 17]) |> Dense(3)"),
    Case("reshape-to-image", f(20), """
        x
        |> Dense(48, activation="relu")
        |> Reshape((4, 4, 3)) : [batch, height: 4, width: 4, channels: 3]
        |> Conv2D(5, 3, padding="same")"""),
    Case("zeropadding2d", hwc(4, 5, 3), "x |> ZeroPadding2D()"),
    Case("zeropadding2d-2", hwc(4, 5, 7), "x |> ZeroPadding2D(2)"),
    Case("zeropadding2d-pair", hwc(4, 5, 17), "x |> ZeroPadding2D((1, 2))"),
    Case("zeropadding2d-nested", hwc(4, 5, 5), "x |> ZeroPadding2D(((0, 1), (2, 3)))"),
    Case("zeropadding2d-channels-first", chw(3, 4, 5), "x |> ZeroPadding2D(((1, 0), (0, 2)))"),
    Case("zeropadding2d-conv2d", hwc(8, 7, 3),
         "x |> ZeroPadding2D(((0, 1), (0, 1))) |> Conv2D(16, 3, strides=2)"),
    Case("zeropadding2d-maxpooling2d", hwc(6, 6, 5), "x |> ZeroPadding2D(1) |> MaxPooling2D(3, strides=2)", 1.0, -1.0),
    Case("dropout-dense", f(20), "x |> Dense(16, activation=\"relu\") |> Dropout(rate=0.25) |> Dense(3)"),
]
