"""Sigmoid linear unit (swish), entry by entry."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.tensors import entrywise

SUMMARY = "y[n, c] = x[n, c]*sigmoid(x[n, c])"


def notation(dims: int = 2) -> Definition:
    """Shapes: x[N, C] → y[N, C]; x has ``dims`` axes.

    Source: Elfwing, Uchibe & Doya, Sigmoid-weighted linear units (2018).
    """
    return entrywise("silu", dims, "{x}*sigmoid({x})")
