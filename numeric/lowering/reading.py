"""Reads turned into views: what a read with its guards becomes, and why that is the same.

A read at affine positions is a ``View`` of the tensor, padded with the fill value as far as the
positions leave it.  Whether the view's own index map, composed with the padding's, is the formula's
is decided afterwards from the statements alone (``validation``), not taken from how they were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr

from derive.language.integers import expanded
from derive.language.terms import AtMost, Between, Entry, Greatest, Index, Same
from numeric.lowering.affine import Affine, affine_form, extremes
from numeric.lowering.ground import Ground
from numeric.program.reads import ONE, ZERO, Axis


@dataclass(frozen=True)
class Reach:
    """How an axis of a tensor is read: at ``form``, which leaves it by ``before`` and ``after``."""

    form: Affine
    size: Expr
    before: Expr
    after: Expr

    @property
    def position(self) -> Expr:
        """Where the padded axis is read."""
        return expanded(self.form.value + self.before)

    @property
    def padded(self) -> bool:
        return self.before != 0 or self.after != 0


def reaches(
    entry: Entry, sizes: Sequence[Expr], ground: Ground, outside: Sequence[bool]
) -> list[Reach] | None:
    """How each axis is read; None where a position is not affine in the indices.

    ``outside`` says for which axes reads beyond the ends are to be expected.  They also are where a
    position is inside only because some other axis is not empty.
    """
    found = []
    for at, size, leaves in zip(entry.indices, sizes, outside, strict=True):
        form = affine_form(at, ground.indices)
        if form is None:
            return None
        found.append(_reach(form, size, ground, leaves))
    return found


def _reach(form: Affine, size: Expr, ground: Ground, leaves: bool) -> Reach:
    inside = Between(ZERO, form.value, size)
    if ground.alone(form.value).shows(inside) or not (leaves or ground.shows(inside)):
        return Reach(form, size, ZERO, ZERO)
    low, high = extremes(form, ground)
    before = _positive_part(expanded(-low), ground)
    after = _positive_part(expanded(high - size + ONE), ground)
    return Reach(form, size, before, after)


def _positive_part(number: Expr, ground: Ground) -> Expr:
    """max(0, number), as simple as what is known of the sizes allows."""
    sizes = Ground(ground.layer, facts=ground.facts)
    if sizes.at_least(0, number):
        return number
    return ZERO if sizes.shows(AtMost(number, ZERO)) else Greatest(ZERO, number)


def is_whole(reach: Reach, extents: dict[Index, Expr]) -> bool:
    """Whether an axis is read by a bare index over its whole length."""
    form = reach.form
    if reach.padded or form.start != 0 or len(form.steps) != 1:
        return False
    ((index, step),) = form.steps
    return bool(step == 1 and extents[index] == reach.size)


def view_axes(found: Sequence[Reach], ground: Ground) -> tuple[Axis, ...]:
    """The axes of the view: the indices of the first axis of the source, then of the next, …"""
    ordered = dict.fromkeys(i for reach in found for i, _ in reach.form.steps)
    extents = dict(ground.axes)
    return tuple((i, extents[i]) for i in ordered)


def digits(found: Sequence[Reach], ground: Ground) -> tuple[tuple[Axis, ...], ...] | None:
    """For each axis the indices that are its digits; None where an axis is read otherwise."""
    groups = tuple(_digits(reach, ground) for reach in found)
    indices = [i for group in groups for i, _ in group or ()]
    if None in groups or len(set(indices)) < len(indices):
        return None
    return tuple(group for group in groups if group is not None)


def _digits(reach: Reach, ground: Ground) -> tuple[Axis, ...] | None:
    """The indices in ``m₁·m₀·i₂ + m₀·i₁ + i₀`` with extents …, m₁, m₀, if they fill the axis."""
    if reach.padded or reach.form.start != 0:
        return None
    extents = dict(ground.axes)
    weight: Expr = ONE
    for index, step in reversed(reach.form.steps):
        if expanded(step) != expanded(weight):
            return None
        weight = weight * extents[index]
    group = tuple((i, extents[i]) for i, _ in reach.form.steps)
    whole = weight == reach.size or Ground(ground.layer).shows(Same(reach.size, weight))
    return group if whole else None
