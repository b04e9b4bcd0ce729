"""Power-average pooling, in any dimension."""

from __future__ import annotations

from derive.catalog.options import Definition, OptionError, Value
from derive.catalog.pooling import pooling

SUMMARY = "y[n, c, r] = (sum[a<K] x[n, c, s*r+a]^p)^(1/p)"


def notation(
    dims: int = 2,
    channels: bool = True,
    norm_type: int = 2,
    kernel_size: Value | None = None,
    stride: Value | None = None,
    ceil_mode: bool = False,
) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, R, S]; without ``channels`` x[H, W].

    ``norm_type`` is the power p ≥ 1; for odd p entries are taken as not negative.  At a window of
    zeros there is no derivative for p > 1.
    Windows that ``ceil_mode`` cuts off are scaled up to the size of a whole one, as in PyTorch.
    Source: Sermanet, Chintala & LeCun, Convolutional networks applied to house numbers (2012).
    """
    if isinstance(norm_type, bool) or not isinstance(norm_type, int) or norm_type < 1:
        raise OptionError(f"norm_type must be a whole number from 1 on, not {norm_type!r}")
    pool = pooling(dims, channels, kernel_size, stride, 0, None, ceil_mode)
    powers = f"sum[{pool.ranges}] {pool.read}^{norm_type}"
    if ceil_mode:
        powers = f"{'*'.join(axis.k for axis in pool.axes)}*({powers})/({pool.counts()})"
    return pool.layer("lp_pool", "", f"({powers})^(1/{norm_type})", [])
