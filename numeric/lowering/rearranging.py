"""Stage 1: an equation rewritten so that its reads become affine where they can.

Guards that determine a summed index are solved, indices that are divided by a fixed number are
split into digits, and quotients worked out.  The outcome is an equation again, of the same value
entry by entry; where an outer index was split, of an array that only has to be reshaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Basic, Expr, IndexedBase, Sum

from derive.domains import Decision
from derive.language.definition import Equation, Layer
from derive.language.substitution import substituted
from derive.language.terms import FloorDiv, MaxOver, Modulo, Range, maximum, ranges_of, total
from numeric.lowering.collapsing import collapsed
from numeric.lowering.ground import Ground
from numeric.lowering.naming import Names
from numeric.lowering.preparation import prepared
from numeric.lowering.radix import Split, split_of
from numeric.lowering.settling import settled
from numeric.program.reads import ZERO, Axis


@dataclass(frozen=True)
class Rearranged:
    """``name[axes] = value``, computed under another name if an outer index was split.

    ``digits`` are the axes that each of the equation's own axes has become, ``positions`` what they
    stand for: the index itself, or ``o//m`` and ``o % m``.
    """

    name: str
    axes: tuple[Axis, ...]
    value: Expr
    target: str
    target_axes: tuple[Axis, ...]
    digits: tuple[tuple[Axis, ...], ...]
    positions: tuple[Expr, ...]
    evidence: tuple[Decision, ...]

    @property
    def reshaped(self) -> bool:
        return self.name != self.target


def rearranged(layer: Layer, equation: Equation, names: Names) -> Rearranged:
    """The equation's explicit right-hand side, rearranged until nothing more applies."""
    outer = tuple(zip(equation.indices, equation.extents, strict=True))
    digits: tuple[tuple[Axis, ...], ...] = tuple((axis,) for axis in outer)
    positions: tuple[Expr, ...] = equation.indices
    value = prepared(equation.explicit, equation.indices, names)
    evidence: list[Decision] = []
    while True:
        axes = tuple(axis for group in digits for axis in group)
        ground = Ground(layer, axes)
        value = collapsed(settled(value, ground), ground)
        split = split_of(value, axes, ground, names)
        if split is None:
            break
        evidence.append(split.decision)
        value = substituted(_digits_bound(value, split), {split.index: split.value})
        places = zip(axes, positions, strict=True)
        positions = tuple(p for axis, at in places for p in _split_place(axis, at, split))
        digits = tuple(tuple(d for a in group for d in _split_axis(a, split)) for group in digits)
    name = equation.name if axes == outer else names.fresh(f"{equation.name}_parts")
    return Rearranged(name, axes, value, equation.name, outer, digits, positions, tuple(evidence))


def _split_axis(axis: Axis, split: Split) -> tuple[Axis, ...]:
    return (split.high, split.low) if axis[0] == split.index else (axis,)


def _split_place(axis: Axis, at: Expr, split: Split) -> tuple[Expr, ...]:
    """The digits of what an axis stands for."""
    if axis[0] != split.index:
        return (at,)
    return FloorDiv(at, split.low[1]), Modulo(at, split.low[1])


def _digits_bound(expr: Basic, split: Split) -> Any:
    """The expression with the digits bound where the index was bound."""
    if isinstance(expr, IndexedBase) or not expr.args:
        return expr
    if isinstance(expr, Sum | MaxOver):
        ranges: list[Range] = []
        for index, lo, hi in ranges_of(expr):
            if index == split.index:
                ranges += [(i, ZERO, n) for i, n in (split.high, split.low)]
            else:
                ranges.append((index, lo, hi))
        body = _digits_bound(expr.args[0], split)
        return (total if isinstance(expr, Sum) else maximum)(body, ranges)
    args = [_digits_bound(arg, split) for arg in expr.args]
    return expr.func(*args) if tuple(args) != expr.args else expr
