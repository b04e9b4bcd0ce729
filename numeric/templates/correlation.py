"""The entry point: a cross-correlation by the algorithm with the least estimated time."""

from __future__ import annotations

import operator
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from numeric.templates.costs import Cost
from numeric.templates.geometry import Array, CorrelationProblem, filled, remembered, settled
from numeric.templates.sharing import blas_threads, cores, small_buffers

#: the folder that is searched for algorithms
FOLDER = "numeric.templates.algorithms"
#: seconds below which it is not worth while to wake another thread of Python: BLAS's own threads
#: wait busily, and share each matrix product (where most of the time goes into these)
SHORT = 1e-3
#: about the seconds after which another thread has begun to work
WAKING = 2e-4

Algorithm = Callable[[CorrelationProblem], None]


class Candidate(NamedTuple):
    """An algorithm with its estimated time on one thread; ``refused``: why it does not apply."""

    name: str
    run: Algorithm
    seconds: float
    refused: str


def correlate(
    out: Array,
    signal: Array,
    kernel: Array,
    *,
    step: Sequence[int],
    spread: Sequence[int],
    shift: Sequence[int],
    stuffing: Sequence[int],
    addend: Array | None = None,
    threads: int | None = None,
) -> None:
    """out[d, b, o, i] = addend + Σ_{c, t} signal[d, b, c, (step·i + spread·t + shift)/stuffing]
    ·kernel[d, o, c, t], by the algorithm with the least estimated cost.

    The signal reads as zero outside itself and where ``stuffing`` does not divide.  ``threads``
    defaults to the number of cores.
    """
    count = cores() if threads is None else operator.index(threads)
    if count < 1:
        raise ValueError(f"threads must be at least 1, not {count}")
    lower = tuple(-s for s in shift)
    given = None if addend is None else np.broadcast_to(addend, out.shape)
    axes = (tuple(step), tuple(spread), lower, tuple(stuffing))
    solve(settled(CorrelationProblem(out, signal, kernel, given, *axes, count)))


def solve(problem: CorrelationProblem) -> None:
    """Run the algorithm with the least estimated time."""
    if not computable(problem):
        filled(problem)
        return
    best = remembered(candidates, problem)[0]
    own = ("columns", "shifting", "planes", "plane products")
    short = best.seconds < SHORT and best.name not in own
    alone = short or best.seconds < WAKING
    with blas_threads(problem.threads if short else 1), small_buffers():
        best.run(problem._replace(threads=1) if alone else problem)


def computable(problem: CorrelationProblem) -> bool:
    """Whether there is anything to sum: algorithms are not called otherwise."""
    return bool(problem.out.size and problem.signal.size and problem.kernel.size)


def candidates(problem: CorrelationProblem) -> list[Candidate]:
    """All algorithms, the one with the least estimated time first, those that do not apply last."""
    made = [Candidate(name, run, *cost(problem)) for name, (run, cost) in repertoire().items()]
    return sorted(made, key=lambda c: (bool(c.refused), c.seconds))


@cache
def repertoire() -> dict[str, tuple[Algorithm, Callable[[CorrelationProblem], Cost]]]:
    """Every algorithm with its cost; in a generated module the table is written out."""
    files = sorted(m.name for m in pkgutil.iter_modules(import_module(FOLDER).__path__))
    found: dict[str, Any] = {}
    for file in files:
        found |= vars(import_module(f"{FOLDER}.{file}"))
    named = [name for name in found if f"{name}_cost" in found]
    return {name.replace("_", " "): (found[name], found[f"{name}_cost"]) for name in named}
