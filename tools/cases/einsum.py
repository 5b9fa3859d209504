"""Sums of products along axes: EinsumDense and Dot."""

from cases.case import Case, hwc, tf, f

CASES = [
    # EinsumDense
    Case("einsumdense", tf(3, 8), "x |> EinsumDense(\"abc,cd->abd\", output_shape=(None, 17), bias_axes=\"d\")"),
    Case("einsumdense-no-bias", tf(3, 20), "x |> EinsumDense(\"abc,cd->abd\", (None, 7))"),
    Case("einsumdense-size-given", tf(3, 8), "x |> EinsumDense(\"abc,cd->abd\", (3, 5), \"relu\", \"d\")"),
    Case("einsumdense-rank-2", f(17), "x |> EinsumDense(\"ab,bc->ac\", output_shape=6, activation=\"tanh\", bias_axes=\"c\")"),
    Case("einsumdense-ellipsis", tf(5, 7), "x |> EinsumDense(\"...x,xy->...y\", output_shape=16, bias_axes=\"y\")"),
    # Keras takes the axes of `...` in reverse for the shape.
    Case("einsumdense-ellipsis-rank-4", hwc(3, 3, 5), "x |> EinsumDense(\"...x,xy->...y\", 9, bias_axes=\"y\")"),
    Case("einsumdense-ellipsis-two", hwc(2, 3, 5), "x |> EinsumDense(\"...wc,cd->...wd\", (3, 4), bias_axes=\"wd\")"),
    Case("einsumdense-ellipsis-batch", f(5), "x |> EinsumDense(\"...x,xy->...y\", (3,), \"softmax\")"),
    Case("einsumdense-ellipsis-after", hwc(4, 3, 5), "x |> EinsumDense(\"ab...,bc->ac...\", 6)"),
    Case("einsumdense-ellipsis-after-bias", hwc(4, 3, 5), "x |> EinsumDense(\"ab...,bc->ac...\", 6, bias_axes=\"c\")"),
    Case("einsumdense-heads", tf(5, 8), "x |> EinsumDense(\"abc,cde->abde\", (None, 2, 3), bias_axes=\"de\")"),
    Case("einsumdense-bias-first", tf(5, 8), "x |> EinsumDense(\"abc,cde->abde\", (None, 2, 3), bias_axes=\"d\")"),
    Case("einsumdense-bias-time", tf(5, 8), "x |> EinsumDense(\"abc,cde->abde\", (5, 2, 3), bias_axes=\"b\")"),
    Case("einsumdense-bias-gap", tf(5, 8), "x |> EinsumDense(\"abc,cde->abde\", (5, 2, 3), bias_axes=\"be\")"),
    Case("einsumdense-join-heads", hwc(5, 2, 3), "x |> EinsumDense(\"abcd,cde->abe\", (None, 7), bias_axes=\"e\")"),
    Case("einsumdense-kernel-turned", tf(5, 8), "x |> EinsumDense(\"abc,edc->abde\", (None, 2, 3), bias_axes=\"de\")"),
    Case("einsumdense-result-turned", tf(5, 8), "x |> EinsumDense(\"abc,cd->adb\", (4, None), bias_axes=\"d\")"),
    Case("einsumdense-sums-time", tf(5, 8), "x |> EinsumDense(\"abc,bd->acd\", (None, 4))"),
    Case("einsumdense-sums-all", tf(5, 8), "x |> EinsumDense(\"abc,bcd->ad\", 17, bias_axes=\"d\")"),
    Case("einsumdense-shared", tf(5, 8), "x |> EinsumDense(\"abc,bcd->abd\", (5, 4), bias_axes=\"bd\")"),
    Case("einsumdense-elementwise", tf(5, 8), "x |> EinsumDense(\"abc,c->abc\", (None, 8), bias_axes=\"c\")"),
    Case("einsumdense-input-alone", tf(5, 8), "x |> EinsumDense(\"abc,cd->ad\", 6)"),
    Case("einsumdense-symbolic-time", {"x": "time: 5|9, features: 7"}, """
        x |> EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="e") |> EinsumDense("abde,def->abf", (None, 4))"""),
    Case("einsumdense-symbolic-ellipsis", {"x": "time: 5|9, features: 7"}, """
        x |> EinsumDense("...x,xy->...y", 6, "gelu", bias_axes="y")"""),

    # Dot
    Case("dot", {"a": f(7), "b": f(7)}, "Dot(axes=1)(a, b)"),
    Case("dot-minus-1", {"a": f(20), "b": f(20)}, "Dot(-1)([a, b])"),
    Case("dot-normalize", {"a": f(17), "b": f(17)}, "Dot(axes=1, normalize=True)(a, b)"),
    Case("dot-rank-3", {"a": tf(3, 8), "b": tf(5, 8)}, "Dot(axes=2)(a, b)"),
    Case("dot-rank-3-minus-1", {"a": tf(3, 8), "b": tf(17, 8)}, "Dot(axes=-1, normalize=True)(a, b)"),
    Case("dot-pair", {"a": tf(3, 8), "b": tf(8, 5)}, "Dot(axes=(2, 1))(a, b)"),
    Case("dot-pair-negative", {"a": tf(3, 8), "b": tf(8, 5)}, "Dot(axes=(-1, -2))(a, b)"),
    Case("dot-pair-normalize", {"a": tf(8, 3), "b": tf(5, 8)}, "Dot(axes=(1, 2), normalize=True)(a, b)"),
    Case("dot-axis-1", {"a": tf(6, 3), "b": tf(6, 20)}, "Dot(axes=1)(a, b)"),
    Case("dot-rank-3-with-2", {"a": tf(3, 8), "b": f(8)}, "Dot(axes=(2, 1))(a, b)"),
    Case("dot-rank-2-with-3", {"a": f(8), "b": tf(3, 8)}, "Dot(axes=(1, 2))(a, b)"),
    Case("dot-rank-4", {"a": hwc(3, 4, 5), "b": tf(4, 6)}, "Dot(axes=(2, 1))(a, b)"),
    Case("dot-rank-4-both", {"a": hwc(3, 4, 5), "b": hwc(4, 2, 3)}, "Dot(axes=(1, 3))(a, b)"),
    Case("dot-name", {"a": "query: 3, features: 8", "b": "key: 4, features: 8"}, "Dot(axes=features)(a, b)"),
    Case("dot-itself", tf(4, 6), "Dot(axes=2)(x, x) |> Softmax()"),
    Case("dot-symbolic", {"a": "query: 3|6, features: 8", "b": "key: 4|7, features: 8"}, "Dot(axes=2)(a, b)"),
    Case("dot-symbolic-sum", {"a": "time: 3|6, features: 5", "b": "time: 3|6, channels: 7"}, "Dot(axes=1)(a, b)"),
]
