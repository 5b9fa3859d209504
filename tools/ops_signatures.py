#!/usr/bin/env python3
"""Records the signatures of keras.ops, with which a test compares those of Strata's functions.

Reads the source of the installed Keras (versions: tools/requirements.txt) without importing it:
  python tools/ops_signatures.py > tests/unit/layers/keras_ops.txt
"""

import ast
import importlib.util
import pathlib


def signature(function):
    args = function.args
    defaults = [None] * (len(args.args) - len(args.defaults)) + args.defaults
    parts = [arg.arg + ("" if default is None else "=" + ast.unparse(default)) for arg, default in zip(args.args, defaults)]
    if args.vararg:
        parts.append("*" + args.vararg.arg)
    for arg, default in zip(args.kwonlyargs, args.kw_defaults):
        parts.append(arg.arg + ("" if default is None else "=" + ast.unparse(default)))
    if args.kwarg:
        parts.append("**" + args.kwarg.arg)
    return f"{function.name}({', '.join(parts)})"


def is_exported(function):
    """Whether `@keras_export` names it in keras.ops."""
    return any("keras.ops." in ast.unparse(decorator) for decorator in function.decorator_list)


def main():
    package = pathlib.Path(importlib.util.find_spec("keras").submodule_search_locations[0])
    lines = set()
    for path in (package / "src" / "ops").glob("*.py"):
        if path.name.endswith("_test.py"):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and is_exported(node):
                lines.add(signature(node))
    print("\n".join(sorted(lines)))


main()
