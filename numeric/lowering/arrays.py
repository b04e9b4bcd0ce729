"""Stage 3: loop nests turned into statements on whole arrays.

A nest's body is a product of factors.  Each factor becomes an array over the indices that occur in
it, guards become padding where a read stands for them and masks where none does, and the sum over
the inner axes becomes a contraction of two arrays at a time, or a plain sum if there is but one
(``lowering.sums``).
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.language.terms import Entry, Index
from numeric.lowering.ground import Ground
from numeric.lowering.nest import AnyNest, Breadth, Nest, Spread
from numeric.lowering.reading import Reach, reaches
from numeric.lowering.statements import Statements
from numeric.lowering.sums import Sums
from numeric.lowering.values import Values
from numeric.program import (
    FirstPlace,
    Largest,
    ScatterAdd,
    Width,
)
from numeric.program.reads import ZERO, Axis, conjunction


class Arrays:
    """Turns nests into statements, in order."""

    def __init__(self, statements: Statements, ground: Ground) -> None:
        self.statements = statements
        self.values = Values(statements)
        self.ground = ground
        self._sums = Sums(statements, self.values, ground)

    def add(self, nest: AnyNest) -> None:
        """The statements for one nest."""
        if isinstance(nest, Breadth):
            self._breadth(nest)
        elif isinstance(nest, Spread):
            self._spread(nest)
        elif nest.kind == "sum":
            self._sums.add(nest)
        else:
            self._largest(nest)

    # --- sizes and scatters ----------------------------------------------------------------------

    def _breadth(self, nest: Breadth) -> None:
        value = self.values.plain(nest.value, self.ground.within(nest.over))
        self.statements.define(Width(nest.size.name, (), nest.size, value, nest.over))

    def _spread(self, nest: Spread) -> None:
        ground = self.ground.within(nest.over)
        sizes = [n for _, n in nest.outer]
        target = Entry(nest.name, *nest.positions)
        found = reaches(target, sizes, ground, [True] * len(sizes))
        looped = _looped(found, nest.over, ground) if found is not None else None
        if found is None or looped is None:
            positions = tuple(self.values.plain(p, ground) for p in nest.positions)
            self.statements.note(
                f"{nest.name} is added up entry by entry: its positions are not affine"
            )
            zeros = (ZERO,) * len(sizes)
            made = ScatterAdd(
                nest.name, nest.outer, nest.source, nest.over, positions, (), zeros, zeros, False
            )
        else:
            made = ScatterAdd(
                nest.name,
                nest.outer,
                nest.source,
                nest.over,
                nest.positions,
                looped,
                tuple(reach.before for reach in found),
                tuple(reach.after for reach in found),
                True,
            )
        self.statements.define(made)
        self.statements.support(nest.name, list(nest.evidence))

    # --- maxima ----------------------------------------------------------------------------------

    def _largest(self, nest: Nest) -> None:
        ground = self.ground.within(nest.outer).given(nest.where)
        inside = ground.within(nest.inner).given(nest.only)
        value = self.values.plain(nest.body, inside)
        only = self.values.condition(conjunction(nest.only), ground.within(nest.inner))
        if nest.kind == "max":
            needed = self.values.condition(conjunction(nest.where), ground.anywhere)
            self.statements.define(Largest(nest.name, nest.outer, value, nest.inner, only, needed))
        else:
            self.statements.define(FirstPlace(nest.name, nest.outer, value, nest.inner, only))


def _looped(
    found: Sequence[Reach], over: tuple[Axis, ...], ground: Ground
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
            if ground.anywhere.at_least(1, step)
            and sum(index in dict(other.steps) for other in forms) == 1
        ]
        if form.steps and not alone:
            return None
        moving += alone[-1:]
    return tuple(i for i, _ in over if i not in moving)
