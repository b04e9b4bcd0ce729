"""What each algorithm is estimated to take on one thread, from counts and measured rates.

Each function returns seconds, and why the algorithm does not apply, or nothing.
"""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

from numeric.fast.constants import WINOGRAD
from numeric.fast.fourier import period
from numeric.fast.geometry import SCRATCH, extents

#: the sizes of a problem: d, b, c, o as in geometry, and how many e, i, t there are over all axes
Counts = namedtuple("Counts", "groups images channels outputs entries places taps")
#: products for each tile of Winograd's algorithm: all the transforms are of six points
POINTS = 36


def counts(problem: Any) -> Any:
    """How many there are of everything."""
    groups, images, channels, *entries = problem.signal.shape
    outputs, taps = problem.kernel.shape[1], problem.kernel.shape[3:]
    places = problem.out.shape[3:]
    return Counts(
        groups, images, channels, outputs, math.prod(entries), math.prod(places), math.prod(taps)
    )


def multiplying(rows: int, depth: int, columns: int, dtype: Any) -> float:
    """Seconds of a matrix product: its multiplications, and reading and writing the matrices."""
    rate = {"float32": 2.1e-11, "float64": 4.2e-11, "complex64": 8e-11, "complex128": 1.6e-10}
    touched = rows * depth + depth * columns + rows * columns
    return rows * depth * columns * rate.get(str(dtype), 1e-9) + touched * dtype.itemsize * 2.2e-11


def narrow(columns: int) -> float:
    """How many times as long a matrix product takes for being only so many columns wide."""
    return 1 + 16 / max(1, columns)


def copying(entries: int, run: int, dtype: Any) -> float:
    """Seconds to copy or add that many entries in contiguous runs of that length."""
    return entries * (2.5e-11 * dtype.itemsize + 5e-9 / max(run, 1))


def plain(problem: Any) -> str:
    """Why what is written for unstuffed signals does not apply."""
    return "" if all(s == 1 for s in problem.stuffing) else "the signal is stuffed with zeros"


def pointwise_cost(problem: Any) -> tuple[float, str]:
    n = counts(problem)
    dtype = problem.out.dtype
    seconds = n.groups * n.images * multiplying(n.outputs, n.channels, n.places, dtype)
    direct = n.taps == 1 and problem.signal.shape[3:] == problem.out.shape[3:]
    direct = direct and not any(problem.lower) and all(s == 1 for s in problem.step)
    return seconds, plain(problem) or ("" if direct else "the kernel has more than one tap")


def pointwise_contraction_cost(problem: Any) -> tuple[float, str]:
    n = counts(problem)
    dtype = problem.out.dtype
    seconds = 1.3 * n.groups * n.channels * multiplying(n.outputs, n.taps, n.images, dtype)
    direct = n.places == 1 and problem.signal.shape[3:] == problem.kernel.shape[3:]
    direct = direct and not any(problem.lower) and all(s == 1 for s in problem.spread)
    return seconds, plain(problem) or ("" if direct else "there is more than one place")


def columns_cost(problem: Any) -> tuple[float, str]:
    n, dtype = counts(problem), problem.out.dtype
    run = problem.out.shape[-1]
    copies = n.groups * n.images * n.channels
    seconds = copying(copies * n.entries, problem.signal.shape[-1], dtype)
    seconds += copying(copies * n.taps * n.places, run, dtype)
    seconds += copying(n.groups * n.images * n.outputs * n.places, run, dtype)
    product = multiplying(n.outputs, n.channels * n.taps, n.places, dtype)
    return seconds + n.groups * n.images * product, plain(problem)


