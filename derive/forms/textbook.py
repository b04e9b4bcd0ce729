"""The formula that an instance of a named form stands for, from its data alone."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer, Mul, Tuple

from derive.engine.instances import (
    Coordinate,
    FirstMaximum,
    Grouped,
    InGroup,
    Instance,
    Lookup,
    Mirrored,
    Slide,
    Window,
)
from derive.engine.scope import fresh_index
from derive.language.integers import expanded
from derive.language.terms import (
    MINUS_INFINITY,
    Between,
    Both,
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
    maximum,
    total,
)

ZERO = Integer(0)


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
        body = Choose(inside[0] if len(inside) == 1 else Both(*inside), body, MINUS_INFINITY)
    ranges = [(others[place], ZERO, instance.sizes[place]) for place in chosen.places]
    return FirstMax(Tuple(*chosen.places), maximum(body, ranges))
