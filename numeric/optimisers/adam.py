"""Adam: each parameter's step is scaled by how large its gradients have been."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import numpy as np

SUMMARY = "Adam: steps scaled by running means of gradients and their squares; decay as in L2"
OPTIONS: Mapping[str, float] = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "decay": 0.0}
SLOTS = ("mean", "square")

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
    """m ← β₁·m + (1−β₁)·g, v ← β₂·v + (1−β₂)·g², p ← p − rate·m̂/(√v̂ + ε), g with λ·p added.

    m̂ = m/(1−β₁ⁿ) and v̂ = v/(1−β₂ⁿ) make up for the zeros that m and v begin with.
    Source: Kingma & Ba, Adam (2015).
    """
    if decay:
        gradient = gradient + decay * parameter
    mean, square = slots["mean"], slots["square"]
    mean *= beta1
    mean += (1 - beta1) * gradient
    square *= beta2
    square += (1 - beta2) * (gradient * gradient)
    size = np.sqrt(square) / sqrt(1 - beta2**number) + eps
    parameter -= rate / (1 - beta1**number) * mean / size
