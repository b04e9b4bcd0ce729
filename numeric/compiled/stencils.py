"""Windows that slide by one: nests that read a few neighbours of the place that they are for.

y[n, r, c] = max[a, b] x[n, r + a - 1, c + b - 1] reads nine arrays that differ by where they begin,
once x[n] lies between zeros: then r and c together are one long loop without guards.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from sympy import Expr, Integer, Symbol

from derive.language.integers import expanded
from derive.language.substitution import substituted
from derive.language.terms import (
    MINUS_INFINITY,
    ZERO,
    Between,
    Choose,
    Condition,
    Entry,
    Index,
    mapped,
    subterms,
)
from numeric.compiled.fusion import Nest
from numeric.compiled.writer import Held
from numeric.program.reads import TRUE, Axis, parts_of
from numeric.program.statements import Contraction, FirstPlace, Largest, Reduction

#: neighbours that are read one by one
MOST = 32


@dataclass(frozen=True)
class Plane:
    """A part of an array between entries that are ``fill``.

    Along each sliding axis the array's entries from 0 to ``bounds`` count; None: all that is read
    is there.
    """

    tensor: str
    outer: tuple[Expr, ...]
    fill: Expr
    bounds: tuple[Expr | None, ...]


@dataclass(frozen=True)
class Neighbour:
    """What is read from a plane, so far from the place in question along each sliding axis."""

    plane: Plane
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class Stencil:
    """The ``outer`` loops, the ``sliding`` ones, and the values that each place is made of.

    ``values`` read ``neighbours``, which have names there.
    """

    outer: tuple[Axis, ...]
    sliding: tuple[Axis, ...]
    values: tuple[Expr, ...]
    neighbours: dict[Neighbour, Held | Index]

    @property
    def planes(self) -> list[Plane]:
        return list(dict.fromkeys(n.plane for n in self.neighbours))

    def reach(self, axis: int, plane: Plane | None = None) -> tuple[int, int]:
        """The smallest and the largest distance along an axis, of one plane or all."""
        chosen = (n for n in self.neighbours if plane is None or n.plane == plane)
        at = [n.offsets[axis] for n in chosen]
        return min(at), max(at)


class _Elsewhere(Exception):
    """Something is read that is no neighbour."""


def stencil_of(nest: Nest) -> Stencil | None:
    """How a nest reads neighbours, if that is all it does."""
    statement = nest.statement
    lengths = [n for _, n in nest.over]
    if not isinstance(statement, Reduction | Contraction | Largest | FirstPlace) or not lengths:
        return None
    if not all(isinstance(n, Integer) for n in lengths) or not 1 < prod(map(int, lengths)) <= MOST:
        return None
    if nest.only != TRUE or nest.needed != TRUE:
        return None
    sliding = _sliding(nest)
    outer = nest.axes[: len(nest.axes) - len(sliding)]
    if not sliding or not outer or nest.target.indices != tuple(i for i, _ in nest.axes):
        return None
    reading = _Reading([i for i, _ in sliding])
    try:
        values = tuple(reading.term(substituted(nest.value, tap)) for tap in _taps(nest.over))
    except _Elsewhere:
        return None
    return Stencil(outer, sliding, values, reading.found) if reading.found else None


def named(stencil: Stencil, whole: Set[str]) -> Stencil:
    """The stencil with names of integers for neighbours in the arrays ``whole``."""
    again = {
        held: Index(held.name) if neighbour.plane.tensor in whole else held
        for neighbour, held in stencil.neighbours.items()
    }
    values = tuple(value.xreplace(again) for value in stencil.values)
    return replace(
        stencil, values=values, neighbours={n: again[h] for n, h in stencil.neighbours.items()}
    )


def _taps(over: Sequence[Axis]) -> list[dict[Index, Integer]]:
    """The values of the indices that are summed over, in row-major order."""
    every = itertools.product(*(range(int(n)) for _, n in over))
    indices = [i for i, _ in over]
    return [dict(zip(indices, map(Integer, at), strict=True)) for at in every]


def _sliding(nest: Nest) -> tuple[Axis, ...]:
    """The axes from the first one on along which neighbours are read."""
    moved = {
        s
        for e in subterms(nest.value)
        if isinstance(e, Entry)
        for at in e.indices
        if not isinstance(at, Index)
        for s in subterms(at)
    }
    first = next((k for k, (i, _) in enumerate(nest.axes) if i in moved), len(nest.axes))
    return nest.axes[first:]


class _Reading:
    """Neighbours and their names, while terms are looked at."""

    def __init__(self, indices: Sequence[Index]) -> None:
        self._indices = indices
        self.found: dict[Neighbour, Held | Index] = {}

    def term(self, term: Any) -> Any:
        """The term with names for neighbours."""
        if isinstance(term, Choose):
            stated, yes, no = term.args
            if isinstance(yes, Entry) and self._slides(yes) and _is_fill(no):
                return self._named(yes, no, stated)
        if isinstance(term, Entry) and self._slides(term):
            return self._named(term, ZERO, TRUE)
        if term in self._indices:
            raise _Elsewhere
        return mapped(self.term, term)

    def _slides(self, entry: Entry) -> bool:
        return any(s in self._indices for s in subterms(entry))

    def _named(self, entry: Entry, fill: Expr, stated: Condition) -> Symbol:
        apart = len(entry.indices) - len(self._indices)
        outer, own = entry.indices[: max(apart, 0)], entry.indices[max(apart, 0) :]
        if apart < 0 or any(s in self._indices for at in outer for s in subterms(at)):
            raise _Elsewhere
        offsets = [expanded(at - i) for at, i in zip(own, self._indices, strict=True)]
        if not all(isinstance(o, Integer) for o in offsets):
            raise _Elsewhere
        bounds: list[Expr | None] = [None] * len(own)
        for part in parts_of(stated):
            lower, at, upper = part.args if isinstance(part, Between) else (None, None, None)
            if lower != ZERO or at not in own:
                raise _Elsewhere
            bounds[own.index(at)] = upper
        plane = Plane(entry.tensor, outer, fill, tuple(bounds))
        neighbour = Neighbour(plane, tuple(map(int, offsets)))
        return self.found.setdefault(neighbour, Held(f"near{len(self.found) + 1}"))


def _is_fill(value: Any) -> bool:
    return bool(value.is_number) or value == MINUS_INFINITY
