"""A sign binds tighter than ``//`` and ``%``: −⌊i/2⌋ is written so that it is read as that."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import derive
import numeric
from derive.language.definition import Layer
from tests.suites import every
from verify.evaluation.arrays import Array
from verify.evaluation.exact import evaluate

TERMS = ("i//2", "i%2", "(i//2)%2", "(i%3)//2", "2*(i//3)", "i")
SUMS = [f"{a}({t}) {b} ({u})" for a, b in ("--", "-+") for t, u in product(TERMS, TERMS)]


def layers(inner: str) -> list[Layer]:
    return [
        derive.parse(f"f(x[N]): y[i < N] = x[i]*({inner})"),
        derive.parse(f"f(x[N pad all]): y[i < N] = x[{inner}]"),
        derive.parse(f"f(x[N pad all]): y[i < N] = sum[i//2 <= e < (i+3)//2] x[({inner})%3 - e%3]"),
    ]


@pytest.mark.parametrize("inner", every(2, SUMS))
def test_the_text_says_the_same_layer(inner: str) -> None:
    for layer in layers(inner):
        assert derive.parse(layer.text) == layer


@pytest.mark.parametrize("inner", every(6, SUMS))
def test_code_computes_it(inner: str) -> None:
    x = np.array([3, 1, 4, 1, 5, 9, 2])
    for layer in layers(inner):
        expected = evaluate(layer, {"x": Array(x.shape, tuple(x.tolist()))})["y"].entries
        for target in ("loops", "arrays"):
            found = numeric.compile(layer, target=target).forward(x=x)
            assert found.tolist() == list(expected), target
