"""Sums of many numbers of different scales: the largest is found in steps, each written once.

Two scales at a time, the largest of n written out would have 2ⁿ terms, and in every summand.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import derive
import numeric
from tests.suites import every

COUNT = 12
NAMES = [f"a{n}" for n in range(COUNT)]
VECTORS = ", ".join(f"{a}[N]" for a in NAMES)


def summed(term: str) -> str:
    return " + ".join(term.format(a) for a in NAMES)


def logsumexp(values: list[mpmath.mpf]) -> mpmath.mpf:
    return mpmath.log(mpmath.fsum(map(mpmath.exp, values)))


def weighted(values: list[mpmath.mpf]) -> mpmath.mpf:
    parts = [mpmath.exp(v) for v in values]
    return mpmath.fsum(v * p for v, p in zip(values, parts, strict=True)) / mpmath.fsum(parts)


CASES = {
    f"log({summed('exp({}[i])')})": (logsumexp, 400.0),
    f"({summed('{0}[i]*exp({0}[i])')})/({summed('exp({}[i])')})": (weighted, 400.0),
    f"sqrt({summed('{}[i]^2')})": (lambda v: mpmath.sqrt(mpmath.fsum(x * x for x in v)), 1e200),
}


@pytest.mark.parametrize("body", every(2, CASES))
def test_many_scales_in_one_sum(body: str) -> None:
    meant, size = CASES[body]
    values = [size * (1 + n % 5 + n / 100) for n in range(COUNT)]
    given = {a: np.full(2, v) for a, v in zip(NAMES, values, strict=True)}
    kernel = numeric.compile(derive.parse(f"f({VECTORS}): y[i] = {body}"), target="arrays")
    expected = float(meant([mpmath.mpf(v) for v in values]))
    np.testing.assert_allclose(kernel.forward(**given), expected, rtol=1e-12)
    gradients = kernel.backward(np.ones(2), **given)
    assert all(np.isfinite(gradient).all() for gradient in gradients.values())


def test_second_derivative_with_many_scales() -> None:
    layer = derive.parse(
        "f(x[N]) where N >= 1: y1 = log(1 + sum[1 <= b < N] exp(x[b])*x[b]);"
        " y2[i < N-1] = log(1 + sum[c < N-1] exp(x[c])*x[c]);"
        " y[i < N-1] = y1*y2[i]*sigmoid(x[i]) + y1"
    )
    second = derive.gradient(derive.gradient(layer, "x").layer, "x").layer
    given = {"x": np.array([0.5, 1, 0.25]), "g": np.ones(2), "g2": np.ones(3)}
    loops, arrays = (numeric.compile(second, target=t) for t in ("loops", "arrays"))
    np.testing.assert_allclose(arrays.forward(**given), loops.forward(**given))


@pytest.mark.parametrize(
    "inner",
    every(
        5,
        [
            "k*(if x > 1 then w^3 else 1/(1 + k^2))",
            "(if x > 1 then sqrt(w^2 + k^2) else exp(k))*k",
            "(if x > 1 then 1/(w^2 + k^2) else (if w > 0 then exp(w) else k))",
            "sqrt(w^2 + k^2)*exp(x) + w^2",
            "(sqrt(w^2 + k^2) + exp(x))*(if k > w then exp(w) else 2)",
        ],
    ),
)
def test_scales_that_are_chosen(inner: str) -> None:
    layer = derive.parse(f"f(x[], k[], w[]): y = x^3*log1p(({inner})^2) + x*exp({inner})")
    loops, arrays = (numeric.compile(layer, target=t) for t in ("loops", "arrays"))
    for x, k, w in [(0.5, 1.5, -0.5), (2.0, -1.0, 0.5), (1.5, 0.25, 2.0)]:
        given = {"x": np.array(x), "k": np.array(k), "w": np.array(w)}
        np.testing.assert_allclose(arrays.forward(**given), loops.forward(**given))
        expected, found = (kernel.backward(1.0, **given) for kernel in (loops, arrays))
        for name, gradient in expected.items():
            np.testing.assert_allclose(found[name], gradient)
