"""Where an expression divides by what may be zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sympy import Basic, Expr, Mul, Pow, Sum

from derive.domains import Point
from derive.language.notation.sites import about_integers
from derive.language.substitution import integral
from derive.language.terms import (
    ZERO,
    Choose,
    Condition,
    Differ,
    Iverson,
    MaxOver,
    Negation,
    ranges_of,
)
from verify.equality.places import Frame
from verify.equality.terms import range_condition

#: a condition that must hold, and what is known where it must
Requirement = tuple[Condition, tuple[Condition, ...]]


def divisors(expr: Any, known: tuple[Condition, ...]) -> Iterator[Requirement]:
    """That each divisor made of sizes and indices is not zero, with what is known at its place.

    The expression has every guard spelled out; a guard that fails makes its product zero whatever
    else is in it.
    """
    if isinstance(expr, Pow) and _divides(expr):
        yield Differ(expr.args[0], ZERO), known
    if isinstance(expr, Sum | MaxOver):
        own = [c for r in ranges_of(expr) for c in range_condition(*r)]
        yield from divisors(expr.function, (*known, *own))
    elif isinstance(expr, Mul):
        guards = [f.args[0] for f in expr.args if isinstance(f, Iverson)]
        inside = (*known, *(g for g in guards if about_integers(g)))
        for factor in expr.args:
            yield from divisors(factor, inside)
    elif isinstance(expr, Choose):
        stated, yes, no = expr.args
        usable = (stated,) if about_integers(stated) else ()
        yield from divisors(yes, (*known, *usable))
        yield from divisors(no, (*known, *map(Negation, usable)))
    elif isinstance(expr, Expr) and not integral(expr):
        for part in expr.args:
            if isinstance(part, Expr):
                yield from divisors(part, known)


def _divides(power: Pow) -> bool:
    base: Basic = power.args[0]
    return bool(power.args[1].is_negative) and not base.is_number and integral(base)


def undefined(
    truth: Sequence[Requirement], claim: Sequence[Requirement], frame: Frame
) -> tuple[Point | None, bool]:
    """Where a divisor in the claim is zero, and whether that was settled.

    A divisor that may be zero in the truth as well is none of the claim's faults.
    """
    shared = {c for c, known in truth if not frame.known.under(*known).holds(c)}
    points, settled = [], True
    for condition, known in claim:
        here = frame.known.under(*known)
        if condition in shared or here.holds(condition):
            continue
        found = here.decide(condition, frame.order)
        settled &= found.holds is not None
        points += [found.counterexample] if found.counterexample else []
    return min(points, key=frame.rank, default=None), settled
