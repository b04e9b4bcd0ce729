"""A learning rate that rises and falls once."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi

SUMMARY = "the rate rises from a `start`-th of itself in a share `warmup` of steps, then falls to 0"
OPTIONS: Mapping[str, float] = {"warmup": 0.3, "start": 0.04}


def factor(done: float, *, warmup: float, start: float) -> float:
    """Half a cosine from ``start`` up to 1, then half a cosine down to 0.

    Source: Smith & Topin, Super-convergence (2019).
    """
    if not 0 < warmup < 1:
        raise ValueError(f"warmup is a share of all steps, between 0 and 1, not {warmup:g}")
    if done < warmup:
        return start + (1 - start) * (1 - cos(pi * done / warmup)) / 2
    return (1 + cos(pi * (done - warmup) / (1 - warmup))) / 2
