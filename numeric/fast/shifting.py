"""Products first, shifts afterwards: every tap's product is added where it belongs (kn2row).

Source: Vasudevan, Anderson & Gregg, Parallel multi channel convolution using general matrix
multiplication (2017).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from numeric.fast.columns import placed
from numeric.fast.geometry import BLOCK, Array, blocks, inside, lengths, memory, signature, stand_in
from numeric.fast.sharing import drained, planned
from numeric.fast.windows import axes_of


def shifting(problem: Any) -> None:
    """products[(o t), e] = kernel[(o t), c] @ signal[c, e], each added at i = stuffing·e − … .

    For step 1 in every axis; a stuffed signal's zeros are never multiplied.
    """
    count, act = shifting_tasks(problem)
    drained(act, count, problem.threads)


def shifting_tasks(problem: Any) -> tuple[int, Callable[[int, Any], None]]:
    """How many blocks there are, and what does one of them."""
    key = ("shifting", signature(problem))
    groups, outputs, channels, *taps = problem.kernel.shape
    last = np.ascontiguousarray(np.moveaxis(problem.kernel, 2, -1))
    weights = last.reshape(groups, outputs, math.prod(taps), channels)

    def act(number: int, held: Any) -> None:
        planned(held, key, shifting_plan, problem)[number](problem, weights)

    return len(shifting_blocks(*signature(problem))), act


@lru_cache(maxsize=1024)
def shifting_blocks(*known: Any) -> list[tuple[slice, ...]]:
    """The groups, images and outputs of each block."""
    problem = stand_in(*known)
    sizes = problem.out.shape[:3]
    entries = math.prod(problem.kernel.shape[3:]) * math.prod(problem.signal.shape[3:])
    taken = lengths(sizes, max(BLOCK // (entries * problem.out.itemsize), 1))
    return blocks(sizes, taken, 2 * problem.threads if problem.threads > 1 else 1)


def shifting_plan(problem: Any, held: Any) -> list[Callable[..., None]]:
    """What does each block, with its views of memory."""
    return [shifting_task(problem, held, *block) for block in shifting_blocks(*signature(problem))]


def shifting_task(
    problem: Any, held: Any, group: slice, image: slice, output: slice
) -> Callable[..., None]:
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

    def task(problem: Any, weights: Any) -> None:
        np.copyto(signal, problem.signal[group, image])
        left = weights[group, output].reshape(groups, 1, -1, channels)
        np.matmul(left, right, out=products)
        for result, pairs in passes:
            result.fill(0)
            for place, piece in pairs:
                np.add(place, piece, out=place)
        placed(made, problem, target)

    return task


def folding(source: Array, problem: Any, held: Any) -> tuple[Array, list[Any]]:
    """What adds source[…, t, e] at i = stuffing·e − spread·t + lower, what falls outside left out.

    The result, and for each pass over an axis, from the first to the last, so that all but the
    last add long runs: its result, with the places and pieces to add.
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
