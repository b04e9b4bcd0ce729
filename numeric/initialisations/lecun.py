"""Weights that keep the size of signals through linear layers."""

from __future__ import annotations

from math import sqrt

SUMMARY = "normal, variance 1/inputs (LeCun, Bottou, Orr & Müller, Efficient backprop, 1998)"


def scale(inputs: int, outputs: int) -> float:
    """√(1/inputs)."""
    return sqrt(1 / inputs)
