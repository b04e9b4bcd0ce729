"""The formula that the data of a named form stand for, and whether those data fit together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Mul, Tuple

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
from derive.engine.scope import fresh_index
from derive.language.integers import expanded, mentions
from derive.language.terms import (
    MINUS_INFINITY,
    ZERO,
    Between,
    Choose,
    Condition,
    Divides,
    Entry,
    FirstMax,
    FloorDiv,
    Index,
    Iverson,
    Modulo,
    Same,
    all_of,
    maximum,
    total,
)


def formula(instance: Instance, sign: int = 1) -> Expr:
    """``factor · Σ [guards] · Π tensor[…]``; ``sign`` is the one in the sliding coordinates."""
    factors: list[Expr] = [Iverson(c) for c in _selection(instance)]
    for operand in instance.operands:
        positions = []
        for coordinate, size in zip(operand.coordinates, operand.sizes, strict=True):
            at = position(coordinate, size, instance, sign)
            positions.append(at)
            if isinstance(coordinate, Slide):
                factors += [Iverson(c) for c in _guards(coordinate, at, size, sign)]
        factors.append(Entry(operand.tensor, *positions))
    ranges = [(index, ZERO, size) for index, size in instance.summed]
    return Mul(instance.factor, total(Mul(*factors), ranges))


def position(coordinate: Coordinate, size: Expr, instance: Instance, sign: int) -> Expr:
    """Where an axis of that size is read."""
    match coordinate:
        case Slide():
            numerator = _numerator(coordinate, sign)
            if coordinate.stuffing == 1:
                return numerator
            return FloorDiv(numerator, coordinate.stuffing)
        case Mirrored():
            return size - 1 - coordinate.index
        case InGroup():
            leader = _group(coordinate.leader, instance)
            return leader * FloorDiv(size, instance.groups) + coordinate.offset
        case Grouped():
            width = _width(coordinate.channel, instance)
            if coordinate.leader == coordinate.channel:
                return Modulo(coordinate.channel, width)
            return coordinate.channel - _group(coordinate.leader, instance) * width
        case Window():
            raise ValueError("a window has a position only within its maximum")
    return coordinate


def _numerator(slide: Slide, sign: int) -> Expr:
    along = sign * slide.spread * slide.summed
    return expanded(slide.step * slide.result + along + slide.shift)


def _guards(slide: Slide, at: Expr, size: Expr, sign: int) -> Iterator[Condition]:
    if slide.stuffing != 1:
        yield Divides(slide.stuffing, _numerator(slide, sign))
    if slide.padded:
        yield Between(ZERO, at, size)


def _width(channel: Index, instance: Instance) -> Expr:
    return FloorDiv(instance.sizes[channel], instance.groups)


def _group(channel: Index, instance: Instance) -> Expr:
    return FloorDiv(channel, _width(channel, instance))


def _selection(instance: Instance) -> Iterator[Condition]:
    """The guards that belong to no operand."""
    if instance.same_group is not None:
        yield Same(*(_group(channel, instance) for channel in instance.same_group))
    chosen = instance.selection
    if isinstance(chosen, Lookup):
        table = chosen.table
        axes = zip(table.coordinates, table.sizes, strict=True)
        places = (position(coordinate, size, instance, 0) for coordinate, size in axes)
        yield Same(Entry(table.tensor, *places), chosen.index)
    elif isinstance(chosen, FirstMaximum):
        yield _first(chosen, instance)


def _first(chosen: FirstMaximum, instance: Instance) -> FirstMax:
    """That the places are the first where the signal is largest in their window."""
    used = {index.name for index in instance.sizes}
    others: dict[Index, Index] = {}
    for place in chosen.places:
        others[place] = fresh_index(place, used)
        used.add(others[place].name)
    signal = chosen.signal
    positions: list[Expr] = []
    inside: list[Condition] = []
    for coordinate, size in zip(signal.coordinates, signal.sizes, strict=True):
        if isinstance(coordinate, Window):
            distance = others[coordinate.place] - coordinate.place
            positions.append(coordinate.entry + expanded(coordinate.spread * distance))
            if coordinate.padded:
                inside.append(Between(ZERO, positions[-1], size))
        elif isinstance(coordinate, Index):
            positions.append(others.get(coordinate, coordinate))
    body: Expr = Entry(signal.tensor, *positions)
    if inside:
        body = Choose(all_of(inside), body, MINUS_INFINITY)
    ranges = [(others[place], ZERO, instance.sizes[place]) for place in chosen.places]
    return FirstMax(Tuple(*chosen.places), maximum(body, ranges))


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
