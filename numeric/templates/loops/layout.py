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
from numeric.templates.windows import SlidingAxis, flat_index

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


class Blocks(NamedTuple):
    """Rows that are copied to a plane, or from it: blocks of them, evenly apart.

    Block n has ``rows[n]`` rows of ``counts[n]`` entries, the first of them at ``places[n]`` in the
    plane, each ``down`` further than the one before; elsewhere at the index ``sources[n]``, each
    ``step`` further along the last axis but one.  Where ``others[n]`` is not negative, every second
    entry has its row there.
    """

    places: Array
    others: Array
    sources: Array
    rows: Array
    counts: Array
    down: int
    step: int


class Layout(NamedTuple):
    """Where everything is in a plane of so many entries.

    ``shifts`` are the distances, in row-major order; ``length`` is how far a run reaches.  The
    signal's ``copies`` are every ``stride``-th entry of it; ``results`` are rows of places.
    """

    size: int
    length: int
    shifts: Array
    copies: Blocks
    stride: int
    results: Blocks


class AxisPart(NamedTuple):
    """Every ``stuffing``-th place of an axis from ``start`` on, its taps, and their shifts."""

    start: int
    runs: int
    stuffing: int
    taps: list[int]
    shifts: list[tuple[int, int]]


class Part(NamedTuple):
    """Places that read with the same taps: the taps' flat numbers, their shifts, where it goes."""

    taps: Array
    shifts: Array
    results: Blocks


def apart_in_plane(axes: Sequence[PlaneAxis]) -> tuple[list[int], list[int]]:
    """The distances in a plane of neighbouring phases, and of neighbouring entries."""
    lengths = [*(len(a.phases) for a in axes), *(a.entries for a in axes)]
    strides = [math.prod(lengths[k + 1 :]) for k in range(len(lengths))]
    return strides[: len(axes)], strides[len(axes) :]


def layout(axes: Sequence[PlaneAxis]) -> Layout:
    """The plane of these axes: all phases outside, all entries inside."""
    lengths = [*(len(a.phases) for a in axes), *(a.entries for a in axes)]
    outer, inner = apart_in_plane(axes)
    shifts = itertools.product(*(a.shifts for a in axes))
    reach = [(a.runs - 1) * i for a, i in zip(axes, inner, strict=True)]
    length = sum(reach) + 1
    return Layout(
        math.prod(lengths),
        length + -length % SLACK,
        whole(distance(shift, outer, inner) for shift in shifts),
        copies_of(axes, outer, inner),
        axes[-1].stride,
        results_of(axes, inner),
    )


def copies_of(axes: Sequence[PlaneAxis], outer: Sequence[int], inner: Sequence[int]) -> Blocks:
    """The blocks of the signal's entries: along the last axis, and evenly along the one before."""
    *before, last = axes
    single = [[(p, e, 1, at) for p, e, at in entries_of(a)] for a in before[:-1]]
    several = [[(p, e, n, at_entry(a, p, e)) for p, e, n in pieces_of(a)] for a in before[-1:]]
    made = []
    for chosen in itertools.product(*single, *several):
        zipped = zip(chosen, outer, inner, strict=False)
        place = sum(p * o + e * i for (p, e, _, _), o, i in zipped)
        rows = chosen[-1][2] if chosen else 1
        for at, other, source, count in pairs_of(last, outer[-1]):
            second = place + other if other >= 0 else -1
            made.append((place + at, second, [*(c[3] for c in chosen), source], rows, count))
    return placed_blocks(made, axes, inner, before[-1].stride if before else 0)


def results_of(axes: Sequence[PlaneAxis], inner: Sequence[int]) -> Blocks:
    """The blocks of the runs' entries."""
    return part_results([AxisPart(0, a.runs, 1, [], []) for a in axes], axes, inner)


def part_results(
    parts: Sequence[AxisPart], axes: Sequence[PlaneAxis], inner: Sequence[int]
) -> Blocks:
    """The blocks of the runs' entries, where each is one of some places."""
    runs = itertools.product(*(range(p.runs) for p in parts[:-2]))
    rows, width = (parts[-2].runs if len(axes) > 1 else 1), parts[-1].runs
    zeros = [0] * min(len(axes), 2)
    made = []
    for run in runs:
        at = [p.start + p.stuffing * r for p, r in zip(parts, [*run, *zeros], strict=True)]
        made.append((sum(r * i for r, i in zip(run, inner, strict=False)), -1, at, rows, width))
    return placed_blocks(made, axes, inner, parts[-2].stuffing if len(axes) > 1 else 0)


def parts_in(
    axes: Sequence[SlidingAxis], stuffing: Sequence[int], laid: Sequence[PlaneAxis]
) -> list[Part]:
    """The parts of all axes together, in a plane laid for these."""
    outer, inner = apart_in_plane(laid)
    sizes = [a.taps for a in axes]
    made = []
    for chosen in itertools.product(
        *(axis_parts(a, s) for a, s in zip(axes, stuffing, strict=True))
    ):
        taps = itertools.product(*(part.taps for part in chosen))
        shifts = itertools.product(*(part.shifts for part in chosen))
        made.append(
            Part(
                whole(flat_index(sizes, tap) for tap in taps),
                whole(distance(shift, outer, inner) for shift in shifts),
                part_results(chosen, laid, inner),
            )
        )
    return made


