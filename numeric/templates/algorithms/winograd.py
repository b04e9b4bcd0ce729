"""Winograd's minimal filtering F(m×m, r×r): tiles of m×m results from (m+r−1)² products each.

Source: Lavin & Gray, Fast algorithms for convolutional neural networks (2016).  The transforms are
derived and proved by ``numeric.fast.transforms``.  Along rows a transform is one banded matrix for
all tiles, which also brings channels to the last axis and pads with zeros.

A volume is filtered plane by plane, with sums over the taps along its first axis; an image is a
volume of one plane.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numeric.templates.constants import WINOGRAD
from numeric.templates.costs import Cost, counts, multiplying, narrow, plain, too_large
from numeric.templates.geometry import (
    BLOCK,
    Array,
    Block,
    CorrelationProblem,
    Sizes,
    aligned,
    blocks,
    lengths,
)
from numeric.templates.sharing import Held, drained, memory, shared

#: the most tiles in a row of a block: the banded matrix is dense, so its cost grows with them
TILES = 8
#: the rows of a transform
Matrix = tuple[tuple[float, ...], ...]


def winograd(problem: CorrelationProblem) -> None:
    """out = result·((kernel·k) ⊙ (data·x)), with a matrix product over channels for each ⊙.

    Each plane is transformed once, and serves several planes of the result: along the first axis
    taps count as channels.
    """
    flat, problem = problem.out.ndim == 5, volumes(problem)
    groups, images, outputs, places, height, width = problem.out.shape
    channels, depth = problem.signal.shape[2:4]
    m, (_, data, result) = transforms(problem.kernel.shape[-1])
    taps = problem.kernel.shape[3]
    weights = transformed_kernel(problem)
    signal = readable(problem.signal)
    points = len(data) ** 2

    def act(number: int, held: Held) -> None:
        group, image, *at = parts[number]
        planes = signal[group.start, image].swapaxes(1, 2)
        made = tiled(planes, data, at, m, problem.lower[1:], held, "two")
        if not flat:
            shape = (points, len(planes), places, made.shape[3], taps, channels)
            stacked = memory(held, "three", shape, made.dtype)
            for t in range(taps):
                shift = problem.spread[0] * t - problem.lower[0]
                place, read = aligned(depth, places, problem.step[0], shift)
                stacked[:, :, : place.start, :, t], stacked[:, :, place.stop :, :, t] = 0, 0
                np.copyto(stacked[:, :, place, :, t], made[:, :, read])
            made = stacked
        made = made.reshape(points, -1, taps * channels)
        products = multiplied(made, weights[group.start], held)
        untiled(products, result, at, m, problem.out[group.start, image].swapaxes(1, 2), held)
        if problem.addend is not None:
            down, along = (slice(m * k.start, m * k.stop) for k in at)
            where = (group, image, slice(None), slice(None), down, along)
            problem.out[where] += problem.addend[where]

    sizes = groups, images, height, width
    entries = points * places * max(taps * channels, outputs)
    parts = tile_blocks(problem, sizes, m, entries)
    drained(act, len(parts), problem.threads)


def winograd_contraction(problem: CorrelationProblem) -> None:
    """out = kernelᵀ·((resultᵀ·g) ⊙ (data·x)): places and taps have changed roles.

    For each place of the first axis a sum over planes.
    """
    problem = volumes(problem)
    groups, images, outputs, places, r, _ = problem.out.shape
    channels, count, height, width = problem.kernel.shape[2:]
    m, (kernel, data, result) = transforms(r)
    upstream = transposed(result)
    signal, taps = readable(problem.signal), readable(problem.kernel)
    points, depth = len(data) ** 2, signal.shape[3]

    def work(share: range, held: Held) -> Array:
        total = np.zeros((groups, places, points, outputs, images), problem.out.dtype)
        for group, channel, *at in parts[share.start : share.stop]:
            planes, others = (a[group.start, :, channel] for a in (signal, taps))
            planes, others = (np.moveaxis(a, 0, 2) for a in (planes, others))
            made = tiled(planes, data, at, m, problem.lower[1:], held, "two")
            weights = tiled(others, upstream, at, m, (0, 0), held, "three")
            for i in range(places):
                shift = problem.step[0] * i - problem.lower[0]
                place, read = aligned(depth, count, problem.spread[0], shift)
                left = weights[:, :, place].reshape(points, -1, outputs).swapaxes(1, 2)
                right = made[:, :, read].reshape(points, -1, images)
                total[group.start, i] += multiplied(left, right, held)
        return total

    sizes = groups, channels, height, width
    entries = points * max(depth * images, count * outputs)
    parts = tile_blocks(problem, sizes, m, entries)
    totals = shared(work, len(parts), problem.threads)
    total = sum(totals[1:], totals[0]).reshape(groups, places, points, -1)
    both = np.kron(kernel, kernel).T.astype(total.dtype)
    made = np.matmul(both, total).reshape(groups, places, r, r, outputs, images)
    made = made.transpose(0, 5, 4, 1, 2, 3)
    problem.out[...] = made if problem.addend is None else made + problem.addend


def winograd_cost(problem: CorrelationProblem) -> Cost:
    n, apart = counts(problem), problem.kernel.shape[3:-2]
    seconds = minimal_seconds(problem, problem.out, problem.kernel, n.images, n.channels)
    held = math.prod(apart) * n.channels * n.outputs
    return n.groups * seconds, minimal(problem, problem.kernel, n.groups * held)


def winograd_contraction_cost(problem: CorrelationProblem) -> Cost:
    n, apart = counts(problem), problem.out.shape[3:-2]
    seconds = minimal_seconds(problem, problem.kernel, problem.out, n.channels, n.images)
    held = math.prod(apart) * n.images * n.outputs
    return n.groups * seconds, minimal(problem, problem.out, 2 * problem.threads * n.groups * held)


def minimal_seconds(
    problem: CorrelationProblem, large: Array, small: Array, images: int, channels: int
) -> float:
    """Seconds of the transforms, some passes over each tile's entries, and of the products."""
    outputs, r = problem.out.shape[2], small.shape[-1]
    m = next((m for m, taps in WINOGRAD if taps == r), 4)
    points = (m + r - 1) ** 2
    depth, count, apart = (math.prod(a.shape[3:-2]) for a in (problem.signal, large, small))
    tiles = images * math.prod(-(-size // m) for size in large.shape[-2:])
    seconds = points * tiles * (depth * channels + count * outputs) * 1.5e-9
    seconds += points * apart * channels * outputs * 1e-9
    product = multiplying(tiles * count, channels * apart, outputs, problem.out.dtype)
    if problem.out.ndim > 5:
        seconds += points * tiles * count * outputs * apart * 3e-10
        product *= narrow(min(channels, outputs))
    return 1e-4 + seconds + points * product


def minimal(problem: CorrelationProblem, small: Array, held: int) -> str:
    """Why Winograd's algorithm does not apply where taps or places are ``small``.

    The axis before the last two may be read anyhow; ``held`` are the entries for each point.
    """
    r = small.shape[-1]
    if str(problem.out.dtype) != "float32":
        return "rounding errors are amplified, so it is for float32 only"
    known = [m for m, taps in WINOGRAD if taps == r]
    if problem.out.ndim not in (5, 6) or small.shape[-2] != r or not known:
        return "no transform is known for this kernel size"
    if any(s != 1 for s in (*problem.step[-2:], *problem.spread[-2:])):
        return "places or taps are apart from each other"
    return plain(problem) or too_large(problem, (known[0] + r - 1) ** 2 * held)


def transforms(r: int) -> tuple[int, tuple[Matrix, ...]]:
    """The m that is used for r taps, with the transforms of F(m, r)."""
    return next((size[0], made) for size, made in WINOGRAD.items() if size[1] == r)


def transposed(matrix: Matrix) -> Matrix:
    """Its columns as rows."""
    return tuple(zip(*matrix, strict=True))


def volumes(problem: CorrelationProblem) -> CorrelationProblem:
    """Images as volumes of one plane; along all axes taps and places follow each other."""
    if problem.out.ndim > 5:
        return problem
    ones = (1, 1, 1)
    return problem._replace(
        out=problem.out[:, :, :, None],
        signal=problem.signal[:, :, :, None],
        kernel=problem.kernel[:, :, :, None],
        addend=None if problem.addend is None else problem.addend[:, :, :, None],
        step=ones,
        spread=ones,
        lower=(0, *problem.lower),
        stuffing=ones,
    )


def tile_blocks(
    problem: CorrelationProblem, sizes: Sequence[int], m: int, entries: int
) -> list[Block]:
    """The group, images and tiles of each block, where a tile of an image has so many entries."""
    groups, images, height, width = sizes
    down, along = -(-height // m), -(-width // m)
    row = lengths((along,), TILES)[0]
    budget = BLOCK // (entries * problem.out.itemsize)
    taken = [1, *lengths((images, down), max(1, budget // row)), row]
    return blocks((groups, images, down, along), taken, problem.threads)


def transformed_kernel(problem: CorrelationProblem) -> Array:
    """The kernel in the transformed domain: [group, ξν, (t c), o]."""
    _, (kernel, *_) = transforms(problem.kernel.shape[-1])
    both = np.kron(kernel, kernel).astype(problem.out.dtype)
    groups, outputs = problem.kernel.shape[:2]
    taps = problem.kernel.transpose(0, 4, 5, 3, 2, 1).reshape(groups, both.shape[1], -1)
    made: Array = np.matmul(both, taps).reshape(groups, len(both), -1, outputs)
    return made


def readable(array: Array) -> Array:
    """The array, or a copy of it that BLAS can read row by row."""
    step = array.itemsize
    regular = array.strides[-1] == step and all(s >= 0 and s % step == 0 for s in array.strides)
    return array if regular else np.ascontiguousarray(array)


def multiplied(left: Array, right: Array, held: Held) -> Array:
    """left @ right, for each of the n² points."""
    made = memory(held, "one", (*left.shape[:2], right.shape[-1]), left.dtype)
    return np.matmul(left, right, out=made)


@cache
def banded(matrix: Matrix, tiles: int, m: int, first: int, size: int, dtype: Any) -> Array:
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
    planes: Array,
    matrix: Matrix,
    at: Sequence[slice],
    m: int,
    lower: Sizes,
    held: Held,
    name: str,
) -> Array:
    """The tiles of planes[b, e, c, h, w] at rows and columns of tiles, as [ξν, b, e, tile, c]."""
    (rows, columns), (n, read) = at, (len(matrix), len(matrix[0]))
    *lead, channels, height, width = planes.shape
    counts = rows.stop - rows.start, columns.stop - columns.start
    top, left = m * rows.start - lower[0], m * columns.start - lower[1]
    tall, wide = m * (counts[0] - 1) + read, m * (counts[1] - 1) + read
    above, below = min(max(-top, 0), tall), min(tall, max(height - top, 0))
    begin, end = min(max(left, 0), width), min(width, max(left + wide, 0))
    across = memory(held, "one", (*lead, tall, n, counts[1] * channels), planes.dtype)
    if below <= above or end <= begin:
        above = below = 0
    across[:, :, :above], across[:, :, below:] = 0, 0
    if below > above:
        band = banded(matrix, counts[1], m, left - begin, end - begin, planes.dtype)
        piece = np.moveaxis(planes[..., top + above : top + below, begin:end], 2, -1)
        target = across[:, :, above:below].reshape(*lead, below - above, -1, channels)
        np.matmul(band, piece, out=target)
    made = memory(held, name, (n, n, *lead, counts[0], counts[1] * channels), planes.dtype)
    image, plane, row, point, entry = across.strides
    shape = (*lead, counts[0], n, read, across.shape[-1])
    strides = (image, plane, m * row, point, row, entry)
    down = as_strided(across, shape, strides, writeable=False)
    np.matmul(np.array(matrix, planes.dtype), down, out=made.transpose(2, 3, 4, 1, 0, 5))
    return made.reshape(n * n, *lead, -1, channels)


def untiled(
    products: Array, matrix: Matrix, at: Sequence[slice], m: int, out: Array, held: Held
) -> None:
    """The results out[b, i, o, h, w] from the products [ξν, (b i tile), o] of their tiles."""
    (rows, columns), n = at, len(matrix[0])
    *lead, outputs, height, width = out.shape
    counts = rows.stop - rows.start, columns.stop - columns.start
    tall = min(height - m * rows.start, m * counts[0])
    wide = min(width - m * columns.start, m * counts[1])
    made = memory(held, "two", (*lead, counts[0] * m, n, counts[1] * outputs), out.dtype)
    sources = products.reshape(n, n, *lead, counts[0], -1).transpose(2, 3, 4, 1, 0, 5)
    targets = made.reshape(*lead, counts[0], m, n, -1).swapaxes(3, 4)
    np.matmul(np.array(matrix, out.dtype), sources, out=targets)
    band = banded(transposed(matrix), counts[1], m, 0, wide, out.dtype)
    whole = made.reshape(*lead, counts[0] * m, -1, outputs)[:, :, :tall].swapaxes(3, 4)
    place = out[..., m * rows.start :, m * columns.start :][..., :tall, :wide].swapaxes(2, 3)
    np.matmul(whole, band, out=place)
