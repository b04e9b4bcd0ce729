"""What all statements of an array program have: a name, axes, and a meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sympy import Expr

from derive.language.terms import Entry, Index, entries
from numeric.program.reads import ZERO, Axis


@dataclass(frozen=True)
class Statement:
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
    def meaning(self) -> Expr:
        """One entry of the array."""
        raise NotImplementedError

    @property
    def sources(self) -> tuple[str, ...]:
        """The arrays that are read, in order of appearance."""
        return tuple(dict.fromkeys(e.tensor for e in entries(self.meaning)))


def ranges(axes: Sequence[Axis]) -> list[tuple[Index, Expr, Expr]]:
    """The axes as ranges of a sum."""
    return [(i, ZERO, n) for i, n in axes]
