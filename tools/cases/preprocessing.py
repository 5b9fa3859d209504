"""Preprocessing of numbers, and the layers that only training does something with."""

from cases.case import Case, hwc, chw, dhwc, tf, f

IMAGE = hwc(5, 4, 3)

# Layers through which an input passes, with its axes.
IDENTITIES = {
    f(17): ["Dropout(0.5)", "Dropout(rate=0.0, seed=3)", "Dropout(1)", "AlphaDropout(0.25)", "GaussianDropout(0.5)",
            "GaussianNoise(0.3)", "ActivityRegularization(l1=0.1, l2=0.2)", "Identity()"],
    tf(5, 3): ["SpatialDropout1D(0.5)", "Dropout(0.2, noise_shape=(None, 1, 3))"],
    IMAGE: ["SpatialDropout2D(0.5)", "AugMix(num_chains=2)", "CutMix(0.5)", "MixUp(alpha=0.4)", "RandAugment(num_ops=3)",
            "RandomBrightness(0.2)", "RandomColorDegeneration(0.5)", "RandomColorJitter(hue_factor=0.1)",
            "RandomContrast(0.3, value_range=(0, 1))", "RandomElasticTransform()", "RandomErasing()", "RandomFlip()",
            "RandomFlip(\"horizontal\")", "RandomFlip(mode=\"vertical\")", "RandomGaussianBlur()", "RandomGrayscale()",
            "RandomHue(0.5)", "RandomInvert()", "RandomPerspective()", "RandomPosterization(4)",
            "RandomRotation(0.25, fill_mode=\"constant\", interpolation=\"nearest\")", "RandomSaturation(0.5)",
            "RandomSharpness(0.5)", "RandomShear(0.2, 0.1)", "RandomTranslation(0.2, (-0.1, 0.1), fill_mode=\"wrap\")",
            "RandomZoom(0.3, fill_mode=\"nearest\")", "Solarization()", "RandomCrop(5, 4)"],
    chw(3, 5, 4): ["SpatialDropout2D(0.5)", "RandomFlip()"],
    dhwc(3, 4, 2, 3): ["SpatialDropout3D(0.5)"],
}


def slug(axes, call):
    return call.split("(")[0].lower() + "-" + str(IDENTITIES[axes].index(call)) + f"-rank-{axes.count(':') + 1}"


