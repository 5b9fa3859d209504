"""Masks: what makes them, passes, drops and reads them."""

from cases.case import Case, f, tf

TOKENS = "i32<20 [tlmsan] time: 7"
OTHERS = "i32<20 [lmtasn] time: 7"  # padded elsewhere
MIDDLE = "i32<20 [mtlsan] time: 7"  # the first sample ends with a step that counts, whichever way
FULL = "i32<20 [tlms] time: 7"      # no sample is padding altogether: a mean over nothing is NaN
TWO = {"x": TOKENS, "z": OTHERS}
MASKED = "x |> Embedding(20, 5, mask_zero=True)"


def merged(merge, reader="LSTM(4, return_sequences=True)"):
    """Two masked tensors, merged; the recurrence shows the mask of the result."""
    return f"""
        let a = x |> Embedding(20, 5, mask_zero=True)
        let b = z |> Embedding(20, 5, mask_zero=True)
        let y = {merge}
        return (y, y |> {reader})"""


CASES = [
    # What makes a mask
    Case("masking", "[tlms=-1] " + tf(7, 3), "x |> Masking(mask_value=-1.0)"),
    Case("masking-lstm", "[tlmsan] " + tf(7, 3), "x |> Masking() |> LSTM(4, return_sequences=True)"),
    Case("masking-value-gru", "[tlmsan=2.5] " + tf(7, 3), "x |> Masking(2.5) |> GRU(4, return_sequences=True)"),
    Case("mask-embedding-u8", "u8<20 [tlmsan] time: 6", "x |> Embedding(20, 5, mask_zero=True) |> LSTM(4)"),
    Case("mask-masking-again", TOKENS, MASKED + " |> Masking() |> LSTM(4)"),

    # Recurrence
    Case("mask-lstm", TOKENS, MASKED + " |> LSTM(4)"),
    Case("mask-lstm-sequences", TOKENS, MASKED + " |> LSTM(4, return_sequences=True)"),
    Case("mask-lstm-backwards", TOKENS, MASKED + " |> LSTM(4, go_backwards=True)"),
    Case("mask-lstm-sequences-backwards", TOKENS, MASKED + " |> LSTM(4, return_sequences=True, go_backwards=True)"),
    Case("mask-lstm-zero-output", MIDDLE, MASKED + " |> LSTM(4, zero_output_for_mask=True)"),
    Case("mask-lstm-zero-output-backwards", MIDDLE, MASKED + " |> LSTM(4, go_backwards=True, zero_output_for_mask=True)"),
    Case("mask-lstm-zero-output-sequences", TOKENS, MASKED + " |> LSTM(4, return_sequences=True, zero_output_for_mask=True)"),
    Case("mask-lstm-states", TOKENS, f"""
        let (y, h, c) = {MASKED} |> LSTM(4, return_sequences=True, return_state=True)
        return (y, h, c)"""),
    Case("mask-lstm-zero-output-states", MIDDLE, f"""
        let (y, h, c) = {MASKED} |> LSTM(4, return_state=True, zero_output_for_mask=True)
        return (y, h, c)"""),
    Case("mask-gru", TOKENS, MASKED + " |> GRU(4)"),
    Case("mask-gru-sequences", TOKENS, MASKED + " |> GRU(4, return_sequences=True)"),
    Case("mask-gru-reset-before", TOKENS, MASKED + " |> GRU(4, return_sequences=True, reset_after=False)"),
    Case("mask-gru-zero-output-states", TOKENS, f"""
        let (y, h) = {MASKED} |> GRU(4, return_sequences=True, return_state=True, zero_output_for_mask=True)
        return (y, h)"""),
    Case("mask-simple-rnn", TOKENS, MASKED + " |> SimpleRNN(4)"),
    Case("mask-simple-rnn-sequences", TOKENS, MASKED + " |> SimpleRNN(4, return_sequences=True, go_backwards=True)"),
    Case("mask-stacked", TOKENS, MASKED + " |> LSTM(5, return_sequences=True) |> GRU(4, return_sequences=True) |> SimpleRNN(3)"),
    Case("mask-backwards-stacked", TOKENS, MASKED + " |> LSTM(5, return_sequences=True, go_backwards=True) |> LSTM(4)"),
    Case("mask-time", "i32<20 [tlmsan] time: 5|9", MASKED + " |> LSTM(4, return_sequences=True)"),
    Case("mask-time-zero-output", "i32<20 [mtlsan] time: 5|9", MASKED + " |> LSTM(4, zero_output_for_mask=True)"),
    # Beside an initial state Keras does not read the mask that travels, but passes it on.
    Case("mask-initial-state", {"x": TOKENS, "h": f(4), "c": f(4)}, f"""
        let y = {MASKED}
        return (LSTM(4, return_sequences=True)(y, initial_state=(h, c)) |> GRU(3))"""),
    Case("mask-initial-state-given", {"x": tf(6, 3), "h": f(4), "m": "bool [tlmsan] time: 6"}, """
        return GRU(4, return_sequences=True)(x, initial_state=h, mask=m)"""),

    # Bidirectional makes the output of masked steps 0
    Case("mask-bidirectional", TOKENS, MASKED + " |> Bidirectional(LSTM(4))"),
    Case("mask-bidirectional-sequences", TOKENS, MASKED + " |> Bidirectional(LSTM(4, return_sequences=True))"),
    Case("mask-bidirectional-sum", TOKENS, MASKED + """ |> Bidirectional(GRU(4, return_sequences=True), merge_mode="sum")"""),
    Case("mask-bidirectional-mul", TOKENS, MASKED + """ |> Bidirectional(GRU(4), merge_mode="mul")"""),
    Case("mask-bidirectional-ave", TOKENS, MASKED + """ |> Bidirectional(SimpleRNN(4, return_sequences=True), merge_mode="ave")"""),
    Case("mask-bidirectional-none", TOKENS, f"""
        let (a, b) = {MASKED} |> Bidirectional(LSTM(4, return_sequences=True), merge_mode=None)
        return (a, b |> LSTM(3))"""),
    Case("mask-bidirectional-states", TOKENS, f"""
        let (y, a, b, c, d) = {MASKED} |> Bidirectional(LSTM(4, return_sequences=True, return_state=True))
        return (y |> LSTM(3), a, b, c, d)"""),
    Case("mask-bidirectional-zero-output", TOKENS, MASKED + " |> Bidirectional(LSTM(4, zero_output_for_mask=True))"),
    Case("mask-bidirectional-backward-layer", TOKENS, MASKED + """
          |> Bidirectional(LSTM(4, return_sequences=True), backward_layer=GRU(4, return_sequences=True, go_backwards=True))
          |> LSTM(3)"""),
    Case("mask-bidirectional-given", {"x": tf(6, 3), "m": "bool [tlmsan] time: 6"}, """
        return Bidirectional(LSTM(4, return_sequences=True))(x, mask=m) |> LSTM(3)"""),
    Case("mask-bidirectional-time", "i32<20 [tlmsan] time: 5|9", MASKED + """
          |> Bidirectional(LSTM(4, return_sequences=True)) |> Bidirectional(GRU(3))"""),

    # What passes it
    Case("mask-passes", TOKENS, MASKED + """
          |> Dense(6, activation="tanh") |> Dropout(0.5) |> LayerNormalization() |> BatchNormalization() |> ReLU()
          |> LeakyReLU() |> Activation("gelu") |> Identity() |> LSTM(4)"""),
    Case("mask-time-distributed", FULL, MASKED + " |> TimeDistributed(Dense(4)) |> GlobalAveragePooling1D()"),
    Case("mask-time-distributed-lstm", "i32<20 [tlmsan] time: 4, n: 3", MASKED + " |> TimeDistributed(LSTM(4))"),
    Case("mask-time-distributed-given", {"x": "time: 5, n: 3, features: 2", "m": "bool [tlmsan] time: 5"}, """
        return TimeDistributed(Flatten())(x, mask=m) |> LSTM(4)"""),

    Case("mask-spectral-normalization", TOKENS, MASKED + " |> SpectralNormalization(Dense(4)) |> LSTM(3)"),
    Case("mask-batch-normalization-given", {"x": tf(6, 3), "m": "bool [tlmsan] time: 6"}, """
        return BatchNormalization()(x, mask=m) |> LSTM(4)"""),
    Case("mask-group-unit-normalization", TOKENS, "x |> Embedding(20, 4, mask_zero=True)"
         " |> GroupNormalization(2) |> UnitNormalization() |> LSTM(4)"),
    Case("mask-dropped-rms-normalization", TOKENS, MASKED + " |> RMSNormalization() |> LSTM(4)"),

    # Softmax takes a mask of its own kind
    Case("mask-softmax", {"x": tf(3, 9), "m": "bool time: 3, features: 9"}, "Softmax()(x, mask=m)"),
    Case("mask-softmax-axes", {"x": tf(3, 5), "m": "bool time: 3, features: 5"}, "Softmax(axis=[1, 2])(x, mask=m)"),
    Case("mask-softmax-all", {"x": tf(6, 5), "m": "bool [tlms] time: 6, features: 5"}, "Softmax()(x, mask=m)"),

    # Global pooling
    Case("mask-pooling", FULL, MASKED + " |> GlobalAveragePooling1D()"),
    Case("mask-pooling-keepdims", FULL, MASKED + " |> GlobalAveragePooling1D(keepdims=True)"),
    Case("mask-pooling-given", {"x": tf(6, 3), "m": "bool [tlms] time: 6"}, "GlobalAveragePooling1D()(x, mask=m)"),
    Case("mask-pooling-max", TOKENS, MASKED + " |> GlobalMaxPooling1D()"),
    Case("mask-pooling-time", "i32<20 [tlms] time: 5|9", MASKED + " |> Dense(3) |> GlobalAveragePooling1D()"),

    # What drops it
    Case("mask-dropped-conv1d", TOKENS, MASKED + """ |> Conv1D(4, 3, padding="same") |> LSTM(4)"""),
    Case("mask-dropped-arithmetic", TOKENS, f"""
        let y = {MASKED}
        return y * 2.0 |> LSTM(4)"""),
    Case("mask-dropped-add", TOKENS, f"""
        let a = {MASKED}
        let b = x |> Embedding(20, 5)
        return Add()(a, b) |> LSTM(4)"""),
    Case("mask-given-comparison", TOKENS, """
        let y = x |> Embedding(20, 5)
        return LSTM(4)(y, mask=x != 0)"""),

    # Merges
    Case("mask-add", TWO, merged("Add()(a, b)")),
    Case("mask-subtract", TWO, merged("Subtract()(a, b)")),
    Case("mask-average", TWO, merged("Average()(a, b, a)")),
    Case("mask-multiply", TWO, merged("Multiply()(a, b)")),
    Case("mask-maximum", TWO, merged("Maximum()(a, b)")),
    Case("mask-minimum", TWO, merged("Minimum()(a, b)")),
    Case("mask-concatenate", TWO, merged("Concatenate()(a, b)")),
    Case("mask-concatenate-time", TWO, merged("Concatenate(axis=time)(a, b)")),
    Case("mask-maximum-three", TWO | {"w": tf(7, 5)}, """
        let a = x |> Embedding(20, 5, mask_zero=True)
        let b = z |> Embedding(20, 5, mask_zero=True)
        return (Maximum()(w, a, b), Minimum()(a, b, w), Multiply()(a, w, b))"""),
    Case("mask-multiply-one", {"x": TOKENS, "z": tf(7, 5)}, f"""
        let a = {MASKED}
        let y = Multiply()(z, a)
        return (y, y |> LSTM(4))"""),
    Case("mask-maximum-one", {"x": TOKENS, "z": tf(7, 5)}, f"""
        let a = {MASKED}
        return (Maximum()(z, a), Minimum()(a, z, a))"""),
    Case("mask-concatenate-one", {"x": TOKENS, "z": tf(7, 5)}, f"""
        let a = {MASKED}
        return (Concatenate()(z, a) |> LSTM(4), Concatenate(axis=1)(a, z) |> LSTM(3), Concatenate(axis=1)(z, a, z) |> LSTM(2))"""),
]
