"""What several statements of a block compute is computed once, by a statement of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any

from sympy import Add, Basic, Expr, Function, Mul, Pow

from derive.language.terms import Entry, Index, indices_in, replace, subterms
from numeric.program.reads import Axis
from numeric.program.statements import Elementwise, FirstPlace, Largest, Reduction, Statement

#: statements with a value, and values worth a name
VALUED = (Elementwise, Reduction, Largest, FirstPlace)
WORTH = (Add, Mul, Pow, Function)


@dataclass(frozen=True)
class Place:
    """A subterm of the value of a statement, which has these axes."""

    number: int
    term: Expr
    axes: tuple[Axis, ...]

    @property
    def key(self) -> tuple[Basic, ...]:
        """The subterm, whatever its indices are called, and the lengths of their axes."""
        places = {i: Index(f"#{k}") for k, (i, _) in enumerate(self.axes)}
        return replace(self.term, places), *(n for _, n in self.axes)


def once(statements: Sequence[Statement], fresh: Callable[[str], str]) -> list[Statement]:
    """The statements, in which nothing of full rank is computed twice."""
    made = list(statements)
    while True:
        found = _most_repeated(made)
        if found is None:
            return made
        made = _named(made, found, fresh)


def _most_repeated(statements: Sequence[Statement]) -> list[Place] | None:
    """The places of the largest subterm that occurs several times."""
    places: dict[tuple[Basic, ...], list[Place]] = {}
    for number, statement in enumerate(statements):
        for place in _places(number, statement):
            places.setdefault(place.key, []).append(place)
    repeated = [found for found in places.values() if len(found) > 1]
    return max(repeated, key=lambda f: len(list(subterms(f[0].term))), default=None)


def _places(number: int, statement: Statement) -> Iterator[Place]:
    """The subterms worth a name, other than the whole value of what is no more than this."""
    if not isinstance(statement, VALUED):
        return
    extents = dict((*statement.axes, *getattr(statement, "over", ())))
    own = isinstance(statement, Elementwise)
    for term in subterms(statement.value):
        indices = indices_in(term)
        if len(indices) < 2 or not isinstance(term, WORTH) or not set(indices) <= set(extents):
            continue
        if term.has(Entry) and not (own and term == statement.value):
            yield Place(number, term, tuple((i, extents[i]) for i in indices))


def _named(
    statements: Sequence[Statement], places: Sequence[Place], fresh: Callable[[str], str]
) -> list[Statement]:
    """The statements with one more, which the others read."""
    first = places[0]
    shared = Elementwise(fresh(f"{statements[first.number].name}_common"), first.axes, first.term)
    made: list[Any] = list(statements)
    for place in places:
        read = Entry(shared.name, *(i for i, _ in place.axes))
        statement = made[place.number]
        made[place.number] = changed(statement, value=replace(statement.value, {place.term: read}))
    made.insert(first.number, shared)
    return made
