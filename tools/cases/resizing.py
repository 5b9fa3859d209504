"""Images of another size: UpSampling2D between elements, Resizing and CenterCrop."""

from cases.case import Case, hwc, chw

BLENDED = ["bilinear", "bicubic", "lanczos3", "lanczos5"]
NAMES = ["nearest"] + BLENDED


def resizing(name, height, width, more=""):
    return f"x |> Resizing({height}, {width}, interpolation=\"{name}\"{more})"


CASES = [
    *(Case(f"up-sampling2d-{name}-2", hwc(4, 5, 3), f"x |> UpSampling2D(interpolation=\"{name}\")")
      for name in BLENDED[1:]),
    *(Case(f"up-sampling2d-{name}-3-1-channels-first", chw(3, 2, 6), f"x |> UpSampling2D((3, 1), interpolation=\"{name}\")")
      for name in BLENDED),
    *(Case(f"up-sampling2d-{name}-symbolic", "height: 3|5, width: 7|4, channels: 2",
           f"x |> UpSampling2D((2, 2), interpolation=\"{name}\")") for name in BLENDED),
    Case("up-sampling2d-bicubic-pixel", hwc(1, 3, 2), "x |> UpSampling2D((4, 3), interpolation=\"bicubic\")"),

    *(Case(f"resizing-{name}-larger", hwc(5, 4, 3), resizing(name, 7, 9)) for name in NAMES),
    *(Case(f"resizing-{name}-smaller", hwc(9, 11, 3), resizing(name, 4, 5)) for name in NAMES),
    *(Case(f"resizing-{name}-smaller-antialias", hwc(9, 11, 3), resizing(name, 4, 3, ", antialias=True"))
      for name in NAMES),
    *(Case(f"resizing-{name}-mixed-antialias", hwc(10, 4, 5), resizing(name, 3, 7, ", antialias=True"))
      for name in BLENDED[:2]),
    *(Case(f"resizing-{name}-symbolic", "height: 5|12, width: 9|4, channels: 3", resizing(name, 7, 6)) for name in NAMES),
    *(Case(f"resizing-{name}-symbolic-antialias", "height: 5|12, width: 9|20, channels: 3",
           resizing(name, 7, 6, ", antialias=True")) for name in BLENDED),
    Case("resizing", hwc(6, 5, 17), "x |> Resizing(9, 10)"),
    Case("resizing-same-height", hwc(6, 5, 3), "x |> Resizing(6, 8)"),
    Case("resizing-channels-first", chw(3, 6, 5), "x |> Resizing(4, 7)"),
    Case("resizing-data-format-first", chw(5, 6, 7), """
        return x |> Resizing(4, 4, interpolation="bicubic", antialias=True, data_format="channels_first")"""),
    *(Case(f"resizing-crop-{height}-{width}", hwc(height, width, 3), "x |> Resizing(6, 9, crop_to_aspect_ratio=True)")
      for height, width in [(5, 12), (11, 6), (7, 7)]),
    Case("resizing-crop-nearest-antialias", hwc(11, 6, 3), """
        return x |> Resizing(5, 4, "nearest", crop_to_aspect_ratio=True, antialias=True)"""),
    Case("resizing-crop-symbolic", "height: 5|11, width: 12|6, channels: 3", """
        return x |> Resizing(6, 9, crop_to_aspect_ratio=True)"""),
    *(Case(f"resizing-pad-{height}-{width}", hwc(height, width, 3), "x |> Resizing(6, 9, pad_to_aspect_ratio=True)")
      for height, width in [(5, 12), (11, 6), (7, 7)]),
    Case("resizing-pad-fill", hwc(4, 9, 3), """
        return x |> Resizing(8, 8, "bicubic", pad_to_aspect_ratio=True, fill_mode="constant", fill_value=-1.5)"""),
    Case("resizing-pad-channels-first", chw(3, 8, 3), "x |> Resizing(5, 6, pad_to_aspect_ratio=True, fill_value=2)"),
    Case("resizing-pad-symbolic", "height: 5|11, width: 12|6, channels: 3", """
        return x |> Resizing(6, 9, pad_to_aspect_ratio=True, fill_value=0.5)"""),
    Case("resizing-u8", "u8 " + hwc(6, 5, 3), "x |> Resizing(8, 9)", 80.0, 128.0),
    Case("resizing-u8-bicubic", "u8 " + hwc(6, 5, 3), "x |> Resizing(8, 9, interpolation=\"bicubic\")", 120.0, 128.0),
    Case("resizing-u8-nearest", "u8 " + hwc(6, 5, 3), "x |> Resizing(4, 9, interpolation=\"nearest\")", 80.0, 128.0),
    Case("resizing-i32", "i32 " + hwc(6, 5, 3), "x |> Resizing(3, 4, antialias=True)", 40.0),

    Case("center-crop", hwc(7, 8, 3), "x |> CenterCrop(4, 5)"),
    Case("center-crop-odd", hwc(8, 7, 3), "x |> CenterCrop(5, 7)"),
    Case("center-crop-channels-first", chw(3, 7, 8), "x |> CenterCrop(3, 6)"),
    Case("center-crop-data-format-first", chw(5, 6, 7), "x |> CenterCrop(4, 2, data_format=\"channels_first\")"),
    Case("center-crop-smaller", hwc(4, 5, 3), "x |> CenterCrop(6, 8)"),
    Case("center-crop-lower", hwc(4, 9, 3), "x |> CenterCrop(6, 6)"),
    Case("center-crop-narrower", hwc(9, 4, 3), "x |> CenterCrop(5, 7)"),
    Case("center-crop-symbolic", "height: 6|9, width: 8|5, channels: 3", "x |> CenterCrop(4, 5)"),
    Case("center-crop-symbolic-narrower", "height: 6|9, width: 4, channels: 3", "x |> CenterCrop(5, 7)"),
]
