"""Statements that bring a source's entries elsewhere and compute nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from derive.language.terms import Between, Choose, Entry
from numeric.program.reads import ZERO, conjunction, flat
from numeric.program.statement import Statement


@dataclass(frozen=True)
class Pad(Statement):
    """The source with ``before`` and ``after`` more entries on each axis, all of them ``fill``."""

    source: str
    before: tuple[Expr, ...]
    after: tuple[Expr, ...]
    sizes: tuple[Expr, ...]
    fill: Expr = ZERO

    @property
    def meaning(self) -> Expr:
        positions = [i - lo for (i, _), lo in zip(self.axes, self.before, strict=True)]
        padded = [
            Between(ZERO, at, n)
            for at, n, lo, hi in zip(positions, self.sizes, self.before, self.after, strict=True)
            if lo != 0 or hi != 0
        ]
        return Choose(conjunction(padded), Entry(self.source, *positions), self.fill)


@dataclass(frozen=True)
class View(Statement):
    """The source read at affine positions, one for each of its axes: slices, strides, windows."""

    source: str
    positions: tuple[Expr, ...]
    sizes: tuple[Expr, ...]

    @property
    def meaning(self) -> Expr:
        return Entry(self.source, *self.positions)


@dataclass(frozen=True)
class Split(Statement):
    """The source reshaped: axes taken apart into digits, the reverse of ``Merge``.

    ``lengths`` are those of the axes that each of the source's axes becomes.
    """

    source: str
    lengths: tuple[tuple[Expr, ...], ...]

    @property
    def positions(self) -> tuple[Expr, ...]:
        """Where each axis of the source is read."""
        indices = iter(self.axes)
        groups = ([next(indices)[0] for _ in group] for group in self.lengths)
        return tuple(flat(g, n) for g, n in zip(groups, self.lengths, strict=True))

    @property
    def meaning(self) -> Expr:
        return Entry(self.source, *self.positions)


@dataclass(frozen=True)
class Merge(Statement):
    """The source reshaped: the digits of an index merged into one axis, in row-major order.

    ``lengths`` are those of the source's axes, grouped by the axis they become; ``positions`` what
    the source's axes stand for: ``o//m`` and ``o % m`` where the axis of o has been split.
    """

    source: str
    lengths: tuple[tuple[Expr, ...], ...]
    positions: tuple[Expr, ...]

    @property
    def meaning(self) -> Expr:
        return Entry(self.source, *self.positions)


@dataclass(frozen=True)
class Gather(Statement):
    """The source read at any positions; where ``guarded``, zero outside the source.

    ``reason`` says why no view does it.
    """

    source: str
    positions: tuple[Expr, ...]
    sizes: tuple[Expr, ...]
    guarded: bool
    reason: str

    @property
    def meaning(self) -> Expr:
        read = Entry(self.source, *self.positions)
        if not self.guarded:
            return read
        pairs = zip(self.positions, self.sizes, strict=True)
        return Choose(conjunction([Between(ZERO, at, n) for at, n in pairs]), read, ZERO)