CASES = [
    *[Case(f"identity-{slug(axes, call)}" + ("-first" if axes.startswith("channels") else ""), axes, f"x |> {call}")
      for axes, calls in IDENTITIES.items() for call in calls],
    Case("randomflip-u8", "u8 " + hwc(3, 4, 3), "x |> RandomFlip() |> Rescaling(1.0 / 255)", 60.0, 120.0),

    Case("rescaling", f(17), "x |> Rescaling(2.5)"),
    Case("rescaling-offset", f(17), "x |> Rescaling(0.5, 1.5)"),
    Case("rescaling-u8", "u8 " + IMAGE, "x |> Rescaling(1 / 127.5, offset=-1)", 60.0, 120.0),
    Case("rescaling-i32", "i32 " + f(9), "x |> Rescaling(scale=0.25)", 60.0),
    Case("rescaling-channels", IMAGE, "x |> Rescaling([0.5, 2.0, -1.0])"),
    Case("rescaling-channels-offset", IMAGE, "x |> Rescaling((0.5, 2, 3), offset=[1, 2.5, -0.5])"),
    Case("rescaling-one", IMAGE, "x |> Rescaling([0.5], offset=[0.25])"),
    Case("rescaling-any-size", "height: 5|6, width: 4|3, channels: 3", "x |> Rescaling(0.5, offset=[1, 2, 3])"),
    Case("rescaling-conv", IMAGE, "x |> Rescaling(0.1, offset=0.3) |> Conv2D(4, 3, padding=\"same\")", 20.0),

    Case("normalization", f(7), "x |> Normalization()", 2.0, 0.5),
    Case("normalization-rank-4", IMAGE, "x |> Normalization()", 2.0, 0.5),
    Case("normalization-invert", IMAGE, "x |> Normalization(invert=True)"),
    Case("normalization-axis-1", tf(5, 3), "x |> Normalization(axis=1)"),
    Case("normalization-axes", IMAGE, "x |> Normalization(axis=[1, -1])"),
    Case("normalization-axes-turned", IMAGE, "x |> Normalization(axis=(3, 1), invert=True)"),
    Case("normalization-axis-none", IMAGE, "x |> Normalization(axis=None)"),
    Case("normalization-axis-none-numbers", f(9), "x |> Normalization(axis=None, mean=0.5, variance=4.0)"),
    Case("normalization-numbers", f(9), "x |> Normalization(mean=0.5, variance=4)"),
    Case("normalization-lists", IMAGE, "x |> Normalization(mean=[1, 0.5, -2], variance=[0.25, 4, 9])"),
    Case("normalization-lists-invert", IMAGE, "x |> Normalization(-1, [1, 0.5, -2], [0.25, 4, 9], True)"),
    Case("normalization-nested", tf(2, 3), "x |> Normalization(axis=(1, 2), mean=[[1, 0.5, -2], [3, 0, 1]], "
         "variance=[[0.25, 4, 9], [1, 2, 3]])"),
    Case("normalization-nested-one", tf(2, 3), "x |> Normalization(axis=(1, 2), mean=[[1], [3]], variance=[[4], [2]])"),
    Case("normalization-last-of-axes", tf(2, 3), "x |> Normalization(axis=(1, 2), mean=[1, 3, 2], variance=[4, 2, 1])"),
    Case("normalization-variance-0", f(3), "x |> Normalization(mean=[1, 2, 3], variance=[0.25, 0, 9])", 1e-6, 2.0),
    Case("normalization-u8", "u8 " + IMAGE, "x |> Normalization(mean=[100, 110, 120], variance=[900, 700, 400])", 60.0,
         120.0),
    Case("normalization-any-size", "height: 5|6, width: 4|3, channels: 3", "x |> Normalization()"),
    Case("normalization-dense", f(7), "x |> Normalization() |> Dense(5, activation=\"relu\")"),

    Case("categoryencoding", "i32<6 " + f(4), "x |> CategoryEncoding(6)"),
    Case("categoryencoding-multi-hot", "i32<9 " + f(5), "x |> CategoryEncoding(num_tokens=9, output_mode=\"multi_hot\")"),
    Case("categoryencoding-count", "i32<4 " + f(9), "x |> CategoryEncoding(4, output_mode=\"count\")"),
    Case("categoryencoding-one-hot", "i32<5 " + f(6), "x |> CategoryEncoding(5, \"one_hot\")"),
    Case("categoryencoding-one-hot-1", "i32<5 " + f(1), "x |> CategoryEncoding(5, output_mode=\"one_hot\") |> Dense(3)"),
    Case("categoryencoding-one-hot-rank-3", "i32<5 " + tf(3, 4), "x |> CategoryEncoding(5, output_mode=\"one_hot\")"),
    Case("categoryencoding-u8", "u8<5 " + f(4), "x |> CategoryEncoding(5) |> Dense(3)"),
    Case("categoryencoding-square", "i32<5 " + tf(4, 4), "x |> CategoryEncoding(5, output_mode=\"count\")"),
    Case("categoryencoding-weights", {"a": "i32<5 " + f(6), "w": f(6)},
         "CategoryEncoding(5, output_mode=\"count\")(a, count_weights=w)"),
    Case("categoryencoding-dense", "i32<7 " + f(3), "x |> CategoryEncoding(7) |> Dense(4)"),

    Case("discretization", f(33), "x |> Discretization([-1.0, -0.25, 0.5])"),
    Case("discretization-one", f(33), "x |> Discretization(bin_boundaries=[0.1])"),
    Case("discretization-many", f(17), "x |> Discretization([-20, -10, -5, -2, -1, 0, 1, 2, 5, 10, 20])", 9.0),
    Case("discretization-edges", "i32 " + f(17), "x |> Discretization([-3, 0, 2, 3])", 3.0),
    Case("discretization-int", f(17), "x |> Discretization([-0.5, 0.5], output_mode=\"int\")"),
    Case("discretization-one-hot", f(5), "x |> Discretization([-0.5, 0.5], output_mode=\"one_hot\")"),
    Case("discretization-one-hot-1", f(1), "x |> Discretization([-0.5, 0.5], output_mode=\"one_hot\") |> Dense(3)"),
    Case("discretization-multi-hot", f(4), "x |> Discretization([-1, 0, 1], output_mode=\"multi_hot\") |> Dense(3)"),
    Case("discretization-count", f(9), "x |> Discretization([-0.5, 0.5], output_mode=\"count\")"),
    Case("discretization-count-rank-3", tf(4, 3), "x |> Discretization([-0.5, 0.5], output_mode=\"count\")"),
]
