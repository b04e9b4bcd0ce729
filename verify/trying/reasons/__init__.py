"""Typical mistakes in code, one family a module, discovered.

Each module has ``PRIORITY`` (smaller is suspected first) and ``explanations(evidence)``.  An
explanation is given as the reason only if it fits everything that was observed, right results too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from derive.plugins import Plugins
from verify.trying.case import Case
from verify.trying.numbers import UNITS, numpy_array
from verify.trying.subject import LayerUnderTest
from verify.trying.trial import Outcome, unpadded

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

    subject: LayerUnderTest
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
    """Whether two arrays have one shape and the same entries up to rounding.

    Axes of length one in front do not count, as in ``Outcome.arrays``.
    """
    one = unpadded(one, other.shape)
    if one.shape != other.shape:
        return False
    with np.errstate(invalid="ignore"):
        scale = 1 + float(np.abs(other).max(initial=0.0))
        return bool((np.abs(one - other) <= accuracy(one) * scale).all())


def accuracy(found: NDArray[Any]) -> float:
    """Up to which share of the largest entry what was returned may be off by rounding."""
    precision = np.finfo(found.dtype).eps * UNITS if found.dtype.kind in "fc" else 0.0
    return max(_SAME, float(precision))


class CodeMistakes(Protocol):
    """A module of this package: the smallest ``PRIORITY`` is suspected first."""

    PRIORITY: int

    def explanations(self, evidence: Observed) -> Iterator[Explanation]: ...


FAMILIES: Plugins[CodeMistakes] = Plugins(__name__, CodeMistakes, "family of mistakes")


@cache
def families() -> tuple[CodeMistakes, ...]:
    """All families, the ones that are suspected first first."""
    return tuple(FAMILIES.all())


def reason(evidence: Observed) -> str:
    """The first mistake that explains all observations, in words; empty where none does."""
    for family in families():
        for explanation in family.explanations(evidence):
            if all(explanation.fits(o) for o in evidence.observations):
                return str(explanation.words)
    return ""


@dataclass(frozen=True)
class Finding:
    """In how many of all cases a gradient is wrong, the mistake where it is known, and where it is.

    ``exact``: it is wrong there in all cases, and nowhere else.
    """

    tensor: str
    wrong: int
    observed: int
    words: str
    where: str = ""
    exact: bool = False


def is_wrong(outcome: Outcome, tensor: str) -> bool:
    """Whether a gradient that was returned is wrong."""
    return any(f.tensor == tensor and f.about_values for f in outcome.failures)


def mistake(subject: LayerUnderTest, tensor: str, outcomes: Sequence[Outcome]) -> str:
    """What explains the outcomes of many calls, one in which a gradient is wrong first."""
    wrong: list[Observation] = []
    right: list[Observation] = []
    for outcome in outcomes:
        if tensor in outcome.arrays:
            (wrong if is_wrong(outcome, tensor) else right).append(observation(outcome, tensor))
    return reason(Observed(subject, (*wrong, *right))) if wrong else ""
