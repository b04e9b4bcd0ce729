"""Sums and maxima over windows, and what goes back to their places, as calls that know of windows.

A view of windows is then no array at all: what reads it is computed from what it is a view of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sympy import Expr, Integer

from derive.language.integers import affine_form, expanded
from derive.language.terms import ZERO, Choose, Entry, Index, Same, entries, indices_in, replace
from numeric.program.reads import TRUE, Axis, flat
from numeric.program.statements import (
    Elementwise,
    FirstPlace,
    Largest,
    Program,
    Reduction,
    ScatterAdd,
    Statement,
    View,
)

#: axis, count, size, step, spread and start of the windows along an axis
Window = tuple[Expr, ...]
#: the helpers by the kinds of statements
HELPERS = {Reduction: "window_sums", Largest: "window_maxima", FirstPlace: "window_places"}


class Windows:
    """What a program's statements have to do with windows.

    ``hidden`` are the statements that nobody reads as arrays.
    """

    def __init__(self, program: Program, is_positive: Callable[[Expr], bool]) -> None:
        self._program = program
        self._is_positive = is_positive
        self._made = {s.name: s for s in program.statements}
        readers: dict[str, list[Statement]] = {}
        for statement in program.statements:
            for name in statement.sources:
                readers.setdefault(name, []).append(statement)
        over = {s.name: self._passed_over(s) for s in program.statements}
        hidden = {name for names in over.values() for name in names} - {*program.outputs}
        self.hidden = {n for n in hidden if all(n in over[s.name] for s in readers[n])}

    def _passed_over(self, statement: Statement) -> set[str]:
        """The arrays that a statement need not read."""
        if isinstance(statement, ScatterAdd):
            return {statement.source.tensor} if self.scattered(statement) else set()
        if isinstance(statement, Reduction) and self.returned(statement):
            return {*statement.sources}
        found = self.folded(statement)
        return {found[2].name} if found else set()

    def folded(self, statement: Statement) -> tuple[Expr, tuple[Window, ...], View] | None:
        """The values whose windows are summed or compared, the windows, and their view."""
        if not isinstance(statement, Reduction | Largest | FirstPlace):
            return None
        if isinstance(statement, Largest) and not statement.only == statement.needed == TRUE:
            return None
        if isinstance(statement, FirstPlace) and statement.only != TRUE:
            return None
        reads = entries(statement.value)
        view = self._made.get(reads[0].tensor) if len(reads) == 1 else None
        if not isinstance(view, View):
            return None
        if indices_in(replace(statement.value, {reads[0]: Entry(view.source)})):
            return None
        named = dict(zip((i for i, _ in view.axes), reads[0].indices, strict=True))
        positions = [replace(at, named) for at in view.positions]
        read = {named[i]: n for i, n in view.axes}
        axes = tuple((i, read.get(i, n)) for i, n in statement.axes)
        windows = self._windows(positions, view.sizes, axes, statement.over)
        if windows is None or not _in_order(positions, statement.axes):
            return None
        source = Entry(view.source, *(i for i, _ in statement.axes))
        return replace(statement.value, {reads[0]: source}), windows, view

    def scattered(self, statement: ScatterAdd) -> tuple[Entry, Entry, tuple[Window, ...]] | None:
        """The places, the values and the windows, where each value goes to its window's place."""
        source = self._made.get(statement.source.tensor)
        value = source.value if isinstance(source, Elementwise) else None
        if not isinstance(source, Elementwise) or not isinstance(value, Choose):
            return None
        named = dict(zip((i for i, _ in source.axes), statement.source.indices, strict=True))
        stated, yes, no = (replace(part, named) for part in value.args)
        if not isinstance(stated, Same) or not isinstance(yes, Entry) or no != ZERO:
            return None
        axes = tuple((i, n) for i, n in statement.over if i not in statement.looped)
        over = tuple((i, n) for i, n in statement.over if i in statement.looped)
        number = flat([i for i, _ in over], [n for _, n in over])
        place = next((a for a in stated.args if isinstance(a, Entry)), None)
        own = tuple(i for i, _ in axes)
        if place is None or expanded(stated.args[0] + stated.args[1] - place - number) != 0:
            return None
        shifted = [at + lo for at, lo in zip(statement.positions, statement.before, strict=True)]
        sides = zip(statement.before, statement.extents, statement.after, strict=True)
        lengths = [expanded(lo + n + hi) for lo, n, hi in sides]
        windows = self._windows(shifted, lengths, axes, over)
        if windows is None or not place.indices == yes.indices == own:
            return None
        return (place, yes, windows) if _in_order(shifted, axes) else None

    def spread(self, statement: ScatterAdd) -> tuple[Window, ...] | None:
        """The windows, where each value goes to all entries of its window."""
        axes = tuple((i, n) for i, n in statement.over if i not in statement.looped)
        over = tuple((i, n) for i, n in statement.over if i in statement.looped)
        own = tuple(i for i, _ in axes)
        if not over or not statement.regular or statement.source.indices != own:
            return None
        shifted = [at + lo for at, lo in zip(statement.positions, statement.before, strict=True)]
        sides = zip(statement.before, statement.extents, statement.after, strict=True)
        lengths = [expanded(lo + n + hi) for lo, n, hi in sides]
        windows = self._windows(shifted, lengths, axes, over)
        return windows if windows is not None and _in_order(shifted, axes) else None

    def returned(self, statement: Reduction) -> tuple[str, str, tuple[Window, ...]] | None:
        """The places, the values and the windows, where what windows named is summed for each entry
        that it could have come from: the same as ``scattered`` for windows one apart.
        """
        value = statement.value
        if not isinstance(value, Choose) or not isinstance(value.args[0], Same):
            return None
        parts: Any = value.args
        stated, yes, no = parts
        place = next((a for a in stated.args if isinstance(a, Entry)), None)
        if place is None or not isinstance(yes, Entry) or no != ZERO:
            return None
        number = flat([i for i, _ in statement.over], [n for _, n in statement.over])
        views = [self._made.get(e.tensor) for e in (place, yes)]
        first, second = (v if isinstance(v, View) else None for v in views)
        if first is None or second is None or first.sizes != second.sizes:
            return None
        if expanded(stated.args[0] + stated.args[1] - place - number) != 0:
            return None
        found = []
        for view, read in ((first, place), (second, yes)):
            named = dict(zip((i for i, _ in view.axes), read.indices, strict=True))
            positions = [replace(at, named) for at in view.positions]
            lengths = {named[i]: n for i, n in view.axes}
            axes = tuple((i, lengths.get(i, n)) for i, n in statement.axes)
            found.append(self._windows(positions, view.sizes, axes, statement.over))
            if not _in_order(positions, statement.axes):
                return None
        windows = found[0]
        if windows is None or found[1] != windows or any(w[3] != 1 for w in windows):
            return None
        return first.source, second.source, windows

    def _windows(
        self,
        positions: Sequence[Any],
        lengths: Sequence[Expr],
        axes: tuple[Axis, ...],
        over: tuple[Axis, ...],
    ) -> tuple[Window, ...] | None:
        """The windows along axes of these lengths; None where the positions are not such."""
        counts, sizes = dict(axes), dict(over)
        if len(positions) != len(axes):
            return None
        windows: list[Window] = []
        met: list[Index] = []
        for place, (at, length) in enumerate(zip(positions, lengths, strict=True)):
            form = affine_form(at, (*counts, *sizes))
            if form is None:
                return None
            steps = dict(form.steps)
            own, inner = [i for i in steps if i in counts], [i for i in steps if i in sizes]
            if len(own) != 1 or len(inner) > 1:
                return None
            if at == own[0] and counts[own[0]] == length:
                continue
            if not inner or not self._is_positive(steps[own[0]]):
                return None
            met += inner
            shape = (counts[own[0]], sizes[inner[0]])
            windows.append((Integer(place), *shape, steps[own[0]], steps[inner[0]], form.start))
        return tuple(windows) if met == list(sizes) else None


def _in_order(positions: Sequence[Any], axes: tuple[Axis, ...]) -> bool:
    """Whether each position moves with the axis of its place."""
    return all(i in indices_in(at) for at, (i, _) in zip(positions, axes, strict=True))
