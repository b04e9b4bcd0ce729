"""Windows gathered into columns, a cache-sized block at a time, and multiplied (im2col + matmul).

Source: Chellapilla, Puri & Simard, High performance convolutional neural networks for document
processing (2006), here in blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from numeric.fast.gathering import unrolled
from numeric.fast.geometry import BLOCK, Array, blocks, flat, lengths, memory, part, sliding
from numeric.fast.sharing import drained


def bands(problem: Any) -> None:
    """out = kernel[o, (c t)] @ columns[(c t), i], for blocks of images and of places i."""
    groups, images, _, *places = problem.out.shape
    weights = flat_matrix(problem.kernel)
    depth = weights.shape[-1]

    def work(parts: Iterable[tuple[slice, ...]]) -> None:
        held: dict[str, Array] = {}
        for group, image, *at in parts:
            piece = part(problem, group, image, at)
            shape = (*piece.signal.shape[:3], *piece.kernel.shape[3:], *piece.out.shape[3:])
            columns = memory(held, "columns", shape, piece.out.dtype)
            unrolled(piece.signal, sliding(piece), columns, held)
            columns = columns.reshape(*shape[:2], depth, -1)
            multiplied(weights[group, None], columns, piece, held)

    budget = BLOCK // (depth * problem.out.itemsize)
    sizes = (groups, images, *places)
    taken = lengths(sizes, max(budget, 1))
    drained(work, blocks(sizes, taken, problem.threads), problem.threads)


def pointwise(problem: Any) -> None:
    """A kernel of one tap, read one to one: out = kernel[o, c] @ signal[c, i], nothing gathered."""
    groups, images, outputs, *places = problem.out.shape
    weights = flat_matrix(problem.kernel)
    signal = flat(problem.signal, 3)
    if signal is None:
        signal = np.ascontiguousarray(problem.signal).reshape(*problem.signal.shape[:3], -1)

    def work(parts: Iterable[tuple[slice, ...]]) -> None:
        held: dict[str, Array] = {}
        for group, image in parts:
            piece = part(problem, group, image, [slice(0, m) for m in places])
            multiplied(weights[group, None], signal[group, image], piece, held)

    budget = BLOCK // (outputs * math.prod(places) * problem.out.itemsize)
    taken = lengths((groups, images), max(budget, 1))
    drained(work, blocks((groups, images), taken, problem.threads), problem.threads)


def flat_matrix(array: Array) -> Array:
    """The array with its axes after the first two made into one, contiguous."""
    return np.ascontiguousarray(array.reshape(*array.shape[:2], math.prod(array.shape[2:])))


def multiplied(left: Array, right: Array, problem: Any, held: dict[str, Array]) -> None:
    """The result, written in place: left @ right and the addend."""
    out = problem.out
    made = flat(out, 3)
    if made is None:
        made = memory(held, "product", (*out.shape[:3], right.shape[-1]), out.dtype)
        out[...] = np.matmul(left, right, out=made).reshape(out.shape)
    else:
        np.matmul(left, right, out=made)
    if problem.addend is not None:
        out += problem.addend
