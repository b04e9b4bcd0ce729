"""The right numbers, without what is behind the point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from verify.trying.reasons import Explanation, Observation, Observed

PRIORITY = 45


def explanations(evidence: Observed) -> Iterator[Explanation]:
    """Integers that are right for whole numbers only; a result that was rounded."""
    words = "an array of integers holds the result: what is behind the point is lost"
    yield Explanation(words, _integers)
    for rounded, name in ((np.trunc, "cut off"), (np.floor, "rounded down"), (np.rint, "rounded")):
        yield Explanation(f"{name} to whole numbers", partial(_rounded, rounded))


def _rounded(rounding: Callable[[Any], Any], o: Observation) -> bool:
    return o.shows(rounding(o.truth))


def _integers(o: Observation) -> bool:
    whole = bool((o.truth == np.rint(o.truth)).all())
    return o.found.dtype.kind in "iu" and (not whole or o.shows(o.truth))
