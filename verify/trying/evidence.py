"""What a diagnosis starts from: what a function returned in many cases, beside the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.trying.case import Case
from verify.trying.numbers import UNITS, numpy_array
from verify.trying.subject import Subject
from verify.trying.trial import Outcome

#: two floats are taken for the same up to this share of the largest entry
_SAME = 1e-9


@dataclass(frozen=True)
class Observation:
    """What was returned for ``tensor`` in one case, and all gradients as they should be."""

    case: Case
    tensor: str
    found: NDArray[Any]
    truths: Mapping[str, NDArray[Any]]

    @property
    def truth(self) -> NDArray[Any]:
        return self.truths[self.tensor]

    @property
    def in_shape(self) -> bool:
        """Whether what was returned has at least the right shape."""
        return self.found.shape == self.truth.shape

    def shows(self, array: NDArray[Any]) -> bool:
        """Whether the function returned this array."""
        return same(self.found, array)


@dataclass(frozen=True)
class Observed:
    """Observations of one gradient, one in which it is wrong first."""

    subject: Subject
    observations: tuple[Observation, ...]

    @property
    def first(self) -> Observation:
        return self.observations[0]

    @property
    def tensor(self) -> str:
        return self.first.tensor


@dataclass(frozen=True)
class Explanation:
    """A mistake in words; ``fits`` tells whether making it leads to what was observed."""

    words: str
    fits: Callable[[Observation], bool]


def observation(trial: Outcome, tensor: str) -> Observation:
    """What one trial showed of one gradient."""
    truths = {name: numpy_array(t.array, "float64") for name, t in trial.truths.items()}
    return Observation(trial.case, tensor, trial.arrays[tensor], truths)


def same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two arrays have one shape and the same entries up to rounding."""
    if one.shape != other.shape:
        return False
    with np.errstate(invalid="ignore"):
        scale = 1 + float(np.abs(other).max(initial=0.0))
        precision = np.finfo(one.dtype).eps * UNITS if one.dtype.kind in "fc" else 0.0
        return bool((np.abs(one - other) <= max(_SAME, float(precision)) * scale).all())
