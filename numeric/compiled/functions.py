"""Nests as the text of a function that a compiler takes, and the lines that call it.

The function does a share of the outermost loop, so that threads can each have theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from sympy import Expr

from derive.language.terms import RealParameter
from numeric.compiled.fusion import Nest
from numeric.compiled.joining import Joint
from numeric.compiled.merging import Extents
from numeric.compiled.nests import NestLines, nest_lines
from numeric.compiled.order import adds, integers_of, is_outermost, shared
from numeric.compiled.writer import EntryWriter
from numeric.emission.dialect import tuple_of
from numeric.program.statements import FirstPlace, Largest, ScatterAdd


@dataclass(frozen=True)
class FunctionText:
    """The function, and the lines that make its arrays and call it."""

    function: str
    lines: tuple[str, ...]


def function_text(joint: Joint, name: str, writer: EntryWriter, extents: Extents) -> FunctionText:
    """The text of nests as a function of that name, of arrays with these lengths."""
    return _Function(joint, name, writer, extents).made()


class _Function:
    def __init__(self, joint: Joint, name: str, writer: EntryWriter, extents: Extents) -> None:
        self._joint, self._name, self._writer, self._extents = joint, name, writer, extents

    def made(self) -> FunctionText:
        writer, nests = self._writer, self._joint.nests
        numbers = count(1)
        written = [nest_lines(nest, writer, self._extents, numbers) for nest in nests]
        targets = [n for n in nests if n.statement.name not in self._joint.local]
        arrays = dict.fromkeys(n.statement.name for n in targets)
        arrays |= writer.arrays
        loop = self._loop()
        real = writer.names.array(self._real(arrays))
        rows = [line for nest in nests for line in self._row(nest, real)]
        symbols = [writer.names.symbol(s) for s in writer.symbols]
        reals = [writer.names.symbol(s) for s in writer.symbols if isinstance(s, RealParameter)]
        searches = any(isinstance(n.statement, Largest | FirstPlace) for n in nests)
        given = [*map(writer.names.array, arrays), *symbols]
        head = [
            f"def {self._name}({', '.join(['begin', 'end', *given, *['least'] * searches])}):",
            f"    real = {real}.dtype.type",
            *(f"    {name} = real({name})" for name in reals),
            *rows,
        ]
        lowest = [writer.call("lowest", "dtype")] * searches
        axis = shared(nests[0])
        length = "1" if axis is None else writer.position(axis[1])
        seen = map(self._seen, arrays)
        call = ", ".join(["threads", length, self._name, *seen, *symbols, *lowest])
        lines = (*map(self._array, targets), f"in_shares({call})")
        return FunctionText("\n".join([*head, *_in_loop(loop, written)]), lines)

    def _loop(self) -> list[str]:
        """The header of the loop that threads share, if it is the outermost one."""
        nest = self._joint.nests[0]
        axis = shared(nest)
        if axis is None or not is_outermost(axis, nest):
            return []
        return [f"    {self._writer.header(axis, True)}"]

    def _row(self, nest: Nest, real: str) -> list[str]:
        """Memory for a row, where one is more than a number."""
        name = nest.statement.name
        shape = nest.shapes.get(name, nest.statement.extents)[1:]
        if name not in self._joint.local or not shape:
            return []
        dtype = integers_of(nest.statement) or f"{real}.dtype"
        array = self._writer.names.array(name)
        return [f"    {array} = np.empty({self._lengths(shape)}, {dtype})"]

    def _lengths(self, shape: Iterable[Expr]) -> str:
        return tuple_of([self._writer.position(n) for n in shape] or ["*()"])

    def _array(self, nest: Nest) -> str:
        """The line that makes the array of a nest."""
        statement = nest.statement
        start = "zeros" if isinstance(statement, ScatterAdd) or adds(nest) else "empty"
        dtype = integers_of(statement) or "dtype"
        name = self._writer.names.array(statement.name)
        return f"{name} = np.{start}({self._lengths(statement.extents)}, {dtype})"

    def _seen(self, array: str) -> str:
        """An array with the axes that the loops know."""
        name = self._writer.names.array(array)
        shape = next((n.shapes[array] for n in self._joint.nests if array in n.shapes), None)
        if shape is None:
            return name
        return f"{name}.reshape({', '.join(map(self._writer.position, shape))})"

    def _real(self, arrays: Iterable[str]) -> str:
        """An array of the type that is computed in."""
        names = [*arrays]
        kinds = self._writer.kinds
        return next((a for a in names if kinds[a] == "real"), names[0])


def _in_loop(loop: list[str], written: list[NestLines]) -> list[str]:
    """All that is in front, then the loop with all that is inside."""
    return [
        *(line for made in written for line in made.before),
        *loop,
        *(line for made in written for line in made.inside),
    ]
