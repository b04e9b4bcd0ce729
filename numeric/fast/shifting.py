"""Products first, shifts afterwards: every tap's product is added where it belongs (kn2row).

Source: Vasudevan, Anderson & Gregg, Parallel multi channel convolution using general matrix
multiplication (2017).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from numeric.fast.gathering import folded_back
from numeric.fast.geometry import (
    BLOCK,
    Array,
    blocks,
    flat,
    lengths,
    memory,
    sliding,
)
from numeric.fast.sharing import drained


def shifting(problem: Any) -> None:
    """products[(o t), e] = kernel[(o t), c] @ signal[c, e], each added at i = stuffing·e − … .

    For step 1 in every axis; a stuffed signal's zeros are never multiplied.
    """
    groups, images, outputs, *_ = problem.out.shape
    channels, *taps = problem.kernel.shape[2:]
    size = math.prod(problem.signal.shape[3:])
    weights = np.moveaxis(problem.kernel, 2, -1)
    axes = [(*a[:2], s, *a[3:]) for a, s in zip(sliding(problem), problem.stuffing, strict=True)]

    def work(parts: Iterable[tuple[slice, ...]]) -> None:
        held: dict[str, Array] = {}
        for group, image, output in parts:
            left = np.ascontiguousarray(weights[group, output])
            left = left.reshape(left.shape[0], 1, -1, channels)
            signal = problem.signal[group, image]
            right = flat(signal, 3)
            if right is None:
                right = np.ascontiguousarray(signal).reshape(*signal.shape[:3], -1)
            shape = (*right.shape[:2], left.shape[2], right.shape[-1])
            products = memory(held, "products", shape, right.dtype)
            np.matmul(left, right, out=products)
            shape = (*right.shape[:2], -1, *taps, *signal.shape[3:])
            out = problem.out[group, image, output]
            out[...] = 0 if problem.addend is None else problem.addend[group, image, output]
            folded_back(products.reshape(shape), axes, out, held)

    sizes = (groups, images, outputs)
    budget = BLOCK // (math.prod(taps) * size * problem.out.itemsize)
    drained(work, blocks(sizes, lengths(sizes, max(budget, 1)), problem.threads), problem.threads)
