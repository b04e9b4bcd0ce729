"""A second reader of instances: numbers, not formulas, from their docstrings alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

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
from derive.language.terms import Index
from verify.evaluation.arrays import Array

BACKWARDS = ("convolution", "sum over containing windows", "scatter to maxima")
MINUS_INFINITY = float("-inf")

At = dict[Index, int]
Number = Callable[[Any], Any]


def entry(
    instance: Instance, place: tuple[int, ...], arrays: Mapping[str, Array], number: Number
) -> Any:
    """The result's entry at that place; ``number`` says what a size or a parameter is."""
    fixed = dict(zip((i for i, _ in instance.result), place, strict=True))
    ranges = [range(number(size)) for _, size in instance.summed]
    total: Any = 0
    for values in product(*ranges):
        at = fixed | dict(zip((i for i, _ in instance.summed), values, strict=True))
        total += _term(instance, at, arrays, number)
    return number(instance.factor) * total if total else 0


def _term(instance: Instance, at: At, arrays: Mapping[str, Array], number: Number) -> Any:
    group = _Groups(instance, at, number)
    pair = instance.same_group
    if pair is not None and group.number(pair[0]) != group.number(pair[1]):
        return 0
    chosen = instance.selection
    if isinstance(chosen, Lookup):
        named = arrays[chosen.table.tensor][tuple(_plain(chosen.table, at))]
        if named != at[chosen.index]:
            return 0
    places = [[_position(c, n, group) for c, n in _axes(o)] for o in instance.operands]
    if any(p is None for row in places for p in row):
        return 0
    if isinstance(chosen, FirstMaximum) and not _is_first(chosen, instance, at, arrays, number):
        return 0
    value = 1
    for operand, row in zip(instance.operands, places, strict=True):
        value *= arrays[operand.tensor][tuple(row)]
    return value


def _axes(operand: Operand) -> list[tuple[Coordinate, Any]]:
    return list(zip(operand.coordinates, operand.sizes, strict=True))


def _plain(operand: Operand, at: At) -> list[int]:
    return [at[c] if isinstance(c, Index) else 0 for c in operand.coordinates]


class _Groups:
    def __init__(self, instance: Instance, at: At, number: Number) -> None:
        self.instance, self.at, self.n = instance, at, number

    def width(self, channels: Any) -> int:
        return int(self.n(channels) // self.n(self.instance.groups))

    def number(self, channel: Index) -> int:
        return self.at[channel] // self.width(self.instance.sizes[channel])


def _position(coordinate: Coordinate, size: Any, group: _Groups) -> int | None:
    """Where the axis is read; None where the read counts as zero."""
    at, n = group.at, group.n
    if isinstance(coordinate, Index):
        return at[coordinate]
    if isinstance(coordinate, Mirrored):
        return n(size) - 1 - at[coordinate.index]
    if isinstance(coordinate, InGroup):
        return group.number(coordinate.leader) * group.width(size) + at[coordinate.offset]
    if isinstance(coordinate, Grouped):
        width = group.width(group.instance.sizes[coordinate.channel])
        return at[coordinate.channel] - group.number(coordinate.leader) * width
    if isinstance(coordinate, Slide):
        sign = -1 if group.instance.kind in BACKWARDS else 1
        along = sign * n(coordinate.spread) * at[coordinate.summed]
        numerator = n(coordinate.step) * at[coordinate.result] + along + n(coordinate.shift)
        place, left = divmod(numerator, n(coordinate.stuffing))
        if left or (coordinate.padded and not 0 <= place < n(size)):
            return None
        return int(place)
    assert coordinate == 0
    return 0


def _is_first(
    chosen: FirstMaximum,
    instance: Instance,
    at: At,
    arrays: Mapping[str, Array],
    number: Number,
) -> bool:
    best: tuple[Any, tuple[int, ...]] | None = None
    ranges = [range(number(instance.sizes[p])) for p in chosen.places]
    for others in product(*ranges):
        other = dict(zip(chosen.places, others, strict=True))
        value = _compared(chosen.signal, at, other, arrays, number)
        if best is None or value > best[0]:
            best = value, others
    return best is not None and best[1] == tuple(at[p] for p in chosen.places)


def _compared(
    signal: Operand, at: At, other: At, arrays: Mapping[str, Array], number: Number
) -> Any:
    places = []
    for coordinate, size in _axes(signal):
        if isinstance(coordinate, Window):
            distance = other[coordinate.place] - at[coordinate.place]
            places.append(at[coordinate.entry] + number(coordinate.spread) * distance)
            if coordinate.padded and not 0 <= places[-1] < number(size):
                return MINUS_INFINITY
        else:
            assert isinstance(coordinate, Index)
            places.append(other.get(coordinate, at[coordinate]))
    return arrays[signal.tensor][tuple(places)]
