#!/usr/bin/env python3
"""Records which values of which arguments Keras takes and which it refuses: tests/unit/check/keras_refusals.txt, with which
keras_refusals_test.cpp compares Strata. Versions: tools/requirements.txt.

Layers, arguments and a call of each to begin with are those of docs/layers.md. One argument at a time gets each of VALUES.
Keras refuses a value where making the layer, or applying it to tensors of the example's types, raises an error. The first line
has VALUES; then each argument has two, the inputs' types and the call with `@` for the value, and the values that Keras takes."""

import ast
import inspect
import os
import pathlib
import re
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras

ROOT = pathlib.Path(__file__).resolve().parent.parent
VALUES = ["0", "1", "2", "3", "4", "7", "-1", "-2", "-9", "40", "0.0", "0.5", "2.5", "-0.5", "None", "True", "False",
          '""', '"foo"', '"same"', '"valid"', '"causal"', '"channels_first"', '"channels_last"', '"relu"', '"SAME"', "[]", "()",
          "(1,)", "(2,)", "(1, 1)", "(1, 2)", "(2, 1)", "[3, 3]", "(0, 1)", "(1, -1)", "(1, 2, 3)", "(2, 2, 2)", "(1, 1, 1, 1)",
          "((1, 1), (1, 1))", "((0, 1), (2, 1))", "((1, 1), (1, 1), (1, 1))", "((1, -1), (1, 1))", "(1.5, 2)", "(None, 1)",
          '("same", 1)', "[0.5, 1.5]", "[2, 1]"]
TENSOR_BY_TENSOR = {"GRUCell", "GroupedQueryAttention", "MultiHeadAttention", "SimpleRNNCell"}
DTYPES = {"f32": "float32", "i8": "int8", "u8": "uint8", "i32": "int32", "i64": "int64", "bool": "bool"}


def sections():
    """(layer, its arguments that are not for training alone, the examples: inputs and call)"""
    text = (ROOT / "docs" / "layers.md").read_text().split("\n## Functions")[0].split("\n## Layers")[1]
    for section in text.split("\n### ")[1:]:
        name = section.split("\n")[0]
        arguments = re.findall(r"^\| `(\w+)` \| .*? \| (?:`.*?`)? \|", section.split("| weight |")[0].split("| given |")[0], re.M)
        examples = re.findall(r"^\| ((?:`[^`]*`(?:, )?)+) \| `([^`]*)` \| `", section.split("| given |")[-1], re.M)
        yield name, arguments, [(re.findall(r"`([^`]*)`", inputs), call) for inputs, call in examples]


def tensor_of(text, name):
    """A symbolic tensor of a Strata type."""
    dtype, axes = re.fullmatch(r"(\w+)\[(.*)\]", text).groups()
    sizes = [re.sub(r".*: ", "", axis) for axis in axes.split(", ")][1:]
    return keras.Input([int(size) if size.isdigit() else None for size in sizes], name=name, dtype=DTYPES[dtype])


def places(call, layer, arguments):
    """The call's text with `@` in place of each argument's value, by name; of the call that makes the layer."""
    cls = getattr(keras.layers, layer)
    tree = ast.parse(call, mode="eval")
    made = next(node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == layer)
    order = [name for name in inspect.signature(cls.__init__).parameters if name not in ("self", "args", "kwargs")]
    made.keywords = [ast.keyword(name, value) for name, value in zip(order, made.args)] + made.keywords
    made.args = []
    keywords = made.keywords
    for argument in arguments:
        if argument not in order:
            continue
        made.keywords = [word for word in keywords if word.arg != argument] + [ast.keyword(argument, ast.Name("AT"))]
        yield argument, ast.unparse(tree).replace("AT", "@").replace("'", '"')


def takes(call, tensors):
    try:
        scope = vars(keras.layers) | {f"x{i}": tensor for i, tensor in enumerate(tensors)}
        made = eval(call, scope)
        if "x0" not in call:
            made(*tensors) if len(tensors) == 1 or type(made).__name__ in TENSOR_BY_TENSOR else made(tensors)
        return True
    except Exception:
        return False


def main():
    only = sys.argv[1:]
    lines = ["; ".join(VALUES)]
    for layer, arguments, examples in sections():
        if only and layer not in only or not examples:
            continue
        keras.backend.clear_session()
        examples = [(types, call, [tensor_of(text, f"x{i}") for i, text in enumerate(types)]) for types, call in examples]
        types, call, tensors = next((row for row in examples if takes(row[1], row[2])), (None, None, None))
        if call is None:
            print(f"no example of {layer} is taken by Keras as it stands", file=sys.stderr)
            continue
        for argument, template in places(call, layer, arguments):
            verdicts = {value: takes(template.replace("@", value), tensors) for value in VALUES}
            lines.append(f"{', '.join(types)} | {argument} | {template}")
            lines.append("; ".join(value for value in VALUES if verdicts[value]))
        print(layer, flush=True)
    if not only:
        (ROOT / "tests" / "unit" / "check" / "keras_refusals.txt").write_text("\n".join(lines) + "\n")
    else:
        print("\n".join(lines))


if __name__ == "__main__":
    main()
