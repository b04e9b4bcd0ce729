"""For every place one inner product of long runs: few places, many taps, few channels a group.

As in the kernel's gradient of depthwise layers: no windows are gathered.
"""

from __future__ import annotations

import math

import numpy as np

from numeric.templates.costs import Cost, copying, counts, narrow, plain
from numeric.templates.geometry import (
    BLOCK,
    Array,
    Block,
    CorrelationProblem,
    blocks,
    lengths,
    placed,
)
from numeric.templates.sharing import Held, Task, memory, summed_in_blocks
from numeric.templates.windows import (
    SlidingAxis,
    axes_of,
    flat_index,
    framed,
    refilled,
    span,
    window_view,
)


def inner_products(problem: CorrelationProblem) -> None:
    """out[o, b] = Σ_l kernel[o, l]·signal[b, l + step·i], with l for channels and taps together.

    The taps' rows are made as long as the signal's, with zeros.
    """
    groups, images, outputs, *places = problem.out.shape
    shape = (groups, *places, outputs, images)
    total = summed_in_blocks(problem, product_blocks, product_task, shape)
    placed(np.moveaxis(total, (-1, -2), (1, 2)), problem, ())


def inner_products_cost(problem: CorrelationProblem) -> Cost:
    n, dtype = counts(problem), problem.out.dtype
    axes = axes_of(problem)
    length = n.groups * n.channels * math.prod(span(a) for a in axes)
    seconds = copying(length * n.images, problem.signal.shape[-1], dtype)
    seconds += copying(length * n.outputs, problem.kernel.shape[-1], dtype)
    touched = length * n.places * (n.images + n.outputs)
    seconds += touched * dtype.itemsize * 1.2e-11
    rate = 2e-11 if n.images * n.outputs == 1 else 2e-11 * narrow(max(n.images, n.outputs))
    seconds += length * n.places * n.images * n.outputs * rate
    apart = any(a.spread != 1 for a in axes)
    return seconds, plain(problem) or ("taps are apart" if apart else "")


def product_blocks(problem: CorrelationProblem) -> list[Block]:
    """The groups and channels of each block."""
    groups, images, channels = problem.signal.shape[:3]
    entries = math.prod(span(a) for a in axes_of(problem)) * (images + problem.kernel.shape[1])
    taken = lengths((groups, channels), max(1, BLOCK // (entries * problem.out.itemsize)))
    return blocks((groups, channels), taken, problem.threads)


def product_task(problem: CorrelationProblem, held: Held, group: slice, channel: slice) -> Task:
    axes, dtype = axes_of(problem), problem.out.dtype
    wide = [span(a) for a in axes]
    groups, channels = group.stop - group.start, channel.stop - channel.start
    images, outputs, places = problem.out.shape[1], problem.out.shape[2], problem.out.shape[3:]
    at = tuple(range(3, 3 + len(axes)))
    signal = memory(held, "signal", (groups, images, channels, *wide), dtype)
    taps = memory(held, "taps", (groups, outputs, channels, *wide), dtype)
    signal_place = framed(signal, axes, at)
    rows = (SlidingAxis(1, size, 1, 1, 0, a.taps) for a, size in zip(axes, wide, strict=True))
    taps_place = framed(taps, list(rows), at)
    behind = [size - a.taps for size, a in zip(wide, axes, strict=True)]
    length = channels * math.prod(wide) - flat_index(wide, behind)
    size = dtype.itemsize
    left = window_view(
        taps,
        *((groups, taps.strides[0]), *((n, 0) for n in places)),
        *((outputs, taps.strides[1]), (length, size)),
    )
    steps = zip(places, axes, signal.strides[3:], strict=True)
    right = window_view(
        signal,
        *((groups, signal.strides[0]), *((n, a.step * stride) for n, a, stride in steps)),
        *((length, size), (images, signal.strides[1])),
    )
    product = memory(held, "product", (groups, *places, outputs, images), dtype)
    source = (group, slice(None), channel)

    def task(problem: CorrelationProblem, total: Array) -> None:
        refilled(signal_place, signal_place.inner, problem.signal[(*source, *signal_place.read)])
        refilled(taps_place, taps_place.inner, problem.kernel[source])
        np.matmul(left, right, out=product)
        piece = total[group]
        np.add(piece, product, out=piece)

    return task
