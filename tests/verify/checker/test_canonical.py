"""When the checker takes two expressions for the same: ring arithmetic and names, nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Expr, Integer, Pow

from derive.language.terms import AtMost, Entry, FloorDiv, Index, Iverson, Parameter, Size, total
from verify.checker.canonical import same

ZERO = Integer(0)
N, M, S = Size("N"), Size("M"), Parameter("s")
i, j = Index("i"), Index("j")
x, k, g = Entry("x", i), Entry("k", i), Entry("g", i)


def ranged(body: Expr, *ranges: Any) -> Expr:
    return total(body, [(i, ZERO if lo == 0 else lo, hi) for i, lo, hi in ranges])


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (ranged(g, (i, 0, N)), ranged(Entry("g", j), (j, 0, N)), True),
        (ranged(g, (i, 0, N)), ranged(Entry("g", j), (i, 0, N)), False),
        (
            ranged(Entry("a", i, j), (i, 0, N), (j, 0, M)),
            ranged(Entry("a", j, i), (i, 0, M), (j, 0, N)),
            True,
        ),
        (
            ranged(Entry("a", i, j), (i, 0, N), (j, 0, N)),
            ranged(Entry("a", j, i), (i, 0, N), (j, 0, N)),
            True,
        ),
        (
            ranged(Entry("a", i, j) * Entry("b", i), (i, 0, N), (j, 0, N)),
            ranged(Entry("a", i, j) * Entry("b", j), (i, 0, N), (j, 0, N)),
            False,
        ),
        (S * (N - 1) + S, S * N, True),
        (x * (k + S), x * k + x * S, True),
        (Iverson(AtMost(ZERO, M)) ** 2, Iverson(AtMost(ZERO, M)), True),
        (Pow(x, S) * Pow(x, -1), Pow(x, S - 1), True),
        (FloorDiv(N + N, S), FloorDiv(2 * N, S), True),
        (FloorDiv(N, S), FloorDiv(S, N), False),
    ],
)
def test_same(left: Expr, right: Expr, equal: bool) -> None:
    assert same(left, right) is equal
    assert same(right, left) is equal
