"""Typical mistakes in code, one family a module, discovered.

Each module has ``PRIORITY`` (smaller is suspected first) and ``explanations(evidence)``.  An
explanation is given as the reason only if it fits everything that was observed, right results too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Protocol

from derive.plugins import Plugins
from verify.trying.user.evidence import Explanation, Observed


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
