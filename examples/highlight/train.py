#!/usr/bin/env python3
"""Trains the model of highlight.strata with Keras and writes its weights and test data.

Writes, beside this script (or into --out):
  highlight.safetensors  the weights, named by their Keras paths
  text.npy               pieces of Python source that it was not trained on, bytes as uint8 [32, 256]
  labels.npy             the kind of each character, int32 [32, 256]
  kinds.npy              the probabilities Keras gives for them, float32 [32, 256, 8]
  colours.png            the end of this script, each character in the colour of its most probable kind

The data: the modules of Python's own standard library, their characters labelled by its tokenizer.
"""

import builtins
import io
import keyword
import pathlib
import sys
import sysconfig
import tokenize

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from training import arguments, fit, save

import keras
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

KINDS = ["space", "name", "keyword", "builtin", "number", "string", "comment", "operator"]
COLOURS = ["black", "black", "#a626a4", "#0184bc", "#4078f2", "#3a8a3a", "#909090", "#b06000"]
LENGTH = 256
TEST_MODULES = {"bisect", "calendar", "colorsys", "contextlib", "fractions", "heapq", "sched", "shelve", "statistics",
                "textwrap"}
BUILTINS = {name for name in dir(builtins) if not name.startswith("_")} | {"self", "cls"}


def kind_of(token):
    """The kind of a token; None: it is no text."""
    if token.type == tokenize.NAME:
        name = "keyword" if keyword.iskeyword(token.string) else "builtin" if token.string in BUILTINS else "name"
        return KINDS.index(name)
    kinds = {tokenize.NUMBER: "number", tokenize.STRING: "string", tokenize.COMMENT: "comment", tokenize.OP: "operator"}
    return KINDS.index(kinds[token.type]) if token.type in kinds else None


def labelled(source):
    """The characters of a module as bytes, and their kinds."""
    starts = np.cumsum([0] + [len(line) for line in source.splitlines(keepends=True)])
    kinds = np.zeros(len(source), np.int32)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = kind_of(token)
        if kind is not None:
            kinds[starts[token.start[0] - 1] + token.start[1]:starts[token.end[0] - 1] + token.end[1]] = kind
    return np.frombuffer(source.encode("ascii"), np.uint8), kinds


def load():
    """Returns (train text, train kinds, test text, test kinds), cut into pieces of LENGTH characters."""
    parts = {False: [], True: []}
    for path in sorted(pathlib.Path(sysconfig.get_path("stdlib")).glob("*.py")):
        source = path.read_text(encoding="utf-8")
        if not source.isascii() or len(source) < LENGTH or path.stem.startswith("_"):
            continue
        text, kinds = labelled(source)
        whole = len(text) // LENGTH * LENGTH
        parts[path.stem in TEST_MODULES].append((text[:whole].reshape(-1, LENGTH), kinds[:whole].reshape(-1, LENGTH)))
    return [np.concatenate([part[i] for part in parts[is_test]]) for is_test in (False, True) for i in (0, 1)]


def build():
    """The layers of highlight.strata, argument for argument."""
    layers = keras.layers
    text = keras.Input((None,), dtype="uint8", name="text")
    x = layers.Embedding(256, 16)(text)
    x = layers.Conv1D(32, 5, padding="same", activation="relu")(x)
    x = layers.Bidirectional(layers.LSTM(32, return_sequences=True))(x)
    x = layers.Bidirectional(layers.LSTM(32, return_sequences=True))(x)
    return keras.Model(text, layers.Dense(len(KINDS), activation="softmax")(x))


def draw(path, text, kinds, lines=24):
    """The last lines of a text, in colours."""
    font = ImageFont.truetype(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSansMono.ttf", 13)
    width, height = int(font.getlength("m")), 17
    image = Image.new("RGB", (120 * width, lines * height), "white")
    pen = ImageDraw.Draw(image)
    row, column = lines - text.count("\n"), 0
    for letter, kind in zip(text, kinds):
        if row >= 0:
            pen.text((column * width, row * height), letter, COLOURS[kind], font)
        row, column = (row + 1, 0) if letter == "\n" else (row, column + 1)
    image.save(path, optimize=True)


def main():
    args = arguments(__doc__, __file__, epochs=6)
    text, kinds, test_text, test_kinds = load()
    print(f"{len(text)} pieces of {LENGTH} characters to train with, {len(test_text)} to test with")
    model = build()
    fit(model, text, kinds, "sparse_categorical_crossentropy", args.epochs, rate=6e-3)

    right = model.predict(test_text, verbose=0).argmax(axis=-1) == test_kinds
    print(f"test accuracy {right.mean():.4f} ({right.sum()} of {right.size} characters)")
    chosen = np.random.default_rng(args.seed).permutation(len(test_text))[:32]
    test_text, test_kinds = test_text[chosen], test_kinds[chosen]
    probs = model.predict(test_text, batch_size=len(chosen), verbose=0)
    accuracy = np.mean(probs.argmax(axis=-1) == test_kinds)
    print(f"of the 32 pieces written: {accuracy:.4f}")
    assert accuracy >= 0.95, "the test accuracy must be at least 0.95"
    save(args.out, "highlight", model, {"text": test_text, "labels": test_kinds, "kinds": probs})
    source = pathlib.Path(__file__).read_text()
    own_kinds = model.predict(np.frombuffer(source.encode("ascii"), np.uint8)[np.newaxis], verbose=0)[0].argmax(axis=-1)
    draw(args.out / "colours.png", source, own_kinds)


if __name__ == "__main__":
    main()
