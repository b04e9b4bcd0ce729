"""The statements of an array program, each with its meaning, and the program.

Statements bring a source's entries elsewhere and compute nothing (``Pad``, ``View``, ``Split``,
``Merge``, ``Gather``), or compute: entry by entry, sums, products, maxima, scatters, sizes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

from sympy import Expr, Mul

from derive.domains import Decision
from derive.language.definition import Layer
from derive.language.terms import (
    MINUS_INFINITY,
    ZERO,
    Between,
    Choose,
    Condition,
    Entry,
    Greatest,
    Index,
    Iverson,
    Range,
    Same,
    Size,
    entries,
    maximum,
    total,
)
from numeric.program.places import first_place
from numeric.program.reads import TRUE, Axis, conjunction, flat


@dataclass(frozen=True)
class Statement(ABC):
    """``name[axes] = meaning``; ``kind`` says what the array holds: reals or integers."""

    name: str
    axes: tuple[Axis, ...]
    kind: str = field(default="real", kw_only=True)

    @property
    def entry(self) -> Entry:
        """The left-hand side."""
        return Entry(self.name, *(i for i, _ in self.axes))

    @property
    def extents(self) -> tuple[Expr, ...]:
        return tuple(n for _, n in self.axes)

    @property
    @abstractmethod
    def meaning(self) -> Expr:
        """One entry of the array."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The arrays that are read, in order of appearance."""
        return tuple(dict.fromkeys(e.tensor for e in entries(self.meaning)))


def ranges(axes: Sequence[Axis]) -> list[Range]:
    """The axes as ranges of a sum."""
    return [(i, ZERO, n) for i, n in axes]


# --- rearrangements ------------------------------------------------------------------------------


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


# --- computations --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Elementwise(Statement):
    """A value computed from plain reads, one entry at a time."""

    value: Expr

    @property
    def meaning(self) -> Expr:
        return self.value


@dataclass(frozen=True)
class EntryByEntry(Statement):
    """A value computed by plain loops, sums and maxima and all: what whole arrays cannot do.

    ``reason`` says why they cannot.
    """

    value: Expr
    reason: str

    @property
    def meaning(self) -> Expr:
        return self.value


@dataclass(frozen=True)
class Reduction(Statement):
    """The sum of a value over the axes ``over``."""

    value: Expr
    over: tuple[Axis, ...]

    @property
    def meaning(self) -> Expr:
        return total(self.value, ranges(self.over))


@dataclass(frozen=True)
class Contraction(Statement):
    """The sum over ``over`` of a product of plain reads."""

    factors: tuple[Entry, ...]
    over: tuple[Axis, ...]

    @property
    def meaning(self) -> Expr:
        return total(Mul(*self.factors), ranges(self.over))


@dataclass(frozen=True)
class ScatterAdd(Statement):
    """Every entry of ``source`` is added to the entry at ``positions``, if there is one.

    ``over`` are all axes of the source.  While the indices ``looped`` are fixed, each of the others
    moves along an axis of its own, so that no two entries meet.
    ``regular``: the positions are affine; else they are computed entry by entry.
    """

    source: Entry
    over: tuple[Axis, ...]
    positions: tuple[Expr, ...]
    looped: tuple[Index, ...]
    before: tuple[Expr, ...]
    after: tuple[Expr, ...]
    regular: bool

    @property
    def meaning(self) -> Expr:
        own = [i for i, _ in self.axes]
        fixed = {at for at in self.positions if at in own}
        summed = [axis for axis in self.over if axis[0] not in fixed]
        meets = [Iverson(Same(i, at)) for i, at in zip(own, self.positions, strict=True) if i != at]
        return total(Mul(self.source, *meets), ranges(summed))


@dataclass(frozen=True)
class _Extremum(Statement):
    """What looks for the largest value over the axes ``over``, only where ``only`` holds."""

    value: Expr
    over: tuple[Axis, ...]
    only: Condition

    @property
    def body(self) -> Expr:
        """The value, too small to be chosen where nobody looks."""
        return self.value if self.only == TRUE else Choose(self.only, self.value, MINUS_INFINITY)


@dataclass(frozen=True)
class Largest(_Extremum):
    """The largest value there.

    Where ``needed`` holds there must be a place to look at; elsewhere the result does not matter.
    """

    needed: Condition

    @property
    def meaning(self) -> Expr:
        return maximum(self.body, ranges(self.over))

    @property
    def sources(self) -> tuple[str, ...]:
        found = (e.tensor for part in (self.meaning, self.needed) for e in entries(part))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class FirstPlace(_Extremum):
    """The number, in row-major order, of the first place where it is; −1 if there is none."""

    kind: str = field(default="integer", kw_only=True)

    @property
    def meaning(self) -> Expr:
        return first_place(self.body, self.over, self.only)


@dataclass(frozen=True)
class Width(Statement):
    """A size: the largest value of an integer expression over its axes, and at least zero."""

    size: Size
    value: Expr
    over: tuple[Axis, ...]
    kind: str = field(default="integer", kw_only=True)

    @property
    def meaning(self) -> Expr:
        return Greatest(ZERO, maximum(self.value, ranges(self.over)))


@dataclass(frozen=True)
class Correlation(Statement):
    """The sum over ``over`` of signal·kernel, where the guards hold; elsewhere it reads as zero.

    This is what the template ``correlate`` is asked for.  The signal is read at
    (step·i + spread·t + shift)/stuffing along each sliding axis.
    """

    signal: Entry
    kernel: Entry
    guards: tuple[Condition, ...]
    over: tuple[Axis, ...]

    @property
    def meaning(self) -> Expr:
        factors = (*map(Iverson, self.guards), self.signal, self.kernel)
        return total(Mul(*factors), ranges(self.over))


@dataclass(frozen=True)
class Program:
    """The statements that compute ``outputs`` from the tensors of ``layer``.

    ``origins`` name the layer's equation that each statement belongs to; ``evidence`` are the
    decisions that led here, under the name of the statement they concern; ``notes`` say in words
    what did not go the fast way, and why.
    """

    layer: Layer
    statements: tuple[Statement, ...]
    outputs: tuple[str, ...]
    origins: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    evidence: tuple[tuple[str, Decision], ...] = field(default=(), compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)

    def origin(self, name: str) -> str:
        """The equation that a statement belongs to."""
        return dict(self.origins).get(name, name)

    def extents(self, name: str) -> tuple[Expr, ...]:
        """The sizes of the axes of a tensor or of a statement's array."""
        for statement in self.statements:
            if statement.name == name:
                return statement.extents
        return self.layer.shape(name)
