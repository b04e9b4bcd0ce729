"""Dropout: a new mask for each batch in training, nothing at all in evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from derive.language.definition import Layer

BUFFERS: Mapping[str, float] = {}
DRAWN = ("mask",)


def evaluated(options: Mapping[str, Any]) -> None:
    """What is kept in training is scaled there, so that nothing is left to do."""
    return


def draw(rng: np.random.Generator, layer: Layer, shape: tuple[int, ...]) -> dict[str, Any]:
    """Zeros with the layer's probability p, else ones.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, Dropout (2014).
    """
    (share,) = (h.default for h in layer.hyperparameters)
    if share is None or not 0 <= share < 1:
        raise ValueError(f"the probability p of a dropout is a number in 0 ≤ p < 1, not {share}")
    return {"mask": rng.random(shape, np.float32) >= float(share)}


def follow(buffers: Mapping[str, Any], x: Any, kept: Mapping[str, Any]) -> dict[str, Any]:
    return {}
