"""Means, spreads, and whether a difference exceeds its spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt


@dataclass(frozen=True)
class Spread:
    """The mean of some values, and their sample standard deviation: nan of a single one."""

    mean: float
    deviation: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        count = len(values)
        mean = sum(values) / count
        squares = sum((value - mean) ** 2 for value in values)
        return cls(mean, sqrt(squares / (count - 1)) if count > 1 else nan, count)

    @property
    def exceeded(self) -> bool | None:
        """Whether the mean is further from 0 than the deviation; None of a single value."""
        return None if self.count < 2 else abs(self.mean) > self.deviation

    def percent(self, sign: str = "") -> str:
        """As points of a hundred: ``61.3 ± 0.8``."""
        spread = "" if self.count < 2 else f" ± {100 * self.deviation:.1f}"
        return f"{100 * self.mean:{sign}.1f}{spread}".replace("-", "−")


def difference(first: Sequence[float], second: Sequence[float]) -> Spread:
    """first − second, seed by seed: each pair has the same images in each part."""
    return Spread.of([a - b for a, b in zip(first, second, strict=True)])


def seeds(count: int) -> str:
    """So many seeds, in words."""
    return "one seed" if count == 1 else f"{count} seeds"


def sentence(name: str, expected: str, found: Spread) -> str:
    """What a difference is, and whether what is ``expected`` of it, that it be positive, shows."""
    told = f"{name}: {found.percent('+')} points over {seeds(found.count)}. That {expected}"
    match found.exceeded:
        case None:
            return f"{told} is not decided: one seed has no spread."
        case False:
            return f"{told} does not show here: the difference is within the spread."
        case _:
            shows = "shows" if found.mean > 0 else "does not show; the opposite does"
            return f"{told} {shows}: the difference is more than the spread."
