"""What a named form says of a result, as plain data: which tensors, and which index stands where.

An ``Instance`` stands for one formula,

    result[…] = factor · Σ_{summed} [selection] · [same group] · Π_operands (guards · tensor[…])

where each summed index runs over 0 ≤ index < size, and each coordinate of an operand says at which
position its axis is read and under which guards.  ``derive.forms.textbook`` writes the formula
down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from sympy import Expr, Integer

from derive.language.terms import Index


@dataclass(frozen=True)
class Slide:
    """An axis of n entries, read at e = ``(step·result ± spread·summed + shift) / stuffing``.

    The sign belongs to the kind: + in a "cross-correlation" and a "window sum", − in a
    "convolution", a "sum over containing windows" and a "scatter to maxima".  Where ``stuffing``
    does not divide the bracket (the place of a zero stuffed between the signal's own entries) the
    read counts as zero: guard [stuffing ∣ …], left out for 1.  Where ``padded``, so it does outside
    the axis: guard [0 ≤ e < n].
    """

    result: Index
    summed: Index
    step: Expr
    spread: Expr
    shift: Expr
    stuffing: Expr
    padded: bool


@dataclass(frozen=True)
class Mirrored:
    """An axis of n entries, read backwards: at n − 1 − index."""

    index: Index


@dataclass(frozen=True)
class InGroup:
    """An axis of n channels, read at the channel ``offset`` of the group that ``leader`` is in.

    With G groups and m channels that the leader counts: ⌊leader/⌊m/G⌋⌋·⌊n/G⌋ + offset.
    """

    leader: Index
    offset: Index


@dataclass(frozen=True)
class Grouped:
    """An axis read at the place of ``channel`` in the group that ``leader`` is in.

    With G groups, m channels that the leader counts and n that ``channel`` counts:
    channel − ⌊leader/⌊m/G⌋⌋·⌊n/G⌋, which is channel mod ⌊n/G⌋ where the two are one.
    """

    channel: Index
    leader: Index


@dataclass(frozen=True)
class Window:
    """An axis of n entries, read at e = ``entry + spread·(other − place)``, other being maximised.

    So the read runs over the window in which ``entry`` stands at ``place``.  Where ``padded``, −∞
    takes the place of what is read unless 0 ≤ e < n.
    """

    entry: Index
    place: Index
    spread: Expr
    padded: bool


#: what stands in an axis: an index alone, the only index of an axis of length one (0), or a role
Coordinate: TypeAlias = Index | Integer | Slide | Mirrored | InGroup | Grouped | Window


@dataclass(frozen=True)
class Operand:
    """A tensor with what stands in each of its axes; ``upstream``: it is an upstream gradient."""

    role: str
    tensor: str
    sizes: tuple[Expr, ...]
    coordinates: tuple[Coordinate, ...]
    upstream: bool = False

    @property
    def slides(self) -> tuple[Slide, ...]:
        """The sliding axes, in order."""
        return tuple(c for c in self.coordinates if isinstance(c, Slide))


@dataclass(frozen=True)
class Lookup:
    """Only those entries count where a table of integers names the result's index.

    Guard ``[table[…] = index]``.
    """

    table: Operand
    index: Index


@dataclass(frozen=True)
class FirstMaximum:
    """Only those entries count that are the first maximum of their window, in row-major order.

    Guard ``[places = argmax]`` of the signal over one index for each of ``places``, which has the
    range of that place and runs along the axis of the signal whose coordinate is the place itself
    or a ``Window`` with it.
    """

    signal: Operand
    places: tuple[Index, ...]


@dataclass(frozen=True)
class Instance:
    """One instance of a kind of named form; see the module's docstring for what it stands for.

    ``result`` and ``summed`` hold each index with the size of its range.  ``groups`` is the number
    G of channel groups, None without groups; ``same_group`` are two channels that must lie in
    groups of the same number: guard [⌊a/⌊m/G⌋⌋ = ⌊b/⌊n/G⌋⌋], where a counts m and b counts n.
    """

    kind: str
    result: tuple[tuple[Index, Expr], ...]
    summed: tuple[tuple[Index, Expr], ...]
    factor: Expr
    operands: tuple[Operand, ...]
    groups: Expr | None = None
    same_group: tuple[Index, Index] | None = None
    selection: Lookup | FirstMaximum | None = None

    @cached_property
    def sizes(self) -> dict[Index, Expr]:
        """The size of the range of each index."""
        return dict((*self.result, *self.summed))

    def operand(self, role: str) -> Operand:
        """The operand in that role."""
        return next(o for o in self.operands if o.role == role)

    def changed(self, role: str, coordinates: tuple[Coordinate, ...]) -> Instance:
        """The instance with other coordinates for the operand in that role."""
        operands = (
            replace(o, coordinates=coordinates) if o.role == role else o for o in self.operands
        )
        return replace(self, operands=tuple(operands))
