"""Embedding and recurrence."""

from cases.case import Case, tf, f

CASES = [
    # Embedding and recurrence
    Case("embedding", "i32<20 time: 7", "x |> Embedding(20, 5)"),
    Case("embedding-u8", "u8<256 time: 3, n: 2", "x |> Embedding(256, 3) |> Dense(4)"),
    Case("lstm", tf(5, 3), "x |> LSTM(4)"),
    Case("lstm-sequences", tf(6, 5), "x |> LSTM(7, return_sequences=True)"),
    Case("lstm-no-bias-activations", tf(4, 3), """
        return x |> LSTM(5, activation="relu", recurrent_activation="hard_sigmoid", use_bias=False)"""),
    Case("lstm-go-backwards", tf(5, 3), "x |> LSTM(4, return_sequences=True, go_backwards=True)"),
    Case("lstm-states", tf(5, 3), """
        let (y, h, c) = x |> LSTM(4, return_sequences=True, return_state=True)
        let z = LSTM(4)(y, initial_state=(h, c))
        return (z, h, c)"""),
    Case("lstm-one-step", tf(1, 17), "x |> LSTM(20)"),
    Case("gru", tf(5, 3), "x |> GRU(4)"),
    Case("gru-sequences-reset-before", tf(6, 5), "x |> GRU(7, return_sequences=True, reset_after=False)"),
    Case("gru-no-bias", tf(4, 3), "x |> GRU(5, use_bias=False, return_sequences=True)"),
    Case("gru-states", {"x": tf(4, 3), "s": f(5)}, """
        let (y, h) = GRU(5, return_state=True)(x, initial_state=s)
        return (y, h)"""),
    Case("simple-rnn", tf(5, 3), "x |> SimpleRNN(4)"),
    Case("simple-rnn-relu", tf(5, 3), "x |> SimpleRNN(9, activation=\"relu\", return_sequences=True, use_bias=False)"),
    Case("bidirectional", tf(5, 3), "x |> Bidirectional(LSTM(4, return_sequences=True))"),
    Case("bidirectional-last-sum", tf(5, 3), "x |> Bidirectional(LSTM(4), merge_mode=\"sum\")"),
    Case("bidirectional-mul", tf(5, 3), "x |> Bidirectional(GRU(4, return_sequences=True), merge_mode=\"mul\")"),
    Case("bidirectional-ave", tf(5, 3), "x |> Bidirectional(SimpleRNN(4, return_sequences=True), merge_mode=\"ave\")"),
    Case("bidirectional-none", tf(5, 3), """
        let (a, b) = x |> Bidirectional(LSTM(4, return_sequences=True), merge_mode=None)
        return (a, b)"""),
    Case("bidirectional-backward-layer", tf(5, 3), """
        return x |> Bidirectional(LSTM(4), backward_layer=LSTM(4, activation="relu", go_backwards=True))"""),
    Case("bidirectional-states", tf(4, 3), """
        let (y, a, b, c, d) = x |> Bidirectional(LSTM(4, return_sequences=True, return_state=True))
        let z = Bidirectional(LSTM(4))(y, initial_state=(a, b, c, d))
        return z"""),
    Case("time-distributed", tf(4, 5), "x |> TimeDistributed(Dense(3, activation=\"relu\"))"),
    Case("time-distributed-conv2d", "time: 3, height: 5, width: 6, channels: 2", """
        return x |> TimeDistributed(Conv2D(4, 3, padding="same")) |> TimeDistributed(GlobalMaxPooling2D())"""),
    Case("net-tagger", "i32<50 time: 5|9", """
        return x
          |> Embedding(50, 8)
          |> Bidirectional(LSTM(5, return_sequences=True))
          |> LSTM(7, return_sequences=True)
          |> Dense(4, activation="softmax")"""),
]
