"""A part of a signal copied between zeros, so that all its windows are one strided view."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numeric.fast.geometry import Array, memory

#: a sliding axis: taps t and places i read step·i + spread·t − lower, of so many entries
Axis = namedtuple("Axis", "taps places step spread lower size")
#: memory for what is read: ``inner`` takes a signal's entries at ``read``, ``borders`` are zero
Padded = namedtuple("Padded", "array inner borders read")


def axes_of(problem: Any) -> list[Any]:
    """The sliding axes of a problem."""
    sizes = (problem.kernel.shape[3:], problem.out.shape[3:])
    reads = (problem.step, problem.spread, problem.lower, problem.signal.shape[3:])
    return [Axis(*row) for row in zip(*sizes, *reads, strict=True)]


def at_places(axes: Sequence[Any], at: Sequence[slice]) -> list[Any]:
    """The axes for some of their places only."""
    return [
        a._replace(places=s.stop - s.start, lower=a.lower - a.step * s.start)
        for a, s in zip(axes, at, strict=True)
    ]


def at_taps(axes: Sequence[Any], at: Sequence[slice]) -> list[Any]:
    """The axes for some of their taps only."""
    return [
        a._replace(taps=s.stop - s.start, lower=a.lower - a.spread * s.start)
        for a, s in zip(axes, at, strict=True)
    ]


def padded(
    held: dict[Any, Any],
    before: Sequence[int],
    axes: Sequence[Any],
    after: Sequence[int],
    dtype: Any,
) -> Any:
    """Memory [*before, *what the axes reach, *after].

    Behind it there is room for the taps of one more row, read where rows are taken as one.
    """
    reach = [a.step * (a.places - 1) + a.spread * (a.taps - 1) + 1 for a in axes]
    shape = (*before, *reach, *after)
    size = math.prod(shape)
    whole = memory(held, "padded", (size + math.prod(after) * reach[-1],), dtype)
    array = whole[:size].reshape(shape)
    inside, read = [], []
    for a, wide in zip(axes, reach, strict=True):
        start = min(max(a.lower, 0), wide)
        stop = max(start, min(wide, a.size + a.lower))
        inside.append(slice(start, stop))
        read.append(slice(start - a.lower, stop - a.lower))
    borders = [whole[size:]]
    for k, (piece, wide) in enumerate(zip(inside, reach, strict=True)):
        for border in (slice(0, piece.start), slice(piece.stop, wide)):
            borders.append(array[(slice(None),) * len(before) + (*inside[:k], border)])
    inner = array[(slice(None),) * len(before) + tuple(inside)]
    return Padded(array, inner, [b for b in borders if b.size], tuple(read))


def window_view(array: Array, *axes: tuple[int, int]) -> Array:
    """The view of memory with these (size, stride) of its axes."""
    shape, strides = zip(*axes, strict=True)
    return as_strided(array, shape, strides)


def tap_axes(axes: Sequence[Any], strides: Sequence[int]) -> list[tuple[int, int]]:
    """Size and stride of each axis of taps, where the padded axes have these strides."""
    return [(a.taps, a.spread * stride) for a, stride in zip(axes, strides, strict=True)]


def place_axes(axes: Sequence[Any], strides: Sequence[int]) -> list[tuple[int, int]]:
    """Size and stride of each axis of places."""
    return [(a.places, a.step * stride) for a, stride in zip(axes, strides, strict=True)]


def refilled(place: Any, inner: Array, source: Array) -> None:
    """Copy entries to their place, and zeros around them."""
    for border in place.borders:
        border.fill(0)
    np.copyto(inner, source)
