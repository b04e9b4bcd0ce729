"""The layers of the design, evaluated from their notation against plain loops."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import pytest

import derive
from derive.language.notation import parse_layer
from tests.brute_force import gradient_by_duals
from verify.evaluation.arithmetic import FLOAT
from verify.evaluation.arrays import Array, arrays
from verify.evaluation.dual import DUAL_FLOAT
from verify.evaluation.exact import evaluate, evaluate_explicit
from verify.evaluation.samples import sample

CONV = """
conv(x[N, C, H, W pad p], k[O, C//G, K1, K2], b[O]; s=1, p=0, G=1):
    y[n, o, r, c] = b[o] + sum[i, a, e]
        x[n, o//(O//G)*(C//G) + i, s*r + a, c + e - p] * k[o, i, a, e]
"""
ADAPTIVE = """
adaptive_avgpool1(x[H]; E):
    y[r < E] = sum[r*H//E <= i < ((r+1)*H + E-1)//E] x[i] / (((r+1)*H + E-1)//E - r*H//E)
"""
FLATTEN = "flatten(x[N, C, H, W]): y[n, m < C*H*W] = x[n, m//(H*W), m//W%H, m%W]"
CROSS_ENTROPY = """
cross_entropy(x[N, C], t[N] int < C):
    y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]]) / N
"""


def test_grouped_convolution() -> None:
    layer = parse_layer(CONV)
    x, k, b = sample((1, 4, 3, 3), 0), sample((2, 2, 2, 2), 1), sample((2,), 2)
    y = evaluate(layer, {"x": x, "k": k, "b": b}, {"G": 2, "p": 1, "s": 1})["y"]
    assert y.shape == (1, 2, 2, 4)
    for o, r, c in product(range(2), range(2), range(4)):
        expected = b[o] + sum(
            x[0, 2 * o + i, r + a, c + e - 1] * k[o, i, a, e]
            for i, a, e in product(range(2), repeat=3)
            if 0 <= c + e - 1 < 3
        )
        assert y[0, o, r, c] == expected


def test_groups_must_divide_the_channels() -> None:
    given = {"x": sample((1, 3, 2, 2), 0), "k": sample((2, 1, 1, 1), 1), "b": sample((2,), 2)}
    with pytest.raises(ValueError, match="conv requires G divides C, which fails for G = 2, C = 3"):
        evaluate(parse_layer(CONV), given, {"G": 2})


@pytest.mark.parametrize(("height", "bins"), [(5, 3), (3, 5), (4, 4), (7, 1)])
def test_adaptive_pooling(height: int, bins: int) -> None:
    x = sample((height,), 0)
    y = evaluate(parse_layer(ADAPTIVE), {"x": x}, {"E": bins})["y"]
    for r in range(bins):
        window = x.entries[r * height // bins : math.ceil((r + 1) * height / bins)]
        assert y[r] == Fraction(sum(window), len(window))


def test_flatten_keeps_the_order() -> None:
    x = Array((2, 2, 3, 2), tuple(range(24)))
    assert evaluate(parse_layer(FLATTEN), {"x": x})["y"] == Array((2, 12), tuple(range(24)))


def test_cross_entropy_and_its_gradient() -> None:
    layer = parse_layer(CROSS_ENTROPY)
    rows, t = [[0.5, -1.0, 2.0], [1.0, 0.25, 0.0]], [2, 0]
    given = arrays({"x": rows, "t": t})
    y = evaluate(layer, given, arithmetic=FLOAT)["y"].nested()
    expected = sum(
        math.log(sum(map(math.exp, row))) - row[label] for row, label in zip(rows, t, strict=True)
    )
    assert math.isclose(y, expected / 2)
    derivation = derive.gradient(layer, "x")
    by_duals = gradient_by_duals(layer, given, Array.of(3.0), "x", arithmetic=DUAL_FLOAT)
    with_g = given | {"g": Array.of(3.0)}
    by_formula = evaluate_explicit(derivation.layer, with_g, arithmetic=FLOAT)
    pairs = zip(by_duals.entries, by_formula[derivation.adjoints[-1].name].entries, strict=True)
    assert all(math.isclose(u, v, rel_tol=1e-12) for u, v in pairs)
