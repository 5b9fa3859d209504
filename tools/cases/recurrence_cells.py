"""Cells, RNN, stacks of cells, and the arguments that all recurrent layers share."""

from cases.case import Case, f, hwc, tf

TOKENS = "i32<20 [tlmsan] time: 6"
MASKED = "x |> Embedding(20, 3, mask_zero=True)"
CELL = {"x": f(3), "h": f(4), "c": f(4)}
FRAMES = "time: 3, " + hwc(4, 5, 2)
LAYERS = {"lstm": "LSTM", "gru": "GRU", "simple-rnn": "SimpleRNN"}


def flags(name, layer, extra=""):
    """return_sequences and go_backwards in all combinations."""
    return [Case(f"{name}{'-sequences' if sequences else ''}{'-backwards' if backwards else ''}", tf("4|6", 3),
                 f"x |> {layer}{extra}return_sequences={sequences}, go_backwards={backwards})")
            for sequences in (False, True) for backwards in (False, True)]


def given_states(name, layer, one, states=("h", "c")):
    """Initial states as they may be written, states as results."""
    inputs = {"x": tf(4, 3)} | {state: f(4) for state in states}
    names = ", ".join(states)
    forms = {"tuple": f"({names},)" if len(states) == 1 else f"({names})", "list": f"[{names}]"} | one
    results = [chr(ord("p") + i) for i in range(len(states))]
    return [Case(f"{name}-initial-{form}", inputs, f"""
        let (y, {", ".join(results)}) = {layer}(4, return_sequences=True, return_state=True)(x, initial_state={text})
        return (y, {", ".join(results)})""") for form, text in forms.items()]


