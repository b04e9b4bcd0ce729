"""Stage 3: loop nests turned into statements on whole arrays.

A nest's body is a product of factors.  Each factor becomes an array over the indices that occur in
it, guards become padding where a read stands for them and masks where none does, and the sum over
the inner axes becomes a contraction of two arrays at a time, or a plain sum if there is but one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Mul, Pow

from derive.language.terms import (
    ONE,
    ZERO,
    AtMost,
    Choose,
    Condition,
    Entry,
    Index,
    Iverson,
    entries,
)
from numeric.lowering.arrays.builder import ProgramBuilder
from numeric.lowering.arrays.reach import Reach, reaches
from numeric.lowering.arrays.values import Values
from numeric.lowering.nesting import AnyNest, LargestWidth, Nest, Scatter
from numeric.program.assumptions import Assumptions
from numeric.program.reads import TRUE, Axis, conjunction, is_plain, parts_of
from numeric.program.statements import (
    Contraction,
    Elementwise,
    FirstPlace,
    Largest,
    Reduction,
    ScatterAdd,
    Width,
)


class Arrays:
    """Turns nests into statements, in order."""

    def __init__(self, builder: ProgramBuilder, here: Assumptions) -> None:
        self.builder = builder
        self.values = Values(builder)
        self.here = here

    def add(self, nest: AnyNest) -> None:
        """The statements for one nest."""
        if isinstance(nest, LargestWidth):
            value = self.values.plain(nest.value, self.here.within(nest.over))
            self.builder.define(Width(nest.size.name, (), nest.size, value, nest.over))
        elif isinstance(nest, Scatter):
            self._scatter(nest)
        elif nest.kind == "sum":
            self._sum(nest)
        else:
            self._largest(nest)

    def _sum(self, nest: Nest) -> None:
        """The statements for one nest; without inner axes it is its body."""
        here = self.here.within((*nest.outer, *nest.inner)).given(nest.where)
        if not nest.inner:
            value = self.values.plain(nest.body, here)
            self.builder.define(Elementwise(nest.name, nest.outer, value))
            return
        mask, factors = self.values.factors(nest.body, here)
        masks = list(parts_of(mask)) if mask is not None else []
        inner = {i for i, _ in nest.inner}
        found = [Factor(f, here.axes_of(f)) for f in factors]
        around = self.here.within(nest.outer)
        infinite = [o for o in found if self.builder.may_be_infinite(o.value)]
        outside = [
            o
            for o in found
            if inner.isdisjoint(i for i, _ in o.axes)
            and not around.may_fail(o.value)
            and o not in infinite
        ]
        left = [o for o in found if o not in outside and o not in infinite]
        operands = _selected(infinite, masks, here)
        operands += left if infinite else _masked(left, masks, here)
        operands = _without_numbers(operands)
        missing = [a for a in nest.inner if not any(a in o.axes for o in operands)]
        over = tuple(a for a in nest.inner if a not in missing)
        scale: Expr = Mul(*(o.value for o in outside), *(n for _, n in missing))
        always = [m for m in masks if not here.axes_of(m)]
        some = conjunction([AtMost(ONE, n) for _, n in missing] if infinite else [])
        if always:
            scale = Choose(conjunction(always), scale, ZERO)
        axes = _present(nest.outer, operands)
        if not operands:
            self.builder.define(Elementwise(nest.name, nest.outer, scale))
        elif scale == 1 and some == TRUE and axes == nest.outer:
            self._contracted(nest.name, axes, over, operands, here)
        else:
            name = self.builder.names.fresh(f"{nest.name}_product")
            self._contracted(name, axes, over, operands, here)
            value = scale * Entry(name, *(i for i, _ in axes))
            value = value if some == TRUE else Choose(some, value, ZERO)
            self.builder.define(Elementwise(nest.name, nest.outer, value))

    def _contracted(
        self,
        name: str,
        axes: tuple[Axis, ...],
        inner: tuple[Axis, ...],
        operands: Sequence[Factor],
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
        self, name: str, operands: list[Factor], axes: tuple[Axis, ...], here: Assumptions
    ) -> list[Factor]:
        """One operand less: two are multiplied, and summed over what no other one needs."""
        first, second = _pair(operands)
        rest = [o for o in operands if o is not first and o is not second]
        both = {*first.axes, *second.axes}
        needed = {*axes, *(a for o in rest for a in o.axes)}
        kept = tuple(a for a in here.axes if a in both and a in needed)
        over = tuple(a for a in here.axes if a in both and a not in needed)
        if not over:
            return [Factor(first.value * second.value, kept), *rest]
        factors = (self._array(name, first), self._array(name, second))
        made = self.builder.add(f"{name}_part", lambda n: Contraction(n, kept, factors, over))
        return [Factor(made, kept), *rest]

    def _array(self, name: str, operand: Factor) -> Entry:
        """The operand as an array of its own."""
        if is_plain(operand.value):
            return operand.value
        return self.builder.add(
            f"{name}_factor", lambda n: Elementwise(n, operand.axes, operand.value)
        )

    def _scatter(self, nest: Scatter) -> None:
        here = self.here.within(nest.over)
        sizes = [n for _, n in nest.outer]
        target = Entry(nest.name, *nest.positions)
        found = reaches(target, sizes, here, [True] * len(sizes))
        looped = _looped(found, nest.over, here) if found is not None else None
        common = (nest.name, nest.outer, nest.source, nest.over)
        if found is None or looped is None:
            wanted = here.given(nest.where)
            positions = tuple(self.values.plain(p, wanted) for p in nest.positions)
            reason = "its positions are not affine"
            self.builder.note(f"{nest.name} is added up entry by entry: {reason}")
            zeros = (ZERO,) * len(sizes)
            made = ScatterAdd(*common, positions, (), zeros, zeros, regular=False)
        else:
            before, after = tuple(r.before for r in found), tuple(r.after for r in found)
            made = ScatterAdd(*common, nest.positions, looped, before, after, regular=True)
        self.builder.define(made)
        self.builder.support(nest.name, nest.evidence)

    def _largest(self, nest: Nest) -> None:
        here = self.here.within(nest.outer).given(nest.where)
        inside = here.within(nest.inner)
        value = self.values.plain(nest.body, inside.given(nest.only))
        only = self.values.condition(conjunction(nest.only), inside)
        if nest.kind == "max":
            wanted = conjunction(nest.where if nest.empty else ())
            needed = self.values.condition(wanted, here.anywhere)
            self.builder.define(Largest(nest.name, nest.outer, value, nest.inner, only, needed))
        else:
            self.builder.define(FirstPlace(nest.name, nest.outer, value, nest.inner, only))


def _looped(
    found: Sequence[Reach], over: tuple[Axis, ...], here: Assumptions
) -> tuple[Index, ...] | None:
    """The indices to loop over, so that for the others no two entries meet; None: it cannot be.

    Along each axis one index may move, forwards, if it occurs in no other axis; of several the
    last, which is the one that a scatter has made.
    """
    forms = [reach.form for reach in found]
    moving: list[Index] = []
    for form in forms:
        alone = [
            index
            for index, step in form.steps
            if here.anywhere.at_least(1, step)
            and sum(index in dict(other.steps) for other in forms) == 1
        ]
        if form.steps and not alone:
            return None
        moving += alone[-1:]
    return tuple(i for i, _ in over if i not in moving)


# --- sums -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Factor:
    """A factor of a contraction: a plain expression and the axes it varies over."""

    value: Expr
    axes: tuple[Axis, ...]


def _masked(
    operands: Sequence[Factor], masks: Sequence[Condition], here: Assumptions
) -> list[Factor]:
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
            left[place] = Factor(Choose(mask, chosen.value, ZERO), chosen.axes)
        else:
            left.append(Factor(Iverson(mask), axes))
    return left


def _selected(
    operands: Sequence[Factor], masks: Sequence[Condition], here: Assumptions
) -> list[Factor]:
    """The operands, zero where a mask is not: for what may be infinite, a product is no mask."""
    if not masks:
        return list(operands)
    axes = here.axes_of(*masks)
    return [
        Factor(
            Choose(conjunction(masks), o.value, ZERO),
            tuple(a for a in here.axes if a in axes or a in o.axes),
        )
        for o in operands
    ]


def _without_numbers(operands: Sequence[Factor]) -> list[Factor]:
    """Quotients of integers multiplied into an operand that reads tensors and has their axes.

    A tensor divided by 3 is exact where a third is not.
    """
    left = [o for o in operands if entries(o.value)]
    for operand in (o for o in operands if not entries(o.value)):
        fitting = [o for o in left if set(operand.axes) <= set(o.axes) and entries(o.value)]
        if fitting and operand.value.has(Pow):
            chosen = min(fitting, key=lambda o: len(o.axes))
            value = chosen.value * operand.value
            left[left.index(chosen)] = Factor(value, chosen.axes)
        else:
            left.append(operand)
    return left


def _pair(operands: Sequence[Factor]) -> tuple[Factor, Factor]:
    """Which two of several operands to multiply first: the ones with the smallest product."""
    pairs = [(first, second) for k, first in enumerate(operands) for second in operands[k + 1 :]]
    return min(pairs, key=lambda pair: len({*pair[0].axes, *pair[1].axes}))


def _present(axes: tuple[Axis, ...], operands: Sequence[Factor]) -> tuple[Axis, ...]:
    return tuple(a for a in axes if any(a in o.axes for o in operands))
