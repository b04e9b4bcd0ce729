"""Kronecker deltas: a sum over an index that a delta pins down has at most one term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Integer, Mul, Sum

from derive.language.terms import (
    AtMost,
    Between,
    Delta,
    Divides,
    FloorDiv,
    Index,
    Iverson,
    Modulo,
    Range,
    Same,
    ranges_of,
    total,
)
from verify.checker.binding import free, fresh, mentions, nested, substitute
from verify.checker.canonical import equal_expressions, same
from verify.checker.identities import Way, identity, within
from verify.checker.indices import divided, expanded, linear, negated
from verify.checker.places import Surroundings
from verify.checker.values import Need, values


@identity("δ of equal indices")
def equal_indices(old: Delta, new: Expr, place: Surroundings) -> Iterator[Way]:
    """δ(e, e) = 1."""
    if equal_expressions(*old.args) and new == 1:
        yield []


@identity("δ as a guard")
def as_guard(old: Delta, new: Expr, place: Surroundings) -> Iterator[Way]:
    """δ(e, p) = [e = p]."""
    if same(Iverson(Same(*old.args)), new):
        yield []


@identity("δ of an exact quotient")
def exact_quotient(old: Mul, new: Expr, place: Surroundings) -> Iterator[Way]:
    """[s ∣ e]·δ(e // s, p) = [s ∣ e]·δ(e, s·p), for s ≥ 1."""
    guards = [f.args[0] for f in Mul.make_args(old) if isinstance(f, Iverson)]
    for delta, rest in _deltas(old):
        for quotient, target in (delta.args, delta.args[::-1]):
            if not isinstance(quotient, FloorDiv):
                continue
            numerator, divisor = quotient.args
            if not any(same(Divides(divisor, numerator), g) for g in guards):
                continue
            if same(Mul(*rest, Delta(numerator, divisor * target)), new):
                yield [Need(AtMost(Integer(1), divisor))]


@identity("collapse δ")
def collapse(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σ_{lo≤v<hi} δ(c·v + e, p)·F(v) = [c ∣ p−e]·[lo ≤ (p−e)/c < hi]·F((p−e)/c), c ≠ 0.

    The value (p−e)/c and the bounds it enters must have values where the range of v is empty too,
    and the ranges that are left must still nest.
    """
    ranges = ranges_of(old)
    for delta, rest in _deltas(old.function):
        for index, lo, hi in ranges:
            for value, guards, needs in _solutions(delta, index):
                others = [
                    (i, substitute(a, {index: value}), substitute(b, {index: value}))
                    for i, a, b in ranges
                    if i != index
                ]
                limits = nested(others)
                inside = Iverson(Between(lo, value, hi))
                body = substitute(Mul(*rest), {index: value})
                if limits is not None and same(total(Mul(*guards, inside, body), others), new):
                    yield [*needs, *values([value], place.setting, limits)]


@identity("a guard fixes an index")
def fixed_by_guard(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σ_{lo≤v<hi} [e = v + f]·F(v) = F(e − f) where lo ≤ e − f < hi.

    e − f mentions no index of the sum and has a value; no other bound mentions v.
    """
    ranges = ranges_of(old)
    factors = Mul.make_args(old.function)
    for n, guard in enumerate(factors):
        if not isinstance(guard, Iverson) or not isinstance(guard.args[0], Same):
            continue
        for index, lo, hi in ranges:
            others = [r for r in ranges if r[0] != index]
            parts = linear(guard.args[0].args[0] - guard.args[0].args[1], index)
            if parts is None or parts[0] not in (1, -1):
                continue
            if any(mentions(bound, index) for r in others for bound in r[1:]):
                continue
            value = expanded(-parts[0] * parts[1])
            body = substitute(Mul(*factors[:n], *factors[n + 1 :]), {index: value})
            fixed = free(value).isdisjoint(r[0] for r in ranges)
            if fixed and same(total(body, others), new):
                yield [*values([value], place.setting), Need(Between(lo, value, hi))]


def _deltas(term: Expr) -> Iterator[tuple[Delta, list[Expr]]]:
    """Each delta of a product with the other factors."""
    factors = Mul.make_args(term)
    for n, factor in enumerate(factors):
        if isinstance(factor, Delta):
            yield factor, [*factors[:n], *factors[n + 1 :]]


def _solutions(delta: Delta, index: Index) -> Iterator[tuple[Expr, Sequence[Expr], Sequence[Need]]]:
    """Where the delta is 1: the value of the index, the guard on it, and why c ≠ 0."""
    parts = linear(delta.args[0] - delta.args[1], index)
    if parts is None or parts[0] == 0:
        return
    coefficient, rest = parts
    if coefficient in (1, -1):
        yield expanded(-coefficient * rest), [], []
        return
    for divisor, numerator in ((coefficient, negated(rest)), (negated(coefficient), rest)):
        positive = [Need(AtMost(Integer(1), divisor))]
        exact = divided(numerator, divisor)
        if exact is not None:
            yield exact, [], positive
        yield FloorDiv(numerator, divisor), [Iverson(Divides(divisor, numerator))], positive


@identity("split a quotient")
def split_quotient(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σ_{lo≤v<hi} δ(v // D, e)·F(v) = Σ_{0≤w<D} [lo ≤ D·e + w < hi]·F(D·e + w), for D ≥ 1.

    v = D·e + w in mixed radix; e, D and the bounds do not mention v, and have values anyway.
    """
    for index, lo, hi, value, divisor, rest in _of_one_index(old, FloorDiv):
        digit = fresh(index, old)
        number = divisor * value + digit
        others = [r for r in ranges_of(old) if r[0] != index]
        body = Iverson(Between(lo, number, hi)) * substitute(Mul(*rest), {index: number})
        limits = [(digit, Integer(0), divisor), *others]
        if nested(limits) is not None and same(total(body, limits), new):
            yield _for_mixed_radix(old, index, divisor, [divisor, value], place)


@identity("split a remainder")
def split_remainder(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σ_{0≤v<hi} δ(v % D, e)·F(v) = Σ_{0≤u<⌈hi/D⌉} [0≤e<D]·[0≤D·u+e<hi]·F(D·u + e), for D ≥ 1.

    v = D·u + e in mixed radix; e, D and the bounds do not mention v, and have values anyway.
    """
    for index, lo, hi, value, divisor, rest in _of_one_index(old, Modulo):
        turn = fresh(index, old)
        number = divisor * turn + value
        turns = FloorDiv(hi + divisor - 1, divisor)
        others = [r for r in ranges_of(old) if r[0] != index]
        guards = Iverson(Between(Integer(0), value, divisor)) * Iverson(Between(lo, number, hi))
        limits = [(turn, Integer(0), turns), *others]
        expected = guards * substitute(Mul(*rest), {index: number})
        if lo == 0 and nested(limits) is not None and same(total(expected, limits), new):
            yield _for_mixed_radix(old, index, divisor, [value, turns], place)


def _of_one_index(
    term: Sum, kind: type[FloorDiv] | type[Modulo]
) -> Iterator[tuple[Index, Expr, Expr, Expr, Expr, list[Expr]]]:
    """The range of v, and e, D and the other factors, for each δ(v // D, e) or δ(v % D, e)."""
    ranges = ranges_of(term)
    for delta, rest in _deltas(term.function):
        for node, value in (delta.args, delta.args[::-1]):
            if not isinstance(node, kind):
                continue
            own: list[Range] = [r for r in ranges if r[0] == node.args[0]]
            fixed = [value, node.args[1], *(bound for r in ranges for bound in r[1:])]
            for index, lo, hi in own:
                if not any(mentions(e, index) for e in fixed):
                    yield index, lo, hi, value, node.args[1], rest


def _for_mixed_radix(
    term: Sum, index: Index, divisor: Expr, used: Sequence[Expr], place: Surroundings
) -> list[Need]:
    """D ≥ 1 wherever there is anything to sum; values where only the range of v is empty."""
    ranges = ranges_of(term)
    others = [r for r in ranges if r[0] != index]
    positive = Need(AtMost(Integer(1), divisor), within(ranges))
    return [positive, *values(used, place.setting, others)]
