"""For every place the inner product of two planes: few places, many taps: kernels' gradients."""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numba.extending import register_jitable

from numeric.templates.compiling import compiled
from numeric.templates.costs import Cost, counts, plain
from numeric.templates.geometry import Array, CorrelationProblem, lengths, placed, remembered
from numeric.templates.loops.layout import (
    Layout,
    in_machine_numbers,
    in_rows,
    laid_out,
    layout,
    plane_axis,
    tables,
    turned,
)
from numeric.templates.loops.planes import four
from numeric.templates.sharing import together
from numeric.templates.windows import at_taps, axes_of, span

#: entries of the two planes that should stay in the first cache
PAIR = 1 << 12


def plane_products(problem: CorrelationProblem) -> None:
    """out[o, b, i] = Σ_c Σ_l kernel[o, c, l]·plane[b, c, shift[i] + l], l for all taps together.

    A share of the groups and channels for each thread, and the sums of all shares in order.
    """
    groups, images, channels = problem.signal.shape[:3]
    places = math.prod(problem.out.shape[3:])
    units = groups * channels
    number = max(1, min(problem.threads, units))
    bounds = pairwise([units * k // number for k in range(number + 1)])
    shape = (groups, images, problem.kernel.shape[1], places)
    sums = np.zeros((number, *shape), problem.out.dtype)
    bands = remembered(tap_bands, problem)
    calls = (
        partial(banded_products, problem, bands, *row) for row in zip(sums, bounds, strict=True)
    )
    together(list(calls))
    made = sums[0] if number == 1 else sum(sums[1:], sums[0])
    placed(made.reshape(problem.out.shape), problem, ())


def banded_products(
    problem: CorrelationProblem, bands: list[tuple[slice, Layout]], sums: Array, share: Any
) -> None:
    """The sums of a share of groups and channels, some taps of the first axis at a time."""
    signal, apart = in_rows(problem.signal)
    kernel, kernel_apart = in_rows(problem.kernel)
    channels = problem.signal.shape[2]
    for taps, laid in bands:
        given = (signal, apart, kernel[taps.start * kernel_apart[3] :], kernel_apart, channels)
        compiled(product_loops)(*share, sums, *given, *tables(laid, apart[3:], kernel_apart[3:]))


def plane_products_cost(problem: CorrelationProblem) -> Cost:
    n = counts(problem)
    axes = axes_of(problem)
    width = problem.out.itemsize / 4
    run = axes[0].taps * math.prod(-(-span(a) // a.spread) for a in axes[1:])
    rate = 2.6e-11 if n.outputs > 1 else 4e-11
    seconds = n.images * n.outputs * n.places * (run * rate * width + 3e-9)
    rows = math.prod(problem.signal.shape[3:-1])
    seconds += n.images * (n.entries * 1.5e-10 * width + rows * 6e-9)
    taps = math.prod(problem.kernel.shape[3:-1])
    seconds += n.outputs * (n.taps * 1.5e-10 * width + taps * 6e-9)
    return n.groups * n.channels * seconds + 5e-5, plain(problem) or in_machine_numbers(problem)


def tap_bands(problem: CorrelationProblem) -> list[tuple[slice, Layout]]:
    """As many taps of the first axis at a time as stay in the cache, and how all of it lies."""
    axes = axes_of(problem)
    rows = PAIR // math.prod(span(a) for a in axes[1:])
    total = axes[0].taps
    (taken,) = lengths((total,), max(rows, 1))
    cuts = [slice(k, min(total, k + taken)) for k in range(0, total, taken)]
    every = [slice(0, a.taps) for a in axes[1:]]
    parts = (at_taps(axes, [cut, *every]) for cut in cuts)
    laid = (layout([plane_axis(turned(a)) for a in part]) for part in parts)
    return list(zip(cuts, laid, strict=True))


def product_loops(
    begin: int,
    end: int,
    sums: Any,
    signal: Any,
    apart: Any,
    kernel: Any,
    kernel_apart: Any,
    channels: int,
    plane: Any,
    copies: Any,
    results: Any,
) -> None:
    """Every group and channel from begin to end."""
    images, outputs = sums.shape[1], sums.shape[2]
    shifts, size, length = plane
    tapped = (results, 1)
    signals = np.zeros(size + length, sums.dtype)
    runs = np.zeros((outputs, length), sums.dtype)
    for unit in range(begin, end):
        d, c = unit // channels, unit % channels
        first = d * kernel_apart[0] + c * kernel_apart[2]
        for o in range(outputs):
            laid_out(runs[o], kernel[first + o * kernel_apart[1] :], tapped)
        first = d * apart[0] + c * apart[2]
        for b in range(images):
            laid_out(signals, signal[first + b * apart[1] :], copies)
            products_added(sums[d, b], signals, shifts, runs, length)


@register_jitable(forceinline=True)
def products_added(sums: Any, plane: Any, shifts: Any, runs: Any, length: int) -> None:
    """sums[o, i] += Σ_l runs[o, l]·plane[shifts[i] + l], two outputs and four places at a time."""
    outputs, places = sums.shape
    twos, whole = outputs - outputs % 2, places - places % 4
    for i in range(0, whole, 4):
        x0 = plane[shifts[i] : shifts[i] + length]
        x1 = plane[shifts[i + 1] : shifts[i + 1] + length]
        x2 = plane[shifts[i + 2] : shifts[i + 2] + length]
        x3 = plane[shifts[i + 3] : shifts[i + 3] + length]
        for o in range(0, twos, 2):
            y0, y1 = runs[o], runs[o + 1]
            a0, a1, a2, a3 = four(sums, o, i)
            b0, b1, b2, b3 = four(sums, o + 1, i)
            for k in range(length):
                u0, u1, u2, u3 = x0[k], x1[k], x2[k], x3[k]
                a0, a1, a2, a3 = a0 + y0[k] * u0, a1 + y0[k] * u1, a2 + y0[k] * u2, a3 + y0[k] * u3
                b0, b1, b2, b3 = b0 + y1[k] * u0, b1 + y1[k] * u1, b2 + y1[k] * u2, b3 + y1[k] * u3
            put_four(sums, o, i, a0, a1, a2, a3)
            put_four(sums, o + 1, i, b0, b1, b2, b3)
        for o in range(twos, outputs):
            y0 = runs[o]
            a0, a1, a2, a3 = four(sums, o, i)
            for k in range(length):
                u0, u1, u2, u3 = x0[k], x1[k], x2[k], x3[k]
                a0, a1, a2, a3 = a0 + y0[k] * u0, a1 + y0[k] * u1, a2 + y0[k] * u2, a3 + y0[k] * u3
            put_four(sums, o, i, a0, a1, a2, a3)
    for i in range(whole, places):
        x0 = plane[shifts[i] : shifts[i] + length]
        for o in range(outputs):
            y0, total = runs[o], sums[o, i]
            for k in range(length):
                total += y0[k] * x0[k]
            sums[o, i] = total


@register_jitable(forceinline=True)
def put_four(sums: Any, o: int, i: int, a0: Any, a1: Any, a2: Any, a3: Any) -> None:
    """Four sums to their places."""
    sums[o, i], sums[o, i + 1], sums[o, i + 2], sums[o, i + 3] = a0, a1, a2, a3
