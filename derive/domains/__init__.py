"""Deciding conditions on integers for all sizes.

A comparison that divides by zero does not hold, and neither does its negation: an assumption
admits no point where it is undefined, and a goal fails where it is undefined.  Reads of real
tensors are outside: an assumption about them is left out, a goal about them stays undecided
unless it is assumed word for word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sympy import Symbol

from derive.domains.problems import UNKNOWN, Undecided
from derive.domains.questions import (
    Context,
    Smallest,
    components,
    congruence,
    conjuncts,
    connected,
    relevant,
    satisfiable_beside,
)
from derive.domains.translation import Point, vocabulary
from derive.language.terms import Both, Condition

__all__ = ["Decision", "Point", "Undecided", "decide", "implied", "smallest"]


@dataclass(frozen=True)
class Decision:
    """A condition, whether it holds for all integers that its assumptions admit, and who says so.

    ``holds`` is None where the question stayed open.  ``where`` are guards at the place that were
    needed beside the ranges of the indices.  ``counterexample`` is the smallest point at
    which the condition fails: least sum of sizes, then lexicographic.
    """

    condition: Condition
    holds: bool | None
    decider: str
    counterexample: Point | None = None
    where: tuple[Condition, ...] = ()


def decide(
    goal: Condition, assume: Sequence[Condition] = (), order: Sequence[Symbol] = ()
) -> Decision:
    """Whether the goal holds for all integers that satisfy the assumptions.

    The sizes that an assumption ``Same(size, …)`` defines do not count in the sum of sizes.
    Lexicographic is in ``order``; unknowns that it leaves out come after: sizes, hyperparameters,
    indices, entries of integer tensors.  An unknown without a least value counts 0, 1, 2, … first.
    """
    return _decide(goal, tuple(assume), tuple(order))


@lru_cache(maxsize=8192)
def implied(goal: Condition, assume: tuple[Condition, ...]) -> Decision:
    """``decide`` for those who only care whether the goal holds: ``holds`` is True or None.

    It spares the search for the smallest counterexample, and looks only at the assumptions that
    are ``relevant``.
    """
    known = conjuncts(assume)
    assumed = frozenset(known)
    open_parts = [part for part in conjuncts([goal]) if part not in assumed]
    if not open_parts:
        return Decision(goal, True, "arithmetic")
    known += congruence([goal, *known])
    context = Context.of([goal, *known], ())
    if not all(context.integer(part) for part in open_parts):
        return Decision(goal, None, UNKNOWN)
    near = relevant(vocabulary(Both(*open_parts)), [c for c in known if context.integer(c)])
    decider = context.excluded_by(near, Both(*open_parts))
    return Decision(goal, None if decider is None else True, decider or UNKNOWN)


def smallest(conditions: Iterable[Condition], order: Sequence[Symbol] = ()) -> Point | None:
    """The smallest point that satisfies all conditions, compared as in ``decide``; None if none."""
    known = conjuncts(conditions)
    known += congruence(known)
    context = Context.of(known, order)
    integer = [c for c in known if context.integer(c)]
    found = _joint([context.smallest(part) for part in components(integer)])
    if found.point is None and found.decider != UNKNOWN:
        return None
    real = [c for c in known if not context.integer(c)]
    if found.point is None or not satisfiable_beside(real, integer):
        raise Undecided("no decider found a point or showed that there is none")
    return context.sorted(found.point)


@lru_cache(maxsize=8192)
def _decide(goal: Condition, assume: tuple[Condition, ...], order: tuple[Symbol, ...]) -> Decision:
    known = conjuncts(assume)
    assumed = frozenset(known)
    open_parts = [part for part in conjuncts([goal]) if part not in assumed]
    if not open_parts:
        return Decision(goal, True, "arithmetic")
    known += congruence([goal, *known])
    context = Context.of([goal, *known], order)
    if not all(context.integer(part) for part in open_parts):
        return Decision(goal, None, UNKNOWN)
    integer = [c for c in known if context.integer(c)]
    near, far = connected(vocabulary(Both(*open_parts)), integer)
    closest = relevant(vocabulary(Both(*open_parts)), integer)
    if len(closest) < len(near):
        decider = context.excluded_by(closest, Both(*open_parts))
        if decider is not None:
            return Decision(goal, True, decider)
    failure = context.smallest(near, Both(*open_parts))
    if failure.point is None and failure.decider != UNKNOWN:
        return Decision(goal, True, failure.decider)
    failure = _joint([failure, *(context.smallest(part) for part in components(far))])
    if failure.point is None:
        return Decision(goal, None if failure.decider == UNKNOWN else True, failure.decider)
    real = [c for c in known if not context.integer(c)]
    if not satisfiable_beside(real, integer):
        return Decision(goal, None, UNKNOWN)
    return Decision(goal, False, failure.decider, context.sorted(failure.point))


def _joint(parts: Sequence[Smallest]) -> Smallest:
    """The smallest point of independent parts: none where one has none."""
    without_point = [part for part in parts if part.point is None]
    if without_point:
        return min(without_point, key=lambda part: part.decider == UNKNOWN)
    point = {u: n for part in parts for u, n in (part.point or {}).items()}
    deciders = [part.decider for part in parts]
    return Smallest(point, "z3" if "z3" in deciders else "islpy")
