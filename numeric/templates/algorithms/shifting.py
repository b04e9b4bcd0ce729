"""Products first, shifts afterwards: every tap's product is added where it belongs (kn2row).

Source: Vasudevan, Anderson & Gregg, Parallel multi channel convolution using general matrix
multiplication (2017).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from numeric.templates.costs import Cost, copying, counts, multiplying, too_large
from numeric.templates.geometry import (
    BLOCK,
    Array,
    Block,
    Problem,
    blocks,
    inside,
    lengths,
    placed,
)
from numeric.templates.sharing import Held, Task, in_blocks, memory
from numeric.templates.windows import axes_of

#: a pass over an axis: its result, with the places and pieces to add
Pass = tuple[Array, list[tuple[Array, Array]]]


def shifting(problem: Problem) -> None:
    """products[(o t), e] = kernel[(o t), c] @ signal[c, e], each added at i = stuffing·e − … .

    For step 1 in every axis; a stuffed signal's zeros are never multiplied.
    """
    groups, outputs, channels, *taps = problem.kernel.shape
    last = np.ascontiguousarray(np.moveaxis(problem.kernel, 2, -1))
    weights = last.reshape(groups, outputs, math.prod(taps), channels)
    in_blocks(problem, shifting_blocks, shifting_task, weights)


def shifting_cost(problem: Problem) -> Cost:
    n, dtype = counts(problem), problem.out.dtype
    seconds = n.images * multiplying(n.outputs * n.taps, n.channels, n.entries, dtype)
    seconds += n.images * 3e-6
    added = n.images * n.outputs * n.taps * n.entries
    seconds += 2 * copying(added, n.entries, dtype)
    seconds += 3 * copying(added // problem.kernel.shape[3], problem.signal.shape[-1], dtype)
    why = "" if all(s == 1 for s in problem.step) else "the result is read with a stride"
    why = why or too_large(problem, n.taps * n.entries * problem.threads)
    return n.groups * seconds, why


def shifting_blocks(problem: Problem) -> list[Block]:
    """The groups, images and outputs of each block."""
    sizes = problem.out.shape[:3]
    entries = math.prod(problem.kernel.shape[3:]) * math.prod(problem.signal.shape[3:])
    taken = lengths(sizes, max(BLOCK // (entries * problem.out.itemsize), 1))
    return blocks(sizes, taken, 2 * problem.threads if problem.threads > 1 else 1)


def shifting_task(problem: Problem, held: Held, group: slice, image: slice, output: slice) -> Task:
    groups, images, outputs = (s.stop - s.start for s in (group, image, output))
    channels, *taps = problem.kernel.shape[2:]
    entries, dtype = problem.signal.shape[3:], problem.out.dtype
    signal = memory(held, "signal", (groups, images, channels, *entries), dtype)
    right = signal.reshape(groups, images, channels, -1)
    shape = (groups, images, outputs * math.prod(taps), right.shape[-1])
    products = memory(held, "products", shape, dtype)
    made, passes = folding(
        products.reshape(groups, images, outputs, *taps, *entries), problem, held
    )
    target = (group, image, output)

    def task(problem: Problem, weights: Any) -> None:
        np.copyto(signal, problem.signal[group, image])
        left = weights[group, output].reshape(groups, 1, -1, channels)
        np.matmul(left, right, out=products)
        for result, pairs in passes:
            result.fill(0)
            for place, piece in pairs:
                np.add(place, piece, out=place)
        placed(made, problem, target)

    return task


def folding(source: Array, problem: Problem, held: Held) -> tuple[Array, list[Pass]]:
    """What adds source[…, t, e] at i = stuffing·e − spread·t + lower, what falls outside left out.

    The result, and the passes from the first axis to the last, so that all but the last add long
    runs.
    """
    passes = []
    axes = axes_of(problem)
    for k, (axis, stuffing) in enumerate(zip(axes, problem.stuffing, strict=True)):
        at = 3 + len(axes) - 1
        shape = (*source.shape[:3], *source.shape[4 : at + 1], axis.places, *source.shape[at + 2 :])
        made = memory(held, f"folded {k}", shape, source.dtype)
        before = (slice(None),) * at
        pairs = []
        for t in range(axis.taps):
            piece = source[:, :, :, t]
            shift = axis.lower - axis.spread * t
            first, last = inside(axis.places, piece.shape[at], stuffing, shift)
            start = stuffing * first + shift
            place = (*before, slice(start, start + stuffing * (last - first), stuffing))
            if last > first:
                pairs.append((made[place], piece[(*before, slice(first, last))]))
        passes.append((made, pairs))
        source = made
    return source, passes
