"""Kronecker deltas: a sum over an index that a delta pins down has at most one term.

A delta δ(e, p) is *ripe* in a sum when every index bound around it that it mentions belongs to
that sum.  Only ripe deltas are collapsed; the others first move to a sum where they ripen
(``derive.rules.sums``).  Each rule here removes a delta or makes one smaller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sympy import Expr, Integer, Mul, Sum

from derive.domains import Decision
from derive.integers import affine, arranged, exact_multiple, expanded, mentions
from derive.printing import plain
from derive.rules import Phase, Rewrite, rule
from derive.scope import Scope
from derive.substitution import substituted
from derive.terms import (
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


def factors_of(term: Expr) -> list[Expr]:
    """The factors of a product; a single factor counts as a product."""
    return list(Mul.make_args(term))


def without(factors: list[Expr], factor: Expr) -> list[Expr]:
    """The other factors."""
    rest = list(factors)
    rest.remove(factor)
    return rest


def ripe(delta: Delta, ranges: Iterable[Range], scope: Scope) -> bool:
    """Whether no index that the delta mentions is bound by a sum further out."""
    own = {i for i, _, _ in ranges}
    return not any(mentions(delta, i) for i in scope.bound if i not in own)


@rule("δ of equal indices", Phase.SIMPLIFY, Delta)
def equal_indices(term: Delta, scope: Scope) -> Rewrite | None:
    """δ(e, e) = 1."""
    return Rewrite(Integer(1)) if expanded(term.args[0] - term.args[1]) == 0 else None


@rule("collapse δ", Phase.COLLAPSE, Sum)
def collapse(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{lo≤v<hi} δ(c·v + e, p)·F(v) = [c ∣ p−e]·[lo ≤ (p−e)/c < hi]·F((p−e)/c).

    Side conditions: c ≠ 0 (decided); e and p do not mention v; no sum whose bounds use v has an
    index that (p−e)/c mentions, and the remaining sums can be ordered so that bounds use outer
    indices only.  Divisibility is not needed where c = ±1; where it is,
    it stays as a guard, and so does the range.
    Terminates: one delta and one bound index fewer.
    """
    ranges = ranges_of(term)
    factors = factors_of(term.function)
    for delta, index in _candidates(factors, ranges, scope):
        solution = _solve(delta, index, scope)
        if solution is None:
            continue
        value, guards, condition = solution
        rest = [r for r in ranges if r[0] != index]
        inner = [i for i, lo, hi in rest if mentions(lo, index) or mentions(hi, index)]
        if any(mentions(value, i) for i in inner):
            continue
        lo, hi = next((lo, hi) for i, lo, hi in ranges if i == index)
        body = substituted(Mul(*without(factors, delta)), {index: value})
        limits = arranged(
            [
                (i, substituted(a, {index: value}), substituted(b, {index: value}))
                for i, a, b in rest
            ]
        )
        if limits is None:
            continue
        guards = (*guards, Iverson(Between(lo, value, hi)))
        note = f"only {index.name} = {plain(value)} is left"
        return Rewrite(total(Mul(*guards, body), limits), condition, note)
    return None


def _candidates(
    factors: list[Expr], ranges: tuple[Range, ...], scope: Scope
) -> Iterator[tuple[Delta, Index]]:
    """Deltas with an index each could be solved for: single indices first, then outermost first."""
    deltas = [f for f in factors if isinstance(f, Delta) and ripe(f, ranges, scope)]
    indices = [i for i, _, _ in ranges]
    crowd = {d: sum(mentions(d, i) for i in indices) for d in deltas}
    for delta in sorted(deltas, key=lambda d: crowd[d]):
        for index in indices:
            if mentions(delta, index):
                yield delta, index


def _solve(
    delta: Delta, index: Index, scope: Scope
) -> tuple[Expr, tuple[Iverson, ...], tuple[Decision, ...]] | None:
    """The value of the index where the delta is 1, the divisibility guard, and why c ≠ 0."""
    parts = affine(delta.args[0] - delta.args[1], index)
    if parts is None:
        return None
    coefficient, rest = parts
    if coefficient == 1:
        return -rest, (), ()
    if coefficient == -1:
        return rest, (), ()
    positive = scope.decide(AtMost(Integer(1), coefficient))
    if not positive.holds:
        coefficient, rest = expanded(-coefficient), -rest
        positive = scope.decide(AtMost(Integer(1), coefficient))
        if not positive.holds:
            return None
    numerator = expanded(-rest)
    exact = exact_multiple(numerator, coefficient)
    if exact is not None:
        return exact, (), (positive,)
    guard = Iverson(Divides(coefficient, numerator))
    return FloorDiv(numerator, coefficient), (guard,), (positive,)


