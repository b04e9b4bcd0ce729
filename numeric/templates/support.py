"""What generated modules call: each function's text is copied into the modules that use it.

Only NumPy and the standard library may be used here, and only under the names that a generated
module imports.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numeric.templates.choosing import either, only_where

Array = np.ndarray[tuple[int, ...], np.dtype[Any]]


def common_dtype(*arrays: Any, integers: bool) -> np.dtype[Any]:
    """The dtype to compute in: the arrays' common one; floats where ``integers`` do not do."""
    kinds = [a if isinstance(a, int | float) else np.asarray(a).dtype for a in arrays]
    dtype = np.result_type(*kinds) if kinds else np.dtype(np.int64)
    if dtype.kind not in "biufcO":
        raise ValueError(f"tensors must hold numbers, not {dtype}")
    if dtype.kind == "b":
        dtype = np.dtype(np.int64)
    return dtype if integers or dtype.kind in "fcO" else np.dtype(np.float64)


def table(name: str, array: Any) -> Array:
    """A table of integers as an array."""
    return compared_table(name, array).astype(np.int64, copy=False)


def compared_table(name: str, array: Any) -> Array:
    """A table of integers that nothing is computed from, as narrow as it is."""
    made = np.asarray(array)
    if made.dtype.kind not in "iu" and made.size:
        raise ValueError(f"{name} is a table of integers, but its dtype is {made.dtype}")
    return made if made.dtype.itemsize < 8 else made.astype(np.int64, copy=False)


def below(name: str, array: Array, bound: int) -> None:
    """Refuse a table with entries outside 0 … bound − 1."""
    if array.size and (array.min() < 0 or array.max() >= bound):
        wrong = array[(array < 0) | (array >= bound)]
        raise ValueError(f"{name} holds {wrong[0]}; its entries must be in 0 … {bound - 1}")


def shape_of(name: str, array: Array, axes: str) -> tuple[int, ...]:
    """The array's shape, which must have as many axes as it is said to have."""
    rank = len(axes.split(", ")) if axes else 0
    if array.ndim != rank:
        raise ValueError(f"{name}: expected shape ({axes}), given {array.shape}")
    return array.shape


def expect(name: str, array: Array, axes: str, shape: tuple[int, ...]) -> None:
    """Refuse an array of another shape."""
    if array.shape != shape:
        raise ValueError(f"{name}: expected shape ({axes}) = {shape}, given {array.shape}")


def integers(least: int | None, **values: Any) -> list[int]:
    """Integer hyperparameters, none of which may be less than ``least``."""
    found = []
    for name, value in values.items():
        try:
            found.append(operator.index(value))
        except TypeError:
            raise ValueError(f"{name} must be an integer, not {value!r}") from None
        if least is not None and found[-1] < least:
            raise ValueError(f"{name} must be at least {least}, not {found[-1]}")
    return found


def of_python(number: Any) -> Any:
    """A number of NumPy's as one of Python's, whose type gives way to that of an array."""
    return number.item() if isinstance(number, np.generic) else number


def require(holds: Any, statement: str, **values: Any) -> None:
    """Refuse sizes and hyperparameters under which the layer is not defined."""
    if not holds:
        stated = ", ".join(f"{name} = {value}" for name, value in values.items())
        raise ValueError(f"{statement}, which fails for {stated}" if stated else statement)


def divides(divisor: Any, number: Any) -> Any:
    """Whether the divisor divides the number; zero divides only zero."""
    zero = np.equal(divisor, 0)
    return np.where(zero, np.equal(number, 0), number % np.where(zero, 1, divisor) == 0)


def view(
    array: Array, shape: Sequence[int], start: Sequence[int], steps: Sequence[Sequence[int]]
) -> Array:
    """The array read at ``start + Σ step·index`` along each axis: a view, never outside the array.

    ``steps[j][k]`` is how far the j-th index of the view moves along axis k of the array.
    """
    if 0 in shape:
        return np.zeros(shape, array.dtype)
    for axis, size in enumerate(array.shape):
        reach = [step[axis] * (n - 1) for step, n in zip(steps, shape, strict=True)]
        low = start[axis] + sum(r for r in reach if r < 0)
        high = start[axis] + sum(r for r in reach if r > 0)
        if low < 0 or high >= size:
            raise IndexError(f"axis {axis} of length {size} would be read from {low} to {high}")
    corner = array[tuple(slice(first, None) for first in start)]
    strides = [sum(map(operator.mul, step, array.strides)) for step in steps]
    return as_strided(corner, shape, strides, writeable=False)


def entry(array: Array, *index: int) -> Any:
    """One entry; a negative index is outside, as any other that is."""
    if min(index) < 0:
        raise IndexError(f"index {index} is outside the shape {array.shape}")
    found: Array = array[index]
    return found


def holds(*conditions: Callable[[], Any]) -> bool:
    """Whether all conditions hold; one that fails settles it, even where another is undefined."""
    undefined: ArithmeticError | None = None
    for condition in conditions:
        try:
            if not condition():
                return False
        except ArithmeticError as error:
            undefined = error
    if undefined is not None:
        raise undefined
    return True


def gather(array: Array, *index: Any) -> Array:
    """The entries at broadcast index arrays, none of which may be outside."""
    if any(np.size(i) == 0 for i in index):
        return np.zeros(np.broadcast_shapes(*map(np.shape, index)), array.dtype)
    for axis, (i, size) in enumerate(zip(index, array.shape, strict=True)):
        i = np.asarray(i)
        if not (i.min() >= 0 and i.max() < size):
            raise IndexError(f"axis {axis} of length {size} would be read outside")
    found: Array = array[index]
    return found


