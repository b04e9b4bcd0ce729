"""What may be assumed at one place of an expression, collected without the engine's help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Basic, Mul, Pow, Sum

from derive.domains import Decision
from derive.domains.known import Known
from derive.language.terms import (
    Between,
    Choose,
    Condition,
    Iverson,
    MaxOver,
    Negation,
    Partial,
    Range,
    ranges_of,
    reads,
)
from verify.checker.binding import free
from verify.checker.values import MayHaveNoValue, Setting, values

Path = tuple[int, ...]


class NoSuchPlace(ValueError):
    """A path that leads nowhere, or into the bounds of a sum."""


@dataclass(frozen=True)
class Surroundings:
    """A place with all that holds there: ``assumptions`` in the order they were met."""

    setting: Setting
    assumptions: tuple[Condition, ...]

    def decide(self, goal: Condition, *more: Condition) -> Decision:
        """Whether the goal holds for all integers that the place and ``more`` admit."""
        return self._known.under(*more).implied(goal)

    @cached_property
    def _known(self) -> Known:
        return Known(self.setting.layer.facts, self.assumptions)


def subterm(root: Basic, path: Path) -> Any:
    """The subterm at a path of argument numbers."""
    node: Any = root
    for step in path:
        if not 0 <= step < len(node.args):
            raise NoSuchPlace(f"there is nothing at {path}")
        node = node.args[step]
    return node


def replaced(root: Any, path: Path, new: Basic) -> Any:
    """The expression with the subterm at a path replaced."""
    if not path:
        return new
    step, *rest = path
    args = list(root.args)
    args[step] = replaced(args[step], tuple(rest), new)
    return root.func(*args)


def place_at(setting: Setting, root: Basic, path: Path) -> Surroundings:
    """All that may be assumed at a place: ranges of indices, branches taken, guards beside it.

    Inside a derivative, what varies with the tensor it is taken by is no assumption.
    """
    known = Surroundings(setting, setting.assumptions)
    guards: tuple[Condition, ...] = ()
    varying: set[str] = set()
    node: Any = root
    for step in path:
        if isinstance(node, Sum | MaxOver):
            if step != 0:
                raise NoSuchPlace("the bounds of a sum are not rewritten")
            ranges = ranges_of(node)
            guards = _still_meant(guards, ranges)
            inside = (Between(lo, i, hi) for i, lo, hi in ranges)
            known = Surroundings(setting, (*_still_meant(known.assumptions, ranges), *inside))
        elif isinstance(node, Mul):
            guards = (*guards, *_beside(known, node.args, step))
        elif isinstance(node, Choose) and step:
            taken = node.args[0] if step == 1 else Negation(node.args[0])
            known = Surroundings(setting, (*known.assumptions, taken))
        elif isinstance(node, Partial):
            varying.add(node.args[1].tensor)
        node = node.args[step]
    everything = (*known.assumptions, *guards)
    return Surroundings(
        setting, tuple(c for c in everything if not any(reads(c, t) for t in varying))
    )


def _still_meant(known: Sequence[Condition], ranges: Sequence[Range]) -> tuple[Condition, ...]:
    """What is known still inside a sum: an index that it binds hides one of the same name."""
    hidden = {r[0] for r in ranges}
    return tuple(c for c in known if hidden.isdisjoint(free(c)))


def _beside(place: Surroundings, factors: Sequence[Basic], step: int) -> Iterable[Condition]:
    """The guards beside a factor: where one of them fails, the product is zero all the same.

    Beside a guard only those count that have a value: where one has none, that guard alone may have
    made the product zero.
    """
    among_guards = _is_guard(factors[step])
    for position, factor in enumerate(factors):
        if position == step or not isinstance(factor, Iverson):
            continue
        if not among_guards or _has_value(place, factor):
            yield factor.args[0]


def _has_value(place: Surroundings, guard: Iverson) -> bool:
    try:
        needs = values([guard], place.setting)
    except MayHaveNoValue:
        return False
    return all(place.decide(need.condition).holds for need in needs)


def _is_guard(factor: Basic) -> bool:
    """Whether a factor is an Iverson bracket, or a power that SymPy made of equal ones."""
    return isinstance(factor, Iverson) or (isinstance(factor, Pow) and _is_guard(factor.base))
