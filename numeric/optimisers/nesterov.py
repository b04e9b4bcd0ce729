"""Gradient descent with Nesterov's momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

SUMMARY = "gradient descent with Nesterov's momentum: the step that the next velocity would take"
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
    """d = g + λ·p, v ← μ·v + d, p ← p − rate·(d + μ·v).

    Source: Nesterov, A method of solving a convex programming problem with convergence rate O(1/k²)
    (1983); in the form of Sutskever et al. (2013) that PyTorch has.
    """
    velocity = slots["velocity"]
    decayed = gradient + decay * parameter if decay else gradient
    velocity *= momentum
    velocity += decayed
    parameter -= rate * (decayed + momentum * velocity)
