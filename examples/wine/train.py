#!/usr/bin/env python3
"""Trains the model of wine.strata with Keras and writes its weights and test data.

Writes, beside this script (or into --out):
  wine.safetensors  the weights, named by their Keras paths; the mean and variance of each column among them
  analysis.npy      the test wines, float32 [54, 13]
  labels.npy        their growers, int32 [54]
  probs.npy         the probabilities Keras gives for them, float32 [54, 3]

The data: the 178 wines of sklearn.datasets.load_wine (UCI "Wine", M. Forina et al., 1988). A fixed, stratified third
of them is held out for the test.
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from training import arguments, fit, save

import keras
import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split


def main():
    args = arguments(__doc__, __file__, epochs=60)
    data = load_wine()
    train, analysis, train_labels, labels = train_test_split(
        data.data.astype(np.float32), data.target.astype(np.int32), test_size=0.3, stratify=data.target,
        random_state=args.seed)

    inputs = keras.Input((13,), name="analysis")
    normalization = keras.layers.Normalization()
    normalization.adapt(train)
    x = normalization(inputs)
    for _ in range(2):
        x = keras.layers.Dense(16, activation="relu")(x)
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))
    fit(model, train, train_labels, "sparse_categorical_crossentropy", args.epochs, rate=1e-2, batch_size=16, verbose=0)

    probs = model.predict(analysis, batch_size=len(analysis), verbose=0)
    right = int(np.sum(probs.argmax(axis=-1) == labels))
    print(f"test accuracy {right / len(labels):.4f} ({right} of {len(labels)} wines)")
    assert right >= 0.95 * len(labels), "the test accuracy must be at least 0.95"
    save(args.out, "wine", model, {"analysis": analysis, "labels": labels, "probs": probs})


if __name__ == "__main__":
    main()