CASES = [
    # A cell by itself
    Case("lstm-cell", CELL, """
        let (y, s) = LSTMCell(4)(x, (h, c))
        let (p, q) = s
        return (y, p, q)"""),
    Case("lstm-cell-list", CELL, "LSTMCell(4, use_bias=False, unit_forget_bias=False)(x, [h, c])"),
    Case("lstm-cell-activations", CELL, """
        return LSTMCell(4, activation="softmax", recurrent_activation="hard_sigmoid")(x, states=(h, c))"""),
    Case("lstm-cell-twice", CELL, """
        let cell = LSTMCell(4)
        let (y, s) = cell(x, (h, c))
        return cell(x, s)"""),
    Case("gru-cell", {"x": f(3), "h": f(4)}, "GRUCell(4)(x, h)"),
    Case("gru-cell-list", {"x": f(3), "h": f(4)}, "GRUCell(4, use_bias=False)(x, [h])"),
    Case("gru-cell-reset-before", {"x": f(3), "h": f(4)}, """
        return GRUCell(4, activation=None, recurrent_activation="tanh", reset_after=False)(x, h)"""),
    Case("gru-cell-reset-before-no-bias", {"x": f(3), "h": f(4)}, "GRUCell(4, reset_after=False, use_bias=False)(x, h)"),
    Case("simple-rnn-cell", {"x": f(3), "h": f(4)}, "SimpleRNNCell(4)(x, h)"),
    Case("simple-rnn-cell-relu", {"x": f(3), "h": f(4)}, """
        return SimpleRNNCell(4, activation="relu", use_bias=False)(x, [h])"""),
    Case("stacked-rnn-cells", {"x": f(3), "g": f(5), "h": f(4), "c": f(4)}, """
        return StackedRNNCells([GRUCell(5), LSTMCell(4)])(x, (g, (h, c)))"""),

    # RNN over one cell
    *flags("rnn-lstm-cell", "RNN(LSTMCell(4), "),
    *flags("rnn-gru-cell", "RNN(GRUCell(4, reset_after=False), "),
    *flags("rnn-simple-rnn-cell", 'RNN(SimpleRNNCell(4, activation="relu"), '),
    *flags("rnn-list", "RNN([LSTMCell(5), LSTMCell(4)], "),
    Case("rnn-positional", tf(4, 3), "x |> RNN(GRUCell(4), True, False, True)"),
    Case("rnn-unrolled", tf(4, 3), "x |> RNN(LSTMCell(4), unroll=True, return_sequences=True, go_backwards=True)"),
    Case("rnn-lstm-cell-states", {"x": tf(4, 3), "h": f(4), "c": f(4)}, """
        let (y, p, q) = RNN(LSTMCell(4), return_state=True)(x, initial_state=(h, c))
        return (y, p, q)"""),
    Case("rnn-gru-cell-states", {"x": tf(4, 3), "h": f(4)}, """
        let (y, p) = RNN(GRUCell(4), return_sequences=True, return_state=True)(x, initial_state=h)
        return (y, p)"""),
    Case("rnn-simple-rnn-cell-states", {"x": tf(4, 3), "h": f(4)}, """
        let (y, p) = RNN(SimpleRNNCell(4), return_state=True, go_backwards=True)(x, initial_state=[h])
        return (y, p)"""),
    Case("rnn-names", tf(4, 3), """
        return x
          |> RNN(LSTMCell(4), return_sequences=True)
          |> RNN([GRUCell(3), LSTMCell(4, name="second")], return_sequences=True, name="stack")
          |> RNN(StackedRNNCells([SimpleRNNCell(3), GRUCell(2)]))"""),

    # RNN over several cells
    Case("rnn-list-of-three", tf("3|5", 3), "x |> RNN([GRUCell(5), SimpleRNNCell(6), LSTMCell(4)])"),
    Case("rnn-stacked", tf(4, 3), "x |> RNN(StackedRNNCells([LSTMCell(5), GRUCell(4, use_bias=False)]))"),
    Case("rnn-list-states", tf(4, 3), """
        let (y, s, p) = x |> RNN([LSTMCell(5), GRUCell(4)], return_sequences=True, return_state=True)
        let (h, c) = s
        return (y, h, c, p)"""),
    Case("rnn-list-initial", {"x": tf(4, 3), "h": f(5), "c": f(5), "g": f(4)}, """
        let (y, s, p) = RNN([LSTMCell(5), GRUCell(4)], return_state=True, go_backwards=True)(x, initial_state=[[h, c], g])
        return (y, s, p)"""),
    Case("rnn-list-carried-on", tf(4, 3), """
        let (y, s, p) = x |> RNN([GRUCell(5), LSTMCell(4)], return_sequences=True, return_state=True)
        return RNN([GRUCell(5), LSTMCell(4)])(y, initial_state=(s, p))"""),

    # Masks
    Case("mask-rnn-lstm-cell", TOKENS, MASKED + " |> RNN(LSTMCell(4), return_sequences=True)"),
    Case("mask-rnn-gru-cell-backwards", TOKENS, MASKED + " |> RNN(GRUCell(4), go_backwards=True)"),
    Case("mask-rnn-zero-output", TOKENS, f"""
        let (y, p) = {MASKED} |> RNN(SimpleRNNCell(4), return_sequences=True, return_state=True, zero_output_for_mask=True)
        return (y, p)"""),
    Case("mask-rnn-list", TOKENS, MASKED + " |> RNN([LSTMCell(5), LSTMCell(4)], return_sequences=True)"),
    Case("mask-rnn-list-zero-output", "i32<20 [mtlsan] time: 6", f"""
        let (y, s, p) = {MASKED} |> RNN([LSTMCell(5), GRUCell(4)], return_state=True, zero_output_for_mask=True)
        return (y, s, p)"""),
    Case("mask-rnn-time", "i32<20 [tlmsan] time: 4|7", MASKED + " |> RNN([LSTMCell(5), LSTMCell(4)]) |> Dense(3)"),
    Case("mask-bidirectional-rnn", TOKENS, MASKED + " |> Bidirectional(RNN(LSTMCell(4), return_sequences=True)) |> GRU(3)"),
    Case("mask-conv-lstm", {"x": FRAMES, "m": "bool [tlmsan] time: 3"}, """
        return ConvLSTM2D(2, 3, padding="same", return_sequences=True, unroll=True)(x, mask=m)"""),
    Case("mask-conv-lstm-zero-output", {"x": "time: 4, width: 5, channels: 2", "m": "bool [tlmsan] time: 4"}, """
        return ConvLSTM1D(3, 2, go_backwards=True, unroll=True)(x, mask=m)"""),

    # Around recurrence
    *[Case(f"bidirectional-rnn-{mode}", tf(4, 3), f'x |> Bidirectional(RNN(LSTMCell(4)), merge_mode="{mode}")')
      for mode in ("concat", "sum", "mul", "ave")],
    *[Case(f"bidirectional-{name}-sequences-{mode}", tf("4|5", 3), f"""
        return x |> Bidirectional({layer}(4, return_sequences=True), merge_mode="{mode}")""")
      for (name, layer), mode in zip(LAYERS.items(), ("mul", "ave", "sum"))],
    *[Case(f"bidirectional-{name}-none", tf(4, 3), f"""
        let (a, b) = x |> Bidirectional({layer}(4), merge_mode=None)
        return (a, b)""") for name, layer in LAYERS.items()],
    Case("bidirectional-rnn-list", tf(4, 3), "x |> Bidirectional(RNN([LSTMCell(5), GRUCell(4)], return_sequences=True))"),
    Case("bidirectional-rnn-states", tf(4, 3), """
        let (y, a, b) = x |> Bidirectional(RNN(GRUCell(4), return_sequences=True, return_state=True), merge_mode="sum")
        return Bidirectional(RNN(GRUCell(4)))(y, initial_state=[a, b])"""),
    Case("bidirectional-rnn-list-states", tf(4, 3), """
        let (y, a, b, c, d) = x |> Bidirectional(RNN([SimpleRNNCell(5), GRUCell(4)], return_state=True))
        return (y, a, b, c, d)"""),
    Case("bidirectional-none-states", tf(4, 3), """
        let (y, z, a, b) = x |> Bidirectional(SimpleRNN(4, return_sequences=True, return_state=True), merge_mode=None)
        return (y, z, a, b)"""),
    Case("bidirectional-gru-initial", {"x": tf(4, 3), "g": f(4), "h": f(4)}, """
        return Bidirectional(GRU(4, reset_after=False))(x, initial_state=[g, h])"""),
    Case("bidirectional-forward-goes-backwards", tf(4, 3), """
        return x |> Bidirectional(LSTM(4, return_sequences=True, go_backwards=True), backward_layer=LSTM(4, return_sequences=True))"""),
    Case("bidirectional-forward-goes-backwards-last", tf(4, 3), """
        return x |> Bidirectional(GRU(4, go_backwards=True), backward_layer=SimpleRNN(4), merge_mode="concat")"""),
    Case("bidirectional-backward-layer-sum", tf(4, 3), """
        return x |> Bidirectional(LSTM(4, return_sequences=True), merge_mode="sum", backward_layer=GRU(4, return_sequences=True, go_backwards=True, name="back"))"""),
    Case("bidirectional-backward-layer-rnn", tf(4, 3), """
        return x |> Bidirectional(RNN(GRUCell(4)), backward_layer=RNN([GRUCell(5), LSTMCell(4)], go_backwards=True))"""),
    Case("bidirectional-twice", tf("3|5", 3), """
        return x |> Bidirectional(GRU(4, return_sequences=True)) |> Bidirectional(LSTM(3))"""),
    Case("bidirectional-conv-lstm1d", "time: 3, width: 6, channels: 2", """
        return x |> Bidirectional(ConvLSTM1D(3, 3), merge_mode="ave")"""),
    Case("bidirectional-conv-lstm2d", FRAMES, """
        return x |> Bidirectional(ConvLSTM2D(2, 3, padding="same", return_sequences=True))"""),
    Case("bidirectional-conv-lstm2d-last", FRAMES, "x |> Bidirectional(ConvLSTM2D(3, 2))"),
    Case("bidirectional-conv-lstm2d-states", FRAMES, """
        let (y, a, b, c, d) = x |> Bidirectional(ConvLSTM2D(2, 3, padding="same", return_sequences=True, return_state=True), merge_mode="mul")
        return Bidirectional(ConvLSTM2D(2, 3, padding="same"))(y, initial_state=(a, b, c, d))"""),
    # Keras joins the last axis, whatever it is
    Case("bidirectional-conv-lstm2d-channels-first", "time: 2, channels: 2, height: 4, width: 5", """
        return x |> Bidirectional(ConvLSTM2D(3, 2, return_sequences=True))"""),
    Case("bidirectional-conv-lstm3d", "time: 2, depth: 3, " + hwc(3, 4, 1), "x |> Bidirectional(ConvLSTM3D(2, 2))"),
    Case("time-distributed-lstm", "time: 3, n: 4, features: 2", "x |> TimeDistributed(LSTM(4, return_sequences=True))"),
    Case("time-distributed-rnn", "time: 2|4, n: 4, features: 2", "x |> TimeDistributed(RNN([GRUCell(4), LSTMCell(3)]))"),
    Case("time-distributed-bidirectional", "time: 3, n: 4, features: 2", """
        return x |> TimeDistributed(Bidirectional(GRU(3, return_sequences=True), merge_mode="sum"))"""),
    Case("time-distributed-conv-lstm", "clips: 2, time: 3, height: 4, width: 4, channels: 1", """
        return x |> TimeDistributed(ConvLSTM2D(2, 3))"""),

    # Arguments of LSTM, GRU and SimpleRNN
    *[case for name, layer in LAYERS.items() for case in flags(f"{name}-flags", f"{layer}(", "4, ")],
    *given_states("lstm", "LSTM", {}),
    *given_states("gru", "GRU", {"single": "h"}, ("h",)),
    *given_states("simple-rnn", "SimpleRNN", {"single": "h"}, ("h",)),
    Case("lstm-softmax", tf(4, 3), "x |> LSTM(4, activation=\"softmax\", recurrent_activation=\"relu\", dropout=0.3)"),
    Case("lstm-linear", tf(3, 2), "x |> LSTM(3, activation=None, recurrent_activation=None, unit_forget_bias=False)"),
    Case("lstm-unrolled", tf(4, 3), "x |> LSTM(4, unroll=True, use_cudnn=False, return_sequences=True)"),
    Case("gru-activations", tf(4, 3), """
        return x |> GRU(4, activation="selu", recurrent_activation="hard_sigmoid", return_sequences=True)"""),
    Case("gru-reset-before-no-bias", tf(4, 3), "x |> GRU(4, reset_after=False, use_bias=False, go_backwards=True)"),
    Case("simple-rnn-linear", tf(4, 3), "x |> SimpleRNN(4, activation=None, return_sequences=True)"),
    Case("lstm-states-backwards", tf(4, 3), """
        let (y, h, c) = x |> LSTM(4, return_sequences=True, return_state=True, go_backwards=True)
        return (y, h, c)"""),
    Case("gru-states-last", tf("3|4", 3), """
        let (y, h) = x |> GRU(4, return_state=True)
        return (y, h)"""),
    Case("encoder-decoder", {"x": tf("4|6", 3), "t": "steps: 5|3, features: 2"}, """
        let (e, h, c) = x |> LSTM(5, return_state=True)
        let d = LSTM(5, return_sequences=True)(t, initial_state=[h, c])
        return d |> TimeDistributed(Dense(3, activation="softmax"))"""),
]
