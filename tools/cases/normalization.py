"""Normalization."""

from cases.case import Case, hwc, chw, tf, f

CASES = [
    # Normalization
    Case("batchnormalization", f(7), "x |> BatchNormalization()"),
    Case("batchnormalization-rank-3", tf(4, 17), "x |> BatchNormalization()"),
    Case("batchnormalization-rank-4", hwc(3, 4, 20), "x |> BatchNormalization(axis=channels)"),
    Case("batchnormalization-axis-1", chw(5, 3, 4), "x |> BatchNormalization(axis=1)"),
    Case("batchnormalization-axis-name", chw(7, 3, 4), "x |> BatchNormalization(axis=channels)"),
    Case("batchnormalization-axis-height", hwc(5, 4, 3), "x |> BatchNormalization(axis=height)"),
    Case("batchnormalization-axis-minus-2", tf(5, 7), "x |> BatchNormalization(axis=-2)"),
    Case("batchnormalization-epsilon", f(16), "x |> BatchNormalization(epsilon=0.1)"),
    Case("batchnormalization-no-center", f(33), "x |> BatchNormalization(center=False)"),
    Case("batchnormalization-no-scale", f(33), "x |> BatchNormalization(scale=False)"),
    Case("batchnormalization-plain", f(5), "x |> BatchNormalization(center=False, scale=False, momentum=0.9)"),
    Case("batchnormalization-after-dense", f(20), "x |> Dense(17) |> BatchNormalization()"),
    Case("batchnormalization-after-dense-no-bias", f(7), """
        x |> Dense(5, use_bias=False) |> BatchNormalization() |> Activation("relu")"""),
    Case("batchnormalization-after-dense-rank-3-time", tf(5, 7), "x |> Dense(3) |> BatchNormalization(axis=time)"),
    Case("batchnormalization-after-conv2d", hwc(6, 7, 3), """
        x |> Conv2D(16, 3, padding="same") |> BatchNormalization()"""),
    Case("batchnormalization-after-conv2d-no-bias", hwc(6, 5, 5), """
        x |> Conv2D(7, 3, strides=2, use_bias=False) |> BatchNormalization() |> ReLU()"""),
    Case("batchnormalization-after-conv2d-relu", hwc(6, 6, 3), """
        x |> Conv2D(20, 3, activation="relu") |> BatchNormalization()"""),
    Case("batchnormalization-after-conv2d-groups", hwc(5, 5, 6), """
        x |> Conv2D(8, 3, padding="same", groups=2) |> BatchNormalization(epsilon=1e-5)"""),
    Case("batchnormalization-after-conv2d-axis-width", hwc(6, 5, 3), """
        x |> Conv2D(4, 3, padding="same") |> BatchNormalization(axis=width)"""),
    Case("batchnormalization-after-depthwiseconv2d", hwc(6, 6, 5), """
        x |> DepthwiseConv2D(3, padding="same", depth_multiplier=2) |> BatchNormalization() |> ReLU(6.0)"""),
    Case("batchnormalization-after-conv2d-channels-first", chw(3, 6, 7), """
        x |> Conv2D(17, 3) |> BatchNormalization(axis=1) |> ReLU()"""),
    Case("batchnormalization-before-conv2d-same", hwc(5, 6, 7), """
        x |> BatchNormalization() |> Conv2D(5, 3, padding="same")"""),
    Case("batchnormalization-before-dense", f(20), "x |> BatchNormalization() |> Dense(7, activation=\"tanh\")"),
    Case("batchnormalization-twice", hwc(5, 5, 3), """
        x |> Conv2D(5, 3) |> BatchNormalization() |> BatchNormalization(scale=False)"""),
    Case("batchnormalization-on-one-use", hwc(6, 6, 3), """
        let a = x |> Conv2D(5, 3, padding="same")
        let b = a |> BatchNormalization()
        return Add()(a, b)"""),
    Case("batchnormalization-shared-conv2d", {"a": hwc(5, 5, 3), "b": hwc(5, 5, 3)}, """
        let conv = Conv2D(7, 3)
        return Add()(conv(a), conv(b) |> BatchNormalization())"""),
    Case("batchnormalization-maxpooling2d", hwc(6, 6, 3), """
        x |> Conv2D(8, 3, padding="same") |> MaxPooling2D(2) |> BatchNormalization()"""),
    Case("layernormalization", f(20), "x |> LayerNormalization()"),
    Case("layernormalization-rank-3", tf(5, 33), "x |> LayerNormalization()"),
    Case("layernormalization-rank-4", hwc(3, 4, 7), "x |> LayerNormalization(axis=-1)"),
    Case("layernormalization-axis-1", tf(7, 5), "x |> LayerNormalization(axis=1)"),
    Case("layernormalization-channels-first", chw(17, 3, 4), "x |> LayerNormalization(axis=channels)"),
    Case("layernormalization-axes-1-2-3", hwc(3, 4, 5), "x |> LayerNormalization(axis=[1, 2, 3])"),
    Case("layernormalization-axes-minus-2-1", hwc(3, 4, 5), "x |> LayerNormalization(axis=(-2, -1))"),
    Case("layernormalization-axes-1-2", hwc(3, 4, 5), "x |> LayerNormalization(axis=[1, 2])"),
    Case("layernormalization-axes-names", hwc(4, 3, 7), "x |> LayerNormalization(axis=[height, channels])"),
    Case("layernormalization-epsilon", f(16), "x |> LayerNormalization(epsilon=0.25)"),
    Case("layernormalization-small-values", f(40), "x |> LayerNormalization(epsilon=1e-6)", 0.01),
    Case("layernormalization-offset", tf(3, 40), "x |> LayerNormalization()", 1.0, 30.0),
    Case("layernormalization-no-center", f(17), "x |> LayerNormalization(center=False)"),
    Case("layernormalization-no-scale", f(17), "x |> LayerNormalization(scale=False)"),
    Case("layernormalization-plain", tf(3, 7), "x |> LayerNormalization(center=False, scale=False)"),
    Case("layernormalization-dense", tf(4, 20), "x |> LayerNormalization() |> Dense(7, activation=\"gelu\")"),
]
