"""A guard on sizes keeps no array from being made: its extents hold without it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import derive
import numeric
from tests.suites import every

GUARDED = (
    "[2 < N]*x[2]*({})",
    "[N >= 3 and M <= N]*({})*x[M-1]",
    "(if N > 2 then x[N-1]*({}) else k[0])",
    "[M < N]*({})^2",
)
REDUCED = (
    "sum[1 <= b < N] sum[c <= b] x[N-1-b]",
    "sum[b < N-2] x[b]*x[b+1]",
    "sum[b < N-M] x[b+M]*k[0]",
    "max[b < N-1] x[b+1]",
    "sum[b < N-1] max[c < N-b] x[b+c]",
    "sum[b < 2*N-5] x[b//2]*k[b%M]",
)
TEXTS = [
    f"f(x[N pad all], k[M pad all]) where M >= 1: y = {guard.format(body)}"
    for guard, body in product(GUARDED, REDUCED)
    if not ("max" in body and "if" not in guard)
]


@pytest.mark.parametrize("text", every(5, TEXTS))
def test_an_extent_holds_without_the_guard_beside_it(text: str) -> None:
    layer = derive.parse(text)
    loops, arrays = (numeric.compile(layer, target=t) for t in ("loops", "arrays"))
    for n, m in product(range(5), (1, 2)):
        given = {"x": np.arange(1.0, n + 1), "k": np.arange(2.0, m + 2)}
        np.testing.assert_allclose(arrays.forward(**given), loops.forward(**given))
        expected, found = (k.backward(1.0, **given) for k in (loops, arrays))
        for name, gradient in expected.items():
            np.testing.assert_allclose(found[name], gradient)


@pytest.mark.parametrize(
    "text",
    [
        "f(x[N], k[M]): y[i < N-M] = x[i]",
        "f(x[N], k[M], b[]): y[i < N-M] = x[i]*b + [0 < M]*k[0]*b",
        "f(x[N], k[M]): y[i < N-M, j < M-N] = x[i]*k[j]",
        "f(x[N], k[M]): u[i < N-M] = x[i]^2; y = sum[i < N-M] u[i]*x[i]",
    ],
)
@pytest.mark.parametrize("target", ["loops", "arrays"])
def test_an_output_without_windows_may_be_empty_in_both_directions(text: str, target: str) -> None:
    layer = derive.parse(text)
    kernel = numeric.compile(layer, target=target)
    for n, m in product(range(4), range(4)):
        given = {"x": np.arange(1.0, n + 1), "k": np.ones(m)}
        given |= {"b": np.array(2.0)} if "b[]" in text else {}
        y = kernel.forward(**given)
        assert all(np.isfinite(v).all() for v in kernel.backward(np.ones_like(y), **given).values())


def test_a_window_that_does_not_fit_is_refused_in_both_directions() -> None:
    layer = derive.parse("f(x[N], k[M], b[]): y[i] = b + sum[a] x[i+a]*k[a]")
    kernel = numeric.compile(layer)
    given = {"x": np.ones(2), "k": np.ones(3), "b": np.array(1.0)}
    with pytest.raises(ValueError, match="the window must fit"):
        kernel.forward(**given)
    for name in given:
        with pytest.raises(ValueError, match="the window must fit"):
            kernel.backward(np.zeros(0), wrt=[name], **given)
