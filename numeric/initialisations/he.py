"""Weights that keep the size of signals through layers followed by ReLU."""

from __future__ import annotations

from math import sqrt

SUMMARY = "normal, variance 2/inputs (He et al., Delving deep into rectifiers, 2015)"


def scale(inputs: int, outputs: int) -> float:
    """√(2/inputs)."""
    return sqrt(2 / inputs)
