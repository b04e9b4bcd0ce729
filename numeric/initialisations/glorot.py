"""Weights that keep the size of signals and of gradients through layers near their linear part."""

from __future__ import annotations

from math import sqrt

SUMMARY = "normal, variance 2/(inputs + outputs) (Glorot & Bengio, Difficulty of training, 2010)"


def scale(inputs: int, outputs: int) -> float:
    """√(2/(inputs + outputs))."""
    return sqrt(2 / (inputs + outputs))
