"""Sums: moving factors in and out, exchanging, splitting, counting.

While unripe deltas remain, factors move *into* sums and nested sums merge, so that every delta
ends up beside the sum that can collapse it.  Once no delta is left, factors move *out* again.  The
two directions never meet: the first kind of rule asks for a delta, the second for its absence.
"""

from __future__ import annotations

from typing import TypeGuard

from sympy import Add, Expr, Integer, Mul, Sum

from derive.domains import Decision
from derive.engine.rules import Phase, Rewrite, rule
from derive.engine.scope import Scope
from derive.language.integers import affine, expanded, mentions
from derive.language.printing import plain
from derive.language.substitution import substituted
from derive.language.terms import (
    AtMost,
    Between,
    Condition,
    Delta,
    Divides,
    FloorDiv,
    Iverson,
    ranges_of,
    replace,
    subterms,
    summation,
    symbols_of,
    total,
)


def has_delta(expr: Expr) -> bool:
    """Whether a Kronecker delta occurs in the expression."""
    return any(isinstance(e, Delta) for e in subterms(expr))


@rule("distribute", Phase.ARRANGE, Mul)
def distribute(term: Mul, scope: Scope) -> Rewrite | None:
    """c·(u + v) = c·u + c·v, where the bracket holds a delta.

    Terminates: fewer additions below products.
    """
    for factor in term.args:
        if isinstance(factor, Add) and has_delta(factor):
            others = [f for f in term.args if f is not factor]
            return Rewrite(Add(*(Mul(*others, t) for t in factor.args)))
    return None


