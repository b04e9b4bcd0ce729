"""Few places and many taps, as in a kernel's gradient: summed a block of taps at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from numeric.fast.gathering import unrolled
from numeric.fast.geometry import BLOCK, Array, blocks, extents, flat, lengths, memory, sliding
from numeric.fast.sharing import shared
from numeric.fast.slices import slice_windows

#: taps of a channel from which on they are enough for a matrix product of their own
DEPTH = 256


def contraction(problem: Any) -> None:
    """out = Σ over blocks of columns[(b i), (c t)] @ kernel[o, (c t)]ᵀ."""
    block_sums(problem, column_product, math.prod(problem.out.shape[3:]))


def slice_contraction(problem: Any) -> None:
    """The same with nothing gathered along the first axis, whose places read whole slices.

    For each place i of the first axis, with the places j of the others: a sum over channels c of
    windows_i[(b j), t] @ kernel_c[o, t]ᵀ.
    """
    block_sums(problem, slice_product, math.prod(problem.out.shape[4:]) * problem.spread[0])


def block_sums(problem: Any, product: Callable[..., Array], width: int) -> None:
    """The sums of ``product`` over blocks of channels and taps, gathering ``width`` of each entry.

    Each thread sums the blocks of its share in order, and the shares are summed in order.
    """
    groups, images, outputs, *places = problem.out.shape
    channels, taps = problem.kernel.shape[2], problem.kernel.shape[3:]
    deep = max(DEPTH, BLOCK // (images * width * problem.out.itemsize))
    depths = lengths((channels, *taps), deep)
    depth = math.prod(depths)
    wide = lengths((groups, images), max(1, BLOCK // (depth * width * problem.out.itemsize)))

    def work(shares: Sequence[tuple[slice, ...]]) -> Array:
        total = np.zeros((groups, images, math.prod(places), outputs), problem.out.dtype)
        held: dict[str, Array] = {}
        for channel, *at in shares:
            for group, image in blocks((groups, images), wide):
                piece = block_of(problem, (group, image, channel), at)
                total[group, image] += product(piece, held)
        return total

    totals = shared(work, blocks((channels, *taps), depths, problem.threads), problem.threads)
    made = sum(totals[1:], totals[0]).swapaxes(2, 3).reshape(problem.out.shape)
    problem.out[...] = made if problem.addend is None else made + problem.addend


def block_of(problem: Any, where: tuple[slice, slice, slice], at: Sequence[slice]) -> Any:
    """The problem of a part of the sum, for a part of groups and images."""
    group, image, channel = where
    pieces, lower = [], []
    rows = zip(extents(problem), at, problem.step, problem.spread, problem.lower, strict=True)
    for (n, m, _), taps, step, spread, low in rows:
        first = spread * taps.start - low
        last = spread * (taps.stop - 1) + step * (m - 1) - low
        start = min(max(first, 0), n)
        pieces.append(slice(start, max(start, min(n, last + 1))))
        lower.append(start - first)
    return problem._replace(
        out=problem.out[group, image],
        signal=problem.signal[(group, image, channel, *pieces)],
        kernel=problem.kernel[(group, slice(None), channel, *at)],
        addend=None,
        lower=tuple(lower),
    )


def exchanged(problem: Any) -> Any:
    """The problem in which places and taps have changed roles, and so have channels and images.

    Its result and its kernel are there for their shapes only.
    """
    return problem._replace(
        out=problem.kernel.swapaxes(1, 2),
        signal=problem.signal.swapaxes(1, 2),
        kernel=problem.out,
        step=problem.spread,
        spread=problem.step,
    )


def column_product(problem: Any, held: dict[str, Array]) -> Array:
    """One block's part of the sum: [group, b, i, o]."""
    depth = math.prod(problem.kernel.shape[3:])
    product = separate_product if depth >= DEPTH else joint_product
    return product(problem.signal, problem.kernel, sliding(exchanged(problem)), held)


