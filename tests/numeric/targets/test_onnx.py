"""Generated code against ONNX's node tests for convolution, pooling and matrix products.

Skipped where ONNX is not installed.  Its tests have no gradients.  What the catalog cannot say is
listed with the reason, and the list is exact: a case that becomes expressible fails the test.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from derive.language.definition import Layer

onnx: Any = pytest.importorskip("onnx")
pytestmark = pytest.mark.complete

DILATED = "the catalog's average pooling has no dilation"
WIDE = "padding wider than half the kernel is refused, as in PyTorch"

#: ONNX's own: some of its expected values are written with four digits
RTOL = 1e-3

#: cases that no layer of the catalog stands for
REASONS = {
    "test_averagepool_2d_dilations": DILATED,
    "test_averagepool_3d_dilations_small": DILATED,
    **{
        f"test_averagepool_3d_dilations_large_count_include_pad_is_{c}_ceil_mode_is_{m}": DILATED
        for c in (0, 1)
        for m in (False, True)
    },
    "test_averagepool_2d_pads": WIDE,
    "test_averagepool_2d_pads_count_include_pad": WIDE,
}


class NotExpressible(Exception):
    """No layer of the catalog stands for a case; the message says why."""


@cache
def cases() -> list[Any]:
    """All node tests of ONNX."""
    try:
        from onnx.backend.test.case.node import collect_testcases
    except ImportError:
        pytest.skip("this ONNX has no node tests where they are expected")
    import warnings

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return list(collect_testcases(None))


def of(operator: str) -> list[tuple[str, dict[str, Any], list[np.ndarray], np.ndarray]]:
    """Name, attributes, inputs and output of every test of a single node."""
    found = []
    for case in cases():
        nodes = case.model.graph.node
        if len(nodes) == 1 and nodes[0].op_type == operator and nodes[0].domain == "":
            given = {a.name: onnx.helper.get_attribute_value(a) for a in nodes[0].attribute}
            inputs, outputs = case.data_sets[0]
            found.append((case.name, given, [np.asarray(i) for i in inputs], outputs[0]))
    return found


def check(operator: str, layer_of: Any, least: int) -> None:
    """Every case gives ONNX's output, or is one that is listed as not expressible."""
    count = 0
    for name, given, inputs, expected in of(operator):
        try:
            layer, tensors = layer_of(given, inputs)
        except NotExpressible as reason:
            assert REASONS.get(name) == str(reason), name
            continue
        assert name not in REASONS
        y = numeric.compile(layer).forward(**tensors)
        assert (y.shape, y.dtype) == (expected.shape, expected.dtype), name
        np.testing.assert_allclose(y, expected, rtol=RTOL, atol=1e-6, err_msg=name)
        count += 1
    assert count >= least


# --- sliding windows ----------------------------------------------------------------------------


