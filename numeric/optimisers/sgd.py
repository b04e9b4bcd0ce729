"""Gradient descent with momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

SUMMARY = "gradient descent with momentum"
OPTIONS: Mapping[str, float] = {"momentum": 0.9, "decay": 0.0}
SLOTS = ("velocity",)

Array = np.ndarray[Any, Any]


def step(
    parameter: Array,
    gradient: Array,
    slots: Mapping[str, Array],
    rate: float,
    number: int,
    *,
    momentum: float,
    decay: float,
) -> None:
    """v ← μ·v + g + λ·p, p ← p − rate·v.

    Source: Sutskever, Martens, Dahl & Hinton, On the importance of initialization and momentum in
    deep learning (2013); in the form PyTorch has it, where the rate scales v when it is used.
    """
    velocity = slots["velocity"]
    velocity *= momentum
    velocity += gradient
    if decay:
        velocity += decay * parameter
    parameter -= rate * velocity
