"""Average pooling over all of an image."""

from __future__ import annotations

from derive.catalog.normalisation import channelled
from derive.catalog.options import Definition

SUMMARY = "y[n, c] = sum[r] x[n, c, r]/H"


def notation(dims: int = 2, channels: bool = True) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C]; without ``channels`` x[H, W] → y, a single number.

    Source: Lin, Chen & Yan, Network in network (2014).
    """
    sizes, indices = channelled(dims, least=1)
    kept = indices[:2] if channels else []
    sizes, indices = (sizes, indices) if channels else (sizes[2:], indices[2:])
    over, count = indices[len(kept) :], "*".join(sizes[len(kept) :])
    y = f"y[{', '.join(kept)}]" if kept else "y"
    return Definition(
        f"global_avgpool(x[{', '.join(sizes)}]):\n"
        f"    {y} = sum[{', '.join(over)}] x[{', '.join(indices)}]/({count})"
    )
