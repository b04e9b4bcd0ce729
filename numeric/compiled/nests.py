"""A nest as the text of a function that a compiler takes, and the line that calls it.

The function does a share of the outermost loop, so that threads can each have theirs.  What does
not depend on the innermost loops is computed once, in front of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Add, Basic, Expr, Function, Mul, Pow, Symbol

from derive.language.terms import (
    ZERO,
    Between,
    Choose,
    Condition,
    Entry,
    Index,
    Iverson,
    RealParameter,
    entries,
    mapped,
    subterms,
)
from numeric.compiled.fusion import Nest
from numeric.compiled.merging import Extents
from numeric.compiled.picking import Picked, picked_of
from numeric.compiled.writer import EntryWriter, Held
from numeric.emission.dialect import tuple_of
from numeric.emission.writer import Binding
from numeric.program.reads import TRUE, Axis, conjunction, flat
from numeric.program.statements import FirstPlace, Largest, ScatterAdd


@dataclass(frozen=True)
class NestText:
    """The function, the line that calls it, and what it starts from."""

    function: str
    lines: tuple[str, ...]


def nest_text(nest: Nest, name: str, writer: EntryWriter, extents: Extents) -> NestText:
    """The text of a nest as a function of that name, of arrays with these lengths."""
    return _Text(nest, name, writer, extents).made()


class _Text:
    def __init__(self, nest: Nest, name: str, writer: EntryWriter, extents: Extents) -> None:
        self._nest, self._name, self._writer = nest, name, writer
        self._extents = extents
        self._statement = nest.statement
        self._target = writer.names.array(self._statement.name)
        self._lines: list[str] = []
        self._depth = 1
        self._bound: set[Index] = set()
        self._variables: dict[Expr, Held] = {}

    def made(self) -> NestText:
        loops = self._order()
        self._body(loops)
        writer = self._writer
        arrays = [a for a in writer.arrays if a != self._statement.name]
        symbols = [writer.names.symbol(s) for s in writer.symbols]
        reals = [writer.names.symbol(s) for s in writer.symbols if isinstance(s, RealParameter)]
        searches = isinstance(self._statement, Largest | FirstPlace)
        names = [self._target, *map(writer.names.array, arrays), *symbols]
        head = [
            f"def {self._name}({', '.join(['begin', 'end', *names, *['least'] * searches])}):",
            f"    real = {self._real()}.dtype.type",
            *(f"    {name} = real({name})" for name in reals),
        ]
        shared = bool(loops) and self._shareable(loops[0][0])
        count = writer.position(loops[0][1]) if shared else "1"
        seen = [self._seen(a) for a in (self._statement.name, *arrays)]
        lowest = [writer.call("lowest", "dtype")] * searches
        call = ", ".join(["threads", count, self._name, *seen, *symbols, *lowest])
        shape = tuple_of([writer.position(n) for n in self._statement.extents] or ["*()"])
        start = "zeros" if isinstance(self._statement, ScatterAdd) or self._adds(loops) else "empty"
        dtype = "np.int32" if self._statement.kind == "integer" else "dtype"
        lines = (f"{self._target} = np.{start}({shape}, {dtype})", f"in_shares({call})")
        return NestText("\n".join([*head, *self._lines]), lines)

    def _seen(self, array: str) -> str:
        """An array with the axes that the loops know."""
        name = self._writer.names.array(array)
        if array not in self._nest.shapes:
            return name
        lengths = (self._writer.position(n) for n in self._nest.shapes[array])
        return f"{name}.reshape({', '.join(lengths)})"

    def _real(self) -> str:
        """An array of the type that is computed in."""
        if self._statement.kind == "real":
            return self._target
        kinds = self._writer.kinds
        names = (a for a in self._writer.arrays if kinds[a] == "real")
        return self._writer.names.array(next(names, self._statement.name))

    # --- loops -----------------------------------------------------------------------------------

    def _order(self) -> tuple[Axis, ...]:
        """The loops, outermost first: entries that lie beside each other innermost."""
        loops = self._nest.loops
        if isinstance(self._statement, ScatterAdd):
            looped = self._statement.looped
            free = [axis for axis in loops if axis[0] not in looped]
            own = [i for i in self._nest.target.indices if isinstance(i, Index)]
            free.sort(key=lambda axis: own.index(axis[0]) if axis[0] in own else len(own))
            again = [axis for axis in loops if axis[0] in looped]
            return (*free[:-1], *again, *free[-1:])
        if not self._adds(loops):
            return loops
        over = {i for i, _ in self._nest.over}
        first, *rest = (axis for axis in loops if axis[0] not in over)
        return (first, *self._nest.over, *rest) if rest else (*self._nest.over, first)

    def _adds(self, loops: Sequence[Axis]) -> bool:
        """Whether a sum is added up in memory, since its terms do not lie beside each other."""
        over = {i for i, _ in self._nest.over}
        if not over or isinstance(self._statement, Largest | FirstPlace | ScatterAdd):
            return False
        last = [e.indices[-1] for e in _longest(self._nest.value)]
        return bool(last) and not any(_mentions(at, over) for at in last) and len(loops) > len(over)

    def _shareable(self, index: Index) -> bool:
        """Whether different values of an index write to different entries."""
        if isinstance(self._statement, ScatterAdd):
            return index in self._nest.target.indices
        return index in {i for i, _ in self._nest.axes}

    def _emit(self, line: str) -> None:
        self._lines.append("    " * self._depth + line)

    def _open(self, loops: Sequence[Axis], term: Any, outermost: bool) -> Any:
        """Loop headers, and in front of each what is known by then; the term in what is known."""
        for place, (index, extent) in enumerate(loops):
            term = self._lifted(term)
            name = self._writer.names.symbol(index)
            share = outermost and place == 0 and self._shareable(index)
            both = (self._writer.call("index", bound) for bound in ("begin", "end"))
            span = ", ".join(both) if share else self._writer.position(extent)
            self._emit(f"for {name} in range({span}):")
            self._bound.add(index)
            self._depth += 1
        return term

    def _lifted(self, term: Any) -> Any:
        """The term with variables for what depends on no loop further inside and costs something.

        What stands behind a guard is left where it is: elsewhere it may have no value.
        """
        if isinstance(term, Choose | Condition) or any(isinstance(a, Iverson) for a in term.args):
            return term
        if self._is_known(term) and _costs(term):
            return self._held(term)
        if isinstance(term, Add | Mul):
            known = [arg for arg in term.args if self._is_known(arg)]
            part = term.func(*known)
            if known and _costs(part):
                rest = (self._lifted(arg) for arg in term.args if arg not in known)
                return term.func(self._held(part), *rest)
        return term if isinstance(term, Entry) else mapped(self._lifted, term)

    def _held(self, part: Expr) -> Held:
        """A variable for a value, made where the lines are just now."""
        if part not in self._variables:
            made = Held(f"known{len(self._variables) + 1}")
            self._emit(f"{self._writer.names.symbol(made)} = {self._writer.real(part)}")
            self._variables[part] = made
        return self._variables[part]

    def _is_known(self, part: Basic) -> bool:
        """Whether a value depends on no loop further inside, and exists even if none is run."""
        known = {s for s in subterms(part) if isinstance(s, Index)} <= self._bound
        return known and all(self._is_inside(entry) for entry in entries(part))

    def _is_inside(self, entry: Entry) -> bool:
        """Whether the loops run over the array's axes, and so read nothing else."""
        lengths = self._nest.shapes.get(entry.tensor) or self._extents(entry.tensor)
        axes = zip(entry.indices, lengths, strict=True)
        return all(axis in self._nest.loops for axis in axes)

    # --- bodies ----------------------------------------------------------------------------------

    def _body(self, loops: Sequence[Axis]) -> None:
        value, over = self._nest.value, self._nest.over
        entry = self._writer.entry(self._nest.target)[0]
        if isinstance(self._statement, ScatterAdd):
            self._scattered(self._statement, loops)
        elif isinstance(self._statement, Largest):
            value = self._open(self._nest.axes, value, True)
            self._largest(value, over)
            self._emit(f"{entry} = best")
        elif isinstance(self._statement, FirstPlace):
            value = self._open(self._nest.axes, value, True)
            self._first(value, over)
            self._emit(f"{entry} = place")
        elif self._adds(self._nest.loops):
            value = self._open(loops, value, True)
            self._emit(f"{entry} += {self._writer.real(value)}")
        elif over:
            value = self._open(self._nest.axes, value, True)
            self._emit("total = real(0)")
            depth = self._depth
            value = self._open(over, value, not self._nest.axes)
            self._emit(f"total += {self._writer.real(value)}")
            self._depth = depth
            self._emit(f"{entry} = total")
        else:
            value = self._open(loops, value, True)
            text = self._writer.real if self._statement.kind == "real" else self._writer.position
            self._emit(f"{entry} = {text(value)}")

    def _scattered(self, statement: ScatterAdd, loops: Sequence[Axis]) -> None:
        """Additions where the source goes; of all places that only one is for, to that one."""
        value, picked = self._nest.value, picked_of(self._nest.value, loops)
        if picked is None:
            value = self._open(loops, value, True)
        else:
            value = self._open([axis for axis in loops if axis not in picked.among], value, True)
            self._at(picked)
            value = picked.value
        sides = zip(
            statement.positions, statement.extents, statement.before, statement.after, strict=True
        )
        inside: list[Condition] = [
            Between(ZERO, at, n)
            for at, n, lo, hi in sides
            if (lo != 0 or hi != 0 or not statement.regular) and (at, n) not in statement.over
        ]
        if inside:
            self._emit(f"if {self._writer.write(conjunction(inside))}:")
            self._depth += 1
        entry = self._writer.entry(self._nest.target)[0]
        self._emit(f"{entry} += {self._writer.real(value)}")

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
        self._emit("best = real(least)")
        some = self._nest.needed != TRUE or self._nest.only != TRUE
        if some:
            self._emit("some = False")
        depth = self._depth
        value = self._open(over, value, False)
        if some:
            self._emit(f"if {self._writer.write(self._nest.only)}:")
            self._depth += 1
            self._emit("some = True")
        self._emit(f"value = {self._writer.real(value)}")
        self._emit("best = value if value > best or value != value else best")
        self._depth = depth
        if some:
            self._emit("if not some:")
            self._depth += 1
            self._emit(f"if {self._writer.write(self._nest.needed, Binding.CHOICE)}:")
            self._emit('    raise ValueError("the maximum over an empty range")')
            self._emit("best = real(0)")
            self._depth -= 1

    def _first(self, value: Any, over: Sequence[Axis]) -> None:
        """The number of the first place with the largest value; a NaN is the largest.

        First the value, then backwards for the place: so there is nothing to wait for.
        """
        self._emit("best = real(least)")
        only = "" if self._nest.only == TRUE else f"({self._writer.write(self._nest.only)}) and "
        depth = self._depth
        inside = self._open(over, value, False)
        self._emit(f"value = {self._writer.real(inside)}")
        self._emit(f"best = value if {only}(value > best or value != value) else best")
        self._depth = depth
        self._emit("place = np.int32(-1)")
        for index, extent in over:
            length = self._writer.position(extent)
            self._emit(f"for {self._writer.names.symbol(index)} in range({length} - 1, -1, -1):")
            self._depth += 1
        number = self._writer.position(flat([i for i, _ in over], [n for _, n in over]))
        self._emit(f"value = {self._writer.real(value)}")
        here = f"{only}((value == best) | (value != value))"
        self._emit(f"place = np.int32({number}) if {here} else place")
        self._depth = depth


def _costs(part: Basic) -> bool:
    """Whether a value is more than a number, a variable, or an integer."""
    if isinstance(part, Symbol) or part.is_number:
        return False
    return any(isinstance(s, Entry | Function | Pow | Held | RealParameter) for s in subterms(part))


def _longest(value: Expr) -> list[Entry]:
    """The reads with the most axes."""
    found = [s for s in subterms(value) if isinstance(s, Entry)]
    most = max((len(e.indices) for e in found), default=0)
    return [e for e in found if len(e.indices) == most and most]


def _mentions(expr: Basic, indices: set[Index]) -> bool:
    return any(s in indices for s in subterms(expr))
