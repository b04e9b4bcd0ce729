"""Logarithm of the softmax along one axis."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.tensors import along_axis

SUMMARY = "y[n, c] = x[n, c] - log(sum[j] exp(x[n, j]))"


def notation(dims: int = 2, axis: int = -1) -> Definition:
    """Shapes: x[N, C] → y[N, C]; x has ``dims`` axes, ``axis`` counts from 0, or from −1 backwards.

    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.3.
    """
    return along_axis("log_softmax", dims, axis, "{x} - log(sum[j] exp({j}))")