def axis_parts(axis: SlidingAxis, stuffing: int) -> list[AxisPart]:
    """The places of an axis by what they leave divided by the stuffing; whole axes without any."""
    if stuffing == 1:
        return [AxisPart(0, axis.places, 1, [*range(axis.taps)], plane_axis(axis).shifts)]
    low, _ = stuffed_reach(axis, stuffing)
    made = []
    for start in range(min(stuffing, axis.places)):
        taps = taps_at(axis, stuffing, start)
        shifts = [(0, (start + axis.spread * t - axis.lower) // stuffing - low) for t in taps]
        runs = len(range(start, axis.places, stuffing))
        made.append(AxisPart(start, runs, stuffing, taps, shifts))
    return made


def taps_at(axis: SlidingAxis, stuffing: int, place: int) -> list[int]:
    """The taps that read an entry of a stuffed signal from a place, not a zero between them."""
    return [t for t in range(axis.taps) if (place + axis.spread * t - axis.lower) % stuffing == 0]


def stuffed_reach(axis: SlidingAxis, stuffing: int) -> tuple[int, int]:
    """The first and the last entry that the first places of all parts read."""
    at = [
        (start + axis.spread * t - axis.lower) // stuffing
        for start in range(min(stuffing, axis.places))
        for t in taps_at(axis, stuffing, start)
    ]
    return min(at, default=0), max(at, default=0)


def stuffed_axis(axis: SlidingAxis, stuffing: int) -> PlaneAxis:
    """The axis as it lies for the places of all parts; of a stuffed signal without the zeros."""
    if stuffing == 1:
        return plane_axis(axis)
    low, high = stuffed_reach(axis, stuffing)
    runs = -(-axis.places // stuffing)
    return PlaneAxis([0], runs + high - low, [], runs, 1, -low, axis.size)


def placed_blocks(
    made: Sequence[tuple[int, int, list[int], int, int]],
    axes: Sequence[PlaneAxis],
    inner: Sequence[int],
    step: int,
) -> Blocks:
    """Blocks with these places, others, sources, rows and counts."""
    places, others, rows, counts = (whole(block[k] for block in made) for k in (0, 1, 3, 4))
    sources = whole(block[2] for block in made).reshape(-1, len(axes))
    return Blocks(places, others, sources, rows, counts, inner[-2] if len(axes) > 1 else 0, step)


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
            yield phase, entry, at_entry(axis, phase, entry)


def at_entry(axis: PlaneAxis, phase: int, entry: int) -> int:
    """Where an entry of a phase is in the signal."""
    return axis.stride * entry + axis.phases[phase] - axis.lower


def pairs_of(axis: PlaneAxis, apart: int) -> list[tuple[int, int, int, int]]:
    """The pieces of phases so far apart: place, that of every second entry, source, how many.

    Of a stride of two both phases are taken as the entries lie, side by side.
    """
    pieces = sorted((at_entry(axis, p, e), p * apart + e, n) for p, e, n in pieces_of(axis))
    if axis.stride != 2 or len(pieces) != 2 or pieces[1][0] != pieces[0][0] + 1:
        return [(place, -1, source, count) for source, place, count in pieces]
    (source, place, count), (_, other, more) = pieces
    both = min(count, more)
    rest = [
        (place + both, -1, source + 2 * both, count - both),
        (other + both, -1, source + 1 + 2 * both, more - both),
    ]
    return [(place, other, source, both), *(piece for piece in rest if piece[3])]


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
    copies = (in_memory(laid.copies, apart), laid.stride)
    return plane, copies, in_memory(laid.results, result_apart)


def in_memory(blocks: Blocks, apart: Array) -> Array:
    """The blocks, one a row, of a memory in which entries of the axes are so far apart."""
    first = blocks.sources @ apart
    along = blocks.step * apart[-2] if len(apart) > 1 else 0
    even = (np.full(len(first), number) for number in (blocks.down, along))
    columns = (blocks.places, blocks.others, first, blocks.rows, blocks.counts, *even)
    return np.stack(columns, axis=1)


@register_jitable
def laid_out(plane: Any, signal: Any, copies: Any) -> None:
    """Copy blocks of the signal, every stride-th entry, to their places between the zeros."""
    blocks, stride = copies
    for block in range(blocks.shape[0]):
        to, other, first, rows, count, down, along = blocks[block]
        for row in range(rows):
            at, second, source = to + row * down, other + row * down, first + row * along
            if other >= 0:
                for k in range(count):
                    plane[index(at + k)] = signal[index(source + 2 * k)]
                    plane[index(second + k)] = signal[index(source + 2 * k + 1)]
            elif stride == 1:
                for k in range(count):
                    plane[index(at + k)] = signal[index(source + k)]
            elif stride == 2:
                for k in range(count):
                    plane[index(at + k)] = signal[index(source + 2 * k)]
            else:
                for k in range(count):
                    plane[index(at + k)] = signal[index(source + stride * k)]
