"""Where an expression has a value: reads inside their tensors, divisors that are not zero.

A factor may leave a sum, or take the place of an index, only where it has a value outside the sum
too: Σ_{i<N} u/N is 0 for N = 0, but (1/N)·0 is nothing.  And a guard may be relied upon only where
it has a value: otherwise it neither holds nor fails.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Add, Basic, Expr, Integer, Mul, Pow, Sum, Symbol

from derive.language.functions import EVERYWHERE
from derive.language.substitution import integral
from derive.language.terms import (
    AtMost,
    Between,
    Condition,
    Entry,
    FloorDiv,
    Greatest,
    Iverson,
    Least,
    Modulo,
    ranges_of,
)

#: the sizes of a tensor's axes
Shape = Callable[[str], tuple[Expr, ...]]

#: operations that have a value wherever all of their arguments have one
_TOTAL = (Add, Mul, Iverson, Condition, Least, Greatest, *EVERYWHERE)


#: a condition, and the ranges inside which it is asked for
Needed = tuple[Condition, tuple[Condition, ...]]


def needed(expr: Basic, shape: Shape, inside: tuple[Condition, ...] = ()) -> list[Needed] | None:
    """Conditions under which the expression has a value; None where none are known.

    What a sum reads is asked for where its index is in range: ``inside``.
    """
    if isinstance(expr, Symbol):
        return [] if expr.is_finite is not False else None
    if isinstance(expr, Expr) and _number(expr):
        return []
    own: list[Needed] = []
    if isinstance(expr, Entry):
        axes = zip(expr.indices, shape(expr.tensor), strict=True)
        own = [(Between(Integer(0), i, n), inside) for i, n in axes]
        parts: tuple[Basic, ...] = expr.indices
    elif isinstance(expr, Sum):
        return _of_sum(expr, shape, inside)
    elif isinstance(expr, FloorDiv | Modulo):
        own, parts = [(AtMost(Integer(1), expr.args[1]), inside)], expr.args
    elif isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp >= 0:
        parts = (expr.base,)
    elif isinstance(expr, Pow) and integral(expr.base):
        own, parts = [(AtMost(Integer(1), expr.base), inside)], expr.args
    elif isinstance(expr, _TOTAL):
        parts = expr.args
    else:
        return None
    for part in parts:
        more = needed(part, shape, inside)
        if more is None:
            return None
        own += more
    return list(dict.fromkeys(own))


def _number(expr: Expr) -> bool:
    """Whether the expression is one number, like 2, √π or log 10."""
    return bool(expr.is_number and expr.is_real and not expr.has(Entry, Sum))


def _of_sum(expr: Sum, shape: Shape, inside: tuple[Condition, ...]) -> list[Needed] | None:
    found: list[Needed] = []
    for index, lo, hi in ranges_of(expr):
        for bound in (lo, hi):
            more = needed(bound, shape, inside)
            if more is None:
                return None
            found += more
        inside = (*inside, Between(lo, index, hi))
    more = needed(expr.function, shape, inside)
    return None if more is None else list(dict.fromkeys([*found, *more]))
