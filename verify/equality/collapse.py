"""Bound indices a term can do without: those an equation pins down, those nothing depends on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Expr, Mul

from derive.domains.known import Known
from derive.language.integers import affine, expanded, mentions
from derive.language.terms import ZERO, AtMost, Between, Divides, FloorDiv, Index, Same
from verify.equality.terms import Term


def collapsed(term: Term, domain: Known) -> Term:
    """The same term with fewer bound indices.

    Σᵢ [c·i + e = 0]·F(i) = [c ∣ −e]·F(−e/c) for c ≠ 0, and Σᵢ [lo ≤ i < hi]·F = [lo ≤ hi]·(hi−lo)·F
    where F does not depend on i.  Terminates: one bound index fewer each time.
    """
    while True:
        shorter = _pinned(term, domain) or _counted(term)
        if shorter is None:
            return term
        term = shorter


def _pinned(term: Term, domain: Known) -> Term | None:
    for condition in term.conditions:
        if not isinstance(condition, Same):
            continue
        difference = expanded(condition.args[0] - condition.args[1])
        for index, factor, value in solutions(difference, term.bound, domain):
            rest = tuple(c for c in term.conditions if c != condition)
            divides = () if factor == 1 else (Divides(factor, value),)
            shorter = replace(term, conditions=rest + divides)
            return shorter.without(index, value if factor == 1 else FloorDiv(value, factor))
    return None


def solutions(
    difference: Expr, unknown: Sequence[Index], domain: Known
) -> Iterator[tuple[Index, Expr, Expr]]:
    """``(i, c, e)`` with c·i = e, c ≥ 1 where difference = 0; those with c = 1 first."""
    found = []
    for index in unknown:
        parts = affine(difference, index)
        if parts is None or parts[0] == 0:
            continue
        factor, rest = parts
        for sign in (1, -1):
            if domain.positive(sign * factor):
                found.append((index, sign * factor, expanded(-sign * rest)))
    yield from sorted(found, key=lambda solution: solution[1] != 1)


def _counted(term: Term) -> Term | None:
    for index in term.bound:
        if any(mentions(part, index) for part in (term.coefficient, *term.factors)):
            continue
        own = [c for c in term.conditions if mentions(c, index)]
        if len(own) != 1 or not isinstance(own[0], Between) or own[0].args[1] != index:
            continue
        low, _, high = own[0].args
        if mentions(low, index) or mentions(high, index):
            continue
        rest = tuple(c for c in term.conditions if c != own[0])
        some = () if low == ZERO and high.is_nonnegative else (AtMost(low, high),)
        return replace(
            term,
            coefficient=Mul(term.coefficient, expanded(high - low)),
            bound=tuple(i for i in term.bound if i != index),
            conditions=rest + some,
        )
    return None
