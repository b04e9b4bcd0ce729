"""Windows of a row gathered once, with channels next to each other: long runs to copy.

The signal is first brought into the order [image, places, channel], with its padding.  As in
``rows`` the windows of consecutive places along the first axis are overlapping slices.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numeric.fast.geometry import Array, blocks, extents, memory, part
from numeric.fast.rows import finished, row_lengths
from numeric.fast.sharing import drained


def channels_last(problem: Any) -> None:
    """For every place i of the first axis out = windows[(b j), (t u c)] @ kernel[(t u c), o].

    t are the taps along the first axis, u those along the others, j the places there.
    """
    groups, images, outputs, *_ = problem.out.shape
    order = (0, *range(3, problem.kernel.ndim), 2, 1)
    weights = np.ascontiguousarray(problem.kernel.transpose(order)).reshape(groups, -1, outputs)

    def work(parts: Iterable[tuple[slice, ...]]) -> None:
        held: dict[str, Array] = {}
        for group, image, *at in parts:
            piece = part(problem, group, image, at)
            windows = channel_windows(piece, held)
            product = memory(held, "product", (*windows.shape[:2], outputs), windows.dtype)
            np.matmul(windows, weights[group.start], out=product)
            finished(product.swapaxes(1, 2), piece)

    sizes = (groups, images, *problem.out.shape[3:])
    drained(work, blocks(sizes, row_lengths(problem), problem.threads), problem.threads)


def channel_windows(problem: Any, held: dict[str, Array]) -> Array:
    """The windows [i, (b j), (t u c)] of a block: a view in which those of different i overlap."""
    signal = problem.signal[0]
    images, channels = signal.shape[:2]
    sizes = extents(problem)
    rows = list(zip(sizes, problem.step, problem.spread, problem.lower, strict=True))
    reach = [step * (m - 1) + spread * (t - 1) + 1 for (_, m, t), step, spread, _ in rows]
    padded = memory(held, "padded", (images, *reach, channels), signal.dtype)
    places = [
        slice(min(max(low, 0), wide), max(0, min(wide, n + low)))
        for wide, ((n, _, _), _, _, low) in zip(reach, rows, strict=True)
    ]
    if any(p.start > 0 or p.stop < wide for p, wide in zip(places, reach, strict=True)):
        padded[...] = 0
    if all(p.start < p.stop for p in places):
        lows = zip(places, problem.lower, strict=True)
        cut = (slice(p.start - low, p.stop - low) for p, low in lows)
        padded[(slice(None), *places)] = np.moveaxis(signal[(..., *cut)], 1, -1)
    image, *strides, one = padded.strides
    axes = list(zip(sizes, problem.step, problem.spread, strides, strict=True))
    around = [(m, step * stride) for (_, m, _), step, _, stride in axes[1:]]
    inside = [(t, spread * stride) for (_, _, t), _, spread, stride in axes[1:]]
    copied = [(images, image), *around, (reach[0], strides[0]), *inside, (channels, one)]
    shape, steps = zip(*copied, strict=True)
    target = memory(held, "windows", shape, signal.dtype)
    target[...] = as_strided(padded, shape, steps, writeable=False)
    width = math.prod(shape[len(axes) + 1 :])
    size = signal.itemsize * width
    overlapping = (sizes[0][1], math.prod(shape[: len(axes)]), sizes[0][2] * width)
    leaps = (problem.step[0] * size, reach[0] * size, signal.itemsize)
    return as_strided(target, overlapping, leaps, writeable=False)
