"""A part of a signal copied between zeros, so that all its windows are one strided view."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numeric.templates.geometry import Array, Block, CorrelationProblem, Sizes, aligned
from numeric.templates.sharing import Held, memory


class SlidingAxis(NamedTuple):
    """A sliding axis: taps t and places i read step·i + spread·t − lower, of so many entries."""

    taps: int
    places: int
    step: int
    spread: int
    lower: int
    size: int


#: a pass over an axis: its result, with the places and pieces to add
Pass = tuple[Array, list[tuple[Array, Array]]]


class Padded(NamedTuple):
    """Memory for what is read: ``inner`` takes a signal's entries at ``read``, borders are zero."""

    array: Array
    inner: Array
    borders: list[Array]
    read: Block


def axes_of(problem: CorrelationProblem) -> list[SlidingAxis]:
    """The sliding axes of a problem."""
    sizes = (problem.kernel.shape[3:], problem.out.shape[3:])
    reads = (problem.step, problem.spread, problem.lower, problem.signal.shape[3:])
    return [SlidingAxis(*row) for row in zip(*sizes, *reads, strict=True)]


def at_places(axes: Sequence[SlidingAxis], at: Sequence[slice]) -> list[SlidingAxis]:
    """The axes for some of their places only."""
    return [
        a._replace(places=s.stop - s.start, lower=a.lower - a.step * s.start)
        for a, s in zip(axes, at, strict=True)
    ]


def at_taps(axes: Sequence[SlidingAxis], at: Sequence[slice]) -> list[SlidingAxis]:
    """The axes for some of their taps only."""
    return [
        a._replace(taps=s.stop - s.start, lower=a.lower - a.spread * s.start)
        for a, s in zip(axes, at, strict=True)
    ]


def span(axis: SlidingAxis) -> int:
    """How many entries the places and taps of an axis reach."""
    return axis.step * (axis.places - 1) + axis.spread * (axis.taps - 1) + 1


def flat_index(sizes: Sequence[int], at: Sequence[int]) -> int:
    """The index of an entry when axes of these sizes are made into one."""
    made = 0
    for size, index in zip(sizes, at, strict=True):
        made = made * size + index
    return made


def padded(
    held: Held, before: Sizes, axes: Sequence[SlidingAxis], after: Sizes, dtype: Any
) -> Padded:
    """Memory [*before, *what the axes reach, *after].

    Behind it there is room for the taps of one more row, read where rows are taken as one.
    """
    wide = [span(a) for a in axes]
    shape = (*before, *wide, *after)
    size = math.prod(shape)
    whole = memory(held, "padded", (size + math.prod(after) * wide[-1],), dtype)
    made = framed(whole[:size].reshape(shape), axes, range(len(before), len(before) + len(axes)))
    return made._replace(borders=[whole[size:], *made.borders])


def framed(array: Array, axes: Sequence[SlidingAxis], at: Iterable[int]) -> Padded:
    """Memory in which ``at`` are the positions of the sliding axes, as wide as what these reach."""
    index = [slice(None)] * array.ndim
    borders: list[Array] = []
    read: list[slice] = []
    for a, k in zip(axes, at, strict=True):
        wide = array.shape[k]
        start = min(max(a.lower, 0), wide)
        stop = max(start, min(wide, a.size + a.lower))
        for border in (slice(0, start), slice(stop, wide)):
            borders.append(array[(*index[:k], border)])
        index[k] = slice(start, stop)
        read.append(slice(start - a.lower, stop - a.lower))
    inner = array[tuple(index)]
    return Padded(array, inner, [b for b in borders if b.size], tuple(read))


def window_view(array: Array, *axes: tuple[int, int]) -> Array:
    """The view of memory with these (size, stride) of its axes."""
    shape, strides = zip(*axes, strict=True)
    return as_strided(array, shape, strides)


def tap_axes(axes: Sequence[SlidingAxis], strides: Sequence[int]) -> list[tuple[int, int]]:
    """Size and stride of each axis of taps, where the padded axes have these strides."""
    return [(a.taps, a.spread * stride) for a, stride in zip(axes, strides, strict=True)]


def place_axes(axes: Sequence[SlidingAxis], strides: Sequence[int]) -> list[tuple[int, int]]:
    """Size and stride of each axis of places."""
    return [(a.places, a.step * stride) for a, stride in zip(axes, strides, strict=True)]


def refilled(place: Padded, inner: Array, source: Array) -> None:
    """Copy entries to their place, and zeros around them."""
    for border in place.borders:
        border.fill(0)
    np.copyto(inner, source)


def folding(
    source: Array, axes: Sequence[SlidingAxis], stuffing: Sizes, held: Held
) -> tuple[Array, list[Pass]]:
    """What adds source[…, t, e, …] at i = stuffing·e − spread·t + lower; the rest is lost.

    Behind three axes come all t, then all e.  The result, and the passes from the first axis to the
    last, so that all but the last add long runs.
    """
    passes: list[Pass] = []
    for k, (axis, apart) in enumerate(zip(axes, stuffing, strict=True)):
        at = 3 + len(axes) - 1
        shape = (*source.shape[:3], *source.shape[4 : at + 1], axis.places, *source.shape[at + 2 :])
        made = memory(held, f"folded {k}", shape, source.dtype)
        before = (slice(None),) * at
        pairs = []
        for t in range(axis.taps):
            piece = source[:, :, :, t]
            read, place = aligned(axis.places, piece.shape[at], apart, axis.lower - axis.spread * t)
            if read.stop > read.start:
                pairs.append((made[(*before, place)], piece[(*before, read)]))
        passes.append((made, pairs))
        source = made
    return source, passes


def folded(passes: Sequence[Pass]) -> None:
    """Add everything up."""
    for result, pairs in passes:
        result.fill(0)
        for place, piece in pairs:
            np.add(place, piece, out=place)
