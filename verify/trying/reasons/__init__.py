"""Typical mistakes in code, one family a module, discovered.

Each module has ``PRIORITY`` (smaller is suspected first) and ``explanations(evidence)``.  An
explanation is given as the reason only if it fits everything that was observed, right results too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from derive.plugins import Plugins
from verify.trying.evidence import Explanation, Observation, Observed, observation
from verify.trying.subject import Subject
from verify.trying.trial import Outcome


class Family(Protocol):
    """A module of this package: the smallest ``PRIORITY`` is suspected first."""

    PRIORITY: int

    def explanations(self, evidence: Observed) -> Iterator[Explanation]: ...


FAMILIES: Plugins[Family] = Plugins(__name__, Family, "family of mistakes")


@cache
def families() -> tuple[Family, ...]:
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
    """In how many of the observed cases a gradient is wrong, and the mistake where it is known."""

    tensor: str
    wrong: int
    observed: int
    words: str


def finding(subject: Subject, tensor: str, outcomes: Sequence[Outcome]) -> Finding:
    """What the outcomes of many calls, one in which it is wrong first, say of one gradient."""
    wrong: list[Observation] = []
    right: list[Observation] = []
    for outcome in outcomes:
        if tensor in outcome.arrays:
            failed = any(f.tensor == tensor and f.about_values for f in outcome.failures)
            (wrong if failed else right).append(observation(outcome, tensor))
    observed = (*wrong, *right)
    words = reason(Observed(subject, observed)) if wrong else ""
    return Finding(tensor, len(wrong), len(observed), words)
