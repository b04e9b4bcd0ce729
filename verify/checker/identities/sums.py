"""Sums: factors in and out, exchange, splitting, counting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Add, Expr, Mul, Sum

from derive.language.terms import AtMost, Range, ranges_of, total
from verify.checker.binding import free, fresh, mentions, substitute
from verify.checker.canonical import equal_expressions, same
from verify.checker.identities import Way, identity, within
from verify.checker.places import Surroundings
from verify.checker.values import Need, values


@identity("distribute")
def distribute(old: Mul, new: Expr, place: Surroundings) -> Iterator[Way]:
    """c·(u + v) = c·u + c·v, where powers of one base in c and u may meet."""
    if isinstance(new, Add) and same(old, new):
        yield []
        return
    for factor in old.args:
        if isinstance(factor, Add):
            rest = Mul(*(f for f in old.args if f is not factor))
            if same(Add(*(Mul(rest, part) for part in factor.args)), new):
                yield []


@identity("split Σ over +")
def split(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σ (u + v) = Σ u + Σ v."""
    if not isinstance(old.function, Add):
        return
    if same(Add(*(total(term, ranges_of(old)) for term in old.function.args)), new):
        yield []


@identity("move a factor into Σ")
def move_in(old: Mul, new: Expr, place: Surroundings) -> Iterator[Way]:
    """c·Σᵢ u = Σᵢ c·u, where i does not occur in c."""
    for ranges, body in _opened(old, ()):
        if same(total(body, ranges), new):
            yield []


@identity("exchange sums")
def exchange(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σᵢ c·Σⱼ u = Σᵢ,ⱼ c·u, where j does not occur in c."""
    outer = ranges_of(old)
    for ranges, body in _opened(old.function, outer):
        if same(total(body, [*outer, *ranges]), new):
            yield []


def _opened(term: Expr, outer: Sequence[Range]) -> Iterator[tuple[list[Range], Expr]]:
    """For each sum among the factors: its ranges, and the product moved inside it.

    Indices that the other factors or the outer ranges use are renamed.
    """
    factors = Mul.make_args(term)
    for n, factor in enumerate(factors):
        if isinstance(factor, Sum):
            others = Mul(*factors[:n], *factors[n + 1 :])
            ranges = ranges_of(factor)
            taken = free(others).union(r[0] for r in outer)
            new = {i: fresh(i, term) for i, _, _ in ranges if i in taken}
            yield (
                [(new.get(i, i), substitute(a, new), substitute(b, new)) for i, a, b in ranges],
                others * substitute(factor.function, new),
            )


@identity("sum of zero")
def zero(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σᵢ 0 = 0."""
    if old.function == 0 and new == 0:
        yield []


@identity("count a constant")
def count(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σ_{lo≤v<hi} u = (hi − lo)·u where nothing mentions v, lo ≤ hi, and u has a value anyway."""
    ranges = ranges_of(old)
    for index, lo, hi in ranges:
        others = [r for r in ranges if r[0] != index]
        if any(mentions(e, index) for e in (old.function, *(b for r in others for b in r[1:]))):
            continue
        if not (free(lo) | free(hi)).isdisjoint(r[0] for r in others):
            continue
        if same((hi - lo) * total(old.function, others), new):
            yield [Need(AtMost(lo, hi)), *values([old.function], place.setting, others)]


@identity("count along an inner range")
def count_inner(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σᵢ Σ_{lo(i)≤v<hi(i)} u = Σᵢ (hi(i) − lo(i))·u where nothing else mentions v, lo ≤ hi."""
    ranges = ranges_of(old)
    for index, lo, hi in ranges:
        others = [r for r in ranges if r[0] != index]
        if any(mentions(e, index) for e in (old.function, *(b for r in others for b in r[1:]))):
            continue
        if others and same(total((hi - lo) * old.function, others), new):
            ordered = Need(AtMost(lo, hi), within(others))
            yield [ordered, *values([old.function], place.setting, others)]


@identity("sum of one term")
def single(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σ_{lo≤v<lo+1} u = u with v = lo."""
    for index, lo, hi in ranges_of(old):
        if not equal_expressions(lo + 1, hi):
            continue
        others = [
            (i, substitute(a, {index: lo}), substitute(b, {index: lo}))
            for i, a, b in ranges_of(old)
            if i != index
        ]
        if same(total(substitute(old.function, {index: lo}), others), new):
            yield []


@identity("move a factor out of Σ")
def move_out(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σᵢ c·u = c·Σᵢ u, where c does not mention i and has a value even where the range is empty."""
    ranges = ranges_of(old)
    outside = Mul.make_args(new)
    moved: list[Expr] = []
    kept: list[Expr] = []
    for factor in Mul.make_args(old.function):
        fixed = free(factor).isdisjoint(r[0] for r in ranges)
        (moved if fixed and factor in outside else kept).append(factor)
    if not moved or not same(Mul(*moved, total(Mul(*kept), ranges)), new):
        return
    yield values(moved, place.setting)
