"""Kernels of one tap, read one to one: plain matrix products, nothing gathered."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from numeric.fast.columns import placed
from numeric.fast.geometry import (
    BLOCK,
    Array,
    blocks,
    flat,
    flat_matrix,
    lengths,
    memory,
)
from numeric.fast.sharing import drained, shared


def pointwise(problem: Any) -> None:
    """out = kernel[o, c] @ signal[c, i]."""
    count, act = pointwise_tasks(problem)
    drained(act, count, problem.threads)


def pointwise_tasks(problem: Any) -> tuple[int, Callable[[int, Any], None]]:
    """How many blocks of groups and images there are, and what does one of them."""
    groups, images, outputs, *places = problem.out.shape
    weights = flat_matrix(problem.kernel)
    signal, out = flat(problem.signal, 3), flat(problem.out, 3)
    entries = max(outputs, problem.kernel.shape[2]) * math.prod(places)
    taken = lengths((groups, images), max(1, BLOCK // (entries * problem.out.itemsize)))
    parts = blocks((groups, images), taken, problem.threads)

    def act(number: int, held: Any) -> None:
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

    return len(parts), act


def pointwise_contraction(problem: Any) -> None:
    """A single place and taps read one to one: out = Σ_c kernel[o, t] @ signal[t, b]."""
    groups, images, outputs = problem.out.shape[:3]

    def work(share: range, held: Any) -> Array:
        total = np.zeros((groups, outputs, images), problem.out.dtype)
        product = memory(held, "product", total.shape, total.dtype)
        for c in share:
            kernel = as_rows(problem.kernel[:, :, c], held, "kernel")
            signal = as_rows(problem.signal[:, :, c], held, "signal")
            np.matmul(kernel, signal.swapaxes(1, 2), out=product)
            np.add(total, product, out=total)
        return total

    totals = shared(work, problem.kernel.shape[2], problem.threads)
    made = sum(totals[1:], totals[0]).swapaxes(1, 2)
    placed(made.reshape(problem.out.shape), problem, ())


def as_rows(array: Array, held: Any, name: str) -> Array:
    """The axes after the first two made into one: a view where there is one."""
    made = flat(array, 2)
    if made is None:
        copied = memory(held, name, array.shape, array.dtype)
        np.copyto(copied, array)
        made = copied.reshape(*array.shape[:2], -1)
    return made
