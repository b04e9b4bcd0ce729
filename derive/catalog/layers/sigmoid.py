"""Logistic sigmoid, entry by entry."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.tensors import entrywise

SUMMARY = "y[n, c] = sigmoid(x[n, c])"


def notation(dims: int = 2) -> Definition:
    """Shapes: x[N, C] → y[N, C]; x has ``dims`` axes.

    σ(u) = 1/(1 + e⁻ᵘ).  Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 3.10.
    """
    return entrywise("sigmoid", dims, "sigmoid({x})")
