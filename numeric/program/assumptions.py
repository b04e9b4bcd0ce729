"""What is known at one place of a program: the layer's domain, the axes around, the conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Add, Basic, Expr, Integer, Mul, Pow

from derive.domains import Decision
from derive.domains.known import Known
from derive.language.definition import Layer
from derive.language.functions import UNBOUNDED
from derive.language.integers import Affine, expanded
from derive.language.substitution import integral
from derive.language.terms import (
    ONE,
    ZERO,
    AtMost,
    Between,
    Condition,
    Differ,
    FloorDiv,
    Greatest,
    Index,
    Least,
    Less,
    Modulo,
    Parameter,
    Range,
    Same,
    Size,
    indices_in,
    subterms,
)
from numeric.program.reads import Axis, parts_of
from numeric.program.samples import refuted


@dataclass(frozen=True)
class Assumptions:
    """The layer, the axes a value is computed over, and the conditions it is wanted under.

    ``facts`` are further conditions on sizes that hold everywhere.
    """

    layer: Layer
    axes: tuple[Axis, ...] = ()
    where: tuple[Condition, ...] = ()
    facts: tuple[Condition, ...] = ()

    @classmethod
    def of_outputs(cls, layer: Layer, outputs: tuple[str, ...]) -> Assumptions:
        """What holds wherever a program computes the outputs: a single one has entries."""
        extents = layer.shape(outputs[0]) if len(outputs) == 1 else ()
        return cls(layer, facts=tuple(AtMost(ONE, n) for n in extents))

    # --- places --------------------------------------------------------------------------------

    def within(self, axes: Iterable[Axis]) -> Assumptions:
        """The place inside further axes."""
        return replace(self, axes=(*self.axes, *axes))

    def given(self, conditions: Iterable[Condition]) -> Assumptions:
        """The place where further conditions hold."""
        more = [part for c in conditions for part in parts_of(c)]
        return replace(self, where=tuple(dict.fromkeys((*self.where, *more))))

    def over(self, ranges: Iterable[Range]) -> Assumptions:
        """The place inside a sum or maximum over these ranges."""
        here = self
        for index, lo, hi in ranges:
            here = here.within([(index, hi)]) if lo == 0 else here.given([Between(lo, index, hi)])
        return here

    @property
    def anywhere(self) -> Assumptions:
        """The same axes, under no conditions."""
        return replace(self, where=())

    def alone(self, *parts: Basic) -> Assumptions:
        """Only the axes whose indices occur, under no conditions: all that an array of them knows.

        What holds because some other axis is not empty does not hold there.
        """
        return replace(self, axes=self.axes_of(*parts), where=())

    @property
    def sizes(self) -> Assumptions:
        """No axes and no conditions: what is known of sizes."""
        return replace(self, axes=(), where=())

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(i for i, _ in self.axes)

    def axes_of(self, *parts: Basic) -> tuple[Axis, ...]:
        """Those of the axes whose indices occur."""
        found = set(indices_in(*parts))
        return tuple(axis for axis in self.axes if axis[0] in found)

    def beyond_ranges(self, conditions: Iterable[Condition]) -> list[Condition]:
        """The parts of conditions that say more than that an index is on its axis."""
        ranges = {Between(ZERO, i, n) for i, n in self.axes}
        return [part for c in conditions for part in parts_of(c) if part not in ranges]

    # --- questions -----------------------------------------------------------------------------

    @cached_property
    def _known(self) -> Known:
        ranges = (Between(ZERO, i, n) for i, n in self.axes)
        stated = (*self.layer.domain, *self.facts, *ranges, *self.where)
        return Known(self.layer.facts, stated)

    def decide(self, goal: Condition) -> Decision:
        """Whether a condition holds here for all sizes and indices; ``holds`` is True or None."""
        if goal in self._known.conditions or _plain_to_see(goal):
            return Decision(goal, True, "arithmetic")
        if self.refutes(goal):
            return Decision(goal, None, "none")
        return self._known.implied(goal)

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

    def differs_from_zero(self, number: Basic) -> bool:
        """Whether an integer expression is shown to differ from zero here."""
        if isinstance(number, Greatest) and ONE in number.args:
            return True
        return integral(number) and self.shows(Differ(number, ZERO))

    def may_fail(self, expr: Basic) -> bool:
        """Whether an expression may lack a value, or overflow, at a point of the axes."""
        return any(self._node_may_fail(node) for node in subterms(expr))

    def _node_may_fail(self, node: Basic) -> bool:
        if isinstance(node, Pow):
            base, power = node.args
            if not (power.is_Integer or integral(power)):
                return True
            here = self.alone(node)
            return not (here.at_least(0, power) or here.differs_from_zero(base))
        if isinstance(node, FloorDiv | Modulo):
            return not self.alone(node).differs_from_zero(node.args[1])
        return isinstance(node, UNBOUNDED)


def extremes(form: Affine, here: Assumptions) -> tuple[Expr, Expr]:
    """The smallest and the largest value over the axes, each at a corner.

    An affine function is monotone in each index, and the sign of the step says which end is which.
    """
    low = high = form.start
    extents = dict(here.axes)
    for index, step in form.steps:
        reach = expanded(step * (extents[index] - ONE))
        if here.anywhere.at_least(0, step):
            high += reach
        elif here.anywhere.at_least(0, -step):
            low += reach
        else:
            low += Least(ZERO, reach)
            high += Greatest(ZERO, reach)
    return expanded(low), expanded(high)


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
