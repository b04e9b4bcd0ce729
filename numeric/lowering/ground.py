"""What is known at one place of a lowering: the layer's domain, the axes around, the guards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Add, Basic, Expr, Integer, Mul

from derive.domains import Decision, implied
from derive.language.definition import Layer
from derive.language.integers import expanded
from derive.language.terms import (
    AtMost,
    Between,
    Condition,
    Entry,
    FloorDiv,
    Greatest,
    Index,
    Less,
    Modulo,
    Parameter,
    Same,
    Size,
    entries,
    subterms,
)
from numeric.lowering.samples import refuted
from numeric.program.reads import ZERO, Axis, parts_of


@dataclass(frozen=True)
class Ground:
    """The layer, the axes a value is computed over, and the conditions it is wanted under.

    ``facts`` are further conditions on sizes that hold everywhere.
    """

    layer: Layer
    axes: tuple[Axis, ...] = ()
    where: tuple[Condition, ...] = ()
    facts: tuple[Condition, ...] = ()

    def within(self, axes: Iterable[Axis]) -> Ground:
        """The place inside further axes."""
        return replace(self, axes=(*self.axes, *axes))

    def given(self, conditions: Iterable[Condition]) -> Ground:
        """The place where further conditions hold."""
        more = [part for c in conditions for part in parts_of(c)]
        return replace(self, where=tuple(dict.fromkeys((*self.where, *more))))

    @property
    def anywhere(self) -> Ground:
        """The same axes, under no conditions."""
        return replace(self, where=())

    def alone(self, *parts: Basic) -> Ground:
        """Only the axes whose indices occur, under no conditions: all that an array of them knows.

        What holds because some other axis is not empty does not hold there.
        """
        return replace(self, axes=self.axes_of(*parts), where=())

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(i for i, _ in self.axes)

    @cached_property
    def _assumptions(self) -> tuple[Condition, ...]:
        ranges = (Between(ZERO, i, n) for i, n in self.axes)
        return (*self.layer.domain, *self.facts, *ranges, *self.where)

    @cached_property
    def _known(self) -> frozenset[Condition]:
        return frozenset(self._assumptions)

    def decide(self, goal: Condition) -> Decision:
        """Whether a condition holds here for all sizes and indices; ``holds`` is True or None."""
        if goal in self._known or _plain_to_see(goal):
            return Decision(goal, True, "arithmetic")
        if self.refutes(goal):
            return Decision(goal, None, "none")
        assume = self._assumptions
        tables = [f for c in (goal, *assume) if entries(c) for f in self.layer.facts(c)]
        return implied(goal, (*assume, *tables))

    def refutes(self, goal: Condition) -> bool:
        """Whether a condition fails at one of a few small points that are admissible here."""
        return refuted(goal, self.axes, (*self.facts, *self.where), self.layer)

    def shows(self, goal: Condition) -> bool:
        """Whether a condition is shown to hold here."""
        return bool(self.decide(goal).holds)

    def at_least(self, least: int, number: Expr) -> bool:
        """Whether an integer is shown to be at least ``least`` here."""
        if isinstance(number, Integer):
            return bool(number >= least)
        if least <= 0 and self._natural(number):
            return True
        return self.shows(AtMost(Integer(least), number))

    def _natural(self, number: Expr) -> bool:
        """Whether a number is at least 0 by the way it is made, whatever the layer says."""
        if isinstance(number, Integer | Size):
            return bool(number.is_nonnegative)
        if isinstance(number, Parameter):
            return number in self._natural_parameters
        if isinstance(number, Add | Mul | FloorDiv):
            return all(self._natural(arg) for arg in number.args)
        return isinstance(number, Greatest) and any(self._natural(arg) for arg in number.args)

    @cached_property
    def _natural_parameters(self) -> frozenset[Expr]:
        known = self.layer.hyperparameters
        return frozenset(h.symbol for h in known if h.minimum is not None and h.minimum >= 0)

    def length(self, number: Expr) -> Expr:
        """The number of entries of an axis: the integer where it is shown to be no less than 0."""
        return number if self.at_least(0, number) else Greatest(ZERO, number)

    def axes_of(self, *parts: Basic) -> tuple[Axis, ...]:
        """Those of the axes whose indices occur."""
        found = {s for part in parts for s in subterms(part) if isinstance(s, Index)}
        return tuple(axis for axis in self.axes if axis[0] in found)


def _plain_to_see(goal: Condition) -> bool:
    """Whether a comparison holds by adding up, and by max(…, e) ≥ e; no solver is asked."""
    if isinstance(goal, Same):
        return bool(goal.args[0] == goal.args[1])
    if not isinstance(goal, AtMost | Less):
        return False
    strict = 1 if isinstance(goal, Less) else 0
    gaps = _lower_bounds(goal.args[1] - goal.args[0] - strict)
    return any(gap.is_Integer and gap >= 0 for gap in gaps)


def _lower_bounds(number: Expr) -> Iterator[Expr]:
    """The number, multiplied out, with each maximum among its terms replaced by what it is of."""
    terms = Add.make_args(number)
    largest = next((t for t in terms if isinstance(t, Greatest)), None)
    if largest is None:
        yield expanded(number)
        return
    for part in largest.args:
        yield from _lower_bounds(Add(*(t for t in terms if t != largest), part))


def varies(expr: Basic) -> bool:
    """Whether an expression depends on indices or on what tensors hold."""
    return any(isinstance(s, Index | Entry) for s in subterms(expr))


def complexity(stated: Condition) -> tuple[bool, bool]:
    """Conditions on indices come before those that divide by them or look at tensors."""
    divides = any(
        isinstance(node, FloorDiv | Modulo) and varies(node.args[1]) for node in subterms(stated)
    )
    return bool(entries(stated)), divides
