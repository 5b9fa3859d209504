"""What the train.py of every example does in the same way."""

import argparse
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from safetensors.numpy import save_file


def arguments(doc, script, epochs):
    """The command line: --out, --epochs and --seed. The seed is set."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(script).parent, metavar="DIR",
                        help="folder for the files (default: the script's)")
    parser.add_argument("--epochs", type=int, default=epochs, help=f"passes over the training data (default: {epochs})")
    parser.add_argument("--seed", type=int, default=0, help="of the split, initial weights and order (default: 0)")
    args = parser.parse_args()
    keras.utils.set_random_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    return args


def fit(model, inputs, targets, loss, epochs, rate, batch_size=64, verbose=2, **options):
    """Trains with AdamW at a rate that falls to nothing along a cosine."""
    count = len(next(iter(inputs.values())) if isinstance(inputs, dict) else inputs)
    schedule = keras.optimizers.schedules.CosineDecay(rate, epochs * -(-count // batch_size))
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=1e-2), loss)
    model.fit(inputs, targets, batch_size=batch_size, epochs=epochs, verbose=verbose, **options)


def save(folder, name, model, arrays):
    """Writes NAME.safetensors, the weights under their Keras paths, and every array as its name with .npy."""
    save_file({weight.path: np.asarray(weight.value) for weight in model.weights}, folder / f"{name}.safetensors")
    for array_name, array in arrays.items():
        np.save(folder / f"{array_name}.npy", array)
