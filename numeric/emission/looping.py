"""Values as plain loops, one entry after the other, with nothing rearranged.

A guard that fails ends a product before its other factors are looked at, a choice looks at one
branch only, and every computed index is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sympy import Basic, Expr, Mul, Pow, Sum

from derive.language.definition import Layer
from derive.language.terms import (
    ZERO,
    Both,
    Choose,
    Condition,
    Entry,
    FirstMax,
    FloorDiv,
    Index,
    Iverson,
    MaxOver,
    Modulo,
    Range,
    entries,
    ranges_of,
    subterms,
    varies,
)
from numeric.emission.dialect import Dialect, tuple_of
from numeric.emission.identifiers import Identifiers
from numeric.emission.writer import Binding, PythonWriter, Text, extreme_of, writes
from numeric.program.reads import Axis, parts_of

#: how long the tests after one ``if`` may be
ROOM = 60


class Loops(PythonWriter):
    """Writes an expression as statements that come before it, and the text of its value."""

    def __init__(self, names: Identifiers, layer: Layer, dialect: Dialect) -> None:
        super().__init__(names, layer, dialect)
        self.lines: list[str] = []
        self._depth = 0
        self._temporaries = 0

    def tensor(self, tensor: str, axes: Sequence[Axis], value: Expr) -> None:
        """The loops over all entries of a tensor."""
        name = self.names.array(tensor)
        self._emit(f"{name} = {self.dialect.zeros(tuple_of([self.write(n) for _, n in axes]))}")
        with self._loop([(i, ZERO, n) for i, n in axes]):
            place = ", ".join(self.names.symbol(i) for i, _ in axes) or "()"
            self._emit(f"{name}[{place}] = {self.write(value)}")

    # --- statements ------------------------------------------------------------------------------

    def _emit(self, line: str) -> None:
        self.lines.append("    " * self._depth + line)

    @contextmanager
    def _block(self, header: str) -> Iterator[None]:
        self._emit(header)
        self._depth += 1
        yield
        self._depth -= 1

    @contextmanager
    def _loop(self, ranges: Sequence[Range]) -> Iterator[None]:
        depth = self._depth
        for index, lo, hi in ranges:
            start = "" if lo == 0 else f"{self.write(lo)}, "
            self._emit(f"for {self.names.symbol(index)} in range({start}{self.write(hi)}):")
            self._depth += 1
        yield
        self._depth = depth

    def _temporary(self, word: str) -> str:
        self._temporaries += 1
        return self.names.array(f"{word}{self._temporaries}")

    # --- values ----------------------------------------------------------------------------------

    def parts(self, expr: Any) -> Text:
        """The text of a value, after the statements that it needs; guards are looked at first."""
        guarded = isinstance(expr, Mul) and any(isinstance(f, Iverson) for f in expr.args)
        return self.indicator(expr) if guarded else super().parts(expr)

    def entry(self, entry: Entry) -> Text:
        """``x[i, j]``; an index that is computed is checked."""
        name = self.names.array(entry.tensor)
        index = [self.write(i) for i in entry.indices]
        tensor = self.layer.tensor(entry.tensor)
        if all(isinstance(i, Index) for i in entry.indices):
            text = f"{name}[{', '.join(index) or '()'}]"
        else:
            text = self.call("entry", name, *index)
        return (f"int({text})" if tensor is not None and tensor.integer else text), Binding.ATOM

    def elementwise(self, name: str, argument: str) -> str:
        """A function of a number, which a library may want as an array."""
        return self.dialect.function(name, self.dialect.number(argument), self.call)

    @writes(Sum)
    def _total(self, expr: Any) -> Text:
        name = self._temporary("total")
        self._emit(f"{name} = 0")
        with self._loop(ranges_of(expr)):
            self._emit(f"{name} += {self.write(expr.args[0])}")
        return name, Binding.ATOM

    @writes(MaxOver)
    def _largest(self, expr: Any) -> Text:
        name, value = self._temporary("largest"), self._temporary("value")
        self._emit(f"{name} = None")
        with self._loop(ranges_of(expr)):
            self._emit(f"{value} = {self.write(expr.args[0])}")
            with self._block(f"if {name} is None or {value} > {name}:"):
                self._emit(f"{name} = {value}")
        with self._block(f"if {name} is None:"):
            self._emit('raise ValueError("the maximum over an empty range")')
        return name, Binding.ATOM

    def indicator(self, expr: Expr) -> Text:
        """A product whose guards are looked at first."""
        factors = Mul.make_args(expr)
        guards = [c for f in factors if isinstance(f, Iverson) for c in parts_of(f.args[0])]
        name = self._temporary("term")
        self._emit(f"{name} = 0")
        depth = self._depth
        self._tests(guards)
        value = Mul(*(f for f in factors if not isinstance(f, Iverson)))
        self._emit(f"{name} = {self.write(value)}")
        self._depth = depth
        return name, Binding.ATOM

    def choice(self, expr: Choose) -> Text:
        """``if … else``; only one branch is computed."""
        if extreme_of(expr) is not None and varies(expr):
            return super().choice(expr)
        stated, yes, no = expr.args
        name = self._temporary("chosen")
        with self._block(f"if {self.write(stated)}:"):
            self._emit(f"{name} = {self.write(yes)}")
        with self._block("else:"):
            self._emit(f"{name} = {self.write(no)}")
        return name, Binding.ATOM

    # --- conditions ------------------------------------------------------------------------------

    def _tests(self, guards: Sequence[Condition]) -> None:
        """Nested ``if``s: conditions on indices, those that may be undefined, those that loop."""
        simple = [c for c in guards if not self._may_fail(c) and not entries(c)]
        looping = [c for c in guards if _needs_statements(c)]
        others = [c for c in guards if c not in simple and c not in looping]
        self._all_of([self.write(c, Binding.NOT) for c in simple])
        others.sort(key=lambda c: bool(entries(c)))
        if any(self._may_fail(c) for c in others) and len(others) > 1:
            tests = [f"lambda: {self.write(c)}" for c in others]
            self._emit(f"if {self.call('holds', *tests)}:")
            self._depth += 1
        else:
            self._all_of([self.write(c, Binding.NOT) for c in others])
        for condition in looping:
            self._emit(f"if {self.write(condition)}:")
            self._depth += 1

    def _all_of(self, tests: list[str]) -> None:
        """``if``s that all have to hold, as many in one line as have room."""
        while tests:
            line = tests.pop(0)
            while tests and len(line) + len(tests[0]) < ROOM:
                line += f" and {tests.pop(0)}"
            self._emit(f"if {line}:")
            self._depth += 1

    def _may_fail(self, stated: Basic) -> bool:
        """Whether a condition divides by what may be zero."""
        return any(
            (isinstance(node, FloorDiv | Modulo) and not self.is_positive(node.args[1]))
            or (isinstance(node, Pow) and not node.exp.is_Integer)
            or (isinstance(node, Pow) and node.exp.is_negative)
            for node in subterms(stated)
        )

    def joined(self, stated: Basic) -> Text:
        """``and`` and ``or``, which look at the next part only if they have to."""
        if not any(_needs_statements(part) for part in stated.args):
            return super().joined(stated)
        name = self._temporary("so")
        first, *rest = stated.args
        self._emit(f"{name} = {self.write(first)}")
        for part in rest:
            with self._block(f"if {name}:" if isinstance(stated, Both) else f"if not {name}:"):
                self._emit(f"{name} = {self.write(part)}")
        return name, Binding.ATOM

    @writes(FirstMax)
    def _first(self, stated: FirstMax) -> Text:
        """The place of the first largest value in row-major order, compared with a given one."""
        at, maximum = stated.args
        best, place = self._temporary("best"), self._temporary("place")
        value = self._temporary("value")
        self._emit(f"{best} = {place} = None")
        ranges = ranges_of(maximum)
        with self._loop(ranges):
            self._emit(f"{value} = {self.write(maximum.args[0])}")
            with self._block(f"if {best} is None or {value} > {best}:"):
                indices = [self.names.symbol(i) for i, _, _ in ranges]
                self._emit(f"{best}, {place} = {value}, {tuple_of(indices)}")
        return f"{place} == {tuple_of([self.write(i) for i in at.args])}", Binding.COMPARISON


def _needs_statements(stated: Basic) -> bool:
    kinds = Sum | MaxOver | FirstMax | Choose | Iverson
    return any(isinstance(node, kinds) for node in subterms(stated))
