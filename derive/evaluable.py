"""Where an expression has a value: reads inside their tensors, divisors that are not zero.

A factor may leave a sum, or take the place of an index, only where it has a value outside the sum
too: Σ_{i<N} u/N is 0 for N = 0, but (1/N)·0 is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Add, Basic, Integer, Mul, Pow, Symbol

from derive.domains import Decision
from derive.functions import EVERYWHERE
from derive.scope import Scope
from derive.substitution import integral
from derive.terms import (
    AtMost,
    Between,
    Condition,
    Entry,
    FloorDiv,
    Greatest,
    Iverson,
    Least,
    Modulo,
    Range,
)

#: operations that have a value wherever all of their arguments have one
_TOTAL = (Add, Mul, Iverson, Condition, Least, Greatest, *EVERYWHERE)


def evaluable(expr: Basic, scope: Scope, ranges: Iterable[Range] = ()) -> list[Decision] | None:
    """Why the expression has a value at the place for all indices in ``ranges``; None: not shown.

    The bounds of the ranges, each inside those before it, must have values too.  The factors beside
    the expression play no part.
    """
    decisions: list[Decision] = []
    around: list[Condition] = []
    for index, lo, hi in ranges:
        why = _shown([lo, hi], scope, around)
        if why is None:
            return None
        decisions += why
        around.append(Between(lo, index, hi))
    why = _shown([expr], scope, around)
    return None if why is None else [*decisions, *why]


def _shown(
    parts: Iterable[Basic], scope: Scope, around: Iterable[Condition]
) -> list[Decision] | None:
    decisions: list[Decision] = []
    for part in parts:
        needed = _needed(part, scope)
        if needed is None:
            return None
        decisions += [scope.decide(condition, *around) for condition in dict.fromkeys(needed)]
    return decisions if all(d.holds for d in decisions) else None


def _needed(expr: Basic, scope: Scope) -> list[Condition] | None:
    """The conditions under which the expression has a value; None where that is not known."""
    if isinstance(expr, Symbol) or expr.is_number:
        return [] if expr.is_finite is not False else None
    own: list[Condition] = []
    if isinstance(expr, Entry):
        axes = zip(expr.indices, scope.shape(expr.tensor), strict=True)
        own = [Between(Integer(0), i, n) for i, n in axes]
        parts: tuple[Basic, ...] = expr.indices
    elif isinstance(expr, FloorDiv | Modulo):
        own, parts = [AtMost(Integer(1), expr.args[1])], expr.args
    elif isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp >= 0:
        parts = (expr.base,)
    elif isinstance(expr, Pow) and integral(expr.base):
        own, parts = [AtMost(Integer(1), expr.base)], expr.args
    elif isinstance(expr, _TOTAL):
        parts = expr.args
    else:
        return None
    for part in parts:
        more = _needed(part, scope)
        if more is None:
            return None
        own += more
    return own
