"""A cross-correlation on arrays, brought to one canonical shape.

    out[d, b, o, i] = addend[d, b, o, i] + Σ_{c, t} signal[d, b, c, e]·kernel[d, o, c, t]
    with e = (step·i + spread·t − lower) / stuffing along each sliding axis

The signal reads as zero outside itself, and where ``stuffing`` does not divide.  The axes d are
shared by all three arrays (channel groups), b by out and signal, o by out and kernel, c by signal
and kernel; i, t and e stand for one axis a dimension.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np

Array = np.ndarray[tuple[int, ...], np.dtype[Any]]
#: a number for each axis
Sizes = tuple[int, ...]
#: a piece of work: a slice of each axis that is cut
Block = tuple[slice, ...]
Made = TypeVar("Made")


class CorrelationProblem(NamedTuple):
    """The arrays, how each sliding axis is read, and the number of threads."""

    out: Array
    signal: Array
    kernel: Array
    addend: Array | None
    step: Sizes
    spread: Sizes
    lower: Sizes
    stuffing: Sizes
    threads: int


#: the bytes of a block of scratch memory, which should stay in the caches
BLOCK = 1 << 21
#: the most bytes of scratch memory that a choice may lead to, beside copies of operands
SCRATCH = 1 << 26


def remembered(function: Callable[[CorrelationProblem], Made], problem: CorrelationProblem) -> Made:
    """What the function says of a problem; computed once for all of the same signature."""
    made: Made = for_signature(function, *signature(problem))
    return made


@lru_cache(maxsize=4096)
def for_signature(
    function: Callable[[CorrelationProblem], Any],
    shapes: tuple[Sizes, ...],
    dtype: Any,
    key: tuple[Any, ...],
) -> Any:
    """What the function says of arrays that are there for their shapes only."""
    empty = np.zeros((), dtype)
    out, signal, kernel = (np.broadcast_to(empty, shape) for shape in shapes)
    return function(CorrelationProblem(out, signal, kernel, None, *key))


def settled(problem: CorrelationProblem) -> CorrelationProblem:
    """The same sums with the signal cut down to what is read, and common factors taken out."""
    cut, step, spread, lower = remembered(settling, problem)
    signal = problem.signal[cut]
    return problem._replace(signal=signal, step=step, spread=spread, lower=lower)


def settling(problem: CorrelationProblem) -> tuple[Any, Sizes, Sizes, Sizes]:
    """Which part of the signal is read, and step, spread and lower there.

    Only where nothing is stuffed: an axis that is read at q·(step·i + spread·t) + first is every
    q-th entry from there on, read at step·i + spread·t.
    """
    if any(s != 1 for s in problem.stuffing):
        return ..., problem.step, problem.spread, problem.lower
    pieces, axes = [], []
    rows = zip(extents(problem), problem.step, problem.spread, problem.lower, strict=True)
    for (n, m, taps), step, spread, lower in rows:
        if m == 1:
            step = spread if taps > 1 else 1
        if taps == 1:
            spread = step
        common = math.gcd(step, spread)
        first = max(-lower, -lower % common)
        last = step * (m - 1) + spread * (taps - 1) - lower
        pieces.append(slice(first, max(first, min(n, last + 1)), common))
        axes.append((step // common, spread // common, (first + lower) // common))
    steps, spreads, lowers = zip(*axes, strict=True)
    return (..., *pieces), steps, spreads, lowers


def extents(problem: CorrelationProblem) -> list[tuple[int, int, int]]:
    """For each sliding axis the number of entries of the signal, of the result, and of taps."""
    arrays = (problem.signal, problem.out, problem.kernel)
    return list(zip(*(array.shape[3:] for array in arrays), strict=True))


def filled(problem: CorrelationProblem) -> None:
    """Put the addend, or zero, into the result."""
    problem.out[...] = 0 if problem.addend is None else problem.addend


def placed(made: Array, problem: CorrelationProblem, target: Block) -> None:
    """Write a block's results, with the addend."""
    if problem.addend is None:
        np.copyto(problem.out[target], made)
    else:
        np.add(made, problem.addend[target], out=problem.out[target])


def lengths(sizes: Sequence[int], budget: int) -> list[int]:
    """How many entries of each axis a block takes: whole axes from the last one on, while it fits.

    Blocks along an axis are of about the same length.
    """
    taken = []
    for size in reversed(sizes):
        most = max(1, min(size, budget))
        taken.append(-(-size // -(-size // most)) if size else 1)
        budget //= taken[-1]
    return taken[::-1]


def blocks(sizes: Sequence[int], taken: Sequence[int], least: int = 1) -> list[Block]:
    """The slices of each block, in row-major order; smaller blocks where there would be too few."""
    taken = list(taken)
    while max(taken) > 1 and math.prod(map(pieces, sizes, taken)) < least:
        axis = next(k for k, length in enumerate(taken) if length > 1)
        taken[axis] = -(-taken[axis] // 2)
    made: list[Block] = [()]
    for size, length in zip(sizes, taken, strict=True):
        cuts = [slice(k, min(size, k + length)) for k in range(0, size, length)]
        made = [(*before, at) for before in made for at in cuts]
    return made


def pieces(size: int, length: int) -> int:
    """How many blocks of that length there are along an axis."""
    return -(-size // length)


def signature(problem: CorrelationProblem) -> tuple[Any, ...]:
    """All that plans and costs depend on: shapes, dtype, and how the axes are read."""
    shapes = problem.out.shape, problem.signal.shape, problem.kernel.shape
    key = (problem.step, problem.spread, problem.lower, problem.stuffing, problem.threads)
    return shapes, problem.out.dtype, key


def flat_matrix(array: Array) -> Array:
    """The array with its axes after the first two made into one, contiguous."""
    return np.ascontiguousarray(array.reshape(*array.shape[:2], math.prod(array.shape[2:])))


def aligned(size: int, count: int, step: int, shift: int) -> tuple[slice, slice]:
    """The i in 0 … count − 1 whose step·i + shift is in 0 … size − 1, and the entries there."""
    first = min(count, max(0, -(shift // step)))
    last = max(first, min(count, -((shift - size) // step)))
    start = step * first + shift
    return slice(first, last), slice(start, start + step * (last - first), step)
