"""From a goal and its assumptions to problems without names, one for each connected part.

Parts that share no unknowns are independent: the smallest point of the whole consists of the
smallest points of the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from sympy import Basic, Symbol

from derive.domains.formulas import at_least_zero, atom, complement
from derive.domains.problems import Problem
from derive.domains.solving import impossible_by, solve
from derive.domains.translation import (
    NotInteger,
    Point,
    Translation,
    Unknown,
    Vocabulary,
    vocabulary,
)
from derive.language.terms import (
    AtMost,
    Both,
    Condition,
    Differ,
    Either,
    Entry,
    Less,
    Negation,
    Parameter,
    RealParameter,
    Same,
    Size,
)


def conjuncts(conditions: Iterable[Condition]) -> list[Condition]:
    """The conditions with conjunctions taken apart, each once."""
    found: dict[Condition, None] = {}
    for c in conditions:
        if isinstance(c, Both):
            found.update(dict.fromkeys(conjuncts(c.args)))
        elif isinstance(c, Negation) and isinstance(c.args[0], Either):
            found.update(dict.fromkeys(conjuncts(Negation(part) for part in c.args[0].args)))
        elif isinstance(c, Negation) and isinstance(c.args[0], Negation):
            found.update(dict.fromkeys(conjuncts(c.args[0].args)))
        else:
            found[c] = None
    return list(found)


def congruence(conditions: Iterable[Condition]) -> list[Condition]:
    """That integer entries of one tensor are equal where their indices are."""
    entries = dict.fromkeys(e for c in conditions for e in vocabulary(c).integers)
    return [
        Either(*(Differ(i, j) for i, j in zip(a.indices, b.indices, strict=True)), Same(a, b))
        for a, b in combinations(entries, 2)
        if a.tensor == b.tensor and len(a.indices) == len(b.indices)
    ]


@dataclass(frozen=True)
class Smallest:
    """A point, or that there is none, and who says so; UNKNOWN where the question stayed open."""

    point: dict[Unknown, int] | None
    decider: str


@dataclass(frozen=True)
class Context:
    """What all parts of one question share.

    ``integers`` are the entries that count as integers, ``ranks`` says how points are compared,
    ``defined`` are the sizes that an assumption defines: they do not count in the sum of sizes.
    """

    integers: frozenset[Entry]
    ranks: dict[Unknown, tuple[int, int, int]]
    defined: frozenset[Size]

    @staticmethod
    def of(conditions: Sequence[Condition], order: Sequence[Symbol]) -> Context:
        """The context of a question that consists of these conditions."""
        words = [vocabulary(c) for c in conditions]
        position: dict[Unknown, int] = {s: k for k, s in enumerate(order)}
        unknowns = list(dict.fromkeys(u for w in words for u in w.unknowns))
        ranks = {u: (position.get(u, len(position)), _kind(u), k) for k, u in enumerate(unknowns)}
        integers = frozenset(e for w in words for e in w.integers)
        return Context(integers, ranks, frozenset(_defined_sizes(conditions)))

    def integer(self, condition: Condition) -> bool:
        """Whether a condition is one of integer arithmetic."""
        entries = [u for u in vocabulary(condition).unknowns if isinstance(u, Entry)]
        return self.integers.issuperset(entries) and _is_integer_arithmetic(condition)

    def smallest(
        self, conditions: Sequence[Condition], failing: Condition | None = None
    ) -> Smallest:
        """The smallest point where the conditions hold and ``failing``, if given, does not."""
        problem, order = self._problem(conditions, failing)
        answer = solve(problem)
        if answer.point is None:
            return Smallest(None, answer.decider)
        return Smallest(dict(zip(order, answer.point, strict=True)), answer.decider)

    def excluded_by(self, conditions: Sequence[Condition], failing: Condition) -> str | None:
        """Who shows that ``failing`` holds wherever the conditions do; None where it is open."""
        return impossible_by(self._problem(conditions, failing)[0])

    def _problem(
        self, conditions: Sequence[Condition], failing: Condition | None
    ) -> tuple[Problem, list[Unknown]]:
        """The question as a problem, and its unknowns in the order of comparison."""
        translation = Translation(self.integers)
        formulas = [complement(translation.formula(failing))] if failing is not None else []
        formulas += [translation.formula(c) for c in conditions]
        numbers = translation.numbered()
        sizes = [u for u in numbers if isinstance(u, Size)]
        formulas += [at_least_zero(atom(numbers[s])) for s in sizes]
        order = sorted(numbers, key=self.ranks.__getitem__)
        problem = Problem(
            translation.atoms,
            tuple(dict.fromkeys(formulas)),
            tuple(numbers[s] for s in sizes if s not in self.defined),
            tuple(numbers[u] for u in order),
        )
        return problem, order

    def sorted(self, point: dict[Unknown, int]) -> Point:
        """The values at a point in the order of comparison."""
        return tuple(sorted(point.items(), key=lambda item: self.ranks[item[0]]))


def connected(
    start: Vocabulary, conditions: Sequence[Condition]
) -> tuple[list[Condition], list[Condition]]:
    """The conditions that share unknowns with the start, directly or not; and the others."""
    reached = set(start.unknowns)
    inside: set[Condition] = set()
    growing = True
    while growing:
        growing = False
        for c in conditions:
            words = vocabulary(c).unknowns
            if c not in inside and not reached.isdisjoint(words):
                inside.add(c)
                reached.update(words)
                growing = True
    return [c for c in conditions if c in inside], [c for c in conditions if c not in inside]


def relevant(start: Vocabulary, conditions: Sequence[Condition]) -> list[Condition]:
    """The conditions that share unknowns with the start where hyperparameters do not count.

    All axes of a convolution may have the same stride; what one axis says of it is nothing that
    another needs.  Conditions on hyperparameters alone are always relevant.
    """
    reached = {u for u in start.unknowns if not isinstance(u, Parameter)}
    own = {
        c: {u for u in vocabulary(c).unknowns if not isinstance(u, Parameter)} for c in conditions
    }
    inside = {c for c in conditions if not own[c]}
    growing = True
    while growing:
        growing = False
        for c in conditions:
            if c not in inside and not reached.isdisjoint(own[c]):
                inside.add(c)
                reached |= own[c]
                growing = True
    return [c for c in conditions if c in inside]


def components(conditions: Sequence[Condition]) -> list[list[Condition]]:
    """The conditions grouped by shared unknowns."""
    found = []
    remaining = list(conditions)
    while remaining:
        first, *rest = remaining
        near, remaining = connected(vocabulary(first), rest)
        found.append([first, *near])
    return found


def satisfiable_beside(real: Sequence[Condition], integer: Sequence[Condition]) -> bool:
    """Whether conditions on real values hold for some values, whatever the integers are.

    That is certain where each bounds one value, an entry of an arbitrary tensor or a real
    hyperparameter, that nothing else speaks of.
    """
    names = [_value_names(c) for c in (*real, *integer)]
    return all(
        _bounds_one_value(c) and all(names[k].isdisjoint(n) for n in (*names[:k], *names[k + 1 :]))
        for k, c in enumerate(real)
    )


def _bounds_one_value(condition: Condition) -> bool:
    c = condition.args[0] if isinstance(condition, Negation) else condition
    if not isinstance(c, Less | AtMost | Same | Differ):
        return False
    sides = list(c.args)
    values = [s for s in sides if isinstance(s, Entry | RealParameter)]
    others = [s for s in sides if s not in values]
    return len(values) == len(others) == 1 and not _value_names(others[0])


def _value_names(node: Basic) -> frozenset[str]:
    """The names of the tensors and real hyperparameters whose values a term speaks of."""
    return frozenset(
        u.tensor if isinstance(u, Entry) else str(u)
        for u in vocabulary(node).unknowns
        if isinstance(u, Entry | RealParameter)
    )


@lru_cache(maxsize=4096)
def _is_integer_arithmetic(condition: Condition) -> bool:
    """Whether a condition can be translated if all its entries are integers."""
    entries = (u for u in vocabulary(condition).unknowns if isinstance(u, Entry))
    try:
        Translation(entries).formula(condition)
    except NotInteger:
        return False
    return True


def _kind(unknown: Unknown) -> int:
    if isinstance(unknown, Size):
        return 0
    if isinstance(unknown, Parameter):
        return 1
    return 3 if isinstance(unknown, Entry) else 2


def _defined_sizes(conditions: Iterable[Condition]) -> Iterator[Size]:
    for c in conditions:
        if isinstance(c, Same) and isinstance(c.args[0], Size) and not c.args[1].has(c.args[0]):
            yield c.args[0]
