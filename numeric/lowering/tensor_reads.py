"""Reads of tensors as plain ones: of the tensor itself, of a view of it, or of gathered entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sympy import Basic, Expr

from derive.domains import Decision
from derive.language.printing import plain
from derive.language.terms import Between, Condition, Entry, Index
from numeric.lowering.ground import Ground
from numeric.lowering.reading import Reach, digits, is_whole, reaches, view_axes
from numeric.lowering.statements import Statements
from numeric.lowering.validation import compared
from numeric.program import Gather, Pad, Split, Statement, View
from numeric.program.reads import ZERO, is_plain


class TensorReads:
    """Makes the statements behind reads; ``plain`` makes the positions of gathered ones plain."""

    def __init__(self, statements: Statements, plain: Callable[[Basic, Ground], Any]) -> None:
        self.statements = statements
        self._plain = plain

    def keeps_inside(self, guard: Condition, entry: Entry) -> bool:
        """Whether a guard says no more than that the read is inside its tensor."""
        sizes = self.statements.shape(entry.tensor)
        return any(_limits(guard, at, n) for at, n in zip(entry.indices, sizes, strict=True))

    def read(self, entry: Entry, ground: Ground) -> Entry:
        """The read as a plain one, of a view or of gathered entries where it has to be."""
        guarded = bool(ground.where)
        found = self._viewed(entry, [guarded] * len(entry.indices), ZERO, ground)
        if found is None:
            return self._gathered(entry, ground, "a position is not affine in the indices")
        read, decisions = found
        failed = [d for d in decisions if not d.holds]
        if failed:
            stated = plain(failed[0].condition)
            reason = f"the view was not shown to read the same entries: {stated}"
            return self._gathered(entry, ground, reason)
        return read

    def padded(
        self, entry: Entry, counts: Sequence[Condition], fill: Expr, ground: Ground
    ) -> Entry | None:
        """The read with ``fill`` where one of the conditions fails; None if no padding does it."""
        sizes = self.statements.shape(entry.tensor)
        outside = [
            bool(ground.where) or any(_limits(c, at, n) for c in counts)
            for at, n in zip(entry.indices, sizes, strict=True)
        ]
        found = self._viewed(entry, outside, fill, ground, counts)
        if found is None or not all(d.holds for d in found[1]):
            return None
        return found[0]

    def _viewed(
        self,
        entry: Entry,
        outside: Sequence[bool],
        fill: Expr,
        ground: Ground,
        counts: Sequence[Condition] = (),
    ) -> tuple[Entry, list[Decision]] | None:
        sizes = self.statements.shape(entry.tensor)
        found = reaches(entry, sizes, ground, outside)
        if found is None:
            return None
        made: dict[str, Statement] = {}
        read = self._made(entry.tensor, found, fill, ground, made)
        decisions = compared(read, entry, counts, made, ground)
        self.statements.support(read.tensor, decisions)
        return read, decisions

    def _made(
        self,
        source: str,
        found: Sequence[Reach],
        fill: Expr,
        ground: Ground,
        made: dict[str, Statement],
    ) -> Entry:
        """The statements that pad and view a source."""
        kind = self.statements.kind(source)
        extents = dict(ground.axes)
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
            pad = self.statements.add(
                f"{source}_padded",
                lambda n: Pad(n, axes, source, before, after, sizes, fill, kind=kind),
            )
            name, sizes = pad.tensor, padded
            made[name] = self.statements.made[name]
        plain = Entry(name, *positions)
        if is_plain(plain) and all(extents[i] == n for i, n in zip(positions, sizes, strict=True)):
            return plain
        groups = digits(found, ground)
        axes = view_axes(found, ground)
        lengths = tuple(tuple(n for _, n in group) for group in groups or ())
        if groups is not None:
            view = self.statements.add(
                f"{source}_split", lambda n: Split(n, axes, name, lengths, kind=kind)
            )
        else:
            word = "windows" if any(len(reach.form.steps) > 1 for reach in found) else "view"
            view = self.statements.add(
                f"{source}_{word}", lambda n: View(n, axes, name, positions, sizes, kind=kind)
            )
        made[view.tensor] = self.statements.made[view.tensor]
        return view

    def _gathered(self, entry: Entry, ground: Ground, reason: str) -> Entry:
        """The entries at index arrays: correct whatever the positions are, and slow."""
        positions = tuple(self._plain(i, ground) for i in entry.indices)
        sizes = self.statements.shape(entry.tensor)
        inside = [Between(ZERO, at, n) for at, n in zip(entry.indices, sizes, strict=True)]
        axes = ground.axes_of(*positions)
        own = ground.alone(*positions)
        open_ = [c for c in inside if not own.shows(c)]
        guarded = bool(open_) and (bool(ground.where) or all(ground.shows(c) for c in open_))
        kind = self.statements.kind(entry.tensor)
        read = self.statements.add(
            f"{entry.tensor}_entries",
            lambda n: Gather(n, axes, entry.tensor, positions, sizes, guarded, reason, kind=kind),
        )
        self.statements.note(f"{plain(entry)} is gathered entry by entry: {reason}")
        self.statements.support(read.tensor, [ground.decide(c) for c in inside])
        return read


def _limits(guard: Condition, at: Expr, size: Expr) -> bool:
    return guard == Between(ZERO, at, size)
