"""Which algorithm is used: the one with the least estimated time of those that apply."""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache
from typing import Any

import numpy as np

from numeric.fast.bands import bands, pointwise
from numeric.fast.channels_last import channels_last
from numeric.fast.contraction import contraction, pointwise_contraction, slice_contraction
from numeric.fast.costs import (
    bands_cost,
    channels_last_cost,
    contraction_cost,
    copying,
    counts,
    fourier_cost,
    planes_contraction_cost,
    planes_cost,
    pointwise_contraction_cost,
    pointwise_cost,
    rows_cost,
    shifting_cost,
    slice_contraction_cost,
    slices_cost,
    winograd_contraction_cost,
    winograd_cost,
)
from numeric.fast.fourier import fourier
from numeric.fast.geometry import Problem, filled
from numeric.fast.parting import parts_of
from numeric.fast.planes import planes, planes_contraction
from numeric.fast.rows import rows
from numeric.fast.shifting import shifting
from numeric.fast.slices import slices
from numeric.fast.winograd import winograd, winograd_contraction

#: an algorithm with its estimated time on one thread; ``refused`` says why it does not apply
Candidate = namedtuple("Candidate", "name run seconds refused")


def solve(problem: Any) -> None:
    """Run the algorithm with the least estimated time."""
    if not problem.out.size:
        return
    if 0 in problem.signal.shape or 0 in problem.kernel.shape:
        filled(problem)
    else:
        ranked(*signature(problem))[0].run(problem)


def signature(problem: Any) -> tuple[Any, ...]:
    """All that the costs depend on: shapes, dtype, and how the axes are read."""
    shapes = tuple(a.shape for a in (problem.out, problem.signal, problem.kernel))
    key = (problem.step, problem.spread, problem.lower, problem.stuffing, problem.threads)
    return shapes, problem.out.dtype, key


@lru_cache(maxsize=1024)
def ranked(shapes: tuple[tuple[int, ...], ...], dtype: Any, key: tuple[Any, ...]) -> list[Any]:
    """The algorithms for arrays of these shapes, as ``candidates`` has them."""
    empty = np.zeros((), dtype)
    out, signal, kernel = (np.broadcast_to(empty, shape) for shape in shapes)
    return candidates(Problem(out, signal, kernel, None, *key))


def candidates(problem: Any) -> list[Any]:
    """All algorithms, the one with the least estimated time first, those that do not apply last."""
    known = {
        "pointwise": (pointwise, pointwise_cost),
        "pointwise contraction": (pointwise_contraction, pointwise_contraction_cost),
        "rows": (rows, rows_cost),
        "channels last": (channels_last, channels_last_cost),
        "slices": (slices, slices_cost),
        "bands": (bands, bands_cost),
        "contraction": (contraction, contraction_cost),
        "slice contraction": (slice_contraction, slice_contraction_cost),
        "shifting": (shifting, shifting_cost),
        "winograd": (winograd, winograd_cost),
        "winograd contraction": (winograd_contraction, winograd_contraction_cost),
        "planes": (planes, planes_cost),
        "planes contraction": (planes_contraction, planes_contraction_cost),
        "fourier": (fourier, fourier_cost),
        "parting": (parting, parting_cost),
    }
    made = [Candidate(name, run, *cost(problem)) for name, (run, cost) in known.items()]
    return sorted(made, key=lambda c: (bool(c.refused), c.seconds))


def parting(problem: Any) -> None:
    """Each residue of the places by its own best algorithm."""
    for piece in parts_of(problem):
        solve(piece)


def parting_cost(problem: Any) -> tuple[float, str]:
    n = counts(problem)
    if all(s == 1 for s in (*problem.stuffing, *problem.spread)):
        return 0.0, "nothing is stuffed, and no taps are apart"
    pieces = [p for p in parts_of(problem) if p.out.size]
    whole = [p for p in pieces if 0 not in p.signal.shape and 0 not in p.kernel.shape]
    written = n.groups * n.images * n.outputs * n.places
    seconds = copying(written, 8, problem.out.dtype) + 5e-5 * len(pieces)
    return seconds + sum(candidates(p)[0].seconds for p in whole), ""
