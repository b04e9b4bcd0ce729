"""Statements that compute: entry by entry, sums, products, maxima, scatters, sizes."""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Expr, Mul, Tuple

from derive.language.terms import (
    MINUS_INFINITY,
    Choose,
    Condition,
    Entry,
    FirstMax,
    Greatest,
    Index,
    Iverson,
    Same,
    Size,
    maximum,
    total,
)
from numeric.program.reads import TRUE, ZERO, Axis, flat
from numeric.program.statement import Statement, ranges


@dataclass(frozen=True)
class Elementwise(Statement):
    """A value computed from plain reads, one entry at a time."""

    value: Expr

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

    ``over`` are all indices of the source, ``moving`` those of them that move along an axis of
    their own while the others, ``looped``, are fixed; with ``looped`` fixed no two entries meet.
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
class Largest(Statement):
    """The largest value over the axes ``over``, looking only where ``only`` holds.

    Where ``needed`` holds there must be such a place; elsewhere the result does not matter.
    """

    value: Expr
    over: tuple[Axis, ...]
    only: Condition
    needed: Condition

    @property
    def meaning(self) -> Expr:
        body = self.value if self.only == TRUE else Choose(self.only, self.value, MINUS_INFINITY)
        return maximum(body, ranges(self.over))


@dataclass(frozen=True)
class FirstPlace(Statement):
    """The number, in row-major order, of the first place in ``over`` where a value is largest.

    Only places where ``only`` holds are looked at; −1 where there is none.
    """

    value: Expr
    over: tuple[Axis, ...]
    only: Condition
    kind: str = field(default="integer", kw_only=True)

    @property
    def meaning(self) -> Expr:
        body = self.value if self.only == TRUE else Choose(self.only, self.value, MINUS_INFINITY)
        places = Tuple(*(i for i, _ in self.over))
        renamed = {i: Index(f"{i.name}'0") for i, _ in self.over}
        others = [(renamed[i], n) for i, n in self.over]
        largest = maximum(body.xreplace(renamed), ranges(others))
        inside = [] if self.only == TRUE else [Iverson(self.only)]
        chosen = Mul(flat([i for i, _ in self.over], [n for _, n in self.over]) + 1, *inside)
        return total(chosen * Iverson(FirstMax(places, largest)), ranges(self.over)) - 1


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
