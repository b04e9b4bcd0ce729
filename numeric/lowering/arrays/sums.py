"""Sums of products: masks put on factors, factors taken out, two arrays contracted at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Mul, Pow

from derive.language.terms import Choose, Condition, Entry, Iverson, entries
from numeric.lowering.arrays.builder import ProgramBuilder
from numeric.lowering.arrays.values import Values
from numeric.lowering.nesting import Nest
from numeric.program.assumptions import Assumptions
from numeric.program.reads import ZERO, Axis, conjunction, is_plain, parts_of
from numeric.program.statements import Contraction, Elementwise, Reduction


@dataclass(frozen=True)
class Operand:
    """A factor of a contraction: a plain expression and the axes it varies over."""

    value: Expr
    axes: tuple[Axis, ...]


class Sums:
    """Turns nests that sum into statements."""

    def __init__(self, builder: ProgramBuilder, values: Values, here: Assumptions) -> None:
        self.builder = builder
        self.values = values
        self.here = here

    def add(self, nest: Nest) -> None:
        """The statements for one nest; without inner axes it is its body."""
        here = self.here.within((*nest.outer, *nest.inner)).given(nest.where)
        if not nest.inner:
            value = self.values.plain(nest.body, here)
            self.builder.define(Elementwise(nest.name, nest.outer, value))
            return
        mask, factors = self.values.factors(nest.body, here)
        masks = list(parts_of(mask)) if mask is not None else []
        inner = {i for i, _ in nest.inner}
        found = [Operand(f, here.axes_of(f)) for f in factors]
        around = self.here.within(nest.outer)
        outside = [
            o
            for o in found
            if inner.isdisjoint(i for i, _ in o.axes) and not around.may_fail(o.value)
        ]
        operands = _masked([o for o in found if o not in outside], masks, here)
        operands = _without_numbers(operands)
        missing = [a for a in nest.inner if not any(a in o.axes for o in operands)]
        over = tuple(a for a in nest.inner if a not in missing)
        scale: Expr = Mul(*(o.value for o in outside), *(n for _, n in missing))
        always = [m for m in masks if not here.axes_of(m)]
        if always:
            scale = Choose(conjunction(always), scale, ZERO)
        axes = _present(nest.outer, operands)
        if not operands:
            self.builder.define(Elementwise(nest.name, nest.outer, scale))
        elif scale == 1 and axes == nest.outer:
            self._contracted(nest.name, axes, over, operands, here)
        else:
            name = self.builder.names.fresh(f"{nest.name}_product")
            self._contracted(name, axes, over, operands, here)
            value = scale * Entry(name, *(i for i, _ in axes))
            self.builder.define(Elementwise(nest.name, nest.outer, value))

    def _contracted(
        self,
        name: str,
        axes: tuple[Axis, ...],
        inner: tuple[Axis, ...],
        operands: Sequence[Operand],
        here: Assumptions,
    ) -> None:
        """The sum over ``inner`` of a product of operands, each of which has axes."""
        left = list(operands)
        while len(left) > 2:
            left = self._merged(name, left, axes, here)
        inner = _present(inner, left)
        if not inner:
            self.builder.define(Elementwise(name, axes, Mul(*(o.value for o in left))))
        elif len(left) == 1:
            self.builder.define(Reduction(name, axes, left[0].value, inner))
        else:
            factors = tuple(self._array(name, o) for o in left)
            self.builder.define(Contraction(name, axes, factors, inner))

    def _merged(
        self, name: str, operands: list[Operand], axes: tuple[Axis, ...], here: Assumptions
    ) -> list[Operand]:
        """One operand less: two are multiplied, and summed over what no other one needs."""
        first, second = _pair(operands)
        rest = [o for o in operands if o is not first and o is not second]
        both = {*first.axes, *second.axes}
        needed = {*axes, *(a for o in rest for a in o.axes)}
        kept = tuple(a for a in here.axes if a in both and a in needed)
        over = tuple(a for a in here.axes if a in both and a not in needed)
        if not over:
            return [Operand(first.value * second.value, kept), *rest]
        factors = (self._array(name, first), self._array(name, second))
        made = self.builder.add(f"{name}_part", lambda n: Contraction(n, kept, factors, over))
        return [Operand(made, kept), *rest]

    def _array(self, name: str, operand: Operand) -> Entry:
        """The operand as an array of its own."""
        if is_plain(operand.value):
            return operand.value
        return self.builder.add(
            f"{name}_factor", lambda n: Elementwise(n, operand.axes, operand.value)
        )


def _masked(
    operands: Sequence[Operand], masks: Sequence[Condition], here: Assumptions
) -> list[Operand]:
    """The operands with each mask put on the smallest one that has its axes, or as a new one."""
    left = list(operands)
    for mask in masks:
        axes = here.axes_of(mask)
        if not axes:
            continue
        fitting = [o for o in left if set(axes) <= set(o.axes)]
        if fitting:
            chosen = min(fitting, key=lambda o: len(o.axes))
            place = left.index(chosen)
            left[place] = Operand(Choose(mask, chosen.value, ZERO), chosen.axes)
        else:
            left.append(Operand(Iverson(mask), axes))
    return left


def _without_numbers(operands: Sequence[Operand]) -> list[Operand]:
    """Quotients of integers multiplied into an operand that reads tensors and has their axes.

    A tensor divided by 3 is exact where a third is not.
    """
    left = [o for o in operands if entries(o.value)]
    for operand in (o for o in operands if not entries(o.value)):
        fitting = [o for o in left if set(operand.axes) <= set(o.axes) and entries(o.value)]
        if fitting and operand.value.has(Pow):
            chosen = min(fitting, key=lambda o: len(o.axes))
            value = chosen.value * operand.value
            left[left.index(chosen)] = Operand(value, chosen.axes)
        else:
            left.append(operand)
    return left


def _pair(operands: Sequence[Operand]) -> tuple[Operand, Operand]:
    """Which two of several operands to multiply first: the ones with the smallest product."""
    pairs = [(first, second) for k, first in enumerate(operands) for second in operands[k + 1 :]]
    return min(pairs, key=lambda pair: len({*pair[0].axes, *pair[1].axes}))


def _present(axes: tuple[Axis, ...], operands: Sequence[Operand]) -> tuple[Axis, ...]:
    return tuple(a for a in axes if any(a in o.axes for o in operands))
