"""Arrays gone over block by block: what is computed of a block is still in the cache when read.

And operations on a block in a way that NumPy does quickly."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from numeric.templates.choosing import one_of
from numeric.templates.sharing import cores, together

Array = np.ndarray[tuple[int, ...], np.dtype[Any]]

#: the bytes of a block's largest array
IN_CACHE = 1 << 19
#: the bytes of the largest array that a thread must have to do, to be worth waking
SHARE = 1 << 20
#: the most numbers that are added one after the other; of a row BLAS adds several at a time
LONGEST = 1 << 9
#: the types of numbers that NumPy compares several at a time
SPREAD = (np.dtype(np.float32), np.dtype(np.float64))


def allocated(arena: Any, name: str, shape: Sequence[int], dtype: Any) -> Array:
    """An array whose entries are anything, from the arena if there is one."""
    made: Array = np.empty(shape, dtype) if arena is None else arena.empty(name, shape, dtype)
    return made


def over_entries(compute: Callable[..., None], threads: int | None, *arrays: Array) -> None:
    """``compute`` on blocks of arrays of one shape, whatever it is; those of no axes stay whole."""
    over_rows(compute, threads, *(array.reshape(-1) for array in arrays))


def over_rows(compute: Callable[..., None], threads: int | None, *arrays: Array) -> None:
    """``compute`` on blocks of rows of the arrays, in shares for threads."""
    count = len(arrays[0])
    size = max(array.nbytes for array in arrays)
    rows = max(1, IN_CACHE * count // max(size, 1))
    number = max(1, min(threads or cores(), size // SHARE, count))
    bounds = [count * k // number for k in range(number + 1)]
    together([partial(in_turn, compute, rows, lo, hi, arrays) for lo, hi in pairwise(bounds)])


def in_turn(
    compute: Callable[..., None], rows: int, start: int, stop: int, arrays: tuple[Array, ...]
) -> None:
    """``compute`` on so many rows at a time, of those from ``start`` to ``stop``."""
    for low in range(start, stop, rows):
        high = min(low + rows, stop)
        compute(*(array[low:high] for array in arrays))


def surrounded(array: Array, widths: Sequence[tuple[int, int]], fill: Any = 0) -> Array:
    """The array with so many more entries on both sides of each axis."""
    shape = [lo + n + hi for n, (lo, hi) in zip(array.shape, widths, strict=True)]
    made = np.full(shape, fill, array.dtype) if fill else np.zeros(shape, array.dtype)
    inner = (slice(lo, lo + n) for n, (lo, _) in zip(array.shape, widths, strict=True))
    made[tuple(inner)] = array
    return made


def larger(first: Any, second: Any, out: Any = None) -> Any:
    """``np.maximum``; beside a number ``clip``, whose loop is twice as quick."""
    if is_number_beside(second, first):
        return first.clip(second, math.inf, out=out)
    if is_number_beside(first, second):
        return second.clip(first, math.inf, out=out)
    return np.maximum(first, second, out=out)


def smaller(first: Any, second: Any, out: Any = None) -> Any:
    """``np.minimum``; beside a number ``clip``."""
    if is_number_beside(second, first):
        return first.clip(-math.inf, second, out=out)
    if is_number_beside(first, second):
        return second.clip(-math.inf, first, out=out)
    return np.minimum(first, second, out=out)


def sloped(value: Any, rate: Any, dtype: np.dtype[Any], out: Any = None) -> Any:
    """The value where it is positive, else ``rate`` times it: the larger of both for most rates."""
    if not (is_number_beside(rate, value) and 0 < rate <= 1):
        return np.multiply(value, one_of(value > 0, 1, rate, dtype), out=out)
    other = np.multiply(value, rate, out=out)
    return np.maximum(value, other, out=out)


def is_number_beside(number: Any, array: Any) -> bool:
    """Whether it is a number, and no NaN, beside an array of floats."""
    return isinstance(number, int | float) and number == number and is_spread(array)


def is_spread(value: Any) -> bool:
    """Whether it is an array of such numbers; ``None in SPREAD`` holds, as NumPy's default type."""
    return isinstance(value, np.ndarray | np.generic) and value.dtype in SPREAD


def sums(array: Array, axes: Sequence[int], dtype: np.dtype[Any]) -> Any:
    """The sums over axes; of floats along the last or the first axes by products with ones."""
    rank, over = array.ndim, {axis % array.ndim for axis in axes}
    last = next((k for k in range(rank) if all(axis in over for axis in range(k, rank))), rank)
    plain = dtype not in SPREAD or array.dtype != dtype or not array.flags.c_contiguous
    if plain or not array.size:
        return np.sum(array, axis=tuple(axes), dtype=dtype)
    if last < rank:
        made = dotted(array.reshape(-1, math.prod(array.shape[last:]))).reshape(array.shape[:last])
        left = tuple(over - {*range(last, rank)})
        return np.sum(made, axis=left) if left else made
    if over == {0} and len(array) <= LONGEST:
        return (np.ones(len(array), dtype) @ array.reshape(len(array), -1)).reshape(array.shape[1:])
    return np.sum(array, axis=tuple(axes), dtype=dtype)


def dotted(rows: Array) -> Array:
    """The sum of each row, long ones in pieces whose sums are then added in pairs."""
    count, length = rows.shape
    if length <= 2 * LONGEST:
        return rows @ np.ones(length, rows.dtype)
    whole = length // LONGEST * LONGEST
    parts = rows[:, :whole].reshape(count, -1, LONGEST) @ np.ones(LONGEST, rows.dtype)
    made: Array = np.sum(parts, axis=1) + np.sum(rows[:, whole:], axis=1)
    return made


def square_sums(array: Array, axes: Sequence[int], dtype: np.dtype[Any]) -> Any:
    """The sums of squares over axes."""
    if dtype not in SPREAD or array.dtype != dtype:
        return np.sum(np.square(array), axis=tuple(axes), dtype=dtype)
    every = list(range(array.ndim))
    over = {axis % array.ndim for axis in axes}
    if over == {*every[1:]} and array.flags.c_contiguous and array.size:
        return row_products(*[array.reshape(len(array), -1)] * 2)
    return np.einsum(array, every, array, every, [axis for axis in every if axis not in over])


def row_products(first: Array, second: Array) -> Array:
    """The products of rows with rows; of short ones by BLAS, whose sums are not in pairs."""
    length = first.shape[1]
    if first.dtype not in SPREAD or first.dtype != second.dtype or length > 2 * LONGEST:
        made: Array = np.einsum("ab,ab->a", first, second)
    else:
        made = np.matmul(first[:, None, :], second[:, :, None]).reshape(-1)
    return made


def raised(base: Any, exponent: Any) -> Any:
    """A power; of quarters up to 4 by products and square roots, which take a tenth of the time."""
    quarters = 4 * exponent if isinstance(exponent, int | float) else math.nan
    if not is_spread(base) or not abs(quarters) <= 16 or quarters % 1:
        return base**exponent
    if quarters < 0:
        base = 1 / base
    whole, rest = divmod(int(abs(quarters)), 4)
    factors = [base] * whole
    if rest:
        root = np.sqrt(base)
        factors += [root] * (rest >= 2) + [np.sqrt(root)] * (rest != 2)
    return functools.reduce(operator.mul, factors) if factors else np.ones_like(base)
