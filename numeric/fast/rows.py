"""Windows of a row gathered once and read by every row that they belong to.

The columns are gathered along all axes but the first, with the entries of the first axis outermost.
The windows of consecutive places along it are then overlapping slices of the same memory, and
nothing is copied for its taps.  Source of the idea: Cho & Brand, MEC: memory-efficient convolution
for deep neural network (2017).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numeric.fast.gathering import unrolled
from numeric.fast.geometry import BLOCK, Array, blocks, flat, lengths, memory, part, sliding
from numeric.fast.sharing import drained

#: about how many columns a matrix product has at once
WIDTH = 256


def rows(problem: Any) -> None:
    """For every place i of the first axis out = kernel[o, (t c u)] @ windows[(t c u), (b j)].

    t are the taps along the first axis, u those along the others, j the places there.
    """
    groups, images, outputs, *_ = problem.out.shape
    weights = problem.kernel.swapaxes(2, 3).reshape(groups, outputs, -1)
    weights = np.ascontiguousarray(weights)

    def work(parts: Iterable[tuple[slice, ...]]) -> None:
        held: dict[str, Array] = {}
        for group, image, *at in parts:
            piece = part(problem, group, image, at)
            target = memory(held, "windows", gathered_shape(piece), piece.out.dtype)
            row_products(weights[group.start], gathered(piece, target, held), piece, held)

    sizes = (groups, images, *problem.out.shape[3:])
    drained(work, blocks(sizes, row_lengths(problem), problem.threads), problem.threads)


def row_lengths(problem: Any) -> list[int]:
    """What a block takes of each axis: enough columns for a product, then rows while they fit."""
    _, images, _, first, *rest = problem.out.shape
    wide = lengths(rest, 2 * WIDTH)
    width = math.prod(wide)
    count = lengths([images], max(1, WIDTH // width) if wide == list(rest) else 1)[0]
    taps, *others = problem.kernel.shape[3:]
    row = problem.kernel.shape[2] * math.prod(others) * count * width * problem.out.itemsize
    high = max(1, (BLOCK // row - taps) // problem.step[0] + 1)
    return [1, count, *lengths([first], high), *wide]


def gathered_shape(problem: Any) -> tuple[int, ...]:
    """[e, c, u, b, j] of a block, with an axis for each u and each j."""
    images, channels = problem.signal.shape[1:3]
    others, places = problem.kernel.shape[4:], problem.out.shape[4:]
    high = problem.step[0] * (problem.out.shape[3] - 1) + problem.kernel.shape[3]
    return (high, channels, *others, images, *places)


def gathered(problem: Any, target: Array, held: dict[str, Array]) -> Array:
    """The windows of a block along all axes but the first, as a matrix [(e c u), (b j)]."""
    signal, low = problem.signal[0], problem.lower[0]
    high, between = target.shape[0], target.ndim // 2 - 1
    begin = min(max(low, 0), high)
    end = max(begin, min(high, signal.shape[2] + low))
    target[:begin], target[end:] = 0, 0
    order = (2 + between, 1, 0, *range(2, 2 + between), *range(3 + between, target.ndim))
    source = signal[:, :, begin - low : end - low]
    if end > begin:
        unrolled(source, sliding(problem)[1:], target[begin:end].transpose(order), held)
    return target.reshape(high * math.prod(target.shape[1 : 2 + between]), -1)


def row_products(weights: Array, windows: Array, problem: Any, held: dict[str, Array]) -> None:
    """The product for every place along the first axis, whose windows overlap in memory."""
    out, depth = problem.out[0], weights.shape[-1]
    images, outputs, first = out.shape[:3]
    stride, step = windows.strides
    leap = problem.step[0] * (depth // problem.kernel.shape[3]) * stride
    shape = (first, depth, windows.shape[1])
    overlapping = as_strided(windows, shape, (leap, stride, step), writeable=False)
    made = flat(out[0], 2) if images == 1 else None
    if made is not None and problem.addend is None:
        np.matmul(weights, overlapping, out=made.swapaxes(0, 1))
    else:
        product = memory(held, "product", (first, outputs, windows.shape[1]), out.dtype)
        finished(np.matmul(weights, overlapping, out=product), problem)


def finished(product: Array, problem: Any) -> None:
    """Put products [i, o, (b j)] into a block's result, with the addend."""
    out = problem.out[0]
    images, outputs, first, *places = out.shape
    made = product.reshape(first, outputs, images, *places)
    made = made.transpose(2, 1, 0, *range(3, made.ndim))
    if problem.addend is None:
        out[...] = made
    else:
        np.add(made, problem.addend[0], out=out)
