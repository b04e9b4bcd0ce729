"""Changing the variable of a sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Expr, Integer, Mul, Sum

from derive.language.terms import (
    AtMost,
    Between,
    Divides,
    FloorDiv,
    Index,
    Iverson,
    Range,
    ranges_of,
    total,
)
from verify.checker.binding import free, fresh, mentions, substitute
from verify.checker.canonical import same
from verify.checker.identities import Way, identity, within
from verify.checker.indices import linear
from verify.checker.places import Surroundings
from verify.checker.values import Need, values


def _changed(term: Sum, index: Index, new: Range, factors: list[Expr], value: Expr) -> Expr:
    """The sum over ``new`` in place of the index, which has the given value there."""
    ranges = [new if r[0] == index else r for r in ranges_of(term)]
    return total(substitute(Mul(*factors), {index: value}), ranges)


def _own_bounds_only(term: Sum, index: Index) -> bool:
    """Whether no bound of the sum mentions the index."""
    return not any(mentions(b, index) for r in ranges_of(term) for b in r[1:])


@identity("reindex (flip)")
def flip(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σ_{lo≤a<hi} F(a) = Σ_{lo≤a<hi} F(lo + hi − 1 − a): the range is walked backwards."""
    for index, lo, hi in ranges_of(old):
        mirrored = lo + hi - 1 - index
        if not _own_bounds_only(old, index):
            continue
        if same(_changed(old, index, (index, lo, hi), [old.function], mirrored), new):
            yield [Need(Between(lo, mirrored, hi), within(ranges_of(old)))]


@identity("a guard becomes the range")
def shift(old: Sum, new: Sum, place: Surroundings) -> Iterator[Way]:
    """Σ_{lo≤i<hi} [0 ≤ i+e < n]·F(i) = Σ_{0≤j<n} F(j−e), where lo ≤ j−e < hi for all 0 ≤ j < n.

    e and n mention no index of the sum, no bound uses i, and n has a value anyway.
    """
    ranges = ranges_of(old)
    factors = Mul.make_args(old.function)
    names = [r[0] for r in ranges_of(new)]
    for n, guard in enumerate(factors):
        if not isinstance(guard, Iverson) or not isinstance(guard.args[0], Between):
            continue
        start, shifted, count = guard.args[0].args
        for index, lo, hi in ranges:
            parts = linear(shifted, index)
            if start != 0 or parts is None or parts[0] != 1 or not _own_bounds_only(old, index):
                continue
            if not (free(parts[1]) | free(count)).isdisjoint(r[0] for r in ranges):
                continue
            rest = [*factors[:n], *factors[n + 1 :]]
            for name in names:
                if name != index and (mentions(old, name) or name in (r[0] for r in ranges)):
                    continue
                limit = (name, Integer(0), count)
                inside = Between(lo, name - parts[1], hi)
                if same(_changed(old, index, limit, rest, name - parts[1]), new):
                    counted = values([count], place.setting)
                    yield [
                        Need(inside, within([limit])),
                        *(replace(need, stated=False) for need in counted),
                    ]


@identity("sum over the multiples")
def over_multiples(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σ_{lo≤q<hi} [s ∣ q+e]·[0 ≤ (q+e)/s < n]·F(q) = Σ_{0≤h<n} [lo ≤ s·h−e < hi]·F(s·h−e), s ≥ 1.

    e, s and n mention no index of the sum and have values anyway; no bound uses q.
    """
    ranges = ranges_of(old)
    factors = list(Mul.make_args(old.function))
    guards = {f: f.args[0] for f in factors if isinstance(f, Iverson)}
    for divisible, exact in guards.items():
        if not isinstance(exact, Divides):
            continue
        divisor, numerator = exact.args
        for inside, window in guards.items():
            if not isinstance(window, Between):
                continue
            start, quotient, count = window.args
            if start != 0 or not same(quotient, FloorDiv(numerator, divisor)):
                continue
            for index, lo, hi in ranges:
                parts = linear(numerator, index)
                if parts is None or parts[0] != 1 or not _own_bounds_only(old, index):
                    continue
                fixed = [parts[1], divisor, count]
                if not frozenset().union(*map(free, fixed)).isdisjoint(r[0] for r in ranges):
                    continue
                turn = fresh(index, old)
                value = divisor * turn - parts[1]
                rest = [f for f in factors if f not in (divisible, inside)]
                limit = (turn, Integer(0), count)
                kept = Iverson(Between(lo, index, hi))
                if same(_changed(old, index, limit, [kept, *rest], value), new):
                    others = [r for r in ranges if r[0] != index]
                    yield [
                        Need(AtMost(Integer(1), divisor)),
                        *values([parts[1], count], place.setting, others),
                    ]
