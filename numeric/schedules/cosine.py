"""A learning rate that falls along half a cosine, after a warm-up."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi

SUMMARY = "the rate falls along half a cosine to 0; before, it rises in a share `warmup` of steps"
OPTIONS: Mapping[str, float] = {"warmup": 0.0}


def factor(done: float, *, warmup: float) -> float:
    """done/warmup while it rises, then (1 + cos(π·(done − warmup)/(1 − warmup)))/2.

    Sources: Loshchilov & Hutter, SGDR (2017); warm-up: Goyal et al., Accurate, large minibatch SGD
    (2017).
    """
    if warmup >= 1:
        raise ValueError(f"warmup is a share of all steps, less than 1, not {warmup:g}")
    if done < warmup:
        return done / warmup
    return (1 + cos(pi * (done - warmup) / (1 - warmup))) / 2
