"""Products first, shifts afterwards: every tap's product is added where it belongs (kn2row).

Source: Vasudevan, Anderson & Gregg, Parallel multi channel convolution using general matrix
multiplication (2017).
"""

from __future__ import annotations

import math

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
from numeric.templates.windows import axes_of, folded, folding


def shifting(problem: CorrelationProblem) -> None:
    """products[(o t), e] = kernel[(o t), c] @ signal[c, e], each added at i = stuffing·e − … .

    For step 1 in every axis; a stuffed signal's zeros are never multiplied.
    """
    groups, outputs, channels, *taps = problem.kernel.shape
    last = np.ascontiguousarray(np.moveaxis(problem.kernel, 2, -1))
    weights = last.reshape(groups, outputs, math.prod(taps), channels)
    in_blocks(problem, shifting_blocks, shifting_task, weights)


def shifting_cost(problem: CorrelationProblem) -> Cost:
    n, dtype = counts(problem), problem.out.dtype
    seconds = n.images * multiplying(n.outputs * n.taps, n.channels, n.entries, dtype)
    seconds += n.images * 3e-6
    added = n.images * n.outputs * n.taps * n.entries
    seconds += 2 * copying(added, n.entries, dtype)
    seconds += 3 * copying(added // problem.kernel.shape[3], problem.signal.shape[-1], dtype)
    why = "" if all(s == 1 for s in problem.step) else "the result is read with a stride"
    why = why or too_large(problem, n.taps * n.entries * problem.threads)
    return n.groups * seconds, why


def shifting_blocks(problem: CorrelationProblem) -> list[Block]:
    """The groups, images and outputs of each block."""
    sizes = problem.out.shape[:3]
    entries = math.prod(problem.kernel.shape[3:]) * math.prod(problem.signal.shape[3:])
    taken = lengths(sizes, max(BLOCK // (entries * problem.out.itemsize), 1))
    return blocks(sizes, taken, 2 * problem.threads if problem.threads > 1 else 1)


def shifting_task(
    problem: CorrelationProblem, held: Held, group: slice, image: slice, output: slice
) -> Task:
    groups, images, outputs = (s.stop - s.start for s in (group, image, output))
    channels, *taps = problem.kernel.shape[2:]
    entries, dtype = problem.signal.shape[3:], problem.out.dtype
    signal = memory(held, "signal", (groups, images, channels, *entries), dtype)
    right = signal.reshape(groups, images, channels, -1)
    shape = (groups, images, outputs * math.prod(taps), right.shape[-1])
    products = memory(held, "products", shape, dtype)
    source = products.reshape(groups, images, outputs, *taps, *entries)
    made, passes = folding(source, axes_of(problem), problem.stuffing, held)
    target = (group, image, output)

    def task(problem: CorrelationProblem, weights: Array) -> None:
        np.copyto(signal, problem.signal[group, image])
        left = weights[group, output].reshape(groups, 1, -1, channels)
        np.matmul(left, right, out=products)
        folded(passes)
        placed(made, problem, target)

    return task
