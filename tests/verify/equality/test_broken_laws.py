"""Laws broken one at a time: with each a claim follows that is wrong, and without it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

import derive
from tests.suites import every
from verify.claims import laws
from verify.claims.subject import subject
from verify.equality.algebra import (
    cases,
    comparisons,
    decision,
    order,
    powers,
    signs,
    situations,
    sums,
    trigonometry,
    truths,
)
from verify.equality.algebra.atoms import Base, Exponential
from verify.equality.algebra.pairs import ordered_pairs
from verify.equality.algebra.polynomials import UNIT, Polynomial, added


@dataclass(frozen=True)
class Broken:
    """What stands in for a law or its side condition, and what follows then."""

    law: str
    owner: Any
    name: str
    instead: Any
    layer: str
    claim: str


def logarithms(polynomial: Polynomial) -> Polynomial:
    """exp u > c taken for u > 0."""
    found = [a.product for p in polynomial for a, _ in p if isinstance(a, Exponential)]
    return {found[0]: 1} if found else {}


def first_root(polynomial: Polynomial, times: Any) -> Polynomial:
    """The root of the largest term taken for that of the whole."""
    lead = Base(polynomial).lead
    assert lead is not None
    return {frozenset((a, e // 2) for a, e in lead[0] if isinstance(e, int)): 1}


def diagonal_twice(product: Any, bound: Any) -> Iterator[Any]:
    """j < i taken for j ≤ i."""
    yield from (replace(p, strict=not p.strict) for p in ordered_pairs(product, bound))


def added_up(self: trigonometry.Trigonometry, first: Any, second: Any) -> Polynomial:
    """cos a·cos b taken for cos(a + b)."""
    return self.applied(first.function, added(first.argument, second.argument))


WHOLE = situations._of_reals

BROKEN = [
    Broken(
        "both cases alike",
        cases,
        "where",
        lambda p, truth, holds: truths.where(p, truth, True),
        "f(x[N]): y[i] = exp(min(x[i], 0))",
        "y[i] = 1 + 0*x[i]",
    ),
    Broken(
        "everything clashes",
        signs.Signs,
        "excluded",
        lambda *_: True,
        "f(x[N]): y[i] = relu(x[i])",
        "y[i] = 0*x[i]",
    ),
    Broken(
        "what is not positive is negative",
        truths,
        "not_below",
        order.above,
        "f(x[N], z[N]): y[i] = z[i]*[x[i] <= 0]",
        "y[i] = z[i]*[x[i] < 0]",
    ),
    Broken(
        "0 ≥ 0 is wrong",
        order,
        "_fails",
        lambda b: not b.polynomial.keys() - {UNIT} and b.polynomial.get(UNIT, 0) <= 0,
        "f(x[N], z[N]): y[i] = z[i]*[0 <= x[i]]*[x[i] <= 0]",
        "y[i] = 0*z[i]",
    ),
    Broken(
        "all values are 0 where P = 0",
        cases.Cases,
        "where_zero",
        lambda *_: {},
        "f(x[N], z[N]): y[i] = z[i]*[x[i] < 0]",
        "y[i] = z[i]*[x[i] <= 0]",
    ),
    Broken(
        "exp u > 2 is u > 0",
        comparisons,
        "_logarithm",
        logarithms,
        "f(x[N], z[N]): y[i] = z[i]*[2 < exp(x[i])]",
        "y[i] = z[i]*[0 < x[i]]",
    ),
    Broken(
        "a product of cosines",
        trigonometry.Trigonometry,
        "_as_sum",
        added_up,
        "f(x[N], z[N]): y[i] = cos(x[i] + z[i])",
        "y[i] = cos(x[i])*cos(z[i])",
    ),
    Broken(
        "a turn is a half",
        trigonometry,
        "_HALF_TURN",
        UNIT,
        "f(x[N]): y[i] = sin(x[i] + 1)",
        "y[i] = -sin(x[i])",
    ),
    Broken(
        "the root of a square",
        powers.Powers,
        "_size",
        lambda self, polynomial: polynomial,
        "f(x[N]): y[i] = x[i]",
        "y[i] = sqrt(x[i]^2)",
    ),
    Broken(
        "the root of a polynomial",
        powers,
        "root",
        first_root,
        "f(x[N]): y[i] = sqrt(x[i]^4 + x[i]^2 + 1)",
        "y[i] = x[i]^2",
    ),
    Broken(
        "a sum over pairs",
        sums,
        "ordered_pairs",
        diagonal_twice,
        "f(x[N]): y = sum[i, j < i] x[i]*x[j]",
        "y = (sum[i] x[i])^2/2 + (sum[i] x[i]^2)/2",
    ),
    Broken(
        "what has no value is needed everywhere",
        decision,
        "reached",
        lambda *_: True,
        "f(x[N,C], z[N]): y[n] = if 0 < z[n] then log(sum[j] exp(x[n,j])) else 0",
        "y[n] = if 0 < z[n] then log(sum[j] exp(x[n,j]))"
        " else 1 - (sum[j] exp(x[n,j])/(sum[k] exp(x[n,k])))",
    ),
    Broken(
        "hyperparameters are not 0",
        situations,
        "_of_reals",
        lambda root, bounds: [next(WHOLE(root, bounds))],
        "f(x[N]; d=1.0 >= 0): y[i] = x[i]",
        "y[i] = x[i] + [d <= 0]",
    ),
]


def follows(layer: str, text: str) -> bool | None:
    return laws.compared(subject(derive.parse(layer), text)).equal


@pytest.mark.parametrize("broken", every(5, BROKEN), ids=[b.law for b in BROKEN])
def test_what_a_broken_law_leads_to(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not follows(broken.layer, broken.claim)
    monkeypatch.setattr(broken.owner, broken.name, broken.instead)
    assert follows(broken.layer, broken.claim)


def test_what_either_side_needs_is_told() -> None:
    """log(t/q) = log t − log q needs t and q to be positive: the gradient has values elsewhere."""
    layer = derive.parse("f(t[C], q[C]): y = sum[c] t[c]*log(t[c]/q[c])")
    found = laws.compared(subject(layer, "dL/dt[c] = g*(log(t[c]) - log(q[c]) + 1)"))
    assert found.equal
    assert sorted(found.hypotheses) == ["q[c] > 0", "t[c] > 0"]


def test_a_clamp_needs_its_bounds_in_order() -> None:
    """max(−a, min(a, x)) and min(a, max(−a, x)) differ where a is negative."""
    layer = "clip(x[N]; a=1.0{}): y[i] = max(-a, min(a, x[i]))"
    text = "y[i] = min(a, max(-a, x[i]))"
    assert follows(layer.format(" >= 0"), text)
    assert not follows(layer.format(""), text)
