"""The entry point: which algorithm does a cross-correlation, and at what estimated cost."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import numpy as np

from numeric.fast.choice import solve
from numeric.fast.geometry import Array, Problem, settled
from numeric.fast.sharing import cores


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
    solve(settled(Problem(out, signal, kernel, given, *axes, count)))