def taken(array: Array, index: Array, axis: int, out: Any = None) -> Array:
    """The array at these places along an axis, none of which may be outside."""
    if index.size and not (index.min() >= 0 and index.max() < array.shape[axis]):
        raise IndexError(f"axis {axis} of length {array.shape[axis]} would be read outside")
    if out is None:
        return np.take(array, index, axis)
    return np.take(array, index, axis, out=out, mode="clip")  # which needs no copy of ``out``


def gather_or_zero(array: Array, *index: Any) -> Array:
    """The entries at broadcast index arrays, and zero where one of them is outside."""
    index = np.broadcast_arrays(*index)
    inside = np.ones(index[0].shape, bool)
    for i, size in zip(index, array.shape, strict=True):
        inside &= (i >= 0) & (i < size)
    if array.size == 0:
        return np.zeros(inside.shape, array.dtype)
    found: Array = only_where(inside, array[tuple(i * inside for i in index)])
    return found


def scatter_add(target: Array, index: Sequence[Any], values: Array) -> None:
    """Add each value to the entry at its index; values whose index is outside are dropped."""
    *index, values = np.broadcast_arrays(*index, values)
    inside = np.ones(values.shape, bool)
    for i, size in zip(index, target.shape, strict=True):
        inside &= (i >= 0) & (i < size)
    np.add.at(target, tuple(i[inside] for i in index), values[inside])


def add_rows(target: Array, index: Array, rows: Array) -> None:
    """Add each row to the row of the target with its index, if there is one.

    In rounds: the first row for each index, the second, …, so that no two meet in a round.
    """
    index = index.reshape(-1)
    rows = rows.reshape(len(index), *target.shape[1:])
    inside = (index >= 0) & (index < len(target))
    if not inside.all():
        index, rows = index[inside], rows[inside]
    small = index.astype(np.uint16) if len(target) <= 1 << 16 else index
    order = np.argsort(small, kind="stable")
    index = index[order]
    starts = np.flatnonzero(np.diff(index, prepend=-1))
    counts = np.diff(starts, append=len(index))
    most = counts.max(initial=0)
    if most > 8:
        target[index[starts]] += np.add.reduceat(np.take(rows, order, axis=0), starts, axis=0)
        return
    for number in range(most):
        starts = starts[counts > number]
        counts = counts[counts > number]
        at = starts + number
        target[index[at]] += np.take(rows, order[at], axis=0)


def add_single(target: Array, axis: int, places: Array, values: Any) -> None:
    """Add a value to one entry of each line along an axis: that with its place, if there is one."""
    lines = np.moveaxis(target, axis, -1) if axis < target.ndim - 1 else target
    *shape, length = lines.shape
    grid = (np.arange(n).reshape([-1] + [1] * (len(shape) - k - 1)) for k, n in enumerate(shape))
    index = (*grid, places)
    if places.size and not (places.min() >= 0 and places.max() < length):
        inside = np.broadcast_to((places >= 0) & (places < length), shape)
        index = tuple(np.broadcast_to(at, shape)[inside] for at in index)
        values = np.broadcast_to(values, shape)[inside]
    lines[index] += values


def lowest(dtype: np.dtype[Any]) -> Any:
    """A number that no number of that dtype is below."""
    return np.iinfo(dtype).min if dtype.kind in "iu" else -math.inf


def flattened(values: Array, count: int) -> Array:
    """The array with its last ``count`` axes made into one."""
    kept = values.ndim - count
    return values.reshape(*values.shape[:kept], math.prod(values.shape[kept:]))


def largest(values: Array, count: int) -> Array:
    """The largest value over the last ``count`` axes, of which there must be one."""
    if 0 in values.shape[values.ndim - count :] and 0 not in values.shape[: values.ndim - count]:
        raise ValueError("the maximum over an empty range")
    if not values.size:
        return np.zeros(values.shape[: values.ndim - count], values.dtype)
    return maxima(flattened(values, count))


def maxima(rows: Array) -> Array:
    """The maximum over the last axis; of a short one, that of its entries side by side."""
    *kept, length = rows.shape
    if length >= 32:
        found: Array = rows.max(axis=-1)
    else:
        found = rows.reshape(-1, length).T.copy().max(axis=0).reshape(kept)
    return found


def largest_where(values: Array, count: int, only: Any, needed: Any) -> Array:
    """The largest value over the last ``count`` axes, of those where ``only`` holds.

    Where ``needed`` holds there must be such a value; elsewhere, 0 stands where there is none.
    """
    if only is True and 0 not in values.shape:
        return largest(values, count)
    values, only = (flattened(a, count) for a in np.broadcast_arrays(values, only))
    some = only.any(axis=-1)
    if np.any(np.logical_and(~some, needed)):
        raise ValueError("the maximum over an empty range")
    least = lowest(values.dtype)
    found: Array = only_where(some, either(only, values, least).max(axis=-1, initial=least))
    return found


def first_place(values: Array, count: int) -> Array:
    """Where along the last ``count`` axes, flattened, the first largest value is; −1: nowhere."""
    values = flattened(values, count)
    return np.argmax(values, axis=-1) if values.shape[-1] else np.full(values.shape[:-1], -1)


def first_place_where(values: Array, count: int, only: Any) -> Array:
    """The same, looking only at values where ``only`` holds."""
    values, only = (flattened(a, count) for a in np.broadcast_arrays(values, only))
    if not values.shape[-1]:
        return np.full(values.shape[:-1], -1)
    best = either(only, values, lowest(values.dtype)).max(axis=-1, keepdims=True)
    return np.where(only.any(axis=-1), np.argmax(only & (values == best), axis=-1), -1)
