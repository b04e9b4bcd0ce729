"""What is known at one place of an expression: the indices bound around it and the guards on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sympy import Basic, Expr, Integer, Mul, Sum, Symbol

from derive.domains import Decision
from derive.domains.known import Known
from derive.language.definedness import needed
from derive.language.definition import Layer
from derive.language.terms import (
    AtMost,
    Between,
    Choose,
    Condition,
    Entry,
    Index,
    Iverson,
    MaxOver,
    Negation,
    Range,
    ranges_of,
    symbols_of,
)

Path = tuple[int, ...]


@dataclass(frozen=True)
class Scope:
    """The subterm of ``root`` at ``path``, in the derivation of ∂L/∂``target`` of ``layer``.

    ``free`` are the ranges of the indices that no sum binds: those of the target.
    ``upstream`` says of each upstream gradient which tensor it is the gradient by; ``adjoints`` are
    those of intermediates that may be put into a closed form, each with its indices.
    """

    layer: Layer
    target: Entry
    free: tuple[Range, ...]
    upstream: Mapping[str, str]
    root: Expr
    path: Path
    adjoints: Mapping[str, tuple[tuple[Expr, ...], Expr]] = field(default_factory=dict)

    @cached_property
    def _surroundings(self) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
        """The ranges and choices around the place; the guards beside it and around it."""
        around: list[Condition] = []
        guards: list[Condition] = []
        node: Any = self.root
        for step in self.path:
            if isinstance(node, Sum | MaxOver) and step == 0:
                around += [Between(lo, index, hi) for index, lo, hi in ranges_of(node)]
            elif isinstance(node, Mul):
                beside = (f for place, f in enumerate(node.args) if place != step)
                guards += [f.args[0] for f in beside if isinstance(f, Iverson)]
            elif isinstance(node, Choose) and step in (1, 2):
                around.append(node.args[0] if step == 1 else Negation(node.args[0]))
            node = node.args[step]
        return tuple(around), tuple(guards)

    @cached_property
    def bound(self) -> tuple[Index, ...]:
        """The indices that sums and maxima around the place bind, outermost first."""
        found: list[Index] = []
        node: Any = self.root
        for step in self.path:
            if isinstance(node, Sum | MaxOver) and step == 0:
                found += [index for index, _, _ in ranges_of(node)]
            node = node.args[step]
        return tuple(found)

    @cached_property
    def known(self) -> Known:
        """All that holds at the place: domains, the ranges of all indices, the guards beside it.

        A guard counts only where it has a value whatever the other guards say: no other guard may
        be dropped because this one divides by zero there.
        """
        _, guards = self._surroundings
        certain = self._certain
        return certain.under(*(g for g in guards if self._shown(g, certain) is not None))

    @cached_property
    def _certain(self) -> Known:
        """What holds at the place whether the guards do or not."""
        free = (Between(lo, i, hi) for i, lo, hi in self.free)
        around, _ = self._surroundings
        return Known(self.layer.facts, (*self.layer.domain, *free, *around))

    def within(self, kind: type[Basic]) -> bool:
        """Whether the place is somewhere inside a node of that kind."""
        node: Any = self.root
        for step in self.path:
            if isinstance(node, kind):
                return True
            node = node.args[step]
        return False

    def shape(self, tensor: str) -> tuple[Expr, ...]:
        """The sizes of a tensor's axes; an upstream gradient has those of what it belongs to."""
        return self.layer.shape(self.upstream.get(tensor, tensor))

    def decide(self, goal: Condition, *more: Condition) -> Decision:
        """Whether the condition is shown for all sizes, at this place and under ``more``."""
        found = self.known.under(*more).implied(goal)
        return replace(found, where=self._guards_needed(goal, more)) if found.holds else found

    def _guards_needed(self, goal: Condition, more: Sequence[Condition]) -> tuple[Condition, ...]:
        """The guards without which a goal is not shown: none, one of them, or all."""
        certain = self._certain.under(*more)
        guards = self.known.conditions[len(self._certain.conditions) :]
        if not guards or certain.holds(goal):
            return ()
        alone = (g for g in guards if certain.under(g).holds(goal))
        one = next(alone, None)
        return guards if one is None else (one,)

    def evaluable(self, expr: Basic, ranges: Iterable[Range] = ()) -> list[Decision] | None:
        """Why the expression has a value here for all indices in ``ranges``; None: not shown.

        The bounds of the ranges, each inside those before it, must have values too.  The factors
        beside the expression play no part.
        """
        decisions: list[Decision] = []
        around = self.known
        for index, lo, hi in ranges:
            for bound in (lo, hi):
                why = self._shown(bound, around)
                if why is None:
                    return None
                decisions += why
            around = around.under(Between(lo, index, hi))
        why = self._shown(expr, around)
        return None if why is None else [*decisions, *why]

    def _shown(self, expr: Basic, known: Known) -> list[Decision] | None:
        """Why the expression has a value where so much is known."""
        conditions = needed(expr, self.shape)
        if conditions is None:
            return None
        decisions = [known.under(*inside).implied(condition) for condition, inside in conditions]
        return decisions if all(d.holds for d in decisions) else None

    def positive(self, expr: Expr, *more: Condition) -> Decision | None:
        """The decision that the expression is at least 1; None where that is not shown."""
        decision = self.decide(AtMost(Integer(1), expr), *more)
        return decision if decision.holds else None

    def fresh(self, index: Index) -> Index:
        """An index named like ``index`` with primes added, unused in the whole expression."""
        return self.fresh_all([index])[index]

    def fresh_all(self, indices: Sequence[Index]) -> dict[Index, Index]:
        """A fresh index for each of the indices, all different."""
        used = {s.name for e in (self.root, self.target) for s in symbols_of(e)}
        used |= {i.name for i, _, _ in self.free}
        renaming: dict[Index, Index] = {}
        for index in indices:
            renaming[index] = fresh_index(index, used)
            used.add(renaming[index].name)
        return renaming


def fresh_index(index: Symbol, used: set[str]) -> Index:
    """An index named like ``index``, primed until its name is not among the used ones."""
    name = f"{index.name}'"
    while name in used:
        name += "'"
    return Index(name)