@rule("split Σ over +", Phase.ARRANGE, Sum)
def split(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ (u + v) = Σ u + Σ v, where a delta occurs in the body.

    Terminates: fewer additions below sums.
    """
    body = term.function
    if not isinstance(body, Add) or not has_delta(body):
        return None
    return Rewrite(Add(*(summation(t, *term.limits) for t in body.args)))


@rule("move a factor into Σ", Phase.ARRANGE, Mul)
def move_in(term: Mul, scope: Scope) -> Rewrite | None:
    """c·Σᵢ u = Σᵢ c·u, where i does not occur in c (else i is renamed first) and u holds a delta.

    Terminates: fewer factors beside sums that hold deltas.
    """
    for factor in term.args:
        if isinstance(factor, Sum) and has_delta(factor):
            others = Mul(*(f for f in term.args if f is not factor))
            inner = _apart_from(factor, others, scope)
            return Rewrite(summation(others * inner.function, *inner.limits))
    return None


def _apart_from(term: Sum, other: Expr, scope: Scope) -> Sum:
    """The sum with its bound indices renamed where ``other`` uses their names."""
    used = set(symbols_of(other))
    clashing = [i for i, _, _ in ranges_of(term) if i in used]
    renamed: Sum = replace(term, dict(scope.fresh_all(clashing)))
    return renamed


@rule("move a factor out of Σ", Phase.POLISH, Sum)
def move_out(term: Sum, scope: Scope) -> Rewrite | None:
    """Σᵢ c·u = c·Σᵢ u, where c mentions no index of the sum and has a value outside it too.

    The last clause matters where the range is empty: Σ_{i<0} u/0 is 0, but (1/0)·0 is nothing.
    Reads are shown to be inside their tensors, quotients to have divisors ≥ 1.
    Terminates: fewer factors below sums.
    """
    indices = [i for i, _, _ in ranges_of(term)]
    if term.function in (0, 1):
        return None
    outside: list[Expr] = []
    inside: list[Expr] = []
    conditions: list[Decision] = []
    for factor in Mul.make_args(term.function):
        free = not any(mentions(factor, i) for i in indices)
        why = scope.evaluable(factor) if free else None
        (inside if why is None else outside).append(factor)
        conditions += why or []
    if not outside:
        return None
    new = Mul(*outside, summation(Mul(*inside), *term.limits))
    return Rewrite(new, tuple(dict.fromkeys(conditions)))


@rule("exchange sums", Phase.ARRANGE, Sum)
def exchange(term: Sum, scope: Scope) -> Rewrite | None:
    """Σᵢ c·Σⱼ u = Σᵢ,ⱼ c·u: finite sums over a common range of index pairs, in any order.

    Indices of the inner sum that occur in c are renamed first.  Applies where the inner sum holds
    a delta, which may then meet the outer sum's index.  Terminates: fewer nested sums.
    """
    for factor in Mul.make_args(term.function):
        if isinstance(factor, Sum) and has_delta(factor):
            others = Mul(*(f for f in Mul.make_args(term.function) if f is not factor))
            inner = _apart_from(factor, others, scope)
            return Rewrite(total(others * inner.function, (*ranges_of(term), *ranges_of(inner))))
    return None


@rule("sum of zero", Phase.SIMPLIFY, Sum)
def zero(term: Sum, scope: Scope) -> Rewrite | None:
    """Σᵢ 0 = 0."""
    return Rewrite(Integer(0)) if term.function == 0 else None


@rule("count a constant", Phase.POLISH, Sum)
def count(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{lo≤v<hi} u = (hi − lo)·u where u does not mention v and lo ≤ hi.

    Side condition: u has a value, also where the range is empty.
    Terminates: one bound index fewer.
    """
    ranges = ranges_of(term)
    for index, lo, hi in ranges:
        others = [r for r in ranges if r[0] != index]
        bounds = [b for _, a, c in others for b in (a, c)]
        if mentions(term.function, index) or any(mentions(b, index) for b in bounds):
            continue
        if any(mentions(b, i) for i, _, _ in others for b in (lo, hi)):
            continue
        condition = scope.decide(AtMost(lo, hi))
        why = scope.evaluable(term.function, others) if condition.holds else None
        if why is not None:
            return Rewrite((hi - lo) * total(term.function, others), (condition, *why))
    return None


@rule("count along an inner range", Phase.POLISH, Sum)
def count_inner(term: Sum, scope: Scope) -> Rewrite | None:
    """Σᵢ Σ_{lo(i)≤v<hi(i)} u = Σᵢ (hi(i) − lo(i))·u where u does not mention v and lo(i) ≤ hi(i).

    Side conditions: no other bound uses v; u has a value, also where v's range is empty.
    Terminates: one bound index fewer.
    """
    ranges = ranges_of(term)
    for index, lo, hi in ranges:
        others = [r for r in ranges if r[0] != index]
        fixed = [term.function, *(b for r in others for b in r[1:])]
        if any(mentions(e, index) for e in fixed):
            continue
        if not any(mentions(b, i) for i, _, _ in others for b in (lo, hi)):
            continue
        condition = scope.decide(AtMost(lo, hi), *(Between(a, i, b) for i, a, b in others))
        why = scope.evaluable(term.function, others) if condition.holds else None
        if why is not None:
            return Rewrite(total(expanded(hi - lo) * term.function, others), (condition, *why))
    return None


@rule("sum of one term", Phase.TIDY, Sum)
def single(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{lo≤v<lo+1} u = u with v = lo.  Terminates: one bound index fewer."""
    ranges = ranges_of(term)
    for index, lo, hi in ranges:
        if hi - lo == 1:
            mapping = {index: lo}
            others = [
                (i, substituted(a, mapping), substituted(b, mapping))
                for i, a, b in ranges
                if i != index
            ]
            return Rewrite(total(substituted(term.function, mapping), others))
    return None


@rule("sum over the multiples", Phase.TIDY, Sum)
def over_multiples(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{lo≤q<hi} [s ∣ q+e]·[0 ≤ (q+e)/s < n]·F(q) = Σ_{0≤h<n} [lo ≤ s·h−e < hi]·F(s·h−e), s ≥ 1.

    Only every s-th q counts, q = s·h − e; h takes its place.  Side conditions: e, s and n mention
    no index of the sum and have a value, no other bound uses q.
    Terminates: one divisibility guard fewer.
    """
    ranges = ranges_of(term)
    factors = list(Mul.make_args(term.function))
    guards = {f.args[0]: f for f in factors if isinstance(f, Iverson)}
    for index, lo, hi in ranges:
        for divides in (g for g in guards if isinstance(g, Divides)):
            divisor, numerator = divides.args
            quotient = FloorDiv(numerator, divisor)
            inside = next((g for g in guards if _from_zero(g) and g.args[1] == quotient), None)
            parts = affine(numerator, index)
            if parts is None or parts[0] != 1 or inside is None:
                continue
            count = inside.args[2]
            others = [r for r in ranges if r[0] != index]
            fixed = [parts[1], divisor, count, *(b for r in others for b in r[1:])]
            if any(mentions(e, index) for e in fixed):
                continue
            if any(mentions(e, r[0]) for e in fixed[:3] for r in others):
                continue
            positive = scope.positive(divisor)
            why = scope.evaluable(parts[1] + count, others)
            if positive is None or why is None:
                continue
            turn = scope.fresh(index)
            value = expanded(divisor * turn - parts[1])
            rest = [f for f in factors if f not in (guards[divides], guards[inside])]
            limits = [(turn, Integer(0), count) if r[0] == index else r for r in ranges]
            body = Iverson(Between(lo, value, hi)) * substituted(Mul(*rest), {index: value})
            return Rewrite(total(body, limits), (positive, *why), f"{index} = {plain(value)}")
    return None


def _from_zero(condition: Condition) -> TypeGuard[Between]:
    """Whether the condition reads 0 ≤ e < n."""
    return isinstance(condition, Between) and condition.args[0] == 0


@rule("a guard becomes the range", Phase.TIDY, Sum)
def shift(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{lo≤i<hi} [0 ≤ i+e < n]·F(i) = Σ_{0≤j<n} F(j−e), where lo ≤ j−e < hi for all 0 ≤ j < n.

    Side conditions: the last clause is decided; e and n mention no index of the sum, no other
    bound uses i.  Terminates: one guard fewer.
    """
    ranges = ranges_of(term)
    factors = list(Mul.make_args(term.function))
    for guard in (f for f in factors if isinstance(f, Iverson)):
        stated = guard.args[0]
        if not _from_zero(stated):
            continue
        _, shifted, count = stated.args
        for index, lo, hi in ranges:
            parts = affine(shifted, index)
            others = [r for r in ranges if r[0] != index]
            if parts is None or parts[0] != 1 or parts[1] == 0:
                continue
            if any(mentions(e, r[0]) for e in (parts[1], count) for r in ranges):
                continue
            if any(mentions(b, index) for r in others for b in r[1:]):
                continue
            new = scope.fresh(index)
            value = expanded(new - parts[1])
            inside = scope.decide(Between(lo, value, hi), Between(Integer(0), new, count))
            if not inside.holds:
                continue
            rest = Mul(*(f for f in factors if f is not guard))
            limits = [(new, Integer(0), count) if r[0] == index else r for r in ranges]
            body = substituted(rest, {index: value})
            return Rewrite(total(body, limits), (inside,), f"{index} = {plain(value)}")
    return None
