"""Deciding conditions on integers for all sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from derive.domains.problems import Undecided
from derive.terms import Condition, Symbol

__all__ = ["Decision", "Undecided", "decide", "smallest"]


@dataclass(frozen=True)
class Decision:
    """A condition, whether it holds for all integers that its assumptions admit, and who says so.

    ``holds`` is None where the question stayed open.  ``counterexample`` is the smallest point at
    which the condition fails: least sum of sizes, then lexicographic.
    """

    condition: Condition
    holds: bool | None
    decider: str
    counterexample: tuple[tuple[Symbol, int], ...] | None = None
