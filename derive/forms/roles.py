"""Which index plays which role in an instance of a named form, and whether the roles fit."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr

from derive.engine.instances import (
    Coordinate,
    FirstMaximum,
    Grouped,
    InGroup,
    Instance,
    Lookup,
    Mirrored,
    Operand,
    Slide,
    Window,
)
from derive.language.integers import mentions
from derive.language.terms import FloorDiv, Index


def alone(coordinate: Coordinate) -> tuple[Index, ...]:
    """The indices that stand in a coordinate, the leader of a group left out."""
    match coordinate:
        case Slide():
            return coordinate.result, coordinate.summed
        case Mirrored():
            return (coordinate.index,)
        case InGroup():
            return (coordinate.offset,)
        case Grouped():
            return (coordinate.channel,)
        case Window():
            return coordinate.entry, coordinate.place
    return (coordinate,) if isinstance(coordinate, Index) else ()


def standing(operand: Operand) -> tuple[Index, ...]:
    """The indices that stand in an operand's coordinates, axis by axis."""
    return tuple(index for c in operand.coordinates for index in alone(c))


def turned(operand: Operand, order: Sequence[Index]) -> str | None:
    """How an operand's indices lie to an order: "" as they are, "ᵀ" for a transposed matrix.

    None for any other permutation.  Indices that ``order`` leaves out do not count.
    """
    places = [order.index(i) for i in standing(operand) if i in order]
    if places == sorted(places):
        return ""
    return "ᵀ" if len(operand.coordinates) == len(places) == 2 else None


def occurring(instance: Instance) -> set[Index]:
    """The indices that some operand, selection or group mentions."""
    found = {i for operand in _tensors(instance) for i in standing(operand)}
    found |= _leaders(instance) | set(instance.same_group or ())
    if isinstance(instance.selection, Lookup):
        found.add(instance.selection.index)
    elif isinstance(instance.selection, FirstMaximum):
        found |= set(instance.selection.places)
    return found


def unread(instance: Instance) -> tuple[Index, ...]:
    """The indices along which the result is constant; an axis of length one does not count."""
    found = occurring(instance)
    return tuple(i for i, size in instance.result if i not in found and size != 1)


def well_posed(instance: Instance) -> bool:
    """Whether each index has one range and stands at most once in a tensor, in axes that fit it.

    An index that stands alone in an axis runs over the whole of it, and each summed index occurs.
    """
    indices = [i for i, _ in (*instance.result, *instance.summed)]
    if len(set(indices)) < len(indices) or not occurring(instance) <= set(indices):
        return False
    constants = [instance.factor, *(size for _, size in instance.summed)]
    if any(mentions(c, i) for c in constants for i in indices):
        return False
    if any(index not in occurring(instance) for index, _ in instance.summed):
        return False
    return _groups_agree(instance) and all(_fits(o, instance) for o in _tensors(instance))


def _tensors(instance: Instance) -> tuple[Operand, ...]:
    """The operands, and the tensor that the selection reads."""
    chosen = instance.selection
    if isinstance(chosen, Lookup):
        return (*instance.operands, chosen.table)
    if isinstance(chosen, FirstMaximum):
        return (*instance.operands, chosen.signal)
    return instance.operands


def _fits(operand: Operand, instance: Instance) -> bool:
    indices = standing(operand)
    if len(set(indices)) < len(indices) or len(operand.coordinates) != len(operand.sizes):
        return False
    axes = zip(operand.coordinates, operand.sizes, strict=True)
    return all(_axis_fits(coordinate, size, instance) for coordinate, size in axes)


def _axis_fits(coordinate: Coordinate, size: Expr, instance: Instance) -> bool:
    match coordinate:
        case Slide():
            roles = (coordinate.result, instance.result), (coordinate.summed, instance.summed)
            return all(index in dict(among) for index, among in roles)
        case InGroup():
            return bool(FloorDiv(size, instance.groups) == instance.sizes[coordinate.offset])
        case Grouped():
            return bool(size == FloorDiv(instance.sizes[coordinate.channel], instance.groups))
        case Window():
            return size == instance.sizes[coordinate.entry]
        case Mirrored():
            return size == instance.sizes[coordinate.index]
    if isinstance(coordinate, Index):
        return size == instance.sizes[coordinate]
    return coordinate == 0 and size == 1


def _leaders(instance: Instance) -> set[Index]:
    return {c.leader for c in _coordinates(instance) if isinstance(c, InGroup | Grouped)}


def _coordinates(instance: Instance) -> list[Coordinate]:
    return [c for operand in instance.operands for c in operand.coordinates]


def _groups_agree(instance: Instance) -> bool:
    """Whether all groups that are spoken of are one: of one leader, or of two in the same group."""
    leaders = _leaders(instance)
    if instance.groups is None:
        return not leaders and instance.same_group is None
    together = set(instance.same_group or leaders)
    if len(together) != (1 if instance.same_group is None else 2) or not leaders <= together:
        return False
    return all(p.channel in together for p in _coordinates(instance) if isinstance(p, Grouped))


def divided(instance: Instance) -> set[Expr]:
    """The numbers of channels that the groups divide among them."""
    channels = {*_leaders(instance), *(instance.same_group or ())}
    found = set()
    for operand in instance.operands:
        for coordinate, size in zip(operand.coordinates, operand.sizes, strict=True):
            if isinstance(coordinate, InGroup):
                found.add(size)
            elif isinstance(coordinate, Grouped):
                channels.add(coordinate.channel)
    return found | {instance.sizes[c] for c in channels}
