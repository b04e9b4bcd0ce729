"""Indices split into digits: o = m·q + r, so that o//m is q and o % m is r.

With 0 ≤ o < n, n = Q·m, 0 ≤ q < Q and 0 ≤ r < m, the pairs (q, r) are the values of o, each once
and in the same order.  What remains to be decided is n = Q·m.  Grouped convolutions become batched
ones this way, and a flattened index becomes the indices it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Basic, Expr, Sum

from derive.domains import Decision
from derive.language.integers import exact_multiple
from derive.language.terms import (
    FloorDiv,
    Greatest,
    Index,
    Modulo,
    Same,
    Size,
    ranges_of,
    subterms,
    varies,
)
from numeric.lowering.naming import Names
from numeric.program.assumptions import Assumptions
from numeric.program.reads import Axis


@dataclass(frozen=True)
class Digits:
    """The index, its two digits with their extents, and why the extents multiply to its own."""

    index: Index
    high: Axis
    low: Axis
    decision: Decision

    @property
    def value(self) -> Expr:
        """The index in terms of its digits."""
        return self.low[1] * self.high[0] + self.low[0]


def digits_of(
    expr: Basic, outer: tuple[Axis, ...], here: Assumptions, names: Names
) -> Digits | None:
    """An index worth splitting, and how; None where there is none."""
    extents = {**dict(outer), **dict(_summed(expr))}
    for index, extent in extents.items():
        moduli = list(dict.fromkeys(_moduli(expr, index)))
        for modulus in sorted(moduli, key=lambda m: _divisors(m, moduli)):
            found = _count(extent, modulus, here)
            if found is not None and modulus != 1 and found[0] != 1:
                count, decision = found
                high = (names.digit(index, 1), count)
                low = (names.digit(index, 2), modulus)
                return Digits(index, high, low, decision)
    return None


def _summed(expr: Basic) -> Iterator[Axis]:
    """The indices of sums that run from zero to a bound without indices."""
    for node in subterms(expr):
        if isinstance(node, Sum):
            yield from ((i, hi) for i, lo, hi in ranges_of(node) if lo == 0 and not varies(hi))


def _moduli(expr: Basic, index: Index) -> Iterator[Expr]:
    """What the bare index is divided by."""
    divisions = (node for node in subterms(expr) if isinstance(node, FloorDiv | Modulo))
    yield from (m for number, m in (d.args for d in divisions) if number == index and not varies(m))


def _divisors(modulus: Expr, moduli: list[Expr]) -> int:
    """How many of the others it does not divide; the lowest digit goes first."""
    return sum(exact_multiple(m, modulus) is None for m in moduli)


def _count(extent: Expr, modulus: Expr, here: Assumptions) -> tuple[Expr, Decision] | None:
    """Q with extent = Q·modulus, and the decision that it is so."""
    for candidate in _candidates(extent, modulus, here):
        decision = here.decide(Same(extent, candidate * modulus))
        if decision.holds and here.at_least(0, candidate) and here.at_least(0, modulus):
            return candidate, decision
    return None


def _candidates(extent: Expr, modulus: Expr, here: Assumptions) -> Iterator[Expr]:
    if isinstance(modulus, FloorDiv) and modulus.args[0] == extent:
        yield modulus.args[1]
    for meaning in (extent, *_meanings(extent, here)):
        multiple = exact_multiple(meaning, modulus)
        if multiple is not None:
            yield multiple


def _meanings(extent: Expr, here: Assumptions) -> Iterator[Expr]:
    """What the layer says an output size is."""
    for condition in here.layer.domain if isinstance(extent, Size) else ():
        if isinstance(condition, Same) and condition.args[0] == extent:
            right = condition.args[1]
            yield from right.args if isinstance(right, Greatest) else (right,)
