"""Zeros between entries, or taps apart from each other: parts that are plain correlations.

Places whose indices leave the same residue by the stuffing, or by the distance of taps, read
entries that no place of another residue reads with the same taps.  Each residue is a correlation of
its own, in which neither zeros nor gaps are left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from numeric.fast.geometry import extents, settled

#: places and taps of a part along one axis, with its step, spread and lower
Residue = tuple[slice, slice, int, int, int]


def parts_of(problem: Any) -> list[Any]:
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
    made = []
    for chosen in combinations(choices):
        places, taps, step, spread, lower = zip(*chosen, strict=True)
        at = (..., *places)
        piece = problem._replace(
            out=problem.out[at],
            kernel=problem.kernel[(..., *taps)],
            addend=None if problem.addend is None else problem.addend[at],
            step=step,
            spread=spread,
            lower=lower,
            stuffing=(1,) * len(places),
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
            (slice(r, size, spread), slice(None), step * spread, spread, lower - step * r)
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
        made.append((slice(r, size, stuffing), chosen, 1, spread // common, low))
    return made


def combinations(choices: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """One of each, in every way."""
    made: list[tuple[Any, ...]] = [()]
    for options in choices:
        made = [(*before, option) for before in made for option in options]
    return made
