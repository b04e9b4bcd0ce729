"""Batch normalisation."""

from __future__ import annotations

from derive.catalog.normalisation import channelled, normalised
from derive.catalog.options import Definition, name_of, real

SUMMARY = "y[n, c] = w[c]*(x[n, c] - m[c])/sqrt(v[c] + eps) + b[c]"


def notation(dims: int = 2, training: bool = True, eps: float = 1e-5) -> Definition:
    """Shapes: x[N, C, H, W], w[C], b[C] → y[N, C, H, W], with ``dims`` spatial axes, 0 or more.

    In training m and v are mean and (biased) variance over batch and space; else ``mean[C]`` and
    ``var[C]`` are given, the running ones.
    Source: Ioffe & Szegedy, Batch normalization (2015).
    """
    sizes, indices = channelled(dims)
    if not training:
        small = real("eps", eps)
        x = ", ".join(indices)
        header = f"x[{', '.join(sizes)}], mean[C], var[C], w[C], b[C]; {small}"
        right = f"w[c]*(x[{x}] - mean[c])/sqrt(var[c] + {name_of(small)}) + b[c]"
        return Definition(f"batchnorm({header}):\n    y[{x}] = {right}")
    return normalised("batchnorm", sizes, indices, ["c"], "c", eps)
