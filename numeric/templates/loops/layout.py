"""Planes as they lie between zeros, so that whatever is read together is one long run.

Along each axis e = stride·i + spacing·j − lower is read, for every run i and every shift j.
Entries whose places leave the same residue by the stride lie side by side (a phase); then a shift
is a distance in memory, the same for all i, of all axes together.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba.extending import register_jitable
from numpy.lib.stride_tricks import as_strided

from numeric.templates.compiling import index
from numeric.templates.geometry import Array, CorrelationProblem
from numeric.templates.windows import SlidingAxis

#: entries behind a plane, for runs that are made longer to have a round length
SLACK = 16


class PlaneAxis(NamedTuple):
    """An axis as it lies: its phases, the entries of each, and where each shift begins."""

    phases: list[int]
    entries: int
    shifts: list[tuple[int, int]]
    runs: int
    stride: int
    lower: int
    size: int


class Layout(NamedTuple):
    """Where everything is in a plane of so many entries.

    ``shifts`` are the distances, in row-major order; ``length`` is how far a run reaches.  Rows of
    ``counts`` entries are copied to ``places`` from ``sources``, an index for each axis; the
    results' rows of ``width`` entries lie at ``rows``, for the indices ``results``.
    """

    size: int
    length: int
    shifts: Array
    places: Array
    sources: Array
    counts: Array
    stride: int
    rows: Array
    results: Array
    width: int


def layout(axes: Sequence[PlaneAxis]) -> Layout:
    """The plane of these axes: all phases outside, all entries inside."""
    lengths = [*(len(a.phases) for a in axes), *(a.entries for a in axes)]
    strides = [math.prod(lengths[k + 1 :]) for k in range(len(lengths))]
    outer, inner = strides[: len(axes)], strides[len(axes) :]
    shifts = itertools.product(*(a.shifts for a in axes))
    *before, last = axes
    pieces = [
        [(p * o + e * i, at) for p, e, at in entries_of(a)]
        for a, o, i in zip(before, outer, inner, strict=False)
    ]
    copies = [
        (
            sum(place for place, _ in chosen) + phase * outer[-1] + first,
            [*(at for _, at in chosen), last.stride * first + last.phases[phase] - last.lower],
            count,
        )
        for chosen in itertools.product(*pieces)
        for phase, first, count in pieces_of(last)
    ]
    runs = list(itertools.product(*(range(a.runs) for a in before)))
    reach = [(a.runs - 1) * i for a, i in zip(axes, inner, strict=True)]
    length = sum(reach) + 1
    return Layout(
        math.prod(lengths),
        length + -length % SLACK,
        whole(distance(shift, outer, inner) for shift in shifts),
        whole(place for place, *_ in copies),
        whole(source for _, source, _ in copies).reshape(-1, len(axes)),
        whole(count for *_, count in copies),
        last.stride,
        whole(sum(r * i for r, i in zip(run, inner, strict=False)) for run in runs),
        whole([*run, 0] for run in runs).reshape(-1, len(axes)),
        last.runs,
    )


def whole(numbers: Iterable[Any]) -> Array:
    """An array of places."""
    return np.array(list(numbers), np.int64)


def plane_axis(axis: SlidingAxis) -> PlaneAxis:
    """The axis whose runs are its places, and whose shifts are its taps."""
    at = [axis.spread * tap for tap in range(axis.taps)]
    phases = sorted({place % axis.step for place in at})
    shifts = [(phases.index(place % axis.step), place // axis.step) for place in at]
    entries = axis.places + max(entry for _, entry in shifts)
    return PlaneAxis(phases, entries, shifts, axis.places, axis.step, axis.lower, axis.size)


def turned(axis: SlidingAxis) -> SlidingAxis:
    """The axis with taps and places in each other's role."""
    return axis._replace(taps=axis.places, places=axis.taps, step=axis.spread, spread=axis.step)


def distance(shift: Sequence[tuple[int, int]], outer: Sequence[int], inner: Sequence[int]) -> int:
    """How far in memory a shift is from the first one of the first phases."""
    return sum(p * o + e * i for (p, e), o, i in zip(shift, outer, inner, strict=True))


def entries_of(axis: PlaneAxis) -> Iterator[tuple[int, int, int]]:
    """Phase and number of each entry that the signal has, and its place there."""
    for phase, first, count in pieces_of(axis):
        for entry in range(first, first + count):
            yield phase, entry, axis.stride * entry + axis.phases[phase] - axis.lower


def pieces_of(axis: PlaneAxis) -> list[tuple[int, int, int]]:
    """Of each phase the entries that the signal has: phase, the first one, how many."""
    made = []
    for phase, residue in enumerate(axis.phases):
        first = min(axis.entries, max(0, -((residue - axis.lower) // axis.stride)))
        last = min(axis.entries, -((residue - axis.lower - axis.size) // axis.stride))
        made += [(phase, first, last - first)] if last > first else []
    return made


def as_memory(array: Array) -> tuple[Array, Array]:
    """The array's memory from its first entry on, and the distance of entries along each axis."""
    distances = [stride // array.itemsize for stride in array.strides]
    reach = sum((n - 1) * d for n, d in zip(array.shape, distances, strict=True))
    return as_strided(array, (reach + 1,), (array.itemsize,)), whole(distances)


def is_plain_memory(array: Array) -> bool:
    """Whether entries lie whole distances apart, none before the first."""
    return all(stride >= 0 and stride % array.itemsize == 0 for stride in array.strides)


def in_rows(array: Array) -> tuple[Array, Array]:
    """The memory of an array that is read, copied if need be so that rows lie in one piece."""
    apart = array.strides[-1] != array.itemsize and array.shape[-1] > 1
    return as_memory(np.ascontiguousarray(array) if apart or not is_plain_memory(array) else array)


def in_machine_numbers(problem: CorrelationProblem) -> str:
    """Why loops are not compiled for these numbers."""
    dtype = problem.out.dtype
    return "" if dtype.kind in "fiu" and dtype.itemsize in (4, 8) else f"not compiled for {dtype}"


def tables(laid: Layout, apart: Array, result_apart: Array) -> tuple[Any, Any, Any]:
    """What loops take: the plane, what is copied to it, and the rows of results; ready to be read.

    ``apart`` are the distances in memory along each sliding axis.
    """
    plane = (laid.shifts, laid.size, laid.length)
    copies = (laid.places, laid.sources @ apart, laid.counts, laid.stride)
    return plane, copies, (laid.rows, laid.results @ result_apart, laid.width)


@register_jitable
def laid_out(plane: Any, signal: Any, copies: Any) -> None:
    """Copy rows of the signal, every stride-th entry, to their places between the zeros."""
    places, sources, counts, stride = copies
    for row in range(places.size):
        to, first = places[row], sources[row]
        if stride == 1:
            for k in range(counts[row]):
                plane[index(to + k)] = signal[index(first + k)]
        elif stride == 2:
            for k in range(counts[row]):
                plane[index(to + k)] = signal[index(first + 2 * k)]
        else:
            for k in range(counts[row]):
                plane[index(to + k)] = signal[index(first + stride * k)]
