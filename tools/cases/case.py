"""What a case is, and how its axes are written."""

import collections

# Case(name, inputs, body, scale=1, shift=0, where=""). `inputs` is the axes after `batch` of the one input `x`, or a dict of
# several. `i32<20 ` before the axes makes them integers in [0, 20). `[tlmsan] ` before the axes makes padding of steps of axis 1,
# a letter for each sample: a run of trailing, leading or middle steps, scattered ones, all, none; `[tl=-1] ` is padding of -1,
# and integers are padding nowhere else. A size written `5|9` is a symbol: 5 in the first call,
# 9 in the second. `body` is the returned expression, or statements with `let` and `return`; a line that begins with `|>`
# continues the one before. Inputs are normal values times `scale` plus `shift`. In `axis=`, a name stands for that
# axis of the first input (`features` for the last one where the input has no such axis).
# `where` is what the model asks of its symbols.
# Sizes are awkward on purpose (1, 3, 5, 7, 17, 20, 33, 40): a vector's tail must be right too.
Case = collections.namedtuple("Case", "name inputs body scale shift where", defaults=(1.0, 0.0, ""))


def hwc(height, width, channels):
    return f"height: {height}, width: {width}, channels: {channels}"


def chw(channels, height, width):
    return f"channels: {channels}, height: {height}, width: {width}"


def tf(time, features):
    return f"time: {time}, features: {features}"


def f(features):
    return f"features: {features}"


def tc(time, channels):
    return f"time: {time}, channels: {channels}"


def ct(channels, time):
    return f"channels: {channels}, time: {time}"


def dhwc(depth, height, width, channels):
    return f"depth: {depth}, " + hwc(height, width, channels)
