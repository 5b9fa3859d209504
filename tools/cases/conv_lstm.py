"""ConvLSTM1D, ConvLSTM2D and ConvLSTM3D."""

from cases.case import Case, hwc, dhwc


def twc(time, width, channels):
    return f"time: {time}, width: {width}, channels: {channels}"


def thwc(time, *sizes):
    return f"time: {time}, " + hwc(*sizes)


def tchw(time, channels, height, width):
    return f"time: {time}, channels: {channels}, height: {height}, width: {width}"


CASES = [
    Case("conv-lstm1d", twc(4, 9, 3), "x |> ConvLSTM1D(5, 3)"),
    Case("conv-lstm1d-same-strides", twc(3, 11, 2), """
        return x |> ConvLSTM1D(4, 3, strides=2, padding="same", return_sequences=True)"""),
    Case("conv-lstm1d-dilation", twc("3|5", 12, 2), """
        return x |> ConvLSTM1D(3, 3, dilation_rate=2, use_bias=False, return_sequences=True)"""),
    Case("conv-lstm1d-channels-first", "time: 3, channels: 2, width: 7", """
        return x |> ConvLSTM1D(3, 2, padding="same", return_sequences=True, go_backwards=True)"""),
    Case("conv-lstm2d", thwc(3, 6, 7, 2), "x |> ConvLSTM2D(4, 3)"),
    Case("conv-lstm2d-same-sequences", thwc("2|5", 5, 6, 3), """
        return x |> ConvLSTM2D(3, 3, padding="same", return_sequences=True)"""),
    Case("conv-lstm2d-strides", thwc(3, 9, 8, 2), """
        return x |> ConvLSTM2D(4, (3, 2), strides=(2, 3), padding="valid", return_sequences=True)"""),
    Case("conv-lstm2d-same-strides", thwc(2, 7, 8, 2), """
        return x |> ConvLSTM2D(3, (2, 3), strides=2, padding="same", go_backwards=True)"""),
    Case("conv-lstm2d-dilation", thwc(3, 9, 8, 2), """
        return x |> ConvLSTM2D(3, 3, dilation_rate=(2, 1), padding="same", return_sequences=True)"""),
    Case("conv-lstm2d-dilation-valid", thwc(2, 9, 9, 1), "x |> ConvLSTM2D(5, 2, dilation_rate=3, use_bias=False)"),
    Case("conv-lstm2d-activations", thwc(3, 5, 5, 2), """
        return x |> ConvLSTM2D(4, 3, activation="relu", recurrent_activation="hard_sigmoid", padding="same")"""),
    Case("conv-lstm2d-softmax", thwc(3, 5, 5, 2), """
        return x |> ConvLSTM2D(4, 3, activation="softmax", return_sequences=True, unit_forget_bias=False)"""),
    Case("conv-lstm2d-channels-first", tchw(3, 2, 5, 6), """
        return x |> ConvLSTM2D(3, 3, data_format="channels_first", return_sequences=True)"""),
    Case("conv-lstm2d-channels-first-softmax", tchw(2, 3, 5, 4), """
        return x |> ConvLSTM2D(3, 3, strides=(1, 2), padding="same", activation="softmax", dropout=0.2)"""),
    Case("conv-lstm2d-go-backwards", thwc("3|4", 5, 5, 2), """
        return x |> ConvLSTM2D(3, 3, padding="same", return_sequences=True, go_backwards=True)"""),
    Case("conv-lstm2d-states", thwc(3, 5, 6, 2), """
        let (y, h, c) = x |> ConvLSTM2D(3, 3, padding="same", return_sequences=True, return_state=True)
        let z = ConvLSTM2D(3, 3, padding="same")(y, initial_state=(h, c))
        return (z, h, c)"""),
    Case("conv-lstm2d-last-states", thwc(3, 7, 6, 2), """
        let (y, h, c) = x |> ConvLSTM2D(3, 3, return_state=True, go_backwards=True)
        return (y, h, c)"""),
    Case("conv-lstm2d-given-state", {"x": thwc(2, 5, 6, 2), "h": hwc(3, 4, 3), "c": hwc(3, 4, 3)}, """
        return ConvLSTM2D(3, 3, return_sequences=True)(x, initial_state=[h, c])"""),
    Case("conv-lstm2d-channels-first-states", tchw(2, 2, 5, 6), """
        let (y, h, c) = x |> ConvLSTM2D(3, 3, padding="same", return_sequences=True, return_state=True)
        let z = ConvLSTM2D(3, 2, padding="same")(y, initial_state=(h, c))
        return (z, h, c)"""),
    Case("conv-lstm3d", "time: 2, " + dhwc(4, 5, 6, 2), "x |> ConvLSTM3D(3, (2, 3, 1))"),
    Case("conv-lstm3d-same", "time: 2, " + dhwc(3, 4, 5, 2), """
        return x |> ConvLSTM3D(2, 3, strides=(1, 2, 2), padding="same", return_sequences=True)"""),
    Case("conv-lstm3d-channels-first", "time: 2, channels: 2, depth: 3, height: 4, width: 3", """
        return x |> ConvLSTM3D(2, 2, padding="same", return_sequences=True, go_backwards=True)"""),
    Case("conv-lstm3d-dilation", "time: 2, " + dhwc(4, 5, 5, 1), """
        let (y, h, c) = x |> ConvLSTM3D(2, 2, dilation_rate=(1, 2, 2), return_state=True)
        return (y, h, c)"""),
    Case("net-conv-lstm", thwc("3|4", 8, 8, 1), """
        return x
          |> ConvLSTM2D(4, 3, padding="same", return_sequences=True)
          |> TimeDistributed(MaxPooling2D(2))
          |> ConvLSTM2D(3, 3, padding="same")
          |> Conv2D(1, 3, padding="same", activation="sigmoid")"""),
]
