"""Stage 1: an equation rewritten so that its reads become affine where they can.

Guards that determine a summed index are solved, indices that are divided by a fixed number are
split into digits, and quotients worked out.  The outcome is an equation again, of the same value
entry by entry; where an outer index was split, of an array that only has to be reshaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sympy import Basic, Expr, Mul, Sum

from derive.domains import Decision
from derive.language.definition import Equation, Layer
from derive.language.integers import affine, exact_multiple, mentions
from derive.language.substitution import substituted
from derive.language.terms import (
    ZERO,
    Between,
    Condition,
    FloorDiv,
    Greatest,
    Index,
    Iverson,
    MaxOver,
    Modulo,
    Range,
    Same,
    Size,
    mapped,
    ranges_of,
    subterms,
    total,
    varies,
    with_ranges,
)
from numeric.lowering.naming import FreshNames
from numeric.lowering.rearranging.quotients import divided
from numeric.lowering.rearranging.uniform import uniform
from numeric.program.assumptions import Assumptions
from numeric.program.reads import Axis, conjunction, parts_of


@dataclass(frozen=True)
class Rearranged:
    """``name[axes] = value``, computed under another name if an outer index was split.

    ``digits`` are the axes that each of the equation's own axes has become, ``positions`` what they
    stand for: the index itself, or ``o//m`` and ``o % m``.
    """

    name: str
    axes: tuple[Axis, ...]
    value: Expr
    target: str
    target_axes: tuple[Axis, ...]
    digits: tuple[tuple[Axis, ...], ...]
    positions: tuple[Expr, ...]
    evidence: tuple[Decision, ...]

    @property
    def reshaped(self) -> bool:
        return self.name != self.target


def rearranged(layer: Layer, equation: Equation, names: FreshNames) -> Rearranged:
    """The equation's explicit right-hand side, rearranged until nothing more applies."""
    outer = tuple(zip(equation.indices, equation.extents, strict=True))
    digits: tuple[tuple[Axis, ...], ...] = tuple((axis,) for axis in outer)
    positions: tuple[Expr, ...] = equation.indices
    value = uniform(equation.explicit, equation.indices, names)
    evidence: list[Decision] = []
    while True:
        axes = tuple(axis for group in digits for axis in group)
        here = Assumptions(layer, axes)
        value = collapsed(divided(value, here), here)
        split = digits_of(value, axes, here, names)
        if split is None:
            break
        evidence.append(split.decision)
        value = substituted(_digits_bound(value, split), {split.index: split.value})
        places = zip(axes, positions, strict=True)
        positions = tuple(p for axis, at in places for p in _split_place(axis, at, split))
        digits = tuple(tuple(d for a in group for d in _split_axis(a, split)) for group in digits)
    name = equation.name if axes == outer else names.fresh(f"{equation.name}_parts")
    return Rearranged(name, axes, value, equation.name, outer, digits, positions, tuple(evidence))


def _split_axis(axis: Axis, split: Digits) -> tuple[Axis, ...]:
    return (split.high, split.low) if axis[0] == split.index else (axis,)


def _split_place(axis: Axis, at: Expr, split: Digits) -> tuple[Expr, ...]:
    """The digits of what an axis stands for."""
    if axis[0] != split.index:
        return (at,)
    return FloorDiv(at, split.low[1]), Modulo(at, split.low[1])


def _digits_bound(expr: Basic, split: Digits) -> Any:
    """The expression with the digits bound where the index was bound."""
    if not isinstance(expr, Sum | MaxOver):
        return mapped(lambda arg: _digits_bound(arg, split), expr)
    ranges: list[Range] = []
    for index, lo, hi in ranges_of(expr):
        if index == split.index:
            ranges += [(i, ZERO, n) for i, n in (split.high, split.low)]
        else:
            ranges.append((index, lo, hi))
    return with_ranges(expr, _digits_bound(expr.args[0], split), ranges)


# --- sums over an index that a guard determines --------------------------------------------------


def collapsed(expr: Basic, here: Assumptions) -> Any:
    """Σ_j [j = e]·F(j) = [lo ≤ e < hi]·F(e); the range stays as a guard unless it is redundant."""
    if not isinstance(expr, Sum):
        return mapped(lambda arg: collapsed(arg, here), expr)
    ranges = ranges_of(expr)
    return _collapse(collapsed(expr.args[0], here.over(ranges)), list(ranges), here)


def _collapse(body: Expr, ranges: list[Range], here: Assumptions) -> Expr:
    found = _solved(body, ranges)
    if found is None:
        return total(body, ranges)
    guard, index, value = found
    lo, hi = next((lo, hi) for i, lo, hi in ranges if i == index)
    left = [r for r in ranges if r[0] != index]
    factors = [_without(f, guard) for f in Mul.make_args(body)]
    new = Mul(*(substituted(f, {index: value}) for f in factors))
    inside = Between(lo, value, hi)
    if not here.given([Between(low, i, high) for i, low, high in left]).shows(inside):
        new = Mul(Iverson(inside), new)
    return _collapse(new, left, here)


def _without(factor: Expr, guard: Condition) -> Expr:
    """A guard factor with one of its conditions taken out."""
    if not isinstance(factor, Iverson):
        return factor
    rest = [c for c in parts_of(factor.args[0]) if c != guard]
    return Iverson(conjunction(rest)) if rest else Mul()


def _solved(body: Expr, ranges: list[Range]) -> tuple[Condition, Index, Expr] | None:
    """A guard ``Same`` that determines a summed index, that index, and its value."""
    free = [i for i, _, _ in ranges if not any(mentions(b, i) for r in ranges for b in r[1:])]
    guards = (p for f in Mul.make_args(body) if isinstance(f, Iverson) for p in parts_of(f.args[0]))
    for guard in guards:
        if isinstance(guard, Same):
            for index in free:
                value = _value(guard, index)
                if value is not None:
                    return guard, index, value
    return None


def _value(guard: Same, index: Index) -> Expr | None:
    """What the guard says the index is, if the index stands there with coefficient 1 or −1."""
    left, right = guard.args
    parts = affine(left - right, index)
    if parts is None or parts[0] not in (1, -1):
        return None
    coefficient, rest = parts
    return -coefficient * rest


# --- digits ---------------------------------------------------------------------------------------
#
# An index o = m·q + r is split, so that o//m is q and o % m is r.  With 0 ≤ o < n, n = Q·m,
# 0 ≤ q < Q and 0 ≤ r < m, the pairs (q, r) are the values of o, each once and in the same order.
# What remains to be decided is n = Q·m.  Grouped convolutions become batched ones this way, and a
# flattened index becomes the indices it was made of.


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
    expr: Basic, outer: tuple[Axis, ...], here: Assumptions, names: FreshNames
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
