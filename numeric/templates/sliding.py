"""Sums, maxima and places of maxima over windows, one axis after the other, by shifted slices.

A window is (axis, count, size, step, spread, start): place r < count along that axis has the
entries start + step·r + spread·t, t < size.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

Array = np.ndarray[tuple[int, ...], np.dtype[Any]]
Window = tuple[int, int, int, int, int, int]

#: the most windows whose starts are kept in one array
KEPT_STARTS = 1 << 17
#: the longest row that is short: NumPy's loops begin anew for each
SHORT_ROW = 128


def tap(array: Array, window: Window, number: int) -> Array:
    """The entries with that number in their windows along an axis; never outside the array."""
    axis, count, _, step, spread, start = window
    first = start + spread * number
    end = first + step * (count - 1) + 1
    if count and not (first >= 0 and end <= array.shape[axis]):
        raise IndexError(f"axis {axis} of length {array.shape[axis]} would be read outside")
    return array[(slice(None),) * axis + (slice(first, max(end, 0), step),)]


def folded_windows(
    combine: Callable[..., Any], array: Array, windows: Sequence[Window], out: Any = None
) -> Array:
    """Windows of at least one entry combined, whole rows first, as their entries are neighbours."""
    if windows and array.size and array.flags.c_contiguous and are_dense(array, windows):
        return folded_flat(combine, array, windows, out)
    for window in windows:
        made = tap(array, window, 0)
        last = out if window is windows[-1] else None
        if window[2] == 1:
            made = np.array(made)
        for number in range(1, window[2]):
            into = last if number == 1 else made
            made = combine(made, tap(array, window, number), out=into)
        array = made
    if out is not None and array is not out:
        np.copyto(out, array)
    return array


def are_dense(array: Array, windows: Sequence[Window]) -> bool:
    """Whether windows lie so close, in so short rows, that one at every entry costs no more."""
    close = all(step <= 2 and abs(spread) * size <= 16 for _, _, size, step, spread, _ in windows)
    return close and array.shape[-1] <= SHORT_ROW and all(count for _, count, *_ in windows)


def folded_flat(
    combine: Callable[..., Any], array: Array, windows: Sequence[Window], out: Array | None = None
) -> Array:
    """The same by whole shifted arrays, in which rows follow one another.

    Windows that run over the end of a row are combined as well, and not looked at.
    """
    made: Array = array.reshape(-1)
    with np.errstate(invalid="ignore", over="ignore"):
        for window in windows:
            first, *others = shifted(made, array, window)
            made = first
            for other in others:
                made = combine(made, other, out=None if made is first else made)
    return looked_at(made, array, windows, out)


def shifted(row: Array, array: Array, window: Window) -> Iterator[Array]:
    """For each number of an entry in its window, the row in which the windows' entries lie at the
    windows' lowest entry; ``row`` has the entries of ``array``, or those that are left of them.
    """
    axis, _, size, _, spread, _ = window
    for number in (0, size - 1):
        tap(array, window, number)  # which refuses what is outside
    shift = abs(spread) * (array.strides[axis] // array.itemsize)
    length = row.size - (size - 1) * shift
    for number in range(size):
        begin = shift * (number if spread > 0 else size - 1 - number)
        yield row[begin : begin + length]


def looked_at(
    row: Array, array: Array, windows: Sequence[Window], out: Array | None = None
) -> Array:
    """What was computed at the windows' lowest entries, in an array of its own."""
    shape, first = list(array.shape), 0
    steps = [stride // array.itemsize for stride in array.strides]
    moves = list(steps)
    for axis, count, size, step, spread, start in windows:
        shape[axis], moves[axis] = count, steps[axis] * step
        first += steps[axis] * (start + min(spread, 0) * (size - 1))
    strides = [move * row.itemsize for move in moves]
    found = as_strided(row[first:], shape, strides, writeable=False)
    if out is None:
        return found.copy()
    np.copyto(out, found)
    return out


def window_sums(array: Array, *windows: Window, out: Any = None) -> Array:
    """The sum of each window."""
    if any(size == 0 for _, _, size, *_ in windows):
        counts = {axis: count for axis, count, *_ in windows}
        shape = [counts.get(axis, n) for axis, n in enumerate(array.shape)]
        array, windows = np.zeros(shape, array.dtype), ()
    return folded_windows(np.add, array, windows, out)


def window_spread(values: Array, shape: Sequence[int], *windows: Window, out: Any = None) -> Array:
    """For each entry of an array of that shape, the sum of the values of its windows.

    One axis after the other, the last one first: fewer rows are met in a row's length.
    """
    made = values
    for window in reversed(windows):
        axis, count, size, step, spread, start = window
        longer = (*made.shape[:axis], shape[axis], *made.shape[axis + 1 :])
        here = out is not None and window is windows[0]
        target = out if here else np.empty(longer, values.dtype)
        apart = min(step, size) if spread == 1 else 1  # so many do not meet one another
        if not (apart == step and start == 0 and count * step >= shape[axis]):
            target[...] = 0
        for number in range(size):
            place = tap(target, window, number)
            if number < apart:
                np.copyto(place, made)
            else:
                place += made
        made = target
    return made


def window_maxima(array: Array, *windows: Window, out: Any = None) -> Array:
    """The largest entry of each window, NaN if one is."""
    refuse_empty(windows)
    return folded_windows(np.maximum, array, windows, out)


def window_places(array: Array, *windows: Window) -> Array:
    """The number, in row-major order, of the first largest entry of each window; of NaN, if any."""
    return window_winners(array, *windows)[1]


def window_winners(
    array: Array, *windows: Window, out: Any = None, places: Any = None
) -> tuple[Array, Array]:
    """The largest entries of windows, and the numbers of their places, in a tournament."""
    refuse_empty(windows)
    nan = array.dtype.kind == "f" and np.isnan(array.max(initial=-math.inf))
    count = math.prod(size for _, _, size, *_ in windows)
    flat = array.size and array.flags.c_contiguous and are_dense(array, windows)
    best, inner = array.reshape(-1) if flat else array, 1
    chosen = np.zeros(best.shape, place_dtype(count))
    for window in reversed(windows):
        if flat:
            values, numbers = shifted(best, array, window), shifted(chosen, array, window)
        else:
            values, numbers = taps(best, window), taps(chosen, window)
        best, chosen = won(values, numbers, inner, nan)
        inner *= window[2]
    if flat:
        return looked_at(best, array, windows, out), looked_at(chosen, array, windows, places)
    for made, target in ((best, out), (chosen, places)):
        if target is not None:
            np.copyto(target, made)
    return best, chosen


def won(
    values: Iterable[Array], numbers: Iterable[Array], inner: int, nan: Any
) -> tuple[Array, Array]:
    """The largest of values entry by entry, and its number: ``inner`` times which, and its own."""
    pairs = zip(values, numbers, strict=True)
    best, chosen = next(pairs)
    own: tuple[Any, Any] = (None, None)
    for number, (value, place) in enumerate(pairs, 1):
        better = value > best
        if nan:
            better |= (value != value) & (best == best)
        place = place + place.dtype.type(number * inner)
        np.multiply(place, better.view(np.uint8), out=place)
        best, chosen = np.maximum(best, value, out=own[0]), np.maximum(chosen, place, out=own[1])
        own = best, chosen
    return best, chosen


def taps(array: Array, window: Window) -> Iterator[Array]:
    """The entries of windows, one number after the other."""
    return (tap(array, window, number) for number in range(window[2]))


def place_dtype(count: int) -> np.dtype[Any]:
    """Integers that number so many places."""
    return np.dtype(np.uint8 if count <= 1 << 8 else np.int32)


def refuse_empty(windows: Sequence[Window]) -> None:
    """``ValueError`` where there is a window without entries."""
    if any(size == 0 and count for _, count, size, *_ in windows):
        raise ValueError("the maximum over an empty range")


def add_at_places(target: Array, places: Array, values: Array, *windows: Window) -> None:
    """Add each value to the entry of its window that ``places`` numbers, all in one go."""
    if not target.flags.c_contiguous:
        made = np.zeros(target.shape, target.dtype)
        add_at_places(made, places, values, *windows)
        target += made
        return
    for window in windows:
        for number in (0, window[2] - 1):
            tap(target, window, number)  # which refuses what is outside
    steps = tuple(stride // target.itemsize for stride in target.strides)
    index = np.take(window_offsets(steps, windows), places)
    for starts in window_starts(steps, places.shape, windows):
        index += starts
    np.add.at(target.reshape(-1), index.reshape(-1), values.reshape(-1))


def sums_from_places(places: Array, values: Array, *windows: Window) -> Array:
    """For each place, the sum of its window's values whose ``places`` are their numbers there.

    The windows are one entry apart: each value goes back to the only place that it counts for.
    """
    shape, back, kept = list(values.shape), [], [slice(None)] * values.ndim
    for axis, count, size, _, spread, start in windows:
        length, reach = shape[axis], abs(spread) * (size - 1)
        shape[axis] += reach
        back.append((axis, length, size, 1, -spread, reach if spread > 0 else 0))
        first = start + (reach if spread > 0 else 0)
        kept[axis] = slice(first, first + count)
    made = np.zeros(shape, values.dtype)
    add_at_places(made, places, values, *back)
    return made[tuple(kept)]


@functools.lru_cache(maxsize=64)
def window_offsets(steps: Sequence[int], windows: Sequence[Window]) -> Array:
    """How far each entry of a window lies behind its start, where ``steps`` lie between entries."""
    offsets = np.zeros(1, np.intp)
    for axis, _, size, _, spread, _ in windows:
        offsets = (offsets[:, None] + np.arange(size) * (spread * steps[axis])).reshape(-1)
    return offsets


@functools.lru_cache(maxsize=64)
def window_starts(
    steps: Sequence[int], counts: Sequence[int], windows: Sequence[Window]
) -> tuple[Array, ...]:
    """How far windows start behind the array's start: arrays that are to be added up.

    ``steps`` lie between neighbours along each axis, in entries.  The last axes have an array
    together unless it is large: it is kept for arrays of the same shape.
    """
    moves = {axis: (step, start) for axis, _, _, step, _, start in windows}
    made: list[Array] = []
    for axis in reversed(range(len(counts))):
        step, start = moves.get(axis, (1, 0))
        ahead = (start + step * np.arange(counts[axis], dtype=np.intp)) * steps[axis]
        ahead = ahead.reshape([-1] + [1] * (len(counts) - axis - 1))
        if made and made[-1].size * counts[axis] <= KEPT_STARTS:
            made[-1] = made[-1] + ahead
        else:
            made.append(ahead)
    return tuple(made)
