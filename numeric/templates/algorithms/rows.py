"""Whole rows at once: the kernel written out along the last axis as a banded (Toeplitz) matrix.

For rows so short that a product with all the zeros of the band is cheaper than to gather windows.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from numeric.templates.costs import Cost, copying, counts, multiplying, too_large
from numeric.templates.geometry import (
    BLOCK,
    Array,
    Block,
    CorrelationProblem,
    blocks,
    lengths,
    placed,
)
from numeric.templates.sharing import Held, Task, in_blocks, memory
from numeric.templates.windows import SlidingAxis, axes_of, folded, folding, window_view

#: the first entry or place, and how far it is to the next
Pair = tuple[int, int]


def rows(problem: CorrelationProblem) -> None:
    """products[(b e), (t o j)] = signal[(b e), (c f)] @ band[(c f), (t o j)], added over t.

    e, t, i are the entries, taps and places of the first axis, f and j those of the last one; the
    products are added at i = stuffing·e − spread·t + lower.  For two axes, the first of step 1.
    """
    in_blocks(problem, row_blocks, row_task, band(problem))


def rows_cost(problem: CorrelationProblem) -> Cost:
    n, dtype = counts(problem), problem.out.dtype
    if problem.out.ndim != 5 or problem.step[0] != 1:
        return 0.0, "there are not two axes, or the first is read with a stride"
    (high, wide), width = problem.signal.shape[3:], problem.out.shape[-1]
    taps = problem.kernel.shape[3]
    band = n.channels * wide * taps * n.outputs * width
    seconds = 1e-4 + multiplying(
        n.images * high, n.channels * wide, taps * n.outputs * width, dtype
    )
    seconds += copying(band + n.images * n.channels * n.entries, wide, dtype)
    seconds += copying(n.images * high * taps * n.outputs * width, n.outputs * width, dtype)
    seconds += copying(n.images * n.outputs * n.places, width, dtype)
    return n.groups * seconds, too_large(problem, n.groups * band)


def band(problem: CorrelationProblem) -> Array:
    """The kernel as a matrix [group, (c f), (t o j)]: the tap that leads from f to j, or zero."""
    groups, outputs, channels, taps, _ = problem.kernel.shape
    axis, stuffing = axes_of(problem)[-1], problem.stuffing[-1]
    shape = (groups, channels, axis.size, taps, outputs, axis.places)
    made = np.zeros(shape, problem.out.dtype)
    g, c, f, t, o, j = made.strides
    sizes = ((groups, g), (channels, c), (taps, t), (outputs, o))
    for u, (e, down), (k, right), count in diagonals(axis, stuffing):
        diagonal = window_view(made[:, :, e:, :, :, k:], *sizes, (count, down * f + right * j))
        diagonal[...] = problem.kernel[..., u].transpose(0, 2, 3, 1)[..., None]
    return made.reshape(groups, channels * axis.size, -1)


@lru_cache(maxsize=1024)
def diagonals(axis: SlidingAxis, stuffing: int) -> list[tuple[int, Pair, Pair, int]]:
    """For each tap with any: the first entry and place that it joins, their steps, how many."""
    made = []
    for u in range(axis.taps):
        reads = ((axis.step * k + axis.spread * u - axis.lower, k) for k in range(axis.places))
        pairs = [(e // stuffing, k) for e, k in reads if e % stuffing == 0]
        pairs = [(e, k) for e, k in pairs if 0 <= e < axis.size]
        if pairs:
            (e, k), (then, there) = pairs[0], pairs[min(1, len(pairs) - 1)]
            made.append((u, (e, then - e), (k, there - k), len(pairs)))
    return made


def row_blocks(problem: CorrelationProblem) -> list[Block]:
    """The group and images of each block."""
    groups, images, outputs, _, width = problem.out.shape
    entries = problem.signal.shape[3] * problem.kernel.shape[3] * outputs * width
    taken = lengths((images,), max(1, BLOCK // (entries * problem.out.itemsize)))
    return blocks((groups, images), (1, *taken), problem.threads)


def row_task(problem: CorrelationProblem, held: Held, group: slice, image: slice) -> Task:
    images, dtype = image.stop - image.start, problem.out.dtype
    channels, high, wide = problem.signal.shape[2:]
    outputs, places, width = problem.out.shape[2:]
    axis = axes_of(problem)[0]
    signal = memory(held, "signal", (images, high, channels, wide), dtype)
    left = signal.reshape(images * high, -1)
    products = memory(held, "products", (left.shape[0], axis.taps * outputs * width), dtype)
    terms = products.reshape(images, high, axis.taps, outputs * width).swapaxes(1, 2)
    total, passes = folding(terms[None, :, None], [axis], problem.stuffing[:1], held)
    made = total.reshape(1, images, places, outputs, width).swapaxes(2, 3)
    target = (group, image)

    def task(problem: CorrelationProblem, weights: Array) -> None:
        np.copyto(signal, problem.signal[group.start, image].swapaxes(1, 2))
        np.matmul(left, weights[group.start], out=products)
        folded(passes)
        placed(made, problem, target)

    return task
