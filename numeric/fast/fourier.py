"""Large kernels by Fourier transforms: out = F⁻¹(F signal · conj(F kernel)), summed over channels.

Source: Mathieu, Henaff & LeCun, Fast training of convolutional networks through FFTs (2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from numeric.fast.columns import placed
from numeric.fast.geometry import BLOCK, Array, blocks, extents, lengths
from numeric.fast.sharing import drained


def fourier(problem: Any) -> None:
    """A transform as long as places and taps together, so that nothing wraps around."""
    groups, images, outputs, *places = problem.out.shape
    channels = problem.kernel.shape[2]
    shape = [period(m + taps - 1) for _, m, taps in extents(problem)]
    axes = tuple(range(-len(places), 0))
    kernel = np.fft.rfftn(problem.kernel, shape, axes).conj()
    kernel = np.ascontiguousarray(
        kernel.reshape(groups, outputs, channels, -1).transpose(0, 3, 2, 1)
    )
    half = (*shape[:-1], shape[-1] // 2 + 1)
    whole: list[Any] = [slice(0, m) for m in places]

    def act(number: int, held: Any) -> None:
        group, image = parts[number]
        signal = np.fft.rfftn(between_zeros(problem, group, image, shape), axes=axes)
        signal = signal.reshape(*signal.shape[:3], -1).transpose(0, 3, 1, 2)
        product = np.matmul(np.ascontiguousarray(signal), kernel[group]).transpose(0, 2, 3, 1)
        product = product.reshape(*product.shape[:3], *half)
        made = np.fft.irfftn(product, shape, axes)[(Ellipsis, *whole)]
        placed(made, problem, (group, image))

    budget = BLOCK // (max(channels, outputs) * int(np.prod(shape)) * problem.out.itemsize)
    taken = [1, *lengths((images,), max(1, budget))]
    parts = blocks((groups, images), taken, problem.threads)
    drained(act, len(parts), problem.threads)


def between_zeros(problem: Any, group: slice, image: slice, shape: Sequence[int]) -> Array:
    """The part of the signal that is read, with zeros around it."""
    signal = problem.signal[group, image]
    made = np.zeros((*signal.shape[:3], *shape), signal.dtype)
    rows = zip(extents(problem), problem.lower, strict=True)
    spans = [(max(-low, 0), low, min(n, m + taps - 1 - low)) for (n, m, taps), low in rows]
    places: tuple[Any, ...] = tuple(slice(start + low, stop + low) for start, low, stop in spans)
    read: tuple[Any, ...] = tuple(slice(start, stop) for start, _, stop in spans)
    made[(..., *places)] = signal[(..., *read)]
    return made


def period(least: int) -> int:
    """The next even length with small prime factors, of which transforms are fast."""
    length = least + least % 2
    while True:
        rest = length
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
        length += 2
