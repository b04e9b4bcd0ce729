"""Softmax along one axis."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.tensors import Axes

SUMMARY = "y[n, c] = exp(x[n, c])/(sum[j] exp(x[n, j]))"


def notation(dims: int = 2, axis: int = -1) -> Definition:
    """Shapes: x[N, C] → y[N, C]; x has ``dims`` axes, ``axis`` counts from 0, or from −1 backwards.

    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.3.
    """
    axes = Axes(dims)
    along = axes.read("x", {axes.place(axis): "j"})
    right = f"exp({axes.read('x')})/(sum[j] exp({along}))"
    return Definition(f"softmax({axes.declared('x')}):\n    {axes.read('y')} = {right}")
