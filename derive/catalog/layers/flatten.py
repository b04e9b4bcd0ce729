"""All axes but the first merged into one, in row-major order."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.windows import Spatial

SUMMARY = "y[n, m] = x[n, m//(H*W), m//W%H, m%W]"


def notation(dims: int = 2) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C*H*W]; x has a batch, a channel and ``dims`` spatial axes."""
    sizes = ["C", *Spatial(dims).sizes]
    digits = [_digit(sizes, axis) for axis in range(len(sizes))]
    return Definition(
        f"flatten(x[N, {', '.join(sizes)}]):\n"
        f"    y[n, m < {'*'.join(sizes)}] = x[n, {', '.join(digits)}]"
    )


def _digit(sizes: list[str], axis: int) -> str:
    """The index along an axis that the merged index m stands for: ``m//(later sizes)%size``."""
    later = sizes[axis + 1 :]
    place = f"m//({'*'.join(later)})" if later else "m"
    return place if axis == 0 else f"{place}%{sizes[axis]}"
