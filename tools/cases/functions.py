"""The functions of keras.ops. `scale` and `shift` of integers are rounded."""

from cases.case import Case, hwc, tf, f

CASES = [
    # Functions. An element type before the axes: "i32 time: 3". `scale` and `shift` of integers likewise, rounded.
    Case("fn-add", {"a": tf(3, 5), "b": tf(3, 5)}, "a + b * 2.0 - 1.5"),
    Case("fn-divide", tf(3, 5), "x / (x * x + 0.5) - 1.0 / (2.0 + abs(x))"),
    Case("fn-divide-size", tf(3, 5), "sum(x, axis=time) / x.time"),
    Case("fn-negative-power", f(17), "-x ** 3 + abs(x) ** 1.5 + x ** 2"),
    Case("fn-floor-divide", f(33), "x // 0.75 + x % 0.75", 3.0),
    Case("fn-floor-divide-i32", {"a": "i32 " + tf(5, 7), "b": "i32 " + tf(5, 7)}, """
        let d = 2 * abs(b) + 1
        return (a // d, a % d, -a // d)""", 20.0),
    Case("fn-arithmetic-u8", {"a": "u8 " + tf(3, 7), "b": "u8 " + tf(3, 7)}, "a + b * 3 - 7", 60.0, 100.0),
    Case("fn-power-i32", "i32 " + f(9), "x ** 3 - x ** 2", 9.0),
    Case("fn-abs-exp-log", f(17), "exp(-abs(x)) + log(abs(x) + 0.5) + expm1(x * 0.1) + log1p(abs(x))"),
    Case("fn-roots", f(17), "sqrt(abs(x)) + rsqrt(square(x) + 0.5)"),
    Case("fn-sign", f(17), "sign(x) + x"),
    Case("fn-sign-u8", "u8 " + f(17), "sign(x) + x", 60.0, 40.0),
    Case("fn-sign-i32", "i32 " + f(17), "sign(x) * 7 + abs(x) - square(x)", 2.0),
    Case("fn-sin-cos", tf(3, 17), "sin(x) * cos(2 * x)", 4.0),
    Case("fn-sin-large", f(33), "sin(x)", 1000.0),
    Case("fn-cos-large", f(33), "cos(x)", 1000.0),
    Case("fn-tanh-sigmoid-relu-erf", f(33), "tanh(x) + sigmoid(x) - relu(x) + erf(x)", 2.0),
    Case("fn-maximum-minimum", {"a": tf(3, 5), "b": tf(3, 5)}, "maximum(a, b) - minimum(a, 0.25)"),
    Case("fn-clip", f(17), "clip(x, -0.5, 1.0)"),
    Case("fn-clip-i32", "i32 " + f(17), "clip(x, -3, 4)", 5.0),
    Case("fn-rounding", f(33), "floor(x) + 10.0 * ceil(x) + 100.0 * round(x)", 3.0),
    Case("fn-where", {"a": tf(3, 5), "b": tf(3, 5)}, "where(a > b, a * 2.0, -1.0)"),
    Case("fn-comparisons", {"a": tf(3, 5), "b": tf(3, 5)}, "(a < b, a <= 0.5, a > b, a >= -0.5)"),
    Case("fn-logical", {"a": tf(3, 5), "b": tf(3, 5)},
         "where(logical_or(logical_and(a > 0, b > 0), logical_not(a > -0.5)), a, b)"),
    Case("fn-cast-i32", f(33), "i32(x) + 1", 10.0),
    Case("fn-cast-u8", "i32 " + f(33), "u8(x)", 100.0, 120.0),
    Case("fn-cast-bool", "i32 " + f(33), "f32(bool(x)) + 0.5 * f32(x)", 1.0),
    Case("fn-sum", hwc(3, 4, 5), "sum(x, axis=[height, width])"),
    Case("fn-sum-keepdims", hwc(3, 4, 5), "x - sum(x, axis=-1, keepdims=True)"),
    Case("fn-sum-u8", "u8 " + tf(5, 7), "sum(x, axis=time)", 60.0, 100.0),
    Case("fn-sum-bool", tf(5, 7), "sum(x > 0.0, axis=features)"),
    Case("fn-mean", hwc(3, 4, 5), "mean(x, axis=(1, 2), keepdims=True)"),
    Case("fn-mean-i32", "i32 " + tf(5, 7), "mean(x, axis=1)", 20.0),
    Case("fn-max-min", tf(5, 7), "max(x, axis=time) - min(x, axis=1)"),
    Case("fn-max-i32", "i32 " + tf(5, 7), "max(x, axis=-1, keepdims=True) - min(x, axis=features, keepdims=True)", 20.0),
    Case("fn-prod", tf(3, 7), "prod(x, axis=time)"),
    Case("fn-prod-u8", "u8 " + tf(3, 7), "prod(x, axis=time)", 20.0, 30.0),
    Case("fn-var-std", tf(9, 5), "(var(x, axis=time), std(x, axis=-1, keepdims=True))", 2.0, 100.0),
    Case("fn-var-i32", "i32 " + tf(9, 5), "(var(x, axis=time), std(x, axis=time))", 20.0, 5.0),
    Case("fn-argmax", tf(9, 5), "(argmax(x, axis=time), argmin(x, axis=-1))"),
    Case("fn-argmax-i32", "i32 " + tf(9, 5), "argmax(x, axis=1, keepdims=True)", 2.0),
    Case("fn-logsumexp", tf(5, 9), "logsumexp(x, axis=features)", 300.0),
    Case("fn-any-all", tf(3, 5), "(any(x > 0.8, axis=features), all(x > -0.8, axis=features))"),
    Case("fn-cumsum", tf(9, 5), "cumsum(x, axis=time) + cumprod(x, axis=-1)"),
    Case("fn-concatenate", {"a": tf(3, 5), "b": tf(3, 2)}, "concatenate([a, b], axis=-1)"),
    Case("fn-concatenate-i32", {"a": "i32 " + tf(3, 5), "b": "i32 " + tf(2, 5)}, "concatenate([a, b, a], axis=time)", 9.0),
    Case("fn-stack", {"a": tf(3, 5), "b": tf(3, 5)}, "(stack([a, b], axis=1), stack([b, a], axis=-1))"),
    Case("fn-transpose", hwc(3, 4, 5), "transpose(x, axes=[0, channels, height, width])"),
    Case("fn-reshape", "i32 " + tf(3, 8), "reshape(x, (-1, 4, 6)) + 1", 9.0),
    Case("fn-slices", hwc(5, 6, 7), "(x[height: 1..4, width: ..-1], x[channels: -1], x[height: 0, width: 2..])"),
    Case("fn-matmul", {"a": tf(5, 7), "b": tf(7, 3)}, "matmul(a, b)"),
    Case("fn-matmul-i32", {"a": "i32 " + tf(5, 7), "b": "i32 " + tf(7, 3)}, "matmul(a, b)", 9.0),
    Case("fn-einsum-letters", {"a": tf(5, 7), "b": tf(3, 7)}, "einsum(\"bqf,bkf->bqk\", a, b)"),
    Case("fn-einsum-words", {"a": tf(5, 7), "b": tf(3, 7)},
         "einsum(\"batch query features, batch key features -> batch key query\", a, b)"),
    Case("fn-einsum-three", {"a": tf(5, 7), "b": f(7), "c": tf(5, 3)}, "einsum(\"btf,bf,btk->bk\", a, b, c)"),
    Case("fn-einsum-one", hwc(3, 4, 5), "einsum(\"bhwc->bcw\", x)"),
    Case("fn-one-hot", "u8 " + f(7), "one_hot(x, 9)", 4.0, 4.0),
    Case("fn-one-hot-outside", "i32 " + f(7), "one_hot(x, 5, axis=1)", 3.0, 2.0),
    Case("fn-attention", {"q": tf(5, 8), "k": tf(3, 8)}, """
        let scores = einsum("batch query features, batch key features -> batch query key", q, k) / sqrt(8.0)
        let weights = exp(scores - logsumexp(scores, axis=-1, keepdims=True))
        return einsum("bqk,bkf->bqf", weights, k)"""),
    Case("fn-normalize", hwc(5, 6, 3), """
        let mu = mean(x, axis=[1, 2], keepdims=True)
        let sigma = std(x, axis=[1, 2], keepdims=True)
        let normal = (x - mu) * (1.0 / (sigma + 0.001))
        return normal |> Conv2D(4, 3, activation="relu") |> Flatten() |> Dense(3)""", 2.0, 1.0),
    Case("fn-naming", f(7), """
        let h = x |> Dense(5) |> relu()
        return exp(h - max(h, axis=-1, keepdims=True)) |> Dense(3)"""),
]
