"""A learning rate that falls in steps."""

from __future__ import annotations

from collections.abc import Mapping

SUMMARY = "the rate falls to `gamma` of itself each time a share `every` of all steps is done"
OPTIONS: Mapping[str, float] = {"every": 1 / 3, "gamma": 0.1}


def factor(done: float, *, every: float, gamma: float) -> float:
    """γ^⌊done/every⌋.

    Source: Krizhevsky, Sutskever & Hinton, ImageNet classification with deep convolutional neural
    networks (2012), section 5, where it fell three times, by hand.
    """
    if not 0 < every <= 1:
        raise ValueError(f"every must be in 0 < every ≤ 1, a share of all steps, not {every:g}")
    return float(gamma ** int(done / every))
