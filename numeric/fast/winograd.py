"""Winograd's minimal filtering F(m×m, r×r): tiles of m×m results from (m+r−1)² products each.

Source: Lavin & Gray, Fast algorithms for convolutional neural networks (2016).  The transforms are
derived and proved by ``numeric.fast.transforms``.  Along rows a transform is one banded matrix for
all tiles, which also brings channels to the last axis and pads with zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numeric.fast.constants import WINOGRAD
from numeric.fast.geometry import BLOCK, Array, blocks, lengths, memory
from numeric.fast.sharing import drained, shared

#: the most tiles in a row of a block: the banded matrix is dense, so its cost grows with them
TILES = 8


def winograd(problem: Any) -> None:
    """out = result·((kernel·k) ⊙ (data·x)), with a matrix product over channels for each ⊙."""
    r = problem.kernel.shape[-1]
    m, (_, data, result, _) = transforms(r)
    n = m + r - 1
    groups, images, outputs, height, width = problem.out.shape
    channels = problem.signal.shape[2]
    weights = transformed_kernel(problem)
    signal = readable(problem.signal)
    tiles = (-(-height // m), -(-width // m))

    def act(number: int, held: Any) -> None:
        group, image, *at = parts[number]
        made = tiled(signal[group.start, image], data, at, m, problem.lower, held, "two")
        products = product(made, weights[group.start], held)
        untiled(products, result, at, m, problem.out[group.start, image], held)
        if problem.addend is not None:
            down, along = (slice(m * k.start, m * k.stop) for k in at)
            where = (group, image, slice(None), down, along)
            problem.out[where] += problem.addend[where]

    row = lengths(tiles[1:], TILES)[0]
    budget = BLOCK // (n * n * max(channels, outputs) * problem.out.itemsize)
    taken = [1, *lengths((images, tiles[0]), max(1, budget // row)), row]
    parts = blocks((groups, images, *tiles), taken, problem.threads)
    drained(act, len(parts), problem.threads)


def winograd_contraction(problem: Any) -> None:
    """out = kernelᵀ·((resultᵀ·g) ⊙ (data·x)): places and taps have changed roles."""
    r = problem.out.shape[-1]
    m, (kernel, data, _, upstream) = transforms(r)
    n = m + r - 1
    groups, images, outputs = problem.out.shape[:3]
    channels, height, width = problem.kernel.shape[2:]
    signal, taps = readable(problem.signal).swapaxes(1, 2), readable(problem.kernel).swapaxes(1, 2)
    tiles = (-(-height // m), -(-width // m))

    def work(share: range, held: Any) -> Array:
        total = np.zeros((groups, n * n, outputs, images), problem.out.dtype)
        for group, channel, *at in parts[share.start : share.stop]:
            made = tiled(signal[group.start, channel], data, at, m, problem.lower, held, "two")
            other = tiled(taps[group.start, channel], upstream, at, m, (0, 0), held, "three")
            total[group.start] += product(other.swapaxes(1, 2), made, held)
        return total

    row = lengths(tiles[1:], TILES)[0]
    budget = BLOCK // (n * n * max(images, outputs) * problem.out.itemsize)
    taken = [1, *lengths((channels, tiles[0]), max(1, budget // row)), row]
    parts = blocks((groups, channels, *tiles), taken, problem.threads)
    totals = shared(work, len(parts), problem.threads)
    total = sum(totals[1:], totals[0]).reshape(groups, n * n, -1)
    both = np.kron(kernel, kernel).T.astype(total.dtype)
    made = np.matmul(both, total).reshape(groups, r, r, outputs, images).transpose(0, 4, 3, 1, 2)
    problem.out[...] = made if problem.addend is None else made + problem.addend


def transforms(r: int) -> tuple[int, Any]:
    """The m that is used for r taps, with the transforms of F(m, r)."""
    return next((size[0], made) for size, made in WINOGRAD.items() if size[1] == r)


def transformed_kernel(problem: Any) -> Array:
    """The kernel in the transformed domain: [group, ξν, c, o]."""
    _, (kernel, *_) = transforms(problem.kernel.shape[-1])
    both = np.kron(kernel, kernel).astype(problem.out.dtype)
    groups, outputs, channels = problem.kernel.shape[:3]
    taps = problem.kernel.transpose(0, 3, 4, 2, 1).reshape(groups, both.shape[1], -1)
    return np.matmul(both, taps).reshape(groups, -1, channels, outputs)


def readable(array: Array) -> Array:
    """The array, or a copy of it that BLAS can read row by row."""
    step = array.itemsize
    regular = array.strides[-1] == step and all(s >= 0 and s % step == 0 for s in array.strides)
    return array if regular else np.ascontiguousarray(array)


def product(left: Array, right: Array, held: Any) -> Array:
    """left @ right, for each of the n² points."""
    made = memory(held, "one", (*left.shape[:2], right.shape[-1]), left.dtype)
    return np.matmul(left, right, out=made)


@cache
def banded(
    matrix: tuple[tuple[float, ...], ...], tiles: int, m: int, first: int, size: int, dtype: Any
) -> Array:
    """The transform of all tiles of a row at once: [(ν, tile), w], tile t beginning at m·t + first.

    What tiles read outside 0 … size − 1 is zero.
    """
    rows, columns = len(matrix), len(matrix[0])
    made = np.zeros((rows, tiles, size), dtype)
    for t in range(tiles):
        for j in range(columns):
            if 0 <= m * t + j + first < size:
                made[:, t, m * t + j + first] = [row[j] for row in matrix]
    return made.reshape(rows * tiles, size)


def tiled(
    array: Array,
    matrix: Any,
    at: Sequence[slice],
    m: int,
    lower: Sequence[int],
    held: Any,
    name: str,
) -> Array:
    """The tiles of array[image, c, h, w] at rows and columns of tiles, as [ξν, tile, c]."""
    (rows, columns), (n, read) = at, (len(matrix), len(matrix[0]))
    images, channels, height, width = array.shape
    counts = rows.stop - rows.start, columns.stop - columns.start
    top, left = m * rows.start - lower[0], m * columns.start - lower[1]
    tall, wide = m * (counts[0] - 1) + read, m * (counts[1] - 1) + read
    above, below = min(max(-top, 0), tall), min(tall, max(height - top, 0))
    begin, end = min(max(left, 0), width), min(width, max(left + wide, 0))
    across = memory(held, "one", (images, tall, n, counts[1] * channels), array.dtype)
    if below <= above or end <= begin:
        above = below = 0
    across[:, :above], across[:, below:] = 0, 0
    if below > above:
        band = banded(matrix, counts[1], m, left - begin, end - begin, array.dtype)
        piece = array[:, :, top + above : top + below, begin:end].transpose(0, 2, 3, 1)
        target = across[:, above:below].reshape(images, below - above, -1, channels)
        np.matmul(band, piece, out=target)
    made = memory(held, name, (n, n, images, counts[0], counts[1] * channels), array.dtype)
    image, row, point, entry = across.strides
    shape = (images, counts[0], n, read, across.shape[3])
    down = as_strided(across, shape, (image, m * row, point, row, entry), writeable=False)
    np.matmul(np.array(matrix, array.dtype), down, out=made.transpose(2, 3, 1, 0, 4))
    return made.reshape(n * n, -1, channels)


def untiled(
    products: Array, matrix: Any, at: Sequence[slice], m: int, out: Array, held: Any
) -> None:
    """The results out[image, o, h, w] from the products [ξν, tile, o] of their tiles."""
    (rows, columns), n = at, len(matrix[0])
    images, outputs, height, width = out.shape
    counts = rows.stop - rows.start, columns.stop - columns.start
    tall = min(height - m * rows.start, m * counts[0])
    wide = min(width - m * columns.start, m * counts[1])
    made = memory(held, "two", (images, counts[0] * m, n, counts[1] * outputs), out.dtype)
    sources = products.reshape(n, n, images, counts[0], -1).transpose(2, 3, 1, 0, 4)
    targets = made.reshape(images, counts[0], m, n, -1).swapaxes(2, 3)
    np.matmul(np.array(matrix, out.dtype), sources, out=targets)
    band = banded(tuple(zip(*matrix, strict=True)), counts[1], m, 0, wide, out.dtype)
    whole = made.reshape(images, counts[0] * m, -1, outputs)[:, :tall].swapaxes(2, 3)
    place = out[:, :, m * rows.start :, m * columns.start :][:, :, :tall, :wide].swapaxes(1, 2)
    np.matmul(whole, band, out=place)
