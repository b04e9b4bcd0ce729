"""A nest as lines of loops: what is in front of the outermost loop, and what is inside.

What does not depend on the innermost loops is computed once, in front of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sympy import Expr, Symbol, Tuple

from derive.language.terms import ZERO, Between, Condition, Entry
from numeric.compiled.fusion import Nest
from numeric.compiled.lifting import Lifting
from numeric.compiled.merging import Extents
from numeric.compiled.neighbours import NeighbourLines
from numeric.compiled.order import adds, is_outermost, order, shared
from numeric.compiled.picking import Picked, picked_of
from numeric.compiled.stencils import Stencil, named, stencil_of
from numeric.compiled.writer import EntryWriter, Held
from numeric.emission.writer import Binding
from numeric.program.reads import TRUE, Axis, conjunction, flat
from numeric.program.statements import FirstPlace, Largest, ScatterAdd


@dataclass(frozen=True)
class NestLines:
    """Lines in front of the loop that threads share, and inside of it; all in front without one."""

    before: list[str]
    inside: list[str]


def nest_lines(nest: Nest, writer: EntryWriter, extents: Extents, numbers: count[int]) -> NestLines:
    """The lines of a nest on arrays with these lengths; ``numbers`` are those of new variables."""
    return _Loops(nest, writer, extents, numbers).made()


class _Loops:
    def __init__(
        self, nest: Nest, writer: EntryWriter, extents: Extents, numbers: count[int]
    ) -> None:
        self._nest, self._writer = nest, writer
        self._statement = nest.statement
        self._numbers = numbers
        self._lifting = Lifting(nest, extents, numbers, writer.is_integer, self._say)
        self._before: list[str] = []
        self._lines: list[str] = []
        self._depth = 1

    def made(self) -> NestLines:
        self._body(order(self._nest))
        if not is_outermost(shared(self._nest), self._nest):
            return NestLines(self._lines, [])
        return NestLines(self._before, self._lines)

    def _emit(self, line: str) -> None:
        self._lines.append("    " * self._depth + line)

    def _say(self, variable: Symbol, value: Expr) -> None:
        text = self._writer.real if isinstance(variable, Held) else self._writer.position
        self._emit(f"{self._writer.names.symbol(variable)} = {text(value)}")

    # --- loops -----------------------------------------------------------------------------------

    def _open(self, loops: Sequence[Axis], term: Any) -> Any:
        """Loop headers, and in front of each what is known by then; the term in what is known.

        The header of the loop that threads share is written by what joins nests.
        """
        for index, extent in loops:
            term = self._lifting.lifted(term)
            axis = shared(self._nest)
            if (index, extent) == axis and is_outermost(axis, self._nest):
                self._before, self._lines = self._lines, []
            else:
                self._emit(self._writer.header((index, extent), (index, extent) == axis))
            self._lifting.bound.add(index)
            self._depth += 1
        return term

    # --- bodies ----------------------------------------------------------------------------------

    def _body(self, loops: Sequence[Axis]) -> None:
        nest, over = self._nest, self._nest.over
        stencil = stencil_of(nest)
        if stencil is not None:
            self._slid(stencil)
            return
        entry = self._writer.entry(nest.target)[0]
        if isinstance(self._statement, ScatterAdd):
            self._scattered(self._statement, loops)
        elif isinstance(self._statement, Largest):
            self._largest(self._open(nest.axes, nest.value), over)
            self._emit(f"{entry} = best")
        elif isinstance(self._statement, FirstPlace):
            self._first(self._open(nest.axes, nest.value), over)
            self._emit(f"{entry} = place")
        elif adds(nest):
            value = self._open(loops, nest.value)
            self._emit(f"{entry} += {self._writer.real(value)}")
        elif over:
            value = self._open(nest.axes, nest.value)
            self._emit("total = real(0)")
            depth = self._depth
            value = self._open(over, value)
            self._emit(f"total += {self._writer.real(value)}")
            self._depth = depth
            self._emit(f"{entry} = total")
        else:
            value = self._open(loops, nest.value)
            text = self._writer.real if self._statement.kind == "real" else self._writer.position
            self._emit(f"{entry} = {text(value)}")

    def _slid(self, stencil: Stencil) -> None:
        """The same for what reads neighbours: planes in front, in which places are one loop."""
        whole = frozenset(name for name, kind in self._writer.kinds.items() if kind == "integer")
        made = NeighbourLines(self._nest, named(stencil, whole), self._writer, self._numbers)
        for line in made.before():
            self._emit(line)
        self._open(stencil.outer, ZERO)
        for line in made.inside():
            self._emit(line)

    def _scattered(self, statement: ScatterAdd, loops: Sequence[Axis]) -> None:
        """Additions where the source goes; of all places that only one is for, to that one."""
        value, target = self._nest.value, self._nest.target
        inside = _inside(statement)
        picked = picked_of(value, loops)
        if picked is None:
            term = Tuple(value, Tuple(*target.indices), inside)
            value, places, inside = self._open(loops, term).args
            target = Entry(target.tensor, *places.args)
        else:
            self._open([axis for axis in loops if axis not in picked.among], value)
            self._at(picked)
            value = picked.value
        if inside != TRUE:
            self._emit(f"if {self._writer.write(inside)}:")
            self._depth += 1
        self._emit(f"{self._writer.entry(target)[0]} += {self._writer.real(value)}")

    def _at(self, picked: Picked) -> None:
        """The indices of the place that was picked, if there is one."""
        self._emit(f"place = {self._writer.position(picked.number)}")
        self._emit("if place >= 0:")
        self._depth += 1
        for index, extent in picked.among[:0:-1]:
            length = self._writer.position(extent)
            self._emit(f"{self._writer.names.symbol(index)} = place % {length}")
            self._emit(f"place = place // {length}")
        self._emit(f"{self._writer.names.symbol(picked.among[0][0])} = place")

    def _largest(self, value: Any, over: Sequence[Axis]) -> None:
        """The largest value; NaN where one is."""
        some = self._nest.needed != TRUE or self._nest.only != TRUE
        if some:
            self._emit("some = False")
        self._best(value, over, some)
        if some:
            self._emit("if not some:")
            self._depth += 1
            self._emit(f"if {self._writer.write(self._nest.needed, Binding.CHOICE)}:")
            self._emit('    raise ValueError("the maximum over an empty range")')
            self._emit("best = real(0)")
            self._depth -= 1

    def _best(self, value: Any, over: Sequence[Axis], some: bool) -> None:
        """The largest value where there is one, and whether there is.

        Over long ranges ranks are compared, of which several are at once; short ones are unrolled.
        """
        ranked = "ranked" if not over[-1][1].is_number else "unranked"
        call, depth = self._writer.call, self._depth
        self._emit(f"top = {call(ranked, 'real(least)')}")
        value = self._open(over, value)
        if self._nest.only != TRUE:
            self._emit(f"if {self._writer.write(self._nest.only)}:")
            self._depth += 1
        if some:
            self._emit("some = True")
        self._emit(f"rank = {call(ranked, self._writer.real(value))}")
        self._emit(f"top = {call('scalar_maximum', 'rank', 'top')}")
        self._depth = depth
        self._emit(f"best = {call('value_of', 'top', 'real(least)')}")

    def _first(self, value: Any, over: Sequence[Axis]) -> None:
        """The number of the first place with the largest value; a NaN is the largest.

        First the value, then backwards for the place: so there is nothing to wait for.
        """
        self._best(value, over, False)
        depth = self._depth
        self._emit("place = np.int32(-1)")
        for index, extent in over:
            length = self._writer.position(extent)
            self._emit(f"for {self._writer.names.symbol(index)} in range({length} - 1, -1, -1):")
            self._depth += 1
        number = self._writer.position(flat([i for i, _ in over], [n for _, n in over]))
        self._emit(f"value = {self._writer.real(value)}")
        only = "" if self._nest.only == TRUE else f"({self._writer.write(self._nest.only)}) and "
        here = f"{only}((value == best) | (value != value))"
        self._emit(f"place = np.int32({number}) if {here} else place")
        self._depth = depth


def _inside(statement: ScatterAdd) -> Condition:
    """Where what is added is for an entry that there is."""
    sides = zip(
        statement.positions, statement.extents, statement.before, statement.after, strict=True
    )
    return conjunction([
        Between(ZERO, at, n)
        for at, n, lo, hi in sides
        if (lo != 0 or hi != 0 or not statement.regular) and (at, n) not in statement.over
    ])  # fmt: skip
