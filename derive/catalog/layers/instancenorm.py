"""Instance normalisation."""

from __future__ import annotations

from derive.catalog.normalisation import channelled, normalised
from derive.catalog.options import Definition

SUMMARY = "y[n, c, r] = w[c]*(x[n, c, r] - m[n, c])/sqrt(v[n, c] + eps) + b[c]"


def notation(dims: int = 2, eps: float = 1e-5) -> Definition:
    """Shapes: x[N, C, H, W], w[C], b[C] → y[N, C, H, W], with ``dims`` spatial axes.

    m and v are mean and (biased) variance of each image's channel over space.
    Source: Ulyanov, Vedaldi & Lempitsky, Instance normalization (2016).
    """
    sizes, indices = channelled(dims, least=1)
    return normalised("instancenorm", sizes, indices, ["n", "c"], "c", eps)
