"""Hyperbolic tangent, entry by entry."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.tensors import entrywise

SUMMARY = "y[n, c] = tanh(x[n, c])"


def notation(dims: int = 2) -> Definition:
    """Shapes: x[N, C] → y[N, C]; x has ``dims`` axes.

    Source: LeCun, Bottou, Orr & Müller, Efficient BackProp (1998), section 4.4.
    """
    return entrywise("tanh", dims, "tanh({x})")
