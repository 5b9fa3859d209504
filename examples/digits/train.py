#!/usr/bin/env python3
"""Trains the model of digits.strata with Keras and writes its weights and test data.

Writes, beside this script (or into --out):
  digits.safetensors  the weights, named by their Keras paths: conv2d/kernel, conv2d/bias, dense/kernel, dense/bias
  images.npy          the test images, float32 [n, 8, 8, 1], 0..1
  labels.npy          their digits, int32 [n]
  probs.npy           the probabilities Keras gives for them, float32 [n, 10]

The same seed on the same machine gives the same files. Versions: tools/requirements.txt.
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from training import arguments, fit, save

import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def load(seed):
    """Returns (train images, test images, train labels, test labels): a stratified 80/20 split."""
    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[..., np.newaxis]
    labels = digits.target.astype(np.int32)
    return train_test_split(images, labels, test_size=0.2, stratify=labels, random_state=seed)


def with_shifts(images, labels):
    """Adds a copy of every image moved by one pixel up, down, left and right: more data, less overfitting."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    corners = [(1, 1), (0, 1), (2, 1), (1, 0), (1, 2)]
    return np.concatenate([padded[:, y:y + 8, x:x + 8] for y, x in corners]), np.tile(labels, len(corners))


def build():
    """The layers of digits.strata, argument for argument."""
    image = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(16, 3, padding="same", activation="relu")(image)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(image, keras.layers.Dense(10, activation="softmax")(x))


def main():
    args = arguments(__doc__, __file__, epochs=40)
    train_images, images, train_labels, labels = load(args.seed)
    train_images, train_labels = with_shifts(train_images, train_labels)
    model = build()
    fit(model, train_images, train_labels, "sparse_categorical_crossentropy", args.epochs, rate=5e-3, verbose=0)

    probs = model.predict(images, batch_size=len(images), verbose=0)
    right = int(np.sum(probs.argmax(axis=-1) == labels))
    print(f"test accuracy {right / len(labels):.4f} ({right} of {len(labels)} images)")
    assert right >= 0.97 * len(labels), "the test accuracy must be at least 0.97"

    save(args.out, "digits", model, {"images": images, "labels": labels, "probs": probs})


if __name__ == "__main__":
    main()
