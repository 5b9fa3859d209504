#!/usr/bin/env python3
"""Trains the model of sunspots.strata with Keras and writes its weights and test data.

Writes, beside this script (or into --out):
  sunspots.safetensors  the weights, named by their Keras paths
  history.npy           for each test year the 32 years before it, float32 [53, 32, 1]
  next.npy              what Keras forecasts for them, float32 [53, 1]
  truth.npy             the numbers counted, float32 [53, 1]
  forecast.png          both as a picture

The data: yearly numbers of sunspots from 1700 to 2008, as statsmodels carries them. The years up to 1955 train, the 53
from 1956 on test.
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from training import arguments, fit, save

import keras
import numpy as np
from matplotlib.figure import Figure
from statsmodels.datasets import sunspots

PAST = 32
FIRST_TEST_YEAR = 1956


def build():
    """The layers of sunspots.strata, argument for argument: the forecast's root, which is trained, and the forecast."""
    history = keras.Input((None, 1), name="history")
    root = keras.layers.Dense(1)(keras.layers.LSTM(32)(keras.ops.sqrt(history) / 8.0))
    return keras.Model(history, root), keras.Model(history, keras.ops.square(8.0 * keras.ops.relu(root)))


def rmse(a, b):
    return float(np.sqrt(np.mean((a - b) ** 2)))


def draw(path, years, truth, forecast):
    figure = Figure(figsize=(8, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot(years, truth, color="black", label="counted")
    axes.plot(years, forecast, color="tab:orange", label="forecast, one year ahead")
    axes.set(xlabel="year", ylabel="sunspots", xlim=(years[0], years[-1]), ylim=(0, None))
    axes.legend()
    figure.savefig(path, dpi=100)


def main():
    args = arguments(__doc__, __file__, epochs=60)
    data = sunspots.load_pandas().data
    years, numbers = data["YEAR"].to_numpy(int), data["SUNACTIVITY"].to_numpy(np.float32)
    windows = np.stack([numbers[i - PAST:i] for i in range(PAST, len(numbers))])[..., np.newaxis]
    targets, target_years = numbers[PAST:, np.newaxis], years[PAST:]
    is_test = target_years >= FIRST_TEST_YEAR

    trained, model = build()
    fit(trained, windows[~is_test], np.sqrt(targets[~is_test]) / 8.0, "mean_squared_error", args.epochs, rate=5e-3,
        batch_size=16, verbose=0)
    history, truth = windows[is_test], targets[is_test]
    forecast = model.predict(history, batch_size=len(history), verbose=0)
    error, as_before = rmse(forecast, truth), rmse(history[:, -1], truth)
    print(f"root mean squared error {error:.2f} sunspots over {len(truth)} years (as in the year before: {as_before:.2f})")
    assert error < 0.7 * as_before, "the forecast must be better than last year's number"

    save(args.out, "sunspots", model, {"history": history, "next": forecast, "truth": truth})
    draw(args.out / "forecast.png", target_years[is_test], truth, forecast)


if __name__ == "__main__":
    main()
