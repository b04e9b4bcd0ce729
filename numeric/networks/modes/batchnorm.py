"""Batch normalisation: by the batch's own mean and variance in training, by running ones later."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from derive.language.definition import Layer

BUFFERS = {"mean": 0.0, "var": 1.0}
DRAWN: tuple[str, ...] = ()
#: the share of a batch's statistics in the running ones, as in PyTorch
MOMENTUM = 0.1


def evaluated(options: Mapping[str, Any]) -> dict[str, Any]:
    return {**options, "training": False}


def draw(rng: np.random.Generator, layer: Layer, shape: tuple[int, ...]) -> dict[str, Any]:
    return {}


def follow(buffers: Mapping[str, Any], x: Any, kept: Mapping[str, Any]) -> dict[str, Any]:
    """running ← 0.9·running + 0.1·batch's; mean[C] and var[C] of x[N, C, …].

    The variance is the unbiased one, with n − 1 below, where the layer itself divides by n: so it
    is in PyTorch.  Of a single entry a channel there is none, and the biased one, 0, is taken.
    Source: Ioffe & Szegedy, Batch normalization (2015), algorithm 2.
    """
    axes = (0, *range(2, len(x.shape)))
    mean = kept["m"] if "m" in kept else x.mean(axes)
    var = kept["v"] if "v" in kept else x.var(axes)
    count = prod(x.shape) // x.shape[1]
    batch = {"mean": mean, "var": var * (count / max(1, count - 1))}
    return {
        name: ((1 - MOMENTUM) * running + MOMENTUM * batch[name]).astype(running.dtype)
        for name, running in buffers.items()
    }
