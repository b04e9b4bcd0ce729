"""What follows from what is known at a place, decided for all sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Integer, Symbol

from derive.domains import Decision, decide, implied
from derive.language.terms import AtMost, Condition, entries


@dataclass(frozen=True)
class Known:
    """The conditions that hold at a place, whoever collected them.

    ``declared`` gives what a layer says of the entries of its tables of integers: that is known
    wherever a condition speaks of them.
    """

    declared: Callable[[Condition], tuple[Condition, ...]]
    conditions: tuple[Condition, ...]

    def under(self, *more: Condition) -> Known:
        """The same place where further conditions hold."""
        return replace(self, conditions=(*self.conditions, *more)) if more else self

    def implied(self, goal: Condition) -> Decision:
        """Whether the goal is shown to hold here: ``holds`` is True or None."""
        return implied(goal, self.assumptions(goal))

    def decide(self, goal: Condition, order: Sequence[Symbol]) -> Decision:
        """Whether the goal holds here, else the smallest point where it does not."""
        return decide(goal, self.assumptions(goal), order)

    def holds(self, goal: Condition) -> bool:
        """Whether the goal is shown to hold here."""
        return self.implied(goal).holds is True

    def positive(self, number: Expr) -> bool:
        """Whether an integer is shown to be at least 1 here."""
        if isinstance(number, Integer):
            return int(number) > 0
        return self.holds(AtMost(Integer(1), number))

    def assumptions(self, goal: Condition) -> tuple[Condition, ...]:
        """All that is known here and of the tables that the goal speaks of."""
        own = self.declared(goal) if entries(goal) else ()
        return (*self.conditions, *own, *self._tables)

    @cached_property
    def _tables(self) -> tuple[Condition, ...]:
        """What is declared of the tables that the conditions speak of."""
        facts = (f for c in self.conditions if entries(c) for f in self.declared(c))
        return tuple(dict.fromkeys(f for f in facts if f not in self.conditions))
