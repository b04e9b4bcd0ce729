"""All axes but the first merged into one, in row-major order."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.tensors import digits
from derive.catalog.windows import Spatial

SUMMARY = "y[n, m] = x[n, m//(H*W), m//W%H, m%W]"


def notation(dims: int = 2) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C*H*W]; x has a batch, a channel and ``dims`` spatial axes."""
    sizes = ["C", *Spatial(dims).sizes]
    merged = ", ".join(digits("m", sizes))
    return Definition(
        f"flatten(x[N, {', '.join(sizes)}]):\n    y[n, m < {'*'.join(sizes)}] = x[n, {merged}]"
    )
