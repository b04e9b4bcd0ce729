"""Kernels of one tap, read one to one: plain matrix products, nothing gathered."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numeric.templates.costs import Cost, counts, multiplying, plain
from numeric.templates.geometry import (
    BLOCK,
    Array,
    CorrelationProblem,
    blocks,
    flat_matrix,
    lengths,
    placed,
)
from numeric.templates.sharing import Held, drained, memory


def pointwise(problem: CorrelationProblem) -> None:
    """out = kernel[o, c] @ signal[c, i], in blocks of groups and images."""
    groups, images, outputs, *places = problem.out.shape
    weights = flat_matrix(problem.kernel)
    signal, out = flat(problem.signal), flat(problem.out)
    entries = max(outputs, problem.kernel.shape[2]) * math.prod(places)
    taken = lengths((groups, images), max(1, BLOCK // (entries * problem.out.itemsize)))
    parts = blocks((groups, images), taken, problem.threads)

    def act(number: int, held: Held) -> None:
        at = parts[number]
        if signal is None:
            source = problem.signal[at]
            right = memory(held, "signal", source.shape, source.dtype)
            np.copyto(right, source)
            right = right.reshape(*source.shape[:3], -1)
        else:
            right = signal[at]
        left = weights[at[0], None]
        if out is None:
            shape = (*right.shape[:2], outputs, right.shape[-1])
            made = np.matmul(left, right, out=memory(held, "product", shape, right.dtype))
            placed(made.reshape(*shape[:3], *places), problem, at)
        else:
            np.matmul(left, right, out=out[at])
            if problem.addend is not None:
                problem.out[at] += problem.addend[at]

    drained(act, len(parts), problem.threads)


def pointwise_cost(problem: CorrelationProblem) -> Cost:
    n = counts(problem)
    dtype = problem.out.dtype
    seconds = n.groups * n.images * multiplying(n.outputs, n.channels, n.places, dtype)
    direct = n.taps == 1 and problem.signal.shape[3:] == problem.out.shape[3:]
    direct = direct and not any(problem.lower) and all(s == 1 for s in problem.step)
    return seconds, plain(problem) or ("" if direct else "the kernel has more than one tap")


def flat(array: Array) -> Array | None:
    """A view with the sliding axes made into one contiguous axis; None where there is none."""
    step, length = array.itemsize, 1
    for size, stride in zip(array.shape[:2:-1], array.strides[:2:-1], strict=True):
        if size != 1 and stride != step * length:
            return None
        length *= size
    return as_strided(array, (*array.shape[:3], length), (*array.strides[:3], step))
