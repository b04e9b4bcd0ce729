"""Elementwise functions of conditions, table entries, indices and sizes: numbers, not integers."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import derive
import numeric
from derive.language.functions import FUNCTIONS
from tests.suites import quick

ARGUMENTS = {
    "[i <= j]": lambda i, j, t: int(i <= j),
    "1 + [i < j or i == 2]": lambda i, j, t: 1 + int(i < j or i == 2),
    "t[i] + 1": lambda i, j, t: t[i] + 1,
    "i*j + 1": lambda i, j, t: i * j + 1,
    "N": lambda i, j, t: len(t),
}


@pytest.mark.parametrize("target", ["loops", "arrays", "fast"])
@pytest.mark.parametrize("argument", ARGUMENTS)
@pytest.mark.parametrize("name", quick(sorted(FUNCTIONS), ["erf", "erfc", "log", "tanh"]))
def test_functions_of_integers(name: str, argument: str, target: str) -> None:
    t = np.array([2, 0, 1])
    values = [ARGUMENTS[argument](i, j, t) for i in range(3) for j in range(3)]
    text = f"f(x[N], t[N] int < 3): y[i < N, j < N] = x[j]*{name}({argument})"
    kernel = numeric.compile(derive.parse(text), target=target)
    with np.errstate(divide="ignore"):
        found = kernel.forward(x=np.ones(3), t=t)
    precise = FUNCTIONS[name].precise
    for value, entry in zip(values, found.flat, strict=True):
        if name == "log" and value == 0:
            assert entry == -np.inf
        else:
            assert entry == pytest.approx(float(precise(mpmath.mp, mpmath.mpf(int(value)))))
