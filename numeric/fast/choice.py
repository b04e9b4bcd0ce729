"""Which algorithm is used: the one with the least estimated time of those that apply."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from numeric.fast.channels_last import channels_last
from numeric.fast.columns import column_tasks, columns
from numeric.fast.contraction import contraction
from numeric.fast.costs import (
    channels_last_cost,
    columns_cost,
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
    winograd_contraction_cost,
    winograd_cost,
)
from numeric.fast.fourier import fourier
from numeric.fast.geometry import filled, signature, stand_in
from numeric.fast.inner_products import inner_products, inner_products_cost
from numeric.fast.parting import parts_of
from numeric.fast.planes import planes, planes_contraction
from numeric.fast.pointwise import pointwise, pointwise_contraction, pointwise_tasks
from numeric.fast.rows import rows
from numeric.fast.sharing import blas_threads, drained, small_buffers
from numeric.fast.shifting import shifting, shifting_tasks
from numeric.fast.winograd import winograd, winograd_contraction

#: an algorithm with its estimated time on one thread; ``refused`` says why it does not apply
Candidate = namedtuple("Candidate", "name run seconds refused")
#: seconds below which it is not worth while to wake another thread of Python: BLAS's own threads
#: wait busily, and share each matrix product (where most of the time goes into these)
SHORT = 1e-3
#: about the seconds after which another thread has begun to work
WAKING = 2e-4


def solve(problem: Any) -> None:
    """Run the algorithm with the least estimated time."""
    if not problem.out.size:
        return
    if 0 in problem.signal.shape or 0 in problem.kernel.shape:
        filled(problem)
    else:
        best = ranked(*signature(problem))[0]
        short = best.seconds < SHORT and best.run not in (columns, shifting)
        alone = short or best.seconds < WAKING
        with blas_threads(problem.threads if short else 1), small_buffers():
            best.run(problem._replace(threads=1) if alone else problem)


@lru_cache(maxsize=1024)
def ranked(shapes: tuple[tuple[int, ...], ...], dtype: Any, key: tuple[Any, ...]) -> list[Any]:
    """The algorithms for arrays of these shapes, as ``candidates`` has them."""
    return candidates(stand_in(shapes, dtype, key))


def candidates(problem: Any) -> list[Any]:
    """All algorithms, the one with the least estimated time first, those that do not apply last."""
    known = {
        "pointwise": (pointwise, pointwise_cost),
        "pointwise contraction": (pointwise_contraction, pointwise_contraction_cost),
        "columns": (columns, columns_cost),
        "channels last": (channels_last, channels_last_cost),
        "contraction": (contraction, contraction_cost),
        "inner products": (inner_products, inner_products_cost),
        "rows": (rows, rows_cost),
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
    """Each residue of the places by its own best algorithm, all their blocks together."""
    acts: list[Callable[[Any], None]] = []
    for piece in parts_of(problem):
        if not piece.out.size or 0 in piece.signal.shape or 0 in piece.kernel.shape:
            filled(piece)
            continue
        run = ranked(*signature(piece))[0].run
        tasks = {columns: column_tasks, pointwise: pointwise_tasks, shifting: shifting_tasks}
        if run in tasks:
            count, act = tasks[run](piece)
            acts += [partial(act, number) for number in range(count)]
        else:
            run(piece)
    drained(lambda number, held: acts[number](held), len(acts), problem.threads)


def parting_cost(problem: Any) -> tuple[float, str]:
    n = counts(problem)
    if all(s == 1 for s in (*problem.stuffing, *problem.spread)):
        return 0.0, "nothing is stuffed, and no taps are apart"
    pieces = [p for p in parts_of(problem) if p.out.size]
    whole = [p for p in pieces if 0 not in p.signal.shape and 0 not in p.kernel.shape]
    written = n.groups * n.images * n.outputs * n.places
    seconds = copying(written, 8, problem.out.dtype) + 2e-4 * len(pieces)
    return seconds + sum(candidates(p)[0].seconds for p in whole), ""
