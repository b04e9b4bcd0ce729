"""Changing the variable of a sum.  The engine never does this unasked: it would not terminate."""

from __future__ import annotations

from sympy import Expr, Mul, Sum

from derive.derivation import Step
from derive.domains import Decision
from derive.integers import mentions
from derive.substitution import substituted
from derive.terms import Between, Index, ranges_of, total


def flip(expression: Expr, index: Index) -> Step:
    """Σ_{lo≤a<hi} F(a) = Σ_{lo≤a<hi} F(lo + hi − 1 − a): the range is walked backwards.

    a ↦ lo + hi − 1 − a maps the range onto itself, one to one.  Side condition: no other bound of
    the same sum uses a.  Applied on request, to the one sum that binds the index.
    """
    position, term = next(
        ((n,), f) if expression.is_Mul else ((), f)
        for n, f in enumerate(Mul.make_args(expression))
        if isinstance(f, Sum) and index in [i for i, _, _ in ranges_of(f)]
    )
    ranges = ranges_of(term)
    if any(mentions(b, index) for _, lo, hi in ranges for b in (lo, hi)):
        raise ValueError(f"another range of the sum uses {index}")
    lo, hi = next((lo, hi) for i, lo, hi in ranges if i == index)
    mirrored = lo + hi - 1 - index
    new = total(substituted(term.function, {index: mirrored}), ranges)
    after = new
    if position:
        after = Mul(*(new if n == position[0] else f for n, f in enumerate(expression.args)))
    stays = Decision(Between(lo, mirrored, hi), True, "arithmetic")
    return Step(
        "reindex (flip)",
        expression,
        after,
        position,
        term,
        new,
        (stays,),
        f"{index} runs backwards",
    )
