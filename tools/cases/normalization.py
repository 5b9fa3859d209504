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
    Case("layernormalization-rms-scaling", tf(3, 17), "x |> LayerNormalization(rms_scaling=True)"),
    Case("layernormalization-rms-scaling-axes", hwc(3, 4, 5), """
        x |> LayerNormalization(axis=[2, 3], epsilon=0.1, rms_scaling=True, center=True, scale=False)""", 1.0, 2.0),
    Case("layernormalization-symbolic-time", {"x": "time: 5|9, features: 7"}, "x |> LayerNormalization()"),

    Case("rmsnormalization", f(20), "x |> RMSNormalization()"),
    Case("rmsnormalization-rank-3", tf(5, 33), "x |> RMSNormalization(epsilon=0.25)"),
    # Keras multiplies by `scale` along the last axes whatever `axis` says, and fails where these are others.
    Case("rmsnormalization-axes", hwc(4, 3, 7), "x |> RMSNormalization(axis=[2, 3])"),
    Case("rmsnormalization-all-axes", hwc(4, 3, 7), "x |> RMSNormalization(axis=[height, width, channels])"),
    Case("rmsnormalization-offset", tf(3, 16), "x |> RMSNormalization(-1, 1e-3)", 0.1, 3.0),
    Case("rmsnormalization-small-values", f(40), "x |> RMSNormalization()", 0.001),
    Case("rmsnormalization-symbolic-time", {"x": "time: 5|9, features: 7"}, "x |> RMSNormalization() |> Dense(3)"),

    Case("unitnormalization", f(20), "x |> UnitNormalization()"),
    Case("unitnormalization-rank-3", tf(5, 33), "x |> UnitNormalization(axis=-1)"),
    Case("unitnormalization-axis-1", tf(7, 5), "x |> UnitNormalization(axis=1)"),
    Case("unitnormalization-channels-first", chw(17, 3, 4), "x |> UnitNormalization(axis=channels)"),
    Case("unitnormalization-axes", hwc(4, 3, 7), "x |> UnitNormalization(axis=[1, 2, 3])", 5.0),
    Case("unitnormalization-relu", tf(3, 2), "x |> ReLU() |> UnitNormalization()"),  # some rows are all zeros
    Case("unitnormalization-symbolic-axis", {"x": "time: 5|9, features: 7"}, "x |> UnitNormalization(axis=time)"),

    Case("groupnormalization", hwc(3, 4, 64), "x |> GroupNormalization()"),
    Case("groupnormalization-groups-3", hwc(3, 4, 6), "x |> GroupNormalization(3)"),
    Case("groupnormalization-instance", hwc(3, 4, 5), "x |> GroupNormalization(groups=-1)"),
    Case("groupnormalization-each", hwc(3, 4, 5), "x |> GroupNormalization(groups=5)"),
    Case("groupnormalization-layer", hwc(3, 4, 5), "x |> GroupNormalization(groups=1)"),
    Case("groupnormalization-rank-2", f(20), "x |> GroupNormalization(4)"),
    Case("groupnormalization-rank-3", tf(5, 33), "x |> GroupNormalization(11, epsilon=0.25)"),
    Case("groupnormalization-channels-first", chw(6, 3, 4), "x |> GroupNormalization(2, axis=channels)"),
    Case("groupnormalization-axis-1", chw(6, 3, 4), "x |> GroupNormalization(3, axis=1)"),
    Case("groupnormalization-axis-minus-2", hwc(3, 8, 5), "x |> GroupNormalization(4, axis=-2)"),
    Case("groupnormalization-axis-height", hwc(8, 3, 5), "x |> GroupNormalization(2, axis=height)"),
    Case("groupnormalization-no-center", hwc(3, 4, 6), "x |> GroupNormalization(2, center=False)"),
    Case("groupnormalization-no-scale", hwc(3, 4, 6), "x |> GroupNormalization(2, scale=False)"),
    Case("groupnormalization-plain", hwc(3, 4, 6), "x |> GroupNormalization(-1, center=False, scale=False)"),
    Case("groupnormalization-conv2d", hwc(6, 5, 3), """
        x |> Conv2D(8, 3, padding="same", use_bias=False) |> GroupNormalization(4) |> ReLU() |> Conv2D(5, 3)"""),
    Case("groupnormalization-symbolic-size", {"x": "height: 4|7, width: 5|3, channels: 6"}, """
        x |> Conv2D(8, 3, padding="same") |> GroupNormalization(2)"""),

    Case("spectralnormalization-dense", f(7), "x |> SpectralNormalization(Dense(5, activation=\"relu\"))"),
    Case("spectralnormalization-conv2d", hwc(6, 5, 3), "x |> SpectralNormalization(Conv2D(4, 3, strides=2), 3)"),
    Case("spectralnormalization-conv1d", tf(7, 3), """
        x |> SpectralNormalization(Conv1D(4, 3, use_bias=False), power_iterations=2) |> Dense(3)"""),
    Case("spectralnormalization-embedding", "i32<20 time: 6", "x |> SpectralNormalization(Embedding(20, 5))"),
    Case("spectralnormalization-twice", f(7), """
        x |> SpectralNormalization(Dense(5), name="first") |> Dense(3) |> SpectralNormalization(Dense(2))"""),
]
