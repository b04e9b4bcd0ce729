"""Zeros between entries, or taps apart from each other: parts that are plain correlations.

Places whose indices leave the same residue by the stuffing, or by the distance of taps, read
entries that no place of another residue reads with the same taps.  Each residue is a correlation of
its own, in which neither zeros nor gaps are left.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

from numeric.templates.correlation import candidates, computable
from numeric.templates.costs import Cost, copying, counts
from numeric.templates.geometry import CorrelationProblem, extents, filled, remembered, settled
from numeric.templates.sharing import Held, drained


class Residue(NamedTuple):
    """Places and taps of a part along one axis, with its step, spread and lower."""

    places: slice
    taps: slice
    step: int
    spread: int
    lower: int


def parting(problem: CorrelationProblem) -> None:
    """Each part by its own best algorithm, on one thread."""
    parts = parts_of(problem)

    def act(number: int, _: Held) -> None:
        part = parts[number]._replace(threads=1)
        if computable(part):
            remembered(candidates, part)[0].run(part)
        else:
            filled(part)

    drained(act, len(parts), problem.threads)


def parting_cost(problem: CorrelationProblem) -> Cost:
    n = counts(problem)
    if all(s == 1 for s in (*problem.stuffing, *problem.spread)):
        return 0.0, "nothing is stuffed, and no taps are apart"
    pieces = [p for p in parts_of(problem) if p.out.size]
    written = n.groups * n.images * n.outputs * n.places
    seconds = copying(written, 8, problem.out.dtype) + 2e-4 * len(pieces)
    return seconds + sum(candidates(p)[0].seconds for p in pieces if computable(p)), ""


def parts_of(problem: CorrelationProblem) -> list[CorrelationProblem]:
    """The problems of all residues; each writes to places of its own."""
    rows = zip(
        extents(problem),
        problem.step,
        problem.spread,
        problem.lower,
        problem.stuffing,
        strict=True,
    )
    choices = [residues(m, taps, *row) for (_, m, taps), *row in rows]
    before = (slice(None),) * 3
    made = []
    for chosen in itertools.product(*choices):
        at = (*before, *(r.places for r in chosen))
        piece = problem._replace(
            out=problem.out[at],
            kernel=problem.kernel[(*before, *(r.taps for r in chosen))],
            addend=None if problem.addend is None else problem.addend[at],
            step=tuple(r.step for r in chosen),
            spread=tuple(r.spread for r in chosen),
            lower=tuple(r.lower for r in chosen),
            stuffing=(1,) * len(chosen),
        )
        made.append(settled(piece))
    return made


def residues(
    size: int, taps: int, step: int, spread: int, lower: int, stuffing: int
) -> list[Residue]:
    """The residues of an axis; a single one where nothing is stuffed and no taps are apart.

    The place i = stuffing·q + r reads (i + spread·t − lower)/stuffing for the taps t that make it
    whole: every (stuffing / gcd)-th from a first one on, if there is one.
    """
    if stuffing == 1:
        count = min(spread, size)
        return [
            Residue(slice(r, size, spread), slice(None), step * spread, spread, lower - step * r)
            for r in range(count)
        ]
    common = math.gcd(spread, stuffing)
    every = stuffing // common
    made = []
    for r in range(min(stuffing, size)):
        first = [t for t in range(every) if (r + spread * t - lower) % stuffing == 0]
        start = first[0] if first else taps
        chosen = slice(start, taps, every) if start < taps else slice(0, 0)
        low = -((r + spread * start - lower) // stuffing)
        made.append(Residue(slice(r, size, stuffing), chosen, 1, spread // common, low))
    return made