def slice_product(problem: Any, held: dict[str, Array]) -> Array:
    """One block's part of the sum: [group, b, (i j), o]."""
    turned = exchanged(problem)
    windows = slice_windows(turned, held)
    groups, images, outputs, first, *others = problem.out.shape
    width = math.prod(problem.kernel.shape[4:])
    length = problem.kernel.shape[3] * width
    right = kernel_rows(problem.kernel).swapaxes(2, 3)
    shape = (*windows.shape[:3], outputs)
    products = memory(held, "products", shape, windows.dtype)
    made = memory(held, "sums", (groups, images, first, math.prod(others), outputs), windows.dtype)
    for i in range(first):
        offset, phase = divmod(problem.step[0] * i, problem.spread[0])
        left = windows[..., phase, offset * width : offset * width + length]
        np.matmul(left, right, out=products)
        sums = np.sum(products, axis=1, dtype=windows.dtype)
        made[:, :, i] = sums.reshape(groups, images, -1, outputs)
    return made.reshape(groups, images, -1, outputs)


def kernel_rows(kernel: Array) -> Array:
    """The kernel as [group, c, o, taps]: a view where there is one."""
    turned = kernel.swapaxes(1, 2)
    made = flat(turned, 3)
    return np.ascontiguousarray(turned).reshape(*turned.shape[:3], -1) if made is None else made


def separate_product(
    signal: Array, kernel: Array, axes: Sequence[Sequence[int]], held: dict[str, Array]
) -> Array:
    """A matrix product for each channel, their sum afterwards: [group, b, i, o]."""
    groups, images, channels = signal.shape[:3]
    places, taps = [a[0] for a in axes], [a[1] for a in axes]
    columns = memory(held, "columns", (groups, channels, images, *places, *taps), signal.dtype)
    unrolled(signal.swapaxes(1, 2), axes, columns, held)
    left = columns.reshape(groups, channels, -1, math.prod(taps))
    right = kernel_rows(kernel)
    products = memory(held, "products", (*left.shape[:3], right.shape[2]), left.dtype)
    np.matmul(left, right.swapaxes(2, 3), out=products)
    return np.sum(products, axis=1, dtype=left.dtype).reshape(groups, images, -1, right.shape[2])


def joint_product(
    signal: Array, kernel: Array, axes: Sequence[Sequence[int]], held: dict[str, Array]
) -> Array:
    """One matrix product that sums over channels and taps: [group, b, i, o]."""
    groups, images, channels = signal.shape[:3]
    places, taps = [a[0] for a in axes], [a[1] for a in axes]
    columns = memory(held, "columns", (groups, images, *places, channels, *taps), signal.dtype)
    count = len(axes)
    order = (0, 1, 2 + count, *range(2, 2 + count), *range(3 + count, 3 + 2 * count))
    unrolled(signal, axes, columns.transpose(order), held)
    left = columns.reshape(groups, images * math.prod(places), -1)
    right = np.ascontiguousarray(kernel).reshape(groups, kernel.shape[1], -1)
    products = memory(held, "products", (*left.shape[:2], right.shape[1]), left.dtype)
    np.matmul(left, right.swapaxes(1, 2), out=products)
    return products.reshape(groups, images, -1, right.shape[1])


def pointwise_contraction(problem: Any) -> None:
    """A single place and taps read one to one: out = Σ_c kernel[o, t] @ signal[t, b]."""
    groups, images, outputs = problem.out.shape[:3]
    channels = problem.kernel.shape[2]

    def work(shares: Sequence[int]) -> Array:
        total = np.zeros((groups, outputs, images), problem.out.dtype)
        for c in shares:
            kernel, signal = as_rows(problem.kernel[:, :, c]), as_rows(problem.signal[:, :, c])
            total += np.matmul(kernel, signal.swapaxes(1, 2))
        return total

    totals = shared(work, range(channels), problem.threads)
    made = sum(totals[1:], totals[0]).swapaxes(1, 2)
    made = made.reshape(problem.out.shape)
    problem.out[...] = made if problem.addend is None else made + problem.addend


def as_rows(array: Array) -> Array:
    """The axes after the first two made into one: a view where there is one."""
    made = flat(array, 2)
    return np.ascontiguousarray(array).reshape(*array.shape[:2], -1) if made is None else made
