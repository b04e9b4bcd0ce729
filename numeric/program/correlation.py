"""What the template ``correlate`` is asked for, as a statement of an array program."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Mul

from derive.language.terms import Condition, Entry, Iverson, total
from numeric.program.reads import Axis
from numeric.program.statement import Statement, ranges


@dataclass(frozen=True)
class Correlation(Statement):
    """The sum over ``over`` of signal·kernel, where the guards hold; elsewhere it reads as zero.

    The signal is read at (step·i + spread·t + shift)/stuffing along each sliding axis.
    """

    signal: Entry
    kernel: Entry
    guards: tuple[Condition, ...]
    over: tuple[Axis, ...]

    @property
    def meaning(self) -> Expr:
        factors = (*map(Iverson, self.guards), self.signal, self.kernel)
        return total(Mul(*factors), ranges(self.over))
