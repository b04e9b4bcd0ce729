"""Changing the variable of a sum.  The engine does none of this unasked: a flip has no end."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Mul, Sum

from derive.domains import Decision
from derive.engine.record import Step
from derive.engine.rules import Rewrite
from derive.engine.scope import Scope
from derive.language.integers import affine, mentions
from derive.language.printing import plain
from derive.language.substitution import substituted
from derive.language.terms import Between, Index, Iverson, Same, ranges_of, total


def flip(expression: Expr, index: Index) -> Step | None:
    """Σ_{lo≤a<hi} F(a) = Σ_{lo≤a<hi} F(lo + hi − 1 − a): the range is walked backwards.

    a ↦ lo + hi − 1 − a maps the range onto itself, one to one.  Side condition: no other bound of
    the same sum uses a.  Applied on request, to the sum among the expression's factors that binds
    the index; None where there is no such sum or the side condition fails.
    """
    factors = Mul.make_args(expression)
    for place, term in enumerate(factors):
        if not isinstance(term, Sum) or index not in term.variables:
            continue
        ranges = ranges_of(term)
        if any(mentions(bound, index) for _, *bounds in ranges for bound in bounds):
            return None
        lo, hi = next((lo, hi) for i, lo, hi in ranges if i == index)
        mirrored = lo + hi - 1 - index
        new = total(substituted(term.function, {index: mirrored}), ranges)
        stays = Decision(Between(lo, mirrored, hi), True, "arithmetic")
        return Step(
            "reindex (flip)",
            expression,
            Mul(*factors[:place], new, *factors[place + 1 :]),
            (place,) if len(factors) > 1 else (),
            term,
            new,
            (stays,),
            f"{index} runs backwards",
        )
    return None


def fixed(term: Sum) -> tuple[Iverson, Index, Expr] | None:
    """A factor [e = v + f] of the sum's body that fixes its index v, with that index and e − f."""
    for factor in Mul.make_args(term.function):
        if not isinstance(factor, Iverson) or not isinstance(factor.args[0], Same):
            continue
        left, right = factor.args[0].args
        for index in (i for i in term.variables if isinstance(i, Index)):
            parts = affine(right - left, index)
            if parts is not None and abs(parts[0]) == 1:
                return factor, index, -parts[0] * parts[1]
    return None


def fix(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{lo≤v<hi} [e = v + f]·F(v) = F(e − f) where lo ≤ e − f < hi.

    Side conditions: the last clause is decided, e − f has a value; e and f mention no index of the
    sum, no other bound uses v.
    """
    found = fixed(term)
    if found is None:
        return None
    guard, index, value = found
    ranges = ranges_of(term)
    lo, hi = next((lo, hi) for i, lo, hi in ranges if i == index)
    others = [r for r in ranges if r[0] != index]
    if any(mentions(value, i) for i in term.variables):
        return None
    if any(mentions(bound, index) for _, *bounds in others for bound in bounds):
        return None
    why = scope.evaluable(value)
    inside = scope.decide(Between(lo, value, hi))
    if why is None or not inside.holds:
        return None
    rest = Mul(*(f for f in Mul.make_args(term.function) if f is not guard))
    new = total(substituted(rest, {index: value}), others)
    return Rewrite(new, (*why, inside), f"{index} = {plain(value)}")


def flips(expression: Expr, indices: Iterable[Index]) -> tuple[Step, ...] | None:
    """One ``flip`` after another, for each of the indices; None where one of them fails."""
    steps: list[Step] = []
    for index in indices:
        step = flip(steps[-1].after if steps else expression, index)
        if step is None:
            return None
        steps.append(step)
    return tuple(steps)
