"""Whole planes between zeros: for each output, planes of the signal times taps, added in cache."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba.extending import register_jitable

from numeric.templates.compiling import compiled, index, run_in_shares
from numeric.templates.costs import Cost, counts, plain
from numeric.templates.geometry import Array, CorrelationProblem, lengths, remembered
from numeric.templates.loops.layout import (
    Layout,
    as_memory,
    in_machine_numbers,
    in_rows,
    is_plain_memory,
    laid_out,
    layout,
    plane_axis,
    tables,
)
from numeric.templates.windows import at_places, axes_of, span

#: entries of planes and results that should stay in the second cache
PLANES = 1 << 16
#: entries of a run that should stay in the first
RUN = 1 << 10


class Band(NamedTuple):
    """Some places of the first axis, and how what they read lies."""

    places: slice
    laid: Layout


def planes(problem: CorrelationProblem) -> None:
    """For each group and image: acc[o, l] = Σ_{c, t} kernel[o, c, t]·plane[c, shift[t] + l]."""
    if not is_plain_memory(problem.out):
        made = np.empty(problem.out.shape, problem.out.dtype)
        planes(problem._replace(out=made))
        np.copyto(problem.out, made)
        return
    start, rest = beginning(problem)
    weights = np.ascontiguousarray(problem.kernel)
    weights = weights.reshape(*weights.shape[:3], -1)
    out, out_apart = as_memory(problem.out)
    signal, apart = in_rows(problem.signal)
    units = problem.out.shape[0] * problem.out.shape[1]
    for places, laid in remembered(place_bands, problem):
        given = (out[places.start * out_apart[3] :], out_apart, signal, apart, weights, start)
        how = tables(laid, apart[3:], out_apart[3:])
        run_in_shares(problem.threads, units, compiled(plane_loops), *given, *how)
    if rest is not None:
        np.add(problem.out, rest, out=problem.out)


def planes_cost(problem: CorrelationProblem) -> Cost:
    n = counts(problem)
    why = plain(problem) or in_machine_numbers(problem)
    axes = axes_of(problem)
    width = problem.out.itemsize / 4
    run = math.prod(a.places for a in axes[:1]) * math.prod(-(-span(a) // a.step) for a in axes[1:])
    blocked = n.outputs // 4 / n.outputs
    rate = 3.6e-11 * 4 * blocked + 5e-11 * (1 - 4 * blocked)
    seconds = n.outputs * n.channels * n.taps * run * rate * width
    rows = math.prod(problem.signal.shape[3:-1])
    seconds += n.channels * (n.entries * 1.5e-10 * width + rows * 6e-9)
    seconds += n.outputs * (run * 2e-10 * width + 6e-9 * math.prod(problem.out.shape[3:-1]))
    return n.groups * n.images * seconds + 3e-5, why


def place_bands(problem: CorrelationProblem) -> list[Band]:
    """As many places of the first axis at a time as stay in the cache."""
    axes, (outputs, channels) = axes_of(problem), problem.kernel.shape[1:3]
    row = math.prod(span(a) for a in axes[1:])
    rows = PLANES // max(1, row * (outputs + channels * axes[0].step))
    total = axes[0].places
    (taken,) = lengths((total,), max(rows, 1))
    cuts = [slice(k, min(total, k + taken)) for k in range(0, total, taken)]
    every = [slice(0, a.places) for a in axes[1:]]
    return [
        Band(cut, layout([plane_axis(a) for a in at_places(axes, [cut, *every])])) for cut in cuts
    ]


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
    start: Any,
    plane: Any,
    copies: Any,
    results: Any,
) -> None:
    """Every group and image from begin to end."""
    outputs, channels, taps = weights.shape[1:]
    shifts, size, length = plane
    planes = np.zeros(channels * size + length, out.dtype)
    sums = np.empty(outputs * length, out.dtype)
    at = np.empty(channels * taps, np.int64)
    for c in range(channels):
        at[c * taps : (c + 1) * taps] = shifts + c * size
    for unit in range(begin, end):
        d, b = unit // start.shape[1], unit % start.shape[1]
        first = d * apart[0] + b * apart[1]
        for c in range(channels):
            laid_out(planes[c * size : (c + 1) * size], signal[first + c * apart[2] :], copies)
        for o in range(outputs):
            sums[o * length : (o + 1) * length] = start[d, b, o]
        own = weights[d].reshape(outputs, channels * taps)
        for left in range(0, length, RUN):
            added_up(sums[left:], length, planes[left:], at, own, min(RUN, length - left))
        first = d * out_apart[0] + b * out_apart[1]
        for o in range(outputs):
            run = sums[o * length : (o + 1) * length]
            brought(out[first + o * out_apart[2] :], run, results, out_apart[-1])


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
