"""What the quick suite takes of many cases, and what it leaves to the complete one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

import pytest

T = TypeVar("T")


def quick(cases: Iterable[T], chosen: Collection[T]) -> list[object]:
    """All cases as parameters of a test; those that are not chosen are marked ``complete``."""
    return [c if c in chosen else pytest.param(c, marks=pytest.mark.complete) for c in cases]


def every(step: int, cases: Iterable[T]) -> list[object]:
    """All cases; the quick suite takes the first and every so many after it."""
    cases = list(cases)
    return quick(cases, cases[::step])


def parts(number: int) -> list[object]:
    """The numbers of so many parts; the quick suite takes the first."""
    return quick(range(number), [0])
