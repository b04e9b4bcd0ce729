"""The formula that an instance of a named form stands for, written anew from its data."""

from __future__ import annotations

from collections.abc import Iterator

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
from verify.checker.binding import fresh


class NoFormula(ValueError):
    """Data that stand for no formula, with the reason."""


def rebuilt(instance: Instance, sign: int) -> Expr:
    """factor · Σ_{summed} [selection]·[same group]·Π_operands (guards · tensor[…]).

    ``sign`` is that of the summed index in sliding coordinates.
    """
    factors: list[Expr] = [Iverson(c) for c in _selected(instance)]
    for operand in instance.operands:
        entry, guards = _read(operand, instance, sign)
        factors += [*map(Iverson, guards), entry]
    ranges = [(index, ZERO, size) for index, size in instance.summed]
    return Mul(instance.factor, total(Mul(*factors), ranges))


def _read(operand: Operand, instance: Instance, sign: int) -> tuple[Entry, list[Condition]]:
    if len(operand.coordinates) != len(operand.sizes):
        raise NoFormula(f"{operand.tensor} has {len(operand.sizes)} axes")
    places, guards = [], []
    for coordinate, size in zip(operand.coordinates, operand.sizes, strict=True):
        if isinstance(coordinate, Slide):
            place, own = _sliding(coordinate, size, sign)
            guards += own
        else:
            place = _place(coordinate, size, instance)
        places.append(place)
    return Entry(operand.tensor, *places), guards


def _sliding(slide: Slide, size: Expr, sign: int) -> tuple[Expr, list[Condition]]:
    """(step·result ± spread·summed + shift)/stuffing, zero in between and, if padded, outside."""
    number = slide.step * slide.result + sign * slide.spread * slide.summed + slide.shift
    guards: list[Condition] = []
    place: Expr = number
    if slide.stuffing != 1:
        place = FloorDiv(number, slide.stuffing)
        guards.append(Divides(slide.stuffing, number))
    if slide.padded:
        guards.append(Between(ZERO, place, size))
    return place, guards


def _place(coordinate: Coordinate, size: Expr, instance: Instance) -> Expr:
    if isinstance(coordinate, Mirrored):
        return size - 1 - coordinate.index
    if isinstance(coordinate, InGroup):
        return _group(coordinate.leader, instance) * FloorDiv(size, _groups(instance)) + (
            coordinate.offset
        )
    if isinstance(coordinate, Grouped):
        width = _width(coordinate.channel, instance)
        if coordinate.channel == coordinate.leader:
            return Modulo(coordinate.channel, width)
        return coordinate.channel - _group(coordinate.leader, instance) * width
    if isinstance(coordinate, Index) or coordinate == 0:
        return coordinate
    raise NoFormula("a window stands outside a maximum")


def _groups(instance: Instance) -> Expr:
    if instance.groups is None:
        raise NoFormula("a channel group without a number of groups")
    return instance.groups


def _width(channel: Index, instance: Instance) -> Expr:
    """How many of the channels that an index counts are in one group."""
    if channel not in instance.sizes:
        raise NoFormula(f"{channel.name} has no range")
    return FloorDiv(instance.sizes[channel], _groups(instance))


def _group(channel: Index, instance: Instance) -> Expr:
    """The number of the group that a channel is in."""
    return FloorDiv(channel, _width(channel, instance))


def _selected(instance: Instance) -> Iterator[Condition]:
    if instance.same_group is not None:
        first, second = instance.same_group
        yield Same(_group(first, instance), _group(second, instance))
    chosen = instance.selection
    if isinstance(chosen, Lookup):
        entry, _ = _read(chosen.table, instance, 1)
        yield Same(entry, chosen.index)
    if isinstance(chosen, FirstMaximum):
        yield _first(chosen, instance)


def _first(chosen: FirstMaximum, instance: Instance) -> FirstMax:
    """[places = argmax of the signal], in each window or along whole axes."""
    if any(place not in instance.sizes for place in chosen.places):
        raise NoFormula("an index of the maximum has no range")
    other = {place: fresh(place, *instance.sizes) for place in chosen.places}
    reads: list[Expr] = []
    inside: list[Condition] = []
    for coordinate, size in zip(chosen.signal.coordinates, chosen.signal.sizes, strict=True):
        if isinstance(coordinate, Window):
            moved = coordinate.spread * (other[coordinate.place] - coordinate.place)
            reads.append(coordinate.entry + moved)
            inside += [Between(ZERO, reads[-1], size)] if coordinate.padded else []
        elif isinstance(coordinate, Index):
            reads.append(other.get(coordinate, coordinate))
        else:
            raise NoFormula("a maximum runs over windows or whole axes")
    value: Expr = Entry(chosen.signal.tensor, *reads)
    if inside:
        value = Choose(all_of(inside), value, MINUS_INFINITY)
    ranges = [(other[place], ZERO, instance.sizes[place]) for place in chosen.places]
    return FirstMax(Tuple(*chosen.places), maximum(value, ranges))
