"""Where an expression has a value: reads inside their tensors, divisors that are not zero.

A factor may leave a sum, or take the place of an index, only where it has a value outside the sum
too: Σ_{i<N} u/N is 0 for N = 0, but (1/N)·0 is nothing.  And a guard may be relied upon only where
it has a value: otherwise it neither holds nor fails.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Add, Basic, Expr, Integer, Mul, Pow, Symbol

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
)

#: the sizes of a tensor's axes
Shape = Callable[[str], tuple[Expr, ...]]

#: operations that have a value wherever all of their arguments have one
_TOTAL = (Add, Mul, Iverson, Condition, Least, Greatest, *EVERYWHERE)


def needed(expr: Basic, shape: Shape) -> list[Condition] | None:
    """Conditions under which the expression has a value; None where none are known."""
    if isinstance(expr, Symbol) or (isinstance(expr, Expr) and expr.is_number):
        return [] if expr.is_finite is not False else None
    own: list[Condition] = []
    if isinstance(expr, Entry):
        axes = zip(expr.indices, shape(expr.tensor), strict=True)
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
        more = needed(part, shape)
        if more is None:
            return None
        own += more
    return list(dict.fromkeys(own))
