"""Windows gathered along all axes but the first, whose taps are whole slices, summed one by one.

Nothing is copied for the taps along the first axis, at the price of adding up that many products:
for few outputs, as in a depthwise convolution.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from numeric.fast.gathering import inside, unrolled
from numeric.fast.geometry import BLOCK, Array, blocks, lengths, memory, part, sliding
from numeric.fast.sharing import drained


def slices(problem: Any) -> None:
    """out = Σ_t kernel_t[o, (c u)] @ windows_t[(c u), (i j)] over the taps t along the first axis.

    u are the taps along the other axes, i and j the places along the first and the others.
    """
    groups, images, outputs, *places = problem.out.shape
    weights = np.moveaxis(problem.kernel, 3, 0)
    weights = np.ascontiguousarray(weights).reshape(len(weights), groups, 1, outputs, -1)

    def work(parts: Iterable[tuple[slice, ...]]) -> None:
        held: dict[str, Array] = {}
        for group, image, *at in parts:
            piece = part(problem, group, image, at)
            windows = slice_windows(piece, held)
            width = math.prod(piece.out.shape[4:])
            length = piece.out.shape[3] * width
            total = memory(held, "total", (*piece.out.shape[:3], length), windows.dtype)
            term = memory(held, "term", total.shape, windows.dtype)
            for t, weight in enumerate(weights[:, group]):
                offset, phase = divmod(problem.spread[0] * t, problem.step[0])
                read = windows[..., phase, offset * width : offset * width + length]
                np.matmul(weight, read, out=term if t else total)
                if t:
                    np.add(total, term, out=total)
            placed_total(total, piece)

    budget = BLOCK // (weights.shape[-1] * problem.out.itemsize)
    sizes = (groups, images, *places)
    drained(work, blocks(sizes, lengths(sizes, max(budget, 1)), problem.threads), problem.threads)


def slice_windows(problem: Any, held: dict[str, Array]) -> Array:
    """The windows [group, b, (c u), phase, (e j)] of a block along all axes but the first.

    The entries of the first axis are sorted by their remainder by the step, their phase: then those
    that a tap meets lie next to each other.
    """
    groups, images, channels, size = problem.signal.shape[:4]
    others, places = problem.kernel.shape[4:], problem.out.shape[4:]
    step, low = problem.step[0], problem.lower[0]
    high = problem.out.shape[3] + problem.spread[0] * (problem.kernel.shape[3] - 1) // step
    shape = (groups, images, channels, *others, step, high, *places)
    windows = memory(held, "windows", shape, problem.signal.dtype)
    count = 3 + len(others)
    for phase in range(step):
        rows = np.moveaxis(windows[(slice(None),) * count + (phase,)], count, 3)
        begin, end = inside(size, high, step, phase - low)
        rows[:, :, :, :begin], rows[:, :, :, end:] = 0, 0
        first = step * begin + phase - low
        source = problem.signal[:, :, :, first : first + step * (end - begin) : step]
        if end > begin and others:
            unrolled(source, sliding(problem)[1:], rows[:, :, :, begin:end], held)
        elif end > begin:
            rows[:, :, :, begin:end] = source
    return windows.reshape(groups, images, channels * math.prod(others), step, -1)


def placed_total(total: Array, problem: Any) -> None:
    """Put a block's sums, and the addend, into the result."""
    made = total.reshape(problem.out.shape)
    if problem.addend is None:
        problem.out[...] = made
    else:
        np.add(made, problem.addend, out=problem.out)
