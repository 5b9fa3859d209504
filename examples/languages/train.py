#!/usr/bin/env python3
"""Trains the model of languages.strata with Keras and writes its weights and test data.

Writes, beside this script (or into --out):
  languages.safetensors  the weights, named by their Keras paths
  letters.npy            test words, letters as uint8 [1000, 16]: positions in ALPHABET from 1 on, 0 after the end
  labels.npy             their languages, int32 [1000]
  probs.npy              the probabilities Keras gives for them, float32 [1000, 8]

The data: the most frequent words of eight languages, as wordfreq carries them (Robyn Speer, CC BY-SA 4.0), from four
letters on, without those that two of the languages share. A tenth tests.
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from training import arguments, fit, save

import keras
import numpy as np
from wordfreq import top_n_list

LANGUAGES = ["de", "en", "es", "fi", "fr", "it", "pl", "tr"]
ALPHABET = "abcdefghijklmnopqrstuvwxyzäöüßáéíóúñàâæçèêëîïôœùûąćęłńśźżğış"
LONGEST = 16


def load(count):
    """Returns (letters uint8 [words, LONGEST], labels int32 [words])."""
    of_language = [set(top_n_list(language, count)) for language in LANGUAGES]
    letters, labels = [], []
    for label, words in enumerate(of_language):
        others = set().union(*(of_language[:label] + of_language[label + 1:]))
        for word in sorted(words - others):
            if 4 <= len(word) <= LONGEST and all(letter in ALPHABET for letter in word):
                letters.append([ALPHABET.index(letter) + 1 for letter in word] + [0] * (LONGEST - len(word)))
                labels.append(label)
    return np.array(letters, np.uint8), np.array(labels, np.int32)


def build():
    """The layers of languages.strata, argument for argument."""
    layers, ops = keras.layers, keras.ops

    def encoder(x, heads, width):
        features = x.shape[-1]
        a = layers.LayerNormalization(epsilon=1e-6)(x)
        b = layers.Add()([x, layers.MultiHeadAttention(heads, features // heads)(a, a)])
        c = layers.Dense(width, activation="gelu")(layers.LayerNormalization(epsilon=1e-6)(b))
        return layers.Add()([b, layers.Dense(features)(c)])

    letters = keras.Input((None,), dtype="uint8", name="letters")
    place = ops.where(letters > 0, ops.cumsum(ops.cast(letters > 0, "int32"), axis=1), 0)
    x = layers.Add()([layers.Embedding(64, 48, mask_zero=True)(letters),
                      layers.Embedding(LONGEST + 1, 48, mask_zero=True)(place)])
    for _ in range(2):
        x = encoder(x, 4, 96)
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(letters, layers.Dense(len(LANGUAGES), activation="softmax")(x))


def main():
    args = arguments(__doc__, __file__, epochs=10)
    letters, labels = load(12000)
    order = np.random.default_rng(args.seed).permutation(len(labels))
    letters, labels = letters[order], labels[order]
    held_out = len(labels) // 10
    print(f"{len(labels) - held_out} words to train with, {held_out} to test with")
    model = build()
    fit(model, letters[held_out:], labels[held_out:], "sparse_categorical_crossentropy", args.epochs, rate=2e-3)

    right = model.predict(letters[:held_out], verbose=0).argmax(axis=-1) == labels[:held_out]
    print(f"test accuracy {right.mean():.4f} ({right.sum()} of {right.size} words)")
    letters, labels = letters[:1000], labels[:1000]
    probs = model.predict(letters, batch_size=len(letters), verbose=0)
    accuracy = np.mean(probs.argmax(axis=-1) == labels)
    print(f"of the 1000 words written: {accuracy:.4f}")
    assert accuracy >= 0.8, "the test accuracy must be at least 0.8"
    save(args.out, "languages", model, {"letters": letters, "labels": labels, "probs": probs})


if __name__ == "__main__":
    main()
