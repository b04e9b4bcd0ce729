"""How a read reaches along each axis of its tensor: at affine positions, and how far outside.

A read at affine positions is a ``View`` of the tensor, padded with the fill value as far as the
positions leave it.  Whether the view's own index map, composed with the padding's, is the formula's
is decided afterwards from the statements alone (``compared``), not taken from how they were made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr

from derive.language.integers import Affine, affine_form, expanded
from derive.language.terms import ONE, ZERO, AtMost, Between, Entry, Greatest, Same
from numeric.program.assumptions import Assumptions, extremes
from numeric.program.reads import Axis


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
    entry: Entry, sizes: Sequence[Expr], here: Assumptions, outside: Sequence[bool]
) -> list[Reach] | None:
    """How each axis is read; None where a position is not affine in the indices.

    ``outside`` says for which axes reads beyond the ends are to be expected.  They also are where a
    position is inside only because some other axis is not empty.
    """
    found = []
    for at, size, leaves in zip(entry.indices, sizes, outside, strict=True):
        form = affine_form(at, here.indices)
        if form is None:
            return None
        found.append(_reach(form, size, here, leaves))
    return found


def _reach(form: Affine, size: Expr, here: Assumptions, leaves: bool) -> Reach:
    inside = Between(ZERO, form.value, size)
    if here.alone(form.value).shows(inside) or not (leaves or here.shows(inside)):
        return Reach(form, size, ZERO, ZERO)
    low, high = extremes(form, here)
    before = _positive_part(expanded(-low), here.sizes)
    after = _positive_part(expanded(high - size + ONE), here.sizes)
    return Reach(form, size, before, after)


def _positive_part(number: Expr, sizes: Assumptions) -> Expr:
    """max(0, number), as simple as what is known of the sizes allows."""
    if sizes.at_least(0, number):
        return number
    return ZERO if sizes.shows(AtMost(number, ZERO)) else Greatest(ZERO, number)


def is_whole(reach: Reach, extents: Mapping[Expr, Expr]) -> bool:
    """Whether an axis is read by a bare index over its whole length."""
    form = reach.form
    if reach.padded or form.start != 0 or len(form.steps) != 1:
        return False
    ((index, step),) = form.steps
    return bool(step == 1 and extents[index] == reach.size)


def view_axes(found: Sequence[Reach], here: Assumptions) -> tuple[Axis, ...]:
    """The axes of the view: the indices of the first axis of the source, then of the next, …"""
    ordered = dict.fromkeys(i for reach in found for i, _ in reach.form.steps)
    extents = dict(here.axes)
    return tuple((i, extents[i]) for i in ordered)


def digits(found: Sequence[Reach], here: Assumptions) -> tuple[tuple[Axis, ...], ...] | None:
    """For each axis the indices that are its digits; None where an axis is read otherwise."""
    groups = [group for reach in found if (group := _digits(reach, here)) is not None]
    indices = [i for group in groups for i, _ in group]
    apart = len(set(indices)) == len(indices)
    return tuple(groups) if apart and len(groups) == len(found) else None


def _digits(reach: Reach, here: Assumptions) -> tuple[Axis, ...] | None:
    """The indices in ``m₁·m₀·i₂ + m₀·i₁ + i₀`` with extents …, m₁, m₀, if they fill the axis."""
    if reach.padded or reach.form.start != 0:
        return None
    extents = dict(here.axes)
    weight: Expr = ONE
    for index, step in reversed(reach.form.steps):
        if expanded(step) != expanded(weight):
            return None
        weight = weight * extents[index]
    whole = weight == reach.size or here.sizes.shows(Same(reach.size, weight))
    return tuple((i, extents[i]) for i, _ in reach.form.steps) if whole else None
