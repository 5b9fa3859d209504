#!/usr/bin/env python3
"""Trains the model of classifier.strata with Keras and writes its weights and Keras' answers.

Writes, beside this script (or into --out):
  classifier.safetensors  the weights, named by their Keras paths
  probs.npy               the probabilities Keras gives for the test images of examples/digits, float32 [360, 10]

The data and their split are those of examples/digits, whose images.npy and labels.npy serve both.
"""

import importlib.util
import pathlib
import sys

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(EXAMPLES))
from training import arguments, fit, save

import keras
import numpy as np

spec = importlib.util.spec_from_file_location("digits", EXAMPLES / "digits" / "train.py")
digits = importlib.util.module_from_spec(spec)
spec.loader.exec_module(digits)


def build(n=2):
    """The layers of classifier.strata, argument for argument."""
    layers = keras.layers

    def residual(x, filters, strides=1):
        main = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
        main = layers.ReLU()(layers.BatchNormalization()(main))
        main = layers.Conv2D(filters, 3, padding="same", use_bias=False)(main)
        main = layers.BatchNormalization()(main)
        if strides != 1 or x.shape[-1] != filters:
            x = layers.Conv2D(filters, 1, strides=strides, padding="same")(x)
        return layers.ReLU()(layers.Add()([main, x]))

    image = keras.Input((8, 8, 1), name="image")
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(image)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for _ in range(n):
        x = residual(x, 16)
    x = residual(x, 32, strides=2)
    for _ in range(n - 1):
        x = residual(x, 32)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))


def main():
    args = arguments(__doc__, __file__, epochs=12)
    train_images, images, train_labels, labels = digits.load(seed=0)
    train_images, train_labels = digits.with_shifts(train_images, train_labels)
    model = build()
    fit(model, train_images, train_labels, "sparse_categorical_crossentropy", args.epochs, rate=5e-3)
    probs = model.predict(images, batch_size=len(images), verbose=0)
    right = int(np.sum(probs.argmax(axis=-1) == labels))
    print(f"test accuracy {right / len(labels):.4f} ({right} of {len(labels)} images)")
    assert right >= 0.98 * len(labels), "the test accuracy must be at least 0.98"
    save(args.out, "classifier", model, {"probs": probs})


if __name__ == "__main__":
    main()
