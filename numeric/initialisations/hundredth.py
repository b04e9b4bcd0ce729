"""Small weights of one size in all layers."""

from __future__ import annotations

SUMMARY = "normal, standard deviation 0.01 (Krizhevsky, Sutskever & Hinton, ImageNet, 2012)"


def scale(inputs: int, outputs: int) -> float:
    """0.01, whatever is summed."""
    return 0.01