def channels_last_cost(problem: Any) -> tuple[float, str]:
    n, dtype = counts(problem), problem.out.dtype
    others = n.taps // problem.kernel.shape[3]
    copies = n.groups * n.images * n.channels * problem.signal.shape[3]
    run = n.channels * (problem.kernel.shape[-1] if problem.spread[-1] == 1 else 1)
    seconds = copying(copies * others * n.places // problem.out.shape[3], run, dtype)
    seconds += n.groups * n.images * n.channels * n.entries * 1.2e-9
    seconds += n.groups * n.images * n.outputs * n.places * 1.2e-9
    product = multiplying(n.outputs, n.channels * n.taps, n.places, dtype)
    product *= narrow(n.images * n.places // problem.out.shape[3])
    apart = problem.spread[0] != 1 or problem.out.ndim < 5
    why = "the first axis has taps apart, or is the only one" if apart else ""
    return seconds + n.groups * n.images * product, plain(problem) or why


def contraction_cost(problem: Any) -> tuple[float, str]:
    n, dtype = counts(problem), problem.out.dtype
    run = problem.kernel.shape[-1]
    copies = n.groups * n.images * n.channels
    seconds = copying(copies * n.entries, problem.signal.shape[-1], dtype)
    seconds += copying(copies * n.taps * n.places, run, dtype)
    seconds += copying(n.groups * n.outputs * n.channels * n.taps, run, dtype)
    product = multiplying(n.outputs, n.channels * n.taps, n.images * n.places, dtype)
    return seconds + n.groups * product, plain(problem)


def shifting_cost(problem: Any) -> tuple[float, str]:
    n, dtype = counts(problem), problem.out.dtype
    seconds = n.images * multiplying(n.outputs * n.taps, n.channels, n.entries, dtype)
    seconds += n.images * 3e-6
    added = n.images * n.outputs * n.taps * n.entries
    seconds += 2 * copying(added, n.entries, dtype)
    seconds += 3 * copying(added // problem.kernel.shape[3], problem.signal.shape[-1], dtype)
    why = "" if all(s == 1 for s in problem.step) else "the result is read with a stride"
    why = why or too_large(problem, n.taps * n.entries * problem.threads)
    return n.groups * seconds, why


def rows_cost(problem: Any) -> tuple[float, str]:
    n, dtype = counts(problem), problem.out.dtype
    if problem.out.ndim != 5 or problem.step[0] != 1:
        return 0.0, "there are not two axes, or the first is read with a stride"
    (high, wide), width = problem.signal.shape[3:], problem.out.shape[-1]
    taps = problem.kernel.shape[3]
    band = n.channels * wide * taps * n.outputs * width
    seconds = 1e-4 + multiplying(
        n.images * high, n.channels * wide, taps * n.outputs * width, dtype
    )
    seconds += copying(band + n.images * n.channels * n.entries, wide, dtype)
    seconds += copying(n.images * high * taps * n.outputs * width, n.outputs * width, dtype)
    seconds += copying(n.images * n.outputs * n.places, width, dtype)
    return n.groups * seconds, too_large(problem, n.groups * band)


def winograd_cost(problem: Any) -> tuple[float, str]:
    n = counts(problem)
    large, small = problem.out.shape[3:], problem.kernel.shape[3:]
    seconds = minimal_cost(problem, n.images, n.channels, n.outputs, large, small)
    held = POINTS * n.groups * n.channels * n.outputs
    return n.groups * seconds, minimal(problem, small) or too_large(problem, held)


def winograd_contraction_cost(problem: Any) -> tuple[float, str]:
    n = counts(problem)
    large, small = problem.kernel.shape[3:], problem.out.shape[3:]
    seconds = minimal_cost(problem, n.channels, n.images, n.outputs, large, small)
    held = 2 * problem.threads * POINTS * n.groups * n.images * n.outputs
    return n.groups * seconds, minimal(problem, small) or too_large(problem, held)


def too_large(problem: Any, entries: int) -> str:
    """Whether so many entries are more scratch memory than there should be, in words."""
    size = entries * problem.out.itemsize
    return f"it would take {size >> 20} MB of scratch memory" if size > SCRATCH else ""


def planes_cost(problem: Any) -> tuple[float, str]:
    n = counts(problem)
    large, small = problem.out.shape[4:], problem.kernel.shape[4:]
    sizes = problem.signal.shape[3], problem.out.shape[3], problem.kernel.shape[3]
    seconds = n.images * volume_cost(problem, n.channels, n.outputs, sizes, large, 1.5e-9)
    held = POINTS * n.groups * n.channels * n.outputs * problem.kernel.shape[3]
    return n.groups * seconds, minimal(problem, small, 1) or too_large(problem, held)


def planes_contraction_cost(problem: Any) -> tuple[float, str]:
    n = counts(problem)
    large, small = problem.kernel.shape[4:], problem.out.shape[4:]
    sizes = problem.signal.shape[3], problem.kernel.shape[3], problem.out.shape[3]
    seconds = n.channels * volume_cost(problem, n.images, n.outputs, sizes, large, 1e-9)
    held = 2 * problem.threads * POINTS * n.groups * n.images * n.outputs * problem.out.shape[3]
    return n.groups * seconds, minimal(problem, small, 1) or too_large(problem, held)


def volume_cost(
    problem: Any,
    channels: int,
    outputs: int,
    sizes: tuple[int, int, int],
    large: Any,
    rate: float,
) -> float:
    """Seconds for one volume: transforms of its planes, products and sums for each tap.

    ``rate`` is what the transforms of an entry take.
    """
    tiles = POINTS * math.prod(-(-size // 4) for size in large)
    passes = tiles * (sizes[0] * channels + sizes[1] * outputs) * rate
    added = tiles * sizes[1] * outputs * sizes[2] * 3e-10
    product = multiplying(tiles * sizes[1], channels * sizes[2], outputs, problem.out.dtype)
    return 1e-4 + passes + added + product * narrow(min(channels, outputs))


def minimal(problem: Any, small: tuple[int, ...], outer: int = 0) -> str:
    """Why Winograd's algorithm does not apply where taps or places are ``small``.

    ``outer`` axes before those two may be read anyhow.
    """
    if str(problem.out.dtype) != "float32":
        return "rounding errors are amplified, so it is for float32 only"
    if problem.out.ndim != 5 + outer or len(set(small)) != 1:
        return "no transform is known for this kernel size"
    if all(r != small[0] for _, r in WINOGRAD):
        return "no transform is known for this kernel size"
    if any(s != 1 for s in (*problem.step[outer:], *problem.spread[outer:])):
        return "places or taps are apart from each other"
    return plain(problem)


def minimal_cost(
    problem: Any, images: int, channels: int, outputs: int, large: Any, small: Any
) -> float:
    """Seconds of the transforms, some passes over each tile's entries, and of the products."""
    m = next((m for m, r in WINOGRAD if r == small[0]), 4)
    points = (m + small[0] - 1) ** 2
    tiles = images * math.prod(-(-size // m) for size in large)
    passes = points * tiles * (channels + outputs) * 1.5e-9 + points * channels * outputs * 1e-9
    return 1e-4 + passes + points * multiplying(tiles, channels, outputs, problem.out.dtype)


def fourier_cost(problem: Any) -> tuple[float, str]:
    n, dtype = counts(problem), problem.out.dtype
    sizes = [period(m + taps - 1) for _, m, taps in extents(problem)]
    length = math.prod(sizes)
    transforms = n.images * n.channels + n.images * n.outputs + n.outputs * n.channels
    seconds = transforms * length * (math.log2(length) * 0.6e-9 + 2e-9) * (dtype.itemsize / 4)
    seconds += n.images * n.outputs * n.channels * length / 2 * 1e-10 * (dtype.itemsize / 4)
    if dtype.kind != "f":
        return math.inf, "Fourier transforms are for real floats"
    if any(s != 1 for s in (*problem.step, *problem.spread)):
        return math.inf, "places or taps are apart from each other"
    kernel = n.groups * n.outputs * n.channels * length
    images = 2 * problem.threads * max(n.channels, n.outputs) * length
    return n.groups * seconds, plain(problem) or too_large(problem, kernel + images)
