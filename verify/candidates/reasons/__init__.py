"""Typical mistakes in code, one family a module, discovered.

Each module has ``PRIORITY`` (smaller is suspected first) and ``explanations(evidence)``.  An
explanation is given as the reason only if it fits everything that was observed, right results too.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from verify.candidates.evidence import Evidence


@cache
def families() -> tuple[ModuleType, ...]:
    """All families, the ones that are suspected first first."""
    found = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    return tuple(sorted(found, key=lambda m: (m.PRIORITY, m.__name__)))


def reason(evidence: Evidence) -> str:
    """The first mistake that explains all observations, in words; empty where none does."""
    for family in families():
        for explanation in family.explanations(evidence):
            if all(explanation.fits(o) for o in evidence.observations):
                return str(explanation.words)
    return ""
