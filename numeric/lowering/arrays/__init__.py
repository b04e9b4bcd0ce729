"""Stage 3: loop nests turned into statements on whole arrays.

A nest's body is a product of factors.  Each factor becomes an array over the indices that occur in
it, guards become padding where a read stands for them and masks where none does, and the sum over
the inner axes becomes a contraction of two arrays at a time, or a plain sum if there is but one
(``sums``).
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.language.terms import Entry, Index
from numeric.lowering.arrays.builder import ProgramBuilder
from numeric.lowering.arrays.reach import Reach, reaches
from numeric.lowering.arrays.sums import Sums
from numeric.lowering.arrays.values import Values
from numeric.lowering.nesting import AnyNest, LargestWidth, Nest, Scatter
from numeric.program.assumptions import Assumptions
from numeric.program.reads import ZERO, Axis, conjunction
from numeric.program.statements import FirstPlace, Largest, ScatterAdd, Width


class Arrays:
    """Turns nests into statements, in order."""

    def __init__(self, builder: ProgramBuilder, here: Assumptions) -> None:
        self.builder = builder
        self.values = Values(builder)
        self.here = here
        self._sums = Sums(builder, self.values, here)

    def add(self, nest: AnyNest) -> None:
        """The statements for one nest."""
        if isinstance(nest, LargestWidth):
            value = self.values.plain(nest.value, self.here.within(nest.over))
            self.builder.define(Width(nest.size.name, (), nest.size, value, nest.over))
        elif isinstance(nest, Scatter):
            self._scatter(nest)
        elif nest.kind == "sum":
            self._sums.add(nest)
        else:
            self._largest(nest)

    def _scatter(self, nest: Scatter) -> None:
        here = self.here.within(nest.over)
        sizes = [n for _, n in nest.outer]
        target = Entry(nest.name, *nest.positions)
        found = reaches(target, sizes, here, [True] * len(sizes))
        looped = _looped(found, nest.over, here) if found is not None else None
        common = (nest.name, nest.outer, nest.source, nest.over)
        if found is None or looped is None:
            positions = tuple(self.values.plain(p, here) for p in nest.positions)
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
            needed = self.values.condition(conjunction(nest.where), here.anywhere)
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
