"""Exponential linear unit, entry by entry."""

from __future__ import annotations

from derive.catalog.options import Definition, name_of, real
from derive.catalog.tensors import entrywise

SUMMARY = "y[n, c] = if 0 < x[n, c] then x[n, c] else alpha*(exp(x[n, c]) - 1)"


def notation(dims: int = 2, alpha: float = 1.0) -> Definition:
    """Shapes: x[N, C] → y[N, C]; x has ``dims`` axes.

    At 0 the derivative is alpha, as in PyTorch.
    Source: Clevert, Unterthiner & Hochreiter, Exponential linear units (2016).
    """
    scale = real("alpha", alpha)
    right = f"if 0 < {{x}} then {{x}} else {name_of(scale)}*(exp({{x}}) - 1)"
    return entrywise("elu", dims, right, scale)
