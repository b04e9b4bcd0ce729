"""Random layers in two readings of the notation that share nothing but the text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from .comparing import TARGETS
from .random_layers import layer
from .running import run

ALLOWED = ("right", "no value", "outside", "refused", "weaker")
QUICK, COMPLETE, PART = 10, 100, 25


def wrong_ones(seeds: Sequence[int], targets: Sequence[str], deep: bool) -> list[str]:
    """What is not as it should be."""
    return [
        f"seed {seed}: {outcome.subject}: {outcome.word}: {outcome.detail}\n{layer(seed).text}"
        for seed, outcome in run(seeds, targets, deep)
        if outcome.word not in ALLOWED
    ]


def test_loops_say_what_the_second_reading_says() -> None:
    """Forward and gradients by the loops: the derivation itself, nothing rearranged."""
    assert not wrong_ones(range(QUICK), ("loops",), deep=False)


@pytest.mark.complete
@pytest.mark.parametrize("start", range(QUICK, QUICK + COMPLETE, PART))
def test_everything_says_what_the_second_reading_says(start: int) -> None:
    """Each target in turn, second derivatives and the replayed derivations."""
    target = TARGETS[start // PART % len(TARGETS)]
    assert not wrong_ones(range(start, start + PART), (target,), deep=True)
