"""Affine index expressions: coefficients, and the smallest and largest values over a box."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from derive.language.integers import affine, expanded
from derive.language.terms import Greatest, Index, Least
from numeric.lowering.ground import Ground, varies
from numeric.program.reads import ONE, ZERO


@dataclass(frozen=True)
class Affine:
    """``start + Σ step·index``; neither start nor steps depend on indices or tensors."""

    start: Expr
    steps: tuple[tuple[Index, Expr], ...]

    @property
    def value(self) -> Expr:
        return expanded(self.start + sum((c * i for i, c in self.steps), ZERO))


def affine_form(expr: Expr, indices: tuple[Index, ...]) -> Affine | None:
    """The expression as an affine one in the indices; None where it is not."""
    steps: list[tuple[Index, Expr]] = []
    rest = expr
    for index in indices:
        parts = affine(rest, index)
        if parts is None or varies(parts[0]):
            return None
        if parts[0] != 0:
            steps.append((index, parts[0]))
        rest = parts[1]
    return None if varies(rest) else Affine(rest, tuple(steps))


def extremes(form: Affine, ground: Ground) -> tuple[Expr, Expr]:
    """The smallest and the largest value over the axes, each at a corner.

    An affine function is monotone in each index, and the sign of the step says which end is which.
    """
    low = high = form.start
    extents = dict(ground.axes)
    for index, step in form.steps:
        reach = expanded(step * (extents[index] - ONE))
        if ground.anywhere.at_least(0, step):
            high += reach
        elif ground.anywhere.at_least(0, -step):
            low += reach
        else:
            low += Least(ZERO, reach)
            high += Greatest(ZERO, reach)
    return expanded(low), expanded(high)
