"""What an equation is taken apart into: reductions, scatters, and sizes to be found first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sympy import Expr

from derive.domains import Decision
from derive.language.terms import Condition, Entry, Size
from numeric.program.reads import Axis

Kind = Literal["sum", "max", "first"]


@dataclass(frozen=True)
class Nest:
    """``name[outer]`` is the sum or maximum of ``body`` over ``inner``, or its first place.

    Without inner axes it is the body itself.  ``only`` says which inner points count, ``where``
    under which conditions the value is wanted at all; they may speak of further indices.
    """

    name: str
    outer: tuple[Axis, ...]
    inner: tuple[Axis, ...]
    kind: Kind
    body: Expr
    only: tuple[Condition, ...] = ()
    where: tuple[Condition, ...] = ()

    @property
    def entry(self) -> Entry:
        return Entry(self.name, *(i for i, _ in self.outer))


@dataclass(frozen=True)
class Spread:
    """``source``, over all its axes, is added into ``name`` at ``positions``."""

    name: str
    outer: tuple[Axis, ...]
    source: Entry
    over: tuple[Axis, ...]
    positions: tuple[Expr, ...]
    evidence: tuple[Decision, ...]

    @property
    def entry(self) -> Entry:
        return Entry(self.name, *(i for i, _ in self.outer))


@dataclass(frozen=True)
class Breadth:
    """A size: the largest ``value`` over the axes ``over``, at least zero."""

    size: Size
    value: Expr
    over: tuple[Axis, ...]


AnyNest = Nest | Spread | Breadth
