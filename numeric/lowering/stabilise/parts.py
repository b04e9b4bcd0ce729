"""Parts of expressions as equations of their own: computed once, and read at their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from sympy import Basic, Expr, Sum

from derive.language.definition import Equation, Layer
from derive.language.terms import (
    ONE,
    AtMost,
    Condition,
    Entry,
    Index,
    MaxOver,
    Range,
    entries,
    indices_in,
    ranges_of,
    subterms,
    varies,
)
from numeric.lowering.naming import FreshNames
from numeric.program.assumptions import Assumptions

#: how many terms a value may have that stands at several places
_LONGEST = 120


class Parts:
    """The equations made so far, by name; ``target`` is the one that is being worked on."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._names = FreshNames.of(layer)
        self._known: dict[tuple[Basic, tuple[Expr, ...]], str] = {}
        self.target = ""
        self.made: dict[str, Equation] = {}

    def named(self, value: Expr, suffix: str, here: Assumptions) -> Expr:
        """A read of an equation of its own for a value, made once; or the value.

        Such an equation is computed at all places, so it must not need the conditions around.
        """
        bound = bound_in(value)
        free = tuple(i for i in indices_in(value) if i not in bound)
        extents = dict(here.axes)
        if any(i not in extents or varies(extents[i]) for i in free):
            return value
        if here.where and not self.inside(value, here):
            return value
        shape = tuple(extents[i] for i in free)
        key = _normal(value, free), shape
        if key not in self._known:
            name = self._known[key] = self._names.fresh(f"{self.target}_{suffix}")
            self.made[name] = Equation(name, free, shape, shape, (True,) * len(free), value, value)
        return Entry(self._known[key], *free)

    def short(self, value: Expr, suffix: str, here: Assumptions) -> Expr:
        """The value, or where it is long a read of an equation of its own, if there may be one."""
        return self.named(value, suffix, here) if is_long(value) else value

    def inside(self, value: Expr, here: Assumptions) -> bool:
        """Whether all entries are read at bare indices that run over their axes."""
        nodes = [n for n in subterms(value) if isinstance(n, Sum | MaxOver)]
        lengths = dict[Expr, Expr](here.axes)
        lengths.update((i, hi) for n in nodes for i, lo, hi in ranges_of(n) if lo == 0)
        return all(
            [lengths.get(i) for i in e.indices] == self._shape(e.tensor) for e in entries(value)
        )

    def _shape(self, name: str) -> list[Expr]:
        made = self.made.get(name)
        return list(self._layer.shape(name) if made is None else made.extents)

    def with_tables(self, body: Basic, here: Assumptions) -> Assumptions:
        """The place with what is declared of the tables that are read there, index by index."""
        extents = dict[Expr, Expr](here.axes)
        read = [
            e
            for e in entries(body)
            if e.tensor not in self.made
            and [extents.get(i) for i in e.indices] == self._shape(e.tensor)
        ]
        return here.given(fact for e in read for fact in self._layer.facts(e))

    def of_equation(self, equation: Equation, suffix: str, value: Expr) -> Expr:
        """A read of an equation over the same places as another one."""
        name = self._names.fresh(f"{equation.name}_{suffix}")
        self.made[name] = replace(equation, name=name, written=value, explicit=value)
        return Entry(name, *equation.indices)


def is_long(value: Expr) -> bool:
    """Whether a value is too long to stand at several places."""
    return next(islice(subterms(value), _LONGEST, None), None) is not None


def _normal(value: Expr, free: Sequence[Index]) -> Basic:
    """The value with its indices numbered, so that equal ones are found whatever their names."""
    found = [*free, *(i for i in indices_in(value) if i not in free)]
    made: Basic = value.xreplace({i: Index(f"·{n}") for n, i in enumerate(found)})
    return made


def bound_in(expr: Basic) -> set[Index]:
    """The indices of sums and maxima."""
    nodes = (n for n in subterms(expr) if isinstance(n, Sum | MaxOver))
    return {i for n in nodes for i, _, _ in ranges_of(n)}


def doubtful(ranges: Sequence[Range], here: Assumptions) -> list[Condition]:
    """That the ranges have points, where this is not known."""
    found: list[Condition] = []
    for index, lo, hi in ranges:
        some = AtMost(lo + ONE, hi)
        if not here.shows(some):
            found.append(some)
        here = here.over([(index, lo, hi)])
    return found
