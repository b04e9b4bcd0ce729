"""How the learning rate changes during a training: one module a schedule, discovered.

Each module has ``SUMMARY``, its one-line description; ``OPTIONS``, its options with their defaults;
and ``factor(done, **options)``: what the learning rate is multiplied by when so large a share of
all steps is done, 0 ≤ done < 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from derive.plugins import Plugins
from numeric.worded import worded


class ScheduleModule(Protocol):
    """A module of this package."""

    SUMMARY: str
    OPTIONS: Mapping[str, float]

    def factor(self, done: float, **options: float) -> float: ...


SCHEDULES: Plugins[ScheduleModule] = Plugins(__name__, ScheduleModule, "schedule")


def schedule(text: str) -> Callable[[float], float]:
    """The factor of a schedule written as ``step(every=0.3)``, by the share of steps done."""
    module, options = worded(text, SCHEDULES)
    return partial(module.factor, **options)
