"""Guards: a condition that already holds where it stands is worth 1.

Each rule here removes a guard or one of its parts, so together they terminate.
"""

from __future__ import annotations

from sympy import Integer, Pow

from derive.engine.rules import Phase, Rewrite, rule
from derive.engine.scope import Scope
from derive.language.integers import mentions, split_multiple
from derive.language.substitution import substituted
from derive.language.terms import (
    Between,
    Entry,
    FloorDiv,
    Iverson,
    Negation,
    Parameter,
    Same,
    subterms,
    symbols_of,
)


@rule("drop a redundant guard", Phase.TIDY, Iverson)
def drop(term: Iverson, scope: Scope) -> Rewrite | None:
    """[c] = 1 where c follows from the domains, the ranges of indices and the guards beside it."""
    condition = term.args[0]
    decision = scope.decide(condition)
    return Rewrite(Integer(1), (decision,)) if decision.holds else None


@rule("drop an impossible term", Phase.TIDY, Iverson)
def impossible(term: Iverson, scope: Scope) -> Rewrite | None:
    """[c] = 0 where c contradicts the domains, the ranges of the indices and the guards beside it.

    Tried where no hyperparameter occurs: those queries are quick, and the others rarely succeed.
    """
    if any(isinstance(s, Parameter) for s in symbols_of(term)):
        return None
    decision = scope.decide(Negation(term.args[0]))
    return Rewrite(Integer(0), (decision,)) if decision.holds else None


@rule("a guard counts once", Phase.SIMPLIFY, Pow)
def idempotent(term: Pow, scope: Scope) -> Rewrite | None:
    """[c]ⁿ = [c] for n ≥ 1, as 0ⁿ = 0 and 1ⁿ = 1."""
    base, power = term.args
    if isinstance(base, Iverson) and power.is_Integer and power >= 1:
        return Rewrite(base)
    return None


@rule("same block", Phase.POLISH, Iverson)
def same_block(term: Iverson, scope: Scope) -> Rewrite | None:
    """[0 ≤ e − D·(f // m) < D] = [e // D = f // m] for D ≥ 1: e and f lie in blocks of one number.

    So the groups of a grouped convolution come out.  Terminates: one range guard fewer.
    """
    condition = term.args[0]
    if not isinstance(condition, Between) or condition.args[0] != 0:
        return None
    _, offset, divisor = condition.args
    multiple, rest = split_multiple(offset, divisor)
    if not any(isinstance(e, FloorDiv) for e in subterms(multiple)):
        return None
    positive = scope.positive(divisor)
    if positive is None:
        return None
    return Rewrite(Iverson(Same(FloorDiv(rest, divisor), -multiple)), (positive,))


@rule("an axis of length one", Phase.TIDY, Entry)
def only_index(term: Entry, scope: Scope) -> Rewrite | None:
    """x[a′] = x[0] where a′ is an index of the result that ranges over 0 ≤ a′ < 1.

    Terminates: fewer indices in entries.
    """
    alone = {i: lo for i, lo, hi in scope.free if hi - lo == 1 and mentions(term, i)}
    return Rewrite(substituted(term, dict(alone))) if alone else None
