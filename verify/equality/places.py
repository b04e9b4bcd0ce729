"""What is known at a point where a term has a product of entries, and questions about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sympy import Basic, Integer, Mul, Pow, Symbol

from derive.domains import Decision, Point, decide
from derive.domains.known import Known
from derive.language.definition import Layer
from derive.language.terms import (
    Between,
    Both,
    Condition,
    Either,
    FloorDiv,
    Index,
    Modulo,
    Negation,
    Range,
    Size,
    all_of,
    replace,
    subterms,
    symbols_of,
)
from verify.equality.terms import Term
from verify.equality.tidying import Tidy
from verify.evaluation.small_sizes import small_hyperparameters


@dataclass(frozen=True)
class Frame:
    """What is known of all symbols: the layer's domain and the ranges of the free indices."""

    layer: Layer
    free: tuple[Range, ...]

    @cached_property
    def known(self) -> Known:
        ranges = (Between(lo, i, hi) for i, lo, hi in self.free)
        return Known(self.layer.facts, (*self.layer.domain, *ranges))

    @property
    def order(self) -> tuple[Symbol, ...]:
        """How points are compared after the sum of sizes."""
        return (*self.layer.symbols, *(i for i, _, _ in self.free))

    def rank(self, point: Point) -> tuple[int, ...]:
        """The key by which the smallest of several points is chosen."""
        values = dict(point)
        defined = {s for s, _ in self.layer.definitions}
        sizes = (v for s, v in point if isinstance(s, Size) and s not in defined)
        return (sum(sizes), *(values.get(s, 0) for s in self.order))


@dataclass(frozen=True)
class OpenQuestion:
    """A condition that was not shown to hold, and is costly to look for a failure of."""

    goal: Condition
    known: Known
    order: tuple[Symbol, ...]

    def failure(self) -> Point | None:
        """A point where the condition fails, however long it takes to find."""
        return self.known.decide(self.goal, self.order).counterexample


class TermPoint:
    """Any point at which one term has a product of entries."""

    def __init__(self, term: Term, frame: Frame) -> None:
        self.term = term
        self.frame = frame
        self.tidy = Tidy(frame.known, term.conditions)
        facts = [f for c in term.parts() for f in frame.layer.facts(c)]
        self.known = frame.known.under(*term.conditions, *facts)
        self._order = (*frame.order, *term.bound)

    def implied(self, condition: Condition) -> Decision:
        """Whether a condition holds at all such points.

        One that fails with small numbers for the hyperparameters is found out quickly; a proof of
        it with symbols would be looked for in vain, and for long.
        """
        if any(self._failure(condition, choice) for choice in self._soonest):
            return Decision(condition, None, "small hyperparameters")
        return self.known.implied(condition)

    @cached_property
    def _soonest(self) -> list[dict[Symbol, int]]:
        """All hyperparameters at their smallest values, and all at the next ones."""
        choices = list(small_hyperparameters(self.frame.layer))
        least = choices[0]
        following = {s: value + 1 for s, value in least.items()}
        return [c for c in (least, following) if c and c in choices]

    def never(self, conditions: Sequence[Condition]) -> Decision:
        """Whether some conditions never hold at once: one of them, or all together."""
        for condition in conditions:
            alone = self.implied(Negation(condition))
            if alone.holds:
                return alone
        return self.implied(Negation(all_of(conditions)))

    def goals(self, pattern: Sequence[Condition]) -> Sequence[Condition]:
        """Conditions that together say that a pattern never holds."""
        if not pattern:
            return (Either(),)
        if len(pattern) == 1 and isinstance(pattern[0], Negation):
            part = pattern[0].args[0]
            return part.args if isinstance(part, Both) else (part,)
        return (Negation(all_of(pattern)),)

    def question(self, goal: Condition) -> OpenQuestion:
        """Whether a condition holds at all such points."""
        return OpenQuestion(goal, self.known, self._order)

    def decided(self, goal: Condition) -> Decision:
        """A decision; a point where the goal fails is the smallest with small hyperparameters.

        With numbers for the hyperparameters most questions are quickly answered; the others stay
        open where they are not shown to hold.
        """
        shown = self.implied(goal)
        if shown.holds:
            return shown
        failures = list(self._failures(goal))
        if failures:
            return min(failures, key=lambda d: self.frame.rank(d.counterexample or ()))
        if _tractable((goal, *self.known.assumptions(goal))):
            return self.known.decide(goal, self._order)
        return shown

    def _failures(self, goal: Condition) -> Iterator[Decision]:
        """Where the condition fails for each choice of small hyperparameters, if there are any."""
        for choice in small_hyperparameters(self.frame.layer):
            if choice and (found := self._failure(goal, choice)) is not None:
                yield found

    def _failure(self, condition: Condition, choice: Mapping[Symbol, int]) -> Decision | None:
        """Where the condition fails for numbers in place of the hyperparameters."""
        numbers: dict[Basic, Basic] = {s: Integer(v) for s, v in choice.items()}
        goal = replace(condition, numbers)
        assume = tuple(replace(c, numbers) for c in self.known.assumptions(condition))
        if not _tractable((goal, *assume)):
            return None
        found = decide(goal, assume, self._order)
        if found.holds is not False:
            return None
        point = (*choice.items(), *(found.counterexample or ()))
        return Decision(condition, False, found.decider, point)


def _tractable(conditions: Iterable[Condition]) -> bool:
    """Whether at most two unknowns are multiplied, and none is divided by an index: then a failure,
    if there is one, is found soon."""
    return not any(_hard(part) for c in conditions for part in subterms(c))


def _hard(part: Basic) -> bool:
    if isinstance(part, Mul):
        return sum(not a.is_Integer for a in part.args) > 2
    if isinstance(part, FloorDiv | Modulo):
        return any(isinstance(s, Index) for s in symbols_of(part.args[1]))
    return isinstance(part, Pow)
