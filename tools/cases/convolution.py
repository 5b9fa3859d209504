"""Convolutions."""

from cases.case import Case, hwc, chw, tf, tc, ct, dhwc

CASES = [
    # Conv1D, Conv3D, DepthwiseConv1D
    Case("conv1d", tc(11, 3), "x |> Conv1D(8, 3)"),
    Case("conv1d-features", tf(11, 3), "x |> Conv1D(8, 3, activation=\"relu\")"),
    Case("conv1d-kernel-1", tc(7, 5), "x |> Conv1D(17, 1)"),
    Case("conv1d-kernel-4-same", tc(7, 3), "x |> Conv1D(5, 4, padding=\"same\")"),
    Case("conv1d-strides-2", tc(10, 3), "x |> Conv1D(7, 3, strides=2)"),
    Case("conv1d-strides-3-same", tc(10, 5), "x |> Conv1D(7, 5, strides=3, padding=\"same\")"),
    Case("conv1d-dilation-2", tc(10, 3), "x |> Conv1D(20, 3, dilation_rate=2)"),
    Case("conv1d-causal", tc(9, 3), "x |> Conv1D(8, 3, padding=\"causal\")"),
    Case("conv1d-causal-dilation-4", tc(9, 5), "x |> Conv1D(7, 2, padding=\"causal\", dilation_rate=4)"),
    Case("conv1d-causal-strides-2", tc(9, 5), "x |> Conv1D(7, 4, padding=\"causal\", strides=2)"),
    Case("conv1d-groups-2", tc(8, 4), "x |> Conv1D(6, 3, groups=2, use_bias=False)"),
    Case("conv1d-channels-first", ct(3, 9), "x |> Conv1D(5, 3, padding=\"same\")"),
    Case("conv1d-softmax", tc(6, 5), "x |> Conv1D(7, 2, activation=\"softmax\")"),
    Case("conv3d", dhwc(4, 5, 6, 3), "x |> Conv3D(7, 3)"),
    Case("conv3d-same-strides", dhwc(5, 4, 7, 2), "x |> Conv3D(5, (2, 3, 1), strides=(1, 2, 3), padding=\"same\")"),
    Case("conv3d-dilation-2", dhwc(5, 6, 5, 2), "x |> Conv3D(3, 2, dilation_rate=2, activation=\"tanh\")"),
    Case("depthwise-conv1d", tc(9, 5), "x |> DepthwiseConv1D(3)"),
    Case("depthwise-conv1d-same-multiplier-2", tc(8, 3), """
        return x |> DepthwiseConv1D(4, padding="same", depth_multiplier=2, activation="relu")"""),

    # Conv2D
    Case("conv2d", hwc(9, 8, 3), "x |> Conv2D(8, 3)"),
    Case("conv2d-kernel-1", hwc(5, 6, 7), "x |> Conv2D(17, 1)"),
    Case("conv2d-kernel-1-strides-2", hwc(7, 6, 5), "x |> Conv2D(20, 1, strides=2)"),
    Case("conv2d-kernel-2", hwc(6, 7, 3), "x |> Conv2D(5, 2)"),
    Case("conv2d-kernel-5", hwc(9, 11, 3), "x |> Conv2D(7, 5)"),
    Case("conv2d-kernel-3-1", hwc(8, 5, 3), "x |> Conv2D(16, (3, 1))"),
    Case("conv2d-kernel-1-3", hwc(5, 8, 3), "x |> Conv2D(16, (1, 3))"),
    Case("conv2d-kernel-2-5-same", hwc(6, 7, 5), "x |> Conv2D(3, (2, 5), padding=\"same\")"),
    Case("conv2d-kernel-list", hwc(6, 7, 1), "x |> Conv2D(3, [3, 2])"),
    Case("conv2d-kernel-is-image", hwc(4, 5, 7), "x |> Conv2D(20, (4, 5))"),
    Case("conv2d-filters-1", hwc(6, 6, 16), "x |> Conv2D(1, 3, padding=\"same\")"),
    Case("conv2d-one-channel", hwc(8, 8, 1), "x |> Conv2D(33, 3, padding=\"same\")"),
    Case("conv2d-channels-17-40", hwc(6, 5, 17), "x |> Conv2D(40, 3, padding=\"same\")"),
    Case("conv2d-channels-40-5", hwc(5, 5, 40), "x |> Conv2D(5, 3)"),
    Case("conv2d-wide", hwc(3, 50, 3), "x |> Conv2D(20, 3, padding=\"same\")"),
    Case("conv2d-pixel", hwc(1, 1, 5), "x |> Conv2D(8, 3, padding=\"same\")"),
    Case("conv2d-padding-same", hwc(9, 8, 3), "x |> Conv2D(8, 3, padding=\"same\")"),
    Case("conv2d-padding-same-kernel-2", hwc(5, 6, 3), "x |> Conv2D(5, 2, padding=\"same\")"),
    Case("conv2d-padding-same-kernel-4", hwc(7, 8, 3), "x |> Conv2D(5, 4, padding=\"same\")"),
    Case("conv2d-padding-same-kernel-over-image", hwc(3, 2, 3), "x |> Conv2D(5, 5, padding=\"same\")"),
    Case("conv2d-strides-2", hwc(9, 8, 3), "x |> Conv2D(8, 3, strides=2)"),
    Case("conv2d-strides-2-1", hwc(9, 8, 3), "x |> Conv2D(7, 3, strides=(2, 1))"),
    Case("conv2d-strides-over-kernel", hwc(10, 9, 3), "x |> Conv2D(8, 2, strides=3)"),
    Case("conv2d-padding-same-strides-2", hwc(9, 8, 3), "x |> Conv2D(8, 3, strides=2, padding=\"same\")"),
    Case("conv2d-padding-same-strides-2-even", hwc(8, 8, 3), "x |> Conv2D(8, 3, strides=2, padding=\"same\")"),
    Case("conv2d-padding-same-strides-1-2", hwc(7, 7, 5), "x |> Conv2D(3, 3, strides=(1, 2), padding=\"same\")"),
    Case("conv2d-padding-same-strides-3", hwc(8, 10, 3), "x |> Conv2D(8, 5, strides=3, padding=\"same\")"),
    Case("conv2d-padding-same-strides-over-kernel", hwc(8, 7, 3), "x |> Conv2D(4, 2, strides=3, padding=\"same\")"),
    Case("conv2d-dilation-2", hwc(9, 8, 3), "x |> Conv2D(8, 3, dilation_rate=2)"),
    Case("conv2d-dilation-1-3-same", hwc(6, 9, 3), "x |> Conv2D(5, 3, padding=\"same\", dilation_rate=(1, 3))"),
    Case("conv2d-dilation-2-same", hwc(7, 6, 5), "x |> Conv2D(17, 3, padding=\"same\", dilation_rate=2)"),
    Case("conv2d-dilation-kernel-2-same", hwc(6, 6, 3), "x |> Conv2D(4, 2, padding=\"same\", dilation_rate=2)"),
    Case("conv2d-dilation-3-2-kernel-2", hwc(7, 6, 3), "x |> Conv2D(5, 2, dilation_rate=(3, 2))"),
    Case("conv2d-groups-2", hwc(6, 5, 4), "x |> Conv2D(6, 3, groups=2)"),
    Case("conv2d-groups-3-same", hwc(5, 5, 9), "x |> Conv2D(15, 3, padding=\"same\", groups=3)"),
    Case("conv2d-groups-all", hwc(5, 6, 7), "x |> Conv2D(7, 3, padding=\"same\", groups=7)"),
    Case("conv2d-groups-all-multiplier", hwc(5, 6, 5), "x |> Conv2D(15, 3, groups=5)"),
    Case("conv2d-groups-kernel-1", hwc(4, 5, 16), "x |> Conv2D(8, 1, groups=4)"),
    Case("conv2d-groups-strides-2", hwc(7, 8, 6), "x |> Conv2D(40, 3, strides=2, padding=\"same\", groups=2)"),
    Case("conv2d-groups-dilation", hwc(7, 8, 6), "x |> Conv2D(4, 3, dilation_rate=2, groups=2)"),
    Case("conv2d-no-bias", hwc(6, 6, 3), "x |> Conv2D(16, 3, use_bias=False)"),
    Case("conv2d-relu", hwc(6, 7, 3), "x |> Conv2D(20, 3, padding=\"same\", activation=\"relu\")"),
    Case("conv2d-no-bias-relu", hwc(6, 7, 5), "x |> Conv2D(7, 3, activation=\"relu\", use_bias=False)"),
    Case("conv2d-sigmoid", hwc(5, 5, 3), "x |> Conv2D(1, 1, activation=\"sigmoid\")"),
    Case("conv2d-softmax", hwc(5, 5, 3), "x |> Conv2D(7, 3, padding=\"same\", activation=\"softmax\")"),
    Case("conv2d-leaky-relu", hwc(5, 5, 3), "x |> Conv2D(17, 3, activation=\"leaky_relu\")"),
    Case("conv2d-keywords", hwc(7, 6, 3), "x |> Conv2D(filters=5, kernel_size=(3, 2), strides=(1, 2), "
         "padding=\"same\", dilation_rate=1, groups=1, activation=\"elu\", use_bias=True)"),
    Case("conv2d-channels-first", chw(3, 9, 8), "x |> Conv2D(8, 3)"),
    Case("conv2d-channels-first-same-strides-2", chw(5, 9, 8), "x |> Conv2D(17, 3, strides=2, padding=\"same\")"),
    Case("conv2d-channels-first-groups", chw(4, 6, 7), "x |> Conv2D(6, (3, 1), groups=2, activation=\"relu\")"),
    Case("conv2d-channels-first-dilation", chw(3, 8, 7), "x |> Conv2D(5, 3, padding=\"same\", dilation_rate=2)"),
    Case("conv2d-data-format-first", chw(3, 7, 6), "x |> Conv2D(7, 3, data_format=\"channels_first\")"),
    Case("conv2d-data-format-last", hwc(7, 6, 3), "x |> Conv2D(7, 3, data_format=\"channels_last\")"),
    Case("conv2d-twice", hwc(8, 8, 3), "x |> Conv2D(5, 3, activation=\"relu\") |> Conv2D(7, 3)"),
    Case("conv2d-shared", hwc(6, 6, 3), """
        let conv = Conv2D(3, 3, padding="same", activation="tanh")
        return x |> conv |> conv"""),

    # DepthwiseConv2D
    Case("depthwiseconv2d", hwc(7, 6, 5), "x |> DepthwiseConv2D(3)"),
    Case("depthwiseconv2d-one-channel", hwc(6, 6, 1), "x |> DepthwiseConv2D(3, depth_multiplier=5)"),
    Case("depthwiseconv2d-channels-40", hwc(5, 6, 40), "x |> DepthwiseConv2D(3, padding=\"same\")"),
    Case("depthwiseconv2d-channels-17", hwc(6, 6, 17), "x |> DepthwiseConv2D(5, padding=\"same\")"),
    Case("depthwiseconv2d-kernel-1", hwc(4, 5, 7), "x |> DepthwiseConv2D(1)"),
    Case("depthwiseconv2d-kernel-2-3", hwc(6, 7, 16), "x |> DepthwiseConv2D((2, 3), padding=\"same\")"),
    Case("depthwiseconv2d-multiplier-2", hwc(6, 5, 3), "x |> DepthwiseConv2D(3, depth_multiplier=2)"),
    Case("depthwiseconv2d-multiplier-3-same", hwc(5, 5, 7),
         "x |> DepthwiseConv2D(3, padding=\"same\", depth_multiplier=3, use_bias=False)"),
    Case("depthwiseconv2d-strides-2", hwc(9, 8, 20), "x |> DepthwiseConv2D(3, strides=2)"),
    Case("depthwiseconv2d-strides-2-same", hwc(8, 9, 16), "x |> DepthwiseConv2D(3, strides=(2, 2), padding=\"same\")"),
    Case("depthwiseconv2d-strides-2-1", hwc(8, 5, 3), "x |> DepthwiseConv2D(3, strides=(2, 1), padding=\"same\")"),
    Case("depthwiseconv2d-dilation-2", hwc(8, 7, 5), "x |> DepthwiseConv2D(3, dilation_rate=2)"),
    Case("depthwiseconv2d-dilation-same", hwc(7, 7, 3),
         "x |> DepthwiseConv2D(3, padding=\"same\", dilation_rate=(2, 1))"),
    Case("depthwiseconv2d-no-bias", hwc(6, 6, 33), "x |> DepthwiseConv2D(3, use_bias=False)"),
    Case("depthwiseconv2d-relu6", hwc(6, 6, 16),
         "x |> DepthwiseConv2D(3, padding=\"same\", activation=\"relu6\")", 3.0),
    Case("depthwiseconv2d-channels-first", chw(5, 7, 6), "x |> DepthwiseConv2D(3)"),
    Case("depthwiseconv2d-channels-first-multiplier", chw(3, 7, 8),
         "x |> DepthwiseConv2D(3, strides=2, padding=\"same\", depth_multiplier=2, activation=\"relu\")"),

    # Arguments of Conv1D, Conv3D and the depthwise convolutions that interact
    Case("conv1d-causal-groups-2", tc(9, 4), "x |> Conv1D(6, 3, padding=\"causal\", dilation_rate=2, groups=2)"),
    Case("conv1d-causal-channels-first", ct(4, 9), "x |> Conv1D(6, 4, padding=\"causal\", strides=2, groups=2)"),
    Case("conv1d-same-dilation-3", tc(10, 3), "x |> Conv1D(7, 4, padding=\"same\", dilation_rate=3, use_bias=False)"),
    Case("conv1d-data-format-first", ct(3, 8), "x |> Conv1D(5, 2, data_format=\"channels_first\", dilation_rate=3)"),
    Case("conv2d-channels-first-groups-dilation", chw(6, 7, 8),
         "x |> Conv2D(4, 3, padding=\"same\", dilation_rate=2, groups=2, activation=\"relu\")"),
    Case("conv3d-groups-channels-first", "channels: 4, depth: 4, height: 5, width: 3",
         "x |> Conv3D(6, (2, 3, 2), groups=2, padding=\"same\", use_bias=False)"),
    Case("conv3d-same-dilation-groups", dhwc(4, 5, 4, 6), """
        return x |> Conv3D(9, 2, padding="same", dilation_rate=(1, 2, 3), groups=3)"""),
    Case("conv3d-kernel-1", dhwc(2, 3, 3, 5), "x |> Conv3D(7, 1, strides=(1, 2, 1), activation=\"sigmoid\")"),
    Case("depthwise-conv1d-strides-2", tc(10, 17), "x |> DepthwiseConv1D(3, strides=2, use_bias=False)"),
    Case("depthwise-conv1d-same-strides-3", tc(10, 5), """
        return x |> DepthwiseConv1D(4, strides=3, padding="same", depth_multiplier=3)"""),
    Case("depthwise-conv1d-dilation-2", tc(10, 3), """
        return x |> DepthwiseConv1D(3, padding="same", dilation_rate=2, activation="tanh")"""),
    Case("depthwise-conv1d-channels-first", ct(5, 9), "x |> DepthwiseConv1D(3, padding=\"same\", depth_multiplier=2)"),
    Case("depthwise-conv2d-channels-first", chw(5, 6, 7), """
        return x |> DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2, activation="relu")"""),
    Case("depthwise-conv2d-dilation-multiplier", hwc(7, 8, 3), """
        return x |> DepthwiseConv2D((2, 3), dilation_rate=(3, 2), depth_multiplier=4)"""),

    # SeparableConv1D, SeparableConv2D
    Case("separable-conv1d", tc(9, 5), "x |> SeparableConv1D(8, 3)"),
    Case("separable-conv1d-strides-2-same", tc(10, 3), """
        return x |> SeparableConv1D(7, 4, strides=2, padding="same", depth_multiplier=2, activation="relu")"""),
    Case("separable-conv1d-dilation-2", tc(10, 5), "x |> SeparableConv1D(17, 3, dilation_rate=2, use_bias=False)"),
    Case("separable-conv1d-channels-first", ct(3, 9), "x |> SeparableConv1D(5, 2, padding=\"same\")"),
    Case("separable-conv2d", hwc(7, 8, 5), "x |> SeparableConv2D(8, 3)"),
    Case("separable-conv2d-strides-2", hwc(9, 8, 3), "x |> SeparableConv2D(16, (3, 2), strides=2, depth_multiplier=3)"),
    Case("separable-conv2d-same-dilation", hwc(7, 6, 4), """
        return x |> SeparableConv2D(5, 3, padding="same", dilation_rate=2, use_bias=False, activation="sigmoid")"""),
    Case("separable-conv2d-channels-first", chw(4, 6, 7), """
        return x |> SeparableConv2D(6, 3, strides=2, padding="same", depth_multiplier=2)"""),
    Case("separable-conv2d-symbolic", "height: 6|9, width: 7|5, channels: 3", """
        return x |> SeparableConv2D(6, 3, padding="same", activation="relu")"""),

    # Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
    Case("conv1d-transpose", tc(5, 3), "x |> Conv1DTranspose(8, 3)"),
    Case("conv1d-transpose-kernel-1", tc(5, 3), "x |> Conv1DTranspose(17, 1)"),
    Case("conv1d-transpose-same", tc(6, 5), "x |> Conv1DTranspose(7, 4, padding=\"same\", use_bias=False)"),
    Case("conv1d-transpose-strides-2", tc(5, 3), "x |> Conv1DTranspose(7, 3, strides=2, activation=\"relu\")"),
    Case("conv1d-transpose-strides-2-kernel-4-same", tf(6, 5), "x |> Conv1DTranspose(8, 4, strides=2, padding=\"same\")"),
    Case("conv1d-transpose-strides-3-same", tc(4, 5), "x |> Conv1DTranspose(7, 5, strides=3, padding=\"same\")"),
    Case("conv1d-transpose-strides-over-kernel", tc(4, 5), "x |> Conv1DTranspose(7, 2, strides=3)"),
    Case("conv1d-transpose-strides-over-kernel-same", tc(4, 5), "x |> Conv1DTranspose(7, 1, strides=3, padding=\"same\")"),
    Case("conv1d-transpose-output-padding-0", tc(5, 3), "x |> Conv1DTranspose(7, 2, strides=3, output_padding=0)"),
    Case("conv1d-transpose-output-padding-2", tc(5, 3), "x |> Conv1DTranspose(7, 4, strides=3, output_padding=2)"),
    Case("conv1d-transpose-same-output-padding-0", tc(5, 3), """
        return x |> Conv1DTranspose(7, 2, strides=2, padding="same", output_padding=0)"""),
    Case("conv1d-transpose-same-output-padding-1", tc(5, 3), """
        return x |> Conv1DTranspose(7, 3, strides=2, padding="same", output_padding=1)"""),
    Case("conv1d-transpose-same-output-padding-2", tc(4, 3), """
        return x |> Conv1DTranspose(5, 6, strides=4, padding="same", output_padding=2)"""),
    Case("conv1d-transpose-same-output-padding-3", tc(1, 3), """
        return x |> Conv1DTranspose(5, 1, strides=4, padding="same", output_padding=3)"""),
    Case("conv1d-transpose-dilation-2", tc(6, 3), "x |> Conv1DTranspose(7, 3, dilation_rate=2)"),
    Case("conv1d-transpose-dilation-3-same", tc(9, 3), "x |> Conv1DTranspose(7, 2, padding=\"same\", dilation_rate=3)"),
    Case("conv1d-transpose-dilation-2-same-output-padding", tc(9, 3), """
        return x |> Conv1DTranspose(7, 3, padding="same", dilation_rate=2, output_padding=0)"""),
    Case("conv1d-transpose-channels-first", ct(3, 6), "x |> Conv1DTranspose(5, 3, strides=2, padding=\"same\")"),
    Case("conv1d-transpose-softmax", tc(5, 3), "x |> Conv1DTranspose(4, 3, strides=2, activation=\"softmax\")"),
    Case("conv2d-transpose", hwc(4, 5, 3), "x |> Conv2DTranspose(8, 3)"),
    Case("conv2d-transpose-same", hwc(4, 5, 3), "x |> Conv2DTranspose(17, (3, 2), padding=\"same\")"),
    Case("conv2d-transpose-strides-2", hwc(4, 3, 5), "x |> Conv2DTranspose(16, 2, strides=2)"),
    Case("conv2d-transpose-strides-2-kernel-3", hwc(4, 3, 5), "x |> Conv2DTranspose(7, 3, strides=2, activation=\"relu\")"),
    Case("conv2d-transpose-strides-2-same", hwc(4, 5, 3), "x |> Conv2DTranspose(8, 3, strides=2, padding=\"same\")"),
    Case("conv2d-transpose-strides-2-kernel-4-same", hwc(4, 5, 3), """
        return x |> Conv2DTranspose(20, 4, strides=2, padding="same", use_bias=False)"""),
    Case("conv2d-transpose-strides-2-kernel-5-same", hwc(3, 4, 5), """
        return x |> Conv2DTranspose(1, 5, strides=2, padding="same", activation="sigmoid")"""),
    Case("conv2d-transpose-strides-3-1", hwc(3, 5, 4), "x |> Conv2DTranspose(6, (4, 2), strides=(3, 1))"),
    Case("conv2d-transpose-strides-1-3-same", hwc(5, 3, 4), """
        return x |> Conv2DTranspose(6, (4, 2), strides=(1, 3), padding="same")"""),
    Case("conv2d-transpose-output-padding-1", hwc(3, 4, 3), """
        return x |> Conv2DTranspose(5, 3, strides=2, padding="same", output_padding=1)"""),
    Case("conv2d-transpose-output-padding-0-1", hwc(3, 4, 3), """
        return x |> Conv2DTranspose(5, (2, 3), strides=2, output_padding=(0, 1))"""),
    Case("conv2d-transpose-same-output-padding-0", hwc(3, 4, 3), """
        return x |> Conv2DTranspose(5, (2, 4), strides=(2, 3), padding="same", output_padding=0)"""),
    Case("conv2d-transpose-dilation-2-1", hwc(4, 4, 3), "x |> Conv2DTranspose(5, 3, dilation_rate=(2, 1))"),
    Case("conv2d-transpose-dilation-same", hwc(6, 5, 3), """
        return x |> Conv2DTranspose(5, 3, padding="same", dilation_rate=2, activation="tanh")"""),
    Case("conv2d-transpose-channels-first", chw(3, 4, 5), """
        return x |> Conv2DTranspose(6, 3, strides=2, padding="same", activation="relu")"""),
    Case("conv2d-transpose-data-format-first", chw(5, 3, 4), """
        return x |> Conv2DTranspose(4, 2, strides=(2, 1), output_padding=(1, 0), data_format="channels_first")"""),
    Case("conv2d-transpose-pixel", hwc(1, 1, 7), "x |> Conv2DTranspose(16, 4)"),
    Case("conv2d-transpose-symbolic", "height: 3|5, width: 4|2, channels: 5", """
        return x |> Conv2DTranspose(6, 3, strides=2, padding="same", activation="relu")"""),
    Case("conv2d-transpose-stack", hwc(3, 4, 5), """
        return x |> Conv2DTranspose(8, 3, strides=2, padding="same", activation="relu")
          |> BatchNormalization() |> Conv2DTranspose(4, 4, strides=2, padding="same")
          |> Conv2D(3, 3, padding="same")"""),
    Case("conv3d-transpose", dhwc(2, 3, 4, 3), "x |> Conv3DTranspose(7, 2)"),
    Case("conv3d-transpose-strides-2-same", dhwc(2, 3, 2, 3), """
        return x |> Conv3DTranspose(5, 3, strides=2, padding="same", activation="relu")"""),
    Case("conv3d-transpose-strides-1-2-3", dhwc(2, 3, 2, 3), """
        return x |> Conv3DTranspose(4, (2, 3, 2), strides=(1, 2, 3), use_bias=False)"""),
    Case("conv3d-transpose-output-padding", dhwc(2, 2, 3, 3), """
        return x |> Conv3DTranspose(4, 3, strides=2, output_padding=(0, 1, 0))"""),
    Case("conv3d-transpose-dilation", dhwc(3, 3, 4, 2), """
        return x |> Conv3DTranspose(4, 2, padding="same", dilation_rate=(1, 2, 3))"""),
    Case("conv3d-transpose-channels-first", "channels: 3, depth: 2, height: 3, width: 2", """
        return x |> Conv3DTranspose(4, 2, strides=2, padding="same", data_format="channels_first")"""),

    Case("conv2d-padding-upper-case", hwc(5, 6, 3), "x |> Conv2D(4, 3, padding=\"SAME\", data_format=\"Channels_Last\")"),

    # A U-Net whose way up is transposed convolutions, on any image
    Case("net-unet-transpose", "height: 8|12, width: 12|4, channels: 3", """
        let a = x |> Conv2D(8, 3, padding="same", activation="relu")
        let b = a |> Conv2D(12, 3, strides=2, padding="same", activation="relu")
        let c = b |> Conv2D(16, 3, strides=2, padding="same", activation="relu")
        let d = Concatenate(axis=channels)(c |> Conv2DTranspose(12, 2, strides=2), b) |> Conv2D(12, 3, padding="same", activation="relu")
        let e = Concatenate(axis=channels)(d |> Conv2DTranspose(8, 3, strides=2, padding="same"), a)
        return e |> Conv2D(4, 3, padding="same", activation="softmax")""", where="height % 4 == 0, width % 4 == 0"),
]
