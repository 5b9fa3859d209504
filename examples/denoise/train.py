#!/usr/bin/env python3
"""Trains the model of denoise.strata with Keras and writes its weights and test data.

Writes, beside this script (or into --out):
  denoise.safetensors  the weights, named by their Keras paths
  noisy.npy            a part of the test photograph with noise added, uint8 [1, 160, 240, 3]
  truth.npy            the same without the noise
  clean.npy            what Keras makes of noisy.npy
  pictures.png         the three side by side

The data: the two photographs that scikit-learn carries. Pieces of one train, the other tests.
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from training import arguments, fit, save

import keras
import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images

SIGMA = 25.0  # standard deviation of the noise, in grey levels of 256
PIECE = 48


def add_noise(rng, images):
    return np.clip(np.rint(images + rng.normal(0.0, SIGMA, images.shape)), 0, 255).astype(np.uint8)


def cut(rng, photo):
    """A piece of a photograph, mirrored, its colours exchanged or inverted: no colour is stranger than another."""
    y, x = rng.integers(0, photo.shape[0] - PIECE), rng.integers(0, photo.shape[1] - PIECE)
    piece = photo[y:y + PIECE, x:x + PIECE, rng.permutation(3)][:, ::rng.choice([-1, 1])]
    return 255 - piece if rng.random() < 0.5 else piece


def psnr(a, b):
    """Peak signal-to-noise ratio of 8-bit images, in decibels."""
    return 10.0 * np.log10(255.0 ** 2 / np.mean((a.astype(float) - b.astype(float)) ** 2))


def build():
    """The layers of denoise.strata: the model that is trained, which gives f32 in 0 .. 1, and the whole one."""
    layers, ops = keras.layers, keras.ops

    def twice(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        return x

    noisy = keras.Input((None, None, 3), dtype="uint8", name="noisy")
    x = ops.cast(noisy, "float32") / 255.0
    full = twice(x, 16)
    half = twice(layers.MaxPooling2D(2)(full), 32)
    deep = layers.UpSampling2D(2, interpolation="bilinear")(twice(layers.MaxPooling2D(2)(half), 64))
    up = layers.UpSampling2D(2, interpolation="bilinear")(twice(layers.Concatenate()([half, deep]), 32))
    # Made before the layers that it is applied to, so named by hand: Strata numbers layers as they are applied.
    last = layers.Conv2D(3, 3, padding="same", name="conv2d_10")
    noise = last(twice(layers.Concatenate()([full, up]), 16))
    clean = x - noise
    return keras.Model(noisy, clean), keras.Model(
        noisy, ops.cast(ops.round(ops.clip(clean, 0.0, 1.0) * 255.0), "uint8"))


def main():
    args = arguments(__doc__, __file__, epochs=6)
    rng = np.random.default_rng(args.seed)
    train_photo, test_photo = load_sample_images().images
    pieces = np.stack([cut(rng, train_photo) for _ in range(3000)])

    trained, model = build()
    fit(trained, add_noise(rng, pieces), pieces / np.float32(255.0), "mean_absolute_error", args.epochs, rate=2e-3,
        batch_size=8)

    truth = test_photo[np.newaxis, 130:290, 200:440]
    noisy = add_noise(rng, truth)
    clean = model.predict(noisy, verbose=0)
    print(f"peak signal-to-noise ratio: {psnr(noisy, truth):.2f} dB with the noise, {psnr(clean, truth):.2f} dB without")
    assert psnr(clean, truth) >= psnr(noisy, truth) + 5.0, "the noise must get less by 5 dB"
    save(args.out, "denoise", model, {"noisy": noisy, "truth": truth, "clean": clean})
    Image.fromarray(np.concatenate([noisy[0], clean[0], truth[0]], axis=1)).save(args.out / "pictures.png")


if __name__ == "__main__":
    main()
