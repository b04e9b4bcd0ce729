"""Guards: a condition that already holds where it stands is worth 1.

Each rule here removes a guard or one of its parts, so together they terminate.
"""

from __future__ import annotations

from sympy import Integer, Pow

from derive.rules import Phase, Rewrite, rule
from derive.scope import Scope
from derive.terms import Iverson, Negation


@rule("drop a redundant guard", Phase.TIDY, Iverson)
def drop(term: Iverson, scope: Scope) -> Rewrite | None:
    """[c] = 1 where c follows from the domains, the ranges of the indices and the guards beside it."""
    condition = term.args[0]
    decision = scope.decide(condition)
    return Rewrite(Integer(1), (decision,)) if decision.holds else None


@rule("drop an impossible term", Phase.TIDY, Iverson)
def impossible(term: Iverson, scope: Scope) -> Rewrite | None:
    """[c] = 0 where c contradicts the domains, the ranges of the indices and the guards beside it."""
    decision = scope.decide(Negation(term.args[0]))
    return Rewrite(Integer(0), (decision,)) if decision.holds else None


@rule("a guard counts once", Phase.SIMPLIFY, Pow)
def idempotent(term: Pow, scope: Scope) -> Rewrite | None:
    """[c]ⁿ = [c] for n ≥ 1, as 0ⁿ = 0 and 1ⁿ = 1."""
    base, power = term.args
    if isinstance(base, Iverson) and power.is_Integer and power >= 1:
        return Rewrite(base)
    return None


