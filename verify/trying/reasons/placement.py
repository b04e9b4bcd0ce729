"""The right numbers in the wrong places, or some of them left out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain, combinations

import numpy as np

from verify.trying.reasons import Explanation, Observation, Observed

PRIORITY = 60


def explanations(evidence: Observed) -> Iterator[Explanation]:
    """Flipped along some axes, shifted along one, or zero where it should not be."""
    if not all(o.in_shape for o in evidence.observations):
        return
    axes = range(evidence.first.truth.ndim)
    for chosen in chain.from_iterable(combinations(axes, n + 1) for n in axes):
        where = f"along axis {chosen[0]}" if len(chosen) == 1 else f"along the axes {chosen}"
        yield Explanation(f"flipped {where}, although it must not be", partial(_flipped, chosen))
    for axis in axes:
        for by in (1, -1):
            yield Explanation(f"shifted by one along axis {axis}", partial(_shifted, axis, by))
    yield Explanation("entries are left at zero: something is left out there", _left_out)


def _flipped(axes: tuple[int, ...], o: Observation) -> bool:
    return o.shows(np.flip(o.truth, axes))


def _shifted(axis: int, by: int, o: Observation) -> bool:
    """Every entry moved, zeros in the gap."""
    moved = np.roll(o.truth, by, axis)
    gap = [slice(None)] * moved.ndim
    gap[axis] = slice(0, 1) if by > 0 else slice(-1, None)
    moved[tuple(gap)] = 0
    return o.shows(moved)


def _left_out(o: Observation) -> bool:
    return o.shows(np.where(o.found == 0, 0, o.truth))
