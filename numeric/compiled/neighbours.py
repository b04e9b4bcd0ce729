"""The lines of a stencil: arrays laid between what they are filled with, and one long loop.

Of the first sliding axis so many places at a time that planes stay in the cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from derive.language.terms import Entry
from numeric.compiled.fusion import Nest
from numeric.compiled.order import integers_of
from numeric.compiled.stencils import Neighbour, Plane, Stencil
from numeric.compiled.writer import EntryWriter, Held
from numeric.program.statements import FirstPlace, Largest

#: entries of a plane that stay in the cache
PLANE = 1 << 14


class NeighbourLines:
    """Lines in front of the loops, and those of one pass of the outer loops."""

    def __init__(
        self, nest: Nest, stencil: Stencil, writer: EntryWriter, numbers: count[int]
    ) -> None:
        self._nest, self._stencil, self._writer = nest, stencil, writer
        number = next(numbers)
        self._number = number
        self._planes = {
            plane: self._name(f"plane{number}_{k}") for k, plane in enumerate(stencil.planes, 1)
        }
        self._made, self._row = self._name(f"made{number}"), self._name(f"row{number}")
        self._band, self._first = self._name(f"band{number}"), self._name(f"first{number}")
        self._count, self._place = self._name(f"count{number}"), self._name(f"place{number}")
        self._lengths = [writer.position(n) for _, n in stencil.sliding]
        reaches = [stencil.reach(k) for k in range(len(stencil.sliding))]
        inner = range(1, len(stencil.sliding))
        wide = [self._name(f"wide{number}_{k}") for k in inner]
        self._wide = ["", *(wide if len(wide) > 1 else [self._row])]
        self._low = [low for low, _ in reaches]
        self._spread = [high - low for low, high in reaches]

    def _name(self, wanted: str) -> str:
        return self._writer.names.symbol(Held(wanted))

    # --- in front --------------------------------------------------------------------------------

    def before(self) -> Iterator[str]:
        """Memory for planes and for what is made of them."""
        inner = range(1, len(self._lengths))
        for k in inner:
            yield f"{self._wide[k]} = {_plus(self._lengths[k], self._spread[k])}"
        if len(inner) != 1:
            yield f"{self._row} = {' * '.join(self._wide[1:]) if inner else '1'}"
        yield f"{self._band} = max(1, min({self._lengths[0]}, {PLANE} // max(1, {self._row})))"
        for plane, name in self._planes.items():
            size = f"({_plus(self._band, self._spread[0])}) * {self._row}"
            yield f"{name} = np.full({size}, {self._fill(plane)}, {self._dtype(plane)})"
        dtype = integers_of(self._nest.statement) or "real"
        yield f"{self._made} = np.empty({self._band} * {self._row}, {dtype})"

    def _fill(self, plane: Plane) -> str:
        whole = self._writer.kinds[plane.tensor] == "integer"
        return self._writer.position(plane.fill) if whole else self._writer.real(plane.fill)

    def _dtype(self, plane: Plane) -> str:
        return f"{self._writer.names.array(plane.tensor)}.dtype"

    # --- inside ----------------------------------------------------------------------------------

    def inside(self) -> Iterator[str]:
        """A band of places after the other."""
        length = self._lengths[0]
        yield f"for {self._first} in range(0, {length}, {self._band}):"
        yield f"    {self._count} = min({self._band}, {length} - {self._first})"
        for plane, name in self._planes.items():
            yield from _indented(self._laid(plane, name))
        yield from _indented(self._computed())
        yield from _indented(self._brought())

    def _laid(self, plane: Plane, name: str) -> Iterator[str]:
        """Rows of the array, and of what it is filled with where it has none."""
        axes = [i for i, _ in self._stencil.sliding]
        first, *rest = (self._writer.names.symbol(i) for i in axes)
        yield f"for {self._place} in range({_plus(self._count, self._spread[0])}):"
        yield f"    {first} = {_plus(f'{self._first} + {self._place}', self._low[0])}"
        lower, upper = self._there(plane, 0)
        yield f"    if {lower} <= {first} < {upper}:"
        depth, at = 2, self._place
        for k, index in enumerate(rest, 1):
            lower, upper = self._there(plane, k)
            yield f"{'    ' * depth}for {index} in range({lower}, {upper}):"
            at = self._flat(at, k, _plus(index, -self._low[k]))
            depth += 1
        source = self._writer.entry(Entry(plane.tensor, *plane.outer, *axes))[0]
        yield f"{'    ' * depth}{name}[index({at})] = {source}"
        yield "    else:"
        span = f"{self._place} * {self._row}"
        yield f"        {name}[{span} : {span} + {self._row}] = {self._fill(plane)}"

    def _there(self, plane: Plane, axis: int) -> tuple[str, str]:
        """From where to where the array's entries count."""
        low, high = self._stencil.reach(axis, plane)
        bound, length = plane.bounds[axis], self._lengths[axis]
        if bound is None:
            return str(low), _plus(length, high)
        low, high = self._low[axis], self._low[axis] + self._spread[axis]
        size = self._writer.position(bound)
        most = _plus(length, high)
        if low <= 0 and size == length and high >= 0:
            return "0", size
        return str(max(0, low)), f"min({size}, {most})"

    def _flat(self, at: str, axis: int, place: str) -> str:
        """The number of a place, further in than the number ``at``."""
        inside = at if at.isidentifier() or at.isdigit() else f"({at})"
        outside = (
            []
            if at == "0"
            else [self._wide[axis] if at == "1" else f"{inside} * {self._wide[axis]}"]
        )
        return " + ".join([*outside, *([place] if place != "0" else [])]) or "0"

    def _computed(self) -> Iterator[str]:
        """One loop over all places of the band, those between rows among them."""
        place, nest = self._place, self._nest
        length = f"{self._count} - 1"
        for k, n in enumerate(self._lengths[1:], 1):
            length = self._flat(length, k, f"{n} - 1")
        yield f"for {place} in range({length} + 1):"
        for neighbour, held in self._stencil.neighbours.items():
            name = self._writer.names.symbol(held)
            yield f"    {name} = {self._planes[neighbour.plane]}[index({self._away(neighbour)})]"
        values = [self._writer.real(value) for value in self._stencil.values]
        made = f"    {self._made}[index({place})]"
        if isinstance(nest.statement, Largest | FirstPlace):
            yield from self._largest(values)
            chosen = "best" if isinstance(nest.statement, Largest) else "place"
            yield f"{made} = {chosen}"
            return
        yield "    total = real(0)"
        yield from (f"    total += {value}" for value in values)
        yield f"{made} = total"

    def _away(self, neighbour: Neighbour) -> str:
        first, *rest = (str(o - low) for o, low in zip(neighbour.offsets, self._low, strict=True))
        at = first
        for k, away in enumerate(rest, 1):
            at = self._flat(at, k, away)
        return self._place if at == "0" else f"{self._place} + {at}"

    def _largest(self, values: Sequence[str]) -> Iterator[str]:
        """The largest value, and the number of the first one."""
        names = [self._name(f"value{self._number}_{k}") for k in range(len(values))]
        yield from (f"    {n} = {v}" for n, v in zip(names, values, strict=True))
        yield "    best = real(least)"
        for name in names:
            yield f"    best = {self._writer.call('scalar_maximum', name, 'best')}"
        if isinstance(self._nest.statement, FirstPlace):
            yield "    place = np.int8(-1)"
            for number, name in reversed([*enumerate(names)]):
                here = f"({name} == best) | ({name} != {name})"
                yield f"    place = np.int8({number}) if {here} else place"

    def _brought(self) -> Iterator[str]:
        """The results to where they belong."""
        first, *rest = (self._writer.names.symbol(i) for i, _ in self._stencil.sliding)
        yield f"for {self._place} in range({self._count}):"
        yield f"    {first} = {self._first} + {self._place}"
        depth, at = 1, self._place
        for k, index in enumerate(rest, 1):
            yield f"{'    ' * depth}for {index} in range({self._lengths[k]}):"
            at = self._flat(at, k, index)
            depth += 1
        target = self._writer.entry(self._nest.target)[0]
        yield f"{'    ' * depth}{target} = {self._made}[index({at})]"


def _plus(text: str, number: int) -> str:
    return text if not number else f"{text} {'-' if number < 0 else '+'} {abs(number)}"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)
