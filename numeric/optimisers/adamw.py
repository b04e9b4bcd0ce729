"""AdamW: Adam whose weight decay is not scaled with the gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from numeric.optimisers import adam

SUMMARY = "AdamW: Adam with weight decay beside the step, not in the gradient"
OPTIONS: Mapping[str, float] = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "decay": 0.01}
SLOTS = adam.SLOTS

Array = np.ndarray[Any, Any]


def step(
    parameter: Array,
    gradient: Array,
    slots: Mapping[str, Array],
    rate: float,
    number: int,
    *,
    beta1: float,
    beta2: float,
    eps: float,
    decay: float,
) -> None:
    """p ← (1 − rate·λ)·p, then Adam's step without decay.

    Source: Loshchilov & Hutter, Decoupled weight decay regularization (2019).
    """
    if decay:
        parameter *= 1 - rate * decay
    adam.step(
        parameter, gradient, slots, rate, number, beta1=beta1, beta2=beta2, eps=eps, decay=0.0
    )
