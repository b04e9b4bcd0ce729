"""Winograd's algorithm in each plane of a volume, summed over the taps along the first axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from numeric.fast.geometry import BLOCK, Array, blocks, inside, lengths, memory
from numeric.fast.sharing import drained, shared
from numeric.fast.winograd import (
    TILES,
    product,
    readable,
    tiled,
    transformed_kernel,
    transforms,
    untiled,
)


def planes(problem: Any) -> None:
    """The signal's planes are transformed once, and each serves several planes of the result."""
    groups, images, outputs, places, height, width = problem.out.shape
    channels, depth = problem.signal.shape[2:4]
    m, (_, data, result, _) = transforms(problem.kernel.shape[-1])
    taps = problem.kernel.shape[3]
    kernels = (problem._replace(kernel=problem.kernel[:, :, :, t]) for t in range(taps))
    weights = np.concatenate([transformed_kernel(part) for part in kernels], axis=2)
    signal = readable(problem.signal)
    points, tiles = len(data) ** 2, (-(-height // m), -(-width // m))

    def act(number: int, held: Any) -> None:
        group, image, *at = parts[number]
        volume = signal[group.start, image.start].swapaxes(0, 1)
        made = tiled(volume, data, at, m, problem.lower[1:], held, "two")
        made = made.reshape(points, depth, -1, channels)
        shape = (points, places, made.shape[2], taps, channels)
        stacked = memory(held, "three", shape, made.dtype)
        for t in range(taps):
            shift = problem.spread[0] * t - problem.lower[0]
            first, last, read = aligned(depth, places, problem.step[0], shift)
            stacked[:, :first, :, t], stacked[:, last:, :, t] = 0, 0
            np.copyto(stacked[:, first:last, :, t], made[:, read])
        products = product(stacked.reshape(points, -1, taps * channels), weights[group.start], held)
        out = problem.out[group.start, image.start].swapaxes(0, 1)
        untiled(products, result, at, m, out, held)
        if problem.addend is not None:
            down, along = (slice(m * k.start, m * k.stop) for k in at)
            where = (group, image, slice(None), slice(None), down, along)
            problem.out[where] += problem.addend[where]

    row = lengths(tiles[1:], TILES)[0]
    most = max(places * taps * channels, places * outputs)
    budget = BLOCK // (points * most * problem.out.itemsize)
    taken = [1, 1, *lengths(tiles[:1], max(1, budget // row)), row]
    parts = blocks((groups, images, *tiles), taken, problem.threads)
    drained(act, len(parts), problem.threads)


def planes_contraction(problem: Any) -> None:
    """Places and taps have changed roles: for each place of the first axis a sum over planes."""
    groups, images, outputs, places, r, _ = problem.out.shape
    channels, count, height, width = problem.kernel.shape[2:]
    m, (kernel, data, _, upstream) = transforms(r)
    signal, taps = readable(problem.signal), readable(problem.kernel)
    points, tiles = len(data) ** 2, (-(-height // m), -(-width // m))
    depth = signal.shape[3]

    def work(share: range, held: Any) -> Array:
        total = np.zeros((groups, places, points, outputs, images), problem.out.dtype)
        for group, channel, *at in parts[share.start : share.stop]:
            volume = signal[group.start, :, channel.start].swapaxes(0, 1)
            other = taps[group.start, :, channel.start].swapaxes(0, 1)
            made = tiled(volume, data, at, m, problem.lower[1:], held, "two")
            made = made.reshape(points, depth, -1, images)
            weights = tiled(other, upstream, at, m, (0, 0), held, "three")
            weights = weights.reshape(points, count, -1, outputs)
            for i in range(places):
                shift = problem.step[0] * i - problem.lower[0]
                first, last, read = aligned(depth, count, problem.spread[0], shift)
                left = weights[:, first:last].reshape(points, -1, outputs).swapaxes(1, 2)
                right = made[:, read].reshape(points, -1, images)
                total[group.start, i] += product(left, right, held)
        return total

    row = lengths(tiles[1:], TILES)[0]
    most = max(depth * images, count * outputs)
    budget = BLOCK // (points * most * problem.out.itemsize)
    taken = [1, 1, *lengths(tiles[:1], max(1, budget // row)), row]
    parts = blocks((groups, channels, *tiles), taken, problem.threads)
    totals = shared(work, len(parts), problem.threads)
    total = sum(totals[1:], totals[0]).reshape(groups, places, points, -1)
    both = np.kron(kernel, kernel).T.astype(total.dtype)
    made = np.matmul(both, total).reshape(groups, places, r, r, outputs, images)
    made = made.transpose(0, 5, 4, 1, 2, 3)
    problem.out[...] = made if problem.addend is None else made + problem.addend


def aligned(size: int, count: int, step: int, shift: int) -> tuple[int, int, slice]:
    """The range of i whose step·i + shift lies in an axis of that size, and the slice it reads."""
    first, last = inside(size, count, step, shift)
    start = step * first + shift
    return first, last, slice(start, start + step * (last - first), step)
