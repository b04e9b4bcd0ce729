"""Random streams, each for one purpose and one epoch.

A stream is made of the seed, the purpose and the epoch, and of nothing that happened before: a
training that is resumed at an epoch draws what it would have drawn.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

Purpose = Literal["parts", "weights", "order", "masks", "changes", "subset"]
_NUMBERS: dict[Purpose, int] = {
    "parts": 0,
    "weights": 1,
    "order": 2,
    "masks": 3,
    "changes": 4,
    "subset": 5,
}


def stream(seed: int, purpose: Purpose, epoch: int = 0) -> np.random.Generator:
    """The stream for a purpose in an epoch, independent of all others."""
    return np.random.default_rng([seed, _NUMBERS[purpose], epoch])
