"""Attention."""

from cases.case import Case, hwc, tf, f

QV = {"q": "query: 3, features: 8", "v": "key: 5, features: 8"}
QVK = {"q": "query: 3, features: 8", "v": "key: 5, features: 6", "k": "key: 5, features: 8"}
# Tokens below 4, of which a 0 is padding.
TOKENS = {"a": "i32<4 time: 6", "b": "i32<4 steps: 5"}
MASKED = """
        let q = a |> Embedding(4, 8, mask_zero=True)
        let v = b |> Embedding(4, 8, mask_zero=True)"""
ENCODER = {"x": "i32<4 time: 6"}
ENCODED = """
        let e = x |> Embedding(4, 8, mask_zero=True)
        let y = MultiHeadAttention(2, 4)(e, e)"""
GIVEN = QV | {"a": "i32<4 query: 3", "b": "i32<4 key: 5"}

CASES = [
    # Attention
    Case("attention", QV, "Attention()(q, v)"),
    Case("attention-list", QV, "Attention()([q, v])"),
    Case("attention-key", QVK, "Attention()([q, v, k])"),
    Case("attention-itself", tf(17, 20), "Attention()(x, x)"),
    Case("attention-scale", QV, "Attention(use_scale=True)(q, v)"),
    Case("attention-concat", QV, "Attention(score_mode=\"concat\")(q, v)"),
    Case("attention-concat-scale", QVK, "Attention(True, \"concat\", dropout=0.3)(q, v, k)"),
    Case("attention-causal", tf(6, 5), "Attention()([x, x], use_causal_mask=True)"),
    Case("attention-causal-longer", QV, "Attention(use_scale=True)([q, v], use_causal_mask=True)"),
    Case("attention-scores", QV, """
        let (y, s) = Attention()([q, v], return_attention_scores=True)
        return (y, s)"""),
    Case("attention-scores-causal", tf(6, 5), """
        let (y, s) = Attention(score_mode="concat")([x, x], return_attention_scores=True, use_causal_mask=True)
        return (y, s)"""),
    Case("attention-rank-4", {"q": "heads: 2, query: 3, features: 8", "v": "heads: 2, key: 5, features: 8"},
         "Attention()(q, v)"),
    Case("attention-masks", GIVEN, "Attention()([q, v], mask=[a > 0, b > 0])"),
    Case("attention-value-mask", GIVEN, "Attention()([q, v], mask=[None, b > 0])"),
    Case("attention-query-mask", GIVEN, "Attention()([q, v], mask=[a > 0, None])"),
    Case("attention-masks-causal", {"x": tf(6, 8), "a": "i32<4 time: 6"}, """
        let counts = cumsum(a, axis=time) < 8  # the first step does: of nothing but masked scores, rounding decides
        return Attention()([x, x], mask=[None, counts], use_causal_mask=True) |> Dense(5)"""),
    Case("attention-travelling-masks", TOKENS, MASKED + "\n        return Attention()(q, v) |> Dense(3)"),
    Case("attention-mask-goes-on", TOKENS, MASKED + """
        return Attention()(q, v) |> GlobalAveragePooling1D()"""),
    Case("attention-symbolic", {"q": "query: 3|6, features: 8", "v": "key: 5|4, features: 8"}, "Attention()(q, v)"),
    Case("attention-symbolic-concat", {"q": "query: 3|6, features: 8", "v": "key: 5|4, features: 8"},
         "Attention(True, \"concat\")(q, v)"),
    Case("attention-symbolic-causal", {"x": "time: 5|9, features: 8"}, """
        let (y, s) = Attention()([x, x], return_attention_scores=True, use_causal_mask=True)
        return (y, s)"""),

    # AdditiveAttention
    Case("additiveattention", QV, "AdditiveAttention()(q, v)"),
    Case("additiveattention-key", QVK, "AdditiveAttention()([q, v, k])"),
    Case("additiveattention-no-scale", QV, "AdditiveAttention(use_scale=False, dropout=0.2)(q, v)"),
    Case("additiveattention-causal", tf(6, 17), "AdditiveAttention()([x, x], use_causal_mask=True)"),
    Case("additiveattention-scores", QV, """
        let (y, s) = AdditiveAttention()([q, v], return_attention_scores=True)
        return (y, s)"""),
    Case("additiveattention-masks", GIVEN, "AdditiveAttention()([q, v], mask=[a > 0, b > 0])"),
    Case("additiveattention-travelling-masks", TOKENS, MASKED + "\n        return AdditiveAttention()(q, v)"),
    Case("additiveattention-symbolic", {"q": "query: 3|6, features: 8", "v": "key: 5|4, features: 8"},
         "AdditiveAttention()(q, v)"),

    # MultiHeadAttention
    Case("multiheadattention", tf(5, 8), "MultiHeadAttention(2, 3)(x, x)"),
    Case("multiheadattention-cross", {"q": tf(3, 8), "v": "steps: 5, features: 6"}, "MultiHeadAttention(2, 4)(q, v)"),
    # With JAX, Keras takes a `value_dim` of its own only in the way that has dropout.
    Case("multiheadattention-key", {"q": tf(3, 8), "v": "steps: 5, features: 6", "k": "steps: 5, features: 7"},
         "MultiHeadAttention(num_heads=3, key_dim=4, value_dim=5, dropout=0.1)(q, v, k)"),
    Case("multiheadattention-key-by-name", {"q": tf(3, 8), "v": "steps: 5, features: 6", "k": "steps: 5, features: 7"},
         "MultiHeadAttention(2, 4)(query=q, value=v, key=k)"),
    Case("multiheadattention-one-head", tf(7, 20), "MultiHeadAttention(1, 17)(x, x)"),
    Case("multiheadattention-wide", tf(20, 32), "MultiHeadAttention(4, 8)(x, x)"),
    Case("multiheadattention-no-bias", tf(5, 8), "MultiHeadAttention(2, 3, use_bias=False)(x, x)"),
    Case("multiheadattention-output-shape", tf(5, 8), "MultiHeadAttention(2, 3, output_shape=17)(x, x)"),
    Case("multiheadattention-output-shape-two", tf(5, 8), "MultiHeadAttention(2, 3, 4, 0.1, output_shape=(3, 2))(x, x)"),
    Case("multiheadattention-dropout", tf(5, 8), "MultiHeadAttention(2, 3, dropout=0.4, flash_attention=False)(x, x)"),
    Case("multiheadattention-gate", tf(5, 8), "MultiHeadAttention(2, 3, value_dim=4, dropout=0.1, use_gate=True)(x, x)"),
    Case("multiheadattention-gate-no-bias", tf(5, 8), "MultiHeadAttention(2, 3, use_gate=True, use_bias=False)(x, x)"),
    Case("multiheadattention-causal", tf(6, 8), "MultiHeadAttention(2, 3)(x, x, use_causal_mask=True)"),
    Case("multiheadattention-causal-cross", {"q": tf(6, 8), "v": "steps: 4, features: 8"},
         "MultiHeadAttention(2, 3)(q, v, use_causal_mask=True)"),
    Case("multiheadattention-causal-dropout", tf(6, 8), "MultiHeadAttention(2, 3, dropout=0.1)(x, x, use_causal_mask=True)"),
    Case("multiheadattention-window", tf(9, 8), "MultiHeadAttention(2, 3, sliding_window=2)(x, x)"),
    Case("multiheadattention-window-causal", tf(9, 8), """
        MultiHeadAttention(2, 3, sliding_window=3)(x, x, use_causal_mask=True)"""),
    Case("multiheadattention-scores", {"q": tf(5, 8), "v": "steps: 5, features: 6"}, """
        let (y, s) = MultiHeadAttention(2, 4)(q, v, return_attention_scores=True)
        return (y, s)"""),
    Case("multiheadattention-scores-causal", tf(5, 8), """
        let (y, s) = MultiHeadAttention(2, 4)(x, x, return_attention_scores=True, use_causal_mask=True)
        return (y, s)"""),
    Case("multiheadattention-mask", {"x": tf(5, 8), "a": "bool time: 5, steps: 5"}, """
        MultiHeadAttention(2, 3)(x, x, attention_mask=a)"""),
    Case("multiheadattention-mask-heads", {"x": tf(5, 8), "a": "bool heads: 2, time: 5, steps: 5"}, """
        MultiHeadAttention(2, 3)(x, x, attention_mask=a)"""),
    Case("multiheadattention-mask-dropout", {"x": tf(5, 8), "a": "bool time: 5, steps: 5"}, """
        MultiHeadAttention(2, 3, dropout=0.5)(x, x, attention_mask=a)"""),
    Case("multiheadattention-mask-scores-causal", {"x": tf(5, 8), "a": "bool time: 5, steps: 5"}, """
        let (y, s) = MultiHeadAttention(2, 3)(x, x, attention_mask=a, return_attention_scores=True, use_causal_mask=True)
        return (y, s)"""),
    Case("multiheadattention-query-mask", {"q": tf(3, 8), "v": "steps: 5, features: 6", "a": "bool time: 3"}, """
        MultiHeadAttention(2, 3)(q, v, query_mask=a)"""),
    Case("multiheadattention-value-mask", {"q": tf(3, 8), "v": "steps: 5, features: 6", "a": "bool steps: 5"}, """
        MultiHeadAttention(2, 3)(q, v, value_mask=a)"""),
    Case("multiheadattention-key-mask", {"q": tf(3, 8), "v": "steps: 5, features: 6", "k": "steps: 5, features: 7",
                                         "a": "bool steps: 5"}, """
        MultiHeadAttention(2, 3)(q, v, k, key_mask=a)"""),
    Case("multiheadattention-travelling-masks", TOKENS, MASKED + "\n        return MultiHeadAttention(2, 3)(q, v)"),
    Case("multiheadattention-travelling-masks-dropout", TOKENS, MASKED + """
        return MultiHeadAttention(2, 3, dropout=0.1)(q, v)"""),
    Case("multiheadattention-travelling-masks-causal", {"x": "i32<4 time: 6"}, """
        let e = x |> Embedding(4, 8, mask_zero=True)
        return MultiHeadAttention(2, 3)(e, e, use_causal_mask=True)"""),
    Case("multiheadattention-mask-goes-on", TOKENS, MASKED + """
        return MultiHeadAttention(2, 3)(q, v) |> GlobalAveragePooling1D()"""),
    # MultiHeadAttention takes the masks off what it reads: layers of several tensors after it see none.
    Case("multiheadattention-takes-mask", ENCODER, ENCODED + """
        return MultiHeadAttention(2, 3)(e, e)"""),
    Case("multiheadattention-takes-mask-groups", ENCODER, ENCODED + """
        return GroupQueryAttention(3, 2, 2)(e, y)"""),
    Case("multiheadattention-takes-mask-attention", ENCODER, ENCODED + "\n        return Attention()(y, e)"),
    Case("multiheadattention-takes-mask-add", ENCODER, ENCODED + """
        let z = Add()(e, y)
        return (MultiHeadAttention(2, 3)(z, z), GlobalAveragePooling1D()(z), LSTM(3)(z))"""),
    Case("multiheadattention-takes-mask-of-query", TOKENS, MASKED + """
        let y = MultiHeadAttention(2, 3)(q, v)
        return (Attention()(y, v), Add()(q, y) |> Dense(4, "tanh") |> GlobalAveragePooling1D())"""),
    Case("multiheadattention-takes-mask-multiply", ENCODER, ENCODED + "\n        return Multiply()(e, y)"),
    Case("multiheadattention-takes-mask-maximum", ENCODER, ENCODED + """
        let z = Maximum()(e, y)
        return (z, GlobalAveragePooling1D()(z))"""),
    Case("multiheadattention-takes-mask-concatenate", ENCODER, ENCODED + """
        let z = Concatenate()([e, y])
        return (MultiHeadAttention(2, 3)(z, z), GlobalAveragePooling1D()(z))"""),
    Case("multiheadattention-takes-mask-lstm", ENCODER, ENCODED + """
        let z = Add()(e, y) |> LSTM(4, return_sequences=True)
        return MultiHeadAttention(2, 3)(z, z)"""),
    Case("multiheadattention-takes-mask-normalized", ENCODER, """
        let e = x |> Embedding(4, 8, mask_zero=True)
        let n = e |> LayerNormalization()
        let y = Add()(e, MultiHeadAttention(2, 3)(n, n))
        return MultiHeadAttention(2, 3)(y, n)"""),
    Case("multiheadattention-rank-4", hwc(3, 4, 6), "MultiHeadAttention(2, 3)(x, x)"),
    Case("multiheadattention-axes-2", hwc(3, 4, 6), "MultiHeadAttention(2, 3, attention_axes=2)(x, x)"),
    Case("multiheadattention-axes-1", hwc(3, 4, 6), "MultiHeadAttention(2, 3, attention_axes=(1,))(x, x)"),
    Case("multiheadattention-axes-name", hwc(3, 4, 6), "MultiHeadAttention(2, 3, attention_axes=height)(x, x)"),
    Case("multiheadattention-axes-both", hwc(3, 4, 6), "MultiHeadAttention(2, 3, attention_axes=(1, 2))(x, x)"),
    Case("multiheadattention-axes-cross", {"q": "rows: 2, time: 4, features: 6", "v": "rows: 2, steps: 3, features: 5"},
         "MultiHeadAttention(2, 3, attention_axes=-2, output_shape=7)(q, v)"),
    Case("multiheadattention-shared", {"a": tf(4, 8), "b": tf(5, 8)}, """
        let attend = MultiHeadAttention(2, 3)
        return (attend(a, b), attend(b, a, use_causal_mask=True))"""),
    Case("multiheadattention-symbolic", {"x": "time: 5|9, features: 8"}, "MultiHeadAttention(2, 3)(x, x)"),
    Case("multiheadattention-symbolic-causal", {"x": "time: 5|20, features: 32"}, """
        MultiHeadAttention(4, 8)(x, x, use_causal_mask=True)"""),
    Case("multiheadattention-symbolic-cross", {"q": "time: 5|3, features: 8", "v": "steps: 4|7, features: 6"}, """
        let (y, s) = MultiHeadAttention(2, 4)(q, v, return_attention_scores=True)
        return y"""),
    Case("multiheadattention-symbolic-masks", {"x": "i32<4 time: 6|9"}, """
        let e = x |> Embedding(4, 8, mask_zero=True)
        return MultiHeadAttention(2, 3)(e, e, use_causal_mask=True)"""),
    Case("multiheadattention-symbolic-image", {"x": "height: 3|2, width: 4|5, channels: 6"}, "MultiHeadAttention(2, 3)(x, x)"),

    # GroupQueryAttention
    Case("groupqueryattention", tf(5, 8), "GroupQueryAttention(3, 4, 2)(x, x)"),
    Case("groupqueryattention-one", tf(5, 8), "GroupQueryAttention(head_dim=4, num_query_heads=3, num_key_value_heads=1)(x, x)"),
    Case("groupqueryattention-all", tf(5, 8), "GroupQueryAttention(4, 3, 3, use_bias=False)(x, x)"),
    Case("groupqueryattention-key", {"q": tf(3, 8), "v": "steps: 5, features: 8", "k": "steps: 5, features: 7"},
         "GroupQueryAttention(4, 6, 2)(q, v, k)"),
    Case("groupqueryattention-causal", tf(6, 8), "GroupQueryAttention(3, 4, 2)(x, x, use_causal_mask=True)"),
    Case("groupqueryattention-window", tf(9, 8), "GroupQueryAttention(3, 4, 2, sliding_window=2, dropout=0.1)(x, x)"),
    Case("groupqueryattention-gate", tf(5, 8), "GroupQueryAttention(3, 4, 2, use_gate=True)(x, x)"),
    Case("groupqueryattention-scores", {"q": tf(5, 8), "v": "steps: 4, features: 8"}, """
        let (y, s) = GroupQueryAttention(3, 4, 2)(q, v, return_attention_scores=True)
        return (y, s)"""),
    Case("groupqueryattention-masks", {"q": tf(4, 8), "v": "steps: 5, features: 8", "a": "bool time: 4, steps: 5",
                                       "b": "bool time: 4", "c": "bool steps: 5"}, """
        GroupQueryAttention(3, 4, 2)(q, v, query_mask=b, value_mask=c, attention_mask=a)"""),
    Case("groupqueryattention-travelling-masks", TOKENS, MASKED + "\n        return GroupQueryAttention(3, 4, 2)(q, v)"),
    Case("groupqueryattention-symbolic", {"x": "time: 5|9, features: 8"}, """
        GroupQueryAttention(3, 4, 2)(x, x, use_causal_mask=True)"""),

    # Transformer blocks
    Case("net-transformer-block", tf(6, 16), """
        let a = x |> LayerNormalization(epsilon=1e-6)
        let b = Add()(x, MultiHeadAttention(4, 4)(a, a, use_causal_mask=True))
        let c = b |> LayerNormalization(epsilon=1e-6) |> Dense(32, activation="gelu") |> Dense(16)
        return Add()(b, c)"""),
    Case("net-transformer-encoder", "i32<6 time: 5|9", """
        let e = x |> Embedding(6, 16, mask_zero=True)
        let a = Add()(e, MultiHeadAttention(2, 8)(e, e)) |> LayerNormalization()
        let b = Add()(a, a |> Dense(32, activation="relu") |> Dense(16)) |> LayerNormalization()
        return b |> GlobalAveragePooling1D() |> Dense(3, activation="softmax")"""),
    Case("net-transformer-names", tf(5, 8), """
        let a = MultiHeadAttention(2, 4)(x, x)
        return a |> Dropout(0.1) |> Softmax() |> EinsumDense("abc,cd->abd", (None, 4)) |> Softmax(name="last")"""),
    Case("net-decoder-only", "i32<9 time: 5|8", """
        let e = x |> Embedding(9, 12)
        let a = e |> RMSNormalization()
        let b = Add()(e, GroupQueryAttention(4, 4, 2, use_bias=False)(a, a, use_causal_mask=True))
        let c = b |> RMSNormalization()
        let d = Multiply()(c |> Dense(20, "silu", use_bias=False), c |> Dense(20, use_bias=False)) |> Dense(12, use_bias=False)
        return Add()(b, d) |> RMSNormalization() |> Dense(9, use_bias=False)"""),
]
