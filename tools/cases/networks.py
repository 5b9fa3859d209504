"""Several outputs, and small networks."""

from cases.case import Case, hwc, chw, tf, f

CASES = [
    # Several outputs
    Case("outputs-2", f(20), """
        let h = x |> Dense(16, activation="relu")
        return (h |> Dense(3, activation="softmax"), h |> Dense(4))"""),
    Case("outputs-inner", hwc(6, 6, 3), """
        let a = x |> Conv2D(5, 3, activation="relu")
        let b = a |> MaxPooling2D(2)
        return (a, b)"""),

    # Small networks
    Case("net-mlp", f(33), """
        x
        |> Dense(40, activation="relu")
        |> Dropout(0.5)
        |> Dense(20, activation="relu")
        |> Dense(10, activation="softmax")"""),
    Case("net-mlp-normalized", f(17), """
        x
        |> BatchNormalization()
        |> Dense(33, use_bias=False)
        |> BatchNormalization()
        |> Activation("elu")
        |> Dense(16, activation="selu")
        |> LayerNormalization()
        |> Dense(1, activation="sigmoid")"""),
    Case("net-autoencoder", f(40), """
        x |> Dense(16, activation="tanh") |> Dense(3) |> Dense(16, activation="tanh") |> Dense(40)"""),
    Case("net-digits", hwc(8, 8, 1), """
        x
        |> Conv2D(16, 3, padding="same", activation="relu")
        |> MaxPooling2D(2)
        |> Flatten()
        |> Dense(10, activation="softmax")"""),
    Case("net-conv-bn-relu", hwc(12, 10, 3), """
        x
        |> Conv2D(8, 3, padding="same", use_bias=False)
        |> BatchNormalization()
        |> ReLU()
        |> MaxPooling2D(2)
        |> Conv2D(20, 3, use_bias=False)
        |> BatchNormalization()
        |> ReLU()
        |> GlobalAveragePooling2D()
        |> Dense(7, activation="softmax")"""),
    Case("net-lenet", hwc(14, 14, 1), """
        x
        |> Conv2D(6, 5, padding="same", activation="tanh")
        |> AveragePooling2D(2)
        |> Conv2D(16, 5, activation="tanh")
        |> Flatten()
        |> Dense(20, activation="tanh")
        |> Dense(10, activation="softmax")"""),
    Case("net-channels-first", chw(3, 10, 9), """
        x
        |> ZeroPadding2D(1)
        |> Conv2D(8, 3, strides=2, use_bias=False)
        |> BatchNormalization(axis=channels)
        |> ReLU()
        |> DepthwiseConv2D(3, padding="same")
        |> AveragePooling2D(2)
        |> Flatten()
        |> Dense(5)"""),
    Case("net-residual", hwc(7, 6, 8), """
        let a = x
          |> Conv2D(8, 3, padding="same", use_bias=False)
          |> BatchNormalization()
          |> ReLU()
          |> Conv2D(8, 3, padding="same", use_bias=False)
          |> BatchNormalization()
        return Add()(a, x) |> ReLU()"""),
    Case("net-residual-strides-2", hwc(9, 8, 5), """
        let a = x
          |> Conv2D(17, 3, strides=2, padding="same")
          |> BatchNormalization()
          |> ReLU()
          |> Conv2D(17, 3, padding="same")
          |> BatchNormalization()
        let b = x |> Conv2D(17, 1, strides=2, padding="same")
        return Add()(a, b) |> ReLU() |> GlobalMaxPooling2D() |> Dense(3)"""),
    Case("net-preactivation", hwc(6, 6, 5), """
        let a = x |> BatchNormalization() |> ReLU()
        let b = a |> Conv2D(7, 3, padding="same", use_bias=False) |> BatchNormalization() |> ReLU()
        let c = Add()(a |> Conv2D(7, 1), b |> Conv2D(7, 3, padding="same"))
        return c |> GlobalAveragePooling2D() |> Softmax()"""),
    Case("net-squeeze-excite", hwc(5, 6, 16), """
        let s = x
          |> GlobalAveragePooling2D(keepdims=True)
          |> Dense(4, activation="relu")
          |> Dense(16, activation="sigmoid")
        return Multiply()(x, s)"""),
    Case("net-squeeze-excite-conv2d", hwc(5, 5, 3), """
        let a = x |> Conv2D(20, 3, padding="same", activation="silu")
        let s = a
          |> GlobalAveragePooling2D()
          |> Reshape((1, 1, 20)) : [batch, height: 1, width: 1, channels: 20]
          |> Conv2D(5, 1, activation="silu")
          |> Conv2D(20, 1, activation="sigmoid")
        return Multiply()(a, s)"""),
    Case("net-mobilenet-v1", hwc(10, 9, 3), """
        x
        |> Conv2D(8, 3, strides=2, padding="same", use_bias=False)
        |> BatchNormalization()
        |> ReLU(6.0)
        |> DepthwiseConv2D(3, padding="same", use_bias=False)
        |> BatchNormalization()
        |> ReLU(6.0)
        |> Conv2D(16, 1, padding="same", use_bias=False)
        |> BatchNormalization()
        |> ReLU(6.0)
        |> GlobalAveragePooling2D(keepdims=True)
        |> Dropout(0.001)
        |> Conv2D(7, 1, padding="same")
        |> Flatten()
        |> Activation("softmax")"""),
    Case("net-mobilenet-v2", hwc(7, 7, 5), """
        let a = x
          |> Conv2D(20, 1, padding="same", use_bias=False)
          |> BatchNormalization(epsilon=1e-3, momentum=0.999)
          |> ReLU(6.0)
          |> DepthwiseConv2D(3, padding="same", use_bias=False)
          |> BatchNormalization(epsilon=1e-3, momentum=0.999)
          |> ReLU(6.0)
          |> Conv2D(5, 1, padding="same", use_bias=False)
          |> BatchNormalization(epsilon=1e-3, momentum=0.999)
        return Add()(x, a)"""),
    Case("net-inception", hwc(6, 6, 7), """
        let a = x |> Conv2D(5, 1, activation="relu")
        let b = x |> Conv2D(3, 1, activation="relu") |> Conv2D(8, 3, padding="same", activation="relu")
        let c = x |> Conv2D(3, 1, activation="relu") |> Conv2D(4, 5, padding="same", activation="relu")
        let d = x |> AveragePooling2D(3, strides=1, padding="same") |> Conv2D(3, 1)
        let merged = Concatenate(axis=channels)(a, b, c, d)
        return merged |> MaxPooling2D(3, strides=2, padding="same") |> Flatten() |> Dense(5)"""),
    Case("net-densenet", hwc(6, 5, 3), """
        let a = x |> BatchNormalization() |> ReLU() |> Conv2D(4, 3, padding="same", use_bias=False)
        let b = Concatenate(axis=channels)(x, a)
        let c = b |> BatchNormalization() |> ReLU() |> Conv2D(4, 3, padding="same", use_bias=False)
        let d = Concatenate(axis=channels)(b, c)
        return d |> Conv2D(5, 1) |> AveragePooling2D(2)"""),
    Case("net-convnext", hwc(7, 8, 16), """
        let a = x
          |> DepthwiseConv2D(7, padding="same")
          |> LayerNormalization(epsilon=1e-6)
          |> Dense(40, activation="gelu")
          |> Dense(16)
        return Add()(x, a)"""),
    Case("net-mixer", tf(5, 17), """
        let a = x |> LayerNormalization(epsilon=1e-6) |> Dense(33, activation="gelu") |> Dense(17)
        let b = Add()(x, a)
        return b |> LayerNormalization(epsilon=1e-6) |> Flatten() |> Dense(3, activation="softmax")"""),
    Case("net-image-and-features", {"image": hwc(8, 8, 3), "meta": f(7)}, """
        let a = image |> Conv2D(8, 3, strides=2, activation="relu") |> Flatten()
        let b = meta |> Dense(5, activation="relu")
        let h = Concatenate(axis=features)(a, b) |> Dense(16, activation="relu")
        return (h |> Dense(5, activation="softmax"), h |> Dense(4))"""),
]
