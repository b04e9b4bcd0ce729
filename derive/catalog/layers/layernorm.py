"""Layer normalisation, over the last axis."""

from __future__ import annotations

from derive.catalog.normalisation import normalised
from derive.catalog.options import Definition
from derive.catalog.tensors import Axes

SUMMARY = "y[n, c] = w[c]*(x[n, c] - m[n])/sqrt(v[n] + eps) + b[c]"


def notation(dims: int = 2, eps: float = 1e-5) -> Definition:
    """Shapes: x[N, C], w[C], b[C] → y[N, C]; x has ``dims`` axes, w and b the last of them.

    m and v are mean and (biased) variance along the last axis.
    Source: Ba, Kiros & Hinton, Layer normalization (2016).
    """
    axes = Axes(dims).some()
    kept = axes.indices[:-1]
    return normalised("layernorm", axes.sizes, axes.indices, kept, axes.indices[-1], eps)
