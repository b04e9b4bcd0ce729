"""Finite ranges for the bound indices of a claim that have none.

A term counts only where its conditions hold, and those bound its indices: 0 ≤ p − a < R keeps a
between p − R + 1 and p.  An index that no condition bounds makes a sum of infinitely many terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, IndexedBase, Sum, oo

from derive.domains.known import Known
from derive.language.integers import affine, expanded
from derive.language.notation.numbers import NoValue, integer
from derive.language.terms import (
    ZERO,
    AtMost,
    Between,
    Condition,
    FloorDiv,
    Greatest,
    Index,
    Least,
    Less,
    MaxOver,
    Negation,
    Parameter,
    Range,
    Same,
    entries,
    ranges_of,
    symbols_of,
    total,
)
from verify.equality.flatten import Flattener
from verify.equality.guards import Outside
from verify.equality.terms import Term, range_condition

#: how many inequalities are followed at once when indices are eliminated
_MOST = 300
#: how many values an index may run over where all sizes are small
_LONGEST = 10_000


class Endless(Exception):
    """A sum has infinitely many terms, or cannot be seen to have finitely many."""

    def __init__(self, index: Index) -> None:
        super().__init__(index.name)
        self.index = index


class TooLong(Exception):
    """A sum or maximum runs over far more values than there can be terms."""

    def __init__(self, index: Index) -> None:
        super().__init__(index.name)
        self.index = index


@dataclass(frozen=True)
class Finite:
    """Gives every sum of an expression finite ranges; ``Endless`` where there are none.

    A written range too is narrowed to where there is anything to add up, so that it can be run
    through; raises ``TooLong`` for one that still cannot.
    """

    outside: Outside
    flattener: Flattener

    def __call__(self, expr: Any, known: tuple[Condition, ...]) -> Any:
        """The expression with finite sums, equal to the given one; ``known`` holds at the place."""
        if isinstance(expr, IndexedBase) or not expr.args:
            return expr
        if isinstance(expr, Sum):
            return self._sum(expr, known)
        if isinstance(expr, MaxOver):
            _check_lengths(ranges_of(expr))
        return expr.func(*(self(a, known) for a in expr.args))

    def _sum(self, expr: Sum, known: tuple[Condition, ...]) -> Expr:
        written = [c for r in ranges_of(expr) for c in range_condition(*r)]
        inside = (*known, *written)
        body = self.outside.spelled_out(expr.function, inside)
        terms = [t.under(written) for t in self.flattener.terms(body)]
        siblings = {i for i, _, _ in ranges_of(expr)}
        domain = self.outside.domain
        ranges = [self._narrowed(r, terms, siblings, domain) for r in ranges_of(expr)]
        # a range that was not written mentions no other index of the sum: it can stand outermost
        open_ones = [i for i, _, high in ranges_of(expr) if high == oo]
        ranges.sort(key=lambda r: r[0] not in open_ones)
        _check_lengths(ranges)
        more = (Between(lo, i, hi) for i, lo, hi in ranges)
        return total(self(expr.function, (*inside, *more)), ranges)

    def _narrowed(
        self,
        given: Range,
        terms: Sequence[Term],
        siblings: set[Index],
        domain: Known,
    ) -> Range:
        index, low, high = given
        try:
            _, least, most = _hull(index, terms, siblings, domain)
        except Endless:
            if high == oo:
                raise
            return given
        if high == oo:
            return index, least, most
        return index, _one(Greatest, (low, least)), _one(Least, (high, most))


def _check_lengths(ranges: Iterable[Range]) -> None:
    """Refuse ranges that are long even where all sizes are small."""
    ranges = list(ranges)
    point: dict[Any, int] = {}
    for part in (e for r in ranges for e in r[1:]):
        for s in symbols_of(part):
            point[s] = 0 if isinstance(s, Index) else 3 if isinstance(s, Parameter) else 4
    for index, low, high in ranges:
        if entries(low) or entries(high):
            continue
        try:
            length = integer(high, point) - integer(low, point)
        except NoValue:
            continue
        if length > _LONGEST:
            raise TooLong(index)


def _hull(index: Index, terms: Sequence[Term], siblings: Iterable[Index], domain: Known) -> Range:
    """A range outside of which every term is zero."""
    lows, highs = [], []
    for term in terms:
        low, high = _interval(index, term, {*siblings, *term.bound} - {index}, domain)
        lows.append(low)
        highs.append(high)
    if not terms:
        return index, ZERO, ZERO
    return index, _one(Least, lows), _one(Greatest, highs)


def _interval(index: Index, term: Term, others: set[Index], domain: Known) -> tuple[Expr, Expr]:
    """``(lo, hi)`` with lo ≤ index < hi wherever the term is not zero, free of the others."""
    sides = [s for c in term.conditions for s in _Sides(domain).of(c)]
    for other in sorted(others, key=lambda i: i.name):
        sides = _eliminated(other, sides, domain)
    lows, highs = [], []
    for side in sides:
        parts = affine(side, index)
        sign = 0 if parts is None else _sign(parts[0], domain)
        if parts is None or sign == 0:
            continue
        factor, rest = parts
        if sign > 0:
            lows.append(-_floor(rest, factor))
        else:
            highs.append(_floor(rest, expanded(-factor)) + 1)
    if not lows or not highs:
        raise Endless(index)
    return _one(Greatest, lows), _one(Least, highs)


def _one(kind: type[Expr], values: Iterable[Expr]) -> Expr:
    distinct = list(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else kind(*distinct)


def _floor(a: Expr, b: Expr) -> Expr:
    return a if b == 1 else FloorDiv(a, b)


class _Sides:
    """Turns conditions into expressions that are at least zero where they hold."""

    def __init__(self, domain: Known) -> None:
        self._domain = domain

    def of(self, condition: Condition) -> Iterator[Expr]:
        """What a condition says; nothing where it says nothing linear."""
        if isinstance(condition, Between):
            low, middle, high = condition.args
            yield from self._at_most(low, middle)
            yield from self._at_most(middle, high - 1)
        elif isinstance(condition, AtMost):
            yield from self._at_most(*condition.args)
        elif isinstance(condition, Less):
            yield from self._at_most(condition.args[0], condition.args[1] - 1)
        elif isinstance(condition, Same):
            yield from self._at_most(*condition.args)
            yield from self._at_most(*reversed(condition.args))
        elif isinstance(condition, Negation):
            yield from self._of_negation(condition.args[0])

    def _of_negation(self, condition: Condition) -> Iterator[Expr]:
        if isinstance(condition, AtMost):
            yield from self._at_most(condition.args[1], condition.args[0] - 1)
        elif isinstance(condition, Less):
            yield from self._at_most(*reversed(condition.args))

    def _at_most(self, a: Expr, b: Expr) -> Iterator[Expr]:
        """From ``a ≤ b``, quotients multiplied out and extremes taken apart."""
        if isinstance(a, Greatest):
            for part in a.args:
                yield from self._at_most(part, b)
        elif isinstance(b, Least):
            for part in b.args:
                yield from self._at_most(a, part)
        elif isinstance(a, FloorDiv) and self._positive(a):
            # n // m ≤ b where n ≤ m·b + m − 1
            number, divisor = a.args
            yield from self._at_most(number, expanded(divisor * b + divisor - 1))
        elif isinstance(b, FloorDiv) and self._positive(b):
            # a ≤ n // m where m·a ≤ n
            number, divisor = b.args
            yield from self._at_most(expanded(divisor * a), number)
        elif not entries(a) and not entries(b):
            yield expanded(b - a)

    def _positive(self, quotient: FloorDiv) -> bool:
        return _sign(quotient.args[1], self._domain) > 0


def _sign(factor: Expr, domain: Known) -> int:
    """1 or −1 for an expression that is never zero, 0 where that is not known."""
    return next((sign for sign in (1, -1) if domain.positive(expanded(sign * factor))), 0)


def _eliminated(index: Index, sides: Sequence[Expr], domain: Known) -> list[Expr]:
    """Fourier–Motzkin: what the inequalities say of everything but one index."""
    kept: list[Expr] = []
    lows: list[tuple[Expr, Expr]] = []
    highs: list[tuple[Expr, Expr]] = []
    for side in sides:
        if index not in symbols_of(side):
            kept.append(side)
            continue
        parts = affine(side, index)
        sign = 0 if parts is None else _sign(parts[0], domain)
        if parts is not None and sign:
            (lows if sign > 0 else highs).append((expanded(sign * parts[0]), parts[1]))
    if len(kept) + len(lows) * len(highs) > _MOST:
        return kept
    joined = (expanded(c * f + d * e) for c, e in lows for d, f in highs)
    return list(dict.fromkeys((*kept, *joined)))
