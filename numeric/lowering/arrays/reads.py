"""Reads of tensors as plain ones: of the tensor itself, of a view of it, or of gathered entries.

Whether the statements made for a view compute the read is decided from these statements alone.
Their meanings are put into one another until the source itself is read.  What comes out, a position
for each axis and a condition under which the source is read at all, is compared with the formula by
integer sets: equal positions wherever the read counts, and the fill value exactly where the
formula's guards say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sympy import Basic, Expr

from derive.domains import Decision
from derive.language.integers import expanded
from derive.language.printing import plain
from derive.language.terms import (
    ZERO,
    Between,
    Choose,
    Condition,
    Entry,
    Index,
    Negation,
    Same,
    entries,
    mapped,
    replace,
)
from numeric.lowering.arrays.builder import ProgramBuilder
from numeric.lowering.arrays.reach import Reach, digits, is_whole, reaches, view_axes
from numeric.program.assumptions import Assumptions
from numeric.program.reads import conjunction, is_plain, parts_of
from numeric.program.statements import Gather, Pad, Split, Statement, View


class TensorReads:
    """Makes the statements behind reads; ``plain`` makes the positions of gathered ones plain."""

    def __init__(self, builder: ProgramBuilder, plain: Callable[[Basic, Assumptions], Any]) -> None:
        self.builder = builder
        self._plain = plain

    def keeps_inside(self, guard: Condition, entry: Entry) -> bool:
        """Whether a guard says no more than that the read is inside its tensor."""
        sizes = self.builder.shape(entry.tensor)
        return any(_limits(guard, at, n) for at, n in zip(entry.indices, sizes, strict=True))

    def read(self, entry: Entry, here: Assumptions) -> Entry:
        """The read as a plain one, of a view or of gathered entries where it has to be."""
        found = self._viewed(entry, [bool(here.where)] * len(entry.indices), ZERO, here)
        if found is None:
            return self._gathered(entry, here, "a position is not affine in the indices")
        read, decisions = found
        failed = next((d for d in decisions if not d.holds), None)
        if failed is None:
            return read
        stated = plain(failed.condition)
        reason = f"the view was not shown to read the same entries: {stated}"
        return self._gathered(entry, here, reason)

    def padded(
        self, entry: Entry, counts: Sequence[Condition], fill: Expr, here: Assumptions
    ) -> Entry | None:
        """The read with ``fill`` where one of the conditions fails; None if no padding does it."""
        sizes = self.builder.shape(entry.tensor)
        outside = [
            bool(here.where) or any(_limits(c, at, n) for c in counts)
            for at, n in zip(entry.indices, sizes, strict=True)
        ]
        found = self._viewed(entry, outside, fill, here, counts)
        return found[0] if found is not None and all(d.holds for d in found[1]) else None

    def _viewed(
        self,
        entry: Entry,
        outside: Sequence[bool],
        fill: Expr,
        here: Assumptions,
        counts: Sequence[Condition] = (),
    ) -> tuple[Entry, list[Decision]] | None:
        found = reaches(entry, self.builder.shape(entry.tensor), here, outside)
        if found is None:
            return None
        read = self._made(entry.tensor, found, fill, here)
        decisions = compared(read, entry, counts, self.builder.made, here)
        self.builder.support(read.tensor, decisions)
        return read, decisions

    def _made(self, source: str, found: Sequence[Reach], fill: Expr, here: Assumptions) -> Entry:
        """The read of a source, with the statements that pad and view it."""
        kind = self.builder.kind(source)
        extents = dict[Expr, Expr](here.axes)
        positions = tuple(reach.position for reach in found)
        if all(is_whole(reach, extents) for reach in found) and is_plain(Entry(source, *positions)):
            return Entry(source, *positions)
        sizes = tuple(reach.size for reach in found)
        name = source
        if any(reach.padded for reach in found):
            before = tuple(reach.before for reach in found)
            after = tuple(reach.after for reach in found)
            padded = tuple(n + lo + hi for n, lo, hi in zip(sizes, before, after, strict=True))
            axes = tuple((Index(f"u{k}"), n) for k, n in enumerate(padded, 1))
            pad = self.builder.add(
                f"{source}_padded",
                lambda n: Pad(n, axes, source, before, after, sizes, fill, kind=kind),
            )
            name, sizes = pad.tensor, padded
        read = Entry(name, *positions)
        if is_plain(read) and all(extents[i] == n for i, n in zip(positions, sizes, strict=True)):
            return read
        groups = digits(found, here)
        axes = view_axes(found, here)
        if groups is not None:
            lengths = tuple(tuple(n for _, n in group) for group in groups)
            return self.builder.add(
                f"{source}_split", lambda n: Split(n, axes, name, lengths, kind=kind)
            )
        word = "windows" if any(len(reach.form.steps) > 1 for reach in found) else "view"
        return self.builder.add(
            f"{source}_{word}", lambda n: View(n, axes, name, positions, sizes, kind=kind)
        )

    def _gathered(self, entry: Entry, here: Assumptions, reason: str) -> Entry:
        """The entries at index arrays: correct whatever the positions are, and slow."""
        positions = tuple(self._plain(i, here) for i in entry.indices)
        sizes = self.builder.shape(entry.tensor)
        inside = [Between(ZERO, at, n) for at, n in zip(entry.indices, sizes, strict=True)]
        axes = here.axes_of(*positions)
        own = here.alone(*positions)
        open_ = [c for c in inside if not (own.shows(c) and self._read_inside(c, own))]
        guarded = bool(open_) and (bool(here.where) or all(here.shows(c) for c in open_))
        kind = self.builder.kind(entry.tensor)
        read = self.builder.add(
            f"{entry.tensor}_entries",
            lambda n: Gather(n, axes, entry.tensor, positions, sizes, guarded, reason, kind=kind),
        )
        self.builder.note(f"{plain(entry)} is gathered entry by entry: {reason}")
        self.builder.support(read.tensor, [here.decide(c) for c in inside])
        return read

    def _read_inside(self, stated: Condition, here: Assumptions) -> bool:
        """Whether the tables that a position is read from are read inside themselves.

        Outside they hold zeros, which need not be positions.
        """
        places = (
            Between(ZERO, at, n)
            for e in entries(stated)
            for at, n in zip(e.indices, self.builder.shape(e.tensor), strict=True)
        )
        return all(here.shows(place) for place in places)


def _limits(guard: Condition, at: Expr, size: Expr) -> bool:
    return guard == Between(ZERO, at, size)


# --- is it the same read? ------------------------------------------------------------------------


def compared(
    read: Entry,
    formula: Entry,
    counts: Sequence[Condition],
    statements: Mapping[str, Statement],
    here: Assumptions,
) -> list[Decision]:
    """The decisions that ``read`` is ``formula`` where the conditions ``counts`` hold, else filled.

    ``here`` has the axes, and all other conditions under which the read is wanted.
    """
    source, taken = _unfolded(read, formula.tensor, statements)
    expected = [mapped(expanded, c) for c in counts]
    inside = here.given(expected)
    pairs = zip(source.indices, formula.indices, strict=True)
    decisions = [inside.decide(Same(a, expanded(b))) for a, b in pairs]
    decisions += [inside.decide(c) for c in taken]
    return [*decisions, *(_filled(c, taken, here) for c in expected)]


def _unfolded(
    entry: Entry, tensor: str, statements: Mapping[str, Statement]
) -> tuple[Entry, tuple[Condition, ...]]:
    """The read of the tensor that the entry is, and when it is read at all."""
    conditions: list[Condition] = []
    while entry.tensor != tensor:
        statement = statements[entry.tensor]
        own = [i for i, _ in statement.axes]
        meaning = replace(statement.meaning, dict(zip(own, entry.indices, strict=True)))
        if isinstance(meaning, Choose):
            conditions += parts_of(meaning.args[0])
            meaning = meaning.args[1]
        entry = Entry(meaning.tensor, *(expanded(i) for i in meaning.indices))
    return entry, tuple(mapped(expanded, c) for c in conditions)


def _filled(count: Condition, taken: Sequence[Condition], here: Assumptions) -> Decision:
    """That the source is not read where the guard fails."""
    if count in taken:
        return Decision(count, True, "arithmetic")
    return here.given([Negation(count)]).decide(Negation(conjunction(taken)))
