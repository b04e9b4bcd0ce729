"""Kronecker deltas: a sum over an index that a delta pins down has at most one term.

A delta δ(e, p) is *ripe* in a sum when every index bound around it that it mentions belongs to
that sum.  Only ripe deltas are collapsed; the others first move to a sum where they ripen
(``derive.engine.rules.sums``).  Each rule here removes a delta or makes one smaller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sympy import Expr, Integer, Mul, Sum

from derive.domains import Decision
from derive.engine.rules import Phase, Rewrite, rule
from derive.engine.scope import Scope
from derive.language.integers import affine, arranged, exact_multiple, expanded, mentions
from derive.language.printing import plain
from derive.language.substitution import substituted
from derive.language.terms import (
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


@rule("collapse δ", Phase.COLLAPSE, Sum)
def collapse(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{lo≤v<hi} δ(c·v + e, p)·F(v) = [c ∣ p−e]·[lo ≤ (p−e)/c < hi]·F((p−e)/c).

    Side conditions: c ≥ 1 or c ≤ −1; e and p do not mention v; (p−e)/c has a value, also where the
    range is empty; no sum whose bounds use v has an index that (p−e)/c mentions, and the remaining
    sums can be ordered so that bounds use outer indices only.  Divisibility is not needed where
    c = ±1; where it is, it stays as a guard, and so does the range.
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
        why = scope.evaluable(value, limits)
        if why is None:
            continue
        condition = tuple(dict.fromkeys((*condition, *why)))
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
    positive = scope.positive(coefficient)
    if positive is None:
        coefficient, rest = expanded(-coefficient), -rest
        positive = scope.positive(coefficient)
        if positive is None:
            return None
    numerator = expanded(-rest)
    exact = exact_multiple(numerator, coefficient)
    if exact is not None:
        return exact, (), (positive,)
    guard = Iverson(Divides(coefficient, numerator))
    return FloorDiv(numerator, coefficient), (guard,), (positive,)


@rule("δ of an exact quotient", Phase.ARRANGE, Mul)
def clear_divisor(term: Mul, scope: Scope) -> Rewrite | None:
    """[s ∣ e]·δ(e/s, p) = [s ∣ e]·δ(e, s·p), for s ≥ 1.

    Terminates: one quotient fewer inside a delta.
    """
    guards = [f.args[0] for f in term.args if isinstance(f, Iverson)]
    for delta in (f for f in term.args if isinstance(f, Delta)):
        quotient, target = delta.args
        if not isinstance(quotient, FloorDiv):
            continue
        numerator, divisor = quotient.args
        positive = scope.positive(divisor) if Divides(divisor, numerator) in guards else None
        if positive is not None:
            others = without(list(term.args), delta)
            new = Mul(*others, Delta(numerator, expanded(divisor * target)))
            return Rewrite(new, (positive,))
    return None


@rule("split a quotient", Phase.ARRANGE, Sum)
def split_quotient(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{lo≤v<hi} δ(v // D, e)·F(v) = Σ_{0≤w<D} [lo ≤ D·e + w < hi]·F(D·e + w), for D ≥ 1.

    The index v is written in mixed radix, v = D·e + w; e, D and no other bound mention v.
    Terminates: one delta fewer.
    """
    for delta, divisor, (index, lo, hi), positive in _of_one_index(term, FloorDiv, scope):
        value = delta.args[1]
        digit = scope.fresh(index)
        number = expanded(divisor * value) + digit
        limits = _exchanged(term, index, (digit, Integer(0), divisor))
        why = scope.evaluable(divisor * value, _others(term, index))
        if limits is not None and why is not None:
            body = substituted(Mul(*without(factors_of(term.function), delta)), {index: number})
            new = total(Iverson(Between(lo, number, hi)) * body, limits)
            return Rewrite(new, (positive, *why), f"{index.name} = {plain(number)}")
    return None


@rule("split a remainder", Phase.SETTLE, Sum)
def split_remainder(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{0≤v<hi} δ(v % D, e)·F(v) = Σ_{0≤u<⌈hi/D⌉} [0≤e<D]·[D·u + e < hi]·F(D·u + e), for D ≥ 1.

    The index v is written in mixed radix, v = D·u + e; e, D and no other bound mention v.
    Terminates: one delta fewer.
    """
    for delta, divisor, (index, lo, hi), positive in _of_one_index(term, Modulo, scope):
        value = delta.args[1]
        turn = scope.fresh(index)
        number = expanded(divisor * turn) + value
        turns = FloorDiv(hi + divisor - 1, divisor)
        limits = _exchanged(term, index, (turn, Integer(0), turns))
        why = scope.evaluable(value + turns, _others(term, index))
        if lo == 0 and limits is not None and why is not None:
            inside = Iverson(Between(lo, value, divisor)) * Iverson(Between(lo, number, hi))
            body = substituted(Mul(*without(factors_of(term.function), delta)), {index: number})
            note = f"{index.name} = {plain(number)}"
            return Rewrite(total(inside * body, limits), (positive, *why), note)
    return None


def _of_one_index(
    term: Sum, kind: type[FloorDiv] | type[Modulo], scope: Scope
) -> Iterator[tuple[Delta, Expr, Range, Decision]]:
    """The ripe deltas δ(v // D, e) or δ(v % D, e) of a sum, D, the range of v, and why D ≥ 1."""
    ranges = ranges_of(term)
    for delta in (f for f in factors_of(term.function) if isinstance(f, Delta)):
        pinned, value = delta.args
        if not isinstance(pinned, kind) or not ripe(delta, ranges, scope):
            continue
        index, divisor = pinned.args
        own = next((r for r in ranges if r[0] == index), None)
        fixed = [value, divisor, *(bound for r in ranges for bound in r[1:])]
        if own is None or any(mentions(e, index) for e in fixed):
            continue
        positive = scope.positive(divisor, *(Between(lo, i, hi) for i, lo, hi in ranges))
        if positive is not None:
            yield delta, divisor, own, positive


def _others(term: Sum, index: Index) -> list[Range]:
    """The ranges of the sum but one: what there is to iterate over where that one is empty."""
    return [r for r in ranges_of(term) if r[0] != index]


def _exchanged(term: Sum, index: Index, new: Range) -> list[Range] | None:
    """The ranges of the sum with one replaced, bounds after the indices they use; None: cyclic."""
    return arranged([new if r[0] == index else r for r in ranges_of(term)])


@rule("δ as a guard", Phase.SETTLE, Delta)
def as_guard(term: Delta, scope: Scope) -> Rewrite | None:
    """δ(e, p) = [e = p]: what no sum can absorb stays as a condition (a scatter).

    Tried only when no sum around the delta can be collapsed any more.
    """
    return Rewrite(Iverson(Same(*term.args)))
