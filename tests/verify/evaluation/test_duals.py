"""Gradients by dual numbers against derivatives worked out by hand."""

from __future__ import annotations

import math
from fractions import Fraction as F

import pytest
from sympy import Pow, exp

from derive.language.terms import Entry, maximum, total
from tests.brute_force import gradient_by_duals
from tests.derive.language.handmade import N, Z, conv, equation, i, layer
from verify.evaluation.arrays import Array, arrays
from verify.evaluation.dual import DUAL_FLOAT, Dual, directional_derivative


def test_duals_follow_the_rules_of_differentiation() -> None:
    u, v = Dual(F(3), F(1)), Dual(F(2), F(5))
    assert u + v == Dual(F(5), F(6))
    assert u - v == Dual(F(1), F(-4))
    assert 1 - u == Dual(F(-2), F(-1))
    assert u * v == Dual(F(6), F(17))
    assert u / v == Dual(F(3, 2), F(2 - 15, 4))
    assert 1 / v == Dual(F(1, 2), F(-5, 4))
    assert u**3 == Dual(F(27), F(27))
    assert Dual(0, 1) ** 1 == Dual(0, 1)


def test_gradient_of_conv_by_duals() -> None:
    x, k, g = [1, -2, 3, 4], [5, 7], [1, 10, 100]
    given = arrays({"x": x, "k": k})
    dx = gradient_by_duals(conv(), given, Array.of(g), "x").nested()
    assert dx == (5, 7 + 50, 70 + 500, 700)
    dk = gradient_by_duals(conv(), given, {"y": Array.of(g)}, "k").nested()
    assert dk == tuple(sum(g[v] * x[v + u] for v in range(3)) for u in range(2))


def test_gradient_of_a_maximum_goes_to_the_first() -> None:
    best = maximum(Entry("x", i), [(i, Z, N)])
    whole = layer({"x": (N,)}, equation("y", (), (), best))
    assert gradient_by_duals(whole, arrays({"x": [1, 4, 4]}), Array.of(3), "x").nested() == (
        0,
        3,
        0,
    )


def test_gradient_with_several_outputs_and_an_intermediate() -> None:
    mean = equation("m", (), (), total(Entry("x", i), [(i, Z, N)]) * Pow(N, -1))
    square = equation("u", (i,), (N,), (Entry("x", i) - Entry("m")) ** 2)
    product = equation("v", (i,), (N,), Entry("x", i) * Entry("m"))
    both = layer({"x": (N,)}, mean, square, product)
    x, g, h = [F(1), F(5)], [F(2), F(3)], [F(-1), F(4)]
    upstream = arrays({"u": g, "v": h})
    dx = gradient_by_duals(both, arrays({"x": x}), upstream, "x").nested()
    m = sum(x) / 2
    expected = tuple(
        sum(
            g[e] * 2 * (x[e] - m) * ((e == d) - F(1, 2)) + h[e] * ((e == d) * m + x[e] / 2)
            for e in range(2)
        )
        for d in range(2)
    )
    assert dx == expected
    with pytest.raises(ValueError, match="each output: u, v"):
        gradient_by_duals(both, arrays({"x": x}), {"u": Array.of(g)}, "x")


def test_float_duals_differentiate_functions_and_powers() -> None:
    written = exp(Entry("x", i)) * Pow(Entry("x", i), Entry("x", i))
    power = layer({"x": (N,)}, equation("y", (i,), (N,), written))
    moved = directional_derivative(
        power, arrays({"x": [1.5]}), arrays({"x": [1.0]}), arithmetic=DUAL_FLOAT
    )["y"].nested()
    assert math.isclose(moved[0], math.exp(1.5) * 1.5**1.5 * (math.log(1.5) + 2))
