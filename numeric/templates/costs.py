"""What algorithms are estimated to take on one thread: counts, and rates measured once.

Each algorithm's ``…_cost`` returns seconds, and why the algorithm does not apply, or nothing.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from numeric.templates.geometry import SCRATCH, CorrelationProblem

#: seconds, and why the algorithm does not apply
Cost = tuple[float, str]


class Counts(NamedTuple):
    """The sizes of a problem: d, b, c, o as in geometry, and how many e, i, t over all axes."""

    groups: int
    images: int
    channels: int
    outputs: int
    entries: int
    places: int
    taps: int


def counts(problem: CorrelationProblem) -> Counts:
    """How many there are of everything."""
    groups, images, channels, *entries = problem.signal.shape
    outputs, taps = problem.kernel.shape[1], problem.kernel.shape[3:]
    places = problem.out.shape[3:]
    return Counts(
        groups, images, channels, outputs, math.prod(entries), math.prod(places), math.prod(taps)
    )


def multiplying(rows: int, depth: int, columns: int, dtype: np.dtype[Any]) -> float:
    """Seconds of a matrix product: its multiplications, and reading and writing the matrices."""
    rate = {"float32": 2.1e-11, "float64": 4.2e-11, "complex64": 8e-11, "complex128": 1.6e-10}
    touched = rows * depth + depth * columns + rows * columns
    return rows * depth * columns * rate.get(str(dtype), 1e-9) + touched * dtype.itemsize * 2.2e-11


def narrow(columns: int) -> float:
    """How many times as long a matrix product takes for being only so many columns wide."""
    return 1 + 16 / max(1, columns)


def copying(entries: int, run: int, dtype: np.dtype[Any]) -> float:
    """Seconds to copy or add that many entries in contiguous runs of that length."""
    seconds: float = entries * (2.5e-11 * dtype.itemsize + 5e-9 / max(run, 1))
    return seconds


def plain(problem: CorrelationProblem) -> str:
    """Why what is written for unstuffed signals does not apply."""
    return "" if all(s == 1 for s in problem.stuffing) else "the signal is stuffed with zeros"


def too_large(problem: CorrelationProblem, entries: int) -> str:
    """Whether so many entries are more scratch memory than there should be, in words."""
    size = entries * problem.out.itemsize
    return f"it would take {size >> 20} MB of scratch memory" if size > SCRATCH else ""
