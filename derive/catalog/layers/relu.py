"""Rectified linear unit, entry by entry."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.windows import elementwise

SUMMARY = "y[r, c] = relu(x[r, c])"


def notation(dims: int = 2) -> Definition:
    """Shapes: x[H, W] → y[H, W]; x has ``dims`` axes.

    At 0 the derivative is 0, as in PyTorch.
    Source: Nair & Hinton, Rectified linear units improve restricted Boltzmann machines (2010).
    """
    return elementwise("relu", "relu", dims)