def padding(given: dict[str, Any], totals: Sequence[int]) -> list[tuple[int, int]]:
    """(before, after) for each axis; ``totals`` are what ``SAME`` has to add."""
    dims = len(totals)
    kind = given.get("auto_pad", b"NOTSET")
    if kind in (b"SAME_UPPER", b"SAME_LOWER"):
        halves = [(t // 2, t - t // 2) for t in totals]
        return halves if kind == b"SAME_UPPER" else [(b, a) for a, b in halves]
    pads = given.get("pads", [0] * 2 * dims)
    return list(zip(pads[:dims], pads[dims:], strict=True))


def window(given: dict[str, Any], size: Sequence[int], kernel: Sequence[int]) -> dict[str, Any]:
    """Stride, dilation and padding of a window that slides over an image."""
    stride = given.get("strides", [1] * len(size))
    dilation = given.get("dilations", [1] * len(size))
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    counts = [-(-n // s) for n, s in zip(size, stride, strict=True)]
    sides = zip(counts, stride, spans, size, strict=True)
    totals = [max(0, (c - 1) * s + span - n) for c, s, span, n in sides]
    return {
        "dims": len(size),
        "stride": tuple(stride),
        "dilation": tuple(dilation),
        "padding": tuple(padding(given, totals)),
    }


def convolution(given: dict[str, Any], inputs: list[np.ndarray]) -> tuple[Layer, dict[str, Any]]:
    x, k = inputs[:2]
    options = window(given, x.shape[2:], k.shape[2:]) | {"groups": given.get("group", 1)}
    layer = derive.layer("conv", channels=True, bias=len(inputs) == 3, **options)
    return layer, dict(zip("xkb", inputs, strict=False))


def test_conv() -> None:
    check("Conv", convolution, 6)


def transposed(given: dict[str, Any], inputs: list[np.ndarray]) -> tuple[Layer, dict[str, Any]]:
    x, k = inputs[:2]
    size, kernel = x.shape[2:], k.shape[2:]
    stride = given.get("strides", [1] * len(size))
    dilation = given.get("dilations", [1] * len(size))
    extra = given.get("output_padding", [0] * len(size))
    sides = zip(size, stride, dilation, kernel, extra, strict=True)
    full = [s * (n - 1) + d * (m - 1) + 1 + e for n, s, d, m, e in sides]
    wanted = given.get("output_shape", [n * s for n, s in zip(size, stride, strict=True)])
    crops = padding(given, [f - w for f, w in zip(full, wanted, strict=True)])
    if "output_shape" in given:  # what is missing is added behind, what is too much is cropped
        gaps = [w - f for f, w in zip(full, wanted, strict=True)]
        extra = [e + max(0, gap) for e, gap in zip(extra, gaps, strict=True)]
    layer = derive.layer(
        "conv_transpose",
        dims=len(size),
        channels=True,
        bias=len(inputs) == 3,
        stride=tuple(stride),
        dilation=tuple(dilation),
        padding=tuple(crops),
        output_padding=tuple(extra),
        groups=given.get("group", 1),
    )
    return layer, dict(zip("xkb", inputs, strict=False))


def test_conv_transpose() -> None:
    check("ConvTranspose", transposed, 11)


def pooling(given: dict[str, Any], inputs: list[np.ndarray]) -> tuple[Layer, dict[str, Any]]:
    (x,) = inputs
    kernel = given.get("kernel_shape", x.shape[2:])  # the global one is as large as the image
    if set(given.get("dilations", [1])) != {1}:
        raise NotExpressible(DILATED)
    options = window(given, x.shape[2:], kernel)
    if any(2 * max(p) > k for p, k in zip(options["padding"], kernel, strict=True)):
        with pytest.raises(ValueError, match="half the kernel"):
            derive.layer("avgpool", kernel_size=tuple(kernel), padding=options["padding"])
        raise NotExpressible(WIDE)
    del options["dilation"]
    layer = derive.layer(
        "avgpool",
        kernel_size=tuple(kernel),
        ceil_mode=bool(given.get("ceil_mode", 0)),
        count_include_pad=bool(given.get("count_include_pad", 0)),
        **options,
    )
    return layer, {"x": x}


def test_average_pool() -> None:
    check("AveragePool", pooling, 11)


def test_global_average_pool() -> None:
    check("GlobalAveragePool", pooling, 2)


# --- matrix products ----------------------------------------------------------------------------


def gemm(given: dict[str, Any], inputs: list[np.ndarray]) -> tuple[Layer, dict[str, Any]]:
    """alpha·A·B + beta·c, c broadcast: typed, since the catalog has the plain product only."""
    alpha, beta = (Fraction(given.get(n, 1.0)).limit_denominator(1000) for n in ("alpha", "beta"))
    a = "A[K, M]" if given.get("transA") else "A[M, K]"
    b = "B[N, K]" if given.get("transB") else "B[K, N]"
    read_a = "A[k, m]" if given.get("transA") else "A[m, k]"
    read_b = "B[n, k]" if given.get("transB") else "B[k, n]"
    tensors, right = [a, b], f"{alpha}*(sum[k] {read_a}*{read_b})"
    if len(inputs) == 3:
        axes = list(zip("MN", "mn", strict=True))[2 - inputs[2].ndim :]
        shape = inputs[2].shape
        sizes = ["1" if n == 1 else size for (size, _), n in zip(axes, shape, strict=True)]
        places = ["0" if n == 1 else index for (_, index), n in zip(axes, shape, strict=True)]
        tensors.append(f"c[{', '.join(sizes)}]")
        right += f" + {beta}*c[{', '.join(places)}]"
    layer = derive.parse(f"gemm({', '.join(tensors)}): y[m < M, n < N] = {right}")
    return layer, dict(zip("ABc", inputs, strict=False))


def test_gemm() -> None:
    check("Gemm", gemm, 11)


def product(given: dict[str, Any], inputs: list[np.ndarray]) -> tuple[Layer, dict[str, Any]]:
    """Batches broadcast from the right; a vector is a row on the left and a column on the right."""
    a, b = inputs
    if a.ndim == b.ndim == 2:
        return derive.layer("matmul"), {"A": a, "B": b}
    depth = max(a.ndim, b.ndim) - 2
    sides = []
    for array, own in ((a, ["m", "k"][-a.ndim :]), (b, ["k", "n"][: b.ndim])):
        lead = [f"b{place}" for place in range(max(depth, 0))][-max(array.ndim - 2, 0) :]
        lead = lead if array.ndim > 2 else []
        names = [*lead, *own]
        ones = [n == 1 and i not in "mkn" for i, n in zip(names, array.shape, strict=True)]
        sizes = ["1" if one else i.upper() for i, one in zip(names, ones, strict=True)]
        places = ["0" if one else i for i, one in zip(names, ones, strict=True)]
        sides.append((sizes, places, names))
    out = [f"b{p}" for p in range(max(depth, 0))]
    out += ["m"] * (a.ndim > 1) + ["n"] * (b.ndim > 1)
    known = {size for sizes, _, _ in sides for size in sizes}
    left = ", ".join(f"{i} < {i.upper() if i.upper() in known else 1}" for i in out)
    (s1, p1, _), (s2, p2, _) = sides
    text = (
        f"product(A[{', '.join(s1)}], B[{', '.join(s2)}]): "
        f"y[{left}] = sum[k] A[{', '.join(p1)}]*B[{', '.join(p2)}]"
    )
    return derive.parse(text), {"A": a, "B": b}


def test_matmul() -> None:
    check("MatMul", product, 7)


def test_every_listed_case_is_there() -> None:
    """A name that ONNX no longer has would hide nothing."""
    assert set(REASONS) <= {case.name for case in cases()}
