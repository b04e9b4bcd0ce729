"""Whole planes between zeros: for each output, planes of the signal times taps, added in cache."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba.extending import register_jitable

from numeric.templates.compiling import compiled, index, run_in_shares
from numeric.templates.costs import Cost, counts
from numeric.templates.geometry import Array, CorrelationProblem, lengths, remembered
from numeric.templates.loops.layout import (
    Layout,
    Part,
    as_memory,
    in_machine_numbers,
    in_memory,
    in_rows,
    is_plain_memory,
    laid_out,
    layout,
    parts_in,
    stuffed_axis,
    whole,
)
from numeric.templates.windows import at_places, axes_of, span

#: entries of planes and results that should stay in the second cache
PLANES = 1 << 16
#: entries of a run that should stay in the first
RUN = 1 << 10


class Band(NamedTuple):
    """Some places of the first axis, how what they read lies, and which read alike.

    ``known`` are the tables that loops take, for distances in memory that occurred.
    """

    places: slice
    laid: Layout
    parts: list[Part]
    known: dict[Any, Any]


def planes(problem: CorrelationProblem) -> None:
    """For each group and image: acc[o, l] = Σ_{c, t} kernel[o, c, t]·plane[c, shift[t] + l]."""
    if not is_plain_memory(problem.out):
        made = np.empty(problem.out.shape, problem.out.dtype)
        planes(problem._replace(out=made))
        np.copyto(problem.out, made)
        return
    start, rest = beginning(problem)
    out, out_apart = as_memory(problem.out)
    signal, apart = in_rows(problem.signal)
    units = problem.out.shape[0] * problem.out.shape[1]
    last = out_apart[-1] * problem.stuffing[-1]
    for band in remembered(place_bands, problem):
        given = (out[band.places.start * out_apart[3] :], out_apart, signal, apart)
        weights = (weights_of(problem, band.parts), problem.kernel.shape[1:3], start)
        how = how_laid(band, apart[3:], out_apart[3:])
        loops = compiled(plane_loops)
        run_in_shares(problem.threads, units, loops, *given, *weights, *how, last)
    if rest is not None:
        np.add(problem.out, rest, out=problem.out)


def how_laid(band: Band, apart: Array, out_apart: Array) -> tuple[Any, ...]:
    """Shifts, ends of parts, the plane, and the blocks of copies and results."""
    key = (*apart.tolist(), *out_apart.tolist())
    if key not in band.known:
        laid, parts = band.laid, band.parts
        results = [in_memory(part.results, out_apart) for part in parts]
        shifts = np.concatenate([part.shifts for part in parts])
        ends = (ends_of(part.taps for part in parts), ends_of(results))
        copies = (in_memory(laid.copies, apart), laid.stride)
        plane = (laid.size, laid.length)
        band.known[key] = (shifts, *ends, plane, copies, np.concatenate(results))
    found: tuple[Any, ...] = band.known[key]
    return found


def weights_of(problem: CorrelationProblem, parts: Sequence[Part]) -> Array:
    """For each group the weights of all parts one after the other: outputs, channels, taps."""
    if all(s == 1 for s in problem.stuffing):
        return np.ascontiguousarray(problem.kernel).reshape(len(problem.kernel), -1)
    kernel = problem.kernel.reshape(*problem.kernel.shape[:3], -1)
    taken = (kernel[..., part.taps].reshape(len(kernel), -1) for part in parts)
    return np.ascontiguousarray(np.concatenate([*taken], axis=1))


def ends_of(parts: Iterable[Array]) -> Array:
    """Where each part begins in all of them one after the other, and where the last one ends."""
    return whole(itertools.accumulate((len(part) for part in parts), initial=0))


def planes_cost(problem: CorrelationProblem) -> Cost:
    n = counts(problem)
    why = in_machine_numbers(problem)
    stuffed = [s for s in problem.stuffing if s > 1]
    if any(s > 1 and step > 1 for s, step in zip(problem.stuffing, problem.step, strict=True)):
        why = why or "a stuffed signal is read with a stride"
    axes = axes_of(problem)
    width = problem.out.itemsize / 4
    first, *rest = zip(axes, problem.stuffing, strict=True)
    run = -(-first[0].places // first[1])
    run *= math.prod(-(-span(a) // (a.step * s)) for a, s in rest)
    blocked = n.outputs // 4 / n.outputs
    rate = 3.6e-11 * 4 * blocked + 5e-11 * (1 - 4 * blocked)
    seconds = n.outputs * n.channels * n.taps * run * rate * width
    rows = math.prod(problem.signal.shape[3:-1])
    seconds += n.channels * (n.entries * 1.5e-10 * width + rows * 6e-9)
    brought = 2e-10 * width * math.prod(stuffed) + (4e-10 if stuffed else 0)
    seconds += n.outputs * (run * brought + 6e-9 * math.prod(problem.out.shape[3:-1]))
    return n.groups * n.images * seconds + 3e-5 * 2 ** len(stuffed), why


def place_bands(problem: CorrelationProblem) -> list[Band]:
    """As many places of the first axis at a time as stay in the cache."""
    axes, (outputs, channels) = axes_of(problem), problem.kernel.shape[1:3]
    apart = zip(axes[1:], problem.stuffing[1:], strict=True)
    row = math.prod(-(-span(a) // s) for a, s in apart)
    rows = problem.stuffing[0] * PLANES // max(1, row * (outputs + channels * axes[0].step))
    total = axes[0].places
    (taken,) = lengths((total,), max(rows, 1))
    cuts = [slice(k, min(total, k + taken)) for k in range(0, total, taken)]
    every = [slice(0, a.places) for a in axes[1:]]
    made = []
    for cut in cuts:
        part = at_places(axes, [cut, *every])
        laid = [stuffed_axis(a, s) for a, s in zip(part, problem.stuffing, strict=True)]
        made.append(Band(cut, layout(laid), parts_in(part, problem.stuffing, laid), {}))
    return made


def beginning(problem: CorrelationProblem) -> tuple[Array, Array | None]:
    """What each group, image and output begins with, and what is added where it varies further."""
    shape, addend = problem.out.shape[:3], problem.addend
    if addend is None or any(addend.strides[3:]):
        return np.zeros(shape, problem.out.dtype), addend
    first = (slice(None),) * 3 + (0,) * (addend.ndim - 3)
    return np.ascontiguousarray(addend[first], problem.out.dtype), None


def plane_loops(
    begin: int,
    end: int,
    out: Any,
    out_apart: Any,
    signal: Any,
    apart: Any,
    weights: Any,
    sizes: Any,
    start: Any,
    shifts: Any,
    taps: Any,
    blocks: Any,
    plane: Any,
    copies: Any,
    results: Any,
    last: int,
) -> None:
    """Every group and image from begin to end, and of each all parts; a part's taps and blocks
    of results are those from where it begins to where the next one does.
    """
    outputs, channels = sizes
    size, length = plane
    planes = np.zeros(channels * size + length, out.dtype)
    sums = np.empty(outputs * length, out.dtype)
    at = np.empty(channels * shifts.size, np.int64)
    for part in range(taps.size - 1):
        first, count = channels * taps[part], taps[part + 1] - taps[part]
        for c in range(channels):
            for t in range(count):
                at[first + c * count + t] = shifts[taps[part] + t] + c * size
    for unit in range(begin, end):
        d, b = unit // start.shape[1], unit % start.shape[1]
        first = d * apart[0] + b * apart[1]
        for c in range(channels):
            laid_out(planes[c * size : (c + 1) * size], signal[first + c * apart[2] :], copies)
        goal = d * out_apart[0] + b * out_apart[1]
        for part in range(taps.size - 1):
            lo, hi = channels * taps[part], channels * taps[part + 1]
            own = weights[d, outputs * lo : outputs * hi].reshape(outputs, hi - lo)
            for o in range(outputs):
                sums[o * length : (o + 1) * length] = start[d, b, o]
            for left in range(0, length, RUN):
                count = min(RUN, length - left)
                added_up(sums[left:], length, planes[left:], at[lo:hi], own, count)
            there = results[blocks[part] : blocks[part + 1]]
            for o in range(outputs):
                run = sums[o * length : (o + 1) * length]
                brought(out[goal + o * out_apart[2] :], run, there, last)


@register_jitable
def brought(target: Any, run: Any, results: Any, apart: int) -> None:
    """The blocks of a run to where the results go."""
    for block in range(results.shape[0]):
        at, _, to, rows, width, down, along = results[block]
        for row in range(rows):
            source, place = at + row * down, to + row * along
            if apart == 1:
                for k in range(width):
                    target[index(place + k)] = run[index(source + k)]
            else:
                for k in range(width):
                    target[index(place + k * apart)] = run[index(source + k)]


@register_jitable(forceinline=True)
def added_up(sums: Any, apart: int, planes: Any, at: Any, weights: Any, length: int) -> None:
    """sums[o, l] += Σ weights[o, t]·planes[at[t] + l], four outputs and four taps at a time."""
    outputs, taps = weights.shape
    fours, whole = outputs - outputs % 4, taps - taps % 4
    for t in range(0, whole, 4):
        x0 = planes[at[t] : at[t] + length]
        x1 = planes[at[t + 1] : at[t + 1] + length]
        x2 = planes[at[t + 2] : at[t + 2] + length]
        x3 = planes[at[t + 3] : at[t + 3] + length]
        for o in range(0, fours, 4):
            y0 = sums[o * apart : o * apart + length]
            y1 = sums[(o + 1) * apart : (o + 1) * apart + length]
            y2 = sums[(o + 2) * apart : (o + 2) * apart + length]
            y3 = sums[(o + 3) * apart : (o + 3) * apart + length]
            a0, a1, a2, a3 = four(weights, o, t)
            b0, b1, b2, b3 = four(weights, o + 1, t)
            c0, c1, c2, c3 = four(weights, o + 2, t)
            d0, d1, d2, d3 = four(weights, o + 3, t)
            for k in range(length):
                u0, u1, u2, u3 = x0[k], x1[k], x2[k], x3[k]
                y0[k] += a0 * u0 + a1 * u1 + a2 * u2 + a3 * u3
                y1[k] += b0 * u0 + b1 * u1 + b2 * u2 + b3 * u3
                y2[k] += c0 * u0 + c1 * u1 + c2 * u2 + c3 * u3
                y3[k] += d0 * u0 + d1 * u1 + d2 * u2 + d3 * u3
        for o in range(fours, outputs):
            y0 = sums[o * apart : o * apart + length]
            a0, a1, a2, a3 = four(weights, o, t)
            for k in range(length):
                y0[k] += a0 * x0[k] + a1 * x1[k] + a2 * x2[k] + a3 * x3[k]
    for t in range(whole, taps):
        x0 = planes[at[t] : at[t] + length]
        for o in range(outputs):
            y0, a0 = sums[o * apart : o * apart + length], weights[o, t]
            for k in range(length):
                y0[k] += a0 * x0[k]


@register_jitable(forceinline=True)
def four(weights: Any, o: int, t: int) -> Any:
    """The weights of four taps."""
    return weights[o, t], weights[o, t + 1], weights[o, t + 2], weights[o, t + 3]