@rule("δ of an exact quotient", Phase.ARRANGE, Mul)
def clear_divisor(term: Mul, scope: Scope) -> Rewrite | None:
    """[s ∣ e]·δ(e/s, p) = [s ∣ e]·δ(e, s·p), for s ≠ 0.

    Terminates: one quotient fewer inside a delta.
    """
    guards = [f.args[0] for f in term.args if isinstance(f, Iverson)]
    for delta in (f for f in term.args if isinstance(f, Delta)):
        quotient, target = delta.args
        if not isinstance(quotient, FloorDiv):
            continue
        numerator, divisor = quotient.args
        if Divides(divisor, numerator) in guards:
            others = without(list(term.args), delta)
            return Rewrite(Mul(*others, Delta(numerator, expanded(divisor * target))))
    return None


@rule("split a quotient", Phase.ARRANGE, Sum)
def split_quotient(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{lo≤v<hi} δ(v // D, e)·F(v) = Σ_{0≤w<D} [lo ≤ D·e + w < hi]·F(D·e + w), for D ≥ 1.

    The index v is written in mixed radix, v = D·e + w; e and D do not mention v.
    Terminates: one delta fewer.
    """
    ranges = ranges_of(term)
    factors = factors_of(term.function)
    for delta in (f for f in factors if isinstance(f, Delta) and ripe(f, ranges, scope)):
        quotient, value = delta.args
        if not isinstance(quotient, FloorDiv) or not isinstance(quotient.args[0], Index):
            continue
        index, divisor = quotient.args
        own = [(lo, hi) for i, lo, hi in ranges if i == index]
        if not own or mentions(value, index) or mentions(divisor, index):
            continue
        if any(mentions(lo, index) or mentions(hi, index) for _, lo, hi in ranges):
            continue
        positive = scope.decide(AtMost(Integer(1), divisor))
        if not positive.holds:
            positive = scope.decide(
                AtMost(Integer(1), divisor), *(Between(lo, i, hi) for i, lo, hi in ranges)
            )
            if not positive.holds:
                continue
        digit = scope.fresh(index)
        number = expanded(divisor * value) + digit
        guard = Iverson(Between(own[0][0], number, own[0][1]))
        body = substituted(Mul(*without(factors, delta)), {index: number})
        limits = [(digit, Integer(0), divisor) if r[0] == index else r for r in ranges]
        return Rewrite(total(guard * body, limits), (positive,), f"{index.name} = {plain(number)}")
    return None


@rule("split a remainder", Phase.SETTLE, Sum)
def split_remainder(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{0≤v<hi} δ(v % D, e)·F(v) = Σ_{0≤u<⌈hi/D⌉} [0≤e<D]·[D·u + e < hi]·F(D·u + e), for D ≥ 1.

    Terminates: one delta fewer.
    """
    ranges = ranges_of(term)
    factors = factors_of(term.function)
    for delta in (f for f in factors if isinstance(f, Delta) and ripe(f, ranges, scope)):
        remainder, value = delta.args
        if not isinstance(remainder, Modulo) or not isinstance(remainder.args[0], Index):
            continue
        index, divisor = remainder.args
        own = [hi for i, lo, hi in ranges if i == index and lo == 0]
        if not own or mentions(value, index) or mentions(divisor, index):
            continue
        if any(mentions(lo, index) or mentions(hi, index) for _, lo, hi in ranges):
            continue
        positive = scope.decide(
            AtMost(Integer(1), divisor), *(Between(lo, i, hi) for i, lo, hi in ranges)
        )
        if not positive.holds:
            continue
        turn = scope.fresh(index)
        number = expanded(divisor * turn) + value
        guards = Iverson(Between(Integer(0), value, divisor)) * Iverson(
            Between(Integer(0), number, own[0])
        )
        body = substituted(Mul(*without(factors, delta)), {index: number})
        turns = FloorDiv(own[0] + divisor - 1, divisor)
        limits = [(turn, Integer(0), turns) if r[0] == index else r for r in ranges]
        return Rewrite(total(guards * body, limits), (positive,), f"{index.name} = {plain(number)}")
    return None


@rule("δ as a guard", Phase.SETTLE, Delta)
def as_guard(term: Delta, scope: Scope) -> Rewrite | None:
    """δ(e, p) = [e = p]: what no sum can absorb stays as a condition (a scatter).

    Tried only when no sum around the delta can be collapsed any more.
    """
    return Rewrite(Iverson(Same(*term.args)))
