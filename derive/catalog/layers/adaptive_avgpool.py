"""Average pooling to a given output size."""

from __future__ import annotations

from derive.catalog.adaptive import adaptive
from derive.catalog.options import Definition, Value

SUMMARY = "y[n, c, r < E] = mean of x[n, c, a] over r*H//E <= a < ((r+1)*H+E-1)//E"


def notation(dims: int = 2, channels: bool = True, output_size: Value | None = None) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, E1, E2]; without ``channels`` x[H, W].

    ``output_size`` stays symbolic (E1, E2) unless given.  Windows have unequal lengths, as in
    PyTorch: entry r is the mean from ⌊r·H/E⌋ to before ⌈(r+1)·H/E⌉.
    """
    return adaptive("adaptive_avgpool", "sum", dims, channels, output_size)
