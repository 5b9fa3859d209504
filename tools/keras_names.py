#!/usr/bin/env python3
"""Records the names in keras.layers and keras.activations, each with the name of its class or function; what is in
keras.layers beside layers is `other`:
tests/unit/check/keras_names.txt, against which keras_names_test.cpp holds Strata's tables. Versions: tools/requirements.txt."""

import pathlib

import keras


def main():
    lines = [f"layer {name} {item.__name__}" for name, item in sorted(vars(keras.layers).items())
             if isinstance(item, type) and issubclass(item, keras.layers.Layer)]
    lines += [f"other {name} {item.__name__}" for name, item in sorted(vars(keras.layers).items()) if not name.startswith("_")
              and callable(item) and not (isinstance(item, type) and issubclass(item, keras.layers.Layer))]
    lines += [f"activation {name} {item.__name__}" for name, item in sorted(vars(keras.activations).items())
              if callable(item) and name not in ("get", "serialize", "deserialize")]
    root = pathlib.Path(__file__).resolve().parent.parent
    (root / "tests" / "unit" / "check" / "keras_names.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
